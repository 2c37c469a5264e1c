/**
 * The layout of a net on its canvas, in CSS pixels.
 *
 * @typedef {import("../net.js").Net} Net
 * @typedef {import("../types.d.ts").Disc} Disc
 * @typedef {import("../types.d.ts").Places} Places
 *
 * @typedef {{top: number, bottom: number, unit: number, grown: number}} Area of the layers, and the scale of
 *   letters and that of discs and tiles
 */

import { say } from "../language.js";
import { counted, tabled } from "../numbers.js";

const TOP = 46;
const BOTTOM = 8;
const MOST = { inputs: 40, hidden: 128, outputs: 40 };
const LARGEST = { tile: 150, planeTile: 76, disc: 17, output: 17 };
const LAPTOP = 620; // pixels: a larger picture has larger parts
const STACKED = 26; // pixels between two outputs with two lines each
const SMALLEST_PITCH = 10.5;
export const HOLDS_NAME = 9; // the radius of a disc that holds none of two letters yet
const ENOUGH = 26; // the size of a tile of a plane up to which one column is preferred to several
const NAMED = 12; // above its name

/** Return the layout of a net.
 * @param {Net} net
 * @param {number} width
 * @param {number} height
 * @param {(text: string) => number} [measure] how wide a text is
 * @param {number} [unit] the scale of everything; 1 on a laptop
 * @returns {Places}
 */
export function place(net, width, height, measure = (text) => 7 * text.length, unit = 1) {
  const { facts } = net;
  const last = net.layers.length - 1;
  const rows = Math.max(1, Math.floor((height / unit - TOP - BOTTOM) / SMALLEST_PITCH));
  const shown = net.layers.map((_, l) => strongest(net, l, l === 0 ? rows : Infinity));
  const isPlane = facts.plane !== null;
  const isImage = facts.side > 0;
  const isNarrow = width < 520 * unit;
  const isShare = facts.target_kind === "class" || facts.target_kind === "binary";
  const marks = facts.target_kind !== "class"
    ? [isShare ? "100.0 %" : "−123456789.0"]
    : ["right", "wrong", "true"].map((each) =>
      `100.0 % ${say(`outputs.${/** @type {"right"} */ (each)}`)}`
    );
  const narrow = [`100 % ${say("outputs.true")}`];
  const grown = unit * Math.max(1, Math.min(1.6, height / unit / LAPTOP, width / unit / LAPTOP));
  const area = { top: TOP * unit, bottom: height - BOTTOM, unit, grown };
  const outputs = LARGEST.output * grown;
  const share = last > 2 ? 0.1 : last === 1 ? 0.26 : facts.target_kind === "class" ? 0.14 : 0.2;
  const bars = isPlane || isNarrow || !isShare ? 0 : Math.max(50, Math.min(260 * unit, width * share));
  const beside = Math.max(...(isNarrow ? narrow : marks).map(measure)) + 6;
  // the names of inputs and outputs leave the layers their place
  const layers = last * (isNarrow ? 14 : 24) * unit + (last + 1) * 2 * outputs + 10;
  const widest = isNarrow ? Math.min(width * 0.34, Math.max(40, width - layers - 80)) : width * 0.32;
  const longest = longestInput(net, shown[0], measure);
  const left = isPlane || isImage ? 0 : inputWidth(shown[0].length, longest, widest, unit);
  const room = width - left - layers - bars - beside;
  const rest = isImage ? Infinity : Math.max(50, room);
  // on a phone the numbers of the outputs stand below their names, where there is the height
  const { pitch, radius } = staggered(shown[last].length, area, outputs);
  const isHigh = pitch >= STACKED * unit;
  const most = !isNarrow
    ? Math.min(rest, Math.max(150, width * 0.28))
    : isHigh
    ? 70
    : Math.max(24, Math.min(70, room));
  const names = isPlane ? 0 : outputWidth(net, measure, most, radius > HOLDS_NAME);
  const isStacked = isNarrow && names > 0 && isHigh;
  const numbers = isPlane ? 4 : isStacked ? Math.max(0, beside - names) : beside;
  const end = width - names - bars - numbers - (isPlane ? 0 : outputs + 10);
  /** @type {Places} */
  const places = {
    width,
    height,
    unit,
    discs: new Map(),
    tiles: new Map(),
    headings: [],
    bars: bars ? { x: end + outputs + 10 + names, length: bars } : null,
    names,
    isStacked,
    margins: { left: 0, numbers },
    notes: notes(net, shown),
    pitch: 0,
  };
  const put = (/** @type {Disc[]} */ discs) => {
    discs.forEach((disc) => places.discs.set(disc.neuron, disc));
  };
  let begin = 0;
  /** @type {number[] | null} */
  let ys = null;
  if (isImage) {
    const block = tileBlock(shown[1], 2, Math.min(width * (last > 2 ? 0.38 : 0.46), end - 90), area);
    block.tiles.forEach((tile) => places.tiles.set(tile.neuron, tile));
    const { text, brief } = headed(net, 1, shown[1]);
    const { activation } = net.layers[1];
    const what = isNarrow ? [] : [say("net.weights", { count: net.inputs })];
    const below = [...what, ...(last > 1 ? [activation] : [])].join(" · ");
    places.headings.push({ text, brief, below, x: 2, align: "left" });
    ys = block.tiles.map((tile) => tile.y + tile.size / 2);
    begin = block.right;
    if (last > 1) {
      const wide = columnWidth(shown[1].length, area);
      const x = begin + 12 * unit + wide / 2;
      put(column(shown[1], x, area, LARGEST.disc * grown, ys));
      begin = x + wide / 2;
    }
  } else {
    const { columns, pitch, radius } = staggered(shown[0].length, area, outputs);
    places.margins.left = isPlane
      ? Math.max(8, Math.min(longest / 2 + 7 - radius, isNarrow ? 14 : 34))
      : left;
    places.pitch = pitch;
    const wide = columns * (2 * radius + 2) - 2;
    put(column(shown[0], places.margins.left + wide / 2, area, outputs, null));
    begin = places.margins.left + wide;
    const { text, brief } = headed(net, 0, shown[0]);
    places.headings.push({ text, brief, below: "", x: 2, align: "left" });
  }
  const first = isImage && last > 1 ? 2 : 1;
  const largest = (end - begin) / (last - first + 1) - 22 * unit;
  const grids = shown.map((neurons, l) =>
    isPlane && l ? planeGrid(neurons, area, largest, l === last) : null
  );
  const widths = shown.map((neurons, l) =>
    grids[l]?.width ?? (l === last ? outputs : columnWidth(neurons.length, area))
  );
  const free = end - begin - widths.slice(first).reduce((all, each) => all + each, 0);
  const gap = Math.max(8, free / (last - first + 1));
  let x = begin;
  for (let l = first; l <= last; l += 1) {
    const at = x + gap + widths[l] / 2;
    x += gap + widths[l];
    const grid = grids[l];
    if (grid) grid.at(at).forEach((tile) => places.tiles.set(tile.neuron, tile));
    else if (l === last) put(column(shown[l], end, area, outputs, last === 1 ? ys : null));
    else put(column(shown[l], at, area, LARGEST.disc * grown, null));
    const below = net.layers[l].activation;
    const { text, brief } = isImage && last === 1
      ? { text: say("net.values"), brief: say("net.values") }
      : headed(net, l, shown[l]);
    places.headings.push({ text, brief, below, x: l === last && !grid ? end : at, align: "center" });
  }
  return places;
}

