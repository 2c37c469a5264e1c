/** What a press on the plane does: look at a point, or draw, move and erase points to learn from. */

import { control, element } from "../elements.js";
import { say } from "../language.js";
import { mark } from "./markers.js";

/** @typedef {import("../types.d.ts").Brush} Brush */

/** @type {Record<string, import("../language.js").Key>} */
const HINTS = { look: "brush.look.hint", move: "brush.move.hint", erase: "brush.erase.hint" };

/** Offer the brushes. @param {import("../net.js").Net} net @param {import("./plane.js").Plane} plane
 * @param {(brush: Brush) => void} chosen
 */
export function offerBrushes({ facts }, plane, chosen) {
  const isNumber = facts.target_kind === "number";
  const radio = (/** @type {string} */ value, /** @type {(Node | string)[]} */ ...label) => {
    const input = element("input", { type: "radio", name: "brush", value });
    input.addEventListener("change", () => chosen(/** @type {Brush} */ (value)));
    return element("label", {}, input, ...label);
  };
  const classes = isNumber
    ? []
    : facts.classes.map((/** @type {string} */ name, /** @type {number} */ k) =>
      radio(`class ${k}`, mark(plane.colourOf(k), k, name))
    );
  const place = control("brushes");
  place.replaceChildren(
    radio("look", say("brush.look")),
    ...classes,
    radio("move", say("brush.move")),
    radio("erase", say("brush.erase")),
  );
  place.hidden = false;
}

/** Mark the brush that is in use. @param {Brush} brush */
export function showBrush(brush) {
  control("plane-canvas").dataset.brush = brush;
  control("plane-hint").textContent = say(HINTS[brush] ?? "brush.class.hint");
  for (const each of document.getElementsByName("brush")) {
    const input = /** @type {HTMLInputElement} */ (each);
    input.checked = input.value === brush;
  }
}
