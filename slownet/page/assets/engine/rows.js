/** The rows that a training learns from, in the units of their table, and edits of them. They are never
 * changed: an edit makes others. `slownet/experiments/rows.py` has the same edits.
 *
 * @typedef {import("../facts.d.ts").Recipe} Recipe
 * @typedef {Pick<Recipe, "target_kind" | "target_range" | "preparation">
 *   & {layers: {neurons: number[]}[]}} Facts of a recipe, or of a page
 */

import { Preparation } from "../preparation.js";
import { ExperimentError } from "./errors.js";
import { appended } from "./growing.js";
import { key, normal, USE } from "./random.js";
import { Samples } from "./samples.js";

const MOST_RUN = 255; // bytes that one byte counts

export class Rows {
  #samples = /** @type {Samples | null} */ (null);
  #before = /** @type {Rows | null} */ (null); // the same rows without the last one

  /**
   * @param {Kind} kind @param {Uint8Array | Float64Array} inputs bytes of pixels, or numbers
   * @param {Float64Array} targets one number an output, in the unit of the target
   * @param {Float64Array | null} weights what the loss of each counts
   * @param {number} drawn how many rows, the last ones, are digits of the reader
   * @param {Points | null} points of a plane
   */
  constructor(kind, inputs, targets, weights, drawn = 0, points = null) {
    this.kind = kind;
    this.inputs = inputs;
    this.targets = targets;
    this.weights = weights;
    this.drawn = drawn;
    this.count = inputs.length / kind.width;
    this.points = points ?? (kind.isPlane ? pointsOf(inputs) : null);
  }

  /** The samples as numbers of the net. */
  get samples() {
    const { kind, inputs, targets, weights } = this;
    const { preparation, width, outputs } = kind;
    const unit = inputs instanceof Uint8Array ? 255 : 1;
    const prepared = (/** @type {number} */ number, /** @type {number} */ i) =>
      preparation.isThere ? preparation.of(i, number / unit) : number / unit;
    const wanted = preparation.preparedTargets(targets);
    const known = this.#before === null ? null : this.#before.#samples;
    const last = inputs.length - width;
    this.#samples ??= known === null
      ? new Samples(inputs, width, prepared, wanted, outputs, weights)
      : known.appended(Float64Array.from(inputs.subarray(last), prepared), wanted, weights);
    this.#before = null;
    return this.#samples;
  }

  /** With another point. @param {number} x @param {number} y @param {number} wanted its class, or number */
  withPoint(x, y, wanted) {
    const { points } = this.#checkPlane();
    const more = { home: [x, y], ids: [points.next] };
    const grown = {
      home: appended(points.home, more.home),
      ids: appended(points.ids, more.ids),
      next: points.next + 1,
      ranges: points.ranges,
    };
    return this.#with([x, y], wanted, 0, grown);
  }

  /** With a point elsewhere. @param {number} k @param {number} x @param {number} y */
  withMoved(k, x, y) {
    const { points, inputs } = this.#checkPlane();
    this.#checkRow(k);
    const [moved, home] = [inputs.slice(), points.home.slice()];
    moved.set([x, y], 2 * k);
    home.set([x, y], 2 * k);
    return this.#like(moved, this.targets, this.weights, this.drawn, { ...points, home });
  }

  /** With all points at random places around those that they were given at.
   * @param {number} amount shares of the range of each input @param {import("./random.js").Key} seed
   * @param {import("./random.js").Normal} coefficients
   */
  withNoise(amount, seed, coefficients) {
    const { points } = this.#checkPlane();
    const moved = points.home.map((home, p) => {
      const place = key(seed, USE.noise, points.ids[p >> 1]);
      return home + amount * points.ranges[p % 2] * normal(place, p % 2, coefficients);
    });
    if (!moved.every(Number.isFinite)) {
      throw new ExperimentError("refused.noise");
    }
    return this.#like(moved, this.targets, this.weights, this.drawn, points);
  }

