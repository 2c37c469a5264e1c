/** Numbers as text. */

export const THOUSANDS = /** @type {[number, string][]} */ ([[1e9, "G"], [1e6, "M"], [1e3, "k"]]);

/** With so many digits after the point; a minus that is as wide as a plus.
 * @param {number} number @param {number} digits
 */
export function fixed(number, digits) {
  if (!Number.isFinite(number)) return String(number).replace("-", "−");
  const text = number.toFixed(Math.max(0, Math.min(20, digits)));
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text.replace("-", "−");
}

/** With so many significant digits. @param {number} number @param {number} [digits] */
export function short(number, digits = 3) {
  if (number === 0 || !Number.isFinite(number)) return fixed(number, 0);
  const size = Math.floor(Math.log10(Math.abs(number)));
  if (size < -4 || size > 6) {
    const [head, power] = number.toExponential(digits - 1).split("e");
    return `${head.replace("-", "−")}·10${raised(Number(power))}`;
  }
  return fixed(number, digits - 1 - size);
}

/** @param {number} power */
function raised(power) {
  const small = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const text = [...String(Math.abs(power))].map((digit) => small[Number(digit)]).join("");
  return (power < 0 ? "⁻" : "") + text;
}

/** With so many digits after the point, or as a power of ten where it is too long.
 * @param {number} number @param {number} digits
 */
export function sized(number, digits) {
  return Math.abs(number) < 1e9 ? fixed(number, digits) : short(number, 5);
}

/** A share as percent. @param {number} share @param {number} [digits] */
export function percent(share, digits = 0) {
  return `${fixed(100 * share, digits)} %`;
}

/** The digits after the point that are right in numbers with an error up to `off`. @param {number} off */
export function digitsFor(off) {
  if (!(off > 0)) return 6;
  return Math.max(0, Math.min(6, Math.floor(-Math.log10(2 * off))));
}

/** A whole number with its thousands apart. @param {number | string} number */
export function counted(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** A text shortened to a width. @param {string} text @param {number} width
 * @param {(text: string) => number} measure
 */
export function cut(text, width, measure) {
  if (measure(text) <= width) return text;
  let end = text.length;
  while (end > 1 && measure(`${text.slice(0, end).trimEnd()}…`) > width) end -= 1;
  return `${text.slice(0, end).trimEnd()}…`;
}

/** A number above 0 of any size, without zeros at its end. @param {number} number */
export function brief(number) {
  return number < 1e-4 ? short(number) : plain(number);
}

/** A number of a table: a whole one as it is, another one with a few digits. @param {number} number
 * @param {number} [digits]
 */
export function tabled(number, digits = 6) {
  const isWhole = Number.isInteger(number) && Math.abs(number) < 1e15;
  return isWhole ? String(number).replace("-", "−") : plain(number, digits);
}

/** A number of a table in a place of some width: with fewer digits where all do not fit.
 * @param {number} number @param {number} width @param {(text: string) => number} measure
 */
export function fitting(number, width, measure) {
  const [unit, sign] = THOUSANDS.find(([unit]) => Math.abs(number) >= 10 * unit) ?? [1, ""];
  const texts = [tabled(number), ...[4, 3, 2].map((digits) => plain(number / unit, digits) + sign)];
  return texts.find((text) => measure(text) <= width) ??
    number.toExponential(0).replaceAll("-", "−").replace("e+", "e");
}

/** A number that is off by up to `off`, with four digits, or as many as are right; whole up to a billion.
 * @param {number} number @param {number} off
 */
export function within(number, off) {
  const size = Math.floor(Math.log10(Math.abs(number)));
  if (number === 0 || !Number.isFinite(number)) return fixed(number, 0);
  const right = off > 0 ? Math.floor(-Math.log10(2 * off)) : Infinity;
  if (size < -4 || size > 9) return short(number, Math.max(1, Math.min(4, size + 1 + right)));
  const unit = 10 ** -right;
  return fixed(right < 0 ? Math.round(number / unit) * unit : number, Math.min(3 - size, right));
}

/** A number without zeros at its end. @param {number} number @param {number} [digits] */
export function plain(number, digits = 4) {
  return String(Number(number.toPrecision(digits))).replaceAll("-", "−").replace("e+", "e");
}

/** Two numbers with at least three digits, and so many that three digits of their difference show.
 * @param {number} first @param {number} second @returns {string[]}
 */
export function apart(first, second) {
  const size = (/** @type {number} */ number) => Math.floor(Math.log10(Math.abs(number)));
  const off = size(first - second);
  return [first, second].map((number) => {
    const more = Number.isFinite(off) && number !== 0 ? size(number) - off : 0;
    return short(number, 3 + Math.max(0, Math.min(12, more)));
  });
}
