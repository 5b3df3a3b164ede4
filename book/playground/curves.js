/* Learning curves, of the rounds of training so far or of a race. */

import { shownSeries } from "./progress.js";
import { series } from "./series.js";

/* How each series looks: the name of its style, and its dashes. */
const SLUGS = { dense: "dense", "winning ticket": "ticket", "re-initialised": "again", "values permuted": "permuted" };
const DASHES = { dense: "2 3", ticket: "", again: "8 4", permuted: "8 3 2 3" };

/* Draws learning curves into an svg as wide as it is shown, so that its words keep their size. `lines` are drawn in
   their order: each has the `points`, its `look`, and whether it is `faint`. */
function drawCurves(svg, lines, { time, close, steps }) {
  const width = Math.max(svg.clientWidth, 260), height = Math.min(380, Math.max(230, Math.round(0.75 * width)));
  const box = { left: 34, top: 24, width: width - 34 - 12, height: height - 24 - 40 };
  const value = (point) => (time ? point.milliseconds / 1000 : point.step);
  const last = time ? Math.max(0.1, ...lines.flatMap((line) => line.points.map(value))) : steps, low = close ? 0.8 : 0;
  const x = (v) => ((box.width * v) / last).toFixed(1);
  const y = (v) => ((box.height * (1 - v)) / (1 - low)).toFixed(1);
  const grid = (close ? [0.8, 0.85, 0.9, 0.95, 1] : [0, 0.2, 0.4, 0.6, 0.8, 1]).map((v) => `
    <path class="lth-play-grid" d="M0 ${y(v)}h${box.width}"/>
    <text x="-6" y="${+y(v) + 4}" text-anchor="end">${Math.round(100 * v)}</text>`);
  const marks = [0, 0.25, 0.5, 0.75, 1].map((share) => `
    <text x="${x(share * last)}" y="${box.height + 17}" text-anchor="${share === 1 ? "end" : "middle"}">${
      time ? (share * last).toFixed(1) : share * last}</text>`);
  const drawn = lines.map(({ points: line, look, faint }) => `
    <polyline class="lth-play-line lth-play-${look}" opacity="${faint ? 0.3 : 1}" stroke-dasharray="${DASHES[look]}"
      points="${line.map((point) => `${x(value(point))},${y(point.accuracy)}`).join(" ")}"/>`);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.style.height = `${height}px`;
  svg.innerHTML = `
    <text x="0" y="12">digits read rightly, %</text>
    <g transform="translate(${box.left} ${box.top})">${grid.join("")}${marks.join("")}
      <text x="${box.width}" y="${box.height + 34}" text-anchor="end">${
        time ? "seconds of computing, each network alone" : "iterations"}</text>
      <svg width="${box.width}" height="${box.height}" overflow="hidden">${drawn.join("")}</svg>
    </g>`;
}

function legendOf(looks) {
  return looks.map(([look, name]) => `<span><svg viewBox="0 0 30 8" width="30" height="8" aria-hidden="true"><path
    class="lth-play-line lth-play-${look}" stroke-dasharray="${DASHES[look]}" d="M0 4h30"/></svg> ${name}</span>`).join("");
}

/** Draws what has been read so far, and says beneath it which line is whose. */
export function draw(play) {
  const { curves, racing, recipe, page: { svg, legend, control } } = play;
  const lines = Object.entries(curves).map(([name, line]) => ({
    points: line,
    look: racing ? SLUGS[series(name)] : Number(name) ? "ticket" : "dense",
    faint: !racing && Number(name) !== Math.max(...Object.keys(curves)),
  }));
  drawCurves(svg, lines, { time: control("time").checked, close: control("close").checked, steps: recipe.steps });
  const rounds = [["dense", "dense"], ["ticket", "tickets, the last one in full colour"]];
  const looks = racing ? shownSeries(play).map((name) => [SLUGS[name], name]) : rounds.filter(([look]) => (
    lines.some((line) => line.look === look)));
  legend.innerHTML = legendOf(looks);
}
