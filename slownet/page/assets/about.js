/** The foot of the page: what was trained and how, how precise the numbers are, what the page holds. */

import { inWords } from "./views/edits.js";
import { control, element } from "./elements.js";
import { holdings } from "./holdings.js";
import { brief, counted } from "./numbers.js";
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
  const why = [
    ...count === 0 ? ["the data that it learned from are not here"] : [],
    ...count > 0 && count < of ? ["only a part of the data that it learned from is here"] : [],
    ...count === of && recipe === null ? ["its training cannot be repeated without Python"] : [],
  ];
  return why.map((each) => `The net does not train again in this page, which shows snapshots: ${each}.`);
}

/** @param {import("./net.js").Net} net @param {boolean} isContinued */
function ofData({ facts: { training: { data } }, frames: { edits } }, isContinued) {
  if (!data.X) return [];
  const [X, y] = [data.X, data.y].map((each) => String(each).slice(0, 16));
  const isOther = edits.some(({ kind }) => OF_DATA.includes(kind));
  const before = isOther ? ", before the reader’s changes" : "";
  const all = isContinued ? ` (all ${counted(Number(data.samples))} samples)` : "";
  return [`SHA-256 of the data${all}${before}: ${X}… (inputs), ${y}… (targets).`];
}

/** @param {import("./net.js").Net} net */
function changed({ frames: { edits } }) {
  const kinds = edits.map((edit) => `at step ${counted(edit.step)} ${inWords(edit)}`);
  const few = kinds.length > 3 ? [`${counted(kinds.length)} times, at last ${kinds.at(-1)}`] : kinds;
  return `This training was changed by the reader: ${
    few.join(", ")
  }. What stands here is how it goes on now.`;
}

/** @param {import("./net.js").Net} net */
function continued({ facts, frames: { start } }) {
  return `It was trained on from the snapshot of step ${
    counted(start ?? 0)
  }, whose numbers it began with as ` +
    `this page holds them, with the ${counted(facts.holds.data?.[0] ?? 0)} samples to learn from that ` +
    "are here.";
}

/** @param {import("./net.js").Net} net */
function madeWith({ facts: { training, frames }, frames: { edits, start } }) {
  const { versions, arithmetic, source } = training;
  const how = source?.command === "slownet train"
    ? "“slownet verify” trains"
    : "slownet.verify in Python, given the same data, trains";
  const isOther = edits.length > 0 || (frames > 0 && start !== null);
  const what = isOther ? "the page as it was written" : "every number of this page";
  return `Made with slownet ${
    versions.slownet ?? ""
  }, trained with arithmetic ${arithmetic}: with the ` +
    `same one, ${how} again and compares ${what}.`;
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
    ...known(data.samples, `${counted(frames.samples ?? data.samples)} samples`),
    ...known(config.batch_size, `batches of ${config.batch_size}`),
    ...isOther ? [] : known(config.epochs, epochs(facts.training)),
    ...known(
      config.optimizer,
      `${described(config.optimizer)} with rate ${config.learning_rate}${
        schedule(facts.training, isOther)
      }`,
    ),
    `loss ${facts.loss}`,
    ...known(seed, `seed ${seed}`),
  ];
}

/** @param {import("./facts.d.ts").Training} training */
function epochs({ config: { epochs = 0, early_stopping: stopping, batch_size: size }, data, last }) {
  const text = `${counted(epochs)} epoch${epochs === 1 ? "" : "s"}`;
  const all = epochs * Math.ceil(Number(data.samples) / (size ?? NaN));
  return stopping && last < all ? `${text} (early stopping ended it at step ${counted(last)})` : text;
}

/** The schedule of the learning rate, and where it led. @param {import("./facts.d.ts").Training} training
 * @param {boolean} isOther whether the reader has changed something
 */
function schedule({ config, rates, last, steps }, isOther) {
  if (!config.schedule || (config.schedule.name === "constant" && !config.schedule.own)) return "";
  const rate = rates?.[rates.length - 1];
  const end = steps[steps.length - 1];
  const at = end < last ? `at step ${counted(end + 1)}` : "at the last step";
  const led = typeof rate === "number" && !isOther ? `: ${brief(rate)} ${at}` : "";
  return ` and schedule ${described(config.schedule)}${led}`;
}
