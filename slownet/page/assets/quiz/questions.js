/** The questions of the quiz, each with its choices and how it is answered.
 *
 * @typedef {import("../player.js").Player} Player
 * @typedef {import("./race.js").Outcome} Outcome
 *
 * @typedef {object} Says what the net says about a sample
 * @property {"says"} kind
 * @property {string} text
 * @property {string[]} choices
 * @property {number} place of the sample
 * @property {number} right choice
 *
 * @typedef {object} Faster which of two settings learns faster
 * @property {"faster"} kind
 * @property {string} text
 * @property {string[]} choices
 * @property {import("./contests.js").Side[]} sides
 *
 * @typedef {Says | Faster} Question
 */

import { answersSeveral } from "../engine/judging.js";
import { say } from "../language.js";
import { decided } from "../views/verdict.js";
import { CONTESTS } from "./contests.js";
import { CLOSE } from "./race.js";

const MOST_CLASSES = 20;

/** Draws the questions of a round: none twice, until all were asked. */
export class Questions {
  /** @param {Player} player @param {import("./race.js").Race | null} race where the page can train */
  constructor(player, race) {
    this.player = player;
    this.race = race;
    this.left = /** @type {Record<string, string[]>} */ ({ says: [], faster: [] });
    this.asked = 0;
    this.kinds = ["says", "faster"].filter((kind) => this.#all(kind).length > 0);
  }

  get hasAny() {
    return this.kinds.length > 0;
  }

  /** @returns {Question} */
  next() {
    const kind = this.kinds[this.asked % this.kinds.length];
    this.asked += 1;
    if (!this.left[kind].length) {
      const all = shuffled(this.#all(kind));
      this.left[kind] = kind === "says" ? this.#mixed(all) : all;
    }
    const name = /** @type {string} */ (this.left[kind].shift());
    return kind === "says" ? this.#says(Number(name)) : this.#faster(name);
  }

  /** The names of all questions of a kind. @param {string} kind */
  #all(kind) {
    const { race, player: { net: { facts } } } = this;
    if (kind === "faster") {
      return race === null ? [] : Object.keys(CONTESTS).filter((name) => CONTESTS[name](race.begin));
    }
    const hasClasses = facts.target_kind !== "number" && !answersSeveral(facts) &&
      facts.classes.length <= MOST_CLASSES;
    return hasClasses ? facts.samples.map((_, k) => String(k)) : [];
  }

  /** Every other sample is one of those that the net is least sure about. @param {string[]} places */
  #mixed(places) {
    const { net, state: { frame } } = this.player;
    const sure = new Map(places.map((place) => {
      const outputs = net.outputs(net.forward(frame, sampleAt(net, Number(place))));
      return [place, surenessOf(net.facts, outputs)];
    }));
    const sureOf = (/** @type {string} */ place) => sure.get(place) ?? 0;
    const sorted = [...places].sort((one, other) => sureOf(one) - sureOf(other));
    const doubtful = shuffled(sorted.slice(0, Math.ceil(sorted.length / 4)));
    const others = places.filter((place) => !doubtful.includes(place));
    return others.flatMap((place, k) => [place, ...doubtful.slice(k, k + 1)]).concat(
      doubtful.slice(others.length),
    );
  }

  /** @param {number} place @returns {Says} */
  #says(place) {
    const { net, state } = this.player;
    const { facts } = net;
    const step = net.frames.stepOf(state.frame);
    return {
      kind: "says",
      text: say("quiz.says", { count: step }),
      choices: facts.classes,
      place,
      right: decided(facts, net.outputs(net.forward(state.frame, sampleAt(net, place)))),
    };
  }

  /** @param {string} name @returns {Faster} */
  #faster(name) {
    const race = /** @type {import("./race.js").Race} */ (this.race);
    const sides = shuffled(/** @type {import("./contests.js").Side[]} */ (CONTESTS[name](race.begin)));
    const draw = say("quiz.draw", { share: 100 * CLOSE });
    return {
      kind: "faster",
      text: say("quiz.faster", { count: race.steps }),
      choices: [...sides.map(({ text }, k) => `${"AB"[k]}: ${text}`), draw],
      sides,
    };
  }
}

/** How sure a net is of the class that it names: the larger, the surer.
 * @param {import("../facts.d.ts").Facts} facts @param {Float64Array} outputs
 */
function surenessOf({ target_kind: kind }, outputs) {
  if (kind === "class") return Math.max(...outputs);
  return Math.abs(outputs[0] - (kind === "sign" ? 0 : 0.5));
}

/** A sample, in the table's own units. @param {import("../net.js").Net} net @param {number} place */
export function sampleAt({ samples, inputs }, place) {
  return samples.subarray(place * inputs, (place + 1) * inputs);
}

/** @template T @param {T[]} things @returns {T[]} */
function shuffled(things) {
  const found = [...things];
  for (let k = found.length - 1; k > 0; k -= 1) {
    const other = Math.floor((k + 1) * Math.random());
    [found[k], found[other]] = [found[other], found[k]];
  }
  return found;
}
