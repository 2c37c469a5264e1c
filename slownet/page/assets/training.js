/** How the steps of a training came about: rates, weights of samples, penalties, clipping, what was held out. */

import { brief, counted, percent } from "./numbers.js";

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
    const weights = config.weighted ? ["each sample has its own"] : [];
    if (config.class_weight) weights.push(ofClasses(config.class_weight));
    lines.push(
      "In training, samples have weights w: the loss of a batch is the sum of w × loss, divided by the " +
        `sum of w, and its gradients likewise (${weights.join("; ")}).`,
    );
  }
  if (config.clip_norm) {
    lines.push(
      `Where the norm of a batch’s gradient was above ${
        brief(config.clip_norm)
      }, all its numbers were ` +
        "made smaller by one factor (clipping by norm).",
    );
  }
  if (config.clip_value) {
    const limit = brief(config.clip_value);
    lines.push(`Each gradient of a batch was kept from −${limit} to ${limit} (clipping by value).`);
  }
  if (config.validation_split) {
    lines.push(
      `${share(config.validation_split)} of the samples were held out of training, to validate with.`,
    );
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
    `${brief(rate)} from epoch ${counted(epoch)} on`
  );
  if (texts.length > MOST_RATES) texts.splice(MOST_RATES - 2, texts.length - MOST_RATES + 1, "…");
  const before = schedule && schedule.name !== "constant" ? ", before the schedule" : "";
  return [`Callbacks set the learning rate${before}: ${texts.join(", ")}.`];
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
    lines.push(
      `Penalties on each weight w, which the losses here do not include: ${terms.join(", ")}.`,
    );
  }
  if (alpha) {
    lines.push(
      `The training loss includes a penalty: the sum of losses of each batch has one more term, ` +
        `${brief(alpha)} / 2 × the sum of all w² (alpha).`,
    );
  }
  const dropped = [
    ...(dropout ? [`${share(dropout)} of the hidden neurons (dropout)`] : []),
    ...(dropconnect ? [`${share(dropconnect)} of the weights (dropconnect)`] : []),
  ];
  if (dropped.length) {
    lines.push(`In training, for each sample, ${dropped.join(" and ")} were dropped at random.`);
  }
  return lines;
}

/** @param {number} part */
function share(part) {
  return percent(part, Number.isInteger(Math.round(1e6 * part) / 1e4) ? 0 : 1);
}

/** @param {"balanced" | [string | number, number][]} weights of each class */
function ofClasses(weights) {
  if (typeof weights === "string") return "those of all classes together are the same";
  if (weights.length > MOST_CLASSES) return `those of ${counted(weights.length)} classes were given`;
  const pairs = weights.map(([label, weight]) => `“${label}” ${brief(weight)}`);
  return `of classes: ${pairs.join(", ")}, others 1`;
}

/** A formula by its name and settings: "step(every 10, gamma 0.5)".
 * @param {Record<string, string | number | boolean | null> | undefined} formula of a file that may lack it
 */
export function described({ name, ...settings } = { name: "an unknown formula" }) {
  const listed = Object.entries(settings).map(([key, value]) => `${key} ${value}`);
  return settings.own
    ? `${name} (not built in)`
    : listed.length
    ? `${name}(${listed.join(", ")})`
    : name;
}
