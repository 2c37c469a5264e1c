/** What the foot of the page has for a class. */

import { control } from "../elements.js";
import { Publishing } from "../publishing.js";
import { QrDialog } from "./qr.js";
import { QuizDialog } from "./quiz.js";
import { TaskDialog } from "./task.js";

/** @param {import("../player.js").Player} player */
export function offerClass(player) {
  const publishing = new Publishing(player);
  const quiz = new QuizDialog(player);
  const qr = new QrDialog(publishing);
  const task = new TaskDialog(player, publishing);
  document.body.append(qr.place, task.place);
  control("open-task").hidden = globalThis.top !== globalThis.self; // what is around it decides what is printed
  control("open-quiz").addEventListener("click", () => quiz.open());
  control("open-task").addEventListener("click", () => task.show());
  control("open-qr").addEventListener("click", () => qr.show());
  return { publishing, quiz, qr };
}
