/** What the mouse points at: neurons and weights of the net, points of the plane. */

import { control, element, placeBeside } from "./elements.js";

/** Connect the pictures with the player. @param {import("./player.js").Player} player */
export function connectPictures(player) {
  const canvas = control("canvas");
  const at = (/** @type {PointerEvent | MouseEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    return player.painter.netView.at(event.clientX - box.left, event.clientY - box.top);
  };
  canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    hover(player, at(event));
    const tip = control("tip");
    if (tip.hidden) return;
    const { left, top } = canvas.getBoundingClientRect();
    const box = player.painter.netView.boxAt(event.clientX - left, event.clientY - top);
    placeBeside(tip, new DOMRect(left + box.x, top + box.y, box.width, box.height));
  });
  canvas.addEventListener("pointerleave", () => hover(player, null));
  canvas.addEventListener("click", (/** @type {MouseEvent} */ event) => player.choose(at(event)));
}

/** Point at a neuron or a weight, or at nothing.
 * @param {import("./player.js").Player} player @param {import("./types.d.ts").Thing | null} thing
 */
function hover(player, thing) {
  const { painter, state } = player;
  const before = state.hovered;
  state.hovered = thing;
  showTip(player);
  painter.netView.canvas.style.cursor = thing ? "pointer" : "default";
  if (painter.plane && before?.neuron !== thing?.neuron && !state.playing) painter.plane.paint(state);
}

/** Write what is pointed at beside the mouse. @param {import("./player.js").Player} player */
export function showTip({ painter: { words, pass }, state: { hovered } }) {
  const tip = control("tip");
  tip.hidden = !hovered || !pass;
  if (hovered && pass) {
    tip.replaceChildren(...words.brief(hovered, pass).map((line) => element("div", {}, line)));
  }
}
