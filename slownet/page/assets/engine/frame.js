/** Frames: what the worker tells the page of a training at a step.
 *
 * @typedef {import("./replay.js").Replay} Replay
 * @typedef {import("./samples.js").Samples} Samples
 * @typedef {import("./state.js").State} State
 * @typedef {import("./experiment.js").Edits} Edits
 *
 * @typedef {object} Frame
 * @property {"frame"} kind
 * @property {number} step
 * @property {number} edits how many of the edits that were asked for are made
 * @property {boolean} isThere whether it is the step that was asked for, with all its edits
 * @property {string} problem why it cannot be, if there is a reason
 * @property {number} epoch how often it has gone through the samples: 1.5 is halfway through the second
 * @property {Float64Array} weights
 * @property {Float64Array} biases of all neurons
 * @property {Structure | null} structure of the net; null if it is that of the last frame
 * @property {{weights: Float64Array, biases: Float64Array} | null} firsts what weights and biases were when
 *   they were new; null if they are those of the last frame
 * @property {Settings} settings that the next step is taken with
 * @property {number | null} rate of the next step; null where the schedule gives none
 * @property {Told | null} rows that it learns from; null if they are those of the last frame
 * @property {number} since the step after which losses and rights are
 * @property {Float64Array} losses
 * @property {Float64Array} rights which share of each batch was predicted right; nan where numbers are
 * @property {Judged | null} heldOut null if there are no held-out samples
 * @property {import("./digest.js").Compared | null} compared with Python; null without digests
 * @property {number | null} differs the first step that differs from Python's
 * @property {import("./looking.js").Watched} [watched] what came of a condition that it looked for
 *
 * @typedef {object} Structure
 * @property {{id: number, neurons: number[], activation: string}[]} layers "" of the inputs
 * @property {Int32Array} start where the weights into each neuron after the inputs begin, and the end
 * @property {Int32Array} source the neuron that each weight comes from
 * @property {Int32Array} leaving all weights, those out of each neuron in the order of their attachment
 * @property {Uint8Array} fixedWeights 1 for those that training leaves alone
 * @property {Uint8Array} fixedBiases of all neurons
 * @property {Uint8Array} hasBias of all neurons
 *
 * @typedef {object} Settings
 * @property {number} rate before the schedule
 * @property {string} optimizer
 * @property {number} batch
 * @property {number} l1
 * @property {number} l2
 * @property {number} dropout
 * @property {number} dropconnect
 *
 * @typedef {object} Told
 * @property {number} count
 * @property {number} drawn how many of them, the last ones, are digits of the reader
 * @property {Float64Array | null} inputs of points in a plane, in the units of their table
 * @property {Float64Array | null} targets of these, one number an output
 *
 * @typedef {{outputs: Float64Array, loss: number, accuracy: number | null, areLearned: boolean}} Judged
 *   `areLearned`: of the samples that it learns from
 */

import { judge } from "./judging.js";
import { forward, State as Neurons } from "./passes.js";
import { neuronAt, weightBetween } from "./state.js";

const MOST_JUDGED = 1000; // samples that it learns from

/** Makes frames of a training, with what has changed since the last one. */
export class Framer {
  #sent = /** @type {Record<string, unknown>} */ ({});

  /** @param {Replay} replay @param {Samples | null} heldOut */
  constructor(replay, heldOut) {
    this.replay = replay;
    this.heldOut = heldOut;
    this.firstRows = replay.training.rows;
  }

  /** @param {Edits} edits that were asked for @param {boolean} isThere @param {number} since
   * @returns {Frame}
   */
  frame(edits, isThere, since) {
    const { replay } = this;
    const { training, step, comparison } = replay;
    const { weights, biases } = training.numbers;
    return {
      ...{ kind: "frame", step, edits: replay.edits.length, isThere, problem: replay.problem },
      epoch: training.epoch,
      weights: weights.slice(),
      biases: biases.slice(),
      structure: this.#structure(),
      firsts: this.#isNews({ firsts: training.firsts }) ? training.firsts : null,
      settings: this.#settings(),
      rate: this.#rate(),
      rows: this.#rows(),
      ...{ since, ...replay.curve(edits, since, step) },
      heldOut: this.#judgedSamples(),
      compared: comparison && replay.edits.length === 0 ? comparison.found : null,
      differs: comparison ? comparison.differs : null,
    };
  }

