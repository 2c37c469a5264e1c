/** The state of the page: what is shown of a training. Actions change it, and views paint it.
 *
 * @typedef {import("./types.d.ts").State} State
 * @typedef {import("./types.d.ts").Experiment} Experiment
 * @typedef {import("./engine/experiment.js").Edits} Edits
 */

import { PLAIN } from "./embedding.js";
import { format } from "./engine/experiment.js";
import { DEFAULT_MODE } from "./modes.js";

/** The state to begin with. @param {import("./net.js").Net} net @returns {State} */
export function initialState(net) {
  const { facts } = net;
  return {
    presentation: PLAIN,
    experiment: { edits: [], past: [], future: [] },
    problem: "",
    published: "",
    stop: null,
    seeking: false,
    stopped: null,
    frame: net.frames.last,
    playing: false,
    speed: 1,
    colours: DEFAULT_MODE,
    place: 0,
    isDrawn: false,
    isEmpty: facts.samples.length === 0,
    sample: new Float64Array(net.inputs),
    truth: null,
    chosen: null,
    hovered: null,
    ...initialFocus(net),
    brush: "look",
    apart: null,
    trail: 0,
  };
}

/** The targets of the sample, one number an output; null for the reader's own.
 * @param {import("./net.js").Net} net @param {State} state
 */
export function targetsOf({ facts, targets, neurons, begins, layers }, { place, isDrawn }) {
  if (isDrawn || place < 0 || !facts.samples.length) return null;
  const outputs = neurons - begins[layers.length - 1];
  return targets.subarray(place * outputs, (place + 1) * outputs);
}

/** The class that a selectable sample belongs to, where there are classes.
 * @param {import("./net.js").Net} net @param {State} state @returns {number | null}
 */
export function truthOf(net, state) {
  const targets = net.facts.target_kind === "class" ? targetsOf(net, state) : null;
  return targets && targets.indexOf(Math.max(...targets));
}

/** The neuron of a layer with the largest value: the one that is worth a look.
 * @param {import("./net.js").Net} net @param {import("./net.js").Pass} pass @param {number} l
 */
export function liveliest({ begins }, { value }, l) {
  let found = begins[l];
  for (let n = found; n < begins[l + 1]; n += 1) {
    if (Math.abs(value[n]) > Math.abs(value[found])) found = n;
  }
  return found;
}

/** The neuron that is spelled out to begin with. @param {import("./net.js").Net} net */
export function initialFocus({ facts, begins, layers }) {
  const last = layers.length - 1;
  return { focus: begins[facts.side > 0 || last === 1 ? 1 : last] };
}

/** An experiment of somebody else: its edits can be undone one by one. @param {Edits} edits
 * @returns {Experiment}
 */
export function opened(edits) {
  return { edits, past: edits.map((_, k) => edits.slice(0, k)), future: [] };
}

/** An experiment as it was before the last of some edits; as it is, if they do not stand at its begin.
 * @param {Experiment} experiment @param {Edits} edits @returns {Experiment}
 */
export function without(experiment, edits) {
  const text = format(edits);
  let found = experiment;
  while (text && found.past.length && format(found.edits.slice(0, edits.length)) === text) {
    found = { ...undone(found), future: [] };
  }
  return found;
}

/** @param {Experiment} experiment @param {Edits} edits @returns {Experiment} */
export function changed({ edits: before, past }, edits) {
  return { edits, past: [...past, before], future: [] };
}

/** @param {Experiment} experiment @returns {Experiment} */
export function undone({ edits, past, future }) {
  if (!past.length) return { edits, past, future };
  return { edits: past[past.length - 1], past: past.slice(0, -1), future: [edits, ...future] };
}

/** @param {Experiment} experiment @returns {Experiment} */
export function redone({ edits, past, future }) {
  if (!future.length) return { edits, past, future };
  return { edits: future[0], past: [...past, edits], future: future.slice(1) };
}
