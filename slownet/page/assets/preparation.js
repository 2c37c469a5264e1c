/** What turns the rows of a table into the inputs of the net, and its outputs into the target's unit. */

import { cut } from "./numbers.js";

const UNIT = /^.*\S\s*(?:\(([^()]{1,30})\)|\[([^[\]]{1,30})\])$/; // as in datasets/tables/columns.py
const LONGEST = 80; // letters of a name that is drawn
const KEPT = 3; // letters of a column's name beside its category

/**
 * An input: its name, of which `category` is the end where it is one of a text; (number - centre) / scale
 * is what enters the net.
 * @typedef {{name: string, category: string, centre: number, scale: number}} Input
 * @typedef {{name: string, centre: number, scale: number}} Target
 */

/**
 * What it is made of.
 * @typedef {{preparation: import("./facts.d.ts").Preparation | null, target_kind: string,
 *   layers: {neurons: number[]}[], inputs?: string[]}} Given
 */

export class Preparation {
  /** @param {Given} facts of the training, from Python */
  constructor(facts) {
    const { preparation, layers, target_kind: kind } = facts;
    this.isThere = preparation !== null;
    this.isNamed = preparation?.is_named ?? false;
    /** @type {Input[]} */
    this.inputs = preparation
      ? preparation.columns.flatMap(inputsOf)
      : layers[0].neurons.map((_, k) => input(facts.inputs?.[k]));
    const outputs = layers[layers.length - 1].neurons.length;
    const isNumber = kind === "number";
    const known = preparation?.targets ?? [];
    const targets = known.length === (isNumber ? outputs : 1) ? known : [];
    /** One for each number to predict, otherwise one for all. @type {Target[]} */
    this.targets = Array.from({ length: isNumber ? outputs : 1 }, (_, k) => {
      const { name = "", centre = 0, scale = 1 } = targets[k] ?? {};
      return isNumber ? { name, centre, scale } : { name, centre: 0, scale: 1 };
    });
    this.centres = Float64Array.from(this.inputs, (each) => each.centre);
    this.scales = Float64Array.from(this.inputs, (each) => each.scale);
    /** Whether outputs are other numbers than those of the table. */
    this.scalesOutputs = this.targets.some(isScaled);
  }

  /** The numbers that the net gets for a row in the table's own units: the operations are Python's.
   * @param {ArrayLike<number>} sample
   */
  prepared(sample) {
    const made = new Float64Array(sample.length);
    for (let k = 0; k < made.length; k += 1) made[k] = this.of(k, sample[k]);
    return made;
  }

  /** The number that the net gets for one of an input. @param {number} k @param {number} number */
  of(k, number) {
    return (number - this.centres[k]) / this.scales[k];
  }

  /** Whether the net gets another number for an input than that of the table. @param {number} k */
  isScaled(k) {
    return isScaled(this.inputs[k]);
  }

  /** Targets as outputs are compared with them. @param {Float64Array} numbers in the table's own units */
  preparedTargets(numbers) {
    if (!this.scalesOutputs) return numbers;
    return numbers.map((number, k) => {
      const { centre, scale } = this.targets[k % this.targets.length];
      return (number - centre) / scale;
    });
  }

  /** An output in the unit of its target. @param {number} k @param {number} value */
  own(k, value) {
    const { centre, scale } = this.targets[k] ?? this.targets[0];
    return value * scale + centre;
  }

  /** The unit of an output, if the name of its target ends with one in brackets. @param {number} k */
  unit(k) {
    const found = UNIT.exec(this.targets[k]?.name ?? "");
    return found ? found[1] ?? found[2] : "";
  }

  /** The name of an input shortened to a width; a category keeps its own end.
   * @param {number} k @param {number} width @param {(text: string) => number} measure
   */
  cut(k, width, measure) {
    const { name, category } = this.inputs[k];
    const end = category && `=${category}`;
    if (end && name.length <= 2 * LONGEST && measure(name) > width) {
      const column = cut(name.slice(0, -end.length), width - measure(end), measure);
      if (column.length > KEPT && measure(column + end) <= width) return column + end;
      return cut(`…${end}`, width, measure);
    }
    return cut(name.slice(0, 2 * LONGEST), width, measure);
  }
}

/** @param {import("./facts.d.ts").Column} column @returns {Input[]} */
function inputsOf({ name, kind, categories = [], centre = 0, scale = 1 }) {
  if (kind !== "category") return [{ name, category: "", centre, scale }];
  return categories.map((/** @type {string} */ category) => ({
    ...input(`${name}=${category}`),
    category,
  }));
}

/** @param {string | undefined} name @returns {Input} */
function input(name) {
  return { name: name ?? "", category: "", centre: 0, scale: 1 };
}

/** @param {{centre: number, scale: number}} which */
function isScaled({ centre, scale }) {
  return centre !== 0 || scale !== 1;
}
