/**
 * Numbers that training changes, and how a step changes them: descent, penalties, clipping, optimizers.
 *
 * What `_optimize` of `slownet/engines/scalar.py` does with objects, and `passes.descend`.
 *
 * @typedef {object} Optimizer translated from Python
 * @property {string} name
 * @property {boolean} plain whether it is gradient descent without a memory
 * @property {Rule} rule
 * @property {(step: number) => number[]} constants of a step
 *
 * @typedef {(value: number, gradient: number, first: number, second: number, rate: number,
 *   constants: number[]) => number[]} Rule returns the new value, first and second number
 *
 * @typedef {object} Change how a step changes numbers from their gradients
 * @property {Optimizer} optimizer
 * @property {number[]} constants of the step
 * @property {number} rate
 * @property {number} factor by which gradients are multiplied: 1 / the sum of the weights of the samples
 * @property {number | null} clipValue the largest gradient
 * @property {(gradient: number, largest: number) => number} clipped
 * @property {{derivative: (weight: number) => number, strength: number}[]} penalties on weights
 * @property {number} share of alpha that is the derivative of its penalty on a weight
 */

/** The numbers of one kind, weights or biases, with their gradients and what the optimizer remembers. */
export class Parameters {
  /**
   * @param {Float64Array} values
   * @param {Uint8Array | null} fixed 1 for those that training leaves alone; null if there are none
   * @param {boolean} remembers whether the optimizer keeps two numbers for each
   */
  constructor(values, fixed, remembers) {
    const { length } = values;
    this.values = /** @type {Float64Array} */ (values);
    this.fixed = fixed;
    this.remembers = remembers;
    this.gradients = new Float64Array(length);
    this.first = /** @type {Float64Array} */ (new Float64Array(remembers ? length : 0));
    this.second = /** @type {Float64Array} */ (new Float64Array(remembers ? length : 0));
    // a step writes here, so that one that fails changes nothing
    this.next = /** @type {{values: Float64Array, first: Float64Array, second: Float64Array}} */ ({
      values: new Float64Array(length),
      first: new Float64Array(remembers ? length : 0),
      second: new Float64Array(remembers ? length : 0),
    });
  }

  /** Compute a step of plain gradient descent; return whether all numbers stay finite.
   * @param {number} rate @param {number} factor
   */
  descend(rate, factor) {
    const { values, gradients, fixed, next } = this;
    let sum = 0; // finite as long as all numbers are: 0 times infinity is nan
    for (let i = 0; i < values.length; i += 1) {
      const moved = values[i] - rate * (factor * gradients[i]);
      const value = fixed !== null && fixed[i] !== 0 ? values[i] : moved;
      next.values[i] = value;
      sum += 0 * value;
    }
    return sum === 0;
  }

  /** Compute a step of an optimizer; return whether all numbers stay finite.
   * @param {Change} change @param {boolean} arePenalised whether penalties apply
   */
  optimize({ optimizer, constants, rate, factor, clipValue, clipped, penalties, share }, arePenalised) {
    const { values, gradients, first, second, fixed, remembers, next } = this;
    const { rule } = optimizer;
    for (let i = 0; i < values.length; i += 1) {
      if (fixed !== null && fixed[i] !== 0) {
        next.values[i] = values[i];
        if (remembers) {
          next.first[i] = first[i];
          next.second[i] = second[i];
        }
        continue;
      }
      let gradient = factor * gradients[i];
      if (clipValue !== null) gradient = clipped(gradient, clipValue);
      if (arePenalised) {
        for (const { derivative, strength } of penalties) gradient += strength * derivative(values[i]);
        if (share !== 0) gradient += share * values[i];
      }
      const moved = remembers
        ? rule(values[i], gradient, first[i], second[i], rate, constants)
        : rule(values[i], gradient, 0, 0, rate, constants);
      if (!Number.isFinite(moved[0])) return false;
      next.values[i] = moved[0];
      if (remembers) {
        next.first[i] = moved[1];
        next.second[i] = moved[2];
      }
    }
    return true;
  }

  /** Take over what a step has computed. */
  commit() {
    const { values, first, second, next } = this;
    [this.values, next.values] = [next.values, values];
    if (!this.remembers) return;
    [this.first, next.first] = [next.first, first];
    [this.second, next.second] = [next.second, second];
  }
}
