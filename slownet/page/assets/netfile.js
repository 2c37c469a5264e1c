/** What a net file says of a net beside its numbers, from the text of the page's facts.
 *
 * Numbers keep the form that Python has given them: a class label may be 1, 1.0 or a large whole number.
 *
 * @typedef {{slownet?: unknown}} Versions
 * @typedef {{versions: Versions, arithmetic: unknown, seed: unknown, classes: unknown,
 *   config: {loss?: unknown, optimizer?: unknown}}} Training
 * @typedef {{facts: {preparation: unknown, recipe: {layers: {activation: unknown}[]},
 *   training: Training}}} Marked facts whose numbers are objects
 */

const NUMBER = "\0number"; // the key of an object in place of a number
const TOKEN = /"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*/g;

/** @param {string} text of the facts @returns {import("./engine/netfile.js").Head} */
export function headOf(text) {
  const key = JSON.stringify(NUMBER);
  const marked = text.replace(TOKEN, (token) => token[0] === '"' ? token : `{${key}:"${token}"}`);
  const { facts: { preparation, recipe, training } } = /** @type {Marked} */ (JSON.parse(marked));
  return {
    slownet: jsonOf(training.versions.slownet ?? ""),
    arithmetic: jsonOf(training.arithmetic),
    seed: jsonOf(training.seed),
    loss: jsonOf(training.config.loss ?? null),
    classes: jsonOf(training.classes),
    preparation: jsonOf(preparation),
    optimizer: jsonOf(training.config.optimizer),
    activations: recipe.layers.slice(1).map(({ activation }) => jsonOf(activation)),
  };
}

/** @param {unknown} value @returns {string} */
function jsonOf(value) {
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(", ")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const parts = Object.entries(value);
  if (parts.length === 1 && parts[0][0] === NUMBER) return parts[0][1];
  return `{${parts.map(([name, part]) => `${JSON.stringify(name)}: ${jsonOf(part)}`).join(", ")}}`;
}
