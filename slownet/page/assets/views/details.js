/** The neuron or weight that the reader has selected: its numbers, and how they changed. */

import { element } from "../elements.js";
import { brief, counted, short, sized } from "../numbers.js";
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
    place.replaceChildren(
      element(
        "p",
        { class: "hint" },
        net.facts.side > 0
          ? "Click a disc, a line, or a pixel of an image: how it changed in training, and its gradient."
          : "Click a neuron or a line: how it changed in training, and its gradient.",
      ),
    );
    return;
  }
  const rows = [];
  if (chosen.weight !== undefined) {
    const w = chosen.weight;
    const now = net.weight(pass.frame, w);
    const isFrozen = net.isFrozen(pass.frame, w);
    rows.push(row("weight", "", words.whole(pass.frame, w), "result"));
    if (isFrozen) rows.push(row("frozen", "", "yes"));
    if (!net.isGone(pass.frame, w)) {
      const digits = net.digits(w);
      const since = (/** @type {number} */ frame) => {
        const number = now - net.weight(frame, w);
        return digits === null ? short(number, 5) : words.about + sized(number, digits);
      };
      rows.push(...changes(net, pass.frame, since));
      const from = pass.value[net.source[w]];
      if (!pass.isEmpty) {
        const factors = `${short(from)} × ${words.weight(pass.frame, w)}`;
        rows.push(row("contribution", factors, words.about + short(from * now)));
      }
      if (pass.delta) {
        const gradient = net.gradient(pass, w);
        const factors = `${short(pass.delta[net.target[w]])} × ${short(from)}`;
        rows.push(row("gradient", factors, words.about + short(gradient)));
        const rate = net.frames.rateOf(pass.frame);
        if (rate !== null) {
          const name = isPlain(net.frames.config) ? "step adds" : "plain step adds";
          rows.push(
            isFrozen
              ? row(name, "frozen", "0")
              : row(name, `−${brief(rate)} × gradient`, words.about + short(-rate * gradient)),
          );
        }
      }
    }
  } else if (chosen.neuron < net.inputs) {
    rows.push(...inputRows(words, pass, chosen.neuron));
  } else {
    for (const line of words.brief(chosen, pass).slice(1)) {
      const [, name, rest] = /** @type {string[]} */ (/^(which is|\S+) (.*)$/.exec(line));
      rows.push(row(name, "", rest));
    }
  }
  place.replaceChildren(element("table", {}, element("tbody", {}, ...rows)));
}

/** How a weight has changed. @param {import("../net.js").Net} net @param {number} frame
 * @param {(frame: number) => string} since a frame
 */
function changes({ frames }, frame, since) {
  const before = frames.before(frame);
  const sinceStep = (/** @type {number} */ step) => `since step ${counted(step)}`;
  const isSet = frames.edits.some(({ kind }) => kind === "set");
  const whole = isSet ? "changed so far" : "learned so far";
  const name = frames.grows ? sinceStep(frames.stepOf(before)) : "last change";
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
  const value = row("value", "", words.ownInput(pass, neuron));
  if (!words.net.preparation.isScaled(neuron)) return [value];
  const [how, number] = words.made(pass, neuron);
  return [value, line(how), row("= prepared", "", number, "result")];
}
