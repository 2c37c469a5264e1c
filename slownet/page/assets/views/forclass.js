/** What the foot of the page has for a class. */

import { control } from "../elements.js";
import { QuizDialog } from "./quiz.js";

/** @param {import("../player.js").Player} player */
export function offerClass(player) {
  const quiz = new QuizDialog(player);
  control("open-quiz").addEventListener("click", () => quiz.open());
  return quiz;
}
