/**
 * Sums over rows of weights, five of them side by side; each has its terms in their order.
 *
 * A list names rows by `index` and has a number for each in `values`, from place `from` up to `to`. Rows
 * are `width` apart, which is a multiple of 5. What `slownet/engines/machine/inner.py` does.
 *
 * How this is written decides how fast it is. More than five sums, and what is added to them, do not fit
 * into the processor's registers. Rows are read through a DataView, whose numbers browsers reach in fewer
 * instructions than those of a Float64Array. The masks change no place in bytes, which `isDense` keeps below
 * 2^31; they tell the compiler so, which then leaves out checks.
 */

/** out[at + j] = start[begin + j] + sum of values[f] * rows[index[f]][j].
 * @param {Float64Array} out @param {number} at @param {Float64Array} start @param {number} begin
 * @param {DataView} rows @param {number} width @param {Uint32Array} index
 * @param {Float64Array} values @param {number} from @param {number} to
 */
export function listSums(out, at, start, begin, rows, width, index, values, from, to) {
  const bytes = 8 * width;
  for (let j = 0; j < width; j += 5) {
    const first = begin + j;
    let a = start[first];
    let b = start[first + 1];
    let c = start[first + 2];
    let d = start[first + 3];
    let e = start[first + 4];
    for (let k = from; k < to; k += 1) {
      const x = values[k];
      const row = (Math.imul(index[k], bytes) + 8 * j) & 0x7ffffff8;
      a += x * rows.getFloat64(row, true);
      b += x * rows.getFloat64(row + 8, true);
      c += x * rows.getFloat64(row + 16, true);
      d += x * rows.getFloat64(row + 24, true);
      e += x * rows.getFloat64(row + 32, true);
    }
    const place = at + j;
    out[place] = a;
    out[place + 1] = b;
    out[place + 2] = c;
    out[place + 3] = d;
    out[place + 4] = e;
  }
}

/** weights[at + j] -= rate * (factor * sum of rows[index[f]][j] * values[f]).
 * @param {Float64Array} weights @param {number} at @param {DataView} rows @param {number} width
 * @param {Uint32Array} index @param {Float64Array} values @param {number} from @param {number} to
 * @param {number} rate @param {number} factor
 */
export function listDescend(weights, at, rows, width, index, values, from, to, rate, factor) {
  const bytes = 8 * width;
  for (let j = 0; j < width; j += 5) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let e = 0;
    for (let k = from; k < to; k += 1) {
      const x = values[k];
      const row = (Math.imul(index[k], bytes) + 8 * j) & 0x7ffffff8;
      a += rows.getFloat64(row, true) * x;
      b += rows.getFloat64(row + 8, true) * x;
      c += rows.getFloat64(row + 16, true) * x;
      d += rows.getFloat64(row + 24, true) * x;
      e += rows.getFloat64(row + 32, true) * x;
    }
    const place = at + j;
    weights[place] -= rate * (factor * a);
    weights[place + 1] -= rate * (factor * b);
    weights[place + 2] -= rate * (factor * c);
    weights[place + 3] -= rate * (factor * d);
    weights[place + 4] -= rate * (factor * e);
  }
}

/** The same for one sample: each listed row of weights moves by its value times the deltas.
 * @param {Float64Array} weights @param {number} width @param {Float64Array} deltas
 * @param {Uint32Array} index @param {Float64Array} values @param {number} from @param {number} to
 * @param {number} rate @param {number} factor
 */
export function outerDescend(weights, width, deltas, index, values, from, to, rate, factor) {
  for (let k = from; k < to; k += 1) {
    const x = values[k];
    const row = Math.imul(index[k], width);
    for (let j = 0; j < width; j += 5) { // 0 + makes a product of -0 the sum that it is elsewhere
      const at = row + j;
      weights[at] -= rate * (factor * (0 + deltas[j] * x));
      weights[at + 1] -= rate * (factor * (0 + deltas[j + 1] * x));
      weights[at + 2] -= rate * (factor * (0 + deltas[j + 2] * x));
      weights[at + 3] -= rate * (factor * (0 + deltas[j + 3] * x));
      weights[at + 4] -= rate * (factor * (0 + deltas[j + 4] * x));
    }
  }
}

/** out[at + k] = sum over j of rows[k][j] * numbers[begin + j], for the first `count` rows.
 * @param {Float64Array} out @param {number} at @param {DataView} rows @param {number} width
 * @param {number} count @param {Float64Array} numbers @param {number} begin @param {number} size
 */
export function rowSums(out, at, rows, width, count, numbers, begin, size) {
  const bytes = 8 * width;
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    let row = Math.imul(k, bytes);
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let j = 0; j < size; j += 1) {
      const x = numbers[begin + j];
      a += rows.getFloat64(row, true) * x;
      b += rows.getFloat64(row + bytes, true) * x;
      c += rows.getFloat64(row + 2 * bytes, true) * x;
      d += rows.getFloat64(row + 3 * bytes, true) * x;
      row = (row + 8) & 0x7ffffff8;
    }
    out[at + k] = a;
    out[at + k + 1] = b;
    out[at + k + 2] = c;
    out[at + k + 3] = d;
  }
  for (; k < count; k += 1) {
    let sum = 0;
    for (let j = 0; j < size; j += 1) {
      sum += rows.getFloat64(k * bytes + 8 * j, true) * numbers[begin + j];
    }
    out[at + k] = sum;
  }
}
