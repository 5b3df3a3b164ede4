/* The playground's part of the page: what a reader presses, and what is filled as it is used. */

import { percent } from "./words.js";

const CONTROLS = `
<div class="lth-play-row" role="group" aria-label="The experiment">
  <button type="button" name="train">Train</button>
  <button type="button" name="prune">Prune a fifth and reset</button>
  <span><button type="button" name="repeat">Repeat</button>
    <label>until <select name="goal"></select> are left</label></span>
  <button type="button" name="race">Race</button>
  <button type="button" name="stop">Stop</button>
  <button type="button" name="anew">New network</button>
  <label><input type="checkbox" name="more"> Race its values permuted, too</label>
</div>
<p class="lth-play-said" role="status"></p>
<progress max="1" value="0" aria-label="Progress"></progress>
<div class="lth-play-pictures">
  <figure class="lth-play-curves">
    <svg role="img" aria-label="Learning curves, not drawn yet."></svg>
    <figcaption>
      <span class="lth-play-legend"></span>
      <span class="lth-play-row" role="group" aria-label="Axes">
        <label><input type="checkbox" name="time"> Against computing time</label>
        <label><input type="checkbox" name="close"> Only above 80 %</label>
      </span>
    </figcaption>
  </figure>
  <figure>
    <canvas class="lth-play-units" role="img" aria-label="The weights of each hidden unit, not drawn yet."></canvas>
    <figcaption>Input weights left, a square for each hidden unit; blue: above zero.</figcaption>
  </figure>
  <figure>
    <canvas class="lth-play-pixels" role="img" aria-label="The weights at each pixel, not drawn yet."></canvas>
    <figcaption>How many are left at each pixel; strongest: three times chance.</figcaption>
  </figure>
</div>
<div class="lth-play-table" role="region" tabindex="0" aria-label="This race in numbers" hidden></div>
<div class="lth-play-table" role="region" tabindex="0" aria-label="All your races, and stored ones" hidden></div>`;

/** Draws an empty playground in an element; returns its parts. */
export function fill(el, { recipe, counts, everyone }) {
  el.innerHTML = CONTROLS;
  const one = (selector) => el.querySelector(selector);
  const control = (name) => one(`[name=${name}]`);
  const [numbers, tally] = el.querySelectorAll(".lth-play-table");
  control("goal").innerHTML = recipe.levels.map((level, k) => (
    `<option value="${level}"${k === 1 ? " selected" : ""}>${percent(counts[level] / everyone, 0)}</option>`)).join("");
  return {
    control, numbers, tally,
    said: one("[role=status]"), bar: one("progress"),
    svg: one(".lth-play-curves > svg"), legend: one(".lth-play-legend"),
    units: one(".lth-play-units"), pixels: one(".lth-play-pixels"),
  };
}

/** Says a sentence, aloud where a page is read aloud. */
export const say = ({ page: { said } }, text) => { said.textContent = text; };

/** How many rounds a reader wishes to repeat. */
export const goal = ({ page: { control } }) => Number(control("goal").value);

/** Shows which buttons do something now; the others keep the focus, where they have it. */
export function refresh(play) {
  const { el, state, busy } = play;
  const can = {
    train: state && !state.trained, prune: state && state.trained, race: state && state.level,
    repeat: state && state.level < goal(play), anew: state, stop: busy,
  };
  for (const button of el.querySelectorAll("button")) {
    const idle = button.name === "stop" || !busy;
    button.setAttribute("aria-disabled", String(!(idle && can[button.name])));
  }
}
