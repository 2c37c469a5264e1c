/** What a training stops at. A condition is looked at after every step, and stops it where it becomes true:
 * where it was not true after the step before.
 *
 * @typedef {object} Look at the net after one step
 * @property {() => number} epoch how often it has gone through the samples
 * @property {() => number | null} loss in training: the mean of the last batches; null before the first
 * @property {() => number | null} accuracy on the held-out samples; null where there is none
 * @property {() => boolean | null} isRight about the sample that is shown; null if nobody knows
 * @property {() => boolean} isSilent whether the chosen neuron is 0 for all shown samples
 *
 * @typedef {object} Condition
 * @property {"number" | "share" | null} bound that the reader gives
 * @property {(look: Look) => number | null} measure
 * @property {(now: number, before: number | null, bound: number) => boolean} becomes whether it is true after
 *   this step, and was not before it
 * @property {(now: number, bound: number) => boolean} holds
 *
 * @typedef {{name: Name, bound: number | null}} Stop
 * @typedef {keyof typeof CONDITIONS} Name
 */

import { say } from "../language.js";
import { SaidError } from "./errors.js";
import { short } from "./experiment.js";

const ROUNDED = 1e-9; // an epoch is a sum of shares

/** @param {(now: number, bound: number) => boolean} holds */
function when(holds) {
  /** @type {Condition["becomes"]} */
  const becomes = (now, before, bound) =>
    holds(now, bound) && !(before !== null && holds(before, bound));
  return { holds, becomes };
}

/** @param {boolean | null} answer */
const numberOf = (answer) => answer === null ? null : Number(answer);

/** The conditions, in the order of the list; their words are `stop.NAME` and `stopped.NAME`. */
export const CONDITIONS = {
  epoch: {
    bound: null,
    measure: (/** @type {Look} */ look) => Math.floor(look.epoch() + ROUNDED),
    holds: () => false, // there is always a next one
    becomes: (/** @type {number} */ now, /** @type {number | null} */ before) =>
      before !== null && now > before,
  },
  right: {
    bound: null,
    measure: (/** @type {Look} */ look) => numberOf(look.isRight()),
    ...when((now) => now === 1),
  },
  wrong: {
    bound: null,
    measure: (/** @type {Look} */ look) => numberOf(look.isRight()),
    ...when((now) => now === 0),
  },
  silent: {
    bound: null,
    measure: (/** @type {Look} */ look) => numberOf(look.isSilent()),
    ...when((now) => now === 1),
  },
  loss: {
    bound: "number",
    measure: (/** @type {Look} */ look) => look.loss(),
    ...when((now, bound) => now < bound),
  },
  over: {
    bound: "number",
    measure: (/** @type {Look} */ look) => look.loss(),
    ...when((now, bound) => now > bound),
  },
  accuracy: {
    bound: "share",
    measure: (/** @type {Look} */ look) => look.accuracy(),
    ...when((now, bound) => now >= bound),
  },
};

/** Looks at one step after the other. */
export class Watcher {
  /** @param {Stop} stop @param {Look} look after the first step */
  constructor({ name, bound }, look) {
    this.condition = /** @type {Condition} */ (CONDITIONS[name]);
    this.bound = bound ?? 0;
    this.measured = this.condition.measure(look);
    /** whether it is true already */
    this.held = this.measured !== null && this.condition.holds(this.measured, this.bound);
  }

  /** Whether it has become true. @param {Look} look after the next step */
  sees(look) {
    const [before, now] = [this.measured, this.condition.measure(look)];
    this.measured = now;
    return now !== null && this.condition.becomes(now, before, this.bound);
  }
}

/** Whether a condition can have a bound. @param {Name} name @param {number} bound */
export function isFit(name, bound) {
  return bound > 0 && (CONDITIONS[name].bound === "share" ? bound <= 1 : bound < Infinity);
}

/** Read a text such as "loss_0.3"; null if it is empty. @param {string} text @returns {Stop | null}
 * @throws {SaidError} if it names no condition, or one that can never be
 */
export function parseStop(text) {
  if (!text) return null;
  const [first, ...rest] = text.split("_");
  if (!Object.hasOwn(CONDITIONS, first)) {
    const known = Object.keys(CONDITIONS).join(", ");
    throw new SaidError("refused.stop", { found: short(first), known });
  }
  const name = /** @type {Name} */ (first);
  const { bound: kind } = CONDITIONS[name];
  if (kind === null) {
    if (rest.length) throw new SaidError("refused.stop.bare", { name });
    return { name, bound: null };
  }
  const given = rest.join("_");
  const bound = given ? Number(given) : NaN;
  if (isFit(name, bound)) return { name, bound };
  const expected = say(kind === "share" ? "refused.expected.part" : "refused.expected.positive");
  throw new SaidError("refused.stop.bound", { name, expected, found: short(given) });
}

/** @param {Stop} stop */
export function formatStop({ name, bound }) {
  return bound === null ? name : `${name}_${String(bound).replace("e+", "e")}`;
}
