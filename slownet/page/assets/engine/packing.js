/** The numbers of a net in rows: reading them from the lists, and writing them back.
 *
 * @typedef {import("./graph.js").Graph} Graph
 * @typedef {import("./lists.js").ListEngine} ListEngine
 */

import { Parameters, viewOf } from "./parameters.js";

export const CHUNK = 256; // samples whose numbers are kept at a time
export const LIMIT = 1e100; // for weights times values: below it, neither a product nor a sum overflows

const MOST = 2 ** 28; // numbers of a layer: places in bytes are below 2^31

/** Whether every neuron comes from neurons of the layer before alone, in their order, and goes to those of
 * the next in theirs, no more than half of the weights are missing, and no layer is too large.
 * @param {Graph} graph
 */
export function isDense(graph) {
  let places = 0;
  for (let l = 1; l < graph.begins.length - 1; l += 1) {
    const [before, first, end] = graph.begins.slice(l - 1, l + 2);
    places += (first - before) * (end - first);
    if (Math.max(first - before, CHUNK) * (end - first + 4) > MOST) return false;
    for (let n = first; n < end; n += 1) {
      const sources = graph.source.subarray(graph.first(n), graph.end(n));
      if (!isAscending(sources) || sources.some((source) => source < before)) return false;
    }
  }
  const isInOrder = graph.leaving.every((weights) => isAscending(weights.map((w) => graph.target[w])));
  return isInOrder && 2 * graph.weights >= places;
}

/** @param {Int32Array} numbers */
function isAscending(numbers) {
  for (let k = 1; k < numbers.length; k += 1) if (numbers[k] <= numbers[k - 1]) return false;
  return true;
}

/** A layer with one row of weights for each source. */
export class PackedLayer {
  /** @param {number} size @param {number} rows @param {number} rowsAtOnce samples at a time
   * @param {import("./graph.js").Activation} activation
   */
  constructor(size, rows, rowsAtOnce, activation) {
    this.size = size;
    this.rows = rows;
    this.rowsAtOnce = rowsAtOnce;
    this.width = 5 * Math.ceil(size / 5);
    this.activation = activation;
    const length = rowsAtOnce * this.width;
    this.z = new Float64Array(length);
    this.raw = new Float64Array(length);
    this.value = new Float64Array(length);
    this.delta = new Float64Array(length);
    this.deltaView = viewOf(this.delta);
    this.keep = /** @type {Float64Array | null} */ (null);
    this.weights = new Parameters(new Float64Array(0), null, false);
    this.biases = this.weights;
    /** places of weights that stay as they are, and these weights */
    this.fixedPlaces = new Uint32Array(0);
    this.fixedValues = new Float64Array(0);
    /** of each source: the rows of samples in which it is not 0, its values, and where they end */
    this.buckets = {
      ends: new Uint32Array(rows),
      sample: new Uint32Array(rows * rowsAtOnce),
      value: new Float64Array(rows * rowsAtOnce),
    };
    this.views = Array.from({ length: rowsAtOnce }, (_, r) => {
      const of = (/** @type {Float64Array} */ all) =>
        all.subarray(r * this.width, r * this.width + size);
      return { z: of(this.z), raw: of(this.raw), value: of(this.value), delta: of(this.delta) };
    });
  }

  /** @param {number} r */
  valueOf(r) {
    return this.views[r].value;
  }

  /** @param {number} r */
  zOf(r) {
    return this.views[r].z;
  }

  /** Apply the activation in a row. @param {number} r */
  activate(r) {
    const { activation: { value, layerValues }, z, raw, size } = this;
    const at = r * this.width;
    if (value) { for (let j = at; j < at + size; j += 1) raw[j] = value(z[j]); }
    else layerValues?.(this.views[r].z, this.views[r].raw);
  }

  /** Turn slopes into deltas, in a row. @param {number} r */
  throughActivation(r) {
    const { activation: { derivative, layerDeltas }, z, raw, delta, size } = this;
    const at = r * this.width;
    if (derivative) { for (let j = at; j < at + size; j += 1) delta[j] *= derivative(z[j], raw[j]); }
    else layerDeltas?.(this.views[r].raw, this.views[r].delta);
  }

  /** Undo what a step did to weights that stay as they are. */
  restoreFixed() {
    const { fixedPlaces, fixedValues, weights: { values } } = this;
    for (let k = 0; k < fixedPlaces.length; k += 1) values[fixedPlaces[k]] = fixedValues[k];
  }
}

/** A net of such layers. */
export class PackedNet {
  /** @param {Graph} graph @param {PackedLayer[]} layers */
  constructor(graph, layers) {
    this.graph = graph;
    this.layers = layers;
    /** whether there are places without a weight: with a bias of -0, adding 0 for them would change it */
    this.hasHoles = false;
    /** the place of each weight in its layer */
    this.places = new Uint32Array(graph.weights);
    layers.forEach((layer, l) => {
      const { first, end } = graph.layers[l];
      for (let n = first; n < end; n += 1) {
        for (let w = graph.first(n); w < graph.end(n); w += 1) {
          this.places[w] = (graph.source[w] - graph.begins[l]) * layer.width + n - first;
        }
      }
      this.hasHoles ||= graph.end(end - 1) - graph.first(first) < layer.rows * layer.size;
    });
  }

