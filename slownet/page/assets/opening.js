/** Opening what an address names: an experiment, at a step, with what is chosen there. */

import { note, read } from "./address.js";
import { control } from "./elements.js";
import { format } from "./engine/experiment.js";
import { isRight } from "./engine/judging.js";
import { formatStop } from "./engine/stopping.js";
import { say } from "./language.js";
import { liveliest, opened } from "./state.js";
import { present } from "./surroundings.js";
import { travel } from "./travelling.js";
import { connectWhole } from "./views/whole.js";

/** Show what the address names, or else what the page itself was saved with.
 * @param {import("./player.js").Player} player @param {string} saved address
 * @returns {Promise<void>} done when it is there
 */
export function begin(player, saved) {
  const own = read(saved);
  const named = read(location.hash.slice(1));
  player.saved = { edits: own.edits ?? [], from: own.from };
  globalThis.addEventListener("hashchange", () => {
    if (location.hash === player.hash) return;
    const address = read(location.hash.slice(1));
    if (!location.hash || !address.isBare) {
      open(player, address);
      return;
    }
    present(player, address.presentation);
    renamed(player);
    if (autoplays(address.presentation)) playWhenSeen(player);
  });
  connectWhole((address) => open(player, read(address)));
  return open(player, named.isBare ? { ...own, presentation: named.presentation } : named);
}

/** Set the state in one go: the experiment, then the step, and what is chosen when it is there.
 * @param {import("./player.js").Player} player @param {import("./address.js").Address} address
 * @returns {Promise<void>} done when it is there
 */
export async function open(player, address) {
  const { edits, from, step, sample, colours, chosen, problem, presentation, stop } = address;
  const { state, saved, isStarted } = player;
  const course = edits === null && from === null ? saved : { edits: edits ?? [], from };
  const plays = autoplays(presentation);
  present(player, presentation);
  player.pause();
  player.giveUp();
  if (course.from !== player.from) {
    if (player.from !== null) {
      location.reload(); // it has the address, and begins with snapshots
      return;
    }
    if (player.course.canContinue) {
      await player.trainFrom(player.course.nearest(/** @type {number} */ (course.from)));
    }
  }
  const { canTrain } = player.course;
  const wanted = canTrain ? course.edits : [];
  state.problem = problem || (canTrain || !course.edits.length ? "" : say("opening.cannotTrain"));
  if (format(wanted) !== format(state.experiment.edits)) state.experiment = opened(wanted);
  if (sample !== null && sample < player.net.facts.samples.length) player.setSample(sample);
  if (colours !== null && player.painter.offersColours(colours)) player.setColours(colours);
  player.stops.set(stop);
  if (stop && !state.stop) state.problem ||= say("stop.unseen", { stop: formatStop(stop) });
  const frame = plays && step === null ? player.course.first : frameOf(player, step, edits);
  if (canTrain) await travel(player, frame);
  else player.show(frame);
  const { net } = player;
  const most = chosen?.weight === undefined ? net.neurons : net.source.length;
  if (chosen && (chosen.weight ?? chosen.neuron ?? 0) < most) player.choose(chosen);
  else if (!isStarted && !state.chosen) welcome(player, sample === null && step === null);
  renamed(player);
  if (plays) playWhenSeen(player);
}

/** Write the address of what is shown in the place of another one, which may have led nowhere.
 * @param {import("./player.js").Player} player
 */
function renamed(player) {
  player.hash = location.hash;
  note(player);
}

/** Whether the address asks for it, and the reader for no stillness.
 * @param {import("./types.d.ts").Presentation} presentation
 */
function autoplays({ autoplays: isAsked }) {
  return isAsked && !matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Show a newcomer a sample that the net is right about, and a neuron that has something to say about it.
 * @param {import("./player.js").Player} player @param {boolean} mayChoose whether no sample is asked for
 */
function welcome(player, mayChoose) {
  const { net, state } = player;
  if (state.isEmpty) return;
  const right = mayChoose && !state.isDrawn && net.facts.target_kind !== "number"
    ? firstRight(player)
    : -1;
  if (right > state.place) player.setSample(right);
  const l = net.layerOf[state.focus];
  if (l < net.layers.length - 1) player.spell(liveliest(net, player.run(state.frame), l));
}

/** The first sample that the net is right about; -1 if there is none. @param {import("./player.js").Player} player */
function firstRight({ net, state }) {
  const { facts, targets, inputs } = net;
  const outputs = targets.length / facts.samples.length;
  return facts.samples.findIndex((_, k) => {
    const pass = net.forward(state.frame, net.samples.subarray(k * inputs, (k + 1) * inputs));
    const target = targets.subarray(k * outputs, (k + 1) * outputs);
    return isRight(facts.target_kind, net.outputs(pass), target);
  });
}

/** Play as soon as the page is on the screen: in an article it may stand further down.
 * @param {import("./player.js").Player} player
 */
function playWhenSeen(player) {
  const watcher = new IntersectionObserver((seen) => {
    if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
    watcher.disconnect();
    player.play();
  });
  watcher.observe(control("play"));
}

/** The frame to show: without a step, the end of the training or of the changes.
 * @param {import("./player.js").Player} player
 * @param {number | null} step @param {import("./address.js").Edits | null} edits
 */
function frameOf({ course, net, state, from, isStarted }, step, edits) {
  if (step === null && isStarted && !edits) return state.frame;
  if (!course.canTrain) return step === null ? course.last : course.nearest(step);
  const last = from === null ? net.facts.training.last : course.first;
  const wanted = step ?? Math.max(last, state.experiment.edits.at(-1)?.step ?? 0);
  return wanted <= course.last ? Math.max(course.first, wanted) : course.nearest(wanted);
}
