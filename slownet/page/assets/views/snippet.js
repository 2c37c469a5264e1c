/** The dialog with the lines that show the page in another one. */

import { element } from "../elements.js";
import { isOwn, language, say } from "../language.js";
import { LinesDialog } from "./lines.js";

/** @typedef {import("../types.d.ts").Presentation} Presentation */

/** @type {[string, import("../language.js").Key][]} */
const THEMES = [
  ["", "snippet.theme.reader"],
  ["light", "snippet.theme.light"],
  ["dark", "snippet.theme.dark"],
];

export class SnippetDialog {
  /** @param {(presentation: Presentation) => string} snippet */
  constructor(snippet) {
    this.snippet = snippet;
    const write = () => this.dialog.write(this.#text());
    this.theme = /** @type {HTMLSelectElement} */ (
      element(
        "select",
        { id: "snippet-theme", onchange: write },
        ...THEMES.map(([value, name]) => element("option", { value }, say(name))),
      )
    );
    const box = (
      /** @type {string} */ id,
    ) => /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", id, onchange: write }));
    this.plays = box("snippet-plays");
    this.speaks = box("snippet-language"); // the language that is not the page's own
    this.speaks.checked = !isOwn();
    this.hint = element("p", { class: "hint" });
    this.dialog = new LinesDialog(
      "snippet",
      say("snippet.heading"),
      this.hint,
      element("label", {}, `${say("snippet.theme")} `, this.theme),
      element("label", {}, this.plays, ` ${say("snippet.plays")}`),
      ...isOwn() ? [] : [element("label", {}, this.speaks, ` ${say("snippet.language")}`)],
    );
  }

  get place() {
    return this.dialog.place;
  }

  #text() {
    const theme = /** @type {Presentation["theme"]} */ (this.theme.value || null);
    return this.snippet({
      isEmbedded: true,
      theme,
      autoplays: this.plays.checked,
      language: this.speaks.checked ? language() : null,
    });
  }

  show() {
    const isOnline = location.protocol.startsWith("http");
    this.hint.textContent = say(isOnline ? "snippet.hint.online" : "snippet.hint.file");
    this.dialog.show(this.#text());
  }
}
