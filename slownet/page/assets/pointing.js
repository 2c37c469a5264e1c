/** What the mouse points at: neurons and weights of the net, points of the plane. */

import { control, element } from "./elements.js";

/** Connect the pictures with the player. @param {import("./player.js").Player} player */
export function connectPictures(player) {
  const canvas = control("canvas");
  const at = (/** @type {PointerEvent | MouseEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    return player.painter.netView.at(event.clientX - box.left, event.clientY - box.top);
  };
  canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    hover(player, at(event));
    placeTip(event.clientX, event.clientY);
  });
  canvas.addEventListener("pointerleave", () => hover(player, null));
  canvas.addEventListener("click", (/** @type {MouseEvent} */ event) => player.choose(at(event)));
  control("plane-canvas").addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    const { plane } = player.painter;
    const box = control("plane-canvas").getBoundingClientRect();
    const point = plane?.pointAt(event.clientX - box.left, event.clientY - box.top);
    if (point) player.draw(point);
  });
}

/** Point at a neuron or a weight, or at nothing.
 * @param {import("./player.js").Player} player @param {import("./state.js").Thing | null} thing
 */
export function hover(player, thing) {
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

/** @param {number} x @param {number} y */
function placeTip(x, y) {
  const tip = control("tip");
  if (tip.hidden) return;
  const { clientWidth, clientHeight } = document.documentElement;
  const left = x + 16 + tip.offsetWidth > clientWidth ? x - 12 - tip.offsetWidth : x + 16;
  const top = y + 16 + tip.offsetHeight > clientHeight ? y - 12 - tip.offsetHeight : y + 16;
  tip.style.transform = `translate(${Math.max(2, left)}px, ${Math.max(2, top)}px)`;
}
