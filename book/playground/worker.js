/* What a worker does: one experiment, driven by messages; a new one takes the place of what it is doing. */

import { Experiment } from "./experiment.js";
import { SERIES } from "./series.js";
import { unpack } from "./unpack.js";

const TURN = 12; // milliseconds after which it listens again
let data, recipe, experiment;
let current = 0;

const listen = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = resolve;
  port2.postMessage(0);
});

/* Runs a training to its end, unless something else is asked for, and passes on what it yields. */
async function finish(training, task) {
  let since = performance.now();
  for (const point of training) {
    if (point) postMessage({ task, point });
    if (performance.now() - since < TURN) continue;
    await listen();
    if (task !== current) return;
    since = performance.now();
  }
}

const commands = {
  async load(given) {
    recipe = given.recipe;
    data = await unpack(given.digits);
  },
  seed: ({ seed }) => { experiment = new Experiment(data, recipe, seed); },
  train: (_, task) => finish(experiment.train(SERIES.ticket, recipe.glimpses), task),
  prune: () => experiment.prune(),
  race: ({ more }, task) => {
    const several = [SERIES.again, ...(more ? [SERIES.permuted] : [])];
    return finish(experiment.race([SERIES.dense, SERIES.ticket], several), task);
  },
  stop() {},
};

const state = ({ level, kept, masks, start, trained }) => (
  { level, kept, trained: trained !== null, mask: masks && masks[0], weights: start[0] });

onmessage = async ({ data: { task, command, ...given } }) => {
  current = task;
  try {
    await commands[command](given, task);
    if (task === current) postMessage({ task, state: experiment && state(experiment) });
  } catch (error) {
    postMessage({ task, failure: String(error) });
  }
};
