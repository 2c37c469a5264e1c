/** The row with which an experiment is shared and saved.
 *
 * @typedef {object} Actions
 * @property {() => string} link
 * @property {() => string} python the lines that do
 * @property {() => Promise<import("../files.js").File>} net
 * @property {() => import("../files.js").File} page
 */

import { button, control, element } from "../elements.js";
import { handOver } from "../files.js";
import { counted } from "../numbers.js";

const LONGEST = 8000; // characters: mail and chat cut longer links

export class SharePanel {
  /** @param {Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.said = element("span", { id: "said", role: "status" });
    this.link = /** @type {HTMLInputElement} */ (
      element("input", { id: "link", readonly: "", hidden: "", "aria-label": "link" })
    );
    this.lines = element("pre", { id: "python-lines", tabindex: "0", "aria-label": "lines of Python" });
    this.copied = element("span", { role: "status" });
    this.python = /** @type {HTMLDialogElement} */ (
      element(
        "dialog",
        { id: "python", "aria-labelledby": "python-heading" },
        element("h2", { id: "python-heading" }, "The same in Python"),
        this.lines,
        button("Copy lines", () => this.#copyPython(), { id: "copy-python", title: "Copy them all" }),
        button("Close", () => this.python.close(), { id: "close-python", title: "Back to the page" }),
        this.copied,
      )
    );
    control("share").replaceChildren(
      button("Copy link", () => this.#copyLink(), {
        id: "copy-link",
        title: "An address that shows the same elsewhere",
      }),
      button("As Python", () => this.#showPython(), {
        id: "show-python",
        title: "The lines that repeat it",
      }),
      button("Save net", () => this.#saveNet(), {
        id: "save-net",
        title: "A file that slownet.load reads",
      }),
      button("Save as a page", () => this.#savePage(), {
        id: "save-page",
        title: "This page, with the changes in it",
      }),
      this.said,
      this.link,
      this.python,
    );
  }

  #showPython() {
    this.lines.textContent = this.actions.python();
    this.copied.textContent = "";
    this.python.showModal();
  }

  async #copyLink() {
    const text = this.actions.link();
    this.link.hidden = true;
    if (text.length > LONGEST) {
      this.#say(
        `This link would have ${counted(text.length)} characters, and many programs cut those of more ` +
          `than ${counted(LONGEST)}: save it as a page instead.`,
      );
      control("save-page").focus();
      return;
    }
    if (await copied(text)) {
      this.#say(text.startsWith("file:") ? "Copied: a link to this file, on this computer." : "Copied.");
      return;
    }
    Object.assign(this.link, { value: text, hidden: false });
    this.link.focus();
    this.link.select();
    this.#say(
      text.startsWith("#")
        ? "Copy this: slownet.replay takes it, and it goes behind the address of the page."
        : "Copy this link:",
    );
  }

  async #copyPython() {
    const isCopied = await copied(this.lines.textContent ?? "");
    if (!isCopied) getSelection()?.selectAllChildren(this.lines);
    this.copied.textContent = isCopied ? "Copied." : "Selected: copy it.";
  }

  async #saveNet() {
    try {
      this.#save(await this.actions.net());
    } catch (error) {
      this.#say(`This net cannot be saved: ${error instanceof Error ? error.message : error}.`);
    }
  }

  #savePage() {
    this.#save(this.actions.page());
  }

  /** @param {import("../files.js").File} file */
  #save(file) {
    handOver(file);
    this.#say(`${file.name} was handed to the browser.`);
  }

  /** @param {string} text */
  #say(text) {
    this.said.textContent = text;
  }
}

/** Copy a text; return whether the browser allows it. @param {string} text */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
