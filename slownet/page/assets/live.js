/** The frames of a training that goes on in the worker: as it is now, as it was painted before, at its start.
 *
 * @typedef {import("./engine/frame.js").Frame} Told
 * @typedef {import("./engine/experiment.js").Edits} Edits
 * @typedef {import("./frames.js").Measure} Measure
 */

import { parting } from "./progress.js";

/** @typedef {import("./frames.js").Frames} Frames */

/** @implements {Frames} */
export class Live {
  /**
   * @param {import("./net.js").Net} net @param {import("./progress.js").Progress} progress
   * @param {Told} told the frame to begin with, with all that frames hold @param {number} start step
   */
  constructor(net, progress, told, start) {
    this.net = net;
    this.progress = progress;
    this.told = told;
    this.start = start;
    this.firsts = told.firsts;
    /** what was shown before, if training went on from there
     * @type {Told | null} */
    this.previous = null;
    this.edits = /** @type {Edits} */ ([]); // that are made
    this.count = 1;
    this.grows = true;
    this.hasRemoved = false;
    /** of the weights and biases that training leaves alone */
    this.structure = told.structure;
  }

  /** Take over what the worker tells. @param {Told} told @param {Edits} edits of it */
  take(told, edits) {
    const made = edits.slice(0, told.edits);
    const parted = parting(made, this.edits);
    if (told.step < this.told.step || parted < this.told.step) this.previous = null;
    else if (told.step > this.told.step) this.previous = this.told;
    else if (parted < Infinity) this.previous = null;
    this.edits = made;
    this.told = told;
    this.firsts = told.firsts ?? this.firsts;
    this.structure = told.structure ?? this.structure;
  }

  get samples() {
    return this.progress.rows?.count;
  }

  /** The options that the next step is taken with. @returns {import("./facts.d.ts").Config} */
  get config() {
    const { config } = this.net.facts.training;
    const { rate, batch, l1, l2, dropout, dropconnect, optimizer } = this.told.settings;
    const changed = this.edits.some(({ kind }) => kind === "optimizer")
      ? { optimizer: { name: optimizer } }
      : {};
    return {
      ...{ ...config, ...changed, l1, l2, dropout, dropconnect },
      ...{ "learning_rate": rate, "batch_size": batch },
    };
  }

  get last() {
    return this.told.step;
  }

  /** The numbers of a frame that is shown or was shown before, or those that they were first.
   * @param {number} frame
   */
  #at(frame) {
    if (frame === this.told.step) return this.told;
    return (frame === this.previous?.step ? this.previous : this.firsts) ?? this.told;
  }

  /** @param {number} frame */
  stepOf(frame) {
    return frame;
  }

  epochOf() {
    return this.told.epoch + this.progress.epochsBefore;
  }

  before() {
    return this.previous?.step ?? this.told.step;
  }

  goesOn() {
    return true;
  }

  rateOf() {
    return this.told.rate;
  }

  /** @returns {Measure[]} */
  measures() {
    return this.progress.measures(this.told);
  }

  get points() {
    const { rows } = this.progress;
    const { inputs, targets, count } = rows ?? { count: 0, inputs: null, targets: null };
    if (inputs === null || targets === null) {
      return { count: 0, inputs: new Float64Array(), targets: new Float64Array() };
    }
    return { count, inputs, targets: this.net.preparation.preparedTargets(targets) };
  }

  get judging() {
    return this.progress.judging;
  }

  judged() {
    return this.progress.judged(this.told);
  }

  digits() {
    return null;
  }

  /** @param {number} frame */
  weights(frame) {
    return this.#at(frame).weights;
  }

  /** @param {number} frame @param {number} weight */
  weight(frame, weight) {
    return this.#at(frame).weights[weight];
  }

  /** @param {number} frame @param {number} neuron */
  bias(frame, neuron) {
    return this.#at(frame).biases[neuron];
  }

  isGone() {
    return false;
  }

  /** @param {number} _ @param {number} weight */
  isFrozen(_, weight) {
    return this.structure?.fixedWeights[weight] === 1;
  }

  /** @param {number} _ @param {number} neuron */
  isBiasFrozen(_, neuron) {
    return this.structure?.fixedBiases[neuron] === 1 && this.hasBias(_, neuron);
  }

  /** @param {number} _ @param {number} neuron */
  hasBias(_, neuron) {
    return this.structure?.hasBias[neuron] !== 0;
  }

  isRemoved() {
    return false;
  }
}

/** A neuron or a weight of one net in another; null if it is not there, or layers were added or removed.
 * @param {import("./types.d.ts").Chosen} thing @param {import("./net.js").Net} from
 * @param {import("./net.js").Net} to @returns {import("./types.d.ts").Chosen}
 */
export function carriedThing(thing, from, to) {
  if (!thing || from.layers.length !== to.layers.length) return null;
  const [before, after] = [from, to].map(namesOf);
  const found = (/** @type {number} */ neuron) => after.indexOf(before[neuron]);
  if (thing.weight === undefined) {
    const neuron = found(thing.neuron);
    return neuron < 0 ? null : { neuron };
  }
  const [source, target] = [found(from.source[thing.weight]), found(from.target[thing.weight])];
  const weight = to.source.findIndex((each, w) => each === source && to.target[w] === target);
  return weight < 0 ? null : { weight };
}

/** What the neurons of a net are called in all of its frames. @param {import("./net.js").Net} net */
function namesOf(net) {
  return Array.from({ length: net.neurons }, (_, n) => net.idsOf(n).join("."));
}
