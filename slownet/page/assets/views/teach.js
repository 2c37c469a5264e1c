/** Teaching the net what the reader has drawn. */

import { packed } from "../engine/rows.js";
import { button, control } from "../elements.js";
import { say } from "../language.js";

/** Offer to say what a drawing is, and have the net learn it; nothing where nothing is drawn, or no drawing can
 * be learned: samples must be images.
 * @param {import("../net.js").Net} net @param {import("../state.js").State} state
 * @param {(wanted: number) => void} teach
 */
export function offerTeaching({ facts, arrays }, { isDrawn, sample }, teach) {
  const place = control("teach");
  const areImages = facts.side > 0 && arrays["data pixels"] !== undefined;
  const canLearn = areImages && facts.target_kind !== "number";
  place.hidden = !(isDrawn && canLearn && sample.some((each) => each > 0));
  if (place.hidden || place.childElementCount) return;
  const buttons = facts.classes.map((/** @type {string} */ name, /** @type {number} */ k) =>
    button(name, () => teach(k), { title: say("teach.title", { name }) })
  );
  place.append(`${say("teach.label")} `, ...buttons);
}

/** The text of a drawing, for the address. @param {Float64Array} sample from 0 to 1 */
export function imageOf(sample) {
  return packed(Uint8Array.from(sample, (each) => Math.round(255 * each)));
}
