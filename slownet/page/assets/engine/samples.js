/**
 * Samples and targets as numbers of the net, and which of them each step learns from.
 *
 * What `slownet/samples/inputs.py` and `batches.py` are in Python.
 */

import { appended } from "./growing.js";
import { key, permutation, USE } from "./random.js";

/** Samples with their targets; of the inputs only those that are not 0 are kept. */
export class Samples {
  /**
   * @param {ArrayLike<number>} inputs of all samples, one after the other
   * @param {number} width the number of inputs
   * @param {(number: number, i: number) => number} prepared what the net gets for a number of input i
   * @param {Float64Array} targets one number an output
   * @param {number} outputs
   * @param {Float64Array | null} weights what the loss of each counts; null if all count the same
   */
  constructor(inputs, width, prepared, targets, outputs, weights = null) {
    this.count = inputs.length / width;
    this.width = width;
    this.targets = targets;
    this.outputs = outputs;
    this.weights = weights;
    let found = 0;
    for (let k = 0; k < inputs.length; k += 1) if (prepared(inputs[k], k % width) !== 0) found += 1;
    /** where the inputs of each sample begin in `index` and `values`, and where the last ones end */
    this.start = new Uint32Array(this.count + 1);
    this.index = new Uint32Array(found);
    this.values = new Float64Array(found);
    this.largest = 0;
    this.#list(inputs, prepared);
  }

  /** @param {ArrayLike<number>} inputs @param {(number: number, i: number) => number} prepared */
  #list(inputs, prepared) {
    const { width, count, start, index, values } = this;
    let at = 0;
    for (let sample = 0; sample < count; sample += 1) {
      for (let i = 0; i < width; i += 1) {
        const number = prepared(inputs[sample * width + i], i);
        if (number === 0) continue;
        index[at] = i;
        values[at] = number;
        at += 1;
        this.largest = Math.max(this.largest, Math.abs(number));
      }
      start[sample + 1] = at;
    }
  }

  /** With one more sample. @param {Float64Array} inputs of it @param {Float64Array} targets of all
   * @param {Float64Array | null} weights of all
   * @returns {Samples}
   */
  appended(inputs, targets, weights) {
    const places = Uint32Array.from(inputs.keys()).filter((i) => inputs[i] !== 0);
    const values = Float64Array.from(places, (i) => inputs[i]);
    const found = Object.assign(Object.create(Samples.prototype), this, { targets, weights });
    found.count += 1;
    found.index = appended(this.index, places);
    found.values = appended(this.values, values);
    found.start = appended(this.start, [this.start[this.count] + places.length]);
    for (const value of values) found.largest = Math.max(found.largest, Math.abs(value));
    return found;
  }

  /** Write the inputs of a sample. @param {number} sample @param {Float64Array} into */
  copy(sample, into) {
    into.fill(0, 0, this.width);
    const end = this.start[sample + 1];
    for (let p = this.start[sample]; p < end; p += 1) into[this.index[p]] = this.values[p];
  }

  /** @param {number} sample */
  targetsOf(sample) {
    return this.targets.subarray(sample * this.outputs, (sample + 1) * this.outputs);
  }

  /** What the loss of a sample counts. @param {number} sample */
  weightOf(sample) {
    return this.weights === null ? 1 : this.weights[sample];
  }
}

/** All samples in a random order every epoch, `size` at a time. */
export class Batches {
  /** @param {Samples} samples @param {number} size @param {boolean} shuffle
   * @param {import("./random.js").Key} seed
   */
  constructor(samples, size, shuffle, seed) {
    this.samples = samples;
    this.size = size;
    this.shuffle = shuffle;
    this.seed = seed;
    this.perEpoch = Math.ceil(samples.count / size);
    this.epoch = 0;
    this.order = new Uint32Array(0);
  }

  /** The samples of a step, which counts from 1. @param {number} step */
  at(step) {
    const place = (step - 1) % this.perEpoch;
    const epoch = (step - 1 - place) / this.perEpoch + 1;
    if (epoch !== this.epoch) {
      const { count } = this.samples;
      this.order = this.shuffle
        ? permutation(key(this.seed, USE.shuffle, epoch), count)
        : Uint32Array.from({ length: count }, (_, k) => k);
      this.epoch = epoch;
    }
    return this.order.subarray(place * this.size, (place + 1) * this.size);
  }

  /** The sum of the weights of samples, by which the sum of their losses is divided.
   * @param {Uint32Array} batch
   */
  weightOf(batch) {
    const { weights } = this.samples;
    if (weights === null) return batch.length;
    let sum = 0;
    for (const sample of batch) sum += weights[sample];
    return sum;
  }
}
