/** A step of a training, operation by operation, forwards and back; `operations.js` has their order.
 *
 * @typedef {import("./notes.js").Operation} Operation
 * @typedef {import("./training.js").Training} Training
 */

import { isRight } from "./judging.js";
import { Notes } from "./notes.js";
import { addAll, backwardPass, forwardPass, readInputs } from "./operations.js";
import { addPenalty, updateAll } from "./updating.js";

export class StepByStep {
  /** @param {Training} training that is not done */
  constructor(training) {
    this.training = training;
    training.engine.sync();
    if (training.progress.atEndOfEpoch) training.progress.startEpoch();
    this.notes = new Notes(training, training.lesson());
    this.right = 0;
    this.operations = this.#step();
    this.isFinished = false;
  }

  /** Take the next operation; null if the step is complete.
   * @returns {Operation | null}
   * @throws {import("./errors.js").DivergedError} then everything is as before the step; or the step is
   *   complete, and the validation after it diverges
   */
  next() {
    const again = this.notes.again();
    if (again || this.isFinished) return again;
    const { training, notes } = this;
    const { value, done } = this.#taken();
    if (!done) return value;
    this.isFinished = true;
    training.engine.pack();
    training.count(notes.lesson, { loss: notes.register("total"), right: this.right });
    return null;
  }

  #taken() {
    try {
      return this.operations.next();
    } catch (error) {
      this.right = 0;
      this.operations = this.#step(); // the step was not taken, and can only be begun again
      if (error instanceof RangeError) this.notes.diverge("diverged.division");
      throw error;
    }
  }

  /** Take the last operation back; null if there is none, or the step is complete.
   * @returns {Operation | null}
   */
  back() {
    return this.isFinished ? null : this.notes.back();
  }

  /** Take all operations that are left. */
  run() {
    while (this.next() !== null);
  }

  /** @returns {Generator<Operation, void, void>} */
  *#step() {
    const { notes } = this;
    const { engine, lesson: { samples, batch } } = notes;
    for (let position = 0; position < batch.length; position += 1) {
      yield* ofSample(notes, position);
      const targets = samples.targetsOf(batch[position]);
      if (isRight(engine.rules.targetKind, engine.outputs(engine.state), targets)) this.right += 1;
    }
    yield* ofEnd(notes);
  }
}

/** What is done for a sample of the batch. @param {Notes} notes @param {number} position
 * @returns {Generator<Operation, void, void>}
 */
export function* ofSample(notes, position) {
  const { engine, lesson: { step, batch } } = notes;
  const sample = batch[position];
  if (position === 0) {
    engine.weights.gradients.fill(0);
    engine.biases.gradients.fill(0);
    notes.at("begin");
    yield notes.note("total", "=", [0], [0], 0);
  }
  engine.drop(step, position);
  yield* readInputs(notes, sample);
  yield* forwardPass(notes);
  yield* backwardPass(notes, sample);
  yield* addAll(notes);
  const [total, loss] = [notes.register("total"), notes.register("loss")];
  notes.at("total");
  yield notes.note("total", "+", ["total", "loss"], [total, loss], total + loss);
}

/** What is done when all samples are through: penalty, and update. @param {Notes} notes
 * @returns {Generator<Operation, void, void>}
 */
export function* ofEnd(notes) {
  const { engine: { rules: { alpha } }, lesson: { weightSum } } = notes;
  if (alpha && weightSum) yield* addPenalty(notes);
  if (!Number.isFinite(notes.register("total"))) notes.diverge("diverged.loss");
  if (weightSum) yield* updateAll(notes);
}
