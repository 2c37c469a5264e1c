/** The words of the page in the language that it speaks: tables of texts by their names.
 *
 * A text has places for values, `{name}`. One that depends on a number is written once for each of the
 * plural categories of its language (`Intl.PluralRules`): `{"one": "a step", "other": "{count} steps"}`.
 *
 * @typedef {keyof typeof en} Key
 * @typedef {string | Partial<Record<Intl.LDMLPluralRule, string>>} Text
 * @typedef {Record<string, Text>} Table
 * @typedef {Record<string, string | number>} Values
 * @typedef {Pick<import("./facts.d.ts").Words, "language" | "texts">} Words
 */

import { counted } from "./numbers.js";
import de from "./words/de.json" with { type: "json" };
import en from "./words/en.json" with { type: "json" };

const TABLES = /** @type {Record<string, Table>} */ ({ en, de });
const OF_LISTS = /** @type {Record<string, string>} */ ({ en: "en-GB" }); // without a comma before "and"

const spoken = { own: "en", language: "en" };

/** The language that the page speaks. */
export function language() {
  return spoken.language;
}

/** Whether the page was written in the language that it speaks. */
export function isOwn() {
  return spoken.language === spoken.own;
}

/** Whether the page speaks as some address asks for. @param {string | null} wanted */
export function speaks(wanted) {
  return found(wanted) === spoken.language;
}

/** Speak the language of some words. @param {Words} words */
export function learn({ language = "en", texts }) {
  if (texts) TABLES[language] = /** @type {Table} */ (texts);
  spoken.own = spoken.language = language;
}

/** The words that are spoken, from which the worker learns them. @returns {Words} */
export function spokenWords() {
  const { language } = spoken;
  return { language, texts: TABLES[language] };
}

/** Speak what the address asks for; the language that the page is written in, where it has no words in that.
 * @param {Words} words of the page @param {string | null} wanted
 */
export function speak(words, wanted) {
  learn(words);
  spoken.language = found(wanted);
  document.documentElement.lang = spoken.language;
  if (!isOwn()) fillIn();
}

/** @param {string | null} wanted */
function found(wanted) {
  return wanted !== null && Object.hasOwn(TABLES, wanted) ? wanted : spoken.own;
}

/** Write the texts of the page's elements again: the page has them in its own language. */
function fillIn() {
  const all = (
    /** @type {string} */ name,
    /** @type {(place: HTMLElement, text: string) => void} */ put,
  ) => {
    for (const place of document.querySelectorAll(`[${name}]`)) {
      put(/** @type {HTMLElement} */ (place), say(/** @type {Key} */ (place.getAttribute(name))));
    }
  };
  all("data-say", (place, text) => (place.textContent = text));
  all("data-say-title", (place, text) => (place.title = text));
  all("data-say-label", (place, text) => place.setAttribute("aria-label", text));
  all("data-say-empty", (place, text) => place.setAttribute("data-empty", text));
}

/** A text of the page; of one with a `count`, the form for that number.
 * @param {Key} key @param {Values} [values] what stands in its places; whole numbers with their thousands apart
 */
export function say(key, values = {}) {
  return saidIn(spoken.language, key, values);
}

/** The same in the language that the page is written in. @param {Key} key @param {Values} [values] */
export function sayAsWritten(key, values = {}) {
  return saidIn(spoken.own, key, values);
}

/** @param {string} language @param {Key} key @param {Values} values */
function saidIn(language, key, values) {
  const own = TABLES[language]?.[key];
  const form = formOf(own ?? en[key], own ? language : "en", Number(values.count));
  return form.replace(/\{(\w+)\}/g, (place, name) => {
    const value = values[name] ?? place;
    return Number.isInteger(value) ? counted(value) : String(value);
  });
}

/** Whether the page has a text of some name. @param {string} key @returns {key is Key} */
export function isText(key) {
  return Object.hasOwn(en, key);
}

/** @param {Text} text @param {string} language @param {number} count */
function formOf(text, language, count) {
  if (typeof text === "string") return text;
  return text[new Intl.PluralRules(language).select(count)] ?? text.other ?? "";
}

/** Things one after the other: "a, b and c". @param {string[]} things
 * @param {"conjunction" | "disjunction"} [type] how the last one is joined
 */
export function listed(things, type = "conjunction") {
  const { language } = spoken;
  return new Intl.ListFormat(OF_LISTS[language] ?? language, { type }).format(things);
}
