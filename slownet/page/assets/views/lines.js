/** A dialog with lines to copy. */

import { button, element } from "../elements.js";

export class LinesDialog {
  /** @param {string} name @param {string} heading @param {Node[]} above what stands above the lines */
  constructor(name, heading, ...above) {
    this.lines = element("pre", {
      id: `${name}-lines`,
      class: "lines",
      tabindex: "0",
      "aria-label": "lines",
    });
    this.copied = element("span", { role: "status" });
    this.place = /** @type {HTMLDialogElement} */ (
      element(
        "dialog",
        { id: name, "aria-labelledby": `${name}-heading` },
        element("h2", { id: `${name}-heading` }, heading),
        ...above,
        this.lines,
        button("Copy lines", () => this.#copy(), { id: `copy-${name}`, title: "Copy them all" }),
        button("Close", () => this.place.close(), { id: `close-${name}`, title: "Back to the page" }),
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
    this.copied.textContent = isCopied ? "Copied." : "Selected: copy it.";
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
