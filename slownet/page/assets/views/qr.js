/** The dialog with the QR code of what is shown. */

import { button, element } from "../elements.js";
import { say } from "../language.js";
import { LONG, LONGEST, qrCode } from "./qrcode.js";

/** @typedef {{link: () => string, isPublic: () => boolean, publish: (address: string) => void}} Actions */

/** What leads to a moment of the page on paper or on a screen: its code and its link, or why there is none.
 * @param {string} link @param {boolean} isPublic whether it leads there from other devices, too
 * @returns {{code: SVGElement | null, said: string}}
 */
export function codeFor(link, isPublic) {
  if (!isPublic) return { code: null, said: say("qr.private") };
  const code = /** @type {SVGElement | null} */ (qrCode(link, say("qr.label")));
  const { length } = new TextEncoder().encode(link);
  if (!code) return { code, said: say("qr.too-long", { count: length, most: LONGEST }) };
  return { code, said: length > LONG ? say("qr.dense", { count: length }) : "" };
}

/** A field for the address at which the page is published.
 * @param {string} id @param {Actions} actions @param {() => void} changed
 */
export function addressField(id, actions, changed) {
  const field = /** @type {HTMLInputElement} */ (
    element("input", { id, type: "url", placeholder: "https://", autocomplete: "off" })
  );
  field.addEventListener("input", () => {
    actions.publish(field.value);
    changed();
  });
  return element("label", { class: "published" }, `${say("qr.published")} `, field);
}

export class QrDialog {
  /** @param {Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.code = element("div", { class: "qr-place" });
    this.said = element("p", { class: "hint", role: "status" });
    this.link = element("p", { class: "qr-link" });
    this.field = addressField("qr-published", actions, () => this.#write());
    this.place = /** @type {HTMLDialogElement} */ (
      element(
        "dialog",
        { id: "qr", "aria-labelledby": "qr-heading" },
        element("h2", { id: "qr-heading" }, say("qr.heading")),
        this.code,
        this.said,
        this.link,
        this.field,
        element("p", {}, button(say("qr.close"), () => this.place.close(), { id: "close-qr" })),
      )
    );
  }

  #write() {
    const link = this.actions.link();
    const { code, said } = codeFor(link, this.actions.isPublic());
    this.code.replaceChildren(...code ? [code] : []);
    this.said.textContent = said;
    this.link.textContent = code ? link : "";
  }

  show() {
    const field = /** @type {HTMLInputElement} */ (this.field.querySelector("input"));
    this.field.hidden = this.actions.isPublic() && !field.value;
    this.#write();
    this.place.showModal();
  }
}
