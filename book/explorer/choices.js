/* What a reader has chosen to see of a model, and the points that are then shown. */

/** Return what a model holds, as JSON or behind `get`, with what is chosen of it at first: `state`. */
export const choices = (model) => {
  const get = (name) => (typeof model.get === "function" ? model.get(name) : model[name]);
  const [name, axis, metrics, series, sets] = ["name", "axis", "metrics", "series", "sets"].map(get);
  // Where there are many series, few are shown at a time: each then takes the first look that is free.
  const free = get("looks") || [], slots = free.map(() => null);
  const begun = series.map((own) => own.begun !== false);
  const state = {set: 0, metric: 0, shown: begun, logX: true, logY: false, above: false, at: null, pins: [], ...get("begin")};
  series.forEach((own, k) => { if (!own.colour && begun[k]) slots[slots.indexOf(null)] = k; });
  // What all sets have alike is given once.
  const whole = sets.map((set) => ({...set, points: Object.fromEntries(Object.entries(set.points).map(([key, own]) => [
    key, [...own, ...((get("always") || {})[key] || [])].sort((a, b) => a.series - b.series)]))}));
  return {name, axis, metrics, series, sets: whole, free, slots, state};
};

/** Return how a series is drawn. */
export const wears = ({series, free, slots}, k) => (series[k].colour ? series[k] : {...series[k], ...free[slots.indexOf(k)]});

/** Return whether a point is one of a curve's: it is no early stop, which lies between them. */
export const along = (p) => !p.stop;

/** Return a density or an iteration in words. */
export const place = ({axis}, x) => axis.said.replace("{}", axis.falling ? Number(x.toPrecision(3)) : x.toLocaleString("en-GB"));

/** Return the metric that is chosen. */
export const metric = ({metrics, state}) => metrics[state.metric];

/** Return all points of the chosen set and metric. */
export const everything = (seen) => seen.sets[seen.state.set].points[metric(seen).key];

/** Return the points that are shown, of one metric. */
const visible = ({sets, state}, key, set = sets[state.set]) => set.points[key].filter((p) => state.shown[p.series]);

/** Return the points that are shown. */
export const current = (seen) => visible(seen, metric(seen).key);

/** Return those of all metrics in the same unit, which share an axis; in some figures all sets do. */
export const together = (seen) => {
  const drawn = seen.axis.alike ? seen.sets : [seen.sets[seen.state.set]];
  const same = seen.metrics.filter((m) => m.unit === metric(seen).unit);
  return drawn.flatMap((set) => same.flatMap((m) => visible(seen, m.key, set)));
};

/** Choose the point that was chosen before, of the same series and at the same place, where there is one now. */
export const keep = (seen) => {
  const was = seen.state.at, same = (p) => (was.stop ? p.stop : along(p) && p.x === was.x);
  seen.state.at = was && (current(seen).find((p) => p.series === was.series && same(p)) || null);
};

/** Return the next point from the chosen one: along its series, or at the nearest place of the next one. */
export const neighbour = (seen, by, across) => {
  const {series, axis, state: {at}} = seen, points = current(seen);
  if (!points.length) return null;
  if (!at) return points.find((p) => !series[p.series].flat) || points[0];
  const own = points.filter((p) => p.series === at.series);
  if (by) return own[Math.max(0, Math.min(own.length - 1, own.indexOf(at) + by))];
  const order = [...new Set(points.map((p) => p.series))].sort((a, b) => a - b);
  const next = order[(order.indexOf(at.series) + across + order.length) % order.length];
  const far = (p) => (axis.falling ? Math.abs(Math.log(p.x / at.x)) : Math.abs(p.x - at.x));
  return points.filter((p) => p.series === next && along(p) === along(at)).sort((a, b) => far(a) - far(b))[0];
};