/** What is not drawn, as text. @param {Net} net @param {number[][]} shown @returns {string[]} */
function notes(net, shown) {
  return shown.flatMap((neurons, l) => {
    const size = net.layers[l].neurons.length;
    if (neurons.length === size || (net.facts.side > 0 && l === 0)) return [];
    const values = { count: size, drawn: neurons.length, layer: net.layers[l].id };
    return [say(l ? "net.left.layer" : "net.left.inputs", values)];
  });
}

/** @param {Net} net @param {number} l @param {number[]} shown */
function headed(net, l, shown) {
  const [count, drawn] = [net.layers[l].neurons.length, shown.length];
  const all = drawn < count ? ".of" : "";
  const brief = drawn < count ? say("net.count.of", { drawn, count }) : counted(count);
  if (l === 0) {
    return { text: say(`net.inputs${all}`, { drawn, count }), brief: say("net.inputs.brief") };
  }
  const isLast = l === net.layers.length - 1;
  return {
    text: say(isLast ? `net.outputs${all}` : `net.neurons${all}`, { drawn, count }),
    brief: isLast && count === 1 ? say("net.output.brief") : brief,
  };
}

/** @param {Net} net @param {(text: string) => number} measure @param {number} most
 * @param {boolean} holds whether short names stand in the discs
 */
function outputWidth(net, measure, most, holds) {
  const names = net.outputNames;
  const longest = Math.max(0, ...names.map(measure));
  const isInside = holds && net.facts.target_kind === "class" &&
    names.every((name) => name.length <= 2);
  return isInside || !names.length ? 0 : Math.min(most, longest + 10);
}

/** @param {number} count @param {number} longest of the names @param {number} most @param {number} unit */
function inputWidth(count, longest, most, unit) {
  return Math.min(most, Math.max(38 * unit, longest + 8) + (count > 20 ? 40 * unit : 0));
}

/** How wide the longest name of the inputs is, or the longest number of a table that stands below one.
 * @param {Net} net @param {number[]} shown @param {(text: string) => number} measure
 */
function longestInput(net, shown, measure) {
  const { preparation, samples, inputs } = net;
  const texts = shown.map((k) => preparation.inputs[k].name.slice(0, 100));
  for (let row = 0; preparation.isThere && row < samples.length; row += inputs) {
    texts.push(...shown.map((k) => tabled(samples[row + k])));
  }
  return texts.reduce((all, text) => Math.max(all, measure(text)), 0);
}

/** The neurons of a layer that are drawn: all, or those with the largest weights at the end.
 * @param {Net} net @param {number} l @param {number} room for so many @returns {number[]}
 */
