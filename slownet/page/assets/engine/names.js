/** The names of the numbers of a net, with which its operations are written; see `operations.js`. */

/** Numbers that a step computes and does not keep. */
export const REGISTERS = [
  ...["product", "kept", "derivative", "loss", "total", "square", "squares"],
  ...["norm", "clip", "mean", "change"],
];

const NONE = /** @type {string[]} */ ([]);

export class Names {
  /** Whether names are left empty, where nobody reads them: that takes a fraction of the time. */
  isMute = false;

  /** @param {{structure: Pick<import("./state.js").Structure, "graph" | "layers" | "ids">}} training */
  constructor({ structure: { graph, layers, ids } }) {
    this.graph = graph;
    this.layers = layers;
    /** the place of the layer of each neuron */
    this.layerOf = new Int32Array(graph.neurons);
    /** the id of each neuron in its layer */
    this.idOf = new Int32Array(graph.neurons);
    ids.forEach((each, l) => {
      this.layerOf.fill(l, graph.begins[l], graph.begins[l + 1]);
      this.idOf.set(each, graph.begins[l]);
    });
  }

  /** A number of a neuron: `z_1_3`. @param {string} what @param {number} neuron */
  of(what, neuron) {
    if (this.isMute) return "";
    return `${what}_${this.layers[this.layerOf[neuron]]}_${this.idOf[neuron]}`;
  }

  /** The same of all neurons of a layer. @param {string} what @param {import("./graph.js").Layer} layer */
  all(what, { first, end, present }) {
    if (this.isMute) return NONE;
    if (present) return Array.from(present, (n) => this.of(what, n));
    return Array.from({ length: end - first }, (_, k) => this.of(what, first + k));
  }

  /** A number of a weight: `weight_1_0_3`. @param {string} what @param {number} weight */
  ofWeight(what, weight) {
    if (this.isMute) return "";
    const { graph: { source, target }, layers, layerOf, idOf } = this;
    const [from, to] = [source[weight], target[weight]];
    const end = `${layers[layerOf[to]]}_${idOf[to]}`;
    if (layerOf[to] !== layerOf[from] + 1) {
      return `${what}_${layers[layerOf[from]]}_${idOf[from]}_${end}`;
    }
    return `${what}_${layers[layerOf[to]]}_${idOf[from]}_${idOf[to]}`;
  }
  /** What a name means; null if it is that of no neuron and no weight.
   * @param {string} name @returns {{what: string, neuron: number, weight: number} | null} -1 for none
   */
  read(name) {
    const found = /^([a-z_]+?)((?:_\d+){2,4})$/.exec(name);
    if (!found) return null;
    const [, what, ids] = found;
    const numbers = ids.slice(1).split("_").map(Number);
    const neuron = this.#neuron(...numbers.slice(-2));
    if (numbers.length === 2) return neuron < 0 ? null : { what, neuron, weight: -1 };
    const weight = this.#weight(numbers);
    return weight < 0 ? null : { what, neuron: -1, weight };
  }

  /** @param {number[]} ids of a layer and of a neuron in it */
  #neuron(...[layer, neuron]) {
    const { layers, graph: { begins }, idOf } = this;
    const l = layers.indexOf(layer);
    return l < 0 ? -1 : idOf.subarray(0, begins[l + 1]).indexOf(neuron, begins[l]);
  }

  /** @param {number[]} ids of a weight */
  #weight(ids) {
    const { graph, layers } = this;
    const [from, to] = ids.length === 3
      ? [[layers[layers.indexOf(ids[0]) - 1], ids[1]], [ids[0], ids[2]]]
      : [ids.slice(0, 2), ids.slice(2)];
    const [source, target] = [this.#neuron(...from), this.#neuron(...to)];
    if (source < 0 || target < graph.inputs) return -1;
    return graph.source.subarray(0, graph.end(target)).indexOf(source, graph.first(target));
  }
}
