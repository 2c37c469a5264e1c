/** What a number was made of: operations of a step, or of a sample, put together into one formula.
 *
 * Nothing is computed here: all numbers are those of the operations. What they name has a formula of its own,
 * which is made when somebody asks for it.
 *
 * @typedef {import("./apart.js").StepApart | import("./onesample.js").OneSample} Apart
 * @typedef {import("./notes.js").Operation} Operation
 * @typedef {ReturnType<import("./notes.js").Notes["arrayOf"]>} Found
 * @typedef {"" | "weight" | "memory" | "keep" | "input" | "target" | "rate" | "factor" |
 *   "setting" | "right" | "samples" | "step" | "steps" | "weights" | "scale" | "centre"} Given
 *
 * @typedef {object} Leaf a number in a formula
 * @property {string} label by which it is known in a derivation; "" for a plain number
 * @property {string} name that its operations have
 * @property {number} before the place before which it was written
 * @property {number} result
 * @property {Given} given what it is, where no operation of the step has made it
 * @property {number} [step] that made it, where that is another one
 *
 * @typedef {object} Made an operation
 * @property {string} sign "+", "*", "-", or the name of a formula; of a "+", all terms of the sum
 * @property {Term[]} of
 * @property {number} result
 *
 * @typedef {Leaf | Made} Term
 *
 * @typedef {object} Part a number, and what it was made of
 * @property {string} label
 * @property {number} result
 * @property {Given} given
 * @property {Term} made
 * @property {number} place of the last operation that made it
 */

import { AHEAD } from "./apart.js";
import { REGISTERS } from "./names.js";
import { writtenTerm } from "./written.js";

const INSIDE = ["product", "kept", "change"]; // registers that are written out where they are used
const ADDED_UP = ["total", "squares", "square", "loss"]; // those that more than the last operations write
const OF_STEP = ["total", "squares", "norm", "clip"]; // those that a step has one of
const GIVEN = /** @type {Record<string, Given>} */ ({
  ...{ weight: "weight", bias: "weight", keep: "keep" },
  ...{ first: "memory", second: "memory", first_bias: "memory", second_bias: "memory" },
});

/** What a number was made of, as it stood before a place; null where no operation has written it.
 * @param {Apart} apart whose operations are counted @param {string} name @param {number} before
 * @returns {Part | null}
 */
export function derived(apart, name, before) {
  const found = apart.notes.arrayOf(name);
  if (found === null || before < 1) return null;
  const deriving = new Deriving(apart, name);
  const last = apart.partOf(before - 1);
  for (let part = found.isOf === "all" ? 0 : last; part <= last; part += 1) {
    const end = part === last ? before : apart.starts[part + 1];
    const [from, to] = span(apart, part, end, name, found);
    if (to > 0) deriving.take(part, from, to, found);
  }
  return deriving.part;
}

/** The places of the first and the last operation in a part that have made a number.
 * @param {Apart} apart @param {number} part @param {number} end @param {string} name
 * @param {NonNullable<Found>} found
 */
function span(apart, part, end, name, { array, k }) {
  let [first, last] = [0, 0];
  for (const taken of apart.through(part, end, Infinity)) {
    if (taken.array !== array || taken.place !== k) continue;
    last = apart.place;
    if (first === 0 || taken.sign === "=") first = last;
  }
  const isNear = REGISTERS.includes(name) && !ADDED_UP.includes(name);
  return [isNear ? Math.max(first, last - AHEAD) : first, last];
}

class Deriving {
  /** @param {Apart} apart @param {string} name */
  constructor(apart, name) {
    this.apart = apart;
    this.name = name;
    this.at = 0; // the part whose operations are taken
    this.inside = /** @type {Record<string, Term>} */ ({});
    this.made = /** @type {Term | null} */ (null);
    this.part = /** @type {Part | null} */ (null);
  }

  /** Take the operations between two places. @param {number} part @param {number} from @param {number} to
   * @param {NonNullable<Found>} found
   */
  take(part, from, to, { array, k }) {
    const { apart } = this;
    this.at = part;
    for (const taken of apart.through(part, to, from - 1 - AHEAD)) {
      const isOwn = taken.array === array && taken.place === k;
      if (isOwn && apart.place >= from) this.#add(taken);
      else if (taken.name && this.#isInside(taken)) this.inside[taken.name] = this.#madeOf(taken);
    }
  }

  /** @param {Pick<Operation, "name" | "phase">} taken */
  #isInside({ name, phase }) {
    return INSIDE.includes(name) || (name === "derivative" && phase === "update");
  }

  /** @param {Operation} taken that writes the number */
  #add(taken) {
    const { name, sign, terms, result, phase } = taken;
    const isMore = sign === "+" && terms[0] === name;
    if (isMore && this.made && "of" in this.made && this.made.sign === "+") {
      this.made.of.push(this.#term(taken, 1));
      this.made.result = result;
    } else this.made = this.#madeOf(taken);
    const { what } = this.#read(name);
    const isUpdate = phase === "update" && what in GIVEN;
    const label = (isUpdate ? "new_" : "") + this.#label(name, taken);
    /** @type {Given} */
    const given = phase === "input" ? "input" : "";
    this.part = { label, result, given, made: this.made, place: this.apart.place };
  }

