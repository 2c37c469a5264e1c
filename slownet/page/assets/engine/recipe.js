/**
 * The recipe of a training, read: what `slownet/page/recipe.py` wrote.
 *
 * @typedef {object} Formulas translated from Python
 * @property {import("./graph.js").Activation[]} activations of each layer after the inputs
 * @property {import("./passes.js").Loss} loss
 * @property {import("./parameters.js").Optimizer} optimizer
 * @property {import("./progress.js").Schedule} schedule
 * @property {import("./parameters.js").Penalty[]} penalties beside l1 and l2
 * @property {(gradient: number, largest: number) => number} clipped
 * @property {(norm: number, largest: number) => number} normFactor
 * @property {import("./random.js").Normal} normal
 * @property {Offered} offered
 *
 * @typedef {Pick<Formulas, "activations" | "loss">} NetFormulas what every page has
 *
 * @typedef {object} Offered built-in formulas by their names, for edits
 * @property {Record<string, import("./graph.js").Activation>} activations
 * @property {Record<string, import("./parameters.js").Optimizer>} optimizers
 * @property {Record<string, import("./parameters.js").Penalty>} penalties
 * @property {Record<string, import("./drawing.js").Initializer>} initializers
 *
 * @typedef {import("../facts.d.ts").Options} Options
 * @typedef {import("../facts.d.ts").Recipe} Facts
 */

import { inflate, readArrays } from "../payload.js";
import { drawnWeight } from "./drawing.js";
import { Graph, summed } from "./graph.js";
import { key, USE } from "./random.js";

/** Read a recipe. @param {{facts: Facts, contents: Record<string, import("../payload.js").About>,
 *   payload: string}} recipe
 * @param {Formulas} formulas
 */
export async function read({ facts, contents, payload }, formulas) {
  const arrays = readArrays(contents, await inflate(payload, "deflate"));
  return { facts, formulas, arrays };
}

/** The graph of a recipe, or of a page.
 * @param {{layers: {neurons: number[]}[]}} facts @param {import("../payload.js").Arrays} arrays
 * @param {NetFormulas} formulas
 */
export function graphOf({ layers }, arrays, { activations }) {
  const sizes = layers.map((layer) => layer.neurons.length);
  return new Graph(
    sizes,
    summed([0, ...arrays.start]),
    summed(arrays.source),
    activations,
    arrays.leaving,
  );
}

/** The weights and biases to begin with.
 * @param {Facts} facts @param {import("../payload.js").Arrays} arrays @param {Graph} graph @param {Formulas} formulas
 */
export function numbersOf({ initial }, arrays, graph, formulas) {
  const biases = new Float64Array(graph.neurons);
  if (initial !== null) return { weights: drawn(initial, graph, formulas.normal), biases };
  biases.set(/** @type {Float64Array} */ (arrays.biases), graph.inputs);
  return { weights: Float64Array.from(/** @type {Float64Array} */ (arrays.weights)), biases };
}

/** Draw the weights of a net whose layers are joined one to the next, as `Initializer.draw` does.
 * @param {NonNullable<Facts["initial"]>} initial @param {Graph} graph
 * @param {import("./random.js").Normal} coefficients
 */
export function drawn({ seed, layers }, graph, coefficients) {
  const weights = new Float64Array(graph.weights);
  layers.forEach((how, l) => {
    const place = key(seed, USE.initialWeight, l, l + 1);
    const size = graph.begins[l + 2] - graph.begins[l + 1];
    for (let n = graph.begins[l + 1]; n < graph.begins[l + 2]; n += 1) {
      for (let w = graph.first(n); w < graph.end(n); w += 1) {
        const i = (graph.source[w] - graph.begins[l]) * size + n - graph.begins[l + 1];
        weights[w] = drawnWeight(how, place, i, coefficients);
      }
    }
  });
  return weights;
}

/** Which weights and biases training leaves alone. @param {import("../payload.js").Arrays} arrays @param {Graph} graph */
export function fixedOf(arrays, graph) {
  const biases = new Uint8Array(graph.neurons).fill(1, 0, graph.inputs);
  biases.set(/** @type {Uint8Array} */ (arrays["fixed biases"]), graph.inputs);
  const weights = /** @type {Uint8Array} */ (arrays["fixed weights"]);
  return { weights: weights.some(Boolean) ? weights : null, biases };
}
