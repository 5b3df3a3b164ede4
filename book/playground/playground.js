/* A winning ticket in the reader's own browser: train, prune, reset, repeat and race a small network.

   `render({model, el})` draws it in an element, as a widget's front end does; `model.get` gives `digits`, `recipe` and
   `stored`. A page that is opened from disk may load no module: for it the book's build makes a classic script of this
   one and those that it imports. The engine is apart from the page: it is all that `worker.js` and `races.js`, which
   train here and for the stored races, import. No other code is needed. */

import { actions, start } from "./actions.js";
import { STOPPED, engage } from "./asking.js";
import { fill, refresh, say } from "./controls.js";
import { draw } from "./curves.js";
import { picture } from "./picture.js";
import { begun, note } from "./progress.js";

async function perform(play, name) {
  play.busy = name;
  refresh(play);
  try {
    await actions[name](play);
  } catch (error) {
    if (error !== STOPPED) say(play, `It could not go on: ${error}.`);
  }
  if (play.busy === name) play.busy = "";
  refresh(play);
}

async function stop(play) {
  play.busy = "";
  await play.ask("stop").catch(() => {});
  if (play.busy) return; // something else was asked for meanwhile
  draw(play);
  picture(play); // it may have pruned already
  say(play, "Stopped. What was trained before is kept.");
  refresh(play);
}

/* Lets buttons and boxes do what they say. */
function listen(play) {
  play.el.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    if (button.name === "stop") stop(play);
    else perform(play, button.name);
  });
  play.el.addEventListener("change", ({ target }) => {
    if (target.name === "time" || target.name === "close") draw(play);
    refresh(play);
  });
}

/* Paints and draws anew when the theme changes, and the width; returns what no longer does. */
function follow(play, redraw) {
  const themed = new MutationObserver(() => play.state && picture(play));
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  const sized = new ResizeObserver(redraw);
  sized.observe(play.page.svg.parentElement);
  return () => {
    themed.disconnect();
    sized.disconnect();
  };
}

/** Draws the playground in an element; returns what takes it away again. */
export async function render({ model, el }) {
  const play = { el, ...begun(model) };
  play.page = fill(el, play);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let asked = 0;
  const redraw = () => { asked ||= requestAnimationFrame(() => { asked = 0; draw(play); }); };
  const { ask, end } = engage({
    point: (point) => {
      play.page.bar.value = note(play, point);
      if (!still.matches) redraw();
    },
    state: (state) => { play.state = state; },
  });
  play.ask = ask;
  listen(play);
  const unfollow = follow(play, redraw);
  try {
    await ask("load", { recipe: play.recipe, digits: play.digits });
    await start(play);
    el.dataset.ready = "true";
  } catch (error) {
    say(play, `It cannot start here: ${error}.`);
  }
  refresh(play);
  return () => {
    end();
    unfollow();
  };
}

export default { render };
