/** The state of the page: what is shown of a training. Actions change it, and views paint it.
 *
 * @typedef {import("./types.d.ts").State} State
 */

import { DEFAULT_MODE } from "./modes.js";

/** The state to begin with. @param {import("./net.js").Net} net @returns {State} */
export function initialState(net) {
  const { facts } = net;
  const last = net.layers.length - 1;
  return {
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
    focus: net.begins[facts.side > 0 || last === 1 ? 1 : last],
  };
}

/** The targets of the sample, one number an output; null for the reader's own.
 * @param {import("./net.js").Net} net @param {State} state
 */
export function targetsOf({ facts, targets, neurons, begins, layers }, { place, isDrawn }) {
  if (isDrawn || !facts.samples.length) return null;
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
