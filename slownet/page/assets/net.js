/** The net in the page, in every snapshot; the engine's passes go through it. */

import { answersSeveral } from "./engine/judging.js";
import { backward, forward, State } from "./engine/passes.js";
import { Preparation } from "./preparation.js";

/** @typedef {import("./engine/graph.js").Graph} Graph */

/**
 * The state of every neuron for one sample; input neurons come first and have no z and no delta.
 * @typedef {{frame: number, sample: Float64Array, state: State, z: Float64Array, value: Float64Array,
 *   slope: Float64Array, delta: Float64Array | null, target: Float64Array | null, loss: number,
 *   raw?: Float64Array, keep?: Float64Array | null, keepWeights?: Float64Array | null,
 *   isEmpty?: boolean}} Pass `sample` is in the table's own units, all others are numbers of the net;
 *   `raw`, `keep`, `keepWeights`: in a step with dropout or dropconnect, values before it and what was drawn;
 *   `isEmpty`: there is no sample, and zeros stand in its place
 */

/**
 * How the delta of a neuron comes about. Without a slope it is `value - target`. Otherwise it is
 * `slope * derivative`, or with an activation of a whole layer `value * (slope - mean)`.
 * @typedef {object} Derivation
 * @property {number} delta
 * @property {number} value before dropout
 * @property {number | null} target of an output
 * @property {{weight: number, factors: number[], product: number}[]} sent of a hidden neuron, the terms of
 *   its slope: weight * delta of the target
 * @property {number | null} keep by which the sum of `sent` is multiplied (dropout); null without it
 * @property {number | null} slope dloss/dvalue
 * @property {number | null} derivative f'(z)
 * @property {{neuron: number, factors: number[], product: number}[]} mixed the terms of the mean:
 *   value * slope of each neuron of the layer
 * @property {number | null} mean the mean slope of the layer, by the values
 */

export class Net {
  /**
   * @param {import("./facts.d.ts").Facts} facts of the training, from Python
   * @param {import("./payload.js").Arrays} arrays its numbers
   * @param {Graph} graph @param {import("./engine/passes.js").Loss} loss
   * @param {(net: Net) => import("./frames.js").Frames} framesOf makes the frames of this net
   */
  constructor(facts, arrays, graph, loss, framesOf) {
    this.facts = facts;
    this.arrays = arrays;
    this.activations = graph.layers.map((layer) => layer.activation);
    this.loss = loss;
    this.layers = facts.layers;
    this.graph = graph;
    this.begins = this.graph.begins;
    this.inputs = this.graph.inputs;
    this.neurons = this.graph.neurons;
    this.source = this.graph.source;
    this.target = this.graph.target;
    this.leaving = this.graph.leaving;
    this.layerOf = new Int32Array(this.neurons);
    this.layers.forEach((_, l) => this.layerOf.fill(l, this.begins[l], this.begins[l + 1]));
    this.preparation = new Preparation(facts);
    /** of the selectable samples, as outputs are compared with them; `arrays.targets` are the table's */
    this.targets = this.preparation.preparedTargets(arrays.targets);
    /** the selectable samples, in the table's own units, one after the other */
    this.samples = /** @type {Float64Array} */ (
      arrays.samples ?? Float64Array.from(arrays.pixels ?? [], (byte) => byte / 255)
    );
    this.ink = this.#inkOf();
    this.frames = framesOf(this);
  }

  /** The first weight into a neuron; `end` is the one after the last. @param {number} neuron */
  first(neuron) {
    return this.graph.first(neuron);
  }

  /** @param {number} neuron */
  end(neuron) {
    return this.graph.end(neuron);
  }

  /** What its numbers are named by. */
  get structure() {
    const { graph, layers } = this;
    return {
      graph,
      layers: layers.map(({ id }) => id),
      ids: layers.map(({ neurons }) => [...neurons]),
    };
  }

  /** The ids by which edits name a neuron: that of its layer, and its own.
   * @param {number} neuron @returns {[number, number]}
   */
  idsOf(neuron) {
    const l = this.layerOf[neuron];
    return [this.layers[l].id, this.layers[l].neurons[neuron - this.begins[l]]];
  }

