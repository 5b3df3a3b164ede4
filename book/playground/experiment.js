/* One search for a ticket: train, prune, reset, repeat, and race what was found. */

import { Network } from "./network.js";
import { prune } from "./pruning.js";
import { initial, permuted, shuffle, stream } from "./random.js";
import { SERIES, total } from "./series.js";

/** One seed's search for a ticket: `data` has the digits to `train` on and those to `test` on. */
export class Experiment {
  constructor(data, recipe, seed) {
    Object.assign(this, { data, recipe, seed, level: 0, masks: null, trained: null });
    this.start = initial(recipe.sizes, seed, "");
    this.order = { epoch: -1, rows: [] };
  }

  get kept() {
    const { masks, start } = this;
    return masks ? total(masks.map((mask) => total(mask))) : total(start.map((weights) => weights.length));
  }

  /* A network by its name: that of a series and, where there are several, a number. */
  network(name) {
    const { recipe, seed, start, masks } = this;
    if (name.startsWith(SERIES.dense)) return new Network(recipe, start, null);
    if (name.startsWith(SERIES.ticket)) return new Network(recipe, start, masks);
    if (name.startsWith(SERIES.again)) return new Network(recipe, initial(recipe.sizes, seed, name), masks);
    return new Network(recipe, permuted(start, masks, seed, name), masks);
  }

  /* The images of a step: all are shuffled anew in each epoch, and the last, short batch is left out. */
  rows(step) {
    const { batch } = this.recipe, count = this.data.train.y.length, each = Math.floor(count / batch);
    const epoch = Math.floor(step / each);
    if (this.order.epoch !== epoch) {
      const rows = shuffle(Array.from({ length: count }, (_, i) => i), stream(this.seed, "order", epoch).uniform);
      this.order = { epoch, rows };
    }
    return this.order.rows.slice((step % each) * batch, ((step % each) + 1) * batch);
  }

  /* Trains networks side by side on the same images. Yields a reading of each at the steps `at`, and null between,
     where whoever runs it may pause; returns the networks. */
  *training(names, at) {
    const networks = names.map((name) => [name, this.network(name)]);
    for (let step = 0; ; step++) {
      for (const [name, network] of step === 0 || at.includes(step) ? networks : []) {
        yield { name, step, accuracy: network.accuracy(this.data.test), milliseconds: network.milliseconds };
      }
      if (step === this.recipe.steps) break;
      const rows = this.rows(step);
      for (const [, network] of networks) {
        network.learn(this.data.train, rows);
        yield null;
      }
    }
    return networks.map(([, network]) => network);
  }

  /* Trains what there is, the dense network or the ticket, to be pruned afterwards; it is read at the steps `at`. */
  *train(name, at) {
    const [network] = yield* this.training([name], at);
    this.trained = network.weights;
  }

  prune() {
    this.masks = prune(this.trained, this.masks, this.recipe.share);
    this.trained = null;
    this.level++;
  }

  /* Trains the ticket beside networks with its mask and other values, some of each kind. */
  *race(alone, several) {
    const copies = Array.from({ length: this.recipe.copies }, (_, k) => k + 1);
    const names = [...alone, ...several.flatMap((name) => copies.map((copy) => `${name} ${copy}`))];
    yield* this.training(names, this.recipe.tests);
  }
}
