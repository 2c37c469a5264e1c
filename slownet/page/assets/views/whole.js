/** The page as a part of another one, or whole; and the link from the one to the other. */

import { control, element, optional } from "../elements.js";
import { say } from "../language.js";

/** @param {boolean} isEmbedded */
export function showEmbedded(isEmbedded) {
  document.body.classList.toggle("is-embedded", isEmbedded);
  control("whole").hidden = !isEmbedded || location.protocol === "about:"; // which has no address
}

/** Let the link lead to the whole page. @param {string} address of what is shown */
export function showWhole(address) {
  optional("whole-link")?.setAttribute("href", `#${address}`);
}

/** Offer the link: it opens a tab of its own, or the page here where the frame may open none.
 * @param {(address: string) => void} openHere
 */
export function connectWhole(openHere) {
  const link = element("a", { id: "whole-link", target: "_blank" }, say("whole.open"));
  control("whole").replaceChildren(link);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const tab = globalThis.open(link.href);
    if (tab) tab.opener = null;
    else openHere(link.hash.slice(1));
  });
}
