/** The dialog in which a number is derived: each number that it was made of unfolds.
 *
 * @typedef {import("../engine/deriving.js").Leaf} Leaf
 * @typedef {import("../engine/deriving.js").Made} Made
 * @typedef {import("../engine/deriving.js").Part} Part
 * @typedef {import("../engine/deriving.js").Term} Term
 * @typedef {import("../derivations.js").Source} Source
 * @typedef {(leaf: Leaf) => Node | string} Show
 */

import { button, element, reveal } from "../elements.js";
import { say } from "../language.js";
import { short } from "../numbers.js";

const MOST = 8; // terms of a sum, the largest; and numbers of a formula
const FEW = 3; // terms that stand in a line
const DIGITS = 5;
const EARLIER = ["weight", "memory"]; // what is given by the step before
const SIGNS = /** @type {Record<string, string>} */ ({ "*": " · ", "+": " + ", "-": " − ", "/": " / " });

export class DerivationDialog {
  #source = /** @type {Source | null} */ (null);
  #trail = /** @type {Source[]} */ ([]); // sources that there is a way back to
  #places = /** @type {Map<string, HTMLElement>} */ (new Map()); // of the numbers, by their names

  constructor() {
    this.heading = element("h2", { id: "derivation-heading", tabindex: -1 });
    this.about = element("p");
    this.parts = element("div", { id: "derivation-parts" });
    const close = button(say("derive.close"), () => this.place.close(), { id: "derivation-close" });
    this.back = button(say("origin.trail"), () => this.#goBack(), { id: "derivation-back" });
    this.place = /** @type {HTMLDialogElement} */ (
      element(
        "dialog",
        { id: "derivation", "aria-labelledby": "derivation-heading" },
        element("header", {}, this.heading, this.back, close),
        this.about,
        this.parts,
      )
    );
    document.body.append(this.place);
  }

  /** @param {Source} source */
  show(source) {
    this.#trail = [];
    this.#show(source);
  }

  /** @param {Source} source */
  #show(source) {
    const { name, part, about } = this.#source = source;
    this.#places.clear();
    this.heading.textContent = say("derive.heading", { name: part?.label ?? name });
    this.about.textContent = about.join(" ");
    this.back.hidden = this.#trail.length === 0;
    this.parts.replaceChildren(...part ? [this.#root(part)] : []);
    if (!this.place.open) this.place.showModal();
    this.place.scrollTop = 0;
  }

  /** @param {Part} part that is derived */
  #root(part) {
    const root = element("details", { open: "" }, this.#summary(part), ...this.#inside(part));
    this.#places.set(part.label, root);
    return root;
  }

  #goBack() {
    const last = this.#trail.pop();
    if (last) this.#show(last);
    (this.#trail.length ? this.back : this.heading).focus();
  }

  /** Derive a number that a source was given. @param {Source} source @param {string} name */
  async #goEarlier(source, name) {
    const earlier = await source.earlier?.(name);
    if (!earlier || source !== this.#source) return;
    this.#trail.push(source);
    this.#show(earlier);
    this.back.focus();
  }

  /** @param {{label: string, result: number}} of */
  #summary({ label, result }) {
    return element("summary", {}, `${label} = `, number(result));
  }

  /** What stands below the name of a number. @param {Part} part @returns {Node[]} */
  #inside({ made, given }) {
    if (given) return [element("p", {}, say(`derive.given.${given}`))];
    const shown = shownOf(made);
    /** @type {HTMLElement[]} */
    const lines = "of" in made && made.sign === "+" && shown.length > FEW
      ? [element("ul", {}, ...shown.map(row))]
      : inLines(made);
    const left = "of" in made ? termsOf(made).length - shown.length : 0;
    const isSum = "of" in made && made.sign === "+";
    if (left > 0) {
      lines.push(element("p", {}, say(isSum ? "derive.left" : "derive.more", { count: left })));
    }
    const leaves = new Map(shown.flatMap(leavesOf).map((leaf) => [leaf.label, leaf]));
    return [...lines, ...[...leaves.values()].map((leaf) => this.#number(leaf))];
  }

  /** A number that another one was made of. @param {Leaf} leaf @returns {HTMLElement} */
  #number(leaf) {
    const { label, result, given } = leaf;
    const first = this.#places.get(label);
    if (first) return this.#link(leaf, first);
    const made = given
      ? element(
        "p",
        { tabindex: -1 },
        `${label} = `,
        number(result),
        ` (${say(`derive.given.${given}`)}) `,
        ...this.#earlierOf(leaf),
      )
      : this.#unfolding(leaf);
    this.#places.set(label, made);
    return made;
  }

  /** The way to the step that made what a number was given, if there is one. @param {Leaf} leaf */
  #earlierOf({ name, given }) {
    const source = this.#source;
    if (!source?.earlier || !EARLIER.includes(given)) return [];
    const about = { class: "seen", title: say("derive.earlier.title", { name }) };
    return [button(say("derive.earlier"), () => this.#goEarlier(source, name), about)];
  }

  /** A number whose own derivation is asked for when it is opened. @param {Leaf} leaf */
  #unfolding(leaf) {
    const source = this.#source;
    let isAsked = false;
    const made = element("details", {}, this.#summary(leaf));
    made.addEventListener("toggle", async () => {
      if (isAsked || !made.open) return;
      isAsked = true;
      const part = await source?.derive(leaf.name, leaf.before);
      if (source !== this.#source) return;
      made.append(...part ? this.#inside(part) : [element("p", {}, say("derive.none"))]);
    });
    return made;
  }

  /** @param {Leaf} leaf @param {HTMLElement} first where it is derived */
  #link({ label, result }, first) {
    const go = () => {
      for (let each = first.parentElement; each && each !== this.parts; each = each.parentElement) {
        if (each instanceof HTMLDetailsElement) each.open = true;
      }
      const target = first.querySelector("summary") ?? first;
      target.focus({ preventScroll: true });
      reveal(target);
    };
    const text = say("derive.seen", { name: label, number: short(result, DIGITS) });
    const about = { class: "seen", title: say("derive.seen.title") };
    return element("p", {}, button(text, go, about));
  }
}

/** A number, with all of its digits for those who ask. @param {number} result */
function number(result) {
  return element("span", { title: String(result).replaceAll("-", "−") }, short(result, DIGITS));
}

/** The terms of a formula; a sum does not show the 0 that it begins with. @param {Made} made */
function termsOf({ sign, of }) {
  const [first] = of;
  const begins = sign === "+" && of.length > 1 && !("of" in first) && !first.label && first.result === 0;
  return begins ? of.slice(1) : of;
}

/** Of many terms the first, of a sum the largest, in their order. @param {Term} term */
function shownOf(term) {
  if (!("of" in term)) return [term];
  const terms = termsOf(term);
  if (term.sign !== "+") return terms.slice(0, MOST);
  const size = (/** @type {Term} */ { result }) => Math.abs(result);
  const largest = new Set(terms.toSorted((a, b) => size(b) - size(a)).slice(0, MOST));
  return terms.filter((each) => largest.has(each));
}

/** The numbers of a formula that have names. @param {Term} term @returns {Leaf[]} */
function leavesOf(term) {
  return "of" in term ? shownOf(term).flatMap(leavesOf) : term.label ? [term] : [];
}

/** @type {Show} */
function named(leaf) {
  return leaf.label || number(leaf.result);
}

/** @type {Show} */
function counted({ result }) {
  return number(result);
}

/** A formula, and the same with numbers. @param {Term} made */
function inLines(made) {
  return [named, counted].map((show) => element("p", {}, "= ", ...written(made, show)));
}

/** A term of a sum: what it is, in numbers, and what it comes to. @param {Term} term */
function row(term) {
  const steps = "of" in term ? [named, counted].map((show) => written(term, show)) : [[named(term)]];
  const parts = steps.flatMap((step) => [...step, " = "]);
  return element("li", {}, ...parts, element("b", {}, number(term.result)));
}

/** @param {Term} term @param {Show} show @param {string} [around] the sign of the formula in which it stands
 * @param {number} [k] its place there @returns {(Node | string)[]}
 */
function written(term, show, around = "", k = 0) {
  if (!("of" in term)) {
    const isBare = k === 0 || term.result >= 0 || (show === named && term.label !== "");
    return isBare || !(around in SIGNS) ? [show(term)] : ["(", show(term), ")"];
  }
  const { sign } = term;
  const shown = shownOf(term);
  const between = SIGNS[sign] ?? ", ";
  const parts = shown.flatMap((each, place) => [
    ...place ? [between] : [],
    ...written(each, show, sign, place),
  ]);
  if (shown.length < termsOf(term).length) parts.push(`${between}…`);
  if (!(sign in SIGNS)) return [`${sign}(`, ...parts, ")"];
  const isWeaker = around in SIGNS && sign !== "*" && (around === "*" || k > 0);
  return isWeaker ? ["(", ...parts, ")"] : parts;
}
