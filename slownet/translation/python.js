/** What Python has and JavaScript has not; formulas that were translated from Python use it. */

/** Python's max of two numbers: beside a nan it is the first. @param {number} a @param {number} b */
export function maximum(a, b) {
  return b > a ? b : a;
}

/** Python's min of two numbers. @param {number} a @param {number} b */
export function minimum(a, b) {
  return b < a ? b : a;
}

/** A quotient, and an error for a division by 0. @param {number} a @param {number} b */
export function divided(a, b) {
  if (b === 0) throw new RangeError("division by zero");
  return a / b;
}

/** The mantissa, from 1/2 to 1, and the exponent of 2. @param {number} x @returns {[number, number]} */
export function frexp(x) {
  if (x === 0 || !Number.isFinite(x)) return [x, 0];
  const kept = /** @type {{view?: DataView}} */ (frexp); // a new one takes longer than all the rest
  const view = kept.view ??= new DataView(new ArrayBuffer(8));
  const isSmall = Math.abs(x) < 2.2250738585072014e-308;
  view.setFloat64(0, isSmall ? x * 18014398509481984 : x);
  const high = view.getUint32(0);
  const exponent = ((high >>> 20) & 0x7ff) - (isSmall ? 1076 : 1022);
  view.setUint32(0, (high & 0x800fffff) | 0x3fe00000);
  return [view.getFloat64(0), exponent];
}
