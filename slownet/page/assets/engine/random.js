/**
 * The random numbers of `slownet/functions/randomness.py`: SplitMix64 in counter mode.
 *
 * Whole numbers of 64 bits are two halves of 32; BigInt takes several times as long.
 * @typedef {[number, number]} Key the high and the low half
 */

import { frexp } from "../../../translation/python.js";

/** What a random number is for: the first part of where it is used. */
export const USE = { initialWeight: 0, shuffle: 1, dropout: 2, dropconnect: 3, noise: 7 };

let high = 0; // the halves of the number that is being computed
let low = 0;

/** Multiply it modulo 2^64. @param {number} otherHigh @param {number} otherLow */
function multiply(otherHigh, otherLow) {
  const a = low & 0xffff;
  const b = low >>> 16;
  const c = otherLow & 0xffff;
  const d = otherLow >>> 16;
  const ac = Math.imul(a, c) >>> 0;
  const ad = Math.imul(a, d) >>> 0;
  const bc = Math.imul(b, c) >>> 0;
  const middle = (ac >>> 16) + (ad & 0xffff) + (bc & 0xffff);
  const top = (Math.imul(b, d) >>> 0) + (ad >>> 16) + (bc >>> 16) + (middle >>> 16);
  high = (top + Math.imul(high, otherLow) + Math.imul(low, otherHigh)) | 0;
  low = ((middle << 16) | (ac & 0xffff)) | 0;
}

/** Combine it by XOR with itself shifted to the right. @param {number} by from 1 to 31 bits */
function fold(by) {
  const before = high;
  high ^= high >>> by;
  low ^= (low >>> by) | (before << (32 - by));
}

/** Draw number i of a key into `high` and `low`: mix(key + (i + 1) * GAMMA).
 * @param {number} keyHigh @param {number} keyLow @param {number} i below 2^53
 */
function draw(keyHigh, keyLow, i) {
  high = i < 4294967295 ? 0 : Math.floor((i + 1) / 4294967296) | 0;
  low = (i + 1) | 0;
  multiply(0x9e3779b9 | 0, 0x7f4a7c15);
  const sum = (low >>> 0) + (keyLow >>> 0);
  high = (high + keyHigh + (sum > 4294967295 ? 1 : 0)) | 0;
  low = sum | 0;
  fold(30);
  multiply(0xbf58476d | 0, 0x1ce4e5b9);
  fold(27);
  multiply(0x94d049bb | 0, 0x133111eb);
  fold(31);
}

/** The key of a place: the seed, then for example `USE.dropout, step, position`.
 * @param {Key} seed @param {...number} where @returns {Key}
 */
export function key(seed, ...where) {
  let [keyHigh, keyLow] = seed;
  for (const position of where) {
    draw(keyHigh, keyLow, position);
    [keyHigh, keyLow] = [high, low];
  }
  return [keyHigh, keyLow];
}

/** Number i of a key as 64 bits. @param {number} keyHigh @param {number} keyLow @param {number} i
 * @returns {Key}
 */
export function bits(keyHigh, keyLow, i) {
  draw(keyHigh, keyLow, i);
  return [high >>> 0, low >>> 0];
}

/** Number i of a key, from 0 to less than 1 in steps of 2^-53. @param {Key} place @param {number} i */
export function uniform([keyHigh, keyLow], i) {
  draw(keyHigh, keyLow, i);
  return ((high >>> 0) * 2097152 + (low >>> 11)) * 1.1102230246251565e-16;
}

/** The numbers 0 to count - 1 in the order of as many random integers; of equal ones the first is first.
 * @param {Key} place @param {number} count
 */
export function permutation([keyHigh, keyLow], count) {
  const highs = new Float64Array(count);
  const lows = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    draw(keyHigh, keyLow, i);
    highs[i] = high >>> 0;
    lows[i] = low >>> 0;
  }
  const order = sortedRoughly(highs);
  for (let i = 1; i < count; i += 1) { // almost sorted: neighbours change places
    const moved = order[i];
    let j = i;
    for (; j > 0; j -= 1) {
      const other = order[j - 1];
      const isBelow = highs[moved] < highs[other] ||
        (highs[moved] === highs[other] && lows[moved] < lows[other]);
      if (!isBelow) break;
      order[j] = other;
    }
    order[j] = moved;
  }
  return order;
}

/** The places of numbers below 2^32 in the order of their highest bits, which are as many as tell most of
 * them apart. @param {Float64Array} numbers
 */
function sortedRoughly(numbers) {
  let buckets = 1;
  while (buckets < numbers.length) buckets *= 2;
  const width = 4294967296 / buckets;
  const next = new Uint32Array(buckets + 1); // where the next number of each bucket goes
  for (const number of numbers) next[Math.floor(number / width) + 1] += 1;
  for (let k = 1; k <= buckets; k += 1) next[k] += next[k - 1];
  const order = new Uint32Array(numbers.length);
  for (let i = 0; i < numbers.length; i += 1) {
    const bucket = Math.floor(numbers[i] / width);
    order[next[bucket]] = i;
    next[bucket] += 1;
  }
  return order;
}

/**
 * The coefficients of AS 241, numerators and denominators, near the middle and in the tails.
 * @typedef {{centre: Float64Array[], tail: Float64Array[], far: Float64Array[]}} Normal
 */

/** Number i of a key from the standard normal distribution. @param {Key} place @param {number} i
 * @param {Normal} coefficients
 */
export function normal(place, i, { centre, tail, far }) {
  const p = uniform(place, i) + 5.551115123125783e-17;
  const q = p - 0.5;
  if (!(Math.abs(q) > 0.425)) return q * ratio(centre, Math.max(0.180625 - q * q, 0));
  const r = Math.sqrt(-logarithm(Math.min(p, 1 - p)));
  const size = r <= 5 ? ratio(tail, r - 1.6) : ratio(far, r - 5);
  return q < 0 ? -size : size;
}

/** @param {Float64Array[]} coefficients @param {number} r */
function ratio([tops, bottoms], r) {
  let top = 0;
  let bottom = 0;
  for (let k = 0; k < tops.length; k += 1) {
    top = top * r + tops[k];
    bottom = bottom * r + bottoms[k];
  }
  return top / bottom;
}

/** The natural logarithm, as `randomness.py` computes it for these numbers. @param {number} x */
function logarithm(x) {
  const [half, exponent] = frexp(x);
  const isSmall = half < 0.7071067811865476;
  const mantissa = isSmall ? 2 * half : half;
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let series = 0;
  for (let odd = 23; odd > 0; odd -= 2) series = series * square + 1 / odd;
  return (exponent - (isSmall ? 1 : 0)) * 0.6931471805599453 + 2 * s * series;
}
