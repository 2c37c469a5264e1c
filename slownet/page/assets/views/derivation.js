/** The dialog in which a number is derived: each number that it was made of unfolds.
 *
 * @typedef {import("../engine/deriving.js").Leaf} Leaf
 * @typedef {import("../engine/deriving.js").Made} Made
 * @typedef {import("../engine/deriving.js").Part} Part
 * @typedef {import("../engine/deriving.js").Term} Term
 * @typedef {import("../derivations.js").Source} Source
 * @typedef {(leaf: Leaf) => Node | string} Show
 */

import { button, control, element, reveal } from "../elements.js";
import { say } from "../language.js";
import { plain, short } from "../numbers.js";

const MOST = 8; // terms of a sum, the largest; and numbers of a formula
const FEW = 3; // terms that stand in a line
const DIGITS = 5;
const EARLIER = ["weight", "memory", "step"]; // what other steps made
const SIGNS = /** @type {Record<string, string>} */ ({ "*": " · ", "+": " + ", "-": " − ", "/": " / " });

export class DerivationDialog {
  #source = /** @type {Source | null} */ (null);
  #trail = /** @type {Source[]} */ ([]); // sources that there is a way back to
  #places = /** @type {Map<string, HTMLElement>} */ (new Map()); // of the numbers, by their names
  #asked = 0;
  #opener = { place: document.body, at: -1 }; // among the buttons of a place, which may be written anew

  constructor() {
    this.heading = element("h2", { id: "derivation-heading", tabindex: -1 });
    this.about = element("p");
    this.parts = element("div", { id: "derivation-parts" });
    const close = button(say("derive.close"), () => this.place.close(), { id: "derivation-close" });
    this.back = button(say("origin.trail"), () => this.#goBack(), { id: "derivation-back" });
    this.all = button(say("derive.digits"), () => this.#showDigits(), {
      ...{ id: "derivation-digits", title: say("derive.digits.title"), "aria-pressed": "false" },
    });
    this.place = /** @type {HTMLDialogElement} */ (
      element(
        "dialog",
        { id: "derivation", "aria-labelledby": "derivation-heading", onclose: () => this.#leave() },
        element("header", {}, this.back, this.all, close),
        this.heading,
        this.about,
        this.parts,
      )
    );
    document.body.append(this.place);
    addEventListener("hashchange", () => this.place.close()); // it is of another moment
  }

  /** Open at once, and show what is derived as soon as it is known. @param {Promise<Source>} source */
  async show(source) {
    const focused = /** @type {HTMLElement} */ (document.activeElement ?? document.body);
    const place = /** @type {HTMLElement} */ (focused.closest("[id]") ?? document.body);
    this.#opener = {
      place,
      at: [...place.querySelectorAll("button")].findIndex((each) => each === focused),
    };
    this.#trail = [];
    this.#source = null;
    this.heading.textContent = say("derive.wait");
    this.about.textContent = "";
    this.back.hidden = this.all.hidden = true;
    this.parts.replaceChildren();
    if (!this.place.open) this.place.showModal();
    this.heading.focus();
    const found = await this.#waited(source);
    if (found) this.#show(found);
  }

  /** What comes, unless something else is asked for before, or the dialog is closed.
   * @template Found @param {Promise<Found>} coming @returns {Promise<Found | null>}
   */
  async #waited(coming) {
    const asked = this.#asked += 1;
    this.place.setAttribute("aria-busy", "true");
    const found = await coming;
    if (asked !== this.#asked) return null;
    this.place.removeAttribute("aria-busy");
    return found;
  }

