/** Files that the page hands to the browser.
 *
 * @typedef {{name: string, type: string, content: string | Blob}} File
 */

import { element } from "./elements.js";

/** Hand a file to the browser, which saves it. @param {File} file */
export function handOver({ name, type, content }) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // a browser may ask where to first
}
