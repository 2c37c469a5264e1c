/** The page as a part of another one, or whole; and the link from the one to the other. */

import { control } from "../elements.js";

/** @param {boolean} isEmbedded */
export function showEmbedded(isEmbedded) {
  document.body.classList.toggle("is-embedded", isEmbedded);
  control("whole").hidden = !isEmbedded || location.protocol === "about:"; // which has no address
}

/** Let the link lead to the whole page. @param {string} address of what is shown */
export function showWhole(address) {
  control("whole-link", HTMLAnchorElement).href = `#${address}`;
}

/** Open it in a tab of its own, or here where the frame may open none.
 * @param {(address: string) => void} openHere
 */
export function connectWhole(openHere) {
  const link = control("whole-link", HTMLAnchorElement);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const tab = globalThis.open(link.href);
    if (tab) tab.opener = null;
    else openHere(link.hash.slice(1));
  });
}
