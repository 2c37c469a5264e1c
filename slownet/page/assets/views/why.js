/** Why a drawing is taken for one class and not for another one: which of its pixels spoke for what. */

import { level } from "../colours.js";
import { control, element } from "../elements.js";
import { evidence, rivals } from "../evidence.js";
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
  const [first, second] = [pair.first, pair.second].map((k) => `“${words.net.facts.classes[k]}”`);
  control("why-not").textContent = `Why ${first} and not ${second}?`;
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
  canvas.setAttribute("aria-label", `pixels for ${first}: ${forFirst}; for ${second}: ${forSecond}`);
  control("why-words").replaceChildren(
    element(
      "p",
      {},
      element("i", { class: "for-first" }),
      ` for ${first}, against ${second}: ${forFirst} in all`,
    ),
    element(
      "p",
      {},
      element("i", { class: "for-second" }),
      ` for ${second}, against ${first}: ${forSecond} in all`,
    ),
    element(
      "p",
      {},
      `A pixel’s part: its ink × how much the lead of ${first} grows with it (gradient × input). The lead is ` +
        `z of ${first} − z of ${second} = ${about}${
          short(pair.lead)
        }. The parts do not add up to it: biases ` +
        "have a share in it, and the gradient holds for small changes only. Pixels without ink have no part.",
    ),
  );
}
