/** The frames of a training that goes on in the worker: as it is now, as it was painted before, at its start.
 *
 * @typedef {import("./engine/frame.js").Frame} Told
 * @typedef {import("./frames.js").Measure} Measure
 */

/** Numbers of a net at a step. @typedef {{step: number, weights: Float64Array, biases: Float64Array}} Moment */

/** @typedef {import("./frames.js").Frames} Frames */

/** @implements {Frames} */
export class Live {
  /**
   * @param {import("./net.js").Net} net @param {import("./progress.js").Progress} progress
   * @param {Told} told the frame to begin with @param {Moment} first the numbers of the first step
   */
  constructor(net, progress, told, first) {
    this.net = net;
    this.progress = progress;
    this.told = told;
    this.first = first;
    /** @type {Moment} */
    this.previous = told;
    this.count = 1;
    this.grows = true;
    this.hasRemoved = false;
    /** of the weights and biases that training leaves alone */
    this.structure = told.structure;
  }

  /** Take over what the worker tells. @param {Told} told */
  take(told) {
    if (told.step !== this.told.step) this.previous = this.told;
    this.told = told;
    this.structure = told.structure ?? this.structure;
  }

  get last() {
    return this.told.step;
  }

  /** @param {number} frame @returns {Moment} */
  #at(frame) {
    if (frame === this.told.step) return this.told;
    return frame === this.previous.step ? this.previous : this.first;
  }

  /** @param {number} frame */
  stepOf(frame) {
    return frame;
  }

  epochOf() {
    return this.told.epoch;
  }

  before() {
    return this.previous.step;
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

/** The numbers of one net for the weights and neurons of another: 0 for those that it has not.
 * @param {Moment} moment @param {import("./net.js").Net} from @param {import("./net.js").Net} to
 * @returns {Moment}
 */
export function carried(moment, from, to) {
  const neurons = new Map(Array.from(namesOf(from), (name, n) => [name, n]));
  const place = Array.from(namesOf(to), (name) => neurons.get(name) ?? -1);
  const weights = new Map();
  for (let w = 0; w < from.source.length; w += 1) {
    weights.set(from.source[w] * from.neurons + from.target[w], moment.weights[w]);
  }
  return {
    step: moment.step,
    weights: Float64Array.from(
      to.source,
      (source, w) => weights.get(place[source] * from.neurons + place[to.target[w]]) ?? 0,
    ),
    biases: Float64Array.from(place, (n) => n < 0 ? 0 : moment.biases[n]),
  };
}

/** A neuron or a weight of one net in another; null if it is not there, or layers were added or removed.
 * @param {import("./types.d.ts").Chosen} thing @param {import("./net.js").Net} from
 * @param {import("./net.js").Net} to @returns {import("./types.d.ts").Chosen}
 */
export function carriedThing(thing, from, to) {
  if (!thing || from.layers.length !== to.layers.length) return null;
  const [before, after] = [[...namesOf(from)], [...namesOf(to)]];
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
function* namesOf({ layers }) {
  for (const { id, neurons } of layers) for (const neuron of neurons) yield `${id}.${neuron}`;
}
