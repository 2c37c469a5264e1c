/** The progress of a training: steps and epochs, the sums of the epoch, and the rate of every step.
 *
 * What `slownet/training/progress.py` is in Python.
 * @typedef {(rate: number, epoch: number, epochs: number) => number} Schedule
 *
 * @typedef {{graph: import("./graph.js").Graph, weights: Float64Array, biases: Float64Array}} Copied
 *
 * @typedef {object} EpochRecord
 * @property {number} epoch
 * @property {number} step
 * @property {number} loss the mean over its samples
 * @property {number | null} accuracy
 * @property {number | null} validationLoss
 * @property {number | null} validationAccuracy
 */

import { SaidError } from "./errors.js";

export class Progress {
  /** @param {import("./samples.js").Batches} batches
   * @param {{epochs: number, rate: number, epochRates: [number, number][], schedule: Schedule}} options
   * @param {boolean} hasClasses
   */
  constructor(batches, { epochs, rate, epochRates, schedule }, hasClasses) {
    this.batches = batches;
    this.epochs = epochs;
    this.rate = rate;
    this.epochRates = epochRates;
    this.schedule = schedule;
    this.hasClasses = hasClasses;
    this.step = 0;
    this.epoch = 0;
    this.lossSum = 0;
    this.correct = 0;
    this.samples = 0;
    this.weight = 0;
  }

  get stepsPerEpoch() {
    return this.batches.perEpoch;
  }

  get totalSteps() {
    return this.stepsPerEpoch * this.epochs;
  }

  /** Whether the next step is the first one of an epoch. */
  get atEndOfEpoch() {
    return this.step === this.epoch * this.stepsPerEpoch;
  }

  /** Go to the end of a step. @param {number} step @param {number} lossSum of its epoch
   * @param {number} correct
   */
  continueFrom(step, lossSum, correct) {
    const { batches, stepsPerEpoch } = this;
    const steps = step % stepsPerEpoch;
    this.step = step;
    this.epoch = (step - steps) / stepsPerEpoch + (steps ? 1 : 0);
    this.lossSum = lossSum;
    this.correct = correct;
    this.samples = this.weight = 0;
    for (let each = Math.max(this.epoch - 1, 0) * stepsPerEpoch + 1; each <= step; each += 1) {
      const batch = batches.at(each);
      this.samples += batch.length;
      this.weight += batches.weightOf(batch);
    }
  }

  /** Begin the next epoch. */
  startEpoch() {
    this.epoch += 1;
    this.lossSum =
      this.correct =
      this.samples =
      this.weight =
        0;
  }

  /** @param {number} samples @param {number} weight of them @param {import("./lists.js").Taken} taken */
  addStep(samples, weight, { loss, right }) {
    this.step += 1;
    this.lossSum += loss;
    if (this.hasClasses) this.correct += right;
    this.samples += samples;
    this.weight += weight;
  }

  /** The learning rate of a step; behind the last epoch the schedule stays as it is there.
   * @param {number} step
   */
  rateOf(step) {
    const epochsDone = (step - 1) / this.stepsPerEpoch;
    const rate = this.schedule(this.givenRate(step), Math.min(epochsDone, this.epochs), this.epochs);
    if (rate >= 0 && Number.isFinite(rate)) return rate;
    throw new SaidError("diverged.rate", { rate, step });
  }

  /** The rate of a step before the schedule. @param {number} step */
  givenRate(step) {
    const epoch = Math.floor((step - 1) / this.stepsPerEpoch) + 1;
    let rate = this.rate;
    for (const [from, other] of this.epochRates) if (from <= epoch) rate = other;
    return rate;
  }

  /** The record of the epoch, with its validation.
   * @param {{loss: number, accuracy: number | null} | null} validation @returns {EpochRecord}
   */
  record(validation) {
    const { epoch, step, lossSum, weight, correct, samples, hasClasses } = this;
    return {
      epoch,
      step,
      loss: weight ? lossSum / weight : 0,
      accuracy: hasClasses ? correct / Math.max(samples, 1) : null,
      validationLoss: validation?.loss ?? null,
      validationAccuracy: validation?.accuracy ?? null,
    };
  }
}

/** Stops when the loss no longer decreases: `EarlyStopping` of Python. */
export class EarlyStopping {
  /** @param {{patience: number, min_delta: number, restore_best: boolean}} settings */
  constructor({ patience, min_delta: minDelta, restore_best: restoresBest }) {
    this.patience = patience;
    this.minDelta = minDelta;
    this.restoresBest = restoresBest;
    this.bestEpoch = 0;
    this.bestLoss = Infinity;
    /** @type {(Copied & {step: number}) | null} */
    this.best = null;
  }

  /** Compare an epoch with the best one; return whether to stop.
   * @param {EpochRecord} record @param {() => Copied} copied
   */
  see({ epoch, step, loss, validationLoss }, copied) {
    const found = validationLoss ?? loss;
    if (found < this.bestLoss - this.minDelta) {
      this.bestEpoch = epoch;
      this.bestLoss = found;
      if (this.restoresBest) this.best = { step, ...copied() };
    }
    return epoch - this.bestEpoch >= this.patience;
  }
}
