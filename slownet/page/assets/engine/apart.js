/** A step taken apart: any place among its operations, from nothing taken to all of them.
 *
 * No operation is kept. A part is what is done for one sample, or at the end for all; a place is reached from the
 * begin of its part, and the begin of a part by the passes of the fast step.
 *
 * @typedef {import("./notes.js").Operation} Operation
 * @typedef {import("./training.js").Training} Training
 *
 * @typedef {object} Passed the numbers of the neurons for the sample of a part, as the step has them
 * @property {number} position of the sample in the batch
 * @property {Float64Array} z
 * @property {Float64Array} raw values before dropout
 * @property {Float64Array} value
 * @property {Float64Array | null} keep by what values are multiplied (dropout); null without it
 * @property {Float64Array | null} keepWeights the same for weights (dropconnect)
 * @property {Float64Array} slope
 * @property {Float64Array} delta
 * @property {number} loss
 *
 * @typedef {"operation" | "neuron" | "sample" | "step"} Unit
 */

import { DivergedError, divergence } from "./errors.js";
import { REGISTERS } from "./names.js";
import { Notes } from "./notes.js";
import { restore, stateOf } from "./state.js";
import { ofEnd, ofSample } from "./stepping.js";

export const RECENT = 48; // operations that are written out, up to a place
export const AHEAD = 32; // operations for which a name is made at a time
const MOST_NUMBERS = 4_000_000; // of gradients that are kept: 32 MB

export class StepApart {
  /** @param {Training} training that is not done @param {StepApart | null} [known] the same step, closed
   * @throws {DivergedError} if its next step cannot be begun
   */
  constructor(training, known = null) {
    this.training = training;
    this.state = stateOf(training);
    /** the numbers after the fast step; null if it diverges */
    this.fast =
      /** @type {import("./state.js").State | null} */ (known === null ? this.#fastStep() : known.fast);
    this.notes = this.#open();
    this.batch = this.notes.lesson.batch.slice();
    const { weights, biases } = this.state.numbers;
    this.distance = Math.ceil(
      this.batch.length * (weights.length + biases.length) / MOST_NUMBERS,
    );
    this.kept = known?.kept ??
      /** @type {{weights: Float64Array, biases: Float64Array, total: number}[]} */ ([]);
    /** how many operations are taken before each part */
    this.starts = known?.starts ?? [0];
    /** why the step cannot be taken, if there is a reason */
    this.problem = known?.problem ?? "";
    this.part = -1;
    this.place = 0;
    this.operations = /** @type {Iterator<Operation, void>} */ ([].values());
    this.recent = /** @type {Operation[]} */ ([]);
    this.passed = /** @type {Passed | null} */ (null);
  }

  #fastStep() {
    const { training } = this;
    try {
      training.advance();
      return stateOf(training);
    } catch (error) {
      if (!(error instanceof DivergedError)) throw error;
      return null;
    } finally {
      training.losses.length = training.epochs.length = 0;
      restore(training, this.state);
    }
  }

