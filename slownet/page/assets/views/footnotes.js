/** Sentences for the foot of the page: how precise its numbers are, and what is frozen. */

import { counted, short } from "../numbers.js";

/**
 * @typedef {import("../net.js").Net} Net
 * @typedef {import("../facts.d.ts").Facts} Facts
 */

/** The precision of the page's numbers, for its foot. @param {Facts} facts @returns {string[]} */
export function precise(facts) {
  const { precision } = facts;
  if (precision.exact) {
    return ["All weights and biases are here to the last bit (float64)."];
  }
  const layers = Object.entries(precision.layers).map(([layer, { digits, step }]) =>
    `into layer ${layer} within ${short(step / 2, 2)} (${digits} digits after the point are right)`
  );
  const lines = [`Weights are rounded: ${layers.join("; ")}. Biases have 6 right digits.`];
  const { z, value = 0, output = 0 } = precision.off ?? {};
  if (z !== undefined) {
    const [ofZ, ofValues, ofOutputs] = [z, value, output].map((off) => short(off, 2));
    lines.push(
      `What the page computes from them (≈) is off by at most ${ofZ} for z, ${ofValues} for values and ` +
        `${ofOutputs} for outputs: measured over the samples to choose from, in all ` +
        `${counted(facts.frames)} snapshots.`,
    );
  }
  return lines;
}

/** What is frozen in the last snapshot, for the foot of the page. @param {Net} net
 * @returns {string[]}
 */
export function frozen(net) {
  const { last } = net.frames;
  const neurons = Array.from({ length: net.neurons - net.inputs }, (_, k) => net.inputs + k);
  const counts = [
    [net.source.filter((_, w) => net.isFrozen(last, w)).length, net.source.length, "weights"],
    [neurons.filter((n) => net.isBiasFrozen(last, n)).length, neurons.length, "biases"],
  ].filter(([count]) => count);
  if (!counts.length) return [];
  const parts = counts.map(([count, all, what]) => `${counted(count)} of ${counted(all)} ${what}`);
  const when = net.frames.grows ? "at this step" : "in the last snapshot";
  return [`Frozen ${when}, so that training does not change them: ${parts.join(", ")}.`];
}
