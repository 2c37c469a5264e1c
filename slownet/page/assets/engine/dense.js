/**
 * The engine for nets of layers that are joined one to the next: the arithmetic of `lists.js`, arranged as
 * `slownet/engines/kernels/` arranges it, several sums side by side.
 *
 * Weights stand in rows, one for each source; a weight that is not there is 0 and stays 0. That is the same
 * arithmetic as long as numbers are in bounds: a step in which one is not is left to `lists.js`.
 *
 * @typedef {import("./graph.js").Graph} Graph
 * @typedef {import("./lists.js").Lesson} Lesson
 * @typedef {import("./lists.js").Rules} Rules
 * @typedef {import("./samples.js").Samples} Samples
 */

import { isRight } from "./judging.js";
import { CHUNK, LIMIT, packed } from "./packing.js";
import { lossOf } from "./passes.js";
import { key, uniform, USE } from "./random.js";
import { listDescend, listSums, outerDescend, rowSums } from "./sums.js";

/** A number with which the rows of weights do not give the bits of the passes. */
export class OutOfBoundsError extends Error {}

const LARGEST_STEP = 1e288; // a smaller one cannot make a finite number infinite

export class DenseEngine {
  /** @param {Graph} graph that `isDense` @param {import("./lists.js").ListEngine} lists its numbers
   * @param {Rules} rules @param {number} batchSize
   */
  constructor(graph, lists, rules, batchSize) {
    this.graph = graph;
    this.rules = rules;
    this.rowsAtOnce = Math.min(CHUNK, batchSize);
    this.net = packed(graph, lists, this.rowsAtOnce, rules.dropout > 0);
    this.layers = this.net.layers;
    this.output = this.layers[this.layers.length - 1];
    this.targets = new Float64Array(this.output.size);
    const widest = Math.max(...this.layers.map((layer) => layer.rows));
    this.index = new Uint32Array(widest + 1);
    this.values = new Float64Array(widest + 1);
  }

  /** Learn from a batch.
   * @param {Lesson} lesson @returns {import("./lists.js").Taken}
   * @throws {OutOfBoundsError} then nothing has changed
   */
  take(lesson) {
    const { samples, batch, weightSum, change: { rate, factor } } = lesson;
    const { rules } = this;
    const largest = rate * factor * batch.length * LIMIT * LIMIT;
    if (!(largest < LARGEST_STEP && samples.largest <= LIMIT && weightSum > 0 && this.net.isWithin())) {
      throw new OutOfBoundsError();
    }
    const inOneRound = rules.plain && batch.length <= this.rowsAtOnce;
    let loss = 0;
    let right = 0;
    for (let first = 0; first < batch.length; first += this.rowsAtOnce) {
      const count = Math.min(this.rowsAtOnce, batch.length - first);
      for (let r = 0; r < count; r += 1) {
        const sample = batch[first + r];
        this.forward(samples, sample, r, this.#place(lesson, first + r));
        loss += this.backward(samples, sample, r);
        if (isRight(rules.targetKind, this.output.valueOf(r), this.targets)) right += 1;
      }
      if (!inOneRound) this.addGradients(samples, batch.subarray(first, first + count), first === 0);
    }
    if (rules.alpha) loss += 0.5 * rules.alpha * this.net.squares();
    if (!Number.isFinite(loss)) throw new OutOfBoundsError(); // the other engine names the error
    if (inOneRound) this.descend(lesson);
    else this.update(lesson);
    return { loss, right };
  }

  /** Where the random numbers of dropout are, for a sample. @param {Lesson} lesson @param {number} position */
  #place({ step }, position) {
    const { dropout, seed } = this.rules;
    return dropout > 0 ? key(seed, USE.dropout, step, position) : null;
  }

  /** Send a sample through the net; its numbers stand in row r.
   * @param {Samples} samples @param {number} sample @param {number} r
   * @param {import("./random.js").Key | null} place of the random numbers that drop neurons
   */
  forward(samples, sample, r, place) {
    const { layers } = this;
    let before = 0;
    for (let l = 0; l < layers.length; l += 1) {
      const layer = layers[l];
      const { width, biases, z } = layer;
      const { view: weights } = layer.weights;
      const at = r * width;
      if (l === 0) {
        const { start, index, values } = samples;
        listSums(
          z,
          at,
          biases.values,
          0,
          weights,
          width,
          index,
          values,
          start[sample],
          start[sample + 1],
        );
      } else {
        const found = this.#listed(layers[l - 1], r);
        listSums(z, at, biases.values, 0, weights, width, this.index, this.values, 0, found);
      }
      layer.activate(r);
      if (place === null || layer === this.output) {
        for (let j = at; j < at + layer.size; j += 1) layer.value[j] = layer.raw[j];
      } else {
        dropOut(layer, at, this.rules.dropout, place, before);
        before += layer.size;
      }
      checkWithin(layer.value, at, layer.size);
    }
  }

