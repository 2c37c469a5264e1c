/** The values of all neurons over the plane of two inputs, and their colours. */

import { level } from "../colours.js";
import { forward, State } from "../engine/passes.js";
import { plain } from "../numbers.js";

/**
 * @typedef {import("../net.js").Net} Net
 * @typedef {import("../types.d.ts").ValueScale} ValueScale
 */

export const TILE = 24; // points a row of a neuron's tile
const MOST_MULTIPLIED = 1e7; // products to find the scales: with more, only every second, third, ... frame

/** The part of the plane that is drawn. @param {Net} net of two inputs */
export function rangeOf({ facts: { plane } }) {
  if (plane === null) throw new TypeError("the net of a plane has two inputs");
  return plane;
}

/** Send every point of a square grid over the plane through the net.
 * @param {Net} net @param {number} frame @param {number} size points a row
 * @returns {Float64Array[]} for every neuron, its value at every point
 */
export function valuesOver(net, frame, size) {
  const plane = rangeOf(net);
  const count = size * size;
  const values = Array.from({ length: net.neurons }, () => new Float64Array(count));
  const graph = net.graphIn(frame);
  const numbers = { weights: net.weights(frame), biases: net.biases(frame) };
  const state = new State(graph);
  const { value } = state;
  for (let k = 0; k < count; k += 1) {
    const x = plane.x[0] + ((k % size) + 0.5) * (plane.x[1] - plane.x[0]) / size;
    const y = plane.y[1] - (Math.floor(k / size) + 0.5) * (plane.y[1] - plane.y[0]) / size;
    value[0] = net.preparation.of(0, x);
    value[1] = net.preparation.of(1, y);
    forward(graph, numbers, state);
    for (let n = 0; n < value.length; n += 1) values[n][k] = value[n];
  }
  return values;
}

/** The scale of each layer, one for all frames: the value in the middle of the colours, and how far from
 * it they are full. It spans the range of the activation; where that has no end, the targets if the
 * outputs are numbers, or all values over the plane in any frame.
 * @param {Net} net @returns {ValueScale[]}
 */
export function scalesOver(net) {
  const { layers, facts, frames } = net;
  const largest = new Float64Array(layers.length);
  const isNumber = facts.target_kind === "number";
  const between = (
    /** @type {number} */ low,
    /** @type {number} */ high,
  ) => /** @type {ValueScale} */ ([(low + high) / 2, (high - low) / 2 || 1]);
  const known = layers.map((_, l) => {
    if (isNumber && l === layers.length - 1) {
      return between(Math.min(...net.targets), Math.max(...net.targets));
    }
    const bounds = net.bounds(l);
    return bounds && between(bounds[0], bounds[1]);
  });
  if (known.slice(1).every(Boolean)) return known.map((scale) => scale ?? [0, 1]);
  const stride = Math.max(
    1,
    Math.ceil(net.source.length * TILE * TILE * frames.count / MOST_MULTIPLIED),
  );
  for (let frame = frames.last; frame > frames.last - frames.count; frame -= stride) {
    valuesOver(net, frame, TILE).forEach((values, n) => {
      const l = net.layerOf[n];
      for (const value of values) {
        if (Number.isFinite(value)) largest[l] = Math.max(largest[l], Math.abs(value));
      }
    });
  }
  return known.map((scale, l) => scale ?? [0, largest[l] || 1]);
}

/** Scales that hold more values, too. @param {Net} net @param {ValueScale[]} scales
 * @param {Float64Array[]} values of every neuron @returns {ValueScale[]}
 */
export function grown(net, scales, values) {
  const last = net.layers.length - 1;
  return scales.map((scale, l) => {
    const isKnown = net.bounds(l) !== null || (l === last && net.facts.target_kind === "number");
    if (l === 0 || isKnown) return scale;
    const [middle, reach] = scale;
    let most = reach;
    for (let n = net.begins[l]; n < net.begins[l + 1]; n += 1) {
      for (const value of values[n]) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
    }
    return [middle, most];
  });
}

/** Paint values as pixels. @param {Float64Array} values @param {ValueScale} scale
 * @param {import("../colours.js").Theme} theme
 */
export function surface(values, [middle, reach], theme) {
  const pixels = new Uint32Array(values.length);
  for (let k = 0; k < pixels.length; k += 1) {
    pixels[k] = theme.signs[level((values[k] - middle) / reach)];
  }
  return pixels;
}

/** The ends of a scale as text. @param {ValueScale} scale @param {(end: number) => number} [own] */
export function spanned([middle, reach], own = (end) => end) {
  return [middle - reach, middle + reach].map((end) => plain(own(end), 2));
}