  /** Give the focus to what stands where it was, and forget what is on its way. */
  #leave() {
    if (this.place.open) return; // again, before this was heard
    this.#asked += 1;
    this.place.removeAttribute("aria-busy");
    const { place, at } = this.#opener;
    const { activeElement: focused } = document;
    if (focused === document.body || this.place.contains(focused)) {
      (place.querySelectorAll("button")[at] ?? control("play")).focus();
    }
  }

  /** @param {Source} source */
  #show(source) {
    const { name, part, about, meaning } = this.#source = source;
    this.#places.clear();
    const label = part?.label ?? name;
    this.heading.textContent = say("derive.heading", { name: meaning(label) || label });
    this.about.textContent = about.join(" ");
    this.back.hidden = this.#trail.length === 0;
    this.all.hidden = part === null;
    this.parts.replaceChildren(...part ? [this.#root(part)] : []);
    this.place.scrollTop = 0;
  }

  /** @param {Part} part that is derived */
  #root(part) {
    const summary = element("summary", {}, `${part.label} = `, this.#figure(part.result));
    const root = element("details", { open: "" }, summary, ...this.#inside(part));
    this.#places.set(part.label, root);
    return root;
  }

  #goBack() {
    const last = this.#trail.pop();
    if (last) this.#show(last);
    (this.#trail.length ? this.back : this.heading).focus();
  }

  /** Derive a number that a source was given. @param {Source} source @param {Leaf} leaf */
  async #goEarlier(source, leaf) {
    const { earlier } = source;
    const found = earlier && await this.#waited(earlier(leaf));
    if (!found) return;
    this.#trail.push(source);
    this.#show(found);
    this.back.focus();
  }

  /** Show numbers with all of their digits, or with few. */
  #showDigits() {
    const isAll = this.all.getAttribute("aria-pressed") !== "true";
    this.all.setAttribute("aria-pressed", String(isAll));
    for (const each of this.parts.querySelectorAll("data")) {
      each.textContent = written(Number(each.value), isAll);
    }
  }

  /** What a number is, in words, and the way to the step that made it, if there is one. @param {Leaf} leaf
   * @returns {(Node | string)[]}
   */
  #words(leaf) {
    const { label, given } = leaf;
    const earlier = this.#earlierOf(leaf);
    const what = given === "step" ? "" : this.#source?.meaning(label) ?? ""; // its name says it
    const isSaid = !given || earlier.length > 0;
    const texts = [...what ? [what] : [], ...isSaid ? [] : [say(`derive.given.${given}`)]];
    return texts.length ? [" ", element("small", {}, texts.join("; ")), ...earlier] : earlier;
  }

  /** What stands below the name of a number. @param {Part} part @returns {Node[]} */
  #inside({ made, given }) {
    if (given && !("of" in made)) return [element("p", {}, ...this.#words({ ...made, given }))];
    const [shown, left] = shownOf(made);
    const isSum = "of" in made && made.sign === "+";
    if (isSum && shown.length > FEW) {
      return [this.#rows(shown), ...left.length ? [this.#left(left, () => [this.#rows(left)])] : []];
    }
    const inside = () => this.#numbers(left.flatMap(leavesOf));
    const more = left.length ? [this.#left(left, inside, "derive.more")] : [];
    return [...this.#lines(made), ...this.#numbers(leavesOf(made)), ...more];
  }

  /** A formula, and the same with numbers. @param {Term} made */
  #lines(made) {
    return [named, this.#counted].map((show) => element("p", {}, "= ", ...writtenOut(made, show)));
  }

  /** Terms of a sum, below one another; each unfolds. @param {Term[]} terms */
  #rows(terms) {
    return element("ul", {}, ...terms.map((term) => element("li", {}, this.#row(term))));
  }

  /** A term of a sum: what it is, in numbers, and what it comes to. @param {Term} term */
  #row(term) {
    if (!("of" in term)) return term.label ? this.#number(term) : this.#figure(term.result);
    const steps = [named, this.#counted].map((show) => writtenOut(term, show));
    const about = [
      ...steps.flatMap((step) => [...step, " = "]),
      element("b", {}, this.#figure(term.result)),
    ];
    return unfolding(about, () => this.#numbers(leavesOf(term)));
  }

  /** What is left of many terms. @param {Term[]} terms @param {() => Node[]} inside
   * @param {"derive.left" | "derive.more"} key
   */
  #left(terms, inside, key = "derive.left") {
    const sum = terms.reduce((all, { result }) => all + result, 0);
    return unfolding([say(key, { count: terms.length, number: short(sum, DIGITS) })], inside);
  }

  /** @param {Leaf[]} leaves @returns {HTMLElement[]} */
  #numbers(leaves) {
    const different = new Map(leaves.map((leaf) => [leaf.label, leaf]));
    return [...different.values()].map((leaf) => this.#number(leaf));
  }

  /** A number that another one was made of. @param {Leaf} leaf @returns {HTMLElement} */
  #number(leaf) {
    const { label, result, given } = leaf;
    const first = this.#places.get(label);
    if (first) return this.#link(leaf, first);
    const about = [`${label} = `, this.#figure(result), ...this.#words(leaf)];
    const source = this.#source;
    const made = given ? element("p", { tabindex: -1 }, ...about) : unfolding(about, async () => {
      const part = await source?.derive(leaf.name, leaf.before);
      if (source !== this.#source) return [];
      return part ? this.#inside(part) : [element("p", {}, say("derive.none"))];
    });
    this.#places.set(label, made);
    return made;
  }

  /** The way to the step that made what a number was given, if there is one. @param {Leaf} leaf */
  #earlierOf(leaf) {
    const { label: name, given } = leaf;
    const source = this.#source;
    const step = leaf.step ?? source?.step;
    if (!source?.earlier || step === undefined || !EARLIER.includes(given)) return [];
    const about = { class: "seen", title: say("derive.earlier.title", { name }) };
    const text = step > 0 ? say("derive.earlier", { step }) : say("derive.earlier.start");
    return [" ", button(text, () => this.#goEarlier(source, leaf), about)];
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

  /** A number, with all of its digits for those who ask. @param {number} result */
  #figure(result) {
    const isAll = this.all.getAttribute("aria-pressed") === "true";
    return element("data", { value: result, title: written(result, true) }, written(result, isAll));
  }

  /** @type {Show} */
  #counted = ({ result }) => this.#figure(result);
}

/** Something that unfolds; what is inside is made then. @param {(Node | string)[]} about
 * @param {() => Node[] | Promise<Node[]>} inside
 */
function unfolding(about, inside) {
  let isMade = false;
  const made = element("details", {}, element("summary", {}, ...about));
  made.addEventListener("toggle", async () => {
    if (isMade || !made.open) return;
    isMade = true;
    made.append(...await inside());
  });
  return made;
}

/** A number as text: few digits, without zeros at its end where these are all. @param {number} result
 * @param {boolean} isAll
 */
function written(result, isAll) {
  if (isAll) return String(result).replaceAll("-", "−");
  const isWhole = (/** @type {number} */ digits) => Number(result.toPrecision(digits)) === result;
  const text = plain(result, DIGITS);
  if (isWhole(DIGITS) && !text.includes("e")) return text;
  return short(result, [1, 2, 3, 4].find(isWhole) ?? DIGITS);
}

/** The terms of a formula; a sum does not show the 0 that it begins with. @param {Made} made */
function termsOf({ sign, of }) {
  const [first] = of;
  const begins = sign === "+" && of.length > 1 && !("of" in first) && !first.label && first.result === 0;
  return begins ? of.slice(1) : of;
}

/** Of many terms the first, of a sum the largest, in their order; and those that are left. A sum shows what it
 * has but once, such as a bias.
 * @param {Term} term @returns {[Term[], Term[]]}
 */
function shownOf(term) {
  if (!("of" in term)) return [[term], []];
  const terms = termsOf(term);
  if (terms.length <= MOST + 1) return [terms, []];
  if (term.sign !== "+") return [terms.slice(0, MOST), terms.slice(MOST)];
  const size = (/** @type {Term} */ { result }) => Math.abs(result);
  const isOther = (/** @type {Term} */ each) => !("of" in each) && "of" in terms[terms.length - 1];
  const largest = terms.toSorted((a, b) => size(b) - size(a)).slice(0, MOST);
  const shown = new Set([...terms.filter(isOther), ...largest]);
  return [terms.filter((each) => shown.has(each)), terms.filter((each) => !shown.has(each))];
}

/** The numbers of a formula that have names. @param {Term} term @returns {Leaf[]} */
function leavesOf(term) {
  return "of" in term ? shownOf(term)[0].flatMap(leavesOf) : term.label ? [term] : [];
}

/** @type {Show} */
function named(leaf) {
  return leaf.label || written(leaf.result, false);
}

/** @param {Term} term @param {Show} show @param {string} [around] the sign of the formula in which it stands
 * @param {number} [k] its place there @returns {(Node | string)[]}
 */
function writtenOut(term, show, around = "", k = 0) {
  if (!("of" in term)) {
    const isBare = k === 0 || term.result >= 0 || (show === named && term.label !== "");
    return isBare || !(around in SIGNS) ? [show(term)] : ["(", show(term), ")"];
  }
  const { sign } = term;
  const [shown, left] = shownOf(term);
  const between = SIGNS[sign] ?? ", ";
  const isWeaker = around in SIGNS && sign !== "*" && (["*", "/"].includes(around) || k > 0);
  const begin = isWeaker || !(sign in SIGNS) ? 0 : k; // whether something stands before it
  const parts = shown.flatMap((each, place) => [
    ...place ? [between] : [],
    ...writtenOut(each, show, sign, place || begin),
  ]);
  if (left.length) parts.push(`${between}…`);
  if (!(sign in SIGNS)) return [`${sign}(`, ...parts, ")"];
  return isWeaker ? ["(", ...parts, ")"] : parts;
}
