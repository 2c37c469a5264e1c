/** The progress of a training: its steps and epochs, and the rate of every step.
 *
 * @typedef {(rate: number, epoch: number, epochs: number) => number} Schedule
 */

export class Progress {
  /** @param {import("./samples.js").Batches} batches
   * @param {{epochs: number, rate: number, epochRates: [number, number][], schedule: Schedule}} options
   * @param {number} step how many steps have been taken
   */
  constructor(batches, { epochs, rate, epochRates, schedule }, step) {
    this.batches = batches;
    this.epochs = epochs;
    this.rate = rate;
    this.epochRates = epochRates;
    this.schedule = schedule;
    this.step = step;
  }

  get stepsPerEpoch() {
    return this.batches.perEpoch;
  }

  get totalSteps() {
    return this.stepsPerEpoch * this.epochs;
  }

  /** The learning rate of a step; behind the last epoch the schedule stays as it is there.
   * @param {number} step
   */
  rateOf(step) {
    const epochsDone = (step - 1) / this.stepsPerEpoch;
    const rate = this.schedule(this.givenRate(step), Math.min(epochsDone, this.epochs), this.epochs);
    if (rate >= 0 && Number.isFinite(rate)) return rate;
    throw new Error(`the schedule gives the rate ${rate} for step ${step}`);
  }

  /** The rate of a step before the schedule. @param {number} step */
  givenRate(step) {
    const epoch = Math.floor((step - 1) / this.stepsPerEpoch) + 1;
    let rate = this.rate;
    for (const [from, other] of this.epochRates) if (from <= epoch) rate = other;
    return rate;
  }
}
