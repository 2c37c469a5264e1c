/** What the reader changes in a training: made, taken back, and refused. */

import { ExperimentError } from "./engine/errors.js";
import { fromTheStart, withEdit } from "./engine/experiment.js";
import { changed, redone, undone, without } from "./state.js";

/** @typedef {import("./types.d.ts").Experiment} Experiment */

export class Changes {
  /** @param {import("./player.js").Player} player */
  constructor(player) {
    this.player = player;
    this.before = /** @type {Experiment | null} */ (null); // the last change
  }

  /** Change something; say why, if there is no such edit. @param {import("./engine/experiment.js").Edit} edit */
  make(edit) {
    const { player, player: { state } } = this;
    try {
      const edits = withEdit(state.experiment.edits, edit);
      this.#try(changed(state.experiment, edits), edit.step);
    } catch (error) {
      if (!(error instanceof ExperimentError)) throw error;
      state.problem = error.message;
      player.paint();
    }
  }

  /** Take the same changes at the first step, and begin anew. */
  startAgain() {
    const { state: { experiment }, course: { first } } = this.player;
    this.#try(changed(experiment, fromTheStart(experiment.edits, first)), first);
  }

  /** Begin anew from other first weights. */
  reseed() {
    const { state, net, course } = this.player;
    const { edits } = state.experiment;
    const seed = edits[0]?.kind === "seed" ? Number(edits[0].args[0]) : net.facts.training.seed ?? 0;
    this.make({ step: course.first, kind: "seed", args: [seed + 1] });
  }

  undo() {
    const { state, goal } = this.player;
    this.#try(undone(state.experiment), goal);
  }

  redo() {
    const { state, goal } = this.player;
    this.#try(redone(state.experiment), goal);
  }

  /** @param {Experiment} experiment @param {number} frame to be shown */
  #try(experiment, frame) {
    const { player, player: { state, course } } = this;
    this.before = state.experiment;
    Object.assign(state, { experiment, problem: "" });
    player.show(course.nearest(frame));
  }

  /** Go on as if an edit that cannot be made had not been tried, and say why it cannot. */
  takeBack() {
    const { before, player, player: { state, course: { refused, problem } } } = this;
    const found = without(state.experiment, refused);
    if (found === state.experiment) return;
    const experiment = found.edits === before?.edits ? before : found;
    Object.assign(state, { experiment, problem });
    player.show(state.frame);
  }
}
