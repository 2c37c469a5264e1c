/** Changes of the net in the middle of a training: what `edit` does in `history.branch` of Python.
 *
 * @typedef {import("./training.js").Training} Training
 */

import { Graph, summed } from "./graph.js";
import { Parameters } from "./parameters.js";

/** Train on without a hidden neuron. @param {Training} training @param {number} neuron */
export function removeNeuron(training, neuron) {
  const { graph } = training;
  if (neuron < graph.inputs || neuron >= graph.output.first) {
    throw new Error("only hidden neurons can be removed");
  }
  const layer = graph.layers.find(({ end }) => neuron < end);
  if (layer && layer.end - layer.first === 1) throw new Error("a layer keeps its last neuron");
  reduce(training, (n) => n !== neuron, () => true);
}

/** Train on without some weights. @param {Training} training @param {number[]} weights */
export function removeWeights(training, weights) {
  const removed = new Set(weights);
  reduce(training, () => true, (w) => !removed.has(w));
}

/** Set a weight. @param {Training} training @param {number} weight @param {number} value */
export function setWeight({ engine }, weight, value) {
  engine.parameters.weights.values[weight] = value;
  engine.pack();
}

/** Set a bias. @param {Training} training @param {number} neuron @param {number} value */
export function setBias({ engine }, neuron, value) {
  engine.parameters.biases.values[neuron] = value;
  engine.pack();
}

/** Have training leave a weight alone, or change it again.
 * @param {Training} training @param {number} weight @param {boolean} isFrozen
 */
export function freezeWeight({ engine, graph }, weight, isFrozen) {
  const { weights } = engine.parameters;
  weights.fixed ??= new Uint8Array(graph.weights);
  weights.fixed[weight] = isFrozen ? 1 : 0;
  engine.pack();
}

/** Train on with a part of the net.
 * @param {Training} training @param {(neuron: number) => boolean} keepsNeuron
 * @param {(weight: number) => boolean} keepsWeight
 */
function reduce(training, keepsNeuron, keepsWeight) {
  const { graph } = training;
  const neurons = range(graph.neurons).filter(keepsNeuron);
  const weights = range(graph.weights).filter((w) =>
    keepsNeuron(graph.source[w]) && keepsNeuron(graph.target[w]) && keepsWeight(w)
  );
  const parameters = training.engine.parameters;
  training.ids = training.ids.map((ids, l) => ids.filter((_, k) => keepsNeuron(graph.begins[l] + k)));
  training.replaceNet(
    partOf(graph, neurons, weights),
    chosen(parameters.weights, weights),
    chosen(parameters.biases, neurons),
  );
}

/** @param {Graph} graph @param {number[]} neurons that stay @param {number[]} weights */
function partOf(graph, neurons, weights) {
  const neuronOf = numbered(neurons, graph.neurons);
  const weightOf = numbered(weights, graph.weights);
  const sizes = graph.sizes.map((_, l) =>
    neurons.filter((n) => n >= graph.begins[l] && n < graph.begins[l + 1]).length
  );
  const counts = new Int32Array(graph.neurons);
  for (const w of weights) counts[graph.target[w]] += 1;
  const start = summed([0, ...neurons.filter((n) => n >= graph.inputs).map((n) => counts[n])]);
  const source = Int32Array.from(weights, (w) => neuronOf[graph.source[w]]);
  const leaving = neurons.flatMap((n) =>
    Array.from(graph.leaving[n], (w) => weightOf[w]).filter((w) => w >= 0)
  );
  return new Graph(sizes, start, source, graph.layers.map((layer) => layer.activation), leaving);
}

/** @param {Parameters} parameters @param {number[]} places that stay */
function chosen(parameters, places) {
  const pick = (/** @type {Float64Array} */ all) => Float64Array.from(places, (k) => all[k]);
  const { values, first, second, fixed, remembers } = parameters;
  const found = new Parameters(
    pick(values),
    fixed && Uint8Array.from(places, (k) => fixed[k]),
    remembers,
  );
  if (remembers) [found.first, found.second] = [pick(first), pick(second)];
  return found;
}

/** The place of each number among those that stay; -1 for others. @param {number[]} kept @param {number} count */
function numbered(kept, count) {
  const numbers = new Int32Array(count).fill(-1);
  kept.forEach((each, k) => (numbers[each] = k));
  return numbers;
}

/** @param {number} count */
function range(count) {
  return Array.from({ length: count }, (_, k) => k);
}