  /** How many digits after the point of a weight are right; null if all bits are.
   * @param {number} weight
   */
  digits(weight) {
    return this.frames.digits(weight);
  }

  /** All weights of a frame; 0 for those that it has not. @param {number} frame @returns {Float64Array} */
  weights(frame) {
    return this.frames.weights(frame);
  }

  /** One weight in a frame. @param {number} frame @param {number} weight */
  weight(frame, weight) {
    return this.frames.weight(frame, weight);
  }

  /** @param {number} frame @param {number} neuron */
  bias(frame, neuron) {
    return this.frames.bias(frame, neuron);
  }

  /** @param {number} frame @param {number} weight */
  isGone(frame, weight) {
    return this.frames.isGone(frame, weight);
  }

  /** Whether training does not change a weight from a frame on. @param {number} frame @param {number} weight */
  isFrozen(frame, weight) {
    return this.frames.isFrozen(frame, weight);
  }

  /** The same for the bias of a neuron. @param {number} frame @param {number} neuron */
  isBiasFrozen(frame, neuron) {
    return this.frames.isBiasFrozen(frame, neuron);
  }

  /** @param {number} frame @param {number} neuron after the inputs */
  hasBias(frame, neuron) {
    return this.frames.hasBias(frame, neuron);
  }

  /** The neurons of a layer that the net had in a frame. @param {number} frame @param {number} l */
  present(frame, l) {
    const first = this.begins[l];
    return Array.from({ length: this.begins[l + 1] - first }, (_, k) => first + k).filter((n) =>
      !this.frames.isRemoved(frame, n)
    );
  }

  /** The graph of a frame: neurons that it lacks have no part in the activation of a whole layer.
   * @param {number} frame
   */
  graphIn(frame) {
    if (!this.frames.hasRemoved) return this.graph;
    return this.graph.among(this.layers.slice(1).map((_, l) => this.present(frame, l + 1)));
  }

  /** All biases of a frame, by neuron. @param {number} frame */
  biases(frame) {
    const biases = new Float64Array(this.neurons);
    for (let n = this.inputs; n < this.neurons; n += 1) biases[n] = this.bias(frame, n);
    return biases;
  }

  /** Send a sample through the net as it was in a frame.
   * @param {number} frame
   * @param {ArrayLike<number>} sample in the table's own units
   * @param {Float64Array} [weights] others than the frame's
   * @param {Float64Array} [biases]
   * @returns {Pass}
   */
  forward(frame, sample, weights = this.weights(frame), biases = this.biases(frame)) {
    const state = new State(this.graph);
    state.value.set(this.preparation.prepared(sample));
    forward(this.graphIn(frame), { weights, biases }, state);
    const { z, value, slope } = state;
    const own = Float64Array.from(sample);
    return { frame, sample: own, state, z, value, slope, delta: null, target: null, loss: NaN };
  }

  /** Find the loss of a pass, and every delta: dloss/dz.
   * @param {Pass} pass
   * @param {ArrayLike<number>} target one number an output
   * @param {Float64Array} [weights] others than the frame's
   * @returns {Pass}
   */
  backward(pass, target, weights = this.weights(pass.frame)) {
    const { state } = pass;
    const loss = backward(this.graphIn(pass.frame), { weights }, state, target, this.loss);
    return Object.assign(pass, { loss, delta: state.delta, target: Float64Array.from(target) });
  }

  /** How a delta comes about, in the numbers that it was computed from.
   * @param {Pass} pass that went backward @param {number} neuron after the inputs @returns {Derivation}
   */
  derivation(pass, neuron) {
    const { z, raw: value = pass.value, slope } = pass;
    const l = this.layerOf[neuron];
    const last = this.layers.length - 1;
    const isOutput = l === last;
    const found = {
      delta: pass.delta?.[neuron] ?? 0,
      value: value[neuron],
      target: isOutput ? pass.target?.[neuron - this.begins[last]] ?? null : null,
      sent: isOutput ? [] : this.#sent(pass, neuron),
      keep: isOutput ? null : pass.keep?.[neuron] ?? null,
      slope: isOutput && this.loss.partner ? null : slope[neuron],
      derivative: /** @type {number | null} */ (null),
      mixed: /** @type {Derivation["mixed"]} */ ([]),
      mean: /** @type {number | null} */ (null),
    };
    if (found.slope === null) return found;
    const activation = this.activations[l - 1];
    if (!activation.layerDeltas) {
      return { ...found, derivative: activation.derivative?.(z[neuron], value[neuron]) ?? 0 };
    }
    let mean = 0;
    for (let n = this.begins[l]; n < this.begins[l + 1]; n += 1) {
      const product = value[n] * slope[n];
      found.mixed.push({ neuron: n, factors: [value[n], slope[n]], product });
      mean += product;
    }
    return { ...found, mean };
  }

