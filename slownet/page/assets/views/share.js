/** The row with which an experiment is shared and saved.
 *
 * @typedef {object} Actions
 * @property {() => string} link
 * @property {() => void} showCode
 * @property {() => string} python the lines that do
 * @property {(presentation: import("../types.d.ts").Presentation) => string} snippet the lines that show the
 *   page in another one
 * @property {() => Promise<import("../files.js").File>} net
 * @property {() => import("../files.js").File} page
 */

import { button, control, element } from "../elements.js";
import { messageOf } from "../engine/errors.js";
import { handOver } from "../files.js";
import { say } from "../language.js";
import { copied, LinesDialog } from "./lines.js";
import { SnippetDialog } from "./snippet.js";

const LONGEST = 8000; // characters: mail and chat cut longer links

export class SharePanel {
  /** @param {Actions} actions @param {boolean} canTrain whether there may be changes to share */
  constructor(actions, canTrain) {
    this.actions = actions;
    this.said = element("span", { id: "said", role: "status" });
    this.link = /** @type {HTMLInputElement} */ (
      element("input", { id: "link", readonly: "", hidden: "", "aria-label": say("share.link.label") })
    );
    this.python = new LinesDialog("python", say("share.python.heading"));
    this.snippet = new SnippetDialog((presentation) => actions.snippet(presentation));
    const ofTraining = [
      button(say("share.python"), () => this.python.show(this.actions.python()), {
        id: "show-python",
        title: say("share.python.title"),
      }),
      button(say("share.net"), () => this.#saveNet(), {
        id: "save-net",
        title: say("share.net.title"),
      }),
      button(say("share.page"), () => this.#savePage(), {
        id: "save-page",
        title: say("share.page.title"),
      }),
    ];
    control("share").replaceChildren(
      button(say("share.link"), () => this.#copyLink(), {
        id: "copy-link",
        title: say("share.link.title"),
      }),
      button(say("qr.open"), () => this.actions.showCode(), {
        id: "show-qr",
        title: say("qr.open.title"),
      }),
      button(say("share.embed"), () => this.snippet.show(), {
        id: "show-snippet",
        title: say("share.embed.title"),
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
      this.#say(say("share.link.long", { count: text.length, most: LONGEST }));
      control("save-page").focus();
      return;
    }
    if (await copied(text)) {
      this.#say(say(text.startsWith("file:") ? "share.link.file" : "share.link.copied"));
      return;
    }
    Object.assign(this.link, { value: text, hidden: false });
    this.link.focus();
    this.link.select();
    this.#say(say(text.startsWith("#") ? "share.link.part" : "share.link.copy"));
  }

  async #saveNet() {
    try {
      this.#save(await this.actions.net());
    } catch (error) {
      const problem = messageOf(error);
      this.#say(say("share.net.failed", { problem }));
    }
  }

  #savePage() {
    this.#save(this.actions.page());
  }

  /** @param {import("../files.js").File} file */
  #save(file) {
    handOver(file);
    this.#say(say("share.handed", { name: file.name }));
  }

  /** @param {string} text */
  #say(text) {
    this.said.textContent = text;
  }
}
