/** The row with which pictures, films and numbers of the page are saved. */

import { button, control } from "../elements.js";
import { handOver } from "../files.js";
import { filmOf } from "../film.js";
import { pictureOf } from "../picture.js";
import { curvesOf, weightsOf } from "../tables.js";

/** @typedef {import("../player.js").Player} Player @typedef {import("../files.js").File} File */

const FILM = "What is shown while it plays on from here, until it ends or you pause it";

/** What is saved: its id, its name, and what it is. @type {[string, string, string, (player: Player) => File | Promise<File>][]} */
const OFFERS = [
  ["picture", "Picture (PNG)", "What is shown, as an image", (player) => pictureOf(player, "png")],
  ["drawing", "Drawing (SVG)", "What is shown, to be enlarged", (player) => pictureOf(player, "svg")],
  ["film", "Film (WebM)", FILM, filmOf],
  ["weights", "Weights (CSV)", "All weights and biases at this step", weightsOf],
  ["curves", "Curves (CSV)", "Loss and accuracy", curvesOf],
];

/** Offer them. @param {Player} player */
export function offerSaving(player) {
  const said = control("saved");
  said.before(...OFFERS.map(([id, name, title, made]) => {
    const save = async () => {
      said.textContent = id === "film" ? "Filming, until it stops playing." : "";
      try {
        const file = await made(player);
        handOver(file);
        said.textContent = `${file.name} was handed to the browser.`;
      } catch (error) {
        said.textContent = `This cannot be saved: ${/** @type {Error} */ (error).message}.`;
      }
    };
    return button(name, save, { id: `save-${id}`, title });
  }));
}
