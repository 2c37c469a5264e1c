/** The charts of loss, accuracy, and the history of the chosen weight or neuron.
 *
 * @typedef {"training" | "watched" | "original" | "chosen"} Role what a line is drawn as
 *
 * @typedef {object} Line
 * @property {Role} role
 * @property {string} [label] a word for it, if not its role
 * @property {string} name what it is, in full
 * @property {string} [of] what it is of, in files, if not of what its role says
 * @property {ArrayLike<number>} x steps, ascending
 * @property {ArrayLike<number>} y
 *
 * @typedef {{step: number, name: string}} Mark where something was changed, and what
 *
 * @typedef {object} Shown
 * @property {Line[]} [loss]
 * @property {Line[]} [accuracy]
 * @property {Line[]} [chosen]
 * @property {number} [cursor] the step that the page shows
 * @property {number} [last] where the axis of steps ends
 * @property {Mark[]} [marks]
 *
 * @typedef {{what: "loss" | "accuracy" | "chosen", axisOf: (lines: ArrayLike<number>[]) => Axis, text: (n: number) => string}} Kind
 * @typedef {import("./axes.js").Axis} Axis
 * @typedef {import("./facts.d.ts").Curve & {role: "training" | "watched"}} Drawn
 */

import { lossAxis, plainAxis, shareAxis } from "./axes.js";
import { Chart } from "./chart.js";
import { say } from "./language.js";
import { percent, short } from "./numbers.js";

/** What the charts show. */
export const KINDS = /** @type {Record<"loss" | "accuracy" | "chosen", Kind>} */ ({
  loss: { what: "loss", axisOf: lossAxis, text: (loss) => short(loss, 4) },
  accuracy: { what: "accuracy", axisOf: shareAxis, text: (share) => percent(share, 1) },
  chosen: { what: "chosen", axisOf: plainAxis, text: (number) => short(number, 4) },
});

export class Charts {
  /** @param {import("./colours.js").Theme} theme */
  constructor(theme) {
    this.loss = new Chart("loss", KINDS.loss, theme);
    this.accuracy = new Chart("accuracy", KINDS.accuracy, theme);
    this.chosen = new Chart("chosen", KINDS.chosen, theme);
  }

  /** Fit them to their boxes on the page. */
  fit() {
    for (const chart of [this.loss, this.accuracy, this.chosen]) chart.fit();
  }

  /** Draw; what is not given stays as it is. @param {Shown} shown */
  show({ loss, accuracy, chosen, ...all }) {
    this.loss.show({ ...all, lines: loss });
    this.accuracy.show({ ...all, lines: accuracy });
    this.chosen.show({ ...all, lines: chosen });
  }
}

/** The lines that a page holds. @param {import("./facts.d.ts").Facts} facts
 * @param {import("./payload.js").Arrays} arrays @returns {Shown}
 */
export function recorded(facts, arrays) {
  const lines = (/** @type {string} */ which) =>
    facts.curves
      .filter(/** @param {import("./facts.d.ts").Curve} each @returns {each is Drawn} */ (each) =>
        each.which === which && each.role !== "now"
      )
      .map(({ role, batches, size, array }) => {
        const half = /** @type {Float64Array} */ (arrays[array]).length / 2;
        return {
          role,
          name: nameOf({ batches, size, samples: facts.watched }),
          x: /** @type {Float64Array} */ (arrays[array]).subarray(0, half),
          y: /** @type {Float64Array} */ (arrays[array]).subarray(half),
        };
      });
  const { last, steps } = facts.training;
  return {
    loss: lines("loss"),
    accuracy: lines("accuracy"),
    last: Math.max(last, steps[steps.length - 1]),
  };
}

/** What a line is, in full: of batches that each of its numbers is a mean of, or of samples.
 * @param {{batches?: number, size?: string | null, samples?: number, kind?: "watched" | "validation"}} line
 */
export function nameOf({ batches: count, size, samples = 0, kind = "watched" }) {
  if (count === undefined) return say(`line.samples.${kind}`, { count: samples });
  return size ? say("line.batches.of", { count, size }) : say("line.batches", { count });
}

/** The training lines of a page, up to a step, as those that another training goes on from.
 * @param {Line[]} lines @param {number} last step
 */
export function earlier(lines, last) {
  return lines.filter(({ role }) => role === "training").map(({ name, x, y }) => {
    const behind = Array.prototype.findIndex.call(x, (step) => step > last);
    const [steps, numbers] = [x, y].map((each) =>
      Array.from(each).slice(0, behind < 0 ? x.length : behind)
    );
    return {
      ...{ role: /** @type {Role} */ ("original"), of: "recorded", label: say("line.label.recorded") },
      ...{ name: say("line.recorded", { name }), x: steps, y: numbers },
    };
  });
}
