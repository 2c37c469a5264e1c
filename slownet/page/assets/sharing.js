/** What is shared and saved of an experiment: its address, its lines of Python, its net, its page. */

import { addressOf } from "./address.js";
import { escaped, partsOf, snippetOf } from "./embedding.js";
import { asPython } from "./engine/experiment.js";
import { headOf } from "./netfile.js";

/** @typedef {import("./views/share.js").Actions} Actions */

/** @implements {Actions} */
export class Sharing {
  /** @param {import("./player.js").Player} player @param {Element} own text of the page, as it was written */
  constructor(player, own) {
    this.player = player;
    this.own = own;
  }

  get #address() {
    return addressOf(this.player, this.player.saved);
  }

  link() {
    return this.player.publishing.link();
  }

  showCode() {
    this.player.qr.show();
  }

  /** The lines that show the page in another one, from the first step on if it plays there.
   * @param {import("./types.d.ts").Presentation} presentation
   */
  snippet(presentation) {
    const isOnline = location.protocol.startsWith("http");
    const place = isOnline ? location.href.split("#")[0] : encodeURIComponent(this.#file);
    const parts = this.#address.split("&").filter((part) =>
      !presentation.autoplays || !part.startsWith("step=")
    );
    return snippetOf(
      `${place}#${[...partsOf(presentation), ...parts].join("&")}`,
      this.player.net.facts.title,
    );
  }

  python() {
    const { state, net, from } = this.player;
    const step = net.frames.stepOf(state.frame);
    return asPython(this.#file, state.experiment.edits, step, from);
  }

  async net() {
    const { edits } = this.player.state.experiment;
    const head = headOf(this.own.querySelector("#facts")?.textContent ?? "");
    const course = /** @type {import("./trained.js").Trained} */ (this.player.course);
    const text = await course.netFile(edits, course.told.step, head);
    return { name: "net.json", type: "application/json", content: text };
  }

  page() {
    const { state, net } = this.player;
    return {
      name: `${this.#name}-step-${net.frames.stepOf(state.frame)}.html`,
      type: "text/html",
      content: pageText(this.own, net.facts.title, addressOf(this.player)),
    };
  }

  /** The name of the file. */
  get #file() {
    const last = location.protocol === "about:" ? "" : location.pathname.split("/").pop();
    try {
      return decodeURIComponent(last || "page.html");
    } catch {
      return last || ""; // it is not encoded
    }
  }

  get #name() {
    return this.#file.replace(/\.html?$/i, "");
  }
}

/** The text of the page, with an experiment in it. @param {Element} own @param {string} title
 * @param {string} address of the experiment
 */
function pageText(own, title, address) {
  const copy = /** @type {Element} */ (own.cloneNode(true));
  const part = (/** @type {string} */ name) => /** @type {Element} */ (copy.querySelector(name));
  const mark = "\0"; // no text of a page has it
  part("#experiment-text").textContent = address;
  for (const name of ["title", "h1"]) part(name).textContent = mark;
  const body = part("body").outerHTML.replace(/\s*<\/body>$/, "");
  const text = `${part("head").outerHTML}\n${body}`.replaceAll(mark, () => escaped(title));
  return `<!DOCTYPE html>\n<html lang="${
    escaped(own.getAttribute("lang") ?? "en")
  }">\n${text}\n</body>\n</html>\n`;
}
