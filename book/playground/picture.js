/* What survives as pictures: the input weights of each hidden unit, and how many are left at each pixel. */

import { total } from "./series.js";
import { whole } from "./words.js";

/* The colours of the sheet, as [red, green, blue] each, wherever the theme has them from. */
function coloursOf(el, names) {
  const probe = el.appendChild(document.createElement("i"));
  const found = names.map((name) => {
    probe.style.color = `var(--lth-play-${name})`;
    return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  });
  probe.remove();
  return found;
}

/* Paints one pixel of a canvas for each of a function's colours. */
function paint(canvas, width, height, colour) {
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d"), image = context.createImageData(width, height);
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at += 4) {
      image.data.set(colour(row, column), at);
      image.data[at + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
}

const between = (from, to, share) => from.map((value, k) => value + (to[k] - value) * share);

/* Paints the weights [units, pixels] that a mask leaves, a small picture for each unit, side by side. */
function paintUnits(canvas, { weights, mask }, side, [sheet, frame, plus, minus]) {
  const count = weights.length / side ** 2, columns = Math.ceil(Math.sqrt(count)), tile = side + 1;
  const largest = 2.5 * Math.sqrt(2 / (side ** 2 + count));
  paint(canvas, columns * tile + 1, Math.ceil(count / columns) * tile + 1, (row, column) => {
    const unit = Math.floor(row / tile) * columns + Math.floor(column / tile);
    const [down, across] = [(row % tile) - 1, (column % tile) - 1];
    if (down < 0 || across < 0 || unit >= count) return frame;
    const at = unit * side ** 2 + down * side + across;
    if (mask && !mask[at]) return sheet;
    return between(sheet, weights[at] > 0 ? plus : minus, Math.min(1, 0.25 + Math.abs(weights[at]) / largest));
  });
}

/* Paints how many weights are left at each pixel, over how many there would be by chance; returns the counts. */
function paintPixels(canvas, { weights, mask }, side, [sheet, , , , ink]) {
  const left = new Array(side ** 2).fill(0);
  weights.forEach((_, at) => { if (!mask || mask[at]) left[at % left.length]++; });
  const chance = left.reduce((a, b) => a + b) / left.length;
  paint(canvas, side, side, (row, column) => between(sheet, ink, Math.min(1, left[row * side + column] / chance / 3)));
  return left;
}

/** Paints what survives now, in the colours of the theme, and says it to who cannot see it. */
export function picture({ el, state, digits: { side }, page: { units, pixels } }) {
  const colours = coloursOf(el, ["sheet", "frame", "plus", "minus", "ink"]);
  paintUnits(units, state, side, colours);
  const found = paintPixels(pixels, state, side, colours), rim = found.filter((_, at) => (
    Math.min(at % side, Math.floor(at / side)) === 0 || Math.max(at % side, Math.floor(at / side)) === side - 1));
  units.setAttribute("aria-label", `${whole(total(found))} of ${whole(state.weights.length)} input weights are left, `
    + `${whole(Math.max(...found))} at most at one pixel.`);
  pixels.setAttribute("aria-label", `Weights left at each pixel: ${(total(found) / found.length).toFixed(1)} on average, `
    + `${(total(rim) / rim.length).toFixed(1)} at the rim.`);
}
