/** Two settings of a training, both trained in a worker of their own: nothing of the page knows of it.
 *
 * @typedef {import("../player.js").Player} Player
 * @typedef {import("../trained.js").Trained} Course
 * @typedef {import("./contests.js").Side} Side
 *
 * @typedef {object} Ran
 * @property {number} loss on held-out samples, or in training; infinite if it diverged
 * @property {number} step that was reached
 * @property {string} problem why it went no further; "" if it did
 * @property {import("../curves.js").Drawn} line of its loss
 *
 * @typedef {object} Outcome
 * @property {Ran[]} ran
 * @property {number | null} winner null if they are too close to call
 * @property {number} steps
 * @property {number | null} judged how many held-out samples the losses are of; null if they are those of training
 * @property {number} window how many batches a loss of training is a mean of
 */

import { windowOf } from "../curves.js";
import { Snapshots } from "../snapshots.js";
import { Trained } from "../trained.js";

const MOST = 500; // steps
const STOPS = 40; // on the way
export const CLOSE = 0.05; // losses that differ by less are called a draw, as a share of the larger one

/** Whether a page can train. @param {Player} player */
export function canRace({ course }) {
  return course instanceof Trained || (course instanceof Snapshots && Boolean(course.canContinue));
}

export class Race {
  /** A training beside that of the page, from its begin. @param {Player} player */
  static async begun({ course, script }) {
    const beside = course instanceof Snapshots
      ? await course.continued(course.first, script)
      : await Trained.begun(
        /** @type {Course} */ (course).facts,
        /** @type {Course} */ (course).arrays,
        /** @type {Course} */ (course).formulas,
        script,
      );
    return new Race(beside);
  }

  /** @param {Course} course */
  constructor(course) {
    this.course = course;
    this.isOver = false;
    this.begin = beginOf(course);
  }

  get steps() {
    const { first, timeline } = this.course;
    return Math.min(MOST, timeline.planned - first);
  }

  /** Train both; tell how far it is, from 0 to 1. @param {Side[]} sides @param {(share: number) => void} tell
   * @returns {Promise<Outcome>}
   */
  async run(sides, tell) {
    const ran = [];
    for (const [k, { edits }] of sides.entries()) {
      ran.push(await this.#trained(edits, (share) => tell((k + share) / sides.length)));
    }
    const [one, other] = ran.map(({ loss }) => loss);
    const isDraw = one === other || Math.abs(one - other) < CLOSE * Math.max(one, other);
    const winner = isDraw ? null : Number(other < one);
    const judged = this.course.told.heldOut ? this.course.progress.judging.count : null;
    return { ran, winner, steps: this.steps, window: windowOf(this.steps), judged };
  }

  /** Train with some edits, and stand still on the way for the points of a curve.
   * @param {import("./contests.js").Edits} edits @param {(share: number) => void} tell @returns {Promise<Ran>}
   */
  async #trained(edits, tell) {
    const { course: { first }, steps } = this;
    for (let stop = 0; stop <= STOPS; stop += 1) {
      const wanted = first + Math.round(Math.expm1(Math.log1p(steps) * stop / STOPS));
      const step = await this.#at(wanted, edits);
      tell((step - first) / steps);
      if (step < wanted) return this.#ran(step, this.course.problem);
    }
    return this.#ran(first + steps, "");
  }

  /** Go to a step; return the one that was reached. @param {number} step
   * @param {import("./contests.js").Edits} edits @returns {Promise<number>}
   */
  #at(step, edits) {
    return new Promise((resolve) => {
      this.course.go(step, (there, isOver) => {
        if (isOver && !this.isOver) resolve(there);
      }, edits);
    });
  }

  /** @param {number} step @param {string} problem @returns {Ran} */
  #ran(step, problem) {
    const { progress: { curves }, told: { heldOut } } = this.course;
    const loss = problem ? NaN : heldOut ? heldOut.loss : curves.loss.meanAt(step) ?? NaN;
    return {
      loss: Number.isFinite(loss) ? loss : Infinity,
      step,
      problem,
      line: (heldOut ? curves.heldLoss : curves.loss).line(),
    };
  }

  end() {
    this.isOver = true;
    this.course.worker.terminate();
  }
}

/** What contests are made of. @param {Course} course that has just begun @returns {import("./contests.js").Begin} */
function beginOf({ first, told, formulas, facts, net }) {
  const { structure } = /** @type {import("../live.js").Live} */ (net.frames);
  return {
    first,
    settings: told.settings,
    hidden: structure?.layers.slice(1, -1) ?? [],
    optimizers: Object.keys(formulas.offered.optimizers),
    hasSeed: facts.recipe.initial !== null && first === 0,
    seed: facts.training.seed ?? 0,
  };
}
