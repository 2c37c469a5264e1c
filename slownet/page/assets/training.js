/** How the steps of a training came about: rates, weights of samples, penalties, clipping, what was held out. */

import { listed, say } from "./language.js";
import { brief, percent } from "./numbers.js";

const MOST_CLASSES = 12; // whose weights are listed
const MOST_RATES = 4;

/** Whether the losses of a batch have weights. @param {import("./facts.d.ts").Config} config the options of the training */
export function isWeighted(config) {
  return Boolean(config.weighted || config.class_weight);
}

/** Sentences for the foot of the page. @param {import("./facts.d.ts").Config} config @returns {string[]} */
export function howSteps(config) {
  const lines = [...rates(config), ...penalties(config)];
  if (isWeighted(config)) {
    const weights = config.weighted ? [say("steps.weighted.each")] : [];
    if (config.class_weight) weights.push(ofClasses(config.class_weight));
    lines.push(say("steps.weighted", { weights: weights.join("; ") }));
  }
  if (config.clip_norm) {
    lines.push(say("steps.clipNorm", { limit: brief(config.clip_norm) }));
  }
  if (config.clip_value) {
    lines.push(say("steps.clipValue", { limit: brief(config.clip_value) }));
  }
  if (config.validation_split) {
    lines.push(say("steps.heldOut", { share: share(config.validation_split) }));
  }
  return lines;
}

/** The learning rates that callbacks have set. @param {import("./facts.d.ts").Config} config @returns {string[]} */
function rates({ epoch_rates: set = [], schedule }) {
  const changes = set.filter((/** @type {number[]} */ [, rate], /** @type {number} */ place) =>
    rate !== set[place - 1]?.[1]
  );
  if (!changes.length) return [];
  const texts = changes.map((/** @type {number[]} */ [epoch, rate]) =>
    say("steps.rate", { rate: brief(rate), epoch })
  );
  if (texts.length > MOST_RATES) texts.splice(MOST_RATES - 2, texts.length - MOST_RATES + 1, "…");
  const isBefore = schedule && schedule.name !== "constant";
  return [say(isBefore ? "steps.rates.before" : "steps.rates", { rates: texts.join(", ") })];
}

/** What else was made smaller, and what was dropped. @param {import("./facts.d.ts").Config} config @returns {string[]} */
function penalties({ l1, l2, regularizers = [], alpha, dropout, dropconnect }) {
  const lines = [];
  const terms = [
    ...(l1 ? [`${brief(l1)} × |w| (l1)`] : []),
    ...(l2 ? [`${brief(l2)} × w² / 2 (l2)`] : []),
    ...regularizers.map(([{ name }, strength]) => `${brief(strength)} × ${name}`),
  ];
  if (terms.length) {
    lines.push(say("steps.penalties", { terms: terms.join(", ") }));
  }
  if (alpha) {
    lines.push(say("steps.alpha", { alpha: brief(alpha) }));
  }
  const dropped = [
    ...(dropout ? [say("steps.dropout", { share: share(dropout) })] : []),
    ...(dropconnect ? [say("steps.dropconnect", { share: share(dropconnect) })] : []),
  ];
  if (dropped.length) {
    lines.push(say("steps.dropped", { parts: listed(dropped) }));
  }
  return lines;
}

/** @param {number} part */
function share(part) {
  return percent(part, Number.isInteger(Math.round(1e6 * part) / 1e4) ? 0 : 1);
}

/** @param {"balanced" | [string | number, number][]} weights of each class */
function ofClasses(weights) {
  if (typeof weights === "string") return say("steps.weighted.balanced");
  if (weights.length > MOST_CLASSES) return say("steps.weighted.given", { count: weights.length });
  const pairs = weights.map(([label, weight]) =>
    say("steps.weighted.class", { name: String(label), weight: brief(weight) })
  );
  return say("steps.weighted.classes", { classes: pairs.join(", ") });
}

/** The batches that a number is the mean of. @param {number} count @param {string | null} [size] of each
 * @param {boolean} [areWeighted]
 */
export function ofBatches(count, size = null, areWeighted = false) {
  const of = size ? say("bar.batches.of", { count, size }) : say("bar.batches", { count });
  return areWeighted ? say("bar.weighted", { of }) : of;
}

/** A formula by its name and settings: "step(every 10, gamma 0.5)".
 * @param {Record<string, string | number | boolean | null> | undefined} formula of a file that may lack it
 */
export function described({ name, ...settings } = { name: say("steps.unknown") }) {
  const text = Object.entries(settings).map(([key, value]) => `${key} ${value}`).join(", ");
  if (settings.own) return say("steps.own", { name: String(name) });
  return text ? `${name}(${text})` : String(name);
}
