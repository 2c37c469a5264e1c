/** A net as objects, which edits change as they change those of Python; then it becomes a graph again.
 *
 * @typedef {import("./training.js").Training} Training
 * @typedef {import("./graph.js").Activation} Activation
 */

import { ExperimentError } from "./errors.js";
import { Graph, summed } from "./graph.js";
import { Parameters } from "./parameters.js";

/** A weight. */
export class Joint {
  /** @param {Cell} source @param {Cell} target @param {number} value
   * @param {number} place its number in the net before, -1 for a new one
   */
  constructor(source, target, value, place = -1) {
    this.source = source;
    this.target = target;
    this.value = value;
    this.place = place;
  }
}

/** A neuron. */
export class Cell {
  /** @param {number} id in its layer @param {boolean} hasBias
   * @param {number} place its number in the net before, -1 for a new one
   */
  constructor(id, hasBias, place = -1) {
    this.id = id;
    this.hasBias = hasBias;
    this.place = place;
    this.number = -1; // in the net that is made of the draft
    /** weights in the order in which they were attached */
    this.incoming = /** @type {Joint[]} */ ([]);
    this.leaving = /** @type {Joint[]} */ ([]);
  }
}

/**
 * @typedef {object} Sheet a layer
 * @property {number} id
 * @property {Activation | null} activation null for the inputs
 * @property {string | null} initializer its name; null for the inputs, and where the activation names it
 * @property {Cell[]} cells
 */

export class Draft {
  /** @param {Training} training */
  constructor({ structure: { graph, ids, layers, initializers, hasBias } }) {
    /** @type {Sheet[]} */
    this.sheets = layers.map((id, l) => ({
      id,
      activation: l ? graph.layers[l - 1].activation : null,
      initializer: initializers && l ? initializers[l - 1] : null,
      cells: ids[l].map((each, k) =>
        new Cell(each, Boolean(hasBias[graph.begins[l] + k]), graph.begins[l] + k)
      ),
    }));
    const cells = this.cells;
    const joints = Array.from(
      graph.source,
      (source, w) => new Joint(cells[source], cells[graph.target[w]], 0, w),
    );
    for (const joint of joints) joint.target.incoming.push(joint);
    cells.forEach((cell, n) => (cell.leaving = Array.from(graph.leaving[n], (w) => joints[w])));
  }

  /** All neurons, layer by layer. */
  get cells() {
    return this.sheets.flatMap((sheet) => sheet.cells);
  }

  /** A hidden layer with the layers before and after it. @param {number} id
   * @returns {{before: Sheet, here: Sheet, after: Sheet, place: number}}
   * @throws {ExperimentError} if there is none
   */
  around(id) {
    const { sheets } = this;
    const place = sheets.findIndex((sheet) => sheet.id === id);
    if (place < 1 || place >= sheets.length - 1) {
      const hidden = sheets.slice(1, -1).map((sheet) => sheet.id).join(", ");
      throw hidden
        ? new ExperimentError("refused.hidden", { layer: id, known: hidden })
        : new ExperimentError("refused.hidden.none", { layer: id });
    }
    return { before: sheets[place - 1], here: sheets[place], after: sheets[place + 1], place };
  }

  /** Take weights out. @param {(joint: Joint) => boolean} isRemoved */
  removeJoints(isRemoved) {
    for (const cell of this.cells) {
      cell.incoming = cell.incoming.filter((joint) => !isRemoved(joint));
      cell.leaving = cell.leaving.filter((joint) => !isRemoved(joint));
    }
  }

  /** Join every source to every target, or those that are not joined yet.
   * @param {Sheet} from @param {Sheet} to @param {(source: number, target: number) => number} value
   */
  join(from, to, value) {
    const known = new Set(
      from.cells.flatMap((cell) => cell.leaving.map((joint) => joint.target)),
    );
    to.cells.forEach((target, t) => {
      const sources = known.has(target)
        ? new Set(target.incoming.map((joint) => joint.source))
        : new Set();
      from.cells.forEach((source, s) => {
        if (!sources.has(source)) this.attach(source, target, value(s, t));
      });
    });
  }

  /** Join two neurons. @param {Cell} source @param {Cell} target @param {number} value */
  attach(source, target, value) {
    const joint = new Joint(source, target, value);
    target.incoming.push(joint);
    source.leaving.push(joint);
  }

  /** Train on with this net. @param {Training} training */
  give(training) {
    const { sheets, cells } = this;
    const { weights, biases } = training.engine.parameters;
    cells.forEach((cell, n) => (cell.number = n));
    const joints = cells.slice(sheets[0].cells.length).flatMap((cell) => cell.incoming);
    const numbers = new Map(joints.map((joint, w) => [joint, w]));
    const graph = new Graph(
      sheets.map((sheet) => sheet.cells.length),
      summed([0, ...cells.slice(sheets[0].cells.length).map((cell) => cell.incoming.length)]),
      Int32Array.from(joints, (joint) => joint.source.number),
      sheets.slice(1).map((sheet) => /** @type {Activation} */ (sheet.activation)),
      cells.flatMap((cell) => cell.leaving.map((joint) => numbers.get(joint) ?? -1)),
    );
    const structure = {
      graph,
      layers: sheets.map((sheet) => sheet.id),
      ids: sheets.map((sheet) => sheet.cells.map((cell) => cell.id)),
      hasBias: Uint8Array.from(cells, (cell) => (cell.hasBias ? 1 : 0)),
      initializers: training.structure.initializers &&
        sheets.slice(1).map((sheet) => sheet.initializer ?? ""),
    };
    const [places, values] = [cells.map((cell) => cell.place), cells.map(() => 0)];
    const unbiased = cells.map((cell) => (cell.hasBias ? 0 : 1));
    const { firsts } = training;
    training.firsts = {
      weights: Float64Array.from(
        joints,
        ({ place, value }) => place < 0 ? value : firsts.weights[place],
      ),
      biases: Float64Array.from(places, (place) => place < 0 ? 0 : firsts.biases[place]),
    };
    training.setNet(
      structure,
      moved(weights, joints.map((joint) => joint.place), joints.map((joint) => joint.value), null),
      moved(biases, places, values, unbiased),
    );
  }
}

/** Numbers of the net before, in their new places, with new ones between them.
 * @param {Parameters} parameters @param {number[]} places of each before, -1 for a new one
 * @param {number[]} others what the new ones are
 * @param {number[] | null} marks whether training leaves the new ones alone
 */
function moved({ values, first, second, fixed, remembers }, places, others, marks) {
  const picked = (/** @type {ArrayLike<number>} */ all, /** @type {number[] | null} */ instead) =>
    places.map((place, k) => (place < 0 ? instead?.[k] ?? 0 : all[place]));
  const isFixed = fixed || marks ? picked(fixed ?? new Uint8Array(values.length), marks) : null;
  const found = new Parameters(
    Float64Array.from(picked(values, others)),
    isFixed && Uint8Array.from(isFixed),
    remembers,
  );
  if (remembers) {
    found.first = Float64Array.from(picked(first, null));
    found.second = Float64Array.from(picked(second, null));
  }
  return found;
}
