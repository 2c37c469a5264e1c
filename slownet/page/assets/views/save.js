/** The row with which pictures, films and numbers of the page are saved. */

import { button, control } from "../elements.js";
import { handOver } from "../files.js";
import { filmOf } from "../film.js";
import { say } from "../language.js";
import { pictureOf } from "../picture.js";
import { curvesOf, weightsOf } from "../tables.js";

/** @typedef {import("../player.js").Player} Player */

/** What is saved. */
const OFFERS = {
  picture: (/** @type {Player} */ player) => pictureOf(player, "png"),
  drawing: (/** @type {Player} */ player) => pictureOf(player, "svg"),
  film: filmOf,
  weights: weightsOf,
  curves: curvesOf,
};

/** Offer them. @param {Player} player */
export function offerSaving(player) {
  const said = control("saved");
  const ids = /** @type {(keyof typeof OFFERS)[]} */ (Object.keys(OFFERS));
  said.before(...ids.map((id) => {
    const save = async () => {
      said.textContent = id === "film" ? say("save.filming") : "";
      try {
        const file = await OFFERS[id](player);
        handOver(file);
        said.textContent = say("share.handed", { name: file.name });
      } catch (error) {
        said.textContent = say("save.failed", { problem: /** @type {Error} */ (error).message });
      }
    };
    return button(say(`save.${id}`), save, { id: `save-${id}`, title: say(`save.${id}.title`) });
  }));
}
