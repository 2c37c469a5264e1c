/** Which inputs speak for one class and against another one: gradient × input, as Shrikumar, Greenside, Shcherbina
 * and Kundaje name it (2016, arXiv:1605.01713), of the lead that one class has. */

import { answersSeveral } from "./engine/judging.js";
import { hiddenDeltas } from "./engine/passes.js";

/** @typedef {import("./net.js").Net} Net @typedef {import("./net.js").Pass} Pass */

/**
 * @typedef {object} Rivals the two classes that the net finds most likely
 * @property {number} first
 * @property {number} second
 * @property {number} lead z of the first one - z of the second one; what has no output has z 0
 * @property {[output: number, share: 1 | -1][]} parts the outputs whose z make up the lead
 */

/** The two most likely classes of a sample; null where a net says numbers. @param {Net} net @param {Pass} pass
 * @returns {Rivals | null}
 */
export function rivals(net, pass) {
  const { target_kind: kind } = net.facts;
  const output = net.begins[net.layers.length - 1];
  if (kind === "number" || answersSeveral(net.facts)) return null;
  if (kind !== "class") { // one output, whose z speaks for the second class
    const share = pass.value[output] > (kind === "sign" ? 0 : 0.5) ? 1 : -1;
    const [first, second] = share > 0 ? [1, 0] : [0, 1];
    return { first, second, lead: share * pass.z[output], parts: [[output, share]] };
  }
  const outputs = net.outputs(pass);
  const [first, second] = [...outputs.keys()].sort((a, b) => outputs[b] - outputs[a]);
  const lead = pass.z[output + first] - pass.z[output + second];
  return { first, second, lead, parts: [[output + first, 1], [output + second, -1]] };
}

/** What each input adds to the lead of a class: (input - blank) * dlead/dinput, where `blank` is the input
 * without ink. Parts above 0 speak for the class, those below 0 for its rival.
 * @param {Net} net @param {Pass} pass @param {Rivals} rivals @returns {Float64Array}
 */
export function evidence(net, pass, { parts }) {
  const { graph, preparation, ink: [none] } = net;
  const size = graph.neurons;
  const state = { ...pass.state, slope: new Float64Array(size), delta: new Float64Array(size) };
  const weights = net.weights(pass.frame);
  for (const [output, share] of parts) state.delta[output] = share;
  hiddenDeltas(net.graphIn(pass.frame), { weights }, state);
  const blank = preparation.prepared(new Float64Array(net.inputs).fill(none));
  return Float64Array.from({ length: net.inputs }, (_, k) => {
    let gradient = 0;
    for (const w of graph.leaving[k]) gradient += weights[w] * state.delta[graph.target[w]];
    return (pass.value[k] - blank[k]) * gradient || 0; // not -0
  });
}
