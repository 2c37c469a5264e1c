/** Sentences for the foot of the page: how precise its numbers are, and what is frozen. */

import { say } from "../language.js";
import { short } from "../numbers.js";

/**
 * @typedef {import("../net.js").Net} Net
 * @typedef {import("../facts.d.ts").Facts} Facts
 */

/** The precision of the page's numbers, for its foot. @param {Facts} facts @returns {string[]} */
export function precise(facts) {
  const { precision } = facts;
  if (precision.exact) {
    return [say("precise.exact")];
  }
  const layers = Object.entries(precision.layers).map(([layer, { digits, step }]) =>
    say("precise.layer", { layer, off: short(step / 2, 2), digits })
  );
  const lines = [say("precise.rounded", { layers: layers.join("; ") })];
  const { z, value = 0, output = 0 } = precision.off ?? {};
  if (z !== undefined) {
    const [ofZ, values, outputs] = [z, value, output].map((off) => short(off, 2));
    lines.push(say("precise.off", { z: ofZ, values, outputs, count: facts.frames }));
  }
  return lines;
}

/** What is frozen in the last snapshot, for the foot of the page. @param {Net} net
 * @returns {string[]}
 */
export function frozen(net) {
  const { last } = net.frames;
  const neurons = Array.from({ length: net.neurons - net.inputs }, (_, k) => net.inputs + k);
  const weights = net.source.filter((_, w) => net.isFrozen(last, w)).length;
  const biases = neurons.filter((n) => net.isBiasFrozen(last, n)).length;
  if (!weights && !biases) return [];
  const parts = [
    ...weights ? [say("frozen.weights", { frozen: weights, count: net.source.length })] : [],
    ...biases ? [say("frozen.biases", { frozen: biases, count: neurons.length })] : [],
  ].join(", ");
  return [say(net.frames.grows ? "frozen.now" : "frozen.last", { parts })];
}
