/**
 * The graph of a net, as the passes visit it: what `slownet/wiring.py` is in Python.
 *
 * Neurons are numbered layer by layer, those of the input layer first. Weights are numbered by the neuron
 * that they go to, and there in the order in which they were attached.
 *
 * @typedef {object} Activation of single neurons, or of a whole layer; translated from Python
 * @property {string} name
 * @property {string} [initializer] what suits it; only where a training has it
 * @property {(number | null)[]} [range] of its values; only where a training has it, null where it has no bound
 * @property {(z: number) => number} [value]
 * @property {(z: number, value: number) => number} [derivative]
 * @property {(zs: ArrayLike<number>, values: Float64Array | number[]) => void} [layerValues]
 * @property {(values: ArrayLike<number>, slopes: Float64Array | number[]) => void} [layerDeltas]
 *
 * @typedef {object} Layer after the inputs
 * @property {number} first its first neuron
 * @property {number} end the neuron after its last one
 * @property {Activation} activation
 * @property {Int32Array | null} [present] its neurons that are there; null where all are
 */

export class Graph {
  /**
   * @param {number[]} sizes the number of neurons of each layer
   * @param {ArrayLike<number>} start where the weights into each neuron after the inputs begin, and the end
   * @param {Int32Array} source the neuron that each weight comes from
   * @param {Activation[]} activations of each layer after the inputs
   * @param {ArrayLike<number> | null} [leaving] all weights, those out of each neuron in the order of their
   *   attachment; null where that is the order of their numbers
   */
  constructor(sizes, start, source, activations, leaving = null) {
    /** where each layer begins among all neurons, and where the last one ends */
    this.begins = [0];
    for (const size of sizes) this.begins.push(this.begins[this.begins.length - 1] + size);
    this.inputs = this.begins[1];
    this.neurons = this.begins[sizes.length];
    this.start = Int32Array.from(start);
    this.source = source;
    this.weights = source.length;
    /** the neuron that each weight goes to */
    this.target = new Int32Array(this.weights);
    for (let n = this.inputs; n < this.neurons; n += 1) {
      this.target.fill(n, this.first(n), this.end(n));
    }
    /** @type {Layer[]} */
    this.layers = activations.map((activation, l) => ({
      first: this.begins[l + 1],
      end: this.begins[l + 2],
      activation,
    }));
    this.output = this.layers[this.layers.length - 1];
    /** the weights out of each neuron */
    this.leaving = this.#sortedBySource(leaving);
  }

  /** @param {ArrayLike<number> | null} order @returns {Int32Array[]} */
  #sortedBySource(order) {
    const counts = new Int32Array(this.neurons);
    for (const source of this.source) counts[source] += 1;
    const leaving = Array.from(counts, (count) => new Int32Array(count));
    counts.fill(0);
    for (let k = 0; k < this.weights; k += 1) {
      const weight = order ? order[k] : k;
      const source = this.source[weight];
      leaving[source][counts[source]] = weight;
      counts[source] += 1;
    }
    return leaving;
  }

  /** The first weight into a neuron; `end` is the one after the last. @param {number} neuron */
  first(neuron) {
    return this.start[neuron - this.inputs];
  }

  /** @param {number} neuron */
  end(neuron) {
    return this.start[neuron - this.inputs + 1];
  }

  /** The same graph where only some neurons are there. @param {ArrayLike<number>[]} present in each layer
   * after the inputs
   * @returns {Graph}
   */
  among(present) {
    const found = Object.assign(Object.create(Graph.prototype), this);
    found.layers = this.layers.map((layer, l) => ({ ...layer, present: Int32Array.from(present[l]) }));
    found.output = found.layers[found.layers.length - 1];
    return found;
  }

  /** The number of neurons of each layer. */
  get sizes() {
    return this.begins.slice(1).map((end, l) => end - this.begins[l]);
  }
}

/** The sums of the first number, of the first two, ... @param {ArrayLike<number>} steps */
export function summed(steps) {
  const sums = new Int32Array(steps.length);
  for (let k = 0; k < steps.length; k += 1) sums[k] = steps[k] + (k ? sums[k - 1] : 0);
  return sums;
}