  /** Read all numbers from the lists. @param {ListEngine} lists */
  load(lists) {
    this.#move(lists, true);
    for (const { weights, fixedPlaces, fixedValues } of this.layers) {
      for (let k = 0; k < fixedPlaces.length; k += 1) fixedValues[k] = weights.values[fixedPlaces[k]];
    }
  }

  /** Write all numbers into the lists. @param {ListEngine} lists */
  store(lists) {
    this.#move(lists, false);
  }

  /** @param {ListEngine} lists @param {boolean} loads */
  #move({ weights, biases }, loads) {
    const { graph, layers, places } = this;
    for (const name of /** @type {const} */ (["values", "first", "second"])) {
      if (name !== "values" && !weights.remembers) continue;
      layers.forEach((layer, l) => {
        const { first, end } = graph.layers[l];
        const [list, row] = [weights[name], layer.weights[name]];
        for (let w = graph.first(first); w < graph.end(end - 1); w += 1) {
          if (loads) row[places[w]] = list[w];
          else list[w] = row[places[w]];
        }
        if (loads) layer.biases[name].set(biases[name].subarray(first, end));
        else biases[name].set(layer.biases[name].subarray(0, layer.size), first);
      });
    }
  }

  /** Whether the rows give the bits of the passes with these biases. */
  isWithin() {
    if (!this.hasHoles) return true;
    return !this.layers.some(({ biases, size }) =>
      biases.values.some((bias, j) => j < size && Object.is(bias, -0))
    );
  }

  /** The sum of the squares of all weights, as `ListEngine.squares`. */
  squares() {
    return this.#sum((layer, squares) => addSquares(layer, layer.weights.values, 1, false, squares));
  }

  /** The norm of all mean gradients, as `ListEngine.gradientNorm`. @param {number} factor */
  gradientNorm(factor) {
    return Math.sqrt(this.#sum((layer, squares) => {
      const { gradients, fixed } = layer.biases;
      for (let j = 0; j < layer.size; j += 1) {
        const mean = factor * gradients[j];
        squares[j] = fixed?.[j] ? 0 : mean * mean;
      }
      addSquares(layer, layer.weights.gradients, factor, true, squares);
    }));
  }

  /** Add up a number of each neuron, layer by layer.
   * @param {(layer: PackedLayer, squares: Float64Array) => void} fill
   */
  #sum(fill) {
    let total = 0;
    for (const layer of this.layers) {
      const squares = new Float64Array(layer.size);
      fill(layer, squares);
      for (const square of squares) total += square;
    }
    return total;
  }
}

/** Add the squares of factor * number, source by source, to those of each neuron.
 * @param {PackedLayer} layer @param {Float64Array} numbers @param {number} factor
 * @param {boolean} skipsFixed whether numbers of weights that stay as they are are left out
 * @param {Float64Array} squares
 */
function addSquares({ rows, size, width, weights: { fixed } }, numbers, factor, skipsFixed, squares) {
  for (let k = 0; k < rows; k += 1) {
    for (let j = 0; j < size; j += 1) {
      const at = k * width + j;
      const each = factor * numbers[at];
      if (!(skipsFixed && fixed?.[at])) squares[j] += each * each;
    }
  }
}

/** Return the net of the lists in rows. @param {Graph} graph @param {ListEngine} lists
 * @param {number} rowsAtOnce samples at a time @param {boolean} dropout
 */
export function packed(graph, lists, rowsAtOnce, dropout) {
  const layers = graph.layers.map(({ first, end, activation }, l) =>
    new PackedLayer(end - first, first - graph.begins[l], rowsAtOnce, activation)
  );
  const net = new PackedNet(graph, layers);
  layers.forEach((layer, l) => addParameters(layer, net, lists, l, dropout));
  net.load(lists);
  return net;
}

/** @param {PackedLayer} layer @param {PackedNet} net @param {ListEngine} lists @param {number} l
 * @param {boolean} dropout
 */
function addParameters(layer, { graph, places }, { weights, biases }, l, dropout) {
  const { first, end } = graph.layers[l];
  const { rows, width, size, rowsAtOnce } = layer;
  const fixed = new Uint8Array(rows * width).fill(1); // also where there is no weight
  for (let w = graph.first(first); w < graph.end(end - 1); w += 1) {
    fixed[places[w]] = weights.fixed === null ? 0 : weights.fixed[w];
  }
  const all = Array.from(fixed, (each, k) => (each ? k : -1)).filter((k) => k >= 0);
  layer.fixedPlaces = Uint32Array.from(all.filter((k) => k % width < size));
  layer.fixedValues = new Float64Array(layer.fixedPlaces.length);
  layer.weights = new Parameters(
    new Float64Array(rows * width),
    all.length ? fixed : null,
    weights.remembers,
  );
  const fixedBiases = new Uint8Array(width).fill(1);
  for (let n = first; n < end; n += 1) fixedBiases[n - first] = biases.fixed?.[n] ? 1 : 0;
  layer.biases = new Parameters(
    new Float64Array(width),
    fixedBiases.some(Boolean) ? fixedBiases : null,
    biases.remembers,
  );
  if (dropout) layer.keep = new Float64Array(rowsAtOnce * width).fill(1);
}
