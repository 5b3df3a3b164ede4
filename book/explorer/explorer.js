/* One figure to explore, by pointer or by keyboard: `render({model, el})` draws it in an element, as a widget's front
   end does. `model` is what `lth_lib.report.explorer` returns, as JSON or behind `get`.

   It is written here, since none of the libraries that were weighed gives its tooltips by keyboard (compressed: uPlot 22
   KB, Chart.js 71, Observable Plot 161, Vega-Lite 282, Plotly 395). This is some 8 KB. */

import {make} from "./drawing.js";
import {along, choices, current, keep, metric, neighbour, place} from "./choices.js";
import {axes, off, picture, spot} from "./picture.js";
import {arms, tools} from "./controls.js";

const NEAR = 32; // pixels from a mark, within which the pointer finds it
let made = 0;

/** Return the parts of the page that an explorer fills as it is read. */
const parts = ({id, name, axis: {words: [one, many]}}) => ({
  chart: make("div", {class: "lth-chart", tabindex: 0, role: "application", "aria-roledescription": "chart",
    "aria-label": name, "aria-describedby": `${id}-help`}),
  arrows: make("p", {class: "lth-help"}),
  said: make("p", {class: "lth-said", role: "status"}),
  each: make("p", {class: "lth-each"}),
  help: make("p", {class: "lth-help", id: `${id}-help`}, [
    `Point at a mark, or focus the figure: left and right move along the ${many}, up and down between the series, `
    + `Enter pins ${/^[aeiou]/.test(one) ? "an" : "a"} ${one}, two of them side by side, Escape leaves.`]),
  pinned: make("div", {class: "lth-pinned"}),
});

/** Return the pinned places side by side, a row for each series. */
const sideBySide = (seen) => {
  const {series, state} = seen;
  const cell = (k, x) => (current(seen).find((p) => p.series === k && along(p) && (series[k].flat || place(seen, p.x) === place(seen, x))) || {said: "–"}).said;
  const head = ["Series", ...state.pins.map((x) => place(seen, x))].map((words) => make("th", {scope: "col"}, [words]));
  const rows = series.map((own, k) => [own, k]).filter(([, k]) => state.shown[k]).map(([own, k]) => make("tr", {}, [
    make("th", {scope: "row"}, [own.name]), ...state.pins.map((x) => make("td", {}, [cell(k, x)]))]));
  return make("table", {}, [make("caption", {}, [metric(seen).label]), make("thead", {}, [make("tr", {}, head)]), make("tbody", {}, rows)]);
};

/** Return what a reader does with the figure: choose a point, go on from it, pin it, and change what is shown. */
const reading = (seen, {chart, arrows, said, each, pinned}) => {
  const {axis, series, state} = seen;
  const measured = () => axes(seen, chart.clientWidth);
  const redraw = () => {
    const a = measured();
    arrows.textContent = axis.curve && current(seen).some((p) => off(a, p, seen)) ? "An arrow points to what is off the axes; choose it to read its value." : "";
    chart.replaceChildren(picture(a, seen));
  };
  const sentence = (p) => {
    const way = axis.curve ? off(measured(), p, seen) : "";
    return `${series[p.series].name}, ${p.stop ? "early stop" : place(seen, p.x)}: ${p.said}${way && `; off the axes, ${way === "left" ? "to the left" : way}`}`;
  };
  const say = (words) => { if (said.textContent !== words) said.textContent = words; };
  const choose = (p) => {
    state.at = p;
    redraw();
    say(p ? sentence(p) : "");
    each.textContent = p ? `Replicates: ${p.each.join("; ")}` : "";
  };
  const compare = () => {
    redraw();
    if (!state.pins.length) return pinned.replaceChildren();
    const unpin = make("button", {type: "button"}, ["Unpin"]);
    unpin.addEventListener("click", () => { state.pins = []; compare(); chart.focus(); });
    pinned.replaceChildren(sideBySide(seen), unpin);
  };
  const pin = (p) => {
    if (!p || p.stop || series[p.series].flat) return;
    state.pins = state.pins.includes(p.x) ? state.pins.filter((x) => x !== p.x) : [...state.pins.slice(-1), p.x];
    say(`${place(seen, p.x)} ${state.pins.includes(p.x) ? "pinned" : "unpinned"}. ${sentence(p)}`);
    compare();
  };
  const step = (along, across) => { const p = neighbour(seen, along, across); if (p) choose(p); };
  const changed = () => {
    keep(seen);
    choose(state.at);
    compare();
    if (!state.at) say(`${metric(seen).label} is shown.`);
  };
  return {measured, redraw, say, choose, pin, step, changed};
};

/** Let keys and the pointer move what is chosen. */
const listen = (seen, chart, {measured, choose, pin, step}) => {
  const {state} = seen;
  chart.addEventListener("keydown", (event) => {
    const moves = {ArrowRight: () => step(1, 0), ArrowLeft: () => step(-1, 0), ArrowUp: () => step(0, -1),
      ArrowDown: () => step(0, 1), Enter: () => pin(state.at), Escape: () => { choose(null); chart.blur(); }};
    if (!moves[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    moves[event.key]();
  });
  chart.addEventListener("focus", () => { if (!state.at && chart.matches(":focus-visible")) step(0, 0); });
  const near = (event) => {
    const a = measured(), box = chart.getBoundingClientRect();
    const far = (p) => Math.hypot(spot(a, p, seen)[0] - event.clientX + box.left, spot(a, p, seen)[1] - event.clientY + box.top);
    const best = current(seen).reduce((kept, p) => (!kept || far(p) < far(kept) ? p : kept), null);
    return best && far(best) < NEAR ? best : null;
  };
  chart.addEventListener("pointermove", (event) => { const p = near(event); if (p && p !== state.at) choose(p); });
  chart.addEventListener("click", (event) => { const p = near(event); if (p) { choose(p); pin(p); } });
};

/** Draw an explorer in an element, and return what ends it. */
export const render = ({model, el}) => {
  const seen = {...choices(model), id: `lth-explorer-${made += 1}`};
  const {chart, arrows, said, each, help, pinned} = parts(seen);
  const reader = reading(seen, {chart, arrows, said, each, pinned});
  listen(seen, chart, reader);
  el.replaceChildren(tools(seen, reader.changed), arms(seen, reader.changed, reader.say), chart, arrows, said, each, help, pinned);
  reader.redraw();
  let drawn = chart.clientWidth;
  const sized = new ResizeObserver(() => { if (chart.clientWidth !== drawn) { drawn = chart.clientWidth; reader.redraw(); } });
  sized.observe(chart);
  return () => sized.disconnect();
};

export default {render};
