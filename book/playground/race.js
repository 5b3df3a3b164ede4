/* What came of a race: its readings, by how much the ticket is ahead, and a table of both. */

import { copiesOf, left, shownSeries } from "./progress.js";
import { SERIES, readings, total } from "./series.js";
import { percent, tableOf, whole } from "./words.js";

/** The mean readings of each series, and by how much the ticket is ahead of the others. */
export function outcome(play) {
  const mean = Object.fromEntries(shownSeries(play).map((name) => {
    const read = copiesOf(play, name).map((curve) => readings(curve, play.recipe));
    return [name, Object.fromEntries(["before", "early", "end"].map((at) => [at, total(read.map((r) => r[at])) / read.length]))];
  }));
  const others = Object.keys(mean).filter((name) => name !== SERIES.ticket);
  const ahead = Object.fromEntries(others.map((name) => (
    [name, { early: mean[SERIES.ticket].early - mean[name].early, end: mean[SERIES.ticket].end - mean[name].end }])));
  return { mean, ahead };
}

/** Shows a race in numbers. */
export function showRace(play, mean) {
  const { recipe, seed, state, everyone, page: { numbers } } = play;
  const spent = (name) => {
    const runs = copiesOf(play, name);
    return total(runs.map((run) => run[run.length - 1].milliseconds)) / runs.length;
  };
  const rows = Object.entries(mean).map(([name, { before, early, end }]) => {
    const dense = name === SERIES.dense, many = copiesOf(play, name).length;
    const times = dense ? "" : ` (${(spent(SERIES.dense) / spent(name)).toFixed(1)} times dense)`;
    return [many > 1 ? `${name}, mean of ${many}` : name, whole(dense ? everyone : state.kept), percent(before),
      percent(early), percent(end), whole((1000 * recipe.steps) / spent(name)) + times];
  });
  numbers.innerHTML = tableOf(`Network ${seed}, ${left(play)} of the weights: digits read rightly`, ["network", "weights",
    "before training", `after ${recipe.early} iterations`, "at the end", "iterations a second"], rows);
  numbers.hidden = false;
}
