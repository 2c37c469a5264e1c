/** Steps on a slider: logarithmic up to the planned end, and on with the pace that it has there. */

const SECONDS = 5; // in which a training plays at speed 1
const PLACES = 1000; // of the slider, up to the planned end
const LEAST = 200; // steps that the slider has room for where a training goes on
const FRAMES_A_SECOND = 60;
const MOST = 2 ** 22; // steps: the page and its worker keep 50 bytes of each

export class Timeline {
  /** @param {number} first step @param {number} planned the last one */
  constructor(first, planned) {
    this.first = first;
    this.most = first + MOST;
    this.planned = Math.max(planned, first + LEAST);
    this.last = planned > first ? planned : this.planned; // so far
    this.least = this.last;
    this.share = 0; // where it plays: 1 at the planned end, and between two steps, too
  }

  /** The place of a step on the slider. @param {number} step */
  placeOf(step) {
    return Math.round(PLACES * this.#shareOf(step));
  }

  /** @param {number} place */
  stepAt(place) {
    return this.#stepOf(place / PLACES);
  }

  /** The step to play after one; null at the end. @param {number} step @param {number} speed */
  played(step, speed) {
    if (step >= this.last) return null;
    if (this.#stepOf(this.share) !== step) this.share = this.#shareOf(step);
    this.share += speed / SECONDS / FRAMES_A_SECOND;
    return this.#stepOf(this.share);
  }

  /** A step that there is. @param {number} step */
  within(step) {
    return Math.max(this.first, Math.min(this.last, step));
  }

  /** Have room behind a step: as much as was planned, unless there is some. @param {number} step */
  extend(step) {
    if (step < this.last) return;
    this.last = Math.max(this.last, Math.min(this.most, step + Math.max(1, this.planned - this.first)));
  }

  /** Have no room that was made for a step that was not reached. @param {number} step the last one that was */
  shorten(step) {
    this.last = Math.max(this.least, step);
  }

  /** @param {number} step */
  #shareOf(step) {
    const [steps, planned] = [step - this.first, this.planned - this.first];
    const scale = Math.log1p(planned);
    if (steps <= planned) return Math.log1p(steps) / scale;
    return 1 + (steps - planned) / ((1 + planned) * scale);
  }

  /** @param {number} share */
  #stepOf(share) {
    const planned = this.planned - this.first;
    const scale = Math.log1p(planned);
    const steps = share <= 1 ? Math.expm1(share * scale) : planned + (share - 1) * (1 + planned) * scale;
    return this.within(this.first + Math.round(steps));
  }
}
