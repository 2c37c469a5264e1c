/** The rule of an optimizer written out: its operations in numbers, from the trees of `slownet/page/updates.py`.
 *
 * @typedef {import("./deriving.js").Leaf} Leaf
 * @typedef {import("./deriving.js").Term} Term
 *
 * @typedef {string | number | unknown[]} Written the name of an argument, a number, or a sign (or "constant") and
 *   what it is of
 */

const OPERATIONS = /** @type {Record<string, (a: number, b: number) => number>} */ ({
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "sqrt": (a) => Math.sqrt(a),
});

/** @param {Written} tree @param {Record<string, Term>} known by the names of arguments
 * @param {ArrayLike<number>} constants of the step @returns {Term}
 */
export function writtenTerm(tree, known, constants) {
  if (typeof tree === "string") return known[tree];
  if (typeof tree === "number") return constant(tree, "");
  const [sign, ...of] = tree;
  if (sign === "constant") return constant(constants[Number(of[0])], String(of[1]));
  const terms = of.map((each) => writtenTerm(/** @type {Written} */ (each), known, constants));
  const [a, b] = terms.map(({ result }) => result);
  return { sign: String(sign), of: terms, result: OPERATIONS[String(sign)](a, b) };
}

/** @param {number} result @param {string} label @returns {Leaf} */
function constant(result, label) {
  return { label, name: label, before: 0, result, given: label ? "setting" : "" };
}
