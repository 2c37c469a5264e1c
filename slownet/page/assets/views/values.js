/** The numbers and texts of a row of a table: what the net looks at. */

import { element, isLarge } from "../elements.js";
import { say } from "../language.js";
import { row } from "./rows.js";

/**
 * @typedef {import("../net.js").Pass} Pass
 * @typedef {import("./words.js").Words} Words
 */

const MOST = { large: 10, other: 6 }; // rows, by the window

/** Write the columns of a sample, a text in one row though it is several inputs; nothing where a picture shows
 * the inputs.
 * @param {HTMLElement} place @param {Words} words @param {Pass} pass
 */
export function showValues(place, words, pass) {
  const { net } = words;
  const isPictured = net.facts.side > 0 || net.facts.plane !== null;
  place.hidden = isPictured || Boolean(pass.isEmpty);
  if (!place.hidden) place.replaceChildren(valuesTable(words, pass));
}

/** The columns of a sample, as many as there is room for. @param {Words} words @param {Pass} pass */
export function valuesTable(words, pass) {
  const all = valuesOf(words, pass);
  const most = isLarge() ? MOST.large : MOST.other;
  const shown = all.length > most + 1 ? all.slice(0, most) : all;
  const rows = shown.map(([name, value]) => row(name, "", value));
  const count = all.length - shown.length;
  if (count) rows.push(row(say("spelled.more", { count }), "", ""));
  return element("table", {}, element("tbody", {}, ...rows));
}

/** @param {Words} words @param {Pass} pass @returns {[string, string][]} */
function valuesOf(words, pass) {
  const { net } = words;
  const columns = net.facts.preparation?.columns;
  if (!columns) {
    return Array.from({ length: net.inputs }, (_, k) => [words.name(k), words.ownInput(pass, k)]);
  }
  let first = 0;
  return columns.map(({ name, kind, categories = [] }) => {
    const input = first;
    first += kind === "category" ? categories.length : 1;
    if (kind !== "category") return [name, words.ownInput(pass, input)];
    return [name, categories.find((_, k) => pass.sample[input + k] > 0.5) ?? "—"];
  });
}