  /** @returns {Structure | null} */
  #structure() {
    const { structure, engine } = this.replay.training;
    const { weights, biases } = engine.lists;
    if (!this.#isNews({ structure, weights: weights.fixed, biases: biases.fixed })) return null;
    const { graph, layers, ids, hasBias } = structure;
    return {
      layers: layers.map((id, l) => ({
        ...{ id, neurons: ids[l] },
        activation: l ? graph.layers[l - 1].activation.name : "",
      })),
      start: graph.start,
      source: graph.source,
      leaving: Int32Array.from(graph.leaving.flatMap((each) => Array.from(each))),
      fixedWeights: weights.fixed ?? new Uint8Array(graph.weights),
      fixedBiases: biases.fixed ?? new Uint8Array(graph.neurons),
      hasBias,
    };
  }

  /** @returns {number | null} */
  #rate() {
    try {
      return this.replay.training.progress.rateOf(this.replay.step + 1);
    } catch {
      return null;
    }
  }

  /** @returns {Settings} */
  #settings() {
    const { options, formulas, progress } = this.replay.training;
    const { batch_size: batch, l1, l2, dropout, dropconnect } = options;
    const rate = progress.givenRate(this.replay.step + 1);
    return { rate, optimizer: formulas.optimizer.name, batch, l1, l2, dropout, dropconnect };
  }

  /** @returns {Told | null} */
  #rows() {
    const { rows } = this.replay.training;
    if (!this.#isNews({ rows })) return null;
    const { count, drawn, kind, inputs, targets } = rows;
    const isPlane = kind.isPlane && inputs instanceof Float64Array;
    return { count, drawn, inputs: isPlane ? inputs : null, targets: isPlane ? targets : null };
  }

  /** Judge the held-out samples; where points of the plane were changed, the ones that it learns from.
   * @returns {Judged | null}
   */
  #judgedSamples() {
    const { rows } = this.replay.training;
    const areOther = rows !== this.firstRows && rows.kind.isPlane;
    if (areOther && rows.count <= MOST_JUDGED) return this.#judged(rows.samples, true);
    return this.heldOut && this.#judged(this.heldOut, false);
  }

  /** @param {Samples} samples @param {boolean} areLearned @returns {Judged} */
  #judged(samples, areLearned) {
    const { engine, targetKind } = this.replay.training;
    const outputs = new Float64Array(samples.count * samples.outputs);
    const judged = (/** @type {number} */ k) => {
      const found = engine.judged(samples, k);
      outputs.set(found.values, k * samples.outputs);
      return found;
    };
    return { ...judge(samples, judged, targetKind !== "number"), outputs, areLearned };
  }

  /** Whether any of some things is another one than the last time. @param {Record<string, unknown>} things */
  #isNews(things) {
    const isNews = Object.entries(things).some(([name, thing]) => this.#sent[name] !== thing);
    Object.assign(this.#sent, things);
    return isNews;
  }
}

/** A weight, or the value of a neuron for a sample, in each of some states; nan where it is not there.
 * @param {State[]} states
 * @param {{weight?: [[number, number], [number, number]], neuron?: [number, number],
 *   sample?: Float64Array}} which ids of the ends of a weight; or of a neuron, and inputs of the net
 */
export function history(states, { weight, neuron, sample }) {
  const numbers = states.map(({ structure, numbers }) => {
    try {
      if (weight) return numbers.weights[weightBetween(structure, ...weight)];
      if (!neuron || !sample) return NaN;
      const found = neuronAt(structure, neuron);
      const neurons = new Neurons(structure.graph);
      neurons.value.set(sample.subarray(0, structure.graph.inputs));
      forward(structure.graph, numbers, neurons);
      return neurons.value[found];
    } catch {
      return NaN;
    }
  });
  return { steps: Float64Array.from(states, ({ step }) => step), numbers: Float64Array.from(numbers) };
}
