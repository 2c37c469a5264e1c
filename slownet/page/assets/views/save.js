/** The row with which pictures and numbers of the page are saved. */

import { button, control } from "../elements.js";
import { handOver } from "../files.js";
import { pictureOf } from "../picture.js";
import { curvesOf, weightsOf } from "../tables.js";

/** Offer them. @param {import("../player.js").Player} player */
export function offerSaving(player) {
  const save = async (
    /** @type {() => import("../files.js").File | Promise<import("../files.js").File>} */ made,
  ) => {
    const file = await made();
    handOver(file);
    control("saved").textContent = `${file.name} was handed to the browser.`;
  };
  const offers = /** @type {const} */ ([
    ["picture", "PNG", "What is shown, as an image", () => pictureOf(player, "png")],
    [
      "drawing",
      "SVG",
      "What is shown, as a drawing that can be enlarged",
      () => pictureOf(player, "svg"),
    ],
    ["weights", "CSV", "All weights and biases at this step", () => weightsOf(player)],
    ["curves", "CSV", "Loss and accuracy", () => curvesOf(player)],
  ]);
  control("saved").before(
    ...offers.map(([what, kind, title, made]) =>
      button(`${what[0].toUpperCase()}${what.slice(1)} (${kind})`, () => save(made), {
        id: `save-${what}`,
        title,
      })
    ),
  );
}
