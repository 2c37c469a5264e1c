/** Errors that a reader meets: each says a text of the page.
 *
 * @typedef {import("../language.js").Key} Key
 * @typedef {import("../language.js").Values} Values
 */

import { say } from "../language.js";

export class SaidError extends Error {
  /** @param {Key} key @param {Values} [values] what stands in the places of the text */
  constructor(key, values) {
    super(say(key, values));
  }
}

/** A text that is no experiment, or an edit that cannot be made; the message says why. */
export class ExperimentError extends SaidError {}

/** A step after which a number would not be finite; it changes nothing. */
export class DivergedError extends SaidError {}

/** What it was that numbers could not be computed for; other errors are thrown.
 * @param {unknown} error @returns {DivergedError}
 */
export function divergence(error) {
  if (error instanceof DivergedError) return error;
  if (error instanceof RangeError) return new DivergedError("diverged.division"); // of a formula of Python
  throw error;
}

/** What an error says. @param {unknown} error */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
