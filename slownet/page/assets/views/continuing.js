/** Training on from a snapshot, in a page that holds some of the rows that the net has learned from. */

import { button, control } from "../elements.js";
import { say } from "../language.js";

/** Offer it. @param {import("../net.js").Net} net @param {() => void} go */
export function offerContinuing({ facts }, go) {
  const [held, all] = facts.holds.data ?? [0, 0];
  const begin = button(say("continuing.button"), go, { id: "train-from" });
  begin.addEventListener("click", () => (begin.disabled = true)); // it begins once
  const hint = say(held < all ? "continuing.hint.part" : "continuing.hint", { held, count: all });
  control("settings").replaceChildren(begin, hint);
  control("experiment").hidden = false;
}
