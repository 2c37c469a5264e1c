/** The legend of the net: what full colours and the widest lines mean. */

import { say } from "../language.js";
import { COLOUR_MODES } from "../modes.js";
import { plain, short } from "../numbers.js";
import { reachOf } from "./discs.js";
import { spanned } from "./surfaces.js";

/**
 * @typedef {import("../net.js").Net} Net
 * @typedef {import("../types.d.ts").LegendLine} LegendLine
 * @typedef {import("../types.d.ts").Shown} Shown
 * @typedef {import("../types.d.ts").ValueScale} ValueScale
 */

/** @param {Net} net @param {Shown} state @param {import("../net.js").Pass} pass
 * @param {number[]} reach of each layer, the size of a number that is drawn in full
 */
export function legendOf(net, state, pass, reach) {
  const { facts, layers } = net;
  const mode = COLOUR_MODES[state.colours];
  const isBackward = mode.isBackward && pass.delta !== null;
  /** @type {LegendLine[]} */
  const lines = [];
  if (facts.side > 0) {
    const most = short(reach[1], 2);
    lines.push(["signs", `${say(mode.quantity)} in an image: −${most} to +${most}`]);
  }
  const widest = reach.slice(facts.side > 0 ? 2 : 1).filter((size) => size > 1e-12);
  if (widest.length) {
    const ends = [Math.min(...widest), Math.max(...widest)].map((size) => short(size, 2));
    const most = widest.length < 4 ? widest.map((size) => short(size, 2)).join(", ") : ends.join(" to ");
    const where = widest.length > 1 ? ", layer by layer" : "";
    lines.push(["edges", `${say(mode.quantity)} above 0 / below 0; the widest: ${most}${where}`]);
  }
  if (facts.plane !== null) {
    lines.push(["signs", `in a tile: its neuron’s value at each point, ${spans(state.scales)}`]);
  } else if (isBackward) {
    lines.push(["signs", "delta of a neuron: − to +, full is the largest of its layer"]);
  } else {
    const drawn = layers.map((_, l) => l).slice(facts.side > 0 ? 1 : 0);
    const ramps = drawn.filter((l) => !net.isSigned(l));
    const signs = drawn.filter((l) => net.isSigned(l));
    if (ramps.length) lines.push(["ramp", `value of a neuron: 0 to ${fullest(net, ramps)}`]);
    if (signs.length) {
      lines.push(["signs", `value with a sign: − to +, full is ${fullest(net, signs)}`]);
    }
  }
  return lines;
}

/** Which values of layers have the full colour, in words. @param {Net} net @param {number[]} layers */
function fullest(net, layers) {
  const all = layers.map((l) => {
    const bounds = net.bounds(l);
    return bounds ? plain(reachOf(bounds)) : "the largest of its layer";
  });
  const found = [...new Set(all)];
  return found.length > 1 ? `${found.join(" or ")}, layer by layer` : found[0];
}

/** What the colours of each layer's tiles span. @param {ValueScale[]} scales with the inputs' first */
function spans(scales) {
  const all = scales.slice(1).map((scale) => {
    const [low, high] = spanned(scale);
    return scale[0] ? `${low} to ${high}` : `±${high}`;
  });
  if (new Set(all).size === 1) return all[0];
  return `${all.join(", ")}, layer by layer`;
}