  /** Without a row. @param {number} k */
  without(k) {
    this.#checkRow(k);
    if (this.count === 1) throw new ExperimentError("refused.lastSample");
    const { kind: { width, outputs }, inputs, targets, weights, points, drawn, count } = this;
    return this.#like(
      /** @type {Uint8Array | Float64Array} */ (spliced(inputs, k * width, width)),
      spliced(targets, k * outputs, outputs),
      weights && spliced(weights, k, 1),
      k >= count - drawn ? drawn - 1 : drawn,
      points &&
        { ...points, home: spliced(points.home, 2 * k, 2), ids: spliced(points.ids, k, 1) },
    );
  }

  /** With a digit that the reader has drawn. @param {number} wanted its class @param {string} image */
  withDigit(wanted, image) {
    const { kind } = this;
    if (!kind.isImage) {
      throw new ExperimentError("refused.images");
    }
    return this.#with(unpacked(image, kind.width), wanted, 1, null);
  }

  /** Without a digit. @param {number} k of those that the reader has drawn */
  withoutDigit(k) {
    if (k >= this.drawn) {
      throw new ExperimentError("refused.digit", { place: k, length: this.drawn });
    }
    return this.without(this.count - this.drawn + k);
  }

  /** @param {ArrayLike<number>} bytesOrNumbers @param {number} wanted @param {number} drawn
   * @param {Points | null} points
   */
  #with(bytesOrNumbers, wanted, drawn, points) {
    const { kind, inputs, targets, weights } = this;
    const isScaled = drawn && !(inputs instanceof Uint8Array);
    const row = isScaled ? Array.from(bytesOrNumbers, (each) => each / 255) : bytesOrNumbers;
    const grown = this.#like(
      /** @type {Uint8Array | Float64Array} */ (appended(inputs, row)),
      appended(targets, kind.targetsOf(wanted)),
      weights && appended(weights, [1]),
      this.drawn + drawn,
      points,
    );
    grown.#before = this;
    return grown;
  }

  /** @param {Uint8Array | Float64Array} inputs @param {Float64Array} targets
   * @param {Float64Array | null} weights @param {number} drawn @param {Points | null} points
   */
  #like(inputs, targets, weights, drawn, points) {
    return new Rows(this.kind, inputs, targets, weights, drawn, points);
  }

  #checkPlane() {
    const { points, inputs } = this;
    if (points === null || inputs instanceof Uint8Array) {
      throw new ExperimentError("refused.plane");
    }
    return { points, inputs };
  }

  /** @param {number} k */
  #checkRow(k) {
    if (k >= this.count) {
      throw new ExperimentError("refused.sample", { place: k, length: this.count });
    }
  }
}

/**
 * @typedef {object} Points where points were given, before noise
 * @property {Float64Array} home
 * @property {Float64Array} ids by which their noise is drawn
 * @property {number} next id
 * @property {number[]} ranges of the inputs
 */

/** What all rows of a training have in common. */
export class Kind {
  /** @param {Facts} facts @param {boolean} arePixels */
  constructor(facts, arePixels) {
    const { layers, target_kind: targetKind } = facts;
    this.preparation = new Preparation(facts);
    this.width = layers[0].neurons.length;
    this.outputs = layers[layers.length - 1].neurons.length;
    this.targetKind = targetKind;
    this.range = facts.target_range;
    this.isPlane = this.width === 2;
    this.isImage = arePixels && !this.isPlane;
  }

  /** The targets of a class or a number. @param {number} wanted @returns {number[]} */
  targetsOf(wanted) {
    const { outputs, targetKind } = this;
    const count = targetKind === "class" ? outputs : 2;
    if (targetKind !== "class" && outputs !== 1) {
      throw new ExperimentError("refused.outputs");
    }
    if (targetKind === "number") {
      this.#checkWithin(wanted);
      return [wanted];
    }
    if (!Number.isInteger(wanted) || wanted < 0 || wanted >= count) {
      throw new ExperimentError("refused.class", { last: count - 1, found: wanted });
    }
    if (targetKind === "class") return Array.from({ length: outputs }, (_, k) => (k === wanted ? 1 : 0));
    return [targetKind === "sign" ? 2 * wanted - 1 : wanted];
  }

