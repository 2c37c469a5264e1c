/** A task for a class, on the page's sheet of paper: its text, lines to write on, and the way to the moment. */

import { button, control, element } from "../elements.js";
import { say } from "../language.js";
import { addressField, codeFor } from "./qr.js";

/** @typedef {import("../player.js").Player} Player @typedef {import("./qr.js").Actions} Actions */

const LINES = 4; // to write on
const LONGEST = 160; // characters of a link that somebody may type

export class TaskDialog {
  /** @param {Player} player @param {Actions} publishing */
  constructor(player, publishing) {
    this.player = player;
    this.publishing = publishing;
    this.text = /** @type {HTMLTextAreaElement} */ (
      element("textarea", { id: "task-text", rows: 7, maxlength: 700 })
    );
    this.proposed = ""; // made of what was shown then; what somebody wrote stays
    this.said = element("p", { class: "hint", role: "status" });
    this.field = addressField("task-published", publishing, () => this.#write());
    this.place = /** @type {HTMLDialogElement} */ (
      element(
        "dialog",
        { id: "task-dialog", "aria-labelledby": "task-heading" },
        element("h2", { id: "task-heading" }, say("task.heading")),
        element("label", { for: "task-text" }, say("task.label")),
        this.text,
        this.field,
        this.said,
        element(
          "div",
          { class: "row" },
          button(say("task.print"), () => this.#print(), { id: "print-task" }),
          button(say("task.close"), () => this.place.close(), { id: "close-task" }),
        ),
      )
    );
    globalThis.addEventListener("afterprint", () => (control("task").hidden = true));
  }

  #write() {
    const { publishing } = this;
    this.said.textContent = codeFor(publishing.link(), publishing.isPublic()).said;
  }

  show() {
    if (this.text.value === this.proposed) this.text.value = this.proposed = proposed(this.player);
    this.#write();
    this.place.showModal();
    this.text.setSelectionRange(0, 0);
    this.text.scrollTop = 0;
  }

  #print() {
    const link = this.publishing.link();
    const { code } = codeFor(link, this.publishing.isPublic());
    const lines = Array.from({ length: LINES }, () => element("hr", {}));
    control("task").replaceChildren(
      element(
        "div",
        { class: "task-text" },
        element("p", { class: "task-name" }, blank("task.name"), blank("task.date")),
        ...this.text.value.split("\n").filter(Boolean).map((line) => element("p", {}, line)),
        ...lines,
      ),
      ...code
        ? [element("figure", {}, code, element("figcaption", {}, link.length > LONGEST ? "" : link))]
        : [],
    );
    this.place.close();
    control("task").hidden = false;
    globalThis.print();
  }
}

/** A place to fill in. @param {"task.name" | "task.date"} key */
function blank(key) {
  return element("span", {}, `${say(key)} `, element("i", {}));
}

/** A task that is made of what the page shows. @param {Player} player */
function proposed({ net, state, course }) {
  const sample = net.facts.samples[state.place]?.name;
  const hasClass = net.facts.target_kind !== "number" && sample !== undefined && !state.isDrawn;
  return [
    hasClass ? say("task.right", { sample }) : say("task.loss"),
    ...net.facts.samples.length ? [say("task.neuron")] : [], // without one nothing comes in
    ...course.canTrain ? [say("task.rate")] : [],
  ].join("\n");
}
