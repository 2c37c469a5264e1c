/**
 * The passes, weight by weight: forward, backward, gradients. The loops of `slownet/passes.py`, in their
 * order; its `descend` is a method of `parameters.js`.
 *
 * @typedef {import("./graph.js").Graph} Graph
 * @typedef {import("./graph.js").Layer} Layer
 *
 * @typedef {object} Numbers what training changes, or the gradients of that
 * @property {Float64Array} weights
 * @property {Float64Array} biases one for each neuron, also of the input layer
 *
 * @typedef {object} Loss translated from Python
 * @property {string} name
 * @property {boolean} mean whether a sample's loss is the mean over the outputs instead of the sum
 * @property {boolean} [partner] whether dloss/dz is value - target with the activation of the outputs
 * @property {(value: number, target: number) => number} value of one output
 * @property {(value: number, target: number) => number} derivative
 * @property {(zs: ArrayLike<number>, values: ArrayLike<number>, targets: ArrayLike<number>) => number} [ofSample]
 */

/** What a sample leaves in the neurons. */
export class State {
  /** @param {Graph} graph @param {boolean} [dropout] @param {boolean} [dropconnect] */
  constructor({ neurons, weights }, dropout = false, dropconnect = false) {
    this.z = new Float64Array(neurons);
    /** f(z), before dropout */
    this.raw = new Float64Array(neurons);
    this.value = new Float64Array(neurons);
    /** dloss/dvalue */
    this.slope = new Float64Array(neurons);
    /** dloss/dz */
    this.delta = new Float64Array(neurons);
    /** by what values are multiplied (dropout); 0 for neurons that are dropped */
    this.keep = dropout ? new Float64Array(neurons).fill(1) : null;
    /** the same for weights (dropconnect) */
    this.keepWeights = dropconnect ? new Float64Array(weights).fill(1) : null;
  }
}

/** Send a sample from the input layer, where it stands in `state.value`, to the output layer.
 *
 * Weighted input: z = bias + sum of weight * source value. Activation: value = f(z). A source whose value
 * is exactly 0 adds nothing.
 * @param {Graph} graph @param {Numbers} numbers @param {State} state
 */
export function forward(graph, { weights, biases }, state) {
  const { z, raw, value, keep, keepWeights } = state;
  const { source } = graph;
  for (const layer of graph.layers) {
    for (let n = layer.first; n < layer.end; n += 1) {
      let sum = biases[n];
      const end = graph.end(n);
      for (let w = graph.first(n); w < end; w += 1) {
        const from = value[source[w]];
        if (from === 0) continue;
        if (keepWeights === null) sum += weights[w] * from;
        else if (keepWeights[w] !== 0) sum += weights[w] * (from * keepWeights[w]);
      }
      z[n] = sum;
    }
    activate(layer, z, raw);
    const hasDropout = keep !== null && layer !== graph.output;
    for (let n = layer.first; n < layer.end; n += 1) value[n] = hasDropout ? raw[n] * keep[n] : raw[n];
  }
}

/** Apply the activation of a layer. @param {Layer} layer @param {Float64Array} z @param {Float64Array} raw */
export function activate({ activation, first, end, present }, z, raw) {
  const { value, layerValues } = activation;
  if (value) {
    for (let n = first; n < end; n += 1) raw[n] = value(z[n]);
  } else if (layerValues && present) {
    const values = Array.from(present, (n) => z[n]);
    if (values.length) layerValues(values.slice(), values);
    present.forEach((n, k) => (raw[n] = values[k]));
  } else if (layerValues) {
    layerValues(z.subarray(first, end), raw.subarray(first, end));
  }
}

/** Compute the deltas of the last sample, from the output layer back; return its loss.
 *
 * Slope: dloss/dvalue = sum of weight * target delta. Delta: dloss/dz = slope * f'(z).
 * @param {Graph} graph @param {{weights: Float64Array}} numbers @param {State} state
 * @param {ArrayLike<number>} targets one number an output @param {Loss} loss
 * @param {number} [sampleWeight] what the loss of the sample counts
 * @returns {number}
 */
