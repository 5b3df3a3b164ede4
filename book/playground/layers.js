/* A layer in training: what it holds, what it makes of its inputs, its gradients, and a step down them. */

/** A layer of which only the survivors are stored: `column`, the outputs, and `w`, the weights, of each input in a
    row. Inputs that are 0 (dark pixels, silent units) cost nothing; to be dark is 0 since what normalises an image,
    `shift`, is added to all inputs at once. Whole arrays of weights and masks are [outputs, inputs], as the
    library's. Storage is float32, arithmetic double. */
export function makeLayer(inputs, outputs, weights, mask, shift) {
  const start = new Int32Array(inputs + 1);
  const index = [];
  for (let i = 0; i < inputs; i++) {
    for (let at = i; at < inputs * outputs; at += inputs) if (!mask || mask[at]) index.push(at);
    start[i + 1] = index.length;
  }
  const zeros = (size) => new Float32Array(size);
  const count = index.length;
  return {
    inputs, outputs, shift, start,
    index: Int32Array.from(index),
    column: Uint16Array.from(index, (at) => Math.floor(at / inputs)),
    w: Float32Array.from(index, (at) => weights[at]), g: zeros(count), m: zeros(count), v: zeros(count),
    b: zeros(outputs), gb: zeros(outputs), mb: zeros(outputs), vb: zeros(outputs),
    base: zeros(outputs),
  };
}

/** Writes to z [rows, outputs] what a layer makes of x [rows, inputs]. */
export function forward(layer, x, z, rows, rectify) {
  const { inputs, outputs, start, column, w, b, base, shift } = layer;
  base.set(b);
  if (shift) for (let k = 0; k < w.length; k++) base[column[k]] += shift * w[k];
  for (let n = 0; n < rows; n++) {
    const from = n * inputs, to = n * outputs;
    for (let j = 0; j < outputs; j++) z[to + j] = base[j];
    for (let i = 0; i < inputs; i++) {
      const value = x[from + i];
      if (value === 0) continue;
      for (let k = start[i], end = start[i + 1]; k < end; k++) z[to + column[k]] += value * w[k];
    }
    if (rectify) for (let j = to; j < to + outputs; j++) if (z[j] < 0) z[j] = 0;
  }
}

/** Adds the gradients of weights and biases, given d [rows, outputs], that of the outputs. Writes that of x to dx
    where it is asked for: x then comes from a rectifier, and where it is 0, so is its gradient. */
export function backward(layer, x, d, dx, rows) {
  const { inputs, outputs, start, column, w, g, gb } = layer;
  for (let n = 0; n < rows; n++) {
    const to = n * inputs, from = n * outputs;
    for (let j = 0; j < outputs; j++) gb[j] += d[from + j];
    for (let i = 0; i < inputs; i++) {
      const value = x[to + i];
      let sum = 0;
      if (value !== 0) {
        for (let k = start[i], end = start[i + 1]; k < end; k++) {
          const slope = d[from + column[k]];
          g[k] += value * slope;
          sum += w[k] * slope;
        }
      }
      if (dx) dx[to + i] = sum;
    }
  }
}

/** Takes a step of Adam (Kingma & Ba 2015) with its usual constants, and clears the gradients. */
export function adam(layer, step, rate) {
  const first = rate / (1 - 0.9 ** step), second = 1 / (1 - 0.999 ** step);
  const { column, shift, gb } = layer;
  const update = (w, g, m, v, shifted) => {
    for (let k = 0; k < w.length; k++) {
      const slope = shifted ? g[k] + shift * gb[column[k]] : g[k];
      g[k] = 0;
      m[k] += 0.1 * (slope - m[k]);
      v[k] += 0.001 * (slope * slope - v[k]);
      w[k] -= (first * m[k]) / (Math.sqrt(v[k] * second) + 1e-8);
    }
  };
  update(layer.w, layer.g, layer.m, layer.v, shift !== 0);
  update(layer.b, gb, layer.mb, layer.vb, false);
}
