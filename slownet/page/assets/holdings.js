/** What a page holds of somebody's data, in words: counted in what is there. */

import { counted } from "./numbers.js";

/** @param {import("./net.js").Net} net @returns {string} */
export function holdings(net) {
  return `This page holds ${net.facts.samples.length} rows.`;
}
