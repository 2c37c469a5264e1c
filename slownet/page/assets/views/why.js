/** Why a drawing is taken for one class and not for another one: which of its pixels spoke for what. */

import { level } from "../colours.js";
import { control, element } from "../elements.js";
import { evidence, rivals } from "../evidence.js";
import { say } from "../language.js";
import { short } from "../numbers.js";

/** @typedef {import("../net.js").Pass} Pass @typedef {import("../types.d.ts").State} State */

/** Offer to take strokes back, and to say why the net says what it says, where something is drawn.
 * @param {import("./words.js").Words} words @param {State} state @param {Pass} pass
 * @param {import("../colours.js").Theme} theme
 */
export function explainDrawing(words, { isDrawn, isEmpty }, pass, theme) {
  const isSheet = isDrawn && words.net.facts.side > 0;
  control("strokes").hidden = !isSheet;
  for (const id of ["undo-stroke", "clear-pad"]) {
    control(id).setAttribute("aria-disabled", String(isEmpty));
  }
  const pair = isSheet && !isEmpty ? rivals(words.net, pass) : null;
  const place = control("why", HTMLDetailsElement);
  place.hidden = pair === null;
  if (pair === null) return;
  const [first, second] = [pair.first, pair.second].map((k) => words.net.facts.classes[k]);
  control("why-not").textContent = say("why.heading", { first, second });
  if (place.open) paint(words, pass, pair, [first, second], theme);
}

/** @param {import("./words.js").Words} words @param {Pass} pass @param {import("../evidence.js").Rivals} pair
 * @param {string[]} names @param {import("../colours.js").Theme} theme
 */
function paint({ net, about }, pass, pair, [first, second], theme) {
  const parts = evidence(net, pass, pair);
  const { side } = net.facts;
  const reach = parts.reduce((most, part) => Math.max(most, Math.abs(part)), 0) || 1;
  const canvas = control("evidence", HTMLCanvasElement);
  [canvas.width, canvas.height] = [side, side];
  const image = new ImageData(side, side);
  new Uint32Array(image.data.buffer).set(Array.from(parts, (part) => theme.signs[level(part / reach)]));
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  const sum = (/** @type {1 | -1} */ sign) =>
    parts.reduce((all, part) => (Math.sign(part) === sign ? all + Math.abs(part) : all), 0);
  const [forFirst, forSecond] = [sum(1), sum(-1)].map((size) => about + short(size));
  const names = { first, second };
  canvas.setAttribute("aria-label", say("why.label", { ...names, part: forFirst, other: forSecond }));
  const of = { first: say("why.for", { ...names, part: forFirst }), second: "" };
  of.second = say("why.for", { first: second, second: first, part: forSecond });
  control("why-words").replaceChildren(
    element("p", {}, element("i", { class: "for-first" }), ` ${of.first}`),
    element("p", {}, element("i", { class: "for-second" }), ` ${of.second}`),
    element("p", {}, say("why.text", { ...names, lead: about + short(pair.lead) })),
  );
}
