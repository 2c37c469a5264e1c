/**
 * Numbers from bytes: what `encoding.py` wrote.
 *
 * @typedef {{kind: string, shape: number[], bytes: number, digits?: number, parts?: number, byte_planes?: number}} About
 *
 * @typedef {Float64Array | Int32Array | Uint8Array | Rounded | Exact} Numbers
 *
 * What a page holds, by name; "data", "held_out" and other rows have names of two words. Bits are packed.
 * @typedef {{
 *   start: Int32Array, source: Int32Array, leaving?: Int32Array,
 *   weights?: Float64Array, biases?: Float64Array | Rounded | Exact, first?: Float64Array, second?: Float64Array,
 *   "has bias"?: Uint8Array, "fixed weights"?: Uint8Array, "fixed biases"?: Uint8Array,
 *   gone?: Uint8Array, frozen?: Uint8Array, removed?: Uint8Array,
 *   "frozen biases"?: Uint8Array, "without bias"?: Uint8Array,
 *   samples?: Float64Array, pixels?: Uint8Array, targets: Float64Array,
 *   decided?: Int32Array, truth?: Int32Array, predicted?: Rounded | Exact, "true_values"?: Float64Array,
 *   "digests of losses"?: Int32Array,
 *   [samples: `${string} samples`]: Float64Array | undefined,
 *   [pixels: `${string} pixels`]: Uint8Array | undefined,
 *   [classes: `${string} classes`]: Int32Array | undefined,
 *   [targets: `${string} targets`]: Float64Array | undefined,
 *   [weights: `weights ${number}`]: Rounded | Exact | undefined,
 *   [name: string]: Numbers | undefined,
 * }} Arrays
 */

/** Return the bytes of base64 text that holds something deflated or gzipped.
 * @param {string} text
 * @param {"deflate" | "gzip"} format
 */
export async function inflate(text, format) {
  const packed = bytesOf(text);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** @param {string} text as base64 */
function bytesOf(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let k = 0; k < bytes.length; k += 1) bytes[k] = letters.charCodeAt(k);
  return bytes;
}

/** Numbers of every frame that were rounded: each stands for the middle of its interval. */
export class Rounded {
  /**
   * @param {Int32Array} intervals of all frames
   * @param {number} count of numbers a frame
   * @param {number} digits after the point that are right
   * @param {number} parts of half of the last digit that an interval is one of
   */
  constructor(intervals, count, digits, parts) {
    this.intervals = intervals;
    this.count = count;
    this.digits = digits;
    this.scale = 10 ** digits * 2 * parts;
  }

  /** @param {number} frame @param {number} place */
  at(frame, place) {
    return (this.intervals[frame * this.count + place] + 0.5) / this.scale;
  }

  /** Write the numbers of a frame into an array.
   * @param {number} frame @param {Float64Array} into @param {number} start
   */
  copy(frame, into, start) {
    const { intervals, count, scale } = this;
    const first = frame * count;
    for (let k = 0; k < count; k += 1) into[start + k] = (intervals[first + k] + 0.5) / scale;
  }
}

/** Numbers of every frame to the last bit. */
export class Exact {
  /** @param {Float64Array} numbers of all frames @param {number} count of numbers a frame */
  constructor(numbers, count) {
    this.numbers = numbers;
    this.count = count;
    this.digits = /** @type {number | null} */ (null);
  }

  /** @param {number} frame @param {number} place */
  at(frame, place) {
    return this.numbers[frame * this.count + place];
  }

  /** @param {number} frame @param {Float64Array} into @param {number} start */
  copy(frame, into, start) {
    const first = frame * this.count;
    into.set(this.numbers.subarray(first, first + this.count), start);
  }
}

/** Return the arrays by name.
 * @param {Record<string, About>} contents
 * @param {Uint8Array} bytes
 * @returns {Arrays}
 */
export function readArrays(contents, bytes) {
  const arrays = /** @type {Arrays} */ ({});
  let start = 0;
  for (const [name, about] of Object.entries(contents)) {
    arrays[name] = readArray(about, bytes.slice(start, start + about.bytes));
    start += about.bytes;
  }
  return arrays;
}

/** @param {About} about @param {Uint8Array<ArrayBuffer>} bytes */
function readArray(about, bytes) {
  const count = about.shape.slice(1).reduce((a, b) => a * b, 1);
  if (about.kind === "float64") return new Float64Array(bytes.buffer);
  if (about.kind === "int32") return new Int32Array(bytes.buffer);
  if (about.kind === "pixels") return pixels(bytes, about.shape.reduce((a, b) => a * b, 1));
  if (about.kind === "exact") return new Exact(exactNumbers(bytes, count), count);
  if (about.kind === "rounded") {
    const moves = joined(bytes, about.byte_planes ?? 1);
    for (let k = 0; k < moves.length; k += 1) {
      const step = (moves[k] >>> 1) ^ -(moves[k] & 1);
      moves[k] = k < count ? step : moves[k - count] + step;
    }
    return new Rounded(moves, count, about.digits ?? 0, about.parts ?? 1);
  }
  return bytes;
}

/** @param {Uint8Array} bytes which numbers are not 0, as bits, and those numbers @param {number} count */
function pixels(bytes, count) {
  const found = new Uint8Array(count);
  let next = Math.ceil(count / 8);
  for (let k = 0; k < count; k += 1) {
    if ((bytes[k >> 3] >> (k & 7)) & 1) {
      found[k] = bytes[next];
      next += 1;
    }
  }
  return found;
}

/** @param {Uint8Array} bytes lowest bytes of all numbers, then the next ones @param {number} bytePlanes */
function joined(bytes, bytePlanes) {
  const count = bytes.length / bytePlanes;
  const numbers = new Int32Array(count);
  for (let plane = 0; plane < bytePlanes; plane += 1) {
    const first = plane * count;
    for (let k = 0; k < count; k += 1) numbers[k] |= bytes[first + k] << (8 * plane);
  }
  return numbers;
}

/** @param {Uint8Array} bytes as `joined`, eight a number @param {number} perFrame */
function exactNumbers(bytes, perFrame) {
  const count = bytes.length / 8;
  const mixed = new Uint8Array(bytes.length);
  for (let plane = 0; plane < 8; plane += 1) {
    for (let k = 0; k < count; k += 1) mixed[8 * k + plane] = bytes[plane * count + k];
  }
  const halves = new Uint32Array(mixed.buffer);
  for (let k = 2 * perFrame; k < halves.length; k += 1) halves[k] ^= halves[k - 2 * perFrame];
  return new Float64Array(mixed.buffer);
}
