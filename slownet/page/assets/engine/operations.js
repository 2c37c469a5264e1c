/**
 * A step taken as single scalar operations, forwards and back, to the bits of the fast step.
 *
 * The order is that of the passes. For each sample of the batch:
 *
 * 1. which neurons and weights are kept (dropout, dropconnect), and the inputs;
 * 2. forward, neuron by neuron: z = bias; for each weight whose source is not 0 `product = weight * value`
 *    and `z = z + product`; when a layer has all its z, its values;
 * 3. the loss; the slope and the delta of each output;
 * 4. backward, neuron by neuron: for each weight whose target has an error `product = weight * delta` and
 *    `slope = slope + product`; when a layer has all its slopes, its deltas;
 * 5. gradients, neuron by neuron: `bias_grad = bias_grad + delta`, then for each weight
 *    `product = delta * value` and `grad = grad + product`.
 *
 * Then, for each neuron, its weights and its bias: the mean gradient, clipping, penalties, the update.
 *
 * Numbers have the names of the attributes in Python, with the ids of layer and neuron: `z_1_3`, `value_1_3`,
 * `slope_1_3`, `delta_1_3`, `bias_1_3`, `bias_grad_1_3`. A weight between neighbouring layers has the layer
 * it goes to, source and target: `weight_1_0_3`, `grad_1_0_3`; any other has both ends: `weight_0_0_2_3`.
 * `first_` and `second_` before the name of a weight or bias are what the optimizer remembers of it.
 *
 * @typedef {import("./notes.js").Notes} Notes
 * @typedef {import("./notes.js").Operation} Operation
 * @typedef {import("./graph.js").Layer} Layer
 */

import { activate, lossOf } from "./passes.js";

/** The inputs of a sample. @param {Notes} notes @param {number} sample */
export function* readInputs(notes, sample) {
  const { engine: { state, graph }, names, lesson: { samples } } = notes;
  const inputs = new Float64Array(graph.inputs);
  samples.copy(sample, inputs);
  for (let n = 0; n < graph.inputs; n += 1) {
    notes.at("input", n);
    yield notes.set(names.of("value", n), state.value, n, "=", [inputs[n]], [inputs[n]], inputs[n]);
  }
}

/** From the inputs to the outputs: step 2. @param {Notes} notes */
export function* forwardPass(notes) {
  const { engine, names } = notes;
  const { graph, state: { z, value, keepWeights }, numbers: { biases } } = engine;
  for (const layer of graph.layers) {
    for (let n = layer.first; n < layer.end; n += 1) {
      const own = () => names.of("z", n); // each time, for whoever wants names in the middle
      notes.at("sum", n);
      yield notes.set(own(), z, n, "=", [names.of("bias", n)], [biases[n]], biases[n]);
      for (let w = graph.first(n); w < graph.end(n); w += 1) {
        const source = graph.source[w];
        if (value[source] === 0 || keepWeights?.[w] === 0) continue;
        notes.at("sum", n, w);
        yield* productOf(notes, w, names.of("value", source), value[source]);
        const product = notes.register("product");
        yield notes.set(own(), z, n, "+", [own(), "product"], [z[n], product], z[n] + product);
      }
    }
    yield* valuesOf(notes, layer);
  }
}

/** The product of a weight and a number, which dropconnect makes larger.
 * @param {Notes} notes @param {number} weight @param {string} name @param {number} number
 */
function* productOf(notes, weight, name, number) {
  const { engine: { state: { keepWeights }, numbers: { weights } }, names } = notes;
  const own = names.ofWeight("weight", weight);
  if (keepWeights === null) {
    const numbers = [weights[weight], number];
    yield notes.note("product", "*", [own, name], numbers, numbers[0] * numbers[1]);
    return;
  }
  const kept = number * keepWeights[weight];
  const keep = names.ofWeight("keep", weight);
  yield notes.note("kept", "*", [name, keep], [number, keepWeights[weight]], kept);
  yield notes.note("product", "*", [own, "kept"], [weights[weight], kept], weights[weight] * kept);
}

/** The values of a layer. @param {Notes} notes @param {Layer} layer */
function* valuesOf(notes, layer) {
  const { engine: { graph, state }, names } = notes;
  const { first, end, activation, present } = layer;
  const { z, raw, value, keep } = state;
  const results = new Float64Array(graph.neurons);
  activate(layer, z, results);
  for (let n = first; n < end; n += 1) {
    if (present?.includes(n) === false) continue;
    const [terms, numbers] = activation.value
      ? [[names.of("z", n)], [z[n]]]
      : [names.all("z", layer), numbersOf(z, layer)];
    const result = results[n];
    raw[n] = result;
    notes.at("value", n);
    yield notes.set(names.of("value", n), value, n, activation.name, terms, numbers, result);
    if (keep === null || layer === graph.output) continue;
    const own = names.of("value", n);
    const kept = result * keep[n];
    yield notes.set(own, value, n, "*", [own, names.of("keep", n)], [result, keep[n]], kept);
  }
}

/** The numbers of a layer. @param {Float64Array} array @param {Layer} layer */
function numbersOf(array, { first, end, present }) {
  return present ? Array.from(present, (n) => array[n]) : Array.from(array.subarray(first, end));
}

