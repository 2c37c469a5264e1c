/** The dialog with the lines that show the page in another one. */

import { element } from "../elements.js";
import { LinesDialog } from "./lines.js";

const THEMES = [["", "as the reader has it"], ["light", "light"], ["dark", "dark"]];

/** @typedef {import("../types.d.ts").Presentation} Presentation */

export class SnippetDialog {
  /** @param {(presentation: Presentation) => string} snippet */
  constructor(snippet) {
    this.snippet = snippet;
    const write = () => this.dialog.write(this.#text());
    this.theme = /** @type {HTMLSelectElement} */ (
      element(
        "select",
        { id: "snippet-theme", onchange: write },
        ...THEMES.map(([value, name]) => element("option", { value }, name)),
      )
    );
    this.plays = /** @type {HTMLInputElement} */ (
      element("input", { type: "checkbox", id: "snippet-plays", onchange: write })
    );
    this.hint = element("p", { class: "hint" });
    this.dialog = new LinesDialog(
      "snippet",
      "The page in an article",
      this.hint,
      element("label", {}, "theme ", this.theme),
      element("label", {}, this.plays, " plays by itself"),
    );
  }

  get place() {
    return this.dialog.place;
  }

  #text() {
    const theme = /** @type {Presentation["theme"]} */ (this.theme.value || null);
    return this.snippet({ isEmbedded: true, theme, autoplays: this.plays.checked, language: null });
  }

  show() {
    const isOnline = location.protocol.startsWith("http");
    this.hint.textContent = isOnline
      ? "Paste these lines into the article."
      : "Put the file of this page beside the article, and paste these lines into it.";
    this.dialog.show(this.#text());
  }
}
