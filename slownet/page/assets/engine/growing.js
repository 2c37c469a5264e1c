/** Arrays that grow at their end: what is added is written behind what is there, where there is room, so that
 * the shorter array stays as it is.
 */

const used = /** @type {WeakMap<ArrayBufferLike, number>} */ (new WeakMap()); // bytes of each buffer

/** Numbers with some more behind them. @template {Uint8Array | Uint32Array | Float64Array} A
 * @param {A} numbers @param {ArrayLike<number>} more @returns {A}
 */
export function appended(numbers, more) {
  const { buffer, byteOffset, byteLength, length, BYTES_PER_ELEMENT: size } = numbers;
  const Kind = /** @type {new (buffer: ArrayBufferLike, from: number, count: number) => A} */ (
    numbers.constructor
  );
  const needed = byteLength + more.length * size;
  if (byteOffset === 0 && used.get(buffer) === byteLength && needed <= buffer.byteLength) {
    const grown = new Kind(buffer, 0, length + more.length);
    grown.set(more, length);
    used.set(buffer, needed);
    return grown;
  }
  const room = size * Math.ceil((1.25 * needed) / size);
  const grown = new Kind(new ArrayBuffer(room), 0, length + more.length);
  grown.set(numbers);
  grown.set(more, length);
  used.set(grown.buffer, needed);
  return grown;
}
