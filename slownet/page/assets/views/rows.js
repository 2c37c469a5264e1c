/** Rows of the tables of numbers. */

import { element } from "../elements.js";

const MOST_LETTERS = 11; // of a number that fits beside two other columns

/** A row that is one text. @param {string} text */
export function line(text) {
  return element("tr", {}, element("th", { scope: "row", colspan: 3 }, text));
}

/** @param {Node | string} name @param {string} how @param {string | HTMLElement} number @param {string} [kind] */
export function row(name, how, number, kind = "") {
  const isLong = typeof number !== "string" || number.length > MOST_LETTERS; // with a button behind it
  const cells = how
    ? [element("th", { scope: "row" }, name), element("td", { class: "how" }, how)]
    : [element("th", { scope: "row", colspan: isLong ? 1 : 2 }, name)];
  return element(
    "tr",
    { class: kind },
    ...cells,
    element("td", { colspan: !how && isLong ? 2 : 1 }, number),
  );
}
