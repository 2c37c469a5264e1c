/** What the net says about a sample, and whether it is right. */

import { element, refill } from "../elements.js";
import { say } from "../language.js";
import { percent, plain, short, sized, tabled } from "../numbers.js";

/**
 * @typedef {import("../net.js").Pass} Pass
 * @typedef {import("../state.js").State} State
 * @typedef {import("./words.js").Words} Words
 */

/** Write the prediction for a sample, and whether it is right. @param {HTMLElement} place
 * @param {Words} words @param {State} state @param {Pass} pass
 */
export function judge(place, words, state, pass) {
  const { net } = words;
  const { facts } = net;
  const outputs = net.outputs(pass);
  if (state.isEmpty || (outputs.length > 1 && facts.target_kind !== "class")) {
    const hint = state.isEmpty && facts.side > 0 ? [say("verdict.draw")] : [];
    place.replaceChildren(...hint);
    return;
  }
  const { name } = net.preparation.targets[0];
  const says = name ? say("verdict.says.of", { name }) : say("verdict.says");
  const isNumber = facts.target_kind === "number";
  const head = state.isDrawn && facts.side > 0 && !isNumber ? say("verdict.drawing") : says;
  const target = state.isDrawn ? null : pass.target;
  const lines = isNumber
    ? numberSaid(
      words,
      outputs[0],
      target && (net.arrays.targets[state.place] ?? net.preparation.own(0, target[0])),
    )
    : classSaid(words, outputs, target);
  refill(place, [element("p", {}, head), ...lines]);
}

/** What is predicted, and how far that is off. @param {Words} words @param {number} output
 * @param {number | null} truth in the table's own unit
 */
function numberSaid(words, output, truth) {
  const { about, net: { preparation } } = words;
  const said = preparation.isThere ? words.predicted(0, output) : short(output);
  const lines = [element("strong", {}, words.prediction(0, about + said))];
  if (truth !== null) {
    const off = about + short(Math.abs(preparation.own(0, output) - truth), 2);
    const wanted = preparation.isThere ? tabled(truth) : plain(truth);
    lines.push(
      element("p", {}, say("verdict.true", { truth: wanted })),
      element("p", {}, say("verdict.off", { off })),
    );
  }
  return lines;
}

/** Which class some outputs stand for, or what they should be. @param {import("../facts.d.ts").Facts} facts
 * @param {Float64Array} numbers
 */
export function decided({ target_kind: kind }, numbers) {
  if (kind === "class") return numbers.indexOf(Math.max(...numbers));
  return Number(numbers[0] > (kind === "sign" ? 0 : 0.5));
}

/** The class that is predicted, how sure that is, and whether it is right. @param {Words} words
 * @param {Float64Array} outputs @param {Float64Array | null} target
 */
function classSaid(words, outputs, target) {
  const { about, digits, net, net: { facts } } = words;
  const isClass = facts.target_kind === "class";
  const choice = decided(facts, outputs);
  const share = isClass ? outputs[choice] : choice ? outputs[0] : 1 - outputs[0];
  const sure = facts.target_kind === "sign"
    ? say("verdict.output", { number: `${about}${sized(outputs[0], digits.output)}` })
    : say("verdict.sure", { share: percent(share, digits.percent) });
  const neuron = net.neurons - outputs.length + (isClass ? choice : 0);
  const turned = facts.target_kind !== "sign" && !isClass && !choice ? "rest" : undefined;
  const asked = words.asked(sure, { what: "value", neuron, turned });
  const lines = [element("strong", {}, facts.classes[choice]), element("p", {}, asked)];
  if (target) {
    const truth = decided(facts, target);
    lines.push(
      truth === choice
        ? element("p", { class: "right" }, say("verdict.right"))
        : element("p", { class: "wrong" }, say("verdict.wrong", { truth: facts.classes[truth] })),
    );
  }
  return lines;
}

/** The prediction as a sentence, for screen readers. @param {Words} words
 * @param {Pass} pass @param {number | null} truth
 */
export function spoken(words, pass, truth) {
  const { facts } = words.net;
  const outputs = words.net.outputs(pass);
  const numbers = Array.from(outputs, (output, k) => words.predicted(k, output));
  if (facts.target_kind !== "class") {
    return say("verdict.spoken.numbers", { numbers: numbers.slice(0, 5).join(", ") });
  }
  const best = outputs.indexOf(Math.max(...outputs));
  const values = { name: facts.classes[best], share: percent(outputs[best], words.digits.percent) };
  if (truth === null) return say("verdict.spoken", values);
  if (best === truth) return say("verdict.spoken.right", values);
  return say("verdict.spoken.wrong", { ...values, truth: facts.classes[truth] });
}
