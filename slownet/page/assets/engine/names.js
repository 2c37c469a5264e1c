/** The names of the numbers of a net, with which its operations are written; see `operations.js`. */

/** Numbers that a step computes and does not keep. */
export const REGISTERS = [
  ...["product", "kept", "derivative", "loss", "total", "square", "squares"],
  ...["norm", "clip", "mean", "change"],
];

export class Names {
  /** @param {import("./training.js").Training} training */
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
    return `${what}_${this.layers[this.layerOf[neuron]]}_${this.idOf[neuron]}`;
  }

  /** The same of all neurons of a layer. @param {string} what @param {import("./graph.js").Layer} layer */
  all(what, { first, end }) {
    return Array.from({ length: end - first }, (_, k) => this.of(what, first + k));
  }

  /** A number of a weight: `weight_1_0_3`. @param {string} what @param {number} weight */
  ofWeight(what, weight) {
    const { graph: { source, target }, layers, layerOf, idOf } = this;
    const [from, to] = [source[weight], target[weight]];
    const end = `${layers[layerOf[to]]}_${idOf[to]}`;
    if (layerOf[to] !== layerOf[from] + 1) {
      return `${what}_${layers[layerOf[from]]}_${idOf[from]}_${end}`;
    }
    return `${what}_${layers[layerOf[to]]}_${idOf[from]}_${idOf[to]}`;
  }
}
