/** The foot of the page: what was trained and how, how precise the numbers are, what the page holds. */

import { inWords } from "./views/edits.js";
import { control, element } from "./elements.js";
import { holdings } from "./holdings.js";
import { say } from "./language.js";
import { brief } from "./numbers.js";
import { described, howSteps } from "./training.js";
import { frozen, precise } from "./views/footnotes.js";

const OF_DATA = ["point", "move", "erase", "noise", "data", "digit", "undigit"]; // edits

/** Write the foot, unless it says that already. @param {import("./net.js").Net} net */
export function writeAbout(net) {
  const { facts, frames } = net;
  const isContinued = facts.frames > 0 && frames.start !== null;
  const lines = [
    `${options(net).join(", ")}.`,
    ...howSteps(frames.config),
    ...isContinued ? [continued(net)] : [...precise(facts), ...onlyPlays(facts)],
    ...frozen(net),
    ...ofData(net, isContinued),
    ...frames.edits.length ? [changed(net)] : [],
    madeWith(net),
  ];
  const place = control("about");
  if (place.dataset.shown === lines.join("\n")) return;
  place.dataset.shown = lines.join("\n");
  place.replaceChildren(...lines.map((line) => element("p", {}, line)));
  control("holds").textContent = holdings(net);
}

/** Why it does not train itself, where what it holds says so. @param {import("./facts.d.ts").Facts} facts
 * @returns {string[]}
 */
function onlyPlays({ frames, holds, recipe }) {
  if (frames === 0) return [];
  const [count, of] = holds.data ?? [0, 1];
  if (count === 0) return [say("about.onlyPlays.none")];
  if (count < of) return [say("about.onlyPlays.part")];
  return recipe === null ? [say("about.onlyPlays.python")] : [];
}

/** @param {import("./net.js").Net} net @param {boolean} isContinued */
function ofData({ facts: { training: { data } }, frames: { edits } }, isContinued) {
  if (!data.X) return [];
  const [X, y] = [data.X, data.y].map((each) => String(each).slice(0, 16));
  const isOther = edits.some(({ kind }) => OF_DATA.includes(kind));
  const all = isContinued ? ".all" : "";
  const before = isOther ? ".before" : "";
  return [say(`about.data${all}${before}`, { count: Number(data.samples), X, y })];
}

/** @param {import("./net.js").Net} net */
function changed({ frames: { edits } }) {
  const changes = edits.map((edit) => say("about.change", { step: edit.step, change: inWords(edit) }));
  const count = changes.length;
  return count > 3
    ? say("about.changes.many", { count, last: changes[count - 1] })
    : say("about.changes", { changes: changes.join(", ") });
}

/** @param {import("./net.js").Net} net */
function continued({ facts, frames: { start } }) {
  return say("about.continued", { step: start ?? 0, count: facts.holds.data?.[0] ?? 0 });
}

/** @param {import("./net.js").Net} net */
function madeWith({ facts: { training, frames }, frames: { edits, start } }) {
  const { versions, arithmetic, source } = training;
  const command = source?.command === "slownet train" ? ".command" : "";
  const isOther = edits.length > 0 || (frames > 0 && start !== null);
  const version = versions.slownet ?? "";
  return say(`about.made${command}${isOther ? ".changed" : ""}`, { version, arithmetic });
}

/** How the net was trained, or is trained on, in a few words each. @param {import("./net.js").Net} net
 * @returns {string[]}
 */
function options({ facts, frames }) {
  const { config, edits } = frames;
  const { data } = facts.training;
  const known = (/** @type {unknown} */ value, /** @type {string} */ text) =>
    value === undefined ? [] : [text];
  const isOther = edits.length > 0;
  const seed = edits[0]?.kind === "seed" ? edits[0].args[0] : config.seed;
  return [
    ...known(
      data.samples,
      say("about.option.samples", { count: frames.samples ?? Number(data.samples) }),
    ),
    ...known(config.batch_size, say("about.option.batch", { size: Number(config.batch_size) })),
    ...isOther ? [] : known(config.epochs, epochs(facts.training)),
    ...known(config.optimizer, optimizer(config, facts.training, isOther)),
    say("about.option.loss", { name: facts.loss }),
    ...known(seed, say("about.option.seed", { seed: String(seed) })),
  ];
}

/** @param {import("./facts.d.ts").Training} training */
function epochs({ config: { epochs = 0, early_stopping: stopping, batch_size: size }, data, last }) {
  const all = epochs * Math.ceil(Number(data.samples) / (size ?? NaN));
  return stopping && last < all
    ? say("about.option.epochs.stopped", { count: epochs, step: last })
    : say("about.option.epochs", { count: epochs });
}

/** The optimizer and its learning rate, and where a schedule led that.
 * @param {import("./facts.d.ts").Config} now the options that the next step is taken with
 * @param {import("./facts.d.ts").Training} training
 * @param {boolean} isOther whether the reader has changed something
 */
function optimizer(now, { rates, last, steps }, isOther) {
  const { schedule } = now;
  const values = { optimizer: described(now.optimizer), rate: String(now.learning_rate) };
  if (!schedule || (schedule.name === "constant" && !schedule.own)) {
    return say("about.option.optimizer", values);
  }
  const scheduled = { ...values, schedule: described(schedule) };
  const rate = rates?.[rates.length - 1];
  if (typeof rate !== "number" || isOther) return say("about.option.schedule", scheduled);
  const end = steps[steps.length - 1];
  const at = end < last ? "at" : "last";
  return say(`about.option.schedule.${at}`, { ...scheduled, now: brief(rate), step: end + 1 });
}
