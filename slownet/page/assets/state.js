/** The state of the page: what is shown of a training. Actions change it, and views paint it.
 *
 * @typedef {import("./types.d.ts").Thing} Thing a neuron or a weight
 *
 * @typedef {object} State
 * @property {number} frame that is shown
 * @property {boolean} playing
 * @property {number} speed
 * @property {string} colours the colour mode
 * @property {number} place of the sample among the selectable ones
 * @property {boolean} isDrawn whether the sample is the reader's own
 * @property {boolean} isEmpty whether there is none
 * @property {Float64Array} sample in the table's own units
 * @property {number | null} truth its class, where it is known
 * @property {Thing | null} chosen
 * @property {Thing | null} hovered
 * @property {number} focus the neuron that is spelled out
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
