/** What each edit does to a training: `slownet/experiments/applying.py` in Python.
 *
 * @typedef {import("./experiment.js").Edit} Edit
 * @typedef {import("./training.js").Training} Training
 * @typedef {import("./experiment.js").Arguments} Arguments that are checked by `KINDS`
 * @typedef {import("./experiment.js").Value} Value
 * @typedef {(training: Training, ...args: Value[]) => void} Action
 */

import {
  addNeuron,
  freezeWeight,
  insertLayer,
  removeLayer,
  removeNeuron,
  removeWeight,
  setActivation,
  setBias,
  setWeight,
} from "./editing.js";
import { ExperimentError } from "./errors.js";
import { named, short, textOf } from "./experiment.js";
import { restore, stateOf } from "./state.js";

/** @type {{[K in keyof Arguments]: (training: Training, ...args: Arguments[K]) => void}} */
const ACTIONS = {
  rate: (training, rate) => training.change({ learning_rate: rate }),
  optimizer: (training, name) =>
    training.setOptimizer(named("optimizer", training.formulas.offered.optimizers, name)),
  batch: (training, size) => training.change({ batch_size: size }),
  l1: (training, strength) => training.change({ l1: strength }),
  l2: (training, strength) => training.change({ l2: strength }),
  dropout: (training, share) => training.change({ dropout: share }),
  dropconnect: (training, share) => training.change({ dropconnect: share }),
  activation: setActivation,
  add: addNeuron,
  remove: removeNeuron,
  layer: insertLayer,
  unlayer: removeLayer,
  cut: removeWeight,
  freeze: (training, source, target) => freezeWeight(training, source, target, true),
  thaw: (training, source, target) => freezeWeight(training, source, target, false),
  set: setWeight,
  bias: setBias,
  seed: (training, seed) => training.begin([Math.floor(seed / 4294967296), seed >>> 0]),
  point: (training, x, y, wanted) => training.setRows(training.rows.withPoint(x, y, wanted)),
  move: (training, k, x, y) => training.setRows(training.rows.withMoved(k, x, y)),
  erase: (training, k) => training.setRows(training.rows.without(k)),
  noise: (training, amount) => {
    const { rows, options: { seed }, formulas: { normal } } = training;
    training.setRows(rows.withNoise(amount, seed, normal));
  },
  data: (training, name) => {
    const rows = training.sets(name);
    if (rows === null) throw new ExperimentError("refused.set", { name: short(name) });
    training.setRows(rows);
  },
  digit: (training, wanted, image) => training.setRows(training.rows.withDigit(wanted, image)),
  undigit: (training, k) => training.setRows(training.rows.withoutDigit(k)),
};

/** Make an edit. @param {Training} training that stands at its step @param {Edit} edit
 * @throws {ExperimentError} if it cannot be made; then the training is as before
 */
export function apply(training, edit) {
  const before = stateOf(training);
  try {
    /** @type {Record<string, Action>} */ (ACTIONS)[edit.kind](training, ...edit.args);
  } catch (error) {
    restore(training, before);
    if (!(error instanceof ExperimentError)) throw error;
    throw new ExperimentError("refused.edit", { edit: textOf(edit), problem: error.message });
  }
}
