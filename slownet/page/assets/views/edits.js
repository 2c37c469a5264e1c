/** Edits in words. */

import { tabled } from "../numbers.js";

/** @typedef {import("../engine/experiment.js").Edit} Edit
 * @typedef {import("../engine/experiment.js").Arguments} Arguments
 * @typedef {import("../engine/experiment.js").Value} Value
 */

/** @type {{[K in keyof Arguments]: (...args: Arguments[K]) => string}} */
const WORDS = {
  rate: (rate) => `learning rate ${tabled(rate)}`,
  optimizer: (name) => `optimizer ${name}`,
  batch: (size) => `batches of ${size}`,
  l1: (strength) => `l1 ${tabled(strength)}`,
  l2: (strength) => `l2 ${tabled(strength)}`,
  dropout: (share) => `dropout ${tabled(share)}`,
  dropconnect: (share) => `dropconnect ${tabled(share)}`,
  activation: (layer, name) => `layer ${layer}: ${name}`,
  add: (layer) => `a neuron more in layer ${layer}`,
  remove: (layer, neuron) => `neuron ${layer}.${neuron} removed`,
  layer: (after, size, name) => `a layer of ${size} ${name} behind layer ${after}`,
  unlayer: (layer) => `layer ${layer} removed`,
  cut: (from, to) => `weight ${ends(from, to)} removed`,
  freeze: (from, to) => `weight ${ends(from, to)} frozen`,
  thaw: (from, to) => `weight ${ends(from, to)} no longer frozen`,
  set: (from, to, value) => `weight ${ends(from, to)} set to ${tabled(value)}`,
  bias: (neuron, value) => `bias of ${neuron.join(".")} set to ${tabled(value)}`,
  seed: (seed) => `seed ${seed}`,
  point: (x, y, wanted) => `a point of class ${wanted} at ${tabled(x, 3)}, ${tabled(y, 3)}`,
  move: (k) => `point ${k + 1} moved`,
  erase: (k) => `point ${k + 1} erased`,
  noise: (amount) => `noise ${tabled(amount)}`,
  data: (name) => `data ${name}`,
  digit: (wanted) => `a digit of the reader's: ${wanted}`,
  undigit: (k) => `digit ${k + 1} of the reader's taken back`,
};

/** What an edit changes. @param {Edit} edit */
export function inWords({ kind, args }) {
  return /** @type {Record<string, (...args: Value[]) => string>} */ (WORDS)[kind](...args);
}

/** @param {number[]} from @param {number[]} to */
function ends(from, to) {
  return `${from.join(".")} → ${to.join(".")}`;
}