  /** List the values of a layer that are not 0; return how many there are.
   * @param {import("./packing.js").PackedLayer} layer @param {number} r
   */
  #listed({ value, width, size }, r) {
    const { index, values } = this;
    const at = r * width;
    let found = 0;
    for (let k = 0; k < size; k += 1) {
      const x = value[at + k];
      index[found] = k;
      values[found] = x;
      if (x !== 0) found += 1;
    }
    return found;
  }

  /** Compute the deltas of the sample in row r; return its loss.
   * @param {Samples} samples @param {number} sample @param {number} r
   */
  backward(samples, sample, r) {
    const { layers, output } = this;
    const sampleWeight = samples.weightOf(sample);
    const { size } = output;
    this.#readTargets(samples, sample);
    const hasError = sampleWeight !== 0 && this.#outputDeltas(r, sampleWeight);
    for (let l = layers.length - 2; l >= 0; l -= 1) {
      const layer = layers[l];
      const above = layers[l + 1];
      const at = r * layer.width;
      if (!hasError) {
        layer.delta.fill(0, at, at + layer.size);
        continue;
      }
      const { width } = above;
      rowSums(
        layer.delta,
        at,
        above.weights.view,
        width,
        layer.size,
        above.delta,
        r * width,
        above.size,
      );
      const { keep } = layer;
      if (keep !== null) { for (let j = at; j < at + layer.size; j += 1) layer.delta[j] *= keep[j]; }
      layer.throughActivation(r);
      checkWithin(layer.delta, at, layer.size);
    }
    if (sampleWeight === 0) {
      output.delta.fill(0, r * output.width, r * output.width + size);
      return 0;
    }
    return sampleWeight * this.#lossOf(r);
  }

  /** @param {Samples} samples @param {number} sample */
  #readTargets(samples, sample) {
    const { targets, output: { size } } = this;
    for (let j = 0; j < size; j += 1) targets[j] = samples.targets[sample * size + j];
  }

  /** The loss of the sample in row r. @param {number} r */
  #lossOf(r) {
    const { output, targets, rules: { loss } } = this;
    return lossOf(output.zOf(r), output.valueOf(r), targets, loss);
  }

  /** Compute the deltas of the outputs; return whether any is not 0. @param {number} r
   * @param {number} sampleWeight
   */
  #outputDeltas(r, sampleWeight) {
    const { output, targets, rules: { loss } } = this;
    const { size, value, delta } = output;
    const at = r * output.width;
    const share = loss.mean ? 1 / size : 1;
    for (let j = 0; j < size; j += 1) {
      delta[at + j] = loss.partner
        ? value[at + j] - targets[j]
        : share * loss.derivative(value[at + j], targets[j]);
    }
    if (!loss.partner) output.throughActivation(r);
    let hasError = false;
    for (let j = at; j < at + size; j += 1) {
      delta[j] *= sampleWeight;
      if (delta[j] !== 0) hasError = true;
    }
    checkWithin(delta, at, size);
    return hasError;
  }

  /** Add the gradients of the samples in the rows to those of the batch.
   * @param {Samples} samples @param {Uint32Array} batch @param {boolean} isFirst whether there are none yet
   */
  addGradients(samples, batch, isFirst) {
    for (const [l, layer] of this.layers.entries()) {
      const { width, rows, weights, biases, delta, deltaView } = layer;
      if (isFirst) {
        weights.gradients.fill(0);
        biases.gradients.fill(0);
      }
      for (let r = 0; r < batch.length; r += 1) {
        for (let j = 0; j < layer.size; j += 1) biases.gradients[j] += delta[r * width + j];
      }
      const { ends, sample, value } = this.#buckets(l, samples, batch);
      const { gradients } = weights;
      for (let k = 0; k < rows; k += 1) {
        const from = k * layer.rowsAtOnce;
        const at = k * width;
        if (ends[k] > from) {
          listSums(gradients, at, gradients, at, deltaView, width, sample, value, from, ends[k]);
        }
      }
    }
  }

  /** For each source of a layer the rows in which it is not 0, and its values.
   * @param {number} l @param {Samples} samples @param {Uint32Array} batch
   */
  #buckets(l, samples, batch) {
    const { buckets, rows, rowsAtOnce } = this.layers[l];
    const { ends, sample, value } = buckets;
    for (let k = 0; k < rows; k += 1) ends[k] = k * rowsAtOnce;
    for (let r = 0; r < batch.length; r += 1) {
      const isInput = l === 0;
      const found = isInput ? samples.start[batch[r] + 1] : this.#listed(this.layers[l - 1], r);
      const index = isInput ? samples.index : this.index;
      const values = isInput ? samples.values : this.values;
      for (let p = isInput ? samples.start[batch[r]] : 0; p < found; p += 1) {
        const end = ends[index[p]];
        sample[end] = r;
        value[end] = values[p];
        ends[index[p]] = end + 1;
      }
    }
    return buckets;
  }

  /** Plain gradient descent; gradients are not stored. @param {Lesson} lesson */
  descend({ samples, batch, change: { rate, factor } }) {
    for (let l = this.layers.length - 1; l >= 0; l -= 1) {
      const layer = this.layers[l];
      const { width, rows, delta, deltaView, biases } = layer;
      const { values: weights } = layer.weights;
      if (batch.length === 1) {
        const from = l === 0 ? samples.start[batch[0]] : 0;
        const to = l === 0 ? samples.start[batch[0] + 1] : this.#listed(this.layers[l - 1], 0);
        const { index, values } = l === 0 ? samples : this;
        outerDescend(weights, width, delta, index, values, from, to, rate, factor);
      } else {
        const { ends, sample, value } = this.#buckets(l, samples, batch);
        for (let k = 0; k < rows; k += 1) {
          const from = k * layer.rowsAtOnce;
          if (ends[k] === from) continue;
          listDescend(weights, k * width, deltaView, width, sample, value, from, ends[k], rate, factor);
        }
      }
      for (let j = 0; j < layer.size; j += 1) {
        let sum = 0;
        for (let r = 0; r < batch.length; r += 1) sum += delta[r * width + j];
        if (!biases.fixed?.[j]) biases.values[j] -= rate * (factor * sum);
      }
      layer.restoreFixed();
    }
  }

  /** Change weights and biases by their gradients. @param {Lesson} lesson */
  update({ change }) {
    const { net, rules } = this;
    let { factor } = change;
    if (rules.clipNorm !== null) {
      const norm = net.gradientNorm(factor);
      if (!Number.isFinite(norm)) throw new OutOfBoundsError();
      factor *= rules.normFactor(norm, rules.clipNorm);
    }
    const scaled = { ...change, factor };
    for (const { weights, biases } of this.layers) {
      const inBounds = rules.plain
        ? weights.descend(change.rate, factor) && biases.descend(change.rate, factor)
        : weights.optimize(scaled, true) && biases.optimize(scaled, false);
      if (!inBounds) throw new OutOfBoundsError();
    }
    for (const { weights, biases } of this.layers) {
      weights.commit();
      biases.commit();
    }
  }

  /** Send a sample through the net as it is; return its loss, whether it is predicted right, and outputs.
   * @param {Samples} samples @param {number} sample
   * @throws {OutOfBoundsError}
   */
  judged(samples, sample) {
    const { output, targets, rules: { targetKind } } = this;
    if (!(samples.largest <= LIMIT && this.net.isWithin())) throw new OutOfBoundsError();
    this.forward(samples, sample, 0, null);
    this.#readTargets(samples, sample);
    const values = output.valueOf(0);
    return { loss: this.#lossOf(0), right: isRight(targetKind, values, targets), values };
  }
}

/** Drop some neurons of a layer and scale the others up.
 * @param {import("./packing.js").PackedLayer} layer @param {number} at @param {number} dropped the share
 * @param {import("./random.js").Key} place @param {number} before neurons of the layers before
 */
function dropOut({ raw, value, keep, size }, at, dropped, place, before) {
  const kept = 1 / (1 - dropped);
  for (let j = 0; j < size; j += 1) {
    const factor = uniform(place, before + j) >= dropped ? kept : 0;
    if (keep !== null) keep[at + j] = factor;
    value[at + j] = raw[at + j] * factor;
  }
}

/** @param {Float64Array} numbers @param {number} at @param {number} count */
function checkWithin(numbers, at, count) {
  for (let k = at; k < at + count; k += 1) {
    if (!(Math.abs(numbers[k]) <= LIMIT)) throw new OutOfBoundsError();
  }
}
