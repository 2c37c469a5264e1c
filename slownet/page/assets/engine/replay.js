/** A training that goes to any step of any experiment, on from the nearest state that it has kept.
 *
 * @typedef {import("./experiment.js").Edits} Edits
 * @typedef {import("./checkpoints.js").Track} Track
 */

import { apply } from "./applying.js";
import { Checkpoints } from "./checkpoints.js";
import { Comparison } from "./digest.js";
import { ExperimentError, messageOf } from "./errors.js";
import { restore, stateOf } from "./state.js";
import { Training } from "./training.js";

const STEPS_BACK = 256; // between states that are kept for going back by a few steps

export class Replay {
  /** @param {{facts: import("./recipe.js").Facts, formulas: import("./recipe.js").Formulas,
   *   arrays: import("../payload.js").Arrays}} recipe that was read
   */
  constructor({ facts, formulas, arrays }) {
    // training goes on as long as it is asked to
    const options = { ...facts.options, ["early_stopping"]: null };
    this.training = new Training({ facts: { ...facts, options }, formulas, arrays });
    this.training.validation = null;
    this.start = this.training.step;
    /** of the net to begin with */
    this.seed = this.training.seed;
    /** edits that were made of the training as it is */
    this.edits = /** @type {Edits} */ ([]);
    this.checkpoints = new Checkpoints();
    this.track = this.checkpoints.track([], this.start);
    this.checkpoints.keep(this.track, stateOf(this.training), []);
    const { digests } = facts;
    this.comparison = digests
      ? new Comparison({ ...digests, losses: arrays["digests of losses"] })
      : null;
    /** why it cannot go on, if there is a reason */
    this.problem = "";
  }

  get step() {
    return this.training.step;
  }

  /** Go toward the state after a step, with all edits up to it; return whether it is there.
   * @param {Edits} edits @param {number} step @param {() => boolean} [isOver] whether it is to pause
   */
  toward(edits, step, isOver = () => false) {
    const wanted = edits.filter((edit) => edit.step <= step);
    this.problem = "";
    try {
      this.#goBack(wanted, step);
      while (!this.#isAt(wanted, step)) {
        const next = wanted[this.edits.length];
        if (next && next.step === this.step) this.#edit(next);
        else this.#advance();
        if (isOver()) return this.#isAt(wanted, step);
      }
      return true;
    } catch (error) {
      this.problem = messageOf(error);
      return false;
    }
  }

  /** @param {Edits} wanted @param {number} step */
  #isAt(wanted, step) {
    return this.edits.length === wanted.length && this.step === step;
  }

  /** Go to the last state that is known on the way to a step. @param {Edits} wanted @param {number} step */
  #goBack(wanted, step) {
    if (step < this.start || wanted.some((edit) => edit.step < this.start)) {
      throw new ExperimentError("refused.begin", { step: this.start });
    }
    const tracks = this.checkpoints.along(wanted);
    const ends = [...wanted.map((edit) => edit.step), step];
    for (let count = tracks.length - 1; count >= 0; count -= 1) {
      const here = this.track === tracks[count] && this.step <= ends[count] ? this.step : -1;
      const state = tracks[count].last(ends[count]);
      if (here >= (state?.step ?? 0)) return;
      if (state === null) continue;
      restore(this.training, state);
      this.edits = wanted.slice(0, count);
      this.track = tracks[count];
      return;
    }
  }

  /** @param {import("./experiment.js").Edit} edit */
  #edit(edit) {
    const { training } = this;
    const { epoch } = training;
    apply(training, edit);
    training.counted = { step: this.step, epoch };
    if (this.step === this.start) training.firsts = training.copied;
    this.edits = [...this.edits, edit];
    this.track = this.checkpoints.track(this.edits, this.step);
    this.checkpoints.keep(this.track, stateOf(training), this.edits);
  }

  #advance() {
    const { training, checkpoints, track } = this;
    const loss = training.advance();
    training.losses.length = training.epochs.length = 0; // the track has them
    track.add(training.step, loss, training.rightShare);
    if (!this.edits.length) this.comparison?.see(training, loss);
    if (training.step % track.distance === 0) {
      checkpoints.keep(track, stateOf(training), this.edits);
    } else if (training.step % STEPS_BACK === 0) checkpoints.keepRecent(track, stateOf(training));
  }

  /** The loss of every step after one, up to another, and which share of its batch was predicted right.
   * @param {Edits} edits @param {number} since @param {number} until
   */
  curve(edits, since, until) {
    const losses = new Float64Array(Math.max(until - since, 0)).fill(NaN);
    const rights = losses.slice();
    const tracks = this.checkpoints.along(edits);
    tracks.forEach((track, k) => {
      const last = Math.min(edits[k]?.step ?? until, until, track.start + track.losses.length);
      const from = Math.max(since, track.start);
      if (last <= from) return;
      const [begin, end] = [from - track.start, last - track.start];
      losses.set(track.losses.numbers.subarray(begin, end), from - since);
      rights.set(track.rights.numbers.subarray(begin, end), from - since);
    });
    return { losses, rights };
  }

  /** All states that are kept on the way of an experiment. @param {Edits} edits */
  states(edits) {
    return this.checkpoints.along(edits).flatMap((track, k) => {
      const end = edits[k]?.step ?? Infinity;
      return track.states.filter((state) => state.step <= end);
    });
  }
}
