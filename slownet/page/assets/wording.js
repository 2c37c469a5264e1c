/** What the maker of the page says of it and calls things.
 *
 * @typedef {import("./facts.d.ts").Facts} Facts
 */

import { control } from "./elements.js";
import { say, sayAsWritten } from "./language.js";

const LETTERS = 90; // of a line of the paragraph

/** The facts with the maker's own names of classes, where there are any.
 * @template {Facts} Known @param {Known} facts @returns {Known}
 */
export function worded(facts) {
  return { ...facts, classes: facts.words.classes ?? facts.classes };
}

/** Write what stands around the pictures: the paragraph below the title, the author at the foot; the title, too,
 * where its maker has given none.
 * @param {Facts} facts
 */
export function showWords({ title, layers, words: { about = "", author = "" } }) {
  const sizes = layers.map(({ neurons }) => neurons.length).join("-");
  if (title === sayAsWritten("page.title", { sizes })) {
    document.title = say("page.title", { sizes });
    for (const heading of document.querySelectorAll("h1")) heading.textContent = document.title;
  }
  const by = author && say("author.by", { name: author });
  for (const [id, text] of [["said-of-page", about], ["author", by]]) {
    control(id).textContent = text;
    control(id).hidden = !text;
  }
  // about as high as the paragraph is: the page is that much higher than its window must be
  document.body.style.setProperty("--words", `${Math.ceil(about.length / LETTERS) * 1.35}em`);
}