export function backward(graph, { weights }, state, targets, loss, sampleWeight = 1) {
  const { z, value, delta } = state;
  const { output: { first, end } } = graph;
  delta.fill(0);
  if (sampleWeight === 0) return 0; // not 0 times a loss that may be infinite
  if (outputDeltas(graph, state, targets, loss, sampleWeight)) hiddenDeltas(graph, { weights }, state);
  return sampleWeight * lossOf(z.subarray(first, end), value.subarray(first, end), targets, loss);
}

/** Compute the deltas of the hidden neurons from those of the outputs.
 * @param {Graph} graph @param {{weights: Float64Array}} numbers @param {State} state
 */
export function hiddenDeltas({ layers, target, leaving }, { weights }, state) {
  const { delta, slope, keep, keepWeights } = state;
  for (let l = layers.length - 2; l >= 0; l -= 1) {
    for (let n = layers[l].first; n < layers[l].end; n += 1) {
      let sum = 0;
      for (const w of leaving[n]) {
        const above = delta[target[w]];
        if (above === 0) continue;
        if (keepWeights === null) sum += weights[w] * above;
        else if (keepWeights[w] !== 0) sum += weights[w] * (above * keepWeights[w]);
      }
      slope[n] = keep === null ? sum : sum * keep[n];
    }
    throughActivation(layers[l], state);
  }
}

/** Compute the deltas of the outputs; return whether any is not 0.
 * @param {Graph} graph @param {State} state @param {ArrayLike<number>} targets @param {Loss} loss
 * @param {number} sampleWeight
 */
function outputDeltas({ output }, state, targets, loss, sampleWeight) {
  const { value, slope, delta } = state;
  const { first, end } = output;
  const share = loss.mean ? 1 / (end - first) : 1;
  for (let n = first; n < end; n += 1) {
    if (loss.partner) delta[n] = value[n] - targets[n - first];
    else slope[n] = share * loss.derivative(value[n], targets[n - first]);
  }
  if (!loss.partner) throughActivation(output, state);
  let hasError = false;
  for (let n = first; n < end; n += 1) {
    delta[n] *= sampleWeight;
    if (delta[n] !== 0) hasError = true;
  }
  return hasError;
}

/** Turn dloss/dvalue of a layer into dloss/dz. @param {Layer} layer @param {State} state */
function throughActivation({ activation, first, end }, { z, raw, slope, delta }) {
  const { derivative, layerDeltas } = activation;
  if (derivative) {
    for (let n = first; n < end; n += 1) delta[n] = slope[n] * derivative(z[n], raw[n]);
  } else if (layerDeltas) {
    delta.set(slope.subarray(first, end), first);
    layerDeltas(raw.subarray(first, end), delta.subarray(first, end));
  }
}

/** The loss of a sample. @param {ArrayLike<number>} zs of the outputs @param {ArrayLike<number>} values
 * @param {ArrayLike<number>} targets @param {Loss} loss
 */
export function lossOf(zs, values, targets, loss) {
  if (loss.ofSample) return loss.ofSample(zs, values, targets);
  let total = 0;
  for (let k = 0; k < values.length; k += 1) total += loss.value(values[k], targets[k]);
  return loss.mean ? total / values.length : total;
}

/** Add the gradients of the last sample: dloss/dweight = delta * source value, dloss/dbias = delta.
 * @param {Graph} graph @param {State} state @param {Numbers} gradients
 */
export function addGradients(graph, { value, delta, keepWeights }, { weights, biases }) {
  const { source } = graph;
  for (let n = graph.inputs; n < graph.neurons; n += 1) {
    const own = delta[n];
    if (own === 0) continue;
    biases[n] += own;
    const end = graph.end(n);
    for (let w = graph.first(n); w < end; w += 1) {
      const from = value[source[w]];
      if (from === 0) continue;
      if (keepWeights === null) weights[w] += own * from;
      else if (keepWeights[w] !== 0) weights[w] += own * (from * keepWeights[w]);
    }
  }
}
