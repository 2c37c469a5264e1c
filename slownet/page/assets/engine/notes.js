/**
 * The operations that were taken, one after the other.
 *
 * @typedef {object} Operation
 * @property {string} name of the number that is computed
 * @property {string} sign "+", "*", "-", "=", or the name of a formula
 * @property {(string | number)[]} terms what it is computed from, by name
 * @property {number[]} numbers the same as numbers
 * @property {number} before the number that stood there
 * @property {number} result
 * @property {ArrayLike<number> & Record<number, number>} array where it stands, at `place`
 * @property {number} place
 * @property {Phase} phase of the step
 * @property {number} neuron for which it is taken; -1 for none
 * @property {number} weight that takes part; -1 for none
 *
 * @typedef {"begin" | "input" | "sum" | "value" | "loss" | "slope" | "delta" | "gradient" | "total" |
 *   "penalty" | "norm" | "update"} Phase
 */

import { say } from "../language.js";
import { DivergedError } from "./errors.js";
import { Names, REGISTERS } from "./names.js";

export class Notes {
  /** @param {{engine: {lists: import("./lists.js").ListEngine},
   *   structure: Pick<import("./state.js").Structure, "graph" | "layers" | "ids">}} training
   * @param {import("./lists.js").Lesson} lesson
   */
  constructor(training, lesson) {
    this.engine = training.engine.lists;
    this.lesson = lesson;
    this.names = new Names(training);
    this.registers = new Float64Array(REGISTERS.length);
    /** those that were taken, and those that were taken back */
    this.done = /** @type {Operation[]} */ ([]);
    this.undone = /** @type {Operation[]} */ ([]);
    /** whether operations can be taken back */
    this.isKept = true;
    this.phase = /** @type {Phase} */ ("begin");
    this.neuron = -1;
    this.weight = -1;
  }

  /** Say what the next operations are for. @param {Phase} phase @param {number} [neuron] @param {number} [weight] */
  at(phase, neuron = -1, weight = -1) {
    this.phase = phase;
    this.neuron = neuron;
    this.weight = weight;
  }

  /** The number of a register. @param {string} name */
  register(name) {
    return this.registers[REGISTERS.indexOf(name)];
  }

  /** Where a number stands, and whether it is computed for each sample, at the end, or in both.
   * @param {string} name
   */
  arrayOf(name) {
    const { engine: { state, weights, biases }, registers, names } = this;
    const register = REGISTERS.indexOf(name);
    if (register >= 0) {
      return { array: registers, k: register, isOf: name === "total" ? "all" : "sample" };
    }
    const read = names.read(name);
    if (read === null) return null;
    const of = (/** @type {ArrayLike<number>} */ array, /** @type {string} */ isOf) => ({
      array,
      k: Math.max(read.neuron, read.weight),
      isOf,
    });
    const { what } = read;
    if (what === "z" || what === "value" || what === "slope" || what === "delta") {
      return of(state[what], "sample");
    }
    if (what === "grad") return of(weights.gradients, "all");
    if (what === "bias_grad") return of(biases.gradients, "all");
    if (what === "weight") return of(weights.values, "end");
    if (what === "bias") return of(biases.values, "end");
    if (what === "first" || what === "second") return of(weights[what], "end");
    if (what === "first_bias") return of(biases.first, "end");
    return what === "second_bias" ? of(biases.second, "end") : null;
  }

  /** Write a number. @param {string} name @param {Operation["array"]} array @param {number} place
   * @param {string} sign @param {(string | number)[]} terms @param {number[]} numbers
   * @param {number} result @returns {Operation}
   */
  set(name, array, place, sign, terms, numbers, result) {
    const { phase, neuron, weight } = this;
    const operation = {
      ...{ name, sign, terms, numbers, before: array[place], result, array, place },
      ...{ phase, neuron, weight },
    };
    array[place] = result;
    if (this.isKept) this.done.push(operation);
    return operation;
  }

  /** Write a number into a register. @param {string} name @param {string} sign
   * @param {(string | number)[]} terms @param {number[]} numbers @param {number} result
   */
  note(name, sign, terms, numbers, result) {
    return this.set(name, this.registers, REGISTERS.indexOf(name), sign, terms, numbers, result);
  }

  /** Add a number to another. @param {string} name @param {Float64Array} array @param {number} place
   * @param {string} other @param {number} number
   */
  sum(name, array, place, other, number) {
    const before = array[place];
    return this.set(name, array, place, "+", [name, other], [before, number], before + number);
  }

  /** Take the last operation back; null if there is none. @returns {Operation | null} */
  back() {
    const last = this.done.pop();
    if (!last) return null;
    last.array[last.place] = last.before;
    this.undone.push(last);
    return last;
  }

  /** Take the operation again that was taken back last; null if there is none. @returns {Operation | null} */
  again() {
    const next = this.undone.pop();
    if (!next) return null;
    next.array[next.place] = next.result;
    this.done.push(next);
    return next;
  }

  /** Undo the step. @param {import("../language.js").Key} key why: a text
   * @param {import("../language.js").Values} [values] what stands in its places @returns {never}
   */
  diverge(key, values) {
    while (this.back() !== null);
    this.undone = [];
    throw new DivergedError("diverged.step", { step: this.lesson.step, why: say(key, values) });
  }
}