/** The loss, and from the outputs back: steps 3 and 4. @param {Notes} notes @param {number} sample */
export function* backwardPass(notes, sample) {
  const { engine, names, lesson: { samples } } = notes;
  const { graph, state, rules: { loss } } = engine;
  const { delta, slope, keep } = state;
  const targets = samples.targetsOf(sample);
  const weight = samples.weightOf(sample);
  delta.fill(0);
  const outputs = names.all("value", graph.output);
  const values = Array.from(engine.outputs(state));
  const zs = state.z.subarray(graph.output.first, graph.output.end);
  notes.at("loss");
  const own = weight === 0 ? 0 : lossOf(zs, engine.outputs(state), targets, loss);
  yield notes.note("loss", loss.name, outputs, values, own);
  if (weight === 0) return;
  if (weight !== 1) yield notes.note("loss", "*", [weight, "loss"], [weight, own], weight * own);
  yield* outputDeltas(notes, targets, weight);
  if (!delta.some((each) => each !== 0)) return;
  for (const layer of graph.layers.slice(0, -1).reverse()) {
    for (let n = layer.first; n < layer.end; n += 1) {
      const name = () => names.of("slope", n);
      notes.at("slope", n);
      yield notes.set(name(), slope, n, "=", [0], [0], 0);
      for (const w of graph.leaving[n]) {
        const target = graph.target[w];
        if (delta[target] === 0 || state.keepWeights?.[w] === 0) continue;
        notes.at("slope", n, w);
        yield* productOf(notes, w, names.of("delta", target), delta[target]);
        const product = notes.register("product");
        yield notes.set(
          name(),
          slope,
          n,
          "+",
          [name(), "product"],
          [slope[n], product],
          slope[n] + product,
        );
      }
      if (keep === null) continue;
      notes.at("slope", n);
      const kept = slope[n] * keep[n];
      const terms = [name(), names.of("keep", n)];
      yield notes.set(name(), slope, n, "*", terms, [slope[n], keep[n]], kept);
    }
    yield* deltasOf(notes, layer);
  }
}

/** @param {Notes} notes @param {ArrayLike<number>} targets @param {number} weight of the sample */
function* outputDeltas(notes, targets, weight) {
  const { engine: { graph: { output }, state: { value, slope, delta }, rules: { loss } }, names } =
    notes;
  const { first, end } = output;
  for (let n = first; n < end; n += 1) {
    const [a, y] = [value[n], targets[n - first]];
    const terms = [names.of("value", n), y];
    notes.at(loss.partner ? "delta" : "slope", n);
    if (loss.partner) {
      yield notes.set(names.of("delta", n), delta, n, "-", terms, [a, y], a - y);
      continue;
    }
    const name = names.of("slope", n);
    const found = loss.derivative(a, y);
    yield notes.set(name, slope, n, `${loss.name}'`, terms, [a, y], found);
    const share = loss.mean ? 1 / (end - first) : 1;
    if (loss.mean) yield notes.set(name, slope, n, "*", [share, name], [share, found], share * found);
  }
  if (!loss.partner) yield* deltasOf(notes, output);
  if (weight === 1) return;
  for (let n = first; n < end; n += 1) {
    const name = names.of("delta", n);
    notes.at("delta", n);
    yield notes.set(name, delta, n, "*", [weight, name], [weight, delta[n]], weight * delta[n]);
  }
}

/** The deltas of a layer, from its slopes. @param {Notes} notes @param {Layer} layer */
function* deltasOf(notes, layer) {
  const { engine: { state: { z, raw, slope, delta } }, names } = notes;
  const { first, end, activation } = layer;
  if (activation.layerDeltas) {
    const results = slope.slice(first, end);
    activation.layerDeltas(raw.subarray(first, end), results);
    const terms = () => [...names.all("value", layer), ...names.all("slope", layer)];
    const numbers = [...numbersOf(raw, layer), ...numbersOf(slope, layer)];
    for (let n = first; n < end; n += 1) {
      const name = names.of("delta", n);
      notes.at("delta", n);
      yield notes.set(name, delta, n, `${activation.name}'`, terms(), numbers, results[n - first]);
    }
    return;
  }
  for (let n = first; n < end; n += 1) {
    const found = activation.derivative?.(z[n], raw[n]) ?? NaN;
    notes.at("delta", n);
    yield notes.note("derivative", `${activation.name}'`, [names.of("z", n)], [z[n]], found);
    const terms = [names.of("slope", n), "derivative"];
    yield notes.set(names.of("delta", n), delta, n, "*", terms, [slope[n], found], slope[n] * found);
  }
}

/** The gradients of the sample: step 5. @param {Notes} notes */
export function* addAll(notes) {
  const { engine: { graph, state: { value, delta, keepWeights }, gradients }, names } = notes;
  for (let n = graph.inputs; n < graph.neurons; n += 1) {
    if (delta[n] === 0) continue;
    const own = () => names.of("delta", n);
    notes.at("gradient", n);
    yield notes.sum(names.of("bias_grad", n), gradients.biases, n, own(), delta[n]);
    for (let w = graph.first(n); w < graph.end(n); w += 1) {
      const source = graph.source[w];
      if (value[source] === 0 || keepWeights?.[w] === 0) continue;
      notes.at("gradient", n, w);
      let [name, from] = [names.of("value", source), value[source]];
      if (keepWeights !== null) {
        const keep = names.ofWeight("keep", w);
        yield notes.note("kept", "*", [name, keep], [from, keepWeights[w]], from * keepWeights[w]);
        [name, from] = ["kept", from * keepWeights[w]];
      }
      yield notes.note("product", "*", [own(), name], [delta[n], from], delta[n] * from);
      yield notes.sum(names.ofWeight("grad", w), gradients.weights, w, "product", delta[n] * from);
    }
  }
}
