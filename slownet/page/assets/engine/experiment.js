/**
 * The edits of an experiment, and their text: what the reader has changed in a training, and after which
 * step. `slownet/experiments/edits.py` has the same tables.
 *
 * @typedef {number | string | [number, number]} Value a neuron is the ids of its layer and its own
 * @typedef {[number, number]} End a neuron, at one of the ends of a weight
 * @typedef {{
 *   rate: [number], optimizer: [string], batch: [number], l1: [number], l2: [number],
 *   dropout: [number], dropconnect: [number], activation: [layer: number, name: string],
 *   add: [layer: number], remove: [layer: number, neuron: number],
 *   layer: [after: number, size: number, name: string], unlayer: [layer: number],
 *   cut: [End, End], freeze: [End, End], thaw: [End, End], set: [End, End, number], bias: [End, number],
 *   seed: [number], point: [x: number, y: number, wanted: number], move: [k: number, x: number, y: number],
 *   erase: [k: number], noise: [number], data: [string], digit: [wanted: number, image: string],
 *   undigit: [k: number],
 * }} Arguments of each kind of edit
 * @typedef {{step: number, kind: string, args: Value[]}} Edit applied after its step, before the next one
 * @typedef {Edit[]} Edits in the order of their steps
 * @typedef {import("../language.js").Key} Key
 */

import { say } from "../language.js";
import { ExperimentError } from "./errors.js";

export const MOST_EDITS = 1000;
export const MOST_LETTERS = 100_000;
export const MOST_STEPS = 1_000_000_000;
const MOST_WHOLE = 1_000_000_000; // ids, places and batch sizes
export const MOST_NEURONS = 256; // of a layer that edits add, or add neurons to
const LONGEST_LINE = 50; // characters of an experiment in a line of Python
const [BETWEEN_EDITS, BETWEEN_PARTS] = ["~", "_"];
const WHOLE_TEXT = /^(0|[1-9][0-9]{0,15})$/;
const NUMBER_TEXT = /^-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,30})?(e-?[0-9]{1,3})?$/;
const NAME_TEXT = /^[a-z][a-z0-9_]{0,39}$/;
const IMAGE_TEXT = /^[A-Za-z0-9_-]{0,4000}$/;

/** What each edit takes; the last argument may hold "_". @type {Record<string, string[]>} */
export const KINDS = {
  rate: ["positive"],
  optimizer: ["name"],
  batch: ["count"],
  l1: ["amount"],
  l2: ["amount"],
  dropout: ["share"],
  dropconnect: ["share"],
  activation: ["id", "name"],
  add: ["id"],
  remove: ["id", "id"],
  layer: ["id", "size", "name"],
  unlayer: ["id"],
  cut: ["end", "end"],
  freeze: ["end", "end"],
  thaw: ["end", "end"],
  set: ["end", "end", "number"],
  bias: ["end", "number"],
  seed: ["seed"],
  point: ["number", "number", "number"],
  move: ["id", "number", "number"],
  erase: ["id"],
  noise: ["amount"],
  data: ["name"],
  digit: ["id", "image"],
  undigit: ["id"],
};

/** Edits that set something: how many of their arguments say what. @type {Record<string, number>} */
const SETS = {
  ...{ rate: 0, optimizer: 0, batch: 0, l1: 0, l2: 0, dropout: 0, dropconnect: 0, noise: 0, data: 0 },
  ...{ activation: 1, bias: 1, move: 1, set: 2 },
};

/** The smallest and the largest number of each type of argument. @type {Record<string, [number, number]>} */
export const WHOLE = {
  id: [0, MOST_WHOLE],
  count: [1, MOST_WHOLE],
  size: [1, MOST_NEURONS],
  seed: [0, Number.MAX_SAFE_INTEGER],
};

/** Numbers: the smallest, whether that one belongs to them, and the number below which they are.
 * @type {Record<string, [number, boolean, number]>}
 */
export const NUMBERS = {
  number: [-Infinity, false, Infinity],
  amount: [0, true, Infinity],
  positive: [0, false, Infinity],
  share: [0, true, 1],
};

/** The edits of a text. @param {string} text @returns {Edits}
 * @throws {ExperimentError} if it is no text of edits; the message has the place
 */
export function parse(text) {
  if (text.length > MOST_LETTERS) {
    throw new ExperimentError("refused.letters", { most: MOST_LETTERS, length: text.length });
  }
  const parts = text ? text.split(BETWEEN_EDITS) : [];
  return checked(
    parts.map((part, k) => parsed(part, say("refused.where", { place: k + 1, edit: short(part) }))),
  );
}

/** The text of edits, as it stands in the address. @param {Edits} edits */
export function format(edits) {
  return checked(edits).map(textOf).join(BETWEEN_EDITS);
}

/** @param {Edit} edit */
export function textOf({ step, kind, args }) {
  return [step, kind, ...args.map(textOfValue)].join(BETWEEN_PARTS);
}

/** Edits as they are. @param {Edits} edits
 * @throws {ExperimentError} if they are no experiment
 */
export function checked(edits) {
  if (edits.length > MOST_EDITS) {
    throw new ExperimentError("refused.edits", { most: MOST_EDITS, length: edits.length });
  }
  edits.forEach((edit, k) => {
    const before = k ? edits[k - 1].step : 0;
    if (edit.step < before) {
      throw new ExperimentError("refused.order", { edit: short(textOf(edit)), step: before });
    }
    if (edit.kind === "seed" && (edit.step || k)) {
      throw new ExperimentError("refused.seed");
    }
  });
  return edits;
}

