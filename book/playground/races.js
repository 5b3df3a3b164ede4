/* Races without a page: the engine is all that this imports, and trains the stored ones. */

import { Experiment } from "./experiment.js";
import { SERIES, readings } from "./series.js";
import { unpack } from "./unpack.js";

/* Curves by name of what a training yields. */
function collect(training) {
  const curves = {};
  for (const point of training) if (point) (curves[point.name] ||= []).push(point);
  return curves;
}

/** Trains the races of a seed at some levels, the dense network's own at level 0; returns a row for each network. */
export async function races({ digits, recipe }, seed, levels) {
  const experiment = new Experiment(await unpack(digits), recipe, seed), rows = [];
  const note = (training) => Object.entries(collect(training)).forEach(([name, curve]) => {
    rows.push({ seed, level: experiment.level, kept: experiment.kept, name, ...readings(curve, recipe) });
  });
  note(experiment.train(SERIES.dense, recipe.tests));
  while (experiment.level < Math.max(0, ...levels)) {
    if (!experiment.trained) collect(experiment.train(SERIES.ticket, []));
    experiment.prune();
    if (levels.includes(experiment.level)) note(experiment.race([SERIES.ticket], [SERIES.again, SERIES.permuted]));
  }
  return rows;
}
