/** What the mouse points at: neurons and weights of the net, points of the plane. */

import { control, element, placeBeside, reveal } from "./elements.js";

const MOUSE = 7; // pixels from the middle of a neuron that still mean it
const FINGER = 22;

/** Connect the pictures with the player. @param {import("./player.js").Player} player */
export function connectPictures(player) {
  const canvas = control("canvas");
  /** @param {PointerEvent} event @returns {[number, number, number]} */
  const placeOf = (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top, event.pointerType === "touch" ? FINGER : MOUSE];
  };
  const at = (/** @type {PointerEvent} */ event) => player.painter.netView.at(...placeOf(event));
  canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    hover(player, at(event));
    const tip = control("tip");
    if (tip.hidden) return;
    const { left, top } = canvas.getBoundingClientRect();
    const box = player.painter.netView.boxAt(...placeOf(event));
    placeBeside(tip, new DOMRect(left + box.x, top + box.y, box.width, box.height));
  });
  canvas.addEventListener("pointerleave", () => hover(player, null));
  canvas.addEventListener("click", (event) => pick(player, at(/** @type {PointerEvent} */ (event))));
}

/** Select what the reader has pressed, and bring into view what that changes.
 * @param {import("./player.js").Player} player @param {import("./types.d.ts").Thing | null} thing
 */
export function pick(player, thing) {
  player.origins.forget();
  player.choose(thing);
  if (thing) reveal(control(thing.neuron === player.state.focus ? "terms" : "chosen"));
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
