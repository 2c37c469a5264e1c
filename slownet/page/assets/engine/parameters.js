/**
 * Numbers that training changes, and how a step changes them: descent, penalties, clipping, optimizers.
 *
 * What `_optimize` of `slownet/engines/scalar.py` does with objects, and `passes.descend`.
 *
 * @typedef {object} Optimizer translated from Python
 * @property {string} name
 * @property {boolean} plain whether it is gradient descent without a memory
 * @property {Rule} rule
 * @property {import("./written.js").Written[] | null} written what the rule computes; null if that has no trees
 * @property {import("./loops.js").Move} move the loop that applies it
 * @property {(step: number) => number[]} constants of a step
 *
 * @typedef {(value: number, gradient: number, first: number, second: number, rate: number,
 *   constants: number[]) => number[]} Rule returns the new value, first and second number
 *
 * @typedef {object} Penalty translated from Python
 * @property {(weight: number) => number} derivative
 * @property {import("./loops.js").Penalise} penalise the loop that adds it
 *
 * @typedef {object} Change how a step changes numbers from their gradients
 * @property {Optimizer} optimizer
 * @property {number[]} constants of the step
 * @property {number} rate
 * @property {number} factor by which gradients are multiplied: 1 / the sum of the weights of the samples
 * @property {number | null} clipValue the largest gradient
 * @property {(gradient: number, largest: number) => number} clipped
 * @property {{penalty: Penalty, strength: number}[]} penalties on weights
 * @property {number} share of alpha that is the derivative of its penalty on a weight
 */

/** The numbers of one kind, weights or biases, with their gradients and what the optimizer remembers. */
export class Parameters {
  /**
   * @param {Float64Array} values
   * @param {Uint8Array | null} fixed 1 for those that training leaves alone; null if there are none
   * @param {boolean} remembers whether two more numbers are kept for each
   */
  constructor(values, fixed, remembers) {
    const { length } = values;
    const empty = () => /** @type {Float64Array} */ (new Float64Array(remembers ? length : 0));
    this.values = /** @type {Float64Array} */ (values);
    this.fixed = fixed;
    this.remembers = remembers;
    this.gradients = new Float64Array(length);
    this.first = empty();
    this.second = empty();
    this.means = empty(); // gradients
    /** @type {import("./loops.js").Next} */
    this.next = { values: new Float64Array(length), first: empty(), second: empty() };
    /** the values, and those of a step, as `sums.js` reads them */
    this.view = viewOf(values);
    this.nextView = viewOf(this.next.values);
  }

  /** Compute a step of plain gradient descent; return whether all numbers stay finite.
   * @param {number} rate @param {number} factor
   */
  descend(rate, factor) {
    const { values, gradients, fixed, next } = this;
    for (let i = 0; i < values.length; i += 1) {
      const moved = values[i] - rate * (factor * gradients[i]);
      next.values[i] = fixed !== null && fixed[i] !== 0 ? values[i] : moved;
    }
    return areFinite(next.values);
  }

  /** Compute a step of an optimizer; return whether all numbers stay finite.
   * @param {Change} change @param {boolean} arePenalised whether penalties apply
   */
  optimize({ optimizer, constants, rate, factor, clipValue, clipped, penalties, share }, arePenalised) {
    const { values, gradients, means, first, second, fixed, next } = this;
    for (let i = 0; i < values.length; i += 1) means[i] = factor * gradients[i];
    if (clipValue !== null) {
      for (let i = 0; i < means.length; i += 1) means[i] = clipped(means[i], clipValue);
    }
    if (arePenalised) {
      for (const { penalty, strength } of penalties) penalty.penalise(values, means, fixed, strength);
      if (share !== 0) { for (let i = 0; i < values.length; i += 1) means[i] += share * values[i]; }
    }
    optimizer.move(values, means, first, second, fixed, rate, constants, next);
    return areFinite(next.values);
  }

  /** Take over what a step has computed. */
  commit() {
    const { values, first, second, next } = this;
    [this.values, next.values] = [next.values, values];
    [this.view, this.nextView] = [this.nextView, this.view];
    if (!this.remembers) return;
    [this.first, next.first] = [next.first, first];
    [this.second, next.second] = [next.second, second];
  }
}

/** A view of all numbers of an array. @param {Float64Array} numbers */
export function viewOf({ buffer, byteOffset, byteLength }) {
  return new DataView(buffer, byteOffset, byteLength);
}

/** @param {Float64Array} numbers */
function areFinite(numbers) {
  let sum = 0;
  for (let i = 0; i < numbers.length; i += 1) sum += 0 * numbers[i]; // 0 times infinity is nan
  return sum === 0;
}
