/** The engine of a training: rows of weights where the net and the numbers allow it, lists otherwise.
 *
 * @typedef {import("./lists.js").Lesson} Lesson
 * @typedef {import("./lists.js").Rules} Rules
 * @typedef {import("./samples.js").Samples} Samples
 */

import { DenseEngine, OutOfBoundsError } from "./dense.js";
import { ListEngine } from "./lists.js";
import { isDense } from "./packing.js";

export class Engine {
  /**
   * @param {import("./graph.js").Graph} graph @param {import("./passes.js").Numbers} numbers
   * @param {{weights: Uint8Array | null, biases: Uint8Array}} fixed
   * @param {Rules} rules @param {number} batchSize
   */
  constructor(graph, numbers, fixed, rules, batchSize) {
    this.graph = graph;
    this.lists = new ListEngine(graph, numbers, fixed, rules);
    this.batchSize = batchSize;
    this.dense = /** @type {DenseEngine | null} */ (null);
    this.steps = { dense: 0, lists: 0 };
    this.pack();
  }

  /** Take over what was written into the lists. */
  pack() {
    const { graph, lists } = this;
    const isPossible = isDense(graph) && lists.rules.dropconnect === 0;
    this.dense = isPossible ? new DenseEngine(graph, lists, lists.rules, this.batchSize) : null;
  }

  /** Learn from a batch. @param {Lesson} lesson @returns {import("./lists.js").Taken} */
  take(lesson) {
    const { dense, lists, steps } = this;
    if (dense !== null) {
      try {
        const taken = dense.take(lesson);
        steps.dense += 1;
        return taken;
      } catch (error) {
        if (!(error instanceof OutOfBoundsError)) throw error;
      }
      dense.net.store(lists);
    }
    const taken = lists.take(lesson);
    steps.lists += 1;
    dense?.net.load(lists);
    return taken;
  }

  /** Bring the lists up to date. */
  sync() {
    this.dense?.net.store(this.lists);
  }

  /** Weights, biases and what the optimizer remembers, up to date. */
  get parameters() {
    this.sync();
    const { weights, biases } = this.lists;
    return { weights, biases };
  }

  /** Send a sample through the net as it is; return its loss, whether it is predicted right, and outputs.
   * @param {Samples} samples @param {number} sample
   */
  judged(samples, sample) {
    if (this.dense !== null) {
      try {
        return this.dense.judged(samples, sample);
      } catch (error) {
        if (!(error instanceof OutOfBoundsError)) throw error;
      }
      this.dense.net.store(this.lists);
    }
    return this.lists.judged(samples, sample);
  }
}
