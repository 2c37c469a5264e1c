/** The curves of a training in the worker, and how right it is about held-out samples.
 *
 * @typedef {import("./engine/frame.js").Frame} Told
 * @typedef {import("./engine/experiment.js").Edits} Edits
 * @typedef {import("./frames.js").Measure} Measure
 * @typedef {{loss: Curve, accuracy: Curve, heldLoss: Points, heldAccuracy: Points}} Curves
 */

import { Curve, Points } from "./curves.js";
import { textOf } from "./engine/experiment.js";
import { classesOf, heldMeasure, judgingOf, labelOf, truthOf } from "./heldout.js";
import { say } from "./language.js";
import { counted } from "./numbers.js";
import { isWeighted, ofBatches } from "./training.js";

export class Progress {
  /** @param {import("./types.d.ts").TrainingFacts} facts
   * @param {import("./payload.js").Arrays} arrays @param {number} first step
   */
  constructor(facts, arrays, first) {
    this.facts = facts;
    this.edits = /** @type {Edits} */ ([]); // that the curves are of
    /** @type {Curves} */
    this.curves = {
      loss: new Curve(first),
      accuracy: new Curve(first),
      heldLoss: new Points(),
      heldAccuracy: new Points(),
    };
    this.original = this.curves; // without edits
    this.epochsBefore = 0; // of the training that it goes on with, beyond those that are counted here
    this.truth = truthOf(facts, arrays);
    this.rows = /** @type {Told["rows"]} */ (null); // that it learns from
    this.areLearned = false; // whether these are judged
  }

  /** The last step of the curves that some edits share with them. @param {Edits} edits */
  since(edits) {
    return Math.min(this.curves.loss.last, parting(edits, this.edits));
  }

  /** Take a frame. @param {Told} told @param {Edits} edits of it */
  take(told, edits) {
    this.rows = told.rows ?? this.rows;
    const were = this.areLearned;
    this.areLearned = told.heldOut?.areLearned ?? false;
    const from = parting(edits, this.edits);
    if (from < Infinity) {
      if (!this.edits.length) this.original = this.curves;
      this.edits = edits;
      this.curves = edits.length ? mapped(this.curves, (each) => each.upTo(from)) : this.original;
    }
    if (edits.length && were !== this.areLearned) { // a curve is of the same samples from its first point to its last
      Object.assign(this.curves, { heldLoss: new Points(), heldAccuracy: new Points() });
    }
    const { loss, accuracy, heldLoss, heldAccuracy } = this.curves;
    if (told.since <= loss.last && told.step > loss.last) {
      loss.take(told.since, told.losses);
      accuracy.take(told.since, told.rights);
    }
    if (!told.heldOut) return;
    heldLoss.add(told.step, told.heldOut.loss);
    if (told.heldOut.accuracy !== null) heldAccuracy.add(told.step, told.heldOut.accuracy);
  }

  get hasAccuracy() {
    return this.facts.target_kind !== "number";
  }

  /** The numbers that the bar shows. @param {Told} told @returns {Measure[]} */
  measures({ step, heldOut }) {
    const { loss } = this.curves;
    const batches = Math.max(1, Math.min(loss.window, step - loss.start));
    const size = this.#sizeOf(step - batches, step);
    const mean = (/** @type {"loss" | "accuracy"} */ which) => {
      const value = this.curves[which].meanAt(step) ?? NaN;
      const areWeighted = which === "loss" && isWeighted(this.facts.training.config);
      return trainingMeasure(which, value, batches, size, areWeighted);
    };
    if (!this.hasAccuracy) return [mean("loss")];
    if (typeof heldOut?.accuracy !== "number") return [mean("loss"), mean("accuracy")];
    return [mean("loss"), heldMeasure(this.judging, "accuracy", heldOut.accuracy)];
  }

