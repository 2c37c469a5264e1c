/** The dialog of the quiz: a question, its choices, and what is true.
 *
 * @typedef {import("../player.js").Player} Player
 * @typedef {import("../quiz/questions.js").Question} Question
 * @typedef {import("../quiz/race.js").Outcome} Outcome
 */

import { Chart } from "../chart.js";
import { KINDS } from "../charts.js";
import { button, control, element } from "../elements.js";
import { say } from "../language.js";
import { apart, counted } from "../numbers.js";
import { Questions, sampleAt } from "../quiz/questions.js";
import { canRace, Race } from "../quiz/race.js";
import { paintInk } from "./images.js";
import { valuesTable } from "./values.js";
import { judge } from "./verdict.js";

const ROLES = /** @type {const} */ (["watched", "chosen"]);
const SIDE = 180; // pixels of a plane

export class QuizDialog {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.place = control("quiz", HTMLDialogElement);
    this.chart = new Chart("quiz", KINDS.loss, player.painter.theme);
    this.race = /** @type {Race | null} */ (null);
    this.questions = /** @type {Questions | null} */ (null);
    this.question = /** @type {Question | null} */ (null);
    this.score = { right: 0, of: 0 };
    this.opened = /** @type {object | null} */ (null);
    control("quiz-close").addEventListener("click", () => this.place.close());
    control("quiz-next").addEventListener("click", () => this.#ask());
    this.place.addEventListener("close", () => {
      if (!this.place.open) this.#end(); // it may be open again before this is heard
    });
    this.place.addEventListener("keydown", ({ key }) => this.#press(key));
  }

  /** Begin to ask; what the page shows stays as it is. */
  async open() {
    const { player } = this;
    player.pause();
    if (player.state.apart) player.state.apart.isMoving = false;
    if (player.course.goal !== null) player.show(player.state.frame, true); // what it asks about stands still
    this.#end();
    this.score = { right: 0, of: 0 };
    this.#clear();
    control("quiz-text").textContent = say("quiz.begins");
    this.place.append(control("tip")); // what is open as a dialog lies over all else
    this.place.showModal();
    const opened = this.opened = {};
    const race = canRace(player) ? await Race.begun(player) : null;
    if (this.opened !== opened) {
      race?.end();
      return;
    }
    this.race = race;
    this.questions = new Questions(player, race);
    if (this.questions.hasAny) this.#ask();
    else control("quiz-text").textContent = say("quiz.none");
  }

  #end() {
    document.body.append(control("tip"));
    this.race?.end();
    this.opened = null;
    this.race = this.questions = this.question = null;
  }

