/**
 * Sums over rows of weights, ten or five of them side by side; each has its terms in their order.
 *
 * A list names rows by `index` and has a number for each in `values`, from place `from` up to `to`. Rows
 * are `width` apart, which is a multiple of 5. What `slownet/engines/machine/inner.py` does.
 */

/** out[at + j] = start[begin + j] + sum of values[f] * rows[index[f]][j].
 * @param {Float64Array} out @param {number} at @param {Float64Array} start @param {number} begin
 * @param {Float64Array} rows @param {number} width @param {Uint32Array} index
 * @param {Float64Array} values @param {number} from @param {number} to
 */
export function listSums(out, at, start, begin, rows, width, index, values, from, to) {
  let j = 0;
  for (; j + 10 <= width; j += 10) {
    const first = begin + j;
    let a = start[first];
    let b = start[first + 1];
    let c = start[first + 2];
    let d = start[first + 3];
    let e = start[first + 4];
    let f = start[first + 5];
    let g = start[first + 6];
    let h = start[first + 7];
    let p = start[first + 8];
    let q = start[first + 9];
    for (let k = from; k < to; k += 1) {
      const x = values[k];
      const row = Math.imul(index[k], width) + j;
      a += x * rows[row];
      b += x * rows[row + 1];
      c += x * rows[row + 2];
      d += x * rows[row + 3];
      e += x * rows[row + 4];
      f += x * rows[row + 5];
      g += x * rows[row + 6];
      h += x * rows[row + 7];
      p += x * rows[row + 8];
      q += x * rows[row + 9];
    }
    const place = at + j;
    out[place] = a;
    out[place + 1] = b;
    out[place + 2] = c;
    out[place + 3] = d;
    out[place + 4] = e;
    out[place + 5] = f;
    out[place + 6] = g;
    out[place + 7] = h;
    out[place + 8] = p;
    out[place + 9] = q;
  }
  if (j === width) return;
  const first = begin + j;
  let a = start[first];
  let b = start[first + 1];
  let c = start[first + 2];
  let d = start[first + 3];
  let e = start[first + 4];
  for (let k = from; k < to; k += 1) {
    const x = values[k];
    const row = Math.imul(index[k], width) + j;
    a += x * rows[row];
    b += x * rows[row + 1];
    c += x * rows[row + 2];
    d += x * rows[row + 3];
    e += x * rows[row + 4];
  }
  const place = at + j;
  out[place] = a;
  out[place + 1] = b;
  out[place + 2] = c;
  out[place + 3] = d;
  out[place + 4] = e;
}

/** weights[at + j] -= rate * (factor * sum of rows[index[f]][j] * values[f]).
 * @param {Float64Array} weights @param {number} at @param {Float64Array} rows @param {number} width
 * @param {Uint32Array} index @param {Float64Array} values @param {number} from @param {number} to
 * @param {number} rate @param {number} factor
 */
export function listDescend(weights, at, rows, width, index, values, from, to, rate, factor) {
  let j = 0;
  for (; j + 10 <= width; j += 10) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let e = 0;
    let f = 0;
    let g = 0;
    let h = 0;
    let p = 0;
    let q = 0;
    for (let k = from; k < to; k += 1) {
      const x = values[k];
      const row = Math.imul(index[k], width) + j;
      a += rows[row] * x;
      b += rows[row + 1] * x;
      c += rows[row + 2] * x;
      d += rows[row + 3] * x;
      e += rows[row + 4] * x;
      f += rows[row + 5] * x;
      g += rows[row + 6] * x;
      h += rows[row + 7] * x;
      p += rows[row + 8] * x;
      q += rows[row + 9] * x;
    }
    const place = at + j;
    weights[place] -= rate * (factor * a);
    weights[place + 1] -= rate * (factor * b);
    weights[place + 2] -= rate * (factor * c);
    weights[place + 3] -= rate * (factor * d);
    weights[place + 4] -= rate * (factor * e);
    weights[place + 5] -= rate * (factor * f);
    weights[place + 6] -= rate * (factor * g);
    weights[place + 7] -= rate * (factor * h);
    weights[place + 8] -= rate * (factor * p);
    weights[place + 9] -= rate * (factor * q);
  }
  if (j === width) return;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  for (let k = from; k < to; k += 1) {
    const x = values[k];
    const row = Math.imul(index[k], width) + j;
    a += rows[row] * x;
    b += rows[row + 1] * x;
    c += rows[row + 2] * x;
    d += rows[row + 3] * x;
    e += rows[row + 4] * x;
  }
  const place = at + j;
  weights[place] -= rate * (factor * a);
  weights[place + 1] -= rate * (factor * b);
  weights[place + 2] -= rate * (factor * c);
  weights[place + 3] -= rate * (factor * d);
  weights[place + 4] -= rate * (factor * e);
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
 * @param {Float64Array} out @param {number} at @param {Float64Array} rows @param {number} width
 * @param {number} count @param {Float64Array} numbers @param {number} begin @param {number} size
 */
export function rowSums(out, at, rows, width, count, numbers, begin, size) {
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    let row = k * width;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let j = 0; j < size; j += 1) {
      const x = numbers[begin + j];
      a += rows[row] * x;
      b += rows[row + width] * x;
      c += rows[row + 2 * width] * x;
      d += rows[row + 3 * width] * x;
      row += 1;
    }
    out[at + k] = a;
    out[at + k + 1] = b;
    out[at + k + 2] = c;
    out[at + k + 3] = d;
  }
  for (; k < count; k += 1) {
    let sum = 0;
    for (let j = 0; j < size; j += 1) sum += rows[k * width + j] * numbers[begin + j];
    out[at + k] = sum;
  }
}
