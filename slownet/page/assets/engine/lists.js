/**
 * The engine for any graph: the passes, one sample after the other. What `slownet/engines/scalar.py` does.
 *
 * @typedef {import("./graph.js").Graph} Graph
 * @typedef {import("./passes.js").Loss} Loss
 * @typedef {import("./parameters.js").Change} Change
 * @typedef {import("./samples.js").Samples} Samples
 *
 * @typedef {object} Lesson what a step learns from, and how
 * @property {number} step counted from 1
 * @property {Samples} samples
 * @property {Uint32Array} batch their numbers
 * @property {number} weightSum of the weights of the batch
 * @property {Change} change `factor` is 1 / weightSum
 *
 * @typedef {object} Rules that are the same in every step
 * @property {Loss} loss
 * @property {string} targetKind
 * @property {number} dropout
 * @property {number} dropconnect
 * @property {import("./random.js").Key} seed
 * @property {number} alpha
 * @property {number | null} clipNorm
 * @property {boolean} plain whether a step is gradient descent alone
 * @property {(norm: number, largest: number) => number} normFactor
 *
 * @typedef {{loss: number, right: number}} Taken the sum of the losses, and how many were predicted right
 */

import { DivergedError } from "./errors.js";
import { isRight } from "./judging.js";
import { Parameters } from "./parameters.js";
import { addGradients, backward, forward, lossOf, State } from "./passes.js";
import { key, uniform, USE } from "./random.js";

export class ListEngine {
  /**
   * @param {Graph} graph @param {import("./passes.js").Numbers} numbers that the engine changes
   * @param {{weights: Uint8Array | null, biases: Uint8Array}} fixed which of them training leaves alone
   * @param {Rules} rules
   */
  constructor(graph, { weights, biases }, fixed, rules) {
    this.graph = graph;
    this.rules = rules;
    this.weights = new Parameters(weights, fixed.weights, !rules.plain);
    this.biases = new Parameters(biases, fixed.biases, !rules.plain);
    this.state = new State(graph, rules.dropout > 0, rules.dropconnect > 0);
    this.still = new State(graph); // of samples that are looked at without dropping
  }

  get numbers() {
    return { weights: this.weights.values, biases: this.biases.values };
  }

  get gradients() {
    return { weights: this.weights.gradients, biases: this.biases.gradients };
  }

  /** Learn from a batch. @param {Lesson} lesson @returns {Taken} */
  take(lesson) {
    const { loss, right } = this.addUp(lesson);
    const penalty = this.rules.alpha && lesson.weightSum ? 0.5 * this.rules.alpha * this.squares() : 0;
    const total = penalty ? loss + penalty : loss;
    if (!Number.isFinite(total)) throw new DivergedError("diverged.loss");
    if (lesson.weightSum) this.update(lesson);
    return { loss: total, right };
  }

  /** Add up the gradients of a batch. @param {Lesson} lesson @returns {Taken} */
  addUp(lesson) {
    const { rules, state } = this;
    const { samples, batch } = lesson;
    let total = 0;
    let right = 0;
    this.weights.gradients.fill(0);
    this.biases.gradients.fill(0);
    for (let position = 0; position < batch.length; position += 1) {
      total += this.addSample(lesson, position);
      const targets = samples.targetsOf(batch[position]);
      if (isRight(rules.targetKind, this.outputs(state), targets)) right += 1;
    }
    return { loss: total, right };
  }

  /** Add the gradients of a sample of the batch; return its loss. @param {Lesson} lesson
   * @param {number} position
   */
  addSample({ step, samples, batch }, position) {
    const { graph, rules, state } = this;
    const sample = batch[position];
    this.drop(step, position);
    samples.copy(sample, state.value);
    forward(graph, this.numbers, state);
    const targets = samples.targetsOf(sample);
    const weight = samples.weightOf(sample);
    const loss = backward(graph, this.numbers, state, targets, rules.loss, weight);
    addGradients(graph, state, this.gradients);
    return loss;
  }

  /** Draw which hidden neurons and which weights are dropped for a sample.
   * @param {number} step @param {number} position in the batch
   */
  drop(step, position) {
    const { graph, state, rules: { dropout, dropconnect, seed } } = this;
    if (state.keep !== null) {
      const hidden = state.keep.subarray(graph.inputs, graph.output.first);
      drawKept(hidden, dropout, key(seed, USE.dropout, step, position));
    }
    if (state.keepWeights !== null) {
      drawKept(state.keepWeights, dropconnect, key(seed, USE.dropconnect, step, position));
    }
  }

  /** Change weights and biases by their gradients. @param {Lesson} lesson */
  update({ change }) {
    const { weights, biases, rules } = this;
    let inBounds = true;
    if (rules.plain) {
      inBounds = weights.descend(change.rate, change.factor) &&
        biases.descend(change.rate, change.factor);
    } else {
      let { factor } = change;
      if (rules.clipNorm !== null) {
        const norm = this.gradientNorm(factor);
        if (!Number.isFinite(norm)) throw new DivergedError("diverged.norm");
        factor *= rules.normFactor(norm, rules.clipNorm);
      }
      const scaled = { ...change, factor };
      inBounds = weights.optimize(scaled, true) && biases.optimize(scaled, false);
    }
    if (!inBounds) throw new DivergedError("diverged.update");
    weights.commit();
    biases.commit();
  }

  /** The root of the sum of the squares of all mean gradients: of each neuron in the order of its sum z,
   * the bias first; then of all neurons. @param {number} factor
   */
  gradientNorm(factor) {
    const { graph, weights, biases } = this;
    let total = 0;
    for (let n = graph.inputs; n < graph.neurons; n += 1) {
      let square = 0;
      const mean = factor * biases.gradients[n];
      if (!biases.fixed?.[n]) square += mean * mean;
      for (let w = graph.first(n); w < graph.end(n); w += 1) {
        const each = factor * weights.gradients[w];
        if (!weights.fixed?.[w]) square += each * each;
      }
      total += square;
    }
    return Math.sqrt(total);
  }

  /** The sum of the squares of all weights, in the same order. */
  squares() {
    const { graph, weights: { values } } = this;
    let total = 0;
    for (let n = graph.inputs; n < graph.neurons; n += 1) {
      let square = 0;
      for (let w = graph.first(n); w < graph.end(n); w += 1) square += values[w] * values[w];
      total += square;
    }
    return total;
  }

  /** The values of the output neurons. @param {State} state */
  outputs(state) {
    return state.value.subarray(this.graph.output.first, this.graph.output.end);
  }

  /** Send a sample through the net as it is; return its loss, whether it is predicted right, and outputs.
   * @param {Samples} samples @param {number} sample
   */
  judged(samples, sample) {
    const { still, rules, graph: { output } } = this;
    const targets = samples.targetsOf(sample);
    samples.copy(sample, still.value);
    forward(this.graph, this.numbers, still);
    const values = this.outputs(still);
    const loss = lossOf(still.z.subarray(output.first, output.end), values, targets, rules.loss);
    return { loss, right: isRight(rules.targetKind, values, targets), values };
  }
}

/** @param {Float64Array} keep @param {number} dropped the share @param {import("./random.js").Key} place */
function drawKept(keep, dropped, place) {
  const kept = 1 / (1 - dropped);
  for (let k = 0; k < keep.length; k += 1) keep[k] = uniform(place, k) >= dropped ? kept : 0;
}