  /** The terms of a hidden neuron's slope. @param {Pass} pass @param {number} neuron */
  #sent(pass, neuron) {
    const weights = this.weights(pass.frame);
    return Array.from(this.leaving[neuron], (weight) => {
      const delta = pass.delta?.[this.target[weight]] ?? 0;
      const factors = [weights[weight], delta && delta * (pass.keepWeights?.[weight] ?? 1)];
      return { weight, factors, product: factors[0] * factors[1] };
    }).filter(({ weight, factors }) => factors[1] !== 0 && !this.isGone(pass.frame, weight));
  }

  /** What a weight is multiplied by: the value of its source, which dropconnect changes.
   * @param {Pass} pass @param {number} weight
   */
  entering({ value, keepWeights }, weight) {
    const number = value[this.source[weight]];
    return number && keepWeights ? number * keepWeights[weight] : number;
  }

  /** dloss/dweight: the delta of its target times what enters it.
   * @param {Pass} pass @param {number} weight
   */
  gradient(pass, weight) {
    const delta = pass.delta?.[this.target[weight]] ?? 0;
    const value = this.entering(pass, weight);
    return delta === 0 || value === 0 ? 0 : delta * value;
  }

  /** The pass of this sample after one step of plain descent on it alone; what is frozen stays.
   * @param {Pass} pass that went backward @param {number} rate @returns {Pass}
   */
  stepped(pass, rate) {
    const { frame } = pass;
    const weights = this.weights(frame).slice();
    const biases = this.biases(frame);
    for (let w = 0; w < weights.length; w += 1) {
      if (!this.isGone(frame, w) && !this.isFrozen(frame, w)) {
        weights[w] -= rate * this.gradient(pass, w);
      }
    }
    for (let n = this.inputs; n < this.neurons; n += 1) {
      if (this.hasBias(frame, n) && !this.isBiasFrozen(frame, n)) {
        biases[n] -= rate * (pass.delta?.[n] ?? 0);
      }
    }
    const after = this.forward(frame, pass.sample, weights, biases);
    return this.backward(after, pass.target ?? [], weights);
  }

  /** The smallest and the largest value that neurons of a layer can have; null where one is infinite.
   * @param {number} l @returns {number[] | null}
   */
  bounds(l) {
    const { range } = this.layers[l];
    return range.includes(null) ? null : /** @type {number[]} */ (range);
  }

  /** Whether neurons of a layer can have values below 0. @param {number} l */
  isSigned(l) {
    const [low] = this.layers[l].range;
    return low === null || low < 0;
  }

  /** The values of the output neurons. @param {Pass} pass */
  outputs(pass) {
    return pass.value.subarray(this.begins[this.layers.length - 1]);
  }

  /** What outputs are called, where they have names: classes, or what is predicted. @returns {string[]} */
  get outputNames() {
    const { target_kind: kind, classes } = this.facts;
    if (kind === "class") return classes;
    if (answersSeveral(this.facts)) return [];
    if (kind !== "number") return classes.slice(1, 2);
    const names = this.preparation.targets.map((each) => each.name);
    return names.some(Boolean) ? names : [];
  }

  /** The smallest and the largest pixel of an image, in the table's own units: without ink, and full of it.
   * @returns {[number, number]}
   */
  #inkOf() {
    let [low, high] = [Infinity, -Infinity];
    for (const each of this.preparation.isThere ? this.samples : []) {
      [low, high] = [Math.min(low, each), Math.max(high, each)];
    }
    return low < high ? [low, high] : [0, 1];
  }
}
