/**
 * The frames of a training: its numbers at moments that can be shown. A frame is named by a number, which
 * is a place among the snapshots (`Recorded`), or the step (`Live`).
 *
 * @typedef {import("./payload.js").Rounded | import("./payload.js").Exact} Packed numbers of all frames
 *
 * @typedef {object} Measure a number that the bar shows
 * @property {"loss" | "accuracy"} which
 * @property {number} value
 * @property {string} of which samples
 * @property {string} name what it is, in full
 *
 * @typedef {object} Judging the samples that are judged in every frame; `count` is 0 if there are none
 * @property {number} count
 * @property {number} all how many there were to choose from
 * @property {import("./facts.d.ts").HeldOut["kind"] | "points"} kind
 * @property {string} target_kind "number" for numbers, otherwise "class"
 *
 * @typedef {object} Judgement of a frame
 * @property {ArrayLike<number>} decided the class of each sample
 * @property {ArrayLike<number>} predicted the numbers of each sample
 * @property {Float64Array | Int32Array | number[]} truth the classes, or the numbers
 *
 * @typedef {Required<Pick<import("./payload.js").Arrays, "decided" | "truth" | "predicted" | "true_values">>}
 *   Predictions of all frames
 *
 * @typedef {object} Frames
 * @property {number} count how many there are, up to the last one
 * @property {number} last the last frame, to which scales are fitted
 * @property {boolean} grows whether more frames can come, so that scales have to grow
 * @property {boolean} hasRemoved whether neurons are missing in some frames
 * @property {(frame: number) => number} stepOf
 * @property {(frame: number) => number} epochOf
 * @property {(frame: number) => number} before the frame before one
 * @property {(frame: number) => boolean} goesOn whether a step was taken after a frame
 * @property {(frame: number) => number | null} rateOf the learning rate of the step after a frame, or of the
 *   last step; null if it is not known
 * @property {(frame: number) => Measure[]} measures
 * @property {import("./facts.d.ts").Config} config the options that the next step is taken with
 * @property {import("./engine/experiment.js").Edits} edits that the reader has made
 * @property {number | null} start the step that training begins after here; null where it does not
 * @property {number} [samples] how many it learns from
 * @property {Judging} judging
 * @property {(frame: number) => Judgement} judged
 * @property {import("./types.d.ts").Points} points that are drawn on the plane
 * @property {(weight: number) => number | null} digits
 * @property {(frame: number) => Float64Array} weights
 * @property {(frame: number, weight: number) => number} weight
 * @property {(frame: number, neuron: number) => number} bias
 * @property {(frame: number, weight: number) => boolean} isGone
 * @property {(frame: number, weight: number) => boolean} isFrozen
 * @property {(frame: number, neuron: number) => boolean} isBiasFrozen
 * @property {(frame: number, neuron: number) => boolean} hasBias
 * @property {(frame: number, neuron: number) => boolean} isRemoved
 */

import { classesOf, HeldOut } from "./heldout.js";
import { say } from "./language.js";
import { isWeighted, ofBatches } from "./training.js";

const KEPT = 5; // frames whose weights stay in memory

/** The snapshots of a page. @implements {Frames} */
export class Recorded {
  /** @param {import("./net.js").Net} net whose snapshots they are @param {import("./payload.js").Arrays} arrays */
  constructor(net, arrays) {
    this.net = net;
    this.arrays = arrays;
    this.count = net.facts.frames;
    this.last = this.count - 1;
    this.grows = false;
    this.hasRemoved = Boolean(arrays.removed);
    this.parts = net.layers.slice(1).map(({ id }) => /** @type {Packed} */ (arrays[`weights ${id}`]));
    this.recent = /** @type {Map<number, Float64Array>} */ (new Map());
    this.start = /** @type {number | null} */ (null);
    this.edits = /** @type {import("./engine/experiment.js").Edits} */ ([]);
    this.heldOut = HeldOut.of(net, arrays);
  }

  get config() {
    return this.net.facts.training.config;
  }

  /** @param {number} frame */
  stepOf(frame) {
    return this.net.facts.training.steps[frame];
  }

  /** @param {number} frame */
  epochOf(frame) {
    return this.net.facts.training.epochs[frame];
  }

  /** @param {number} frame */
  before(frame) {
    return Math.max(0, frame - 1);
  }

  /** @param {number} frame */
  goesOn(frame) {
    return this.stepOf(frame) < this.net.facts.training.last;
  }

  /** @param {number} frame @returns {number | null} */
  rateOf(frame) {
    return this.net.facts.training.rates?.[frame] ?? null;
  }

  /** @param {number} frame @returns {Measure[]} */
  measures(frame) {
    if (this.heldOut) return this.heldOut.measures(frame);
    const { facts } = this.net;
    const curves = facts.curves.filter(({ role }) => role === "now");
    const isAlone = curves.length === 1; // otherwise the loss is of the same samples as the accuracy
    return curves.map((curve) => {
      const value = /** @type {Float64Array} */ (this.arrays[curve.array])[frame];
      const isNamed = isAlone || curve.which === "accuracy";
      const of = isNamed ? sampledBy(curve, facts, frame, value) : "";
      const what = curve.batches ? "training" : "watched";
      const name = say(`measure.${what}.${curve.which}`, { count: facts.watched });
      return { which: curve.which, value, of, name };
    });
  }

