/** Initial weights, as `Initializer.draw` of Python draws them. */

import { normal, uniform } from "./random.js";

/**
 * @typedef {object} Initializer translated from Python
 * @property {string} distribution "normal", "uniform" or "constant"
 * @property {number} centre
 * @property {(fanIn: number, fanOut: number) => number} spread
 */

/** Weight i of a place: `centre + spread * draw`.
 * @param {{distribution: string, centre: number, spread: number}} how
 * @param {import("./random.js").Key} place @param {number} i source * fan_out + target
 * @param {import("./random.js").Normal} coefficients
 */
export function drawnWeight({ distribution, centre, spread }, place, i, coefficients) {
  let number = 1;
  if (distribution === "normal") number = normal(place, i, coefficients);
  if (distribution === "uniform") number = 2 * uniform(place, i) - 1;
  return centre + spread * number;
}

/** What draws the weights between two layers: from a source to a target, by their places there.
 * @param {Initializer} initializer @param {import("./random.js").Key} place
 * @param {number} fanIn @param {number} fanOut @param {import("./random.js").Normal} coefficients
 */
export function drawing({ distribution, centre, spread }, place, fanIn, fanOut, coefficients) {
  const how = { distribution, centre, spread: spread(fanIn, fanOut) };
  return (/** @type {number} */ source, /** @type {number} */ target) =>
    drawnWeight(how, place, source * fanOut + target, coefficients);
}
