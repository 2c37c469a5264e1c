/** Changes of the net in the middle of a training, as Python makes them: `slownet/reshaping.py`, and what
 * `edit` may do in `history.branch`. Neurons and layers are given by their ids.
 *
 * @typedef {import("./training.js").Training} Training
 * @typedef {[number, number]} End the ids of a layer and of a neuron in it
 */

import { Cell, Draft } from "./draft.js";
import { drawing } from "./drawing.js";
import { ExperimentError } from "./errors.js";
import { MOST_NEURONS, named } from "./experiment.js";
import { key, USE } from "./random.js";
import { neuronAt, weightBetween } from "./state.js";

const MOST_WEIGHTS = 1_000_000; // of a net that has grown
const MOST_HIDDEN = 20; // layers of a net that got another one

/** Train on without a hidden neuron. @param {Training} training @param {number} layer @param {number} id */
export function removeNeuron(training, layer, id) {
  const draft = new Draft(training);
  const { here } = draft.around(layer);
  const cell = here.cells.find((each) => each.id === id);
  if (!cell) throw new ExperimentError("refused.neuron", { neuron: `${layer}.${id}` });
  if (here.cells.length === 1) throw new ExperimentError("refused.lastNeuron");
  draft.removeJoints((joint) => joint.source === cell || joint.target === cell);
  here.cells = here.cells.filter((each) => each !== cell);
  draft.give(training);
}

/** Train on without a weight. @param {Training} training @param {End} source @param {End} target */
export function removeWeight(training, source, target) {
  const weight = weightBetween(training.structure, source, target);
  const draft = new Draft(training);
  draft.removeJoints((joint) => joint.place === weight);
  draft.give(training);
}

/** Set a weight. @param {Training} training @param {End} source @param {End} target
 * @param {number} value
 */
export function setWeight(training, source, target, value) {
  const weight = weightBetween(training.structure, source, target);
  training.engine.parameters.weights.values[weight] = value;
  training.engine.pack();
}

/** Set a bias. @param {Training} training @param {End} end @param {number} value */
export function setBias(training, end, value) {
  const neuron = neuronAt(training.structure, end);
  if (neuron < training.graph.inputs) throw new ExperimentError("refused.inputs");
  training.engine.parameters.biases.values[neuron] = value;
  training.engine.pack();
}

/** Have training leave a weight alone, or change it again.
 * @param {Training} training @param {End} source @param {End} target @param {boolean} isFrozen
 */
export function freezeWeight(training, source, target, isFrozen) {
  const { engine, graph } = training;
  const weight = weightBetween(training.structure, source, target);
  const { weights } = engine.parameters;
  weights.fixed = weights.fixed ? weights.fixed.slice() : new Uint8Array(graph.weights);
  weights.fixed[weight] = isFrozen ? 1 : 0;
  engine.pack();
}

/** Train on with another activation of a hidden layer. @param {Training} training @param {number} layer
 * @param {string} name
 */
export function setActivation(training, layer, name) {
  const draft = new Draft(training);
  draft.around(layer).here.activation = named("activation", training.formulas.offered.activations, name);
  draft.give(training);
}

/** Train on with another neuron in a hidden layer, as `grow` adds it: what leaves it is 0 at first.
 * @param {Training} training @param {number} layer
 */
export function addNeuron(training, layer) {
  const draft = new Draft(training);
  const { before, here, after } = draft.around(layer);
  if (here.cells.length >= MOST_NEURONS) {
    throw new ExperimentError("refused.neurons", { most: MOST_NEURONS });
  }
  checkWeights(training, before.cells.length + after.cells.length);
  const id = Math.max(...here.cells.map((cell) => cell.id)) + 1;
  const cell = new Cell(id, here.cells.some((each) => each.hasBias));
  here.cells.push(cell);
  const { formulas: { normal }, seed } = training;
  const place = key(seed, USE.initialWeight, before.id, here.id, id);
  const sizes = [before.cells.length, here.cells.length];
  const value = drawing(initializerOf(training, here), place, sizes[0], sizes[1], normal);
  before.cells.forEach((source, s) => draft.attach(source, cell, value(s, 0)));
  for (const target of after.cells) draft.attach(cell, target, 0);
  draft.give(training);
}

/** Train on with another hidden layer. @param {Training} training @param {number} id of the layer before it
 * @param {number} size @param {string} name of its activation
 */
export function insertLayer(training, id, size, name) {
  if (training.structure.layers.length - 2 >= MOST_HIDDEN) {
    throw new ExperimentError("refused.layers", { most: MOST_HIDDEN });
  }
  const draft = new Draft(training);
  const { sheets } = draft;
  const at = sheets.findIndex((sheet) => sheet.id === id);
  if (at < 0 || at === sheets.length - 1) {
    throw new ExperimentError("refused.behind", { layer: id });
  }
  const [before, after] = [sheets[at], sheets[at + 1]];
  checkWeights(training, size * (before.cells.length + after.cells.length));
  const activation = named("activation", training.formulas.offered.activations, name);
  const [sources, targets] = [new Set(before.cells), new Set(after.cells)];
  draft.removeJoints((joint) => sources.has(joint.source) && targets.has(joint.target));
  if (after.id === before.id + 1) { for (const sheet of sheets.slice(at + 1)) sheet.id += 1; }
  const hasBias = after.cells.some((cell) => cell.hasBias);
  const here = {
    id: before.id + 1,
    activation,
    initializer: activation.initializer ?? null,
    cells: Array.from({ length: size }, (_, k) => new Cell(k, hasBias)),
  };
  sheets.splice(at + 1, 0, here);
  joinNeighbours(training, draft, before, here);
  joinNeighbours(training, draft, here, after);
  draft.give(training);
}

/** Train on without a hidden layer; those before and after it are joined.
 * @param {Training} training @param {number} layer
 */
export function removeLayer(training, layer) {
  const draft = new Draft(training);
  const { before, here, after, place } = draft.around(layer);
  checkWeights(training, before.cells.length * after.cells.length);
  const removed = new Set(here.cells);
  draft.removeJoints((joint) => removed.has(joint.source) || removed.has(joint.target));
  draft.sheets.splice(place, 1);
  joinNeighbours(training, draft, before, after);
  draft.give(training);
}

/** Draw weights between neurons that are not joined. @param {Training} training @param {Draft} draft
 * @param {import("./draft.js").Sheet} before @param {import("./draft.js").Sheet} after
 */
function joinNeighbours(training, draft, before, after) {
  const place = key(training.seed, USE.initialWeight, before.id, after.id);
  const sizes = [before.cells.length, after.cells.length];
  const { normal } = training.formulas;
  draft.join(
    before,
    after,
    drawing(initializerOf(training, after), place, sizes[0], sizes[1], normal),
  );
}

/** @param {Training} training @param {import("./draft.js").Sheet} sheet */
function initializerOf(training, { initializer, activation }) {
  const name = initializer || activation?.initializer || "";
  return named("initializer", training.formulas.offered.initializers, name);
}

/** @param {Training} training @param {number} more weights */
function checkWeights({ graph }, more) {
  if (graph.weights + more > MOST_WEIGHTS) {
    throw new ExperimentError("refused.weights", { most: MOST_WEIGHTS });
  }
}
