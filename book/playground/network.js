/* A network in training, of layers that hold only what survives. */

import { adam, backward, forward, makeLayer } from "./layers.js";

const ROWS = 100; // images that are read at once

/* Turns logits [rows, classes] into the gradient of their mean loss, in `d`; returns that loss. */
function crossEntropy(z, d, answers, classes) {
  let loss = 0;
  answers.forEach((answer, row) => {
    const from = row * classes, to = from + classes;
    let largest = -Infinity, sum = 0;
    for (let c = from; c < to; c++) largest = Math.max(largest, z[c]);
    for (let c = from; c < to; c++) sum += d[c] = Math.exp(z[c] - largest);
    loss += Math.log(sum) + largest - z[from + answer];
    for (let c = from; c < to; c++) d[c] = (d[c] / sum - (c === from + answer ? 1 : 0)) / answers.length;
  });
  return loss / answers.length;
}

/** A network in training; `milliseconds` is the time that its steps have taken. */
export class Network {
  constructor({ sizes, batch, rate, shift }, weights, masks) {
    Object.assign(this, { rate, step: 0, milliseconds: 0 });
    this.layers = weights.map((w, l) => makeLayer(sizes[l], sizes[l + 1], w, masks && masks[l], l ? 0 : shift));
    this.values = sizes.map((size) => new Float32Array(Math.max(batch, ROWS) * size));
    this.slopes = sizes.map((size) => new Float32Array(batch * size));
  }

  get logits() { return this.values[this.layers.length]; }

  get weights() {
    return this.layers.map(({ inputs, outputs, index, w }) => {
      const whole = new Float32Array(inputs * outputs);
      index.forEach((at, k) => { whole[at] = w[k]; });
      return whole;
    });
  }

  read({ x }, rows) {
    const { layers, values } = this, size = layers[0].inputs;
    rows.forEach((row, n) => values[0].set(x.subarray(row * size, (row + 1) * size), n * size));
    layers.forEach((layer, l) => forward(layer, values[l], values[l + 1], rows.length, l < layers.length - 1));
  }

  /* Takes one step on some images; returns their mean loss before it. */
  learn(images, rows) {
    const began = performance.now();
    const { layers, values, slopes } = this, top = layers.length;
    this.read(images, rows);
    const loss = crossEntropy(this.logits, slopes[top], rows.map((row) => images.y[row]), layers[top - 1].outputs);
    for (let l = top - 1; l >= 0; l--) backward(layers[l], values[l], slopes[l + 1], l ? slopes[l] : null, rows.length);
    this.step++;
    for (const layer of layers) adam(layer, this.step, this.rate);
    this.milliseconds += performance.now() - began;
    return loss;
  }

  /* The share of images that are read rightly. */
  accuracy(images) {
    const count = images.y.length, classes = this.layers[this.layers.length - 1].outputs;
    let right = 0;
    for (let from = 0; from < count; from += ROWS) {
      const rows = Array.from({ length: Math.min(ROWS, count - from) }, (_, n) => from + n);
      this.read(images, rows);
      rows.forEach((row, n) => {
        const logits = this.logits.subarray(n * classes, (n + 1) * classes);
        if (logits.indexOf(Math.max(...logits)) === images.y[row]) right++;
      });
    }
    return right / count;
  }
}
