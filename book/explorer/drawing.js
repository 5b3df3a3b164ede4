/* What pictures are made of: elements, marks, round numbers, and scales; nothing here knows of a figure. */

const SVG = "http://www.w3.org/2000/svg";

export const MARKS = {
  o: "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z", s: "M-4,-4h8v8h-8z", "^": "M0,-5L5,4H-5z", v: "M0,5L5,-4H-5z",
  D: "M0,-5L5,0L0,5L-5,0z", p: "M0,-5L5,-1L3,5H-3L-5,-1z", X: "M-4,-2L-2,-4L0,-2L2,-4L4,-2L2,0L4,2L2,4L0,2L-2,4L-4,2L-2,0z",
  P: "M-1.8,-5H1.8V-1.8H5V1.8H1.8V5H-1.8V1.8H-5V-1.8H-1.8z",
};

/** Return an element with attributes and children; `svg` says of which kind. */
export const make = (tag, attributes = {}, children = [], svg = false) => {
  const node = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};

/** Return an element of a picture. */
export const draw = (tag, attributes, children) => make(tag, attributes, children, true);

/** Return words in a picture. */
export const text = (x, y, anchor, words) => draw("text", {x, y, "text-anchor": anchor}, [words]);

/** Return round numbers between two ends: some five steps, or 1, 2 and 5 of each power of ten. */
export const ticks = (low, high, log) => {
  if (log) {
    const found = [];
    for (let k = Math.floor(Math.log10(low)); k <= Math.log10(high); k++) found.push(...[1, 2, 5].map((m) => m * 10 ** k));
    return found.filter((v) => v >= low && v <= high);
  }
  const rough = (high - low) / 7, ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * ten).find((s) => s >= rough);
  const from = Math.ceil(low / step), count = Math.floor(high / step) - from + 1;
  return Array.from({length: count}, (_, k) => Number(((from + k) * step).toPrecision(10)));
};

/** Return a function from values between two ends to pixels. */
export const scale = (low, high, from, to, log) => {
  const f = log ? Math.log : (v) => v;
  return (v) => from + (to - from) * (f(v) - f(low)) / (f(high) - f(low));
};
