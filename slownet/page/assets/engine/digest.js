/**
 * Digests of all bits of a training, compared with those that Python has written (`slownet/page/digests.py`).
 *
 * @typedef {import("./random.js").Key} Key
 * @typedef {import("./training.js").Training} Training
 *
 * @typedef {object} Digests that Python has written
 * @property {number} start the step that they begin after
 * @property {number} steps the last step
 * @property {[number, number, number][]} states steps, each with the halves of the digest of its state
 * @property {number} every of how many losses each number of `losses` is
 * @property {Int32Array} losses
 *
 * @typedef {object} Compared
 * @property {number} steps that were compared
 * @property {number} of how many
 * @property {number | null} first the first step that may differ; null if none does
 * @property {number | null} last the one that it is at the latest
 */

import { bits } from "./random.js";

const float = new Float64Array(1);
const half = new Int32Array(float.buffer); // little-endian, as every browser is

/** Random number i of the key that the bits of a number are. @param {number} number @param {number} i */
function drawn(number, i) {
  float[0] = Number.isNaN(number) ? 0 : number; // as where nothing is remembered
  return bits(half[1], half[0], i);
}

/** The digest of numbers: the sum of what `drawn` gives for each and its place, modulo 2^64.
 * @param {ArrayLike<number>[]} parts @returns {Key}
 */
export function digest(parts) {
  let high = 0;
  let low = 0;
  let place = 0;
  for (const part of parts) {
    for (let k = 0; k < part.length; k += 1) {
      const found = drawn(part[k], place);
      low += found[1];
      high = (high + found[0] + (low > 4294967295 ? 1 : 0)) % 4294967296;
      low %= 4294967296;
      place += 1;
    }
  }
  return [high, low];
}

/** The digest of a training's state: weights, biases, and what the optimizer remembers of each.
 * @param {Training} training
 */
export function digestOfState({ graph, numbers, memory }) {
  const { inputs } = graph;
  const parts = [numbers.weights, numbers.biases.subarray(inputs)];
  if (memory) {
    const { weights, biases } = memory;
    parts.push(weights.first, biases.first.subarray(inputs));
    parts.push(weights.second, biases.second.subarray(inputs));
  }
  return digest(parts);
}

/** Compares a training, step by step, with what Python has written of it. */
export class Comparison {
  /** @param {Digests} digests */
  constructor(digests) {
    this.digests = digests;
    this.states = new Map(digests.states.map(([step, high, low]) => [step, [high, low]]));
    /** the last step that was compared */
    this.step = digests.start;
    this.sum = 0; // of the digests of losses that one number stands for
    /** the first step in which something differs */
    this.differs = /** @type {number | null} */ (null);
  }

  /** Compare the last step of a training. @param {Training} training @param {number} loss of that step */
  see(training, loss) {
    const { start, every, losses, steps } = this.digests;
    const { step } = training;
    if (step !== this.step + 1 || step > steps || this.differs !== null) return;
    this.step = step;
    this.sum = (this.sum + drawn(loss, step)[1]) | 0;
    const done = step - start;
    if (done % every === 0 || step === steps) {
      if (this.sum !== losses[Math.ceil(done / every) - 1]) this.differs = step;
      this.sum = 0;
    }
    const state = this.states.get(step);
    if (state && this.differs === null) {
      const [high, low] = digestOfState(training);
      if (high !== state[0] || low !== state[1]) this.differs = step;
    }
  }

  /** How many steps were compared, and which of them differs. @returns {Compared} */
  get found() {
    const { start, steps, every } = this.digests;
    const last = this.differs;
    const first = last === null ? null : Math.max(start + 1, last - every + 1);
    return { steps: this.step - start, of: steps - start, first, last };
  }
}
