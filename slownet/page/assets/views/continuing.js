/** Training on from a snapshot, in a page that holds some of the rows that the net has learned from. */

import { control, element } from "../elements.js";
import { counted } from "../numbers.js";

/** Offer it. @param {import("../net.js").Net} net @param {() => void} go */
export function offerContinuing({ facts }, go) {
  const [held, all] = facts.holds.data ?? [0, 0];
  const button = element(
    "button",
    { id: "train-from", type: "button" },
    "Train on from here ▶",
  );
  button.addEventListener("click", () => {
    button.disabled = true; // it begins once
    go();
  });
  const rows = held < all
    ? `${counted(held)} of the ${counted(all)} samples`
    : `the ${counted(held)} samples`;
  const hint = `from this snapshot on, in this browser, with ${rows} that it has learned from`;
  control("settings").replaceChildren(button, hint);
  control("experiment").hidden = false;
}
