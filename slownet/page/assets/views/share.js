/** The row with which an experiment is shared and saved.
 *
 * @typedef {object} Actions
 * @property {() => string} link
 * @property {() => string} python the lines that do
 * @property {(presentation: import("../types.d.ts").Presentation) => string} snippet the lines that show the
 *   page in another one
 * @property {() => Promise<import("../files.js").File>} net
 * @property {() => import("../files.js").File} page
 */

import { button, control, element } from "../elements.js";
import { handOver } from "../files.js";
import { counted } from "../numbers.js";
import { copied, LinesDialog } from "./lines.js";
import { SnippetDialog } from "./snippet.js";

const LONGEST = 8000; // characters: mail and chat cut longer links

export class SharePanel {
  /** @param {Actions} actions @param {boolean} canTrain whether there may be changes to share */
  constructor(actions, canTrain) {
    this.actions = actions;
    this.said = element("span", { id: "said", role: "status" });
    this.link = /** @type {HTMLInputElement} */ (
      element("input", { id: "link", readonly: "", hidden: "", "aria-label": "link" })
    );
    this.python = new LinesDialog("python", "The same in Python");
    this.snippet = new SnippetDialog((presentation) => actions.snippet(presentation));
    const ofTraining = [
      button("As Python", () => this.python.show(this.actions.python()), {
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
    ];
    control("share").replaceChildren(
      button("Copy link", () => this.#copyLink(), {
        id: "copy-link",
        title: "An address that shows the same elsewhere",
      }),
      button("Embed", () => this.snippet.show(), {
        id: "show-snippet",
        title: "The lines that show it in an article",
      }),
      ...canTrain ? ofTraining : [],
      this.said,
      this.link,
      this.python.place,
      this.snippet.place,
    );
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
