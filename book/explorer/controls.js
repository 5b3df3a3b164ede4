/* The reader's controls: which data, metric, axes and series are shown. */

import {MARKS, draw, make} from "./drawing.js";
import {metric, wears} from "./choices.js";

/** Return a choice of one of some names. */
const select = (label, names, chosen, set) => {
  const box = make("select", {}, names.map((word, k) => make("option", {value: k}, [word])));
  box.value = chosen;
  box.addEventListener("change", () => set(Number(box.value)));
  return make("label", {class: "lth-choice"}, [`${label} `, box]);
};

/** Return a box to check. */
const check = (words, on, set) => {
  const box = make("input", {type: "checkbox"});
  box.checked = on;
  box.addEventListener("change", () => set(box.checked));
  return make("label", {class: "lth-check"}, [box, ...words]);
};

/** Return a sample of how a series is drawn. */
const swatch = (own, axis) => draw("svg", {class: "lth-series", width: 30, height: 12, "aria-hidden": "true", style: `--own: ${own.colour}`}, [
  draw("line", {x1: 0, x2: 30, y1: 6, y2: 6, "stroke-dasharray": own.dash}),
  ...(own.flat || (axis.curve && !axis.marked) ? [] : [draw("path", {d: MARKS[own.marker], transform: "translate(15,6)"})])]);

/** Return what chooses data, metric and axes; `changed` is called after each choice. What leaves no choice is only said. */
export const tools = (seen, changed) => {
  const {axis, metrics, sets, state} = seen;
  const then = (set) => (value) => { set(value); changed(); };
  const vertical = check(["Vertical axis logarithmic"], false, then((on) => { state.logY = on; }));
  const arrange = () => { vertical.hidden = !metric(seen).log; };
  const named = metrics.map((m) => `${m.label} (${m.unit})`);
  const above = axis.curve ? metrics[0].above : null;
  arrange();
  return make("div", {class: "lth-tools"}, [
    ...(sets.length > 1 ? [select(axis.sets, sets.map((s) => s.name), state.set, then((k) => { state.set = k; state.pins = []; }))] : []),
    named.length > 1 ? select("Show", named, state.metric, then((k) => { state.metric = k; arrange(); })) : make("span", {class: "lth-choice"}, named),
    check(["Horizontal axis logarithmic"], state.logX, then((on) => { state.logX = on; })), vertical,
    ...(above === null ? [] : [check([`Only above ${above} ${metrics[0].unit}`], state.above, then((on) => { state.above = on; }))])]);
};

/** Return what adds series and takes them away; `changed` is called after each choice, `say` says a sentence. */
export const arms = (seen, changed, say) => {
  const {series, state, free, slots, axis} = seen;
  const fieldset = make("fieldset", {class: "lth-arms"}), offer = make("select", {});
  const adding = free.length ? [make("label", {class: "lth-choice"}, [`Add a series (${free.length} at most) `, offer])] : [];
  const turn = (k) => (on) => { if (series[k].colour) state.shown[k] = on; else leave(k); changed(); };
  const label = (k) => check([swatch(wears(seen, k), axis), series[k].name], state.shown[k], turn(k));

  /** Show the series with a look, and offer the others by their groups. */
  const arrange = () => {
    const on = series.map((_, k) => k).filter((k) => series[k].colour || state.shown[k]);
    fieldset.replaceChildren(make("legend", {}, ["Series"]), ...on.map(label), ...adding);
    const left = series.map((_, k) => k).filter((k) => !on.includes(k));
    const groups = [...new Set(left.map((k) => series[k].group))].map((title) => make("optgroup", {label: title},
      left.filter((k) => series[k].group === title).map((k) => make("option", {value: k}, [series[k].name]))));
    offer.replaceChildren(make("option", {value: ""}, ["choose"]), ...groups);
  };
  const leave = (k) => {
    state.shown[k] = false;
    slots[slots.indexOf(k)] = null;
    arrange();
    offer.focus();
  };
  const enter = (k) => {
    if (state.shown[k]) return;
    if (!slots.includes(null)) { say(`${free.length} series are shown; take one away first.`); return; }
    slots[slots.indexOf(null)] = k;
    state.shown[k] = true;
    arrange();
    changed();
    say(`${series[k].name} is added.`);
  };
  offer.addEventListener("change", () => { const k = offer.value; if (k !== "") enter(Number(k)); offer.value = ""; });
  arrange();
  return fieldset;
};
