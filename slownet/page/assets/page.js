/** The page: it reads what its elements hold, and begins. */

import { inflate, readArrays } from "./payload.js";
import { Player } from "./player.js";
import { read } from "./address.js";
import { showProblem } from "./controls.js";
import { hooks } from "./hooks.js";
import { say, speak } from "./language.js";
import { begin } from "./opening.js";
import { Snapshots } from "./snapshots.js";
import { offerSaving } from "./views/save.js";
import { Trained } from "./trained.js";
import { showWords, worded } from "./wording.js";

/**
 * @typedef {object} Page what its elements hold
 * @property {import("./facts.d.ts").Facts} facts
 * @property {Record<string, import("./payload.js").About>} contents
 * @property {string} payload
 * @property {import("./colours.js").Palette} palette
 * @property {import("./engine/recipe.js").NetFormulas} formulas of one that trains, all
 * @property {string} script
 * @property {string} experiment that it was saved with, as an address; "" without one
 * @property {Element} own its text, as it was written
 */

/** Begin; say why, if it cannot. @param {Page} page @returns {Promise<void>} */
export async function start(page) {
  try {
    await started(page);
  } catch (error) {
    showProblem(say("page.failed", { problem: /** @type {Error} */ (error).message }));
    throw error;
  }
}

/** @param {Page} page */
async function started({ facts: known, contents, payload, palette, formulas, script, experiment, own }) {
  const facts = worded(known);
  speak(facts.words, read(location.hash.slice(1)).presentation.language);
  showWords(facts);
  const arrays = readArrays(contents, await inflate(payload, "deflate"));
  const course = facts.frames ? new Snapshots(facts, arrays, formulas) : await Trained.begun(
    /** @type {import("./types.d.ts").TrainingFacts} */ (facts),
    arrays,
    /** @type {import("./engine/recipe.js").Formulas} */ (formulas),
    script,
  );
  const player = new Player(course, palette, script, own);
  offerSaving(player);
  const opened = begin(player, experiment);
  player.isStarted = true;
  player.painter.showChoices(player.state);
  performance.mark("slownet:paint");
  window.slownet = hooks(player, opened);
  if (course instanceof Snapshots) opened.then(() => judgeAll(course, player));
}

/** Judge the held-out samples in all snapshots, while the page shows what is known so far.
 * @param {Snapshots} course @param {Player} player
 */
function judgeAll(course, player) {
  course.heldOut?.all(() => {
    if (player.course !== course) return false;
    player.painter.showLines();
    return true;
  });
}
