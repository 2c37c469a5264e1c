/** A net as the text of a net file, which `slownet.load` reads to the last bit: `slownet/recording/netfile.py`.
 *
 * @typedef {import("./training.js").Training} Training
 *
 * @typedef {object} Head what the engine does not know of a net, as JSON
 * @property {string} slownet its version
 * @property {string} arithmetic
 * @property {string} seed of the net to begin with
 * @property {string} loss
 * @property {string} classes
 * @property {string} preparation
 * @property {string} optimizer to begin with
 * @property {string[]} activations of the layers to begin with, but the inputs
 */

import { SaidError } from "./errors.js";

const FORMAT = "slownet net";
const VERSION = 1;

/** The text of a net file. @param {Training} training @param {Head} head
 * @param {import("./random.js").Key} first seed of the net to begin with
 */
export function netFile(training, head, first) {
  const { structure: { initializers }, seed, memory } = training;
  const isFirst = seed[0] === first[0] && seed[1] === first[1];
  const parts = [
    ["format", JSON.stringify(FORMAT)],
    ["version", String(VERSION)],
    ["slownet", head.slownet],
    ["arithmetic", head.arithmetic],
    ["seed", isFirst ? head.seed : String((BigInt(seed[0]) << 32n) | BigInt(seed[1]))],
    ["initializers", JSON.stringify(initializers)],
    ["loss", head.loss],
    ["classes", head.classes],
    ["preparation", head.preparation],
  ];
  if (memory) parts.push(["optimizer", optimizerOf(training, head)]);
  const lines = parts.map(([name, value]) => `  "${name}": ${value},\n`);
  return `{\n${lines.join("")}  "layers": [\n${layersOf(training, head).join(",\n")}\n  ]\n}\n`;
}

/** The optimizer with its settings and how many updates it has made. @param {Training} training
 * @param {Head} head
 */
function optimizerOf({ formulas: { optimizer, offered }, options, step }, head) {
  const isOffered = offered.optimizers[optimizer.name] === optimizer;
  const text = isOffered ? JSON.stringify({ name: optimizer.name }) : head.optimizer;
  return `${text.slice(0, -1)}, "step": ${step + options.steps_before}}`;
}

/** @param {Training} training @param {Head} head */
function layersOf(training, head) {
  const { structure: { layers, ids, graph }, formulas } = training;
  return layers.map((id, l) => {
    const activation = l ? graph.layers[l - 1].activation : null;
    const given = activation ? formulas.activations.indexOf(activation) : -1;
    const text = given < 0
      ? JSON.stringify(activation && { name: activation.name })
      : head.activations[given];
    const neurons = ids[l].map((_, k) => `      {${neuronOf(training, l, k).join(", ")}}`);
    return `    {"id": ${id}, "activation": ${text}, "neurons": [\n${neurons.join(",\n")}\n    ]}`;
  });
}

/** The parts of a neuron. @param {Training} training @param {number} l @param {number} k */
function neuronOf(training, l, k) {
  const { structure: { graph, ids, hasBias }, numbers, engine } = training;
  const n = graph.begins[l] + k;
  const parts = [`"id": ${ids[l][k]}`];
  if (l && !hasBias[n]) parts.push(`"has_bias": false`);
  const [first, end] = l ? [graph.first(n), graph.end(n)] : [0, 0];
  const sources = graph.source.subarray(first, end);
  if (sources.length) parts.push(`"sources": ${sourcesOf(training, sources)}`);
  const targets = Array.from(graph.leaving[n], (w) => graph.target[w]);
  if (targets.some((target, t) => t && target < targets[t - 1])) {
    parts.push(`"targets": ${namesOf(training, targets)}`);
  }
  if (!l) return parts;
  parts.push(`"bias": ${numberText(numbers.biases[n])}`);
  if (sources.length) {
    const values = Array.from(numbers.weights.subarray(first, end), numberText);
    parts.push(`"weights": [${values.join(", ")}]`);
  }
  const { weights, biases } = engine.parameters;
  const frozen = Array.from(sources.keys()).filter((w) => weights.fixed?.[first + w]);
  if (frozen.length) parts.push(`"frozen": [${frozen.join(", ")}]`);
  if (hasBias[n] && biases.fixed?.[n]) parts.push(`"bias_frozen": true`);
  return [...parts, ...remembered(training, first, end, n)];
}

/** What the optimizer remembers of the weights into a neuron, and of its bias. @param {Training} training
 * @param {number} first weight @param {number} end @param {number} n
 */
function remembered({ memory }, first, end, n) {
  if (!memory) return [];
  const pair = (
    /** @type {{first: ArrayLike<number>, second: ArrayLike<number>}} */ of,
    /** @type {number} */ k,
  ) => {
    const [one, other] = [of.first[k], of.second[k]];
    const isNew = Object.is(one, 0) && Object.is(other, 0); // as it begins
    return isNew ? "null" : `[${numberText(one)}, ${numberText(other)}]`;
  };
  const pairs = Array.from({ length: end - first }, (_, w) => pair(memory.weights, first + w));
  const bias = pair(memory.biases, n);
  const parts = [
    ...pairs.some((each) => each !== "null") ? [`"weights": [${pairs.join(", ")}]`] : [],
    ...bias !== "null" ? [`"bias": ${bias}`] : [],
  ];
  return parts.length ? [`"memory": {${parts.join(", ")}}`] : [];
}

/** Where weights come from: a whole layer, or neurons. @param {Training} training
 * @param {Int32Array} sources
 */
function sourcesOf(training, sources) {
  const { graph, layers } = training.structure;
  const l = layerOf(graph, sources[0]);
  const [begin, end] = [graph.begins[l], graph.begins[l + 1]];
  const isWhole = sources.length === end - begin && sources.every((source, s) => source === begin + s);
  return isWhole ? `{"layer": ${layers[l]}}` : namesOf(training, Array.from(sources));
}

/** @param {Training} training @param {number[]} neurons */
function namesOf({ structure: { graph, layers, ids } }, neurons) {
  const names = neurons.map((n) => {
    const l = layerOf(graph, n);
    return `[${layers[l]}, ${ids[l][n - graph.begins[l]]}]`;
  });
  return `[${names.join(", ")}]`;
}

/** @param {import("./graph.js").Graph} graph @param {number} neuron */
function layerOf({ begins }, neuron) {
  return begins.findLastIndex((begin) => begin <= neuron);
}

/** A number that reads back to the same bits. @param {number} number */
function numberText(number) {
  if (!Number.isFinite(number)) {
    throw new SaidError("refused.file", { number });
  }
  return Object.is(number, -0) ? "-0.0" : String(number);
}
