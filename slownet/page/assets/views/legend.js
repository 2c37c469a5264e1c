/** The legend of the net: what full colours and the widest lines mean. */

import { listed, say } from "../language.js";
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
  const quantity = say(mode.quantity);
  const isBackward = mode.isBackward && pass.delta !== null;
  /** @type {LegendLine[]} */
  const lines = [];
  if (facts.side > 0) {
    const most = short(reach[1], 2);
    lines.push(["signs", say("legend.image", { quantity, most })]);
  }
  const widest = reach.slice(facts.side > 0 ? 2 : 1).filter((size) => size > 1e-12);
  if (widest.length) {
    const ends = [Math.min(...widest), Math.max(...widest)].map((size) => short(size, 2));
    const most = widest.length < 4
      ? widest.map((size) => short(size, 2)).join(", ")
      : say("legend.span", { low: ends[0], high: ends[1] });
    lines.push(["edges", say(`legend.lines${byLayer(widest)}`, { quantity, most })]);
  }
  if (facts.plane !== null) {
    const all = spans(state.scales);
    lines.push(["signs", say(`legend.tile${byLayer(all)}`, { span: all.join(", ") })]);
  } else if (isBackward) {
    lines.push(["signs", say("legend.delta")]);
  } else {
    const drawn = layers.map((_, l) => l).slice(facts.side > 0 ? 1 : 0);
    const ramps = drawn.filter((l) => !net.isSigned(l));
    const signs = drawn.filter((l) => net.isSigned(l));
    const [ofRamps, ofSigns] = [ramps, signs].map((some) => fullest(net, some));
    const values = (/** @type {string[]} */ all) => ({ most: listed(all, "disjunction") });
    if (ramps.length) lines.push(["ramp", say(`legend.value${byLayer(ofRamps)}`, values(ofRamps))]);
    if (signs.length) lines.push(["signs", say(`legend.signed${byLayer(ofSigns)}`, values(ofSigns))]);
  }
  return lines;
}

/** Which values of layers have the full colour, in words. @param {Net} net @param {number[]} layers */
function fullest(net, layers) {
  const all = layers.map((l) => {
    const bounds = net.bounds(l);
    return bounds ? plain(reachOf(bounds)) : say("legend.largest");
  });
  return [...new Set(all)];
}

/** What a text ends in that has numbers of several layers. @param {unknown[]} all */
function byLayer(all) {
  return all.length > 1 ? ".layers" : "";
}

/** What the colours of each layer's tiles span. @param {ValueScale[]} scales with the inputs' first */
function spans(scales) {
  const all = scales.slice(1).map((scale) => {
    const [low, high] = spanned(scale);
    return scale[0] ? say("legend.span", { low, high }) : `±${high}`;
  });
  return new Set(all).size === 1 ? all.slice(0, 1) : all;
}
