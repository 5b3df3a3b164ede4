/* Random streams by name, and what is drawn from them: orders, initial weights, and values in other places. */

/** A random stream by its name: the same name, the same numbers (FNV-1a seeds mulberry32). */
export function stream(...name) {
  let state = 2166136261;
  for (const sign of name.join("/")) state = Math.imul(state ^ sign.charCodeAt(0), 16777619);
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()) };
}

/** Puts values in another order, each as likely; returns them. */
export function shuffle(values, uniform) {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values;
}

/** Gaussian Glorot, as the library's. */
export function initial(sizes, seed, salt) {
  return sizes.slice(1).map((outputs, l) => {
    const { normal } = stream(seed, "init", salt, l), deviation = Math.sqrt(2 / (sizes[l] + outputs));
    return Float32Array.from({ length: sizes[l] * outputs }, () => normal() * deviation);
  });
}

/** The weights that survive, each layer's own values among its own places in another order. */
export function permuted(weights, masks, seed, salt) {
  return weights.map((w, l) => {
    const places = Array.from(w.keys()).filter((at) => masks[l][at]);
    const values = shuffle(places.map((at) => w[at]), stream(seed, "permute", salt, l).uniform);
    const whole = new Float32Array(w.length);
    places.forEach((at, k) => { whole[at] = values[k]; });
    return whole;
  });
}
