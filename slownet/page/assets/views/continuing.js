/** Training on from a snapshot, in a page that holds some of the rows that the net has learned from. */

import { button, control } from "../elements.js";
import { counted } from "../numbers.js";

/** Offer it. @param {import("../net.js").Net} net @param {() => void} go */
export function offerContinuing({ facts }, go) {
  const [held, all] = facts.holds.data ?? [0, 0];
  const begin = button("Train on from here ▶", go, { id: "train-from" });
  begin.addEventListener("click", () => (begin.disabled = true)); // it begins once
  const rows = held < all
    ? `${counted(held)} of the ${counted(all)} samples`
    : `the ${counted(held)} samples`;
  const hint = `from this snapshot on, in this browser, with ${rows} that it has learned from`;
  control("settings").replaceChildren(begin, hint);
  control("experiment").hidden = false;
}