  /** @param {Operation} taken @returns {Term} */
  #madeOf(taken) {
    const { sign, terms, result } = taken;
    const of = terms.map((_, k) => this.#term(taken, k));
    if (sign === "=") return of[0];
    if (taken.name === "loss" && sign !== "*") of.push(...this.#targets());
    return this.#written(taken, of) ?? { sign, of, result };
  }

  /** What the rule of the optimizer computes; null where it is another operation, or cannot be written out.
   * @param {Operation} taken @param {Term[]} of @returns {Term | null}
   */
  #written({ phase, name, terms, neuron, weight, result }, [value, gradient, first, second, rate]) {
    if (phase !== "update" || terms.length !== 5) return null;
    const { notes: { lesson: { change: { optimizer, constants } } }, place } = this.apart;
    const which = ["first", "second"].findIndex((each) => name.startsWith(each)) + 1;
    const trees = optimizer.written;
    if (!trees) return null;
    const known = /** @type {Record<string, Term>} */ ({ value, gradient, first, second, rate });
    const now = (/** @type {Leaf} */ { name, result }, /** @type {number} */ later) => {
      const label = `new_${this.#label(name, { neuron, weight })}`;
      return { label, name, before: place + later, result, given: /** @type {const} */ ("") };
    };
    for (
      const [k, each, as] of /** @type {const} */ ([[1, first, "newFirst"], [2, second, "newSecond"]])
    ) {
      const { result } = writtenTerm(trees[k], known, constants);
      known[as] = now({ .../** @type {Leaf} */ (each), result }, k);
    }
    const made = writtenTerm(trees[which], known, constants);
    return Object.is(made.result, result) ? made : null;
  }

  /** What the loss of a sample compares its outputs with. @returns {Leaf[]} */
  #targets() {
    const { notes: { lesson: { samples, batch }, names, engine: { graph: { output } } } } = this.apart;
    const targets = samples.targetsOf(batch[this.at]);
    return Array.from(targets, (target, k) => {
      const name = names.of("target", output.first + k);
      return { ...literal(target), label: name + this.#suffix, given: "target" };
    });
  }

  /** @param {Operation} taken @param {number} k @returns {Term} */
  #term(taken, k) {
    const name = taken.terms[k];
    const number = taken.numbers[k];
    if (typeof name === "number") return this.#number(taken, k);
    if (name === taken.name && name === this.name && this.made) return this.made;
    const { what, neuron } = this.#read(name);
    if (what.endsWith("grad") && name === taken.name) return literal(number); // the sum begins at 0
    if (this.inside[name] && this.#isInside({ ...taken, name })) return this.inside[name];
    const isInput = what === "value" && neuron < this.apart.notes.engine.graph.inputs;
    const given = isInput ? "input" : GIVEN[what] ?? "";
    const label = this.#label(name, taken);
    return { label, name, before: this.apart.place - 1, result: number, given };
  }

  /** @param {Operation} taken @param {number} k @returns {Leaf} */
  #number({ name, sign, terms, numbers, phase }, k) {
    const plain = literal(numbers[k]);
    const { what } = this.#read(name);
    const isTarget = (what === "delta" && sign === "-") || (what === "slope" && sign.endsWith("'"));
    if (isTarget) {
      return { ...plain, label: name.replace(what, "target") + this.#suffix, given: "target" };
    }
    if (phase !== "update") return plain;
    if (name === "change" || terms.length === 5) {
      return { ...plain, label: "learning_rate", given: "rate" };
    }
    return name === "mean" && sign === "*" ? { ...plain, label: "factor", given: "factor" } : plain;
  }

  /** @param {string} name */
  #read(name) {
    return this.apart.notes.names.read(name) ?? { what: name, neuron: Infinity, weight: -1 };
  }

  /** What says of which sample a number is. */
  get #suffix() {
    const { batch } = this.apart;
    return batch.length > 1 && this.at < batch.length ? `_s${batch[this.at]}` : "";
  }

  /** @param {string} name @param {Pick<Operation, "neuron" | "weight">} taken in which it occurs */
  #label(name, { neuron, weight }) {
    const { names } = this.apart.notes;
    if (!REGISTERS.includes(name)) {
      const { what } = this.#read(name);
      const isOfStep = /^(weight|bias|first|second)(_bias)?$|grad$/.test(what);
      return isOfStep ? name : name + this.#suffix;
    }
    if (OF_STEP.includes(name)) return name;
    if (name === "loss" || neuron < 0) return name + this.#suffix;
    if (name === "derivative" || name === "square") return names.of(name, neuron) + this.#suffix;
    return (weight < 0 ? names.of(`${name}_bias`, neuron) : names.ofWeight(name, weight)) + this.#suffix;
  }
}

/** @param {number} result @returns {Leaf} */
function literal(result) {
  return { label: "", name: "", before: 0, result, given: "" };
}
