/** The words of the page in the language that it speaks: tables of texts by their names.
 *
 * A text has places for values, `{name}`. One that depends on a number is written once for each of the
 * plural categories of its language (`Intl.PluralRules`): `{"one": "a step", "other": "{count} steps"}`.
 *
 * @typedef {keyof typeof en} Key
 * @typedef {string | Partial<Record<Intl.LDMLPluralRule, string>>} Text
 * @typedef {Record<string, Text>} Table
 * @typedef {Record<string, string | number>} Values
 */

import de from "./words/de.json" with { type: "json" };
import en from "./words/en.json" with { type: "json" };

const TABLES = /** @type {Record<string, Table>} */ ({ en, de });

const spoken = { language: "en", table: /** @type {Table} */ (en) };

/** The languages that the page has words in. */
export function languages() {
  return Object.keys(TABLES);
}

/** The language that the page speaks. */
export function language() {
  return spoken.language;
}

/** Speak a language from now on; English, where the page has no words in it.
 * @param {string} wanted
 */
export function speak(wanted) {
  spoken.language = Object.hasOwn(TABLES, wanted) ? wanted : "en";
  spoken.table = TABLES[spoken.language];
  document.documentElement.lang = spoken.language;
}

/** Add the words of another language. @param {string} name @param {Table} table */
export function learn(name, table) {
  TABLES[name] = table;
}

/** A text of the page; of one with a `count`, the form for that number.
 * @param {Key} key @param {Values} [values] what stands in its places
 */
export function say(key, values = {}) {
  const text = spoken.table[key] ?? en[key];
  const form = typeof text === "string" ? text : formFor(text, Number(values.count));
  return form.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

/** @param {Exclude<Text, string>} forms @param {number} count */
function formFor(forms, count) {
  const category = new Intl.PluralRules(spoken.language).select(count);
  return forms[category] ?? forms.other ?? "";
}
