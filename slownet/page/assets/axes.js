/** The axes of charts: which part of the numbers they show, and where their ticks may stand.
 *
 * What `slownet/plotting/lines.py` chooses for figures.
 * @typedef {object} Axis
 * @property {number} low where it begins, as `place` gives it
 * @property {number} high
 * @property {(number: number) => number} place of a number
 * @property {number[][]} ticks the finest first: the first ones whose texts have room are drawn
 * @property {(tick: number) => string} text of a tick
 */

import { percent, plain, short, THOUSANDS } from "./numbers.js";

export const START = 0.5; // where step 0 stands
const HUGE = 1e307; // beyond it, a difference of two numbers would overflow
const MOST = 10; // ticks of an axis
const RATIOS = [[1, 2, 5], [1, 3], [1]]; // of ticks to the power of ten below

const onSteps = (/** @type {number} */ step) => Math.log10(Math.max(step, START));

/** A logarithmic axis of steps from 0 to the last one. @param {number} last @returns {Axis} */
export function stepAxis(last) {
  const end = Math.max(last, 1);
  const powers = powersTo(end);
  const more = powers.flatMap((power) => [power, 2 * power, 5 * power]).filter((step) => step <= end);
  return {
    low: Math.log10(START) - 0.05,
    high: Math.log10(end) + 0.08,
    place: onSteps,
    ticks: [...(powers.length < 3 ? [more] : []), powers, ...thinner(powers.slice(1))]
      .map((steps) => [0, ...steps]), // 1 stands close to 0
    text: stepText,
  };
}

/** The powers of ten up to a number of steps. @param {number} end */
export function powersTo(end) {
  return Array.from({ length: 16 }, (_, k) => 10 ** k).filter((power) => power <= end);
}

/** A step on an axis, such as 20k. @param {number} step */
export function stepText(step) {
  const [unit, sign] = THOUSANDS.find(([unit]) => step >= unit) ?? [1, ""];
  return `${step / unit}${sign}`;
}

/** A logarithmic axis of losses, unless there are some below 0. @param {ArrayLike<number>[]} lines
 * @returns {Axis}
 */
export function lossAxis(lines) {
  if (span(lines)[0] < 0) return plainAxis(lines);
  const [bottom, top] = span(lines, 0).map(Math.log10);
  const margin = Math.max(0.06 * (top - bottom), 0.02);
  const [low, high] = [bottom - margin, top + margin];
  const first = top - bottom < 1.5 ? 0 : top - bottom < 3 ? 1 : 2;
  const ticks = RATIOS.slice(first)
    .map((ratios) => powers(bottom, top, ratios))
    .map((all) => all.filter((tick) => low <= Math.log10(tick) && Math.log10(tick) <= high));
  const shown = [...ticks.slice(0, -1), ...thinner(ticks[ticks.length - 1])]
    .filter((each) => each.length > 1 && each.length <= MOST);
  return {
    low,
    high,
    place: (loss) => Math.log10(loss),
    ticks: [...shown, ...(shown.length ? [] : round(10 ** low, 10 ** high))],
    text: tickText,
  };
}

/** An axis of shares; it starts at 0 unless all are high. @param {ArrayLike<number>[]} lines @returns {Axis} */
export function shareAxis(lines) {
  const bottom = span(lines)[0] < 0.6 ? 0 : 0.5;
  const ticks = [[0, 0.25, 0.5, 0.75, 1], [0, 0.5, 1]];
  return {
    low: bottom - 0.02,
    high: 1.03,
    place: (share) => share,
    ticks: [...ticks.map((all) => all.filter((tick) => tick >= bottom)), [bottom, 1]],
    text: (share) => percent(share),
  };
}

/** An axis of any numbers. @param {ArrayLike<number>[]} lines @returns {Axis} */
export function plainAxis(lines) {
  const [least, largest] = span(lines).map((number) => Math.max(-HUGE, Math.min(HUGE, number)));
  const margin = 0.1 * (largest - least) || 0.1 * Math.abs(largest) || 0.1;
  const [low, high] = [least - margin, largest + margin];
  return { low, high, place: (number) => number, ticks: round(low, high), text: tickText };
}

/** The smallest and the largest number of lines, of those above a bound.
 * @param {ArrayLike<number>[]} lines @param {number} [above] @returns {[number, number]}
 */
function span(lines, above = -Infinity) {
  let [low, high] = [Infinity, -Infinity];
  for (const line of lines) {
    for (let k = 0; k < line.length; k += 1) {
      if (!(line[k] > above) || line[k] === Infinity) continue;
      low = Math.min(low, line[k]);
      high = Math.max(high, line[k]);
    }
  }
  return low <= high ? [low, high] : [0.1, 1];
}

/** Multiples of powers of ten around a range of logarithms.
 * @param {number} bottom @param {number} top @param {number[]} ratios
 */
function powers(bottom, top, ratios) {
  const first = Math.floor(bottom) - 1;
  const exponents = Array.from({ length: Math.ceil(top) + 1 - first }, (_, k) => first + k);
  return exponents.flatMap((k) => ratios.map((ratio) => Number(`${ratio}e${k}`)));
}

/** At most ten of some ticks, at even distances, and fewer and fewer. @param {number[]} ticks */
function thinner(ticks) {
  const step = 1 + Math.floor(ticks.length / MOST);
  const steps = [1, 2, 3, 4, 5].map((times) => times * step).filter((each) =>
    each === 1 || each < ticks.length
  );
  return steps.map((each) => ticks.filter((_, place) => place % each === 0));
}

/** Round numbers in a range, some five of them, or fewer. @param {number} low @param {number} high */
function round(low, high) {
  const power = Math.floor(Math.log10(high - low)) - 1;
  const sizes = [0, 1, 2].flatMap((k) => [1, 2, 5].map((ratio) => Number(`${ratio}e${power + k}`)));
  return sizes.map((size) => multiples(size, low, high)).filter((found) =>
    found.length && found.length < MOST
  );
}

/** @param {number} size @param {number} low @param {number} high */
function multiples(size, low, high) {
  const first = Math.ceil(low / size);
  const count = Math.floor(high / size) - first + 1;
  if (!(size > 0) || !(count > 0) || count > MOST) return [];
  const found = Array.from({ length: count }, (_, k) => (first + k) * size);
  const texts = found.map(tickText);
  return found.filter((_, k) => texts.indexOf(texts[k]) === k);
}

/** With as many digits as it has. @param {number} tick */
function tickText(tick) {
  const size = Math.abs(tick);
  if (tick === 0 || (size >= 1e-4 && size < 1e6)) return plain(tick, 12);
  const [head] = Number(size.toPrecision(12)).toExponential().split("e");
  return short(tick, head.replace(".", "").length).replace(/^(−?)1·/, "$1");
}