  /** The losses of the steps that the loss in the bar is a mean of, and the step before the first of them.
   * @param {number} step
   */
  losses(step) {
    return this.curves.loss.meantAt(step);
  }

  /** How many samples the batches of the steps after one had, up to another; null if they differ by a change.
   * @param {number} since @param {number} step
   */
  #sizeOf(since, step) {
    const sizes = this.edits.filter((edit) => edit.kind === "batch" && edit.step < step);
    if (sizes.some((edit) => edit.step > since)) return null;
    const asked = sizes.length
      ? Number(sizes[sizes.length - 1].args[0])
      : this.facts.recipe.options.batch_size;
    const rows = this.rows?.count ?? asked;
    const size = Math.min(asked, rows);
    return rows % size ? `≤ ${counted(size)}` : counted(size); // the last one of an epoch has fewer
  }

  /** @returns {import("./frames.js").Judging} */
  get judging() {
    const { rows } = this;
    const found = judgingOf(this.facts);
    if (!this.areLearned || !rows) return found;
    return { ...found, count: rows.count, all: rows.count, kind: "points" };
  }

  /** @param {Told} told @returns {import("./frames.js").Judgement} */
  judged({ heldOut }) {
    const outputs = heldOut?.outputs ?? new Float64Array();
    const truth = this.areLearned ? classesOf(this.rows?.targets ?? [], this.facts) : this.truth;
    return { decided: classesOf(outputs, this.facts), predicted: outputs, truth };
  }

  /** The lines of the charts. @param {(edit: import("./engine/experiment.js").Edit) => string} nameOf
   * @returns {import("./charts.js").Shown}
   */
  lines(nameOf) {
    const { curves, original, edits } = this;
    const before = edits.length ? original : null;
    const held = this.judging.kind;
    const line = (
      /** @type {import("./charts.js").Role} */ role,
      /** @type {string} */ name,
      /** @type {Curve | Points} */ curve,
      /** @type {string | undefined} */ label = undefined,
    ) => ({ role, name, label, ...curve.line() });
    const ofWhich = (/** @type {"loss" | "accuracy"} */ which) => {
      const points = which === "loss" ? "heldLoss" : "heldAccuracy";
      return [
        ...before?.[which].count ? [line("original", say(`line.original.${which}`), before[which])] : [],
        line("training", say(`line.training.${which}`), curves[which]),
        ...curves[points].steps.length
          ? [{
            ...line("watched", say(`line.${which}.${held}`), curves[points], labelOf(held)),
            of: held,
          }]
          : [],
      ];
    };
    return {
      loss: ofWhich("loss"),
      accuracy: this.hasAccuracy ? ofWhich("accuracy") : [],
      marks: edits.map((edit) => ({ step: edit.step, name: nameOf(edit) })),
    };
  }
}

/** The mean of some batches, which have so many samples each.
 * @param {"loss" | "accuracy"} which @param {number} value @param {number} batches @param {string | null} size
 * @param {boolean} [areWeighted] @returns {Measure}
 */
export function trainingMeasure(which, value, batches, size, areWeighted = false) {
  return {
    ...{ which, value },
    of: ofBatches(batches, size, areWeighted),
    name: say(`measure.training.${which}`),
  };
}

/** The step after which edits part from others; infinite if they are the same.
 * @param {Edits} edits @param {Edits} others
 */
export function parting(edits, others) {
  for (let k = 0; k < Math.max(edits.length, others.length); k += 1) {
    const [a, b] = [edits[k], others[k]];
    if (a === b) continue;
    if (!a || !b || textOf(a) !== textOf(b)) return Math.min(a?.step ?? Infinity, b?.step ?? Infinity);
  }
  return Infinity;
}

/** @param {Curves} curves @param {(each: Curve | Points) => Curve | Points} made @returns {Curves} */
function mapped(curves, made) {
  return /** @type {Curves} */ (Object.fromEntries(
    Object.entries(curves).map(([name, each]) => [name, made(each)]),
  ));
}
