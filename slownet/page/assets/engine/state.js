/** States of a training: all that its next steps depend on.
 *
 * @typedef {import("./training.js").Training} Training
 * @typedef {import("./parameters.js").Parameters} Parameters
 * @typedef {[Float64Array, Float64Array]} Memory
 *
 * @typedef {{weights: Float64Array, biases: Float64Array}} Numbers of a net
 *
 * @typedef {object} State never changed
 * @property {number} step
 * @property {number} lossSum of the epoch
 * @property {number} correct in the epoch
 * @property {import("./recipe.js").Options} options
 * @property {import("./recipe.js").Formulas} formulas
 * @property {import("./rows.js").Rows} rows
 * @property {import("./random.js").Key} seed of the net
 * @property {Structure} structure
 * @property {Numbers} firsts
 * @property {{step: number, epoch: number}} counted how often it had gone through the samples at a step
 * @property {Numbers} numbers
 * @property {{weights: Uint8Array | null, biases: Uint8Array}} fixed
 * @property {{weights: Memory, biases: Memory} | null} memory of the optimizer
 *
 * @typedef {object} Structure of a net
 * @property {import("./graph.js").Graph} graph
 * @property {number[]} layers their ids
 * @property {number[][]} ids of the neurons of each layer
 * @property {Uint8Array} hasBias of each neuron whether it has a bias
 * @property {string[] | null} initializers of each layer after the inputs; null where activations name them
 */

import { ExperimentError } from "./errors.js";

/** The state of a training. @param {Training} training @returns {State} */
export function stateOf(training) {
  const { options, formulas, rows, seed, structure, firsts, counted } = training;
  const { step, lossSum, correct } = training.progress;
  const { weights, biases } = training.engine.parameters;
  const memory = training.isPlain ? null : { weights: memoryOf(weights), biases: memoryOf(biases) };
  const numbers = { weights: weights.values.slice(), biases: biases.values.slice() };
  const fixedBiases = biases.fixed ?? new Uint8Array(structure.graph.neurons);
  const fixed = { weights: weights.fixed, biases: fixedBiases };
  return {
    ...{ step, lossSum, correct, options, formulas, rows, seed, structure, firsts, counted },
    ...{ numbers, fixed, memory },
  };
}

/** Train on from a state of the same training. @param {Training} training @param {State} state */
export function restore(training, state) {
  const { options, formulas, rows, seed, structure, firsts, counted, numbers, fixed, memory } = state;
  Object.assign(training, { options, formulas, rows, seed, structure, firsts, counted });
  const copies = { weights: numbers.weights.slice(), biases: numbers.biases.slice() };
  training.engine = training.newEngine(structure.graph, copies, fixed);
  const { lists } = training.engine;
  if (memory) {
    for (const name of /** @type {const} */ (["weights", "biases"])) {
      [lists[name].first, lists[name].second] = memory[name].map((each) => each.slice());
    }
    training.engine.pack();
  }
  training.continueFrom(state);
}

/** @param {Parameters} parameters @returns {Memory} */
function memoryOf({ first, second }) {
  return [first.slice(), second.slice()];
}

/** The number of a neuron. @param {Structure} structure @param {[number, number]} end the ids of its layer
 * and its own
 * @throws {ExperimentError} if there is none
 */
export function neuronAt({ layers, ids, graph }, [layer, neuron]) {
  const l = layers.indexOf(layer);
  const k = l < 0 ? -1 : ids[l].indexOf(neuron);
  if (k < 0) throw new ExperimentError("refused.neuron", { neuron: `${layer}.${neuron}` });
  return graph.begins[l] + k;
}

/** The number of the weight between two neurons. @param {Structure} structure
 * @param {[number, number]} source @param {[number, number]} target
 * @throws {ExperimentError} if there is none
 */
export function weightBetween(structure, source, target) {
  const { graph } = structure;
  const [from, to] = [neuronAt(structure, source), neuronAt(structure, target)];
  const found = to < graph.inputs
    ? -1
    : graph.source.subarray(graph.first(to), graph.end(to)).indexOf(from);
  if (found >= 0) return graph.first(to) + found;
  throw new ExperimentError("refused.weight", { source: source.join("."), target: target.join(".") });
}