/** An experiment with one more edit, without those after its step; one of the same thing at the same step
 * replaces the last.
 * @param {Edits} edits @param {Edit} edit @returns {Edits}
 * @throws {ExperimentError} if it cannot be one of them
 */
export function withEdit(edits, edit) {
  const known = parsed(textOf(edit), short(textOf(edit))); // checks its arguments, too
  if (known.kind === "seed") return checked([known, ...edits.filter(({ kind }) => kind !== "seed")]);
  const before = edits.filter(({ step }) => step <= known.step);
  const last = before[before.length - 1];
  if (last && subject(known) !== null && subject(last) === subject(known)) before.pop();
  return checked([...before, known]);
}

/** What an edit sets; null for one that sets nothing. @param {Edit} edit */
function subject({ step, kind, args }) {
  if (!Object.hasOwn(SETS, kind)) return null;
  return [step, kind, ...args.slice(0, SETS[kind])].join(BETWEEN_PARTS);
}

/** The same edits, all before the first step. @param {Edits} edits @param {number} [first]
 * @returns {Edits}
 */
export function fromTheStart(edits, first = 0) {
  return edits.map((edit) => ({ ...edit, step: first }));
}

/** The lines of Python that repeat an experiment.
 * @param {string} file the name of the page @param {Edits} edits @param {number} step
 * @param {number | null} from the step of the snapshot that it goes on from
 */
export function asPython(file, edits, step, from = null) {
  const name = file.replace(/[\\"]/g, "\\$&").replace(/[^ -~]/g, escaped);
  const text = format(edits);
  const begin = from === null ? "" : `from=${from}&e=`; // as in an address
  const given = text.length > LONGEST_LINE ? textsOf(edits, begin) : `"${begin}${text}"`;
  return `import slownet\n\nnet = slownet.replay("${name}", ${given}, step=${step})\n`;
}

/** @param {Edits} edits @param {string} begin of the first text */
function textsOf(edits, begin) {
  const texts = edits.map((edit, k) => `    "${k ? BETWEEN_EDITS : begin}${textOf(edit)}"`);
  return `(\n${texts.join("\n")}\n)`;
}

/** @param {string} letter */
function escaped(letter) {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** @param {string} part @param {string} where @returns {Edit} */
function parsed(part, where) {
  const [step, kind, ...texts] = part.split(BETWEEN_PARTS);
  if (!WHOLE_TEXT.test(step) || Number(step) > MOST_STEPS) {
    throw new ExperimentError("refused.step", { where, most: MOST_STEPS, found: short(step) });
  }
  if (!Object.hasOwn(KINDS, kind ?? "")) {
    const known = Object.keys(KINDS).join(", ");
    throw new ExperimentError("refused.kind", { where, found: short(kind ?? ""), known });
  }
  const types = KINDS[kind];
  if (texts.length > types.length) {
    texts.push(texts.splice(types.length - 1).join(BETWEEN_PARTS));
  }
  if (texts.length !== types.length) {
    const expected = types.map(expectedOf).join(", ");
    const values = { where, kind, expected, count: types.length, found: texts.length };
    throw new ExperimentError("refused.arguments", values);
  }
  return { step: Number(step), kind, args: types.map((name, k) => read(name, texts[k], where)) };
}

/** An argument. @param {string} name of its type @param {string} text @param {string} where
 * @returns {Value}
 */
function read(name, text, where) {
  const value = valueOf(name, text);
  if (value === null) {
    throw new ExperimentError("refused.argument", {
      where,
      expected: expectedOf(name),
      found: short(text),
    });
  }
  return value;
}

/** @param {string} name @param {string} text @returns {Value | null} */
function valueOf(name, text) {
  if (Object.hasOwn(WHOLE, name)) {
    const [low, high] = WHOLE[name];
    const whole = WHOLE_TEXT.test(text) ? Number(text) : NaN;
    return whole >= low && whole <= high ? whole : null;
  }
  if (Object.hasOwn(NUMBERS, name)) {
    const [low, isClosed, high] = NUMBERS[name];
    const number = NUMBER_TEXT.test(text) ? Number(text) : NaN;
    return (isClosed ? number >= low : number > low) && number < high ? number : null;
  }
  if (name === "end") {
    const parts = text.split(".");
    const isEnd = parts.length === 2 && parts.every((each) => WHOLE_TEXT.test(each));
    const [layer, neuron] = parts.map(Number);
    return isEnd && Math.max(layer, neuron) <= MOST_WHOLE ? [layer, neuron] : null;
  }
  return (name === "name" ? NAME_TEXT : IMAGE_TEXT).test(text) ? text : null;
}

/** The shortest text that reads back to a value. @param {Value} value @returns {string} */
function textOfValue(value) {
  if (Array.isArray(value)) return value.join(".");
  return Object.is(value, -0) ? "-0" : String(value).replace("e+", "e");
}

/** What a type of argument is. @param {string} name */
function expectedOf(name) {
  if (!Object.hasOwn(WHOLE, name)) return say(/** @type {Key} */ (`refused.expected.${name}`));
  const [low, high] = WHOLE[name];
  return say("refused.expected.whole", { low, high });
}

/** A built-in formula. @template T @param {"activation" | "initializer" | "optimizer"} kind @param {Record<string, T>} known
 * @param {string} name @returns {T}
 * @throws {ExperimentError} if there is none of that name
 */
export function named(kind, known, name) {
  if (Object.hasOwn(known, name)) return known[name];
  throw new ExperimentError(`refused.${kind}`, {
    found: short(name),
    known: Object.keys(known).join(", "),
  });
}

/** @param {string} text */
export function short(text) {
  return `'${text.length > 60 ? `${text.slice(0, 60)}…` : text}'`;
}