  /** @param {number} wanted */
  #checkWithin(wanted) {
    const [low, high] = this.range;
    const [number] = this.preparation.preparedTargets(Float64Array.of(wanted));
    if (number < (low ?? -Infinity) || number > (high ?? Infinity)) {
      throw new ExperimentError("refused.target", { wanted });
    }
  }
}

/** Rows of a recipe, "data", "validation_data" or another name; null if it has none.
 * @param {Facts} facts @param {import("../payload.js").Arrays} arrays @param {string} name @returns {Rows | null}
 */
export function rowsOf(facts, arrays, name) {
  const pixels = arrays[`${name} pixels`];
  const own = pixels ?? arrays[`${name} samples`];
  if (!own) return null;
  const kind = new Kind(facts, Boolean(pixels));
  const inputs = pixels && kind.isPlane ? Float64Array.from(own, (each) => each / 255) : own;
  const classes = arrays[`${name} classes`];
  const targets = classes
    ? oneHot(classes, kind.outputs)
    : /** @type {Float64Array} */ (arrays[`${name} targets`]);
  return new Rows(
    kind,
    inputs,
    targets,
    /** @type {Float64Array | undefined} */ (arrays[`${name} weights`]) ?? null,
  );
}

/** @param {Int32Array} classes @param {number} outputs */
function oneHot(classes, outputs) {
  const targets = new Float64Array(classes.length * outputs);
  classes.forEach((which, k) => (targets[k * outputs + which] = 1));
  return targets;
}

/** @param {Uint8Array | Float64Array} inputs @returns {Points} */
function pointsOf(inputs) {
  const home = Float64Array.from(inputs);
  const ranges = [0, 1].map((side) => {
    let [low, high] = [Infinity, -Infinity];
    for (let p = side; p < home.length; p += 2) {
      low = Math.min(low, home[p]);
      high = Math.max(high, home[p]);
    }
    return high - low;
  });
  return {
    home,
    ids: Float64Array.from({ length: home.length / 2 }, (_, k) => k),
    next: home.length / 2,
    ranges,
  };
}

/** @template {Uint8Array | Float64Array} A @param {A} numbers @param {number} at @param {number} count
 * @returns {A}
 */
function spliced(numbers, at, count) {
  const found = new (/** @type {new (count: number) => A} */ (numbers.constructor))(
    numbers.length - count,
  );
  found.set(numbers.subarray(0, at));
  found.set(numbers.subarray(at + count), at);
  return found;
}

/** Pack the bytes of an image for the text of an experiment: by turns a count of zeros, a count of other
 * bytes, and these bytes. @param {ArrayLike<number>} bytes
 */
export function packed(bytes) {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  let text = "";
  for (let at = 0; at < end;) {
    let zeros = 0;
    while (zeros < MOST_RUN && bytes[at + zeros] === 0) zeros += 1;
    at += zeros;
    let others = 0;
    while (others < MOST_RUN && at + others < end && bytes[at + others] !== 0) others += 1;
    text += String.fromCharCode(
      zeros,
      others,
      ...Array.from({ length: others }, (_, k) => bytes[at + k]),
    );
    at += others;
  }
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

/** The bytes of an image that was packed. @param {string} text @param {number} length */
export function unpacked(text, length) {
  let letters = "";
  try {
    letters = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  } catch {
    throw new ExperimentError("refused.base64");
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (let p = 0; p < letters.length;) {
    const [zeros, others] = [letters.charCodeAt(p), letters.charCodeAt(p + 1)];
    at += zeros;
    if (!(at + others <= length && p + 2 + others <= letters.length)) {
      throw new ExperimentError("refused.pixels", { length });
    }
    for (let k = 0; k < others; k += 1) bytes[at + k] = letters.charCodeAt(p + 2 + k);
    at += others;
    p += 2 + others;
  }
  return bytes;
}
