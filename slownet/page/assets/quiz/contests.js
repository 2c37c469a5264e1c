/** Pairs of settings of which one may learn faster: what a quiz asks. The answers are not here: both are trained.
 *
 * @typedef {import("../engine/experiment.js").Edits} Edits
 * @typedef {import("../engine/experiment.js").Value} Value
 *
 * @typedef {{text: string, edits: Edits}} Side what a setting is called, and what makes it
 *
 * @typedef {object} Begin of the training
 * @property {number} first step
 * @property {import("../engine/frame.js").Settings} settings
 * @property {import("../engine/frame.js").Structure["layers"]} hidden layers
 * @property {string[]} optimizers that there are
 * @property {boolean} hasSeed whether first weights can be drawn anew
 * @property {number} seed of the net
 */

import { say } from "../language.js";
import { tabled } from "../numbers.js";

const FEW = 2; // neurons
const RATES = [10, 0.1]; // times the rate of the training
const BATCHES = /** @type {const} */ ([1, 32]);
const ADAM_RATE = 0.01;

/** The pairs by their names; null where a training has none of the kind.
 * @type {Record<string, (begin: Begin) => Side[] | null>}
 */
export const CONTESTS = {
  quicker: (begin) => rates(begin, RATES[0]),
  slower: (begin) => rates(begin, RATES[1]),
  neurons: ({ first, hidden: [layer] }) => {
    if (!layer || layer.neurons.length <= FEW) return null;
    const removed = layer.neurons.slice(FEW).reverse();
    return [[], removed].map((gone) => ({
      text: say("quiz.side.neurons", { count: layer.neurons.length - gone.length, layer: layer.id }),
      edits: gone.map((neuron) => ({ step: first, kind: "remove", args: [layer.id, neuron] })),
    }));
  },
  activation: ({ first, hidden }) =>
    hidden.length === 0 ? null : ["tanh", "relu"].map((name) => ({
      text: say("quiz.side.activation", { name }),
      edits: hidden.map(({ id }) => ({ step: first, kind: "activation", args: [id, name] })),
    })),
  batch: ({ first }) =>
    BATCHES.map((count) => ({
      text: say("quiz.side.batch", { count }),
      edits: [{ step: first, kind: "batch", args: [count] }],
    })),
  optimizer: ({ first, optimizers, settings }) =>
    !optimizers.includes("adam") || settings.optimizer === "adam" ? null : [
      {
        text: say("quiz.side.optimizer", { name: settings.optimizer, rate: tabled(settings.rate) }),
        edits: [],
      },
      {
        text: say("quiz.side.optimizer", { name: "adam", rate: tabled(ADAM_RATE) }),
        edits: [
          { step: first, kind: "optimizer", args: ["adam"] },
          { step: first, kind: "rate", args: [ADAM_RATE] },
        ],
      },
    ],
  luck: ({ first, hasSeed, seed }) =>
    !hasSeed ? null : [
      { text: say("quiz.side.luck"), edits: [] },
      { text: say("quiz.side.luck.other"), edits: [{ step: first, kind: "seed", args: [seed + 1] }] },
    ],
};

/** @param {Begin} begin @param {number} factor @returns {Side[]} */
function rates({ first, settings: { rate } }, factor) {
  return [rate, Number((factor * rate).toPrecision(12))].map((each) => ({
    text: say("quiz.side.rate", { rate: tabled(each) }),
    edits: [{ step: first, kind: "rate", args: [each] }],
  }));
}
