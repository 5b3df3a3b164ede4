/* All races so far, the reader's own beside the stored ones. */

import { SERIES, total } from "./series.js";
import { percent, points, tableOf } from "./words.js";

/* One line of the tally: at one density, the reader's races or the stored ones. */
function line(who, ahead, permutedToo) {
  const cell = (name, at) => {
    const found = ahead.map((race) => race[name] && race[name][at]).filter((value) => value !== undefined);
    if (!found.length) return "–";
    return `${points(total(found) / found.length)}; ahead in ${found.filter((value) => value > 0).length} of ${found.length}`;
  };
  const cells = [cell(SERIES.again, "early"), cell(SERIES.again, "end")];
  if (permutedToo) cells.push(cell(SERIES.permuted, "end"));
  return [who, ...cells, cell(SERIES.dense, "end")];
}

/** Shows by how much tickets were ahead at each density that was raced. */
export function showTally({ raced, stored, recipe, counts, everyone, page: { tally } }) {
  const races = [...raced.values()], permutedToo = races.some((race) => SERIES.permuted in race.ahead);
  const levels = [...new Set(races.map((race) => race.level))].sort((a, b) => a - b);
  const known = stored || [], at = [...new Set(known.map((race) => race.level))].sort((a, b) => a - b);
  const beside = at.length ? `; stored races, of other seeds, are at ${at.map((level) => percent(counts[level] / everyone, 0)).join(", ")}` : "";
  const rows = levels.flatMap((level) => {
    const share = percent(races.find((race) => race.level === level).kept / everyone);
    const yours = races.filter((race) => race.level === level).map((race) => race.ahead);
    const theirs = known.filter((race) => race.level === level).map((race) => race.ahead);
    const others = theirs.length ? [line(`${share}: stored`, theirs, permutedToo)] : [];
    return [line(`${share}: yours`, yours, permutedToo), ...others];
  });
  tally.innerHTML = tableOf(`Ticket minus the others, in points${beside}`, ["weights left",
    `re-initialised, after ${recipe.early}`, "re-initialised, at the end",
    ...(permutedToo ? ["values permuted, at the end"] : []), "dense, at the end"], rows);
  tally.hidden = false;
}
