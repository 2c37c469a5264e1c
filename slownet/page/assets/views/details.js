/** The neuron or weight that the reader has selected: its numbers, and how they changed. */

import { element, refill } from "../elements.js";
import { say } from "../language.js";
import { brief, short, sized } from "../numbers.js";
import { isPlain } from "./onestep.js";
import { line, row } from "./rows.js";

/**
 * @typedef {import("../net.js").Pass} Pass
 * @typedef {import("../types.d.ts").Chosen} Chosen
 * @typedef {import("./words.js").Words} Words
 */

/** Write the details of the selected neuron or weight, or how to select one. @param {HTMLElement} place
 * @param {Words} words @param {Chosen} chosen @param {Pass} pass
 */
export function detail(place, words, chosen, pass) {
  const { net } = words;
  if (!chosen) {
    place.replaceChildren(hint(net));
    return;
  }
  const rows = [];
  if (chosen.weight !== undefined) {
    const w = chosen.weight;
    const now = net.weight(pass.frame, w);
    const isFrozen = net.isFrozen(pass.frame, w);
    const isGone = net.isGone(pass.frame, w);
    const whole = words.whole(pass.frame, w);
    const own = isGone ? whole : words.asked(whole, { what: "weight", weight: w });
    rows.push(row(say("words.weight"), "", own, "result"));
    if (isFrozen) rows.push(row(say("chosen.frozen"), "", say("chosen.yes")));
    if (!isGone) {
      const digits = net.digits(w);
      const since = (/** @type {number} */ frame) => {
        const number = now - net.weight(frame, w);
        return digits === null ? short(number, 5) : words.about + sized(number, digits);
      };
      rows.push(...changes(net, pass.frame, since));
      const from = net.entering(pass, w);
      if (!pass.isEmpty) {
        const factors = `${short(from)} × ${words.weight(pass.frame, w)}`;
        rows.push(row(say("chosen.contribution"), factors, words.about + short(from * now)));
      }
      if (pass.delta) {
        const gradient = net.gradient(pass, w);
        const factors = `${short(pass.delta[net.target[w]])} × ${short(from)}`;
        const found = words.asked(words.about + short(gradient), { what: "gradient", weight: w });
        rows.push(row(say("words.gradient"), factors, found));
        const rate = net.frames.rateOf(pass.frame);
        if (rate !== null) {
          const name = say(isPlain(net.frames.config) ? "chosen.step" : "chosen.step.plain");
          const how = say("chosen.step.how", { rate: brief(rate) });
          rows.push(
            isFrozen
              ? row(name, say("spelled.frozen"), "0")
              : row(name, how, words.about + short(-rate * gradient)),
          );
        }
      }
    }
  } else if (chosen.neuron < net.inputs) {
    rows.push(...inputRows(words, pass, chosen.neuron));
  } else {
    for (const [name, number, asked] of words.numbers(chosen, pass)) {
      rows.push(row(name, "", asked ? words.asked(number, asked) : number));
    }
  }
  refill(place, [element("table", {}, element("tbody", {}, ...rows))]);
}

/** How something is chosen. @param {import("../net.js").Net} net */
export function hint({ facts }) {
  return element("p", { class: "hint" }, say(facts.side > 0 ? "chosen.hint.image" : "chosen.hint"));
}

/** How a weight has changed. @param {import("../net.js").Net} net @param {number} frame
 * @param {(frame: number) => string} since a frame
 */
function changes({ frames }, frame, since) {
  const before = frames.before(frame);
  const sinceStep = (/** @type {number} */ step) => say("chosen.since", { step });
  const isSet = frames.edits.some(({ kind }) => kind === "set");
  const whole = say(isSet ? "chosen.changed" : "chosen.learned");
  const name = frames.grows ? sinceStep(frames.stepOf(before)) : say("chosen.last");
  return [
    ...!frames.grows || before !== frame ? [row(name, "", since(before))] : [],
    row(frames.start ? sinceStep(frames.start) : whole, "", since(0)),
  ];
}

/** The number of an input, and the one that enters the net. @param {Words} words
 * @param {Pass} pass @param {number} neuron
 */
function inputRows(words, pass, neuron) {
  if (pass.isEmpty) return [];
  const value = row(say("words.value"), "", words.ownInput(pass, neuron));
  if (!words.net.preparation.isScaled(neuron)) return [value];
  const [how, number] = words.made(pass, neuron);
  return [value, line(how), row(say("chosen.prepared"), "", number, "result")];
}