  #open() {
    const { training } = this;
    training.engine.sync();
    if (training.progress.atEndOfEpoch) training.progress.startEpoch();
    const notes = new Notes(training, training.lesson());
    notes.isKept = false;
    return notes;
  }

  /** How many operations there are, as far as they are counted. */
  get count() {
    return this.starts[this.starts.length - 1];
  }

  /** The parts: the samples, and the end. */
  get parts() {
    return this.batch.length + 1;
  }

  get isCounted() {
    return this.problem !== "" || this.starts.length > this.parts;
  }

  /** Leave the training as it was before the step. */
  close() {
    restore(this.training, this.state);
  }

  /** Count the operations; return whether all are counted. @param {() => boolean} [isOver] whether it is to
   * pause
   */
  countAll(isOver = () => false) {
    while (!this.isCounted) {
      const part = this.starts.length - 1;
      if (part === this.kept.length * this.distance) this.#keep(part);
      this.#begin(part);
      while (this.#taken() !== null);
      this.starts.push(this.place);
      if (isOver()) break;
    }
    return this.isCounted;
  }

  /** Keep the gradients before a part. @param {number} part */
  #keep(part) {
    if (part > 0 && this.part !== part - 1) this.#addUp(part);
    const { engine: { gradients: { weights, biases } } } = this.notes;
    const total = part === 0 ? 0 : this.notes.register("total");
    if (part === 0) [weights, biases].forEach((each) => each.fill(0));
    this.kept.push({ weights: weights.slice(), biases: biases.slice(), total });
  }

  /** Go where so many operations are taken. @param {number} place */
  go(place) {
    const part = this.partOf(place - 1);
    const { names } = this.notes;
    const isNear = place - this.place <= RECENT + AHEAD;
    if (part !== this.part || place < this.place || (names.isMute && isNear)) this.#begin(part);
    if (place - this.place > RECENT + AHEAD) this.recent = [];
    while (this.place < place) {
      names.isMute = place - this.place > RECENT + AHEAD;
      const taken = /** @type {Operation} */ (this.#taken());
      if (names.isMute) continue;
      this.recent.push(taken);
      if (this.recent.length > RECENT) this.recent.shift();
    }
  }

  /** The part of an operation. @param {number} index */
  partOf(index) {
    let [low, high] = [0, Math.min(this.parts, this.starts.length) - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.starts[middle] <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The place behind the sample of another place; behind the last one, at the end. @param {number} place */
  endOfSample(place) {
    return this.starts[Math.min(this.partOf(place - 1), this.batch.length - 1) + 1];
  }

  /** The place that is one unit before or after another. @param {number} place @param {Unit} unit
   * @param {number} by 1 or -1
   */
  placeAfter(place, unit, by) {
    if (unit === "operation") return Math.max(0, Math.min(this.count, place + by));
    if (unit === "step" || (by > 0 ? place >= this.count : place <= 0)) return by > 0 ? this.count : 0;
    const part = this.partOf(by > 0 ? place : place - 1);
    if (unit === "sample") return by > 0 ? this.starts[part + 1] : this.starts[part];
    return this.#endOfNeuron(part, place, by);
  }

  /** Where the operations for another neuron or another purpose begin. @param {number} part
   * @param {number} place @param {number} by
   */
  #endOfNeuron(part, place, by) {
    this.notes.names.isMute = true;
    this.#begin(part);
    let last = /** @type {Operation | null} */ (null);
    let begin = this.place;
    for (let each = this.#taken(); each !== null; each = this.#taken()) {
      const at = this.place - 1;
      const isOther = last !== null &&
        (last.phase !== each.phase || (last.neuron !== each.neuron && each.phase !== "input"));
      if (isOther && by > 0 && at > place) return at;
      if (isOther) begin = at;
      if (by < 0 && at === place - 1) return begin;
      last = each;
    }
    return this.place;
  }

  /** The place after the last operation, before a place, that wrote a number; null if there is none.
   * @param {string} name @param {number} place
   */
  find(name, place) {
    const wanted = this.notes.arrayOf(name);
    if (wanted === null) return null;
    const last = this.partOf(place - 1);
    const end = this.parts - 1;
    for (let part = last; part >= 0; part -= 1) {
      const found = this.#findIn(part, wanted, place);
      if (found !== null) return found;
      if (wanted.isOf === "sample" && part < end || wanted.isOf === "end" && part === end) return null;
    }
    return null;
  }

  /** @param {number} part @param {{array: ArrayLike<number>, k: number}} wanted @param {number} place */
  #findIn(part, { array, k }, place) {
    this.notes.names.isMute = true;
    this.#begin(part);
    let found = null;
    while (this.place < place) {
      const taken = this.#taken();
      if (taken === null) break;
      if (taken.array === array && taken.place === k) found = this.place;
    }
    return found;
  }

  /** The operations of a part up to a place, with names only from another one on.
   * @param {number} part @param {number} place @param {number} named
   */
  *through(part, place, named) {
    const { notes: { names } } = this;
    this.#begin(part);
    while (this.place < place) {
      names.isMute = this.place < named;
      const taken = this.#taken();
      if (taken === null) break;
      yield taken;
    }
    names.isMute = true; // as after `find`: what is told next begins anew
  }

  /** The next operation of the part; null if there is none. @returns {Operation | null} */
  #taken() {
    try {
      const { value, done } = this.operations.next();
      if (done) return null;
      this.place += 1;
      return /** @type {Operation} */ (value);
    } catch (error) {
      this.problem = divergence(error).message;
      return null;
    }
  }

  /** Stand before the first operation of a part. @param {number} part */
  #begin(part) {
    const { notes } = this;
    const { state } = notes.engine;
    const end = this.parts - 1;
    if (this.part !== part - 1 || this.place !== this.starts[part]) {
      this.#addUp(part);
    }
    this.part = part;
    this.place = this.starts[part];
    this.recent = [];
    if (part === end) {
      this.pass(); // with the weights as they are before the update
      this.operations = ofEnd(notes);
      return;
    }
    [state.z, state.value, state.slope, state.delta].forEach((each) => each.fill(0));
    this.operations = ofSample(notes, part);
  }

  /** Bring gradients and the sum of losses to where they are before a part. @param {number} part */
  #addUp(part) {
    const { notes, state: { numbers, memory } } = this;
    const { engine } = notes;
    engine.weights.values.set(numbers.weights);
    engine.biases.values.set(numbers.biases);
    for (const name of /** @type {const} */ (["weights", "biases"])) {
      engine[name].first.set(memory?.[name][0] ?? []);
      engine[name].second.set(memory?.[name][1] ?? []);
    }
    const place = Math.min(this.kept.length - 1, Math.floor(part / this.distance));
    const { weights, biases, total } = this.kept[place];
    engine.gradients.weights.set(weights);
    engine.gradients.biases.set(biases);
    let sum = total;
    for (let each = place * this.distance; each < part; each += 1) {
      sum += engine.addSample(notes.lesson, each);
    }
    notes.registers[REGISTERS.indexOf("total")] = sum;
  }

  /** What the neurons have for the sample of the place where it stands, as the whole step has it; for the last
   * sample, at the end. @returns {Passed}
   */
  pass() {
    const position = Math.min(this.part, this.batch.length - 1);
    if (this.passed?.position === position) return this.passed;
    const { notes: { engine, lesson } } = this;
    const { state, gradients } = engine;
    const keep = [state.z, state.value, state.raw, state.slope, state.delta];
    const before = [...keep, gradients.weights, gradients.biases].map((each) => each.slice());
    const loss = engine.addSample(lesson, position);
    const [z, value, raw, slope, delta] = keep.map((each) => each.slice());
    const kept = [state.keep, state.keepWeights].map((each) => each?.slice() ?? null);
    [...keep, gradients.weights, gradients.biases].forEach((each, k) => each.set(before[k]));
    const numbers = { z, raw, value, keep: kept[0], keepWeights: kept[1], slope, delta };
    return this.passed = { position, ...numbers, loss };
  }

  /** Whether the numbers of the net, after all operations, are those of the fast step, to the last bit. */
  isSame() {
    const { engine: { weights, biases } } = this.notes;
    if (this.fast === null) return false;
    const { numbers, memory } = this.fast;
    const pairs = [[weights.values, numbers.weights], [biases.values, numbers.biases]];
    if (memory) {
      pairs.push([weights.first, memory.weights[0]], [weights.second, memory.weights[1]]);
      pairs.push([biases.first, memory.biases[0]], [biases.second, memory.biases[1]]);
    }
    return pairs.every(([own, other]) => own.every((each, k) => Object.is(each, other[k])));
  }
}
