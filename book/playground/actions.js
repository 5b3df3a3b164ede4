/* What a reader does, each with what is said of it: train, prune, repeat, race, and begin anew. */

import { goal, refresh, say } from "./controls.js";
import { draw } from "./curves.js";
import { picture } from "./picture.js";
import { begin, left } from "./progress.js";
import { outcome, showRace } from "./race.js";
import { SERIES } from "./series.js";
import { showTally } from "./tally.js";
import { percent, whole } from "./words.js";

async function trainOnce(play, along) {
  begin(play, false, along);
  await play.ask("train");
  draw(play);
}

async function pruneOnce(play) {
  await play.ask("prune");
  picture(play);
}

/** Draws a new network, from which nothing has been pruned. */
export async function start(play) {
  const { page: { bar, numbers, svg } } = play;
  await play.ask("seed", { seed: play.seed });
  [play.curves, play.racing, bar.value, numbers.hidden] = [{}, false, 0, true];
  draw(play);
  picture(play);
  svg.setAttribute("aria-label", "Learning curves; none yet.");
  say(play, `Network ${play.seed}: ${whole(play.everyone)} weights, newly drawn at random. Next: train.`);
}

async function train(play) {
  const { recipe, page: { svg } } = play;
  say(play, play.state.level ? `Training the ticket with ${left(play)} of the weights …` : "Training the dense network …");
  await trainOnce(play);
  const reads = percent(play.curves[play.state.level].at(-1).accuracy);
  say(play, `Trained for ${recipe.steps} iterations, it reads ${reads} of the test digits. Next: prune a fifth and reset.`);
  svg.setAttribute("aria-label", `Learning curves of rounds of training; the last ends at ${reads}.`);
}

async function prune(play) {
  await pruneOnce(play);
  say(play, `${left(play)} of the weights are left, back at the values they began with. Next: train this ticket, or race it.`);
}

async function repeat(play) {
  const from = play.state.level, rounds = goal(play) - from;
  say(play, `Training and pruning until ${percent(play.counts[goal(play)] / play.everyone)} of the weights are left …`);
  while (play.state.level < from + rounds) {
    if (!play.state.trained) await trainOnce(play, [0, 1].map((done) => (play.state.level - from + done) / rounds));
    await pruneOnce(play);
    refresh(play);
  }
  say(play, `After ${play.state.level} rounds ${left(play)} of the weights are left, back at the values they began with. `
    + "Next: race.");
}

async function race(play) {
  const { recipe, seed, page: { control, svg } } = play;
  begin(play, true);
  say(play, `Racing the ticket with ${left(play)} of the weights …`);
  await play.ask("race", { more: control("more").checked });
  draw(play);
  const { mean, ahead } = outcome(play), [ticket, again] = [mean[SERIES.ticket], mean[SERIES.again]];
  const { level, kept } = play.state;
  play.raced.set(`${seed}/${level}`, { level, kept, ahead });
  showRace(play, mean);
  showTally(play);
  const text = `After ${recipe.early} iterations the ticket reads ${percent(ticket.early)} of the test digits, the `
    + `re-initialised networks ${percent(again.early)}; at the end ${percent(ticket.end)} and ${percent(again.end)}.`;
  say(play, `The race is over. ${text} Before any training the ticket read ${percent(ticket.before)}: its mask has learned.`);
  svg.setAttribute("aria-label", `Learning curves of a race with ${left(play)} of the weights. ${text}`);
}

async function anew(play) {
  play.seed++;
  await start(play);
}

/** What each button does, by its name. */
export const actions = { train, prune, repeat, race, anew };