  #clear() {
    for (const id of ["quiz-input", "quiz-choices", "quiz-answer"]) control(id).replaceChildren();
    control("quiz-curves").hidden = true;
    control("quiz-next").hidden = true;
    const { right, of } = this.score;
    control("quiz-score").textContent = of ? say("quiz.score", { right, count: of }) : "";
  }

  #ask() {
    const question = this.questions?.next() ?? null;
    if (!question) return;
    this.#clear();
    this.question = question;
    control("quiz-text").textContent = question.text;
    if (question.kind === "says") this.#showInput(question.place);
    const choices = question.choices.map((text, k) => button(text, () => this.#guess(k)));
    control("quiz-choices").replaceChildren(...choices);
    choices[0].focus();
  }

  /** What the net looks at. @param {number} place */
  #showInput(place) {
    const { net, painter, state } = this.player;
    const sample = sampleAt(net, place);
    if (net.facts.side > 0 || painter.plane) {
      const name = say("quiz.input");
      const canvas = /** @type {HTMLCanvasElement} */ (
        element("canvas", { role: "img", "aria-label": name, width: SIDE, height: SIDE })
      );
      control("quiz-input").replaceChildren(canvas);
      if (painter.plane) painter.plane.paintOn(canvas, sample);
      else paintInk(canvas, sample, net.facts.side, net.ink, painter.theme);
    } else {
      const pass = net.forward(state.frame, sample);
      control("quiz-input").replaceChildren(valuesTable(painter.words, pass));
    }
  }

  /** A key chooses the choice of its name, or of its number. @param {string} key */
  #press(key) {
    const choices = /** @type {HTMLButtonElement[]} */ ([
      ...control("quiz-choices").querySelectorAll("button"),
    ]);
    const named = choices.find(({ textContent }) => textContent === key) ?? choices[Number(key) - 1];
    if (/^[0-9]$/.test(key) && named && !named.disabled) named.click();
  }

  /** @param {number} guess */
  async #guess(guess) {
    const { question } = this;
    if (!question) return;
    control("quiz-choices").querySelectorAll("button").forEach((each, k) => {
      each.disabled = true;
      each.setAttribute("aria-pressed", String(k === guess));
    });
    const right = question.kind === "says" ? this.#reveal(question) : await this.#trained(question);
    if (right === null || this.question !== question) return;
    this.score.of += 1;
    if (right === guess) this.score.right += 1;
    control("quiz-choices").children[right].classList.add("is-right");
    const verdict = say(right === guess ? "quiz.right" : "quiz.wrong");
    control("quiz-answer").prepend(
      element("p", { class: right === guess ? "right" : "wrong" }, verdict),
    );
    control("quiz-score").textContent = say("quiz.score", {
      right: this.score.right,
      count: this.score.of,
    });
    control("quiz-next").hidden = false;
    control("quiz-next").focus();
  }

  /** Show what the net says. @param {import("../quiz/questions.js").Says} question */
  #reveal({ place, right }) {
    const { net, painter, state } = this.player;
    const targets = net.targets.length / net.facts.samples.length;
    const pass = net.backward(
      net.forward(state.frame, sampleAt(net, place)),
      net.targets.subarray(place * targets, (place + 1) * targets),
    );
    const answer = element("div", {});
    judge(answer, painter.words, { ...state, place, isDrawn: false, isEmpty: false }, pass);
    // its numbers are not those that the page shows, and lead nowhere
    for (const each of answer.querySelectorAll("button")) each.replaceWith(each.textContent);
    control("quiz-answer").replaceChildren(answer);
    return right;
  }

  /** Train both settings, and show their curves. @param {import("../quiz/questions.js").Faster} question
   * @returns {Promise<number | null>} the right choice; null if the reader has gone
   */
  async #trained({ sides }) {
    const { race } = this;
    if (!race) return null;
    const said = element("p", {}, say("quiz.trains"));
    const bar = element("progress", { max: 1, value: 0, "aria-label": say("quiz.trains") });
    control("quiz-answer").replaceChildren(said, bar);
    const outcome = await race.run(sides, (share) => (bar.value = share));
    if (this.race !== race) return null;
    control("quiz-answer").replaceChildren(...toldOf(outcome));
    this.#showCurves(outcome, sides.map(({ text }) => text));
    return outcome.winner ?? sides.length;
  }

  /** @param {Outcome} outcome @param {string[]} names */
  #showCurves({ ran, steps }, names) {
    control("quiz-curves").hidden = false;
    const lines = ran.map(({ line: { x, y } }, k) => ({
      role: ROLES[k],
      label: "AB"[k],
      name: names[k],
      x: x.map((step) => step - (this.race?.course.first ?? 0)),
      y,
    }));
    this.chart.show({ lines, last: steps, cursor: steps });
    this.chart.fit();
  }
}

/** What came of it, in words. @param {Outcome} outcome */
function toldOf({ ran, winner, steps, window, judged }) {
  const [one, other] = ran.map(({ loss }) => loss);
  const [a, b] = apart(one, other);
  const texts = ran.map(({ loss, step }, k) =>
    Number.isFinite(loss)
      ? say("quiz.loss", { side: "AB"[k], loss: [a, b][k] })
      : say("quiz.diverged", { side: "AB"[k], step: counted(step) })
  );
  const end = winner === null ? say("quiz.even") : say("quiz.winner", { side: "AB"[winner] });
  const head = judged === null
    ? say("quiz.after", { count: steps, batches: window })
    : say("quiz.after.judged", { count: steps, samples: judged });
  return [element("p", {}, [head, ...texts, end].join(" "))];
}
