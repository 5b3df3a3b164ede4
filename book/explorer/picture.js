/* The picture of what is shown: axes, and each series with its intervals; SVG drawn here, since no small charting
   library gives its values by keyboard, and four curves need none. */

import {MARKS, draw, scale, text, ticks} from "./drawing.js";
import {along, current, everything, metric, together, wears} from "./choices.js";

const SPACE = {left: 58, right: 22, top: 12, bottom: 46};

/** Return the ends of the horizontal axis: densities fall, iterations rise from the first that is not 0. */
const ends = (seen) => {
  const xs = everything(seen).map((p) => p.x).filter((x) => x > 0), {logX} = seen.state;
  if (seen.axis.falling) return logX ? [108, Math.min(...xs, 90) / 1.28] : [104, 0];
  return logX ? [Math.min(...xs) / 1.15, Math.max(...xs) * 1.03] : [0, Math.max(...xs) * 1.01];
};

/** Return the ends of the vertical axis, which all metrics in one unit share. */
const heights = (seen, log) => {
  const {state} = seen;
  const inside = together(seen).filter((p) => !state.above || p.y[0] >= metric(seen).above);
  const values = inside.flatMap((p) => p.y).filter((v) => v !== null && (!log || v > 0));
  let [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [1, 2];
  if (state.above) low = metric(seen).above;
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return log ? [low / 1.1, high * 1.1] : [state.above ? low : low - room, high + room];
};

/** Return the axes in so many pixels: their ends, and functions from values to pixels. */
export const axes = (seen, across) => {
  const width = Math.max(280, across), height = Math.max(260, Math.min(400, width * 0.6)), {logX} = seen.state;
  const log = seen.state.logY && metric(seen).log, [low, high] = heights(seen, log), xs = ends(seen);
  return {width, height, low, high, log, ends: xs, foot: height - SPACE.bottom,
    x: scale(...xs, SPACE.left, width - SPACE.right, logX),
    y: scale(low, high, height - SPACE.bottom, SPACE.top, log)};
};

/** Return the axes' lines, ticks and labels. */
const frame = (a, {axis, state}) => {
  const parts = [];
  for (const v of ticks(a.low, a.high, a.log)) {
    parts.push(draw("line", {class: "lth-grid", x1: SPACE.left, x2: a.width - SPACE.right, y1: a.y(v), y2: a.y(v)}),
      text(SPACE.left - 6, a.y(v) + 4, "end", v.toLocaleString("en-GB")));
  }
  for (const v of ticks(Math.min(...a.ends), Math.max(...a.ends), state.logX)) {
    parts.push(draw("line", {class: "lth-grid", x1: a.x(v), x2: a.x(v), y1: SPACE.top, y2: a.foot}),
      text(a.x(v), a.foot + 17, "middle", v.toLocaleString("en-GB")));
  }
  const told = [axis.unit, ...(state.logX ? ["log scale"] : [])].filter((word) => word).join(", ");
  parts.push(text(SPACE.left, a.height - 8, "start", `${axis.label}${told && ` (${told})`}`));
  return parts;
};

/** Return where a point lies off the axes: to the left, below, or nowhere. */
export const off = (a, p, {state}) => (state.logX && p.x <= 0 ? "left" : p.y[0] < a.low ? "below" : "");

/** Return where a point is drawn: a band's, at the left edge; one off the axes, at the nearest edge. */
export const spot = (a, p, seen) => [
  seen.series[p.series].flat ? SPACE.left + 6 : off(a, p, seen) === "left" ? SPACE.left + 1 : a.x(p.x),
  Math.min(a.y(p.y[0]), a.foot)];

/** Mark an early stop, and its interval across. */
const stopped = (a, group, own, {x, y: [height], stop}) => {
  const [from, to] = stop.map((end) => a.x(end === null ? x : Math.max(a.ends[0], Math.min(a.ends[1], end))));
  group.append(draw("line", {class: "lth-bar", x1: from, x2: to, y1: a.y(height), y2: a.y(height)}),
    draw("path", {class: "lth-stop", d: MARKS[own.marker], transform: `translate(${a.x(x)},${a.y(height)}) scale(1.3)`}));
};

/** Draw a curve in its band, cut where the axes end, and an arrow to the last of what is off them. */
const line = (a, group, own, points, seen) => {
  const evaluated = points.filter(along), inside = evaluated.filter((p) => off(a, p, seen) !== "left"), cut = `url(#${seen.id}-cut)`;
  const path = (end) => inside.map((p) => `${a.x(p.x)},${a.y(p.y[end] === null ? p.y[0] : p.y[end])}`);
  group.append(draw("polygon", {class: "lth-band", "clip-path": cut, points: [...path(1), ...path(2).reverse()].join(" ")}),
    draw("polyline", {"clip-path": cut, points: path(0).join(" "), "stroke-dasharray": own.dash}));
  for (const p of points.filter((one) => one.stop && !off(a, one, seen))) stopped(a, group, own, p);
  for (const way of ["left", "below"]) {
    const last = evaluated.filter((p) => off(a, p, seen) === way).pop();
    if (!last) continue;
    const [x, y] = spot(a, last, seen);
    group.append(draw("path", {class: "lth-off", d: "M16,0H0M6,-5L0,0L6,5", transform: `translate(${x},${y})${way === "below" ? " rotate(-90)" : ""}`}));
  }
};

/** Draw one value across the figure, in the band of its interval. */
const band = (a, group, own, [mean, low, high]) => {
  const across = {x1: SPACE.left, x2: a.width - SPACE.right};
  if (low !== null) group.append(draw("rect", {class: "lth-band", x: across.x1, width: across.x2 - across.x1,
    y: a.y(high), height: a.y(low) - a.y(high)}));
  group.append(draw("line", {...across, y1: a.y(mean), y2: a.y(mean), "stroke-dasharray": own.dash}));
};

/** Draw marks with their intervals, and the line from one to the next. */
const marked = (a, group, own, points) => {
  const path = points.map((p) => `${a.x(p.x)},${a.y(p.y[0])}`).join(" ");
  group.append(draw("polyline", {points: path, "stroke-dasharray": own.dash}));
  for (const {x, y: [mean, low, high], least} of points) {
    if (low !== null) group.append(draw("line", {class: "lth-bar", x1: a.x(x), x2: a.x(x), y1: a.y(low), y2: a.y(high)}));
    group.append(draw("path", {d: MARKS[own.marker], transform: `translate(${a.x(x)},${a.y(mean)})`}));
    if (least) group.append(draw("path", {class: "lth-least", d: "M0,-4V-16M-4,-11L0,-16L4,-11",
      transform: `translate(${a.x(x)},${a.y(high === null ? mean : high)})`}));
  }
};

/** Return one series. */
const curve = (a, k, seen) => {
  const own = wears(seen, k), points = current(seen).filter((p) => p.series === k);
  const group = draw("g", {class: "lth-series", style: `--own: ${own.colour}`});
  if (!points.length) return group;
  if (own.flat) band(a, group, own, points[0].y);
  else if (seen.axis.curve) line(a, group, own, points, seen);
  else marked(a, group, own, points);
  return group;
};

/** Draw a ring around the chosen point, and its replicates beside it. */
const ring = (a, svg, at, seen) => {
  const [x, y] = spot(a, at, seen);
  svg.append(draw("circle", {class: "lth-ring", cx: x, cy: y, r: 9}));
  if (along(at)) for (const v of at.each) svg.append(draw("circle", {class: "lth-dot", cx: x + 12, cy: Math.min(a.y(Number(v.replaceAll(",", ""))), a.foot), r: 2}));
};

/** Return the picture of what is shown on some axes. */
export const picture = (a, seen) => {
  const {state, series} = seen, svg = draw("svg", {width: a.width, height: a.height, "aria-hidden": "true"}, frame(a, seen));
  svg.append(draw("clipPath", {id: `${seen.id}-cut`}, [draw("rect", {x: SPACE.left, y: SPACE.top,
    width: a.width - SPACE.left - SPACE.right, height: a.foot - SPACE.top})]));
  for (const x of state.pins) svg.append(draw("line", {class: "lth-pin", x1: a.x(x), x2: a.x(x), y1: SPACE.top, y2: a.foot}));
  series.forEach((_, k) => svg.append(curve(a, k, seen)));
  if (state.at) ring(a, svg, state.at, seen);
  return svg;
};
