/** Points of the plane under the mouse or a finger: looked at, drawn, moved and erased. */

import { control } from "./elements.js";
import { parting } from "./progress.js";

const APART = 14; // CSS pixels between points that a stroke draws
const NEAR = 16; // CSS pixels from a point that is taken
const DIGITS = 4; // of a coordinate: its text stands in the address

/** Connect the plane with the player. @param {import("./player.js").Player} player */
export function connectPlane(player) {
  const canvas = control("plane-canvas");
  let last = /** @type {[number, number] | null} */ (null);
  let taken = /** @type {number | null} */ (null);
  const at = (/** @type {PointerEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    return /** @type {[number, number]} */ ([event.clientX - box.left, event.clientY - box.top]);
  };
  canvas.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    const place = at(event);
    const { plane } = player.painter;
    if (event.button !== 0 || !plane?.pointAt(...place)) return;
    canvas.setPointerCapture(event.pointerId);
    last = place;
    if (player.state.brush === "move") taken = rowAt(player, place);
    else press(player, place);
  });
  canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    const place = at(event);
    if (last === null || taken !== null) return;
    if (Math.hypot(place[0] - last[0], place[1] - last[1]) < APART) return;
    last = place;
    press(player, place);
  });
  const end = (/** @type {PointerEvent} */ event) => {
    const point = player.painter.plane?.pointAt(...at(event));
    if (taken !== null && point) player.change("move", taken, ...rounded(point));
    [last, taken] = [null, null];
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", () => ([last, taken] = [null, null]));
}

/** Do what the brush does. @param {import("./player.js").Player} player @param {[number, number]} place */
function press(player, place) {
  const { plane } = player.painter;
  const point = plane?.pointAt(...place);
  const { brush } = player.state;
  if (!plane || !point) return;
  if (brush === "look") player.draw(point);
  if (brush.startsWith("class ")) player.change("point", ...rounded(point), Number(brush.slice(6)));
  const row = brush === "erase" ? rowAt(player, place) : null;
  if (row !== null) player.change("erase", row);
}

/** The number of the point that is near a place; null for none, and until the last changes are painted: they
 * may have given the points other numbers.
 * @param {import("./player.js").Player} player @param {[number, number]} place
 */
function rowAt({ painter: { plane }, net: { frames }, state: { experiment, frame } }, place) {
  const made = experiment.edits.filter((edit) => edit.step <= frame);
  const isPainted = parting(frames.edits, made) === Infinity;
  return isPainted && plane ? plane.rowAt(...place, NEAR) : null;
}

/** @param {Float64Array} point @returns {[number, number]} */
function rounded(point) {
  return [Number(point[0].toPrecision(DIGITS)), Number(point[1].toPrecision(DIGITS))];
}
