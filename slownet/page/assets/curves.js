/** The curves of a training that grows: numbers of every step, and numbers of the steps that were shown.
 *
 * @typedef {{x: Float64Array, y: Float64Array}} Drawn steps, and a number of each
 */

export const MOST = 400; // points of a line
const FINEST = 64; // points to a doubling of the steps
const DOUBLINGS = 40; // steps at most, as a power of 2
const SHARE = 50; // a mean is of so small a part of the training

/** The running mean of numbers of steps, such as the loss of every batch. */
export class Curve {
  /** @param {number} [start] the step before the first one */
  constructor(start = 0) {
    this.start = start;
    this.count = 0;
    this.numbers = new Float64Array(64);
    this.sums = new Float64Array(65); // of the first numbers, from none on
  }

  /** The last step that has a number. */
  get last() {
    return this.start + this.count;
  }

  /** How many steps a mean is of. */
  get window() {
    return windowOf(this.count);
  }

  /** Take the numbers of the steps behind a step; those that were there of later steps are dropped.
   * @param {number} since the step before the first of the numbers @param {ArrayLike<number>} numbers
   */
  take(since, numbers) {
    if (!Number.isInteger(since) || since < this.start || since > this.last) {
      throw new Error(
        `this curve is of the steps ${this.start} to ${this.last}: none can follow ${since}`,
      );
    }
    const first = since - this.start;
    this.count = first + numbers.length;
    this.#makeRoom();
    for (let k = first; k < this.count; k += 1) {
      this.numbers[k] = numbers[k - first];
      this.sums[k + 1] = this.sums[k] + this.numbers[k];
    }
  }

  #makeRoom() {
    if (this.count <= this.numbers.length) return;
    const size = Math.max(2 * this.numbers.length, this.count);
    const [numbers, sums] = [new Float64Array(size), new Float64Array(size + 1)];
    numbers.set(this.numbers);
    sums.set(this.sums);
    Object.assign(this, { numbers, sums });
  }

  /** Another curve, of the steps up to one, with which a training parts from this one. @param {number} step */
  upTo(step) {
    const other = new Curve(this.start);
    const count = Math.max(0, Math.min(step, this.last) - this.start);
    other.take(this.start, this.numbers.subarray(0, count));
    return other;
  }

  /** The mean at a step, as `mean_at` of Python adds it; null where there is none. @param {number} step */
  meanAt(step) {
    const { numbers } = this.meantAt(step);
    const sum = numbers.reduce((all, each) => all + each, 0);
    return numbers.length ? sum / numbers.length : null;
  }

  /** The numbers that the mean at a step is of, and the step before the first of them. @param {number} step */
  meantAt(step) {
    const end = Math.min(Math.max(step - this.start, 1), this.count);
    const begin = Math.max(0, end - this.window);
    return { first: this.start + begin, numbers: this.numbers.subarray(begin, end) };
  }

  /** The line of the means, as `running_mean` of Python has them, at some of the steps. @returns {Drawn} */
  line() {
    const { start, sums, window } = this;
    const ends = places(this.count);
    return {
      x: Float64Array.from(ends, (end) => start + end),
      y: Float64Array.from(ends, (end) => {
        const before = Math.max(0, end - window);
        return (sums[end] - sums[before]) / (end - before);
      }),
    };
  }
}

/** How many of so many steps a mean is of. @param {number} count */
export function windowOf(count) {
  return Math.max(1, halfToEven(count / SHARE));
}

/** Numbers of some steps, such as the loss of the watched samples of every frame that was made. */
export class Points {
  constructor() {
    this.steps = /** @type {number[]} */ ([]);
    this.numbers = /** @type {number[]} */ ([]);
  }

  /** Put in the number of a step. @param {number} step @param {number} number */
  add(step, number) {
    const place = this.#placeOf(step);
    const isThere = this.steps[place] === step;
    this.steps.splice(place, isThere ? 1 : 0, step);
    this.numbers.splice(place, isThere ? 1 : 0, number);
    if (this.steps.length > 2 * MOST) this.#thin();
  }

  /** Drop what is behind a step. @param {number} step */
  drop(step) {
    this.steps.length = this.numbers.length = this.#placeOf(step + 1);
  }

  /** Another one, of the steps up to one. @param {number} step */
  upTo(step) {
    const other = new Points();
    other.steps = this.steps.slice();
    other.numbers = this.numbers.slice();
    other.drop(step);
    return other;
  }

  /** @returns {Drawn} */
  line() {
    return { x: Float64Array.from(this.steps), y: Float64Array.from(this.numbers) };
  }

  /** Where a step is or would be. @param {number} step */
  #placeOf(step) {
    let [low, high] = [0, this.steps.length];
    if (high && this.steps[high - 1] < step) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.steps[middle] < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Keep the last of the steps that stand close together. */
  #thin() {
    const last = this.steps.length - 1;
    let kept = this.steps.map((_, k) => k);
    for (let fineness = FINEST; kept.length > MOST; fineness /= 2) {
      const cell = (/** @type {number} */ k) => Math.floor(fineness * Math.log2(this.steps[k] + 1));
      kept = kept.filter((k, place) => k === last || cell(k) !== cell(kept[place + 1]));
    }
    this.steps = kept.map((k) => this.steps[k]);
    this.numbers = kept.map((k) => this.numbers[k]);
  }
}

/** @type {Map<number, number[]>} */
const grids = new Map();

/** Places that are about as far from one another on a logarithmic axis. @param {number} fineness */
function grid(fineness) {
  let found = grids.get(fineness);
  if (!found) {
    const all = Array.from({ length: DOUBLINGS * fineness }, (_, k) => Math.floor(2 ** (k / fineness)));
    found = all.filter((place, k) => k === 0 || place !== all[k - 1]);
    grids.set(fineness, found);
  }
  return found;
}

/** Which of the numbers from 1 to `count` a line has: the same ones as `count` grows, and always the last.
 * @param {number} count @returns {number[]}
 */
export function places(count) {
  if (count === 0) return [];
  let found = grid(FINEST);
  for (let fineness = FINEST; found.length > 0; fineness /= 2) {
    const all = grid(fineness);
    const many = all.findIndex((place) => place >= count);
    found = all.slice(0, many < 0 ? all.length : many);
    if (found.length < MOST) break;
  }
  return [...found, count];
}

/** The nearest whole number; of two, the even one, as Python rounds. @param {number} number */
function halfToEven(number) {
  const whole = Math.round(number);
  return whole - number === 0.5 && whole % 2 ? whole - 1 : whole;
}
