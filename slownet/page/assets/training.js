/** How the steps of a training took their batches: weights of samples, clipping, what was held out. */

import { brief, counted, percent } from "./numbers.js";

const MOST_CLASSES = 12; // whose weights are listed

/** Whether the losses of a batch have weights. @param {any} config the options of the training */
export function isWeighted(config) {
  return Boolean(config.weighted || config.class_weight);
}

/** Sentences for the foot of the page. @param {any} config @returns {string[]} */
export function howSteps(config) {
  const lines = [];
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
    const share = percent(config.validation_split, config.validation_split * 100 % 1 ? 1 : 0);
    lines.push(`${share} of the samples were held out of training, to validate with.`);
  }
  return lines;
}

/** @param {"balanced" | [any, number][]} weights of each class */
function ofClasses(weights) {
  if (typeof weights === "string") return "those of all classes together are the same";
  if (weights.length > MOST_CLASSES) return `those of ${counted(weights.length)} classes were given`;
  const pairs = weights.map(([label, weight]) => `“${label}” ${brief(weight)}`);
  return `of classes: ${pairs.join(", ")}, others 1`;
}
