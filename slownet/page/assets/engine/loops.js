/**
 * Loops over numbers that call a formula for each.
 *
 * Python writes a copy of these functions for every formula: a loop that always calls the same one is
 * compiled together with it, which takes a third of the time.
 */

/**
 * Where a step writes, so that one that fails changes nothing.
 * @typedef {{values: Float64Array, first: Float64Array, second: Float64Array}} Next
 * @typedef {(values: Float64Array, gradients: Float64Array, first: Float64Array, second: Float64Array,
 *   fixed: Uint8Array | null, rate: number, constants: number[], next: Next) => void} Move
 * @typedef {(values: Float64Array, gradients: Float64Array, fixed: Uint8Array | null,
 *   strength: number) => void} Penalise
 */

/** Return the loop that moves all numbers by the rule of an optimizer.
 * @param {import("./parameters.js").Rule} rule @returns {Move}
 */
export function movedBy(rule) {
  return (values, gradients, first, second, fixed, rate, constants, next) => {
    for (let i = 0; i < values.length; i += 1) {
      if (fixed !== null && fixed[i] !== 0) {
        next.values[i] = values[i];
        next.first[i] = first[i];
        next.second[i] = second[i];
        continue;
      }
      const moved = rule(values[i], gradients[i], first[i], second[i], rate, constants);
      next.values[i] = moved[0];
      next.first[i] = moved[1];
      next.second[i] = moved[2];
    }
  };
}

/** Return the loop that adds the derivative of a penalty to all gradients.
 * @param {(weight: number) => number} derivative @returns {Penalise}
 */
export function penalisedBy(derivative) {
  return (values, gradients, fixed, strength) => {
    for (let i = 0; i < values.length; i += 1) {
      if (fixed === null || fixed[i] === 0) gradients[i] += strength * derivative(values[i]);
    }
  };
}
