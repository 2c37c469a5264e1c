/** A dialog with lines to copy. */

import { button, element } from "../elements.js";
import { say } from "../language.js";

export class LinesDialog {
  /** @param {string} name @param {string} heading @param {Node[]} above what stands above the lines */
  constructor(name, heading, ...above) {
    this.lines = element("pre", {
      id: `${name}-lines`,
      class: "lines",
      tabindex: "0",
      "aria-label": say("lines.label"),
    });
    this.copied = element("span", { role: "status" });
    this.place = /** @type {HTMLDialogElement} */ (
      element(
        "dialog",
        { id: name, "aria-labelledby": `${name}-heading` },
        element("h2", { id: `${name}-heading` }, heading),
        ...above,
        this.lines,
        button(say("lines.copy"), () => this.#copy(), {
          id: `copy-${name}`,
          title: say("lines.copy.title"),
        }),
        button(say("lines.close"), () => this.place.close(), {
          id: `close-${name}`,
          title: say("lines.close.title"),
        }),
        this.copied,
      )
    );
  }

  /** @param {string} text */
  write(text) {
    this.lines.textContent = text;
    this.copied.textContent = "";
  }

  /** @param {string} text */
  show(text) {
    this.write(text);
    this.place.showModal();
  }

  async #copy() {
    const isCopied = await copied(this.lines.textContent ?? "");
    if (!isCopied) getSelection()?.selectAllChildren(this.lines);
    this.copied.textContent = say(isCopied ? "lines.copied" : "lines.selected");
  }
}

/** Copy a text; return whether the browser allows it. @param {string} text */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