  get points() {
    const { facts, samples, targets } = this.net;
    return { count: facts.samples.length, inputs: samples, targets };
  }

  /** @returns {Judging} */
  get judging() {
    if (this.heldOut) return this.heldOut.judging;
    const { judged, watched } = this.net.facts;
    return { count: 0, target_kind: "class", ...judged, all: watched, kind: "watched" };
  }

  /** @param {number} frame @returns {Judgement} */
  judged(frame) {
    if (this.heldOut) {
      const { outputs } = this.heldOut.in(frame);
      return {
        decided: classesOf(outputs, this.net.facts),
        predicted: outputs,
        truth: this.heldOut.truth,
      };
    }
    const { decided, truth, predicted, true_values: numbers } = /** @type {Predictions} */ (this.arrays);
    const { count, target_kind: kind } = this.judging;
    if (kind === "number") {
      const found = new Float64Array(predicted.count);
      predicted.copy(frame, found, 0);
      return { decided: [], predicted: found, truth: numbers };
    }
    return { decided: decided.subarray(frame * count, (frame + 1) * count), predicted: [], truth };
  }

  /** @param {number} weight */
  digits(weight) {
    return this.parts[this.net.layerOf[this.net.target[weight]] - 1].digits;
  }

  /** @param {number} frame @returns {Float64Array} */
  weights(frame) {
    let numbers = this.recent.get(frame);
    if (numbers === undefined) {
      numbers = new Float64Array(this.net.source.length);
      let start = 0;
      for (const part of this.parts) {
        part.copy(frame, numbers, start);
        start += part.count;
      }
      for (let w = 0; w < numbers.length; w += 1) if (this.isGone(frame, w)) numbers[w] = 0;
      if (this.recent.size >= KEPT) {
        this.recent.delete(/** @type {number} */ ([...this.recent.keys()].find((each) => each !== 0)));
      }
      this.recent.set(frame, numbers);
    }
    return numbers;
  }

  /** @param {number} frame @param {number} weight @returns {number} */
  weight(frame, weight) {
    if (this.isGone(frame, weight)) return 0;
    const { net } = this;
    const l = net.layerOf[net.target[weight]];
    return this.parts[l - 1].at(frame, weight - net.first(net.begins[l]));
  }

  /** @param {number} frame @param {number} neuron @returns {number} */
  bias(frame, neuron) {
    return /** @type {Packed} */ (this.arrays.biases).at(frame, neuron - this.net.inputs);
  }

  /** @param {number} frame @param {number} weight */
  isGone(frame, weight) {
    return isSet(this.arrays.gone, frame, weight, this.net.source.length);
  }

  /** @param {number} frame @param {number} weight */
  isFrozen(frame, weight) {
    return isSet(this.arrays.frozen, frame, weight, this.net.source.length);
  }

  /** @param {number} frame @param {number} neuron */
  isBiasFrozen(frame, neuron) {
    return this.#isMarked("frozen biases", frame, neuron);
  }

  /** @param {number} frame @param {number} neuron */
  hasBias(frame, neuron) {
    return !this.#isMarked("without bias", frame, neuron);
  }

  /** @param {number} frame @param {number} neuron */
  isRemoved(frame, neuron) {
    return this.#isMarked("removed", frame, neuron);
  }

  /** @param {"frozen biases" | "without bias" | "removed"} name of bits @param {number} frame
   * @param {number} neuron after the inputs
   */
  #isMarked(name, frame, neuron) {
    const { inputs, neurons } = this.net;
    return isSet(this.arrays[name], frame, neuron - inputs, neurons - inputs);
  }
}

/** Whether a bit of a frame is set, of so many a frame.
 * @param {Uint8Array | undefined} bits @param {number} frame @param {number} place @param {number} count
 */
function isSet(bits, frame, place, count) {
  if (!bits) return false;
  return ((bits[frame * Math.ceil(count / 8) + (place >> 3)] >> (place & 7)) & 1) === 1;
}

/** The samples that a number of the bar is of. @param {import("./facts.d.ts").Curve} curve
 * @param {import("./facts.d.ts").Facts} facts @param {number} frame
 * @param {number} number
 */
function sampledBy(curve, facts, frame, number) {
  if (curve.batches) {
    const steps = Math.max(1, facts.training.steps[frame] - (curve.start ?? 0));
    const batches = Math.min(curve.batches, steps);
    const areWeighted = curve.which === "loss" && isWeighted(facts.training.config);
    return ofBatches(batches, curve.size, areWeighted);
  }
  const count = facts.watched;
  if (curve.which !== "accuracy") return say("bar.on.watched", { count });
  return say("bar.of.watched", { right: Math.round(number * count), count });
}