export function strongest(net, l, room) {
  const [first, end] = [net.begins[l], net.begins[l + 1]];
  const all = Array.from({ length: end - first }, (_, k) => first + k);
  const last = net.layers.length - 1;
  const most = Math.min(room, l === 0 ? MOST.inputs : l === last ? MOST.outputs : MOST.hidden);
  if (all.length <= most || (l === 0 && net.facts.side > 0)) return all;
  const weights = net.weights(net.frames.last);
  const strength = new Float64Array(net.neurons);
  for (let w = 0; w < weights.length; w += 1) {
    strength[net.source[w]] += Math.abs(weights[w]);
    if (l > 0) strength[net.target[w]] += Math.abs(weights[w]);
  }
  return all.sort((a, b) => strength[b] - strength[a]).slice(0, most).sort((a, b) => a - b);
}

/** Place square tiles in staggered columns, as large as the area allows, no two at one height.
 * @param {number[]} neurons @param {number} x @param {number} widest
 * @param {Area} area
 */
function tileBlock(neurons, x, widest, area) {
  const count = neurons.length;
  const height = area.bottom - area.top;
  const gap = (count > 36 ? 3 : 6) * area.unit;
  let [size, columns] = [0, 1];
  for (let tried = 1; tried <= Math.min(count, 16); tried += 1) {
    const across = (widest - (tried - 1) * gap) / tried;
    const down = (height * tried - (count - 1) * gap) / (count - 1 + tried);
    const fits = Math.floor(Math.min(across, down, LARGEST.tile * area.grown));
    if (fits > size) [size, columns] = [fits, tried];
  }
  size = Math.max(6, size);
  const step = Math.min((size * 1.5) / columns, (height - size) / Math.max(1, count - 1));
  const top = area.top + (height - size - step * (count - 1)) / 2;
  const tiles = neurons.map((neuron, k) => ({
    neuron,
    x: x + (k % columns) * (size + gap),
    y: Math.round(top + k * step),
    size,
  }));
  return { tiles, right: x + columns * (size + gap) - gap };
}

/** @param {number} count @param {Area} area */
function columnWidth(count, area) {
  const { columns, radius } = staggered(count, area, LARGEST.disc * area.grown);
  return columns * (2 * radius + 2);
}

/** @param {number} count @param {Area} area @param {number} largest */
function staggered(count, area, largest) {
  const height = area.bottom - area.top;
  const rows = Math.max(1, Math.floor(height / (SMALLEST_PITCH * area.unit)));
  const columns = Math.ceil(count / rows);
  const pitch = Math.min(height / count, 92 * area.grown);
  const radius = Math.max(3, Math.min(largest, (columns * pitch) / 2 - 1));
  return { columns, pitch, radius };
}

/** Place the neurons of a layer one above the other, side by side where they are many.
 * @param {number[]} neurons @param {number} x
 * @param {Area} area @param {number} largest
 * @param {number[] | null} ys where they have to stand
 * @returns {Disc[]}
 */
function column(neurons, x, area, largest, ys) {
  const { columns, pitch, radius } = staggered(neurons.length, area, largest);
  const middle = (area.top + area.bottom) / 2;
  const apart = ys && ys.length > 1 ? columns * (ys[1] - ys[0]) / 2 - 1 : largest;
  return neurons.map((neuron, k) => ({
    neuron,
    x: x + ((k % columns) - (columns - 1) / 2) * (2 * radius + 2),
    y: ys ? ys[k] : middle + (k - (neurons.length - 1) / 2) * pitch,
    r: ys ? Math.max(3, Math.min(largest, apart)) : radius,
  }));
}

/** Place the tiles of a layer of a plane's net in a grid, as large as they can be.
 * @param {number[]} neurons @param {Area} area
 * @param {number} widest @param {boolean} isLast whether a name has to fit below each
 */
function planeGrid(neurons, area, widest, isLast) {
  const height = area.bottom - area.top;
  const count = neurons.length;
  const name = isLast && count > 1 ? 18 * area.unit : 0;
  const largest = LARGEST.planeTile * area.grown;
  let [size, columns] = [0, 1];
  for (let tried = 1; tried <= Math.min(count, 8); tried += 1) {
    const down = height / Math.ceil(count / tried) * 0.9 - name;
    const fits = Math.floor(Math.min(largest, down, (widest - 3 * (tried - 1)) / tried));
    if (fits > size) [size, columns] = [fits, tried];
    if (size >= (name ? NAMED : ENOUGH) * area.unit) break; // names have no room beside one another
  }
  size = Math.max(8, size);
  const rows = Math.ceil(count / columns);
  const pitch = Math.min(size * 1.25 + name, height / rows);
  const top = area.top + (height - rows * pitch) / 2;
  const width = columns * (size + 3) - 3;
  const at = (/** @type {number} */ x) =>
    neurons.map((neuron, k) => ({
      neuron,
      x: Math.round(x - width / 2 + (k % columns) * (size + 3)),
      y: Math.round(top + Math.floor(k / columns) * pitch + (pitch - name - size) / 2),
      size,
    }));
  return { width, at };
}
