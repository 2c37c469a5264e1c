/** The panel of a step that is taken apart.
 *
 * @typedef {import("../engine/operation.js").Line} Line
 * @typedef {import("../engine/operation.js").Place} Place
 * @typedef {import("../engine/apart.js").Unit} Unit
 * @typedef {import("../types.d.ts").ApartState} ApartState
 * @typedef {import("./words.js").Words} Words
 *
 * @typedef {object} Actions
 * @property {(unit: Unit, by: number) => void} go
 * @property {(place: number) => void} goTo
 * @property {() => void} move
 * @property {() => void} showAll
 * @property {() => void} back
 * @property {() => void} close
 * @property {(name: string, place: number) => void} why
 * @property {() => void} derive the number of the operation that is shown
 * @property {(line: Line) => void} explain the number that an operation of the update multiplies by
 */

import { button, control, element, refill } from "../elements.js";
import { answersSeveral } from "../engine/judging.js";
import { REGISTERS } from "../engine/names.js";
import { say } from "../language.js";
import { counted, short } from "../numbers.js";
import { decided } from "./verdict.js";

const MOST_TERMS = 4; // of an operation, and of a sum
const MOST_ADDED = 6;
const MOST_LINES = 4;
const DIGITS = 5;
const SIGNS = /** @type {Record<string, string>} */ ({ "*": " × ", "+": " + ", "-": " − " });
const UNITS = /** @type {Unit[]} */ (["step", "sample", "neuron", "operation"]);

export class ApartPanel {
  /** @param {Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.slider = control("apart-slider", HTMLInputElement);
    for (const unit of UNITS) {
      for (const [name, by] of /** @type {[string, number][]} */ ([["back", -1], ["on", 1]])) {
        const id = unit === "operation" ? `apart-${name}` : `apart-${name}-${unit}`;
        control(id).addEventListener("click", () => actions.go(unit, by));
      }
    }
    for (
      const [id, act] of Object.entries({
        "apart-move": actions.move,
        "apart-all": actions.showAll,
        "apart-derive": actions.derive,
        "apart-trail": actions.back,
        "apart-close": actions.close,
      })
    ) control(id).addEventListener("click", act);
    this.slider.addEventListener("input", () => actions.goTo(Number(this.slider.value)));
    control("apart").addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by) this.actions.go(event.shiftKey ? "neuron" : "operation", by);
    else if (event.key === "Home" || event.key === "End") {
      this.actions.go("step", event.key === "End" ? 1 : -1);
    } else if (event.key === "Escape") this.actions.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {ApartState | null} apart @param {Words} words */
  show(apart, words) {
    control("apart").hidden = !apart;
    document.body.classList.toggle("is-apart", apart !== null);
    control("take-apart").setAttribute("aria-pressed", String(apart !== null));
    if (!apart) return;
    const { told, problem, isWhole, isMoving } = apart;
    control("apart-all").setAttribute("aria-pressed", String(isWhole));
    control("apart-move").setAttribute("aria-pressed", String(isMoving));
    control("apart-move").textContent = isMoving ? "❚❚" : "▶";
    control("apart-problem").textContent = problem;
    control("apart-where").textContent = where(apart, words);
    control("apart-derive", HTMLButtonElement).disabled = !told?.lines.length;
    if (!told) return;
    this.slider.max = String(told.count);
    this.slider.value = String(told.place);
    this.slider.setAttribute("aria-valuetext", control("apart-where").textContent ?? "");
    for (const unit of UNITS) {
      const ends = unit === "operation" ? "" : `-${unit}`;
      control(`apart-back${ends}`).setAttribute("aria-disabled", String(told.place === 0));
    }
    this.#write(told, isWhole);
  }

  /** @param {Place} told @param {boolean} isWhole */
  #write(told, isWhole) {
    const number = (/** @type {number} */ each) => numberOf(each, isWhole);
    const shown = told.lines.slice(-MOST_LINES);
    const before = shown.slice(0, -1).map((line) =>
      element("li", {}, element("code", {}, plainly(line)), result(line, number))
    );
    const last = shown.at(-1);
    const current = last
      ? [element(
        "li",
        { "aria-current": "step" },
        element("code", {}, ...this.#linked(last, told.place - 1)),
        result(last, number),
      )]
      : [element("li", {}, say("apart.begin"))];
    refill(control("apart-lines"), [...before, ...current]);
    control("apart-sum").replaceChildren(...sumOf(told.lines, number));
  }

  /** An operation whose numbers lead to what they were made of. @param {Line} line @param {number} place of it
   * @returns {(Node | string)[]}
   */
  #linked(line, place) {
    const isStep = line.phase === "update" && line.neuron >= 0;
    const term = (/** @type {string | number} */ name) =>
      typeof name === "number" && isStep
        ? button(nameOf(name), () => this.actions.explain(line), { title: say("origin.why") })
        : typeof name === "number" || name.startsWith("keep_")
        ? nameOf(name)
        : button(name, () => this.actions.why(name, place), { title: say("origin.why.of", { name }) });
    return [`${line.name} = `, ...formula(line, term)];
  }
}

