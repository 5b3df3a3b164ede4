/* The networks of a race by their names, and what is read off their curves. */

/** What is raced, by what it stands for. */
export const SERIES = { dense: "dense", ticket: "winning ticket", again: "re-initialised", permuted: "values permuted" };

/** The name of a network without the number it has where there are several. */
export const series = (name) => name.replace(/ \d+$/, "");

/** The sum of some values. */
export const total = (values) => values.reduce((sum, value) => sum + value, 0);

/** What is read off a curve, as the library reads it: the end is the mean over the last fifth of the steps. */
export function readings(curve, recipe) {
  const late = curve.filter((point) => point.step >= 0.8 * recipe.steps);
  const at = (step) => curve.find((point) => point.step === step).accuracy;
  return { before: at(0), early: at(recipe.early), end: total(late.map((point) => point.accuracy)) / late.length };
}
