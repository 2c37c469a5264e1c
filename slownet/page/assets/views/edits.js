/** Edits in words. */

import { isText, say } from "../language.js";
import { tabled } from "../numbers.js";

/** @typedef {import("../engine/experiment.js").Edit} Edit
 * @typedef {import("../engine/experiment.js").Arguments} Arguments
 * @typedef {import("../engine/experiment.js").Value} Value
 */

/** @type {{[K in keyof Arguments]: (...args: Arguments[K]) => string}} */
const WORDS = {
  rate: (rate) => say("edit.rate", { rate: tabled(rate) }),
  optimizer: (name) => say("edit.optimizer", { name }),
  batch: (size) => say("edit.batch", { size }),
  l1: (strength) => say("edit.l1", { strength: tabled(strength) }),
  l2: (strength) => say("edit.l2", { strength: tabled(strength) }),
  dropout: (share) => say("edit.dropout", { share: tabled(share) }),
  dropconnect: (share) => say("edit.dropconnect", { share: tabled(share) }),
  activation: (layer, name) => say("edit.activation", { layer, name }),
  add: (layer) => say("edit.add", { layer }),
  remove: (layer, neuron) => say("edit.remove", { neuron: `${layer}.${neuron}` }),
  layer: (after, size, name) => say("edit.layer", { after, size, name }),
  unlayer: (layer) => say("edit.unlayer", { layer }),
  cut: (from, to) => say("edit.cut", { ends: ends(from, to) }),
  freeze: (from, to) => say("edit.freeze", { ends: ends(from, to) }),
  thaw: (from, to) => say("edit.thaw", { ends: ends(from, to) }),
  set: (from, to, value) => say("edit.set", { ends: ends(from, to), value: tabled(value) }),
  bias: (neuron, value) => say("edit.bias", { neuron: neuron.join("."), value: tabled(value) }),
  seed: (seed) => say("edit.seed", { seed: String(seed) }),
  point: (x, y, wanted) => say("edit.point", { wanted, x: tabled(x, 3), y: tabled(y, 3) }),
  move: (k) => say("edit.move", { place: k + 1 }),
  erase: (k) => say("edit.erase", { place: k + 1 }),
  noise: (amount) => say("edit.noise", { amount: tabled(amount) }),
  data: (name) => say("edit.data", { name: pointsOf(name) }),
  digit: (wanted) => say("edit.digit", { wanted }),
  undigit: (k) => say("edit.undigit", { place: k + 1 }),
};

/** What an edit changes. @param {Edit} edit */
export function inWords({ kind, args }) {
  return /** @type {Record<string, (...args: Value[]) => string>} */ (WORDS)[kind](...args);
}

/** What a set of points is called. @param {string} name as a data set of slownet */
export function pointsOf(name) {
  const key = `points.${name}`;
  return isText(key) ? say(key) : name;
}

/** @param {number[]} from @param {number[]} to */
function ends(from, to) {
  return `${from.join(".")} → ${to.join(".")}`;
}