/** Where it stands, in words. @param {ApartState} apart @param {Words} words */
function where({ told, counted }, words) {
  if (counted) return say("apart.counting", { sample: counted.count + 1, samples: counted.of });
  if (!told) return "";
  const { place, count, samples, position, step } = told;
  if (told.isSame !== null) {
    const key = told.isSame ? "apart.complete" : "apart.other";
    return say(key, { step: step + 1, operations: count });
  }
  const line = told.lines.at(-1);
  const parts = [say("apart.place", { place, operations: count })];
  if (!told.isAtEnd) {
    parts.push(say("apart.sample", { sample: position + 1, samples, is: wantedOf(told, words) }));
  }
  if (line) parts.push(say(/** @type {"apart.phase.sum"} */ (`apart.phase.${line.phase}`)));
  if (line && line.neuron >= 0) parts.push(words.name(line.neuron));
  return parts.join(" · ");
}

/** What the net should say about a sample. @param {Place} told @param {Words} words */
function wantedOf({ targets }, { net: { facts, preparation } }) {
  if (facts.target_kind === "number") {
    return Array.from(targets, (each, k) => short(preparation.own(k, each), 4)).slice(0, 3).join(", ");
  }
  if (answersSeveral(facts)) {
    return Array.from(targets, (each) => facts.classes[decided(facts, Float64Array.of(each))]).join(
      ", ",
    );
  }
  const name = facts.classes[decided(facts, targets)];
  return name === undefined ? short(targets[0]) : say("name.quoted", { name });
}

/** A formula of names or numbers. @template T @param {Line} line @param {(term: string | number, k: number) => T} of
 * @returns {(T | string)[]}
 */
function formula({ sign, terms }, of) {
  const some = terms.slice(0, MOST_TERMS).map(of);
  const rest = terms.length - some.length;
  const isInfix = sign in SIGNS;
  const between = SIGNS[sign] ?? ", ";
  const parts = some.flatMap((each, k) => k ? [between, each] : [each]);
  if (rest > 0) parts.push(`, … ${counted(rest)}`);
  return isInfix || sign === "=" ? parts : [`${sign}(`, ...parts, ")"];
}

/** @param {Line} line */
function plainly(line) {
  return `${line.name} = ${formula(line, nameOf).join("")}`;
}

/** @param {string | number} term */
function nameOf(term) {
  return typeof term === "number" ? short(term, DIGITS) : term;
}

/** The same in numbers, and what comes of it. @param {Line} line @param {(number: number) => HTMLElement} number */
function result(line, number) {
  const { sign, numbers, result } = line;
  const parts = formula({ ...line, terms: numbers }, (each, k) => {
    const isNegative = k > 0 && sign in SIGNS && /** @type {number} */ (each) < 0;
    const made = number(/** @type {number} */ (each));
    return isNegative ? element("span", {}, "(", made, ")") : made;
  });
  const how = sign === "=" ? [] : [...parts, " → "];
  return element("span", { class: "numbers" }, ...how, element("b", {}, number(result)));
}

/** A number, with all of its digits for those who ask. @param {number} number @param {boolean} isWhole */
function numberOf(number, isWhole) {
  const whole = String(number).replaceAll("-", "−");
  return element("span", { class: "number", title: whole }, isWhole ? whole : short(number, DIGITS));
}

/** A sum as far as it is added up: "0.1 + 0.25 − 0.5 = −0.15". @param {Line[]} lines
 * @param {(number: number) => HTMLElement} number @returns {(Node | string)[]}
 */
function sumOf(lines, number) {
  const last = lines.findLast((line) => !REGISTERS.includes(line.name) || line.name === "total");
  if (!last || last.sign !== "+" || !["sum", "slope"].includes(last.phase)) return [];
  const added = lines.filter((line) => line.name === last.name && line.sign === "+");
  const begin = lines.find((line) => line.name === last.name && line.sign === "=");
  const shown = added.slice(-MOST_ADDED);
  const isWhole = begin !== undefined && shown.length === added.length;
  const parts = shown.flatMap((line) => {
    const term = line.numbers[1];
    return [term < 0 ? " − " : " + ", number(Math.abs(term))];
  });
  const head = isWhole && begin ? number(begin.result) : number(shown[0].numbers[0]);
  return [`${last.name} = `, ...isWhole ? [] : ["… "], head, ...parts, " = ", number(last.result)];
}
