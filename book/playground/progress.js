/* How far a reader has come: the state of the search, the curves that are shown, and the races that are over. */

import { SERIES, series } from "./series.js";
import { percent } from "./words.js";

/* How many weights are left after each of so many rounds, as the engine counts them. */
function countdown(recipe, rounds) {
  const layers = recipe.sizes.slice(1).map((outputs, l) => outputs * recipe.sizes[l]);
  const shares = layers.map((_, l) => (l === layers.length - 1 ? recipe.share / 2 : recipe.share));
  const counts = [layers];
  for (let round = 0; round < rounds; round++) {
    counts.push(counts[round].map((count, l) => count - Math.floor(count * shares[l] + 0.5)));
  }
  return counts.map((each) => each.reduce((a, b) => a + b));
}

/** What a model gives, and a search that has not begun. */
export function begun(model) {
  const [recipe, digits, stored] = ["recipe", "digits", "stored"].map((name) => model.get(name));
  const counts = countdown(recipe, Math.max(...recipe.levels));
  return {
    recipe, digits, stored, counts, everyone: counts[0],
    seed: 1, state: null, busy: "", racing: false, curves: {}, along: [0, 1], raced: new Map(),
  };
}

/** Makes room for the curves of a race, or for one of a round of training beside those of the others; `along` are the
    shares of what was asked for that are done before and after it. */
export function begin(play, race, along = [0, 1]) {
  if (race || play.racing) play.curves = {};
  play.racing = race;
  play.along = along;
  if (!race) delete play.curves[play.state.level];
}

/** Keeps a reading of a network in training; returns the share that is done of what was asked for. */
export function note({ curves, racing, state, along, recipe }, point) {
  (curves[racing ? point.name : state.level] ||= []).push(point);
  return along[0] + (along[1] - along[0]) * (point.step / recipe.steps);
}

/** The share of the weights that is left, in words. */
export const left = ({ state, everyone }) => percent(state.kept / everyone);

/** The series that a race has shown so far. */
export const shownSeries = ({ curves }) => (
  Object.values(SERIES).filter((name) => Object.keys(curves).some((key) => series(key) === name)));

/** The curves of all networks of a series. */
export const copiesOf = ({ curves }, name) => (
  Object.keys(curves).filter((key) => series(key) === name).map((key) => curves[key]));
