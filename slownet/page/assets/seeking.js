/** Looking for the first snapshot in which a condition has become true. */

import { isRight } from "./engine/judging.js";
import { Watcher } from "./engine/stopping.js";

/**
 * @typedef {import("./net.js").Net} Net
 * @typedef {import("./snapshots.js").Wish} Wish
 */

/** Look at the snapshots after one, up to another. @param {Net} net @param {Wish} wish
 * @param {number} from @param {number} end
 * @returns {{at: number, watched: import("./engine/looking.js").Watched}}
 */
export function firstFound(net, wish, from, end) {
  const watcher = new Watcher(wish.stop, lookAt(net, from, wish));
  const { held } = watcher;
  for (let at = from + 1; at <= end; at += 1) {
    if (watcher.sees(lookAt(net, at, wish))) return { at, watched: { held, found: watcher.measured } };
  }
  return { at: end, watched: { held, found: null } };
}

/** @param {Net} net @param {number} frame @param {Wish} wish
 * @returns {import("./engine/stopping.js").Look}
 */
function lookAt(net, frame, { sample, targets, neuron }) {
  const { frames, facts } = net;
  const measured = (/** @type {"loss" | "accuracy"} */ which) => {
    const found = frames.measures(frame).find((each) => each.which === which)?.value ?? NaN;
    return Number.isNaN(found) ? null : found;
  };
  return {
    epoch: () => frames.epochOf(frame),
    loss: () => measured("loss"),
    accuracy: () => measured("accuracy"),
    isRight: () =>
      targets && facts.target_kind !== "number"
        ? isRight(facts.target_kind, net.outputs(net.forward(frame, sample)), targets)
        : null,
    isSilent: () => isSilent(net, frame, neuron),
  };
}

/** @param {Net} net @param {number} frame @param {[number, number]} ids of a neuron */
function isSilent(net, frame, [layer, id]) {
  const { samples, inputs, facts } = net;
  const l = net.layers.findIndex((each) => each.id === layer);
  const neuron = net.begins[l] + net.layers[l].neurons.indexOf(id);
  return facts.samples.every((_, k) =>
    net.forward(frame, samples.subarray(k * inputs, (k + 1) * inputs)).value[neuron] === 0
  );
}
