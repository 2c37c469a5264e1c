/** The update of a step, as single scalar operations: see `operations.js`.
 *
 * @typedef {import("./notes.js").Notes} Notes
 */

import { REGISTERS } from "./names.js";

/** alpha / 2 times the sum of the squares of all weights. @param {Notes} notes */
export function* addPenalty(notes) {
  const { engine: { rules: { alpha } } } = notes;
  notes.at("penalty");
  yield* squaresOf(
    notes,
    (w) => [notes.names.ofWeight("weight", w), notes.engine.weights.values[w]],
    false,
  );
  notes.at("penalty");
  const [total, squares] = [notes.register("total"), notes.register("squares")];
  const half = 0.5 * alpha;
  yield notes.note("product", "*", [half, "squares"], [half, squares], half * squares);
  yield notes.note(
    "total",
    "+",
    ["total", "product"],
    [total, half * squares],
    total + half * squares,
  );
}

/** Add up squares, of each neuron and then of all.
 * @param {Notes} notes @param {(weight: number) => [string, number]} of the name and the number of a weight
 * @param {boolean} areGradients whether biases count, and what is frozen does not
 * @param {(neuron: number) => [string, number]} [ofBias]
 */
function* squaresOf(notes, of, areGradients, ofBias) {
  const { engine: { graph, weights, biases } } = notes;
  yield notes.note("squares", "=", [0], [0], 0);
  const phase = areGradients ? "norm" : "penalty";
  for (let n = graph.inputs; n < graph.neurons; n += 1) {
    notes.at(phase, n);
    yield notes.note("square", "=", [0], [0], 0);
    if (ofBias && !biases.fixed?.[n]) yield* squareOf(notes, ...ofBias(n), areGradients);
    for (let w = graph.first(n); w < graph.end(n); w += 1) {
      notes.at(phase, n, w);
      if (!(areGradients && weights.fixed?.[w])) yield* squareOf(notes, ...of(w), areGradients);
    }
    notes.at(phase, n);
    const [sum, square] = [notes.register("squares"), notes.register("square")];
    yield notes.note("squares", "+", ["squares", "square"], [sum, square], sum + square);
  }
}

/** @param {Notes} notes @param {string} name @param {number} number @param {boolean} isGradient */
function* squareOf(notes, name, number, isGradient) {
  let [own, value] = [name, number];
  if (isGradient) {
    const { factor } = notes.lesson.change;
    value = factor * number;
    own = "mean";
    yield notes.note("mean", "*", [factor, name], [factor, number], value);
  }
  yield notes.note("product", "*", [own, own], [value, value], value * value);
  yield notes.sum("square", notes.registers, REGISTERS.indexOf("square"), "product", value * value);
}

/** The update of all weights and biases that training may change. @param {Notes} notes */
export function* updateAll(notes) {
  const { engine: { graph, weights, biases, rules }, names } = notes;
  let { factor } = notes.lesson.change;
  if (rules.clipNorm !== null) {
    const { gradients } = notes.engine;
    notes.at("norm");
    yield* squaresOf(
      notes,
      (w) => [names.ofWeight("grad", w), gradients.weights[w]],
      true,
      (n) => [names.of("bias_grad", n), gradients.biases[n]],
    );
    notes.at("norm");
    const squares = notes.register("squares");
    const norm = Math.sqrt(squares);
    yield notes.note("norm", "sqrt", ["squares"], [squares], norm);
    if (!Number.isFinite(norm)) notes.diverge("diverged.norm");
    const clip = rules.normFactor(norm, rules.clipNorm);
    yield notes.note("clip", "clip", ["norm", rules.clipNorm], [norm, rules.clipNorm], clip);
    factor *= clip;
  }
  for (let n = graph.inputs; n < graph.neurons; n += 1) {
    for (let w = graph.first(n); w < graph.end(n); w += 1) {
      const name = (/** @type {string} */ what) => names.ofWeight(what, w);
      notes.at("update", n, w);
      if (!weights.fixed?.[w]) yield* moveOne(notes, weights, w, name, name("grad"), factor, true);
    }
    const name = (/** @type {string} */ what) => names.of(what, n);
    notes.at("update", n);
    if (!biases.fixed?.[n]) yield* moveOne(notes, biases, n, name, name("bias_grad"), factor, false);
  }
}

/** Update a weight or a bias.
 * @param {Notes} notes @param {import("./parameters.js").Parameters} parameters @param {number} k
 * @param {(what: string) => string} nameOf @param {string} gradient its name
 * @param {number} factor of mean gradients @param {boolean} isWeight
 */
function* moveOne(
  notes,
  { values, gradients, first, second, remembers },
  k,
  nameOf,
  gradient,
  factor,
  isWeight,
) {
  const { change } = notes.lesson;
  const { rate, optimizer, constants } = change;
  const own = nameOf(isWeight ? "weight" : "bias");
  const mean = factor * gradients[k];
  yield notes.note("mean", "*", [factor, gradient], [factor, gradients[k]], mean);
  if (notes.engine.rules.plain) {
    yield notes.note("change", "*", [rate, "mean"], [rate, mean], rate * mean);
    const moved = values[k] - rate * mean;
    yield notes.set(own, values, k, "-", [own, "change"], [values[k], rate * mean], moved);
    if (!Number.isFinite(moved)) notes.diverge("diverged.update.of", { name: own });
    return;
  }
  yield* changeMean(notes, own, values[k], isWeight);
  const found = notes.register("mean");
  const before = remembers ? [first[k], second[k]] : [0, 0];
  const moved = optimizer.rule(values[k], found, before[0], before[1], rate, constants);
  const memory = isWeight ? nameOf("first") : nameOf("first_bias");
  const other = isWeight ? nameOf("second") : nameOf("second_bias");
  const terms = [own, "mean", memory, other, rate];
  const numbers = [values[k], found, ...before, rate];
  yield notes.set(own, values, k, optimizer.name, terms, numbers, moved[0]);
  if (!Number.isFinite(moved[0])) notes.diverge("diverged.update.of", { name: own });
  if (!remembers || optimizer.plain) return;
  yield notes.set(memory, first, k, optimizer.name, terms, numbers, moved[1]);
  yield notes.set(other, second, k, optimizer.name, terms, numbers, moved[2]);
}

/** Clip a mean gradient, and add penalties to it.
 * @param {Notes} notes @param {string} name @param {number} value of the weight
 * @param {boolean} isWeight
 */
function* changeMean(notes, name, value, isWeight) {
  const { clipValue, clipped, penalties, share } = notes.lesson.change;
  let mean = notes.register("mean");
  if (clipValue !== null) {
    const found = clipped(mean, clipValue);
    yield notes.note("mean", "clip", ["mean", clipValue], [mean, clipValue], found);
  }
  if (!isWeight) return;
  const at = REGISTERS.indexOf("mean");
  for (const { penalty, strength } of penalties) {
    const slope = penalty.derivative(value);
    yield notes.note("derivative", "penalty'", [name], [value], slope);
    yield notes.note("product", "*", [strength, "derivative"], [strength, slope], strength * slope);
    yield notes.sum("mean", notes.registers, at, "product", strength * slope);
  }
  mean = share * value;
  if (share === 0) return;
  yield notes.note("product", "*", [share, name], [share, value], mean);
  yield notes.sum("mean", notes.registers, at, "product", mean);
}
