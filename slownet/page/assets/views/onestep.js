/** What one step of descent on the sample alone would do. */

import { say } from "../language.js";
import { brief, percent, short } from "../numbers.js";
import { described } from "../training.js";

/**
 * @typedef {import("../net.js").Pass} Pass
 * @typedef {import("./words.js").Words} Words
 */

/** The effect of one step of descent on this sample alone, as a sentence.
 * @param {Words} words @param {Pass} pass @param {number | null} truth
 */
export function oneStep(words, pass, truth) {
  const rate = words.net.frames.rateOf(pass.frame);
  if (!pass.delta || !pass.target || rate === null) return "";
  const { net, about, digits } = words;
  const { target_kind: targetKind, classes } = net.facts;
  // in a step that is taken apart, numbers may be those of a sample with neurons dropped
  const now = pass.raw ? net.backward(net.forward(pass.frame, pass.sample), pass.target) : pass;
  const after = net.stepped(now, rate);
  const [before, then] = [net.outputs(now), net.outputs(after)];
  const plain = isPlain(net.frames.config) ? "" : ".plain";
  const last = net.frames.goesOn(pass.frame) ? "" : ".last";
  const losses = { rate: brief(rate), before: `${about}${short(now.loss)}`, after: short(after.loss) };
  if (targetKind !== "class" && before.length > 1) return say(`oneStep${plain}.loss${last}`, losses);
  if (["number", "sign"].includes(targetKind)) {
    const [first, second] = [before, then].map((outputs) => words.predicted(0, outputs[0]));
    return say(`oneStep${plain}.number${last}`, { ...losses, first, second });
  }
  const isClass = targetKind === "class";
  const place = isClass ? truth ?? 0 : 0;
  const name = classes[isClass ? place : 1];
  const [first, second] = [before, then].map((outputs) => percent(outputs[place], digits.percent));
  return say(`oneStep${plain}.share${last}`, { ...losses, name, first, second });
}

/** Whether training took steps of plain descent: gradients times the rate, and nothing else.
 * @param {import("../facts.d.ts").Config} config
 */
export function isPlain(config) {
  const isPenalized = config.l1 || config.l2 || config.alpha || config.regularizers?.length;
  const isThinned = config.dropout || config.dropconnect;
  const isClipped = config.clip_norm || config.clip_value;
  return described(config.optimizer) === "sgd" && !isPenalized && !isThinned && !isClipped;
}
