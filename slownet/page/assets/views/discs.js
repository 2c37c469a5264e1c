/** The discs of neurons: the stronger the colour, the larger the value. */

import { css, readable } from "../colours.js";
import { COLOUR_MODES } from "../modes.js";
import { fitting, sized } from "../numbers.js";
import { HOLDS_NAME } from "./geometry.js";

const TWO_LINES = 25; // pixels between two inputs: their numbers stand below their names, or else beside them
const ONE_LINE = 11; // with less between them, only some are named
const NUMBER = 35; // pixels for a number beside a name, if it is not longer
const NAME = 30; // pixels that a name needs at least, to have its number beside it

/**
 * @typedef {import("../net.js").Net} Net
 * @typedef {import("../net.js").Pass} Pass
 * @typedef {import("../types.d.ts").Drawing} Drawing
 * @typedef {import("../types.d.ts").Shown} Shown
 */

/** @param {Drawing} drawing @param {Shown} state @param {Pass} pass */
export function paintDiscs(drawing, state, pass) {
  const { paper, theme, places, net } = drawing;
  const backward = COLOUR_MODES[state.colours].isBackward && pass.delta !== null;
  const which = backward ? "delta" : "value";
  const reaches = net.layers.map((_, l) => reachIn(net, pass, l, which));
  const empty = pass.sample.length === 0 || state.isEmpty;
  for (const { neuron, x, y, r } of places.discs.values()) {
    const l = net.layerOf[neuron];
    const number = backward && pass.delta ? pass.delta[neuron] : pass.value[neuron];
    const signed = backward || net.isSigned(l) || number < 0;
    const share = empty || (l === 0 && backward) ? 0 : number / reaches[l];
    const fill = signed ? theme.signed(share) : theme.filled(share);
    paper.beginPath();
    paper.arc(x, y, r, 0, 2 * Math.PI);
    paper.fillStyle = css(fill);
    paper.fill();
    const on = neuron === state.focus || neuron === state.chosen?.neuron;
    paper.strokeStyle = on ? theme.accent : theme.ink;
    paper.lineWidth = on ? 3 : r > 6 ? 1.1 : 0.7;
    paper.stroke();
    if (l === 0) paintInput(drawing, { neuron, x, y, r }, pass, empty, fill);
    else if (l === net.layers.length - 1 && r > HOLDS_NAME && net.facts.target_kind === "class") {
      const name = net.facts.classes[neuron - net.begins[l]] ?? "";
      if (name.length <= 2) {
        paper.fillStyle = readable(fill);
        paper.font = drawing.font(14, 700);
        paper.textAlign = "center";
        paper.textBaseline = "middle";
        paper.fillText(name, x, y + 0.5);
      }
    }
  }
}

/** What is drawn in full colour: the largest number of a layer in the frame; for values, the largest
 * that its activation can give, where there is one.
 * @param {Net} net @param {Pass} pass @param {number} l @param {"value" | "delta"} which
 */
function reachIn(net, pass, l, which) {
  const numbers = (pass[which] ?? pass.value).subarray(net.begins[l], net.begins[l + 1]);
  let largest = 0;
  for (const number of numbers) largest = Math.max(largest, Math.abs(number));
  const bounds = which === "value" ? net.bounds(l) : null;
  return bounds ? reachOf(bounds) : largest || 1;
}

/** The size of the largest number within bounds. @param {number[]} bounds */
export function reachOf(bounds) {
  return Math.max(...bounds.map(Math.abs)) || 1;
}

/** The name and the number of an input. @param {Drawing} drawing @param {import("../types.d.ts").Disc} disc
 * @param {Pass} pass @param {boolean} empty whether there is no number @param {number[]} fill of the disc
 */
function paintInput(drawing, { neuron, x, y, r }, pass, empty, fill) {
  const { paper, theme, net, places, unit, wide } = drawing;
  const { preparation } = net;
  const number = (/** @type {number} */ width) =>
    empty
      ? ""
      : preparation.isThere
      ? fitting(pass.sample[neuron], width, wide)
      : [2, 1].map((digits) => sized(pass.value[neuron], digits)).find((text) => wide(text) <= width) ??
        sized(pass.value[neuron], 0);
  paper.textBaseline = "middle";
  paper.font = drawing.font(12, 600);
  paper.fillStyle = theme.ink;
  if (net.facts.plane !== null) {
    paper.textAlign = "center";
    paper.fillText(preparation.cut(neuron, 2 * (x - 4), wide), x, y - r - 9 * unit);
    paper.font = drawing.font(10, 600);
    paper.fillStyle = readable(fill);
    paper.fillText(number(1.7 * r), x, y + 0.5);
    return;
  }
  const end = places.margins.left - 5;
  const { pitch } = places;
  paper.textAlign = "right";
  if (pitch >= TWO_LINES * unit) {
    const up = empty ? 0 : 6 * unit;
    paper.fillText(preparation.cut(neuron, end - 1, wide), end, y - up);
    paper.fillStyle = theme.muted;
    paper.font = drawing.font(11);
    paper.fillText(number(end - 1), end, y + 8 * unit);
    return;
  }
  const every = Math.ceil(ONE_LINE * unit / pitch);
  if (neuron % every) return;
  paper.font = drawing.font(11);
  const text = number(NUMBER * unit);
  const room = end - Math.max(NUMBER * unit, wide(text)) - 6 * unit;
  const hasNumber = room > NAME * unit;
  paper.fillText(
    preparation.cut(neuron, hasNumber ? room : end - 1, wide),
    hasNumber ? room + 1 : end,
    y,
  );
  paper.fillStyle = theme.muted;
  if (hasNumber) paper.fillText(text, end, y);
}
