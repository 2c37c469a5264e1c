/** Looking for the step at which a condition becomes true, one step after the other.
 *
 * @typedef {import("./replay.js").Replay} Replay
 * @typedef {import("./samples.js").Samples} Samples
 * @typedef {import("./stopping.js").Look} Look
 *
 * @typedef {object} Watch
 * @property {import("./stopping.js").Stop} stop
 * @property {number} from the step to look on from
 * @property {number} window how many batches the loss is a mean of
 * @property {Float64Array} sample that is shown, as the net gets it
 * @property {Float64Array | null} targets of it; null if nobody knows them
 * @property {[number, number]} neuron ids of its layer and its own
 *
 * @typedef {object} Watched
 * @property {boolean} held whether it was true to begin with
 * @property {number | null} found what was measured where it became true; null if it has not yet
 */

import { isRight, judge } from "./judging.js";
import { forward, State } from "./passes.js";
import { neuronAt } from "./state.js";
import { Watcher } from "./stopping.js";

const MOST = 1000; // samples of the training, where none are held out

/** Go toward a step, at most until the condition becomes true.
 * @param {Replay} replay @param {Samples | null} heldOut
 * @param {import("./experiment.js").Edits} edits @param {number} step @param {Watch} watch
 * @param {() => boolean} isOver whether it is to pause
 * @returns {{isThere: boolean, watched: Watched}}
 */
export function look(replay, heldOut, edits, step, watch, isOver) {
  const seen = () => lookAt(replay, heldOut, edits, watch);
  const isBegun = replay.toward(edits, Math.min(watch.from, step));
  const watcher = new Watcher(watch.stop, seen());
  const { held } = watcher;
  while (isBegun && replay.step < step && replay.toward(edits, replay.step + 1)) {
    if (watcher.sees(seen())) {
      return { isThere: replay.step === step, watched: { held, found: watcher.measured } };
    }
    if (isOver()) break;
  }
  return { isThere: isBegun && !replay.problem && replay.step === step, watched: { held, found: null } };
}

/** The net as it is now. @param {Replay} replay @param {Samples | null} heldOut
 * @param {import("./experiment.js").Edits} edits @param {Watch} watch @returns {Look}
 */
function lookAt(replay, heldOut, edits, { window, sample, targets, neuron }) {
  const { training } = replay;
  return {
    epoch: () => training.epoch,
    loss: () => meanLoss(replay, edits, window),
    accuracy: () => heldOut && accuracyOn(training, heldOut),
    isRight: () => targets && isRightAbout(training, sample, targets),
    isSilent: () => isSilent(training, shownSamples(training, heldOut), neuron),
  };
}

/** @param {Replay} replay @param {import("./experiment.js").Edits} edits @param {number} window */
function meanLoss(replay, edits, window) {
  const { losses } = replay.curve(edits, Math.max(replay.start, replay.step - window), replay.step);
  return losses.length ? losses.reduce((sum, loss) => sum + loss, 0) / losses.length : null;
}

/** @param {import("./training.js").Training} training @param {Samples} samples */
function accuracyOn({ engine, targetKind }, samples) {
  return judge(samples, (k) => engine.judged(samples, k), targetKind !== "number").accuracy;
}

/** @param {import("./training.js").Training} training @param {Float64Array} sample
 * @param {Float64Array} targets
 */
function isRightAbout({ graph, numbers, targetKind }, sample, targets) {
  if (targetKind === "number") return null;
  const state = new State(graph);
  state.value.set(sample);
  forward(graph, numbers, state);
  return isRight(targetKind, state.value.subarray(graph.output.first, graph.output.end), targets);
}

/** The samples for which a neuron is looked at: those that are held out; in a plane, its points.
 * @param {import("./training.js").Training} training @param {Samples | null} heldOut
 */
function shownSamples({ rows }, heldOut) {
  return heldOut && !rows.kind.isPlane ? heldOut : rows.samples;
}

/** @param {import("./training.js").Training} training @param {Samples} samples
 * @param {[number, number]} neuron
 */
function isSilent({ structure, graph, numbers }, samples, neuron) {
  const found = structureHas(structure, neuron) ? neuronAt(structure, neuron) : -1;
  const state = new State(graph);
  for (let k = 0; found >= 0 && k < Math.min(samples.count, MOST); k += 1) {
    samples.copy(k, state.value);
    forward(graph, numbers, state);
    if (state.value[found] !== 0) return false;
  }
  return found >= 0;
}

/** Whether there still is a neuron. @param {import("./state.js").Structure} structure
 * @param {[number, number]} neuron
 */
function structureHas({ layers, ids }, [layer, neuron]) {
  return ids[layers.indexOf(layer)]?.includes(neuron) ?? false;
}
