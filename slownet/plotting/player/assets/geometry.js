/**
 * Where everything stands on the stage, in CSS pixels.
 *
 * @typedef {{neuron: number, x: number, y: number, r: number}} Disc
 * @typedef {{neuron: number, x: number, y: number, size: number}} Tile
 * @typedef {{width: number, height: number, discs: Map<number, Disc>, tiles: Map<number, Tile>,
 *   headings: {text: string, below: string, x: number, align: CanvasTextAlign}[],
 *   bars: {x: number, length: number} | null, names: number, notes: string[], inputs: number}} Places
 */

const TOP = 50;
const BOTTOM = 14;
const MOST = { inputs: 40, hidden: 128, outputs: 24 };
const LARGEST = { tile: 78, planeTile: 64, disc: 13, output: 17 };
const SMALLEST_PITCH = 13;

/** Place a net on a stage.
 * @param {import("./net.js").Net} net
 * @param {number} width
 * @param {number} height
 * @returns {Places}
 */
export function place(net, width, height) {
  const { facts } = net;
  const last = net.layers.length - 1;
  const shown = net.layers.map((/** @type {any} */ _, /** @type {number} */ l) => strongest(net, l));
  /** @type {Places} */
  const places = {
    width,
    height,
    discs: new Map(),
    tiles: new Map(),
    headings: [],
    bars: null,
    names: 0,
    notes: [],
    inputs: shown[0].length,
  };
  const narrow = width < 520;
  const room = { top: TOP, bottom: height - BOTTOM };
  const isPlane = facts.plane !== null;
  const isImage = facts.side > 0;
  places.names = isPlane ? 0 : outputRoom(facts, narrow);
  const bars = isPlane || narrow ? 0 : Math.max(90, Math.min(230, width * 0.24));
  const end = width - places.names - bars - (isPlane ? 34 : 46);
  let begin = 12;
  if (isImage) {
    const block = tileBlock(shown[1], begin, Math.min(width * (last > 2 ? 0.4 : 0.46), end - 90), room);
    block.tiles.forEach((tile) => places.tiles.set(tile.neuron, tile));
    places.headings.push({
      text: headed(net, 1, shown[1]),
      below: `${net.inputs} weights each, as an image`,
      x: begin,
      align: "left",
    });
    if (last > 1) {
      const width1 = columnWidth(shown[1].length, room);
      const x = block.right + 14 + width1 / 2;
      const ys = shown[1].length > 36 ? null : block.tiles.map((tile) => tile.y + tile.size / 2);
      column(shown[1], x, room, LARGEST.disc, ys).forEach((disc) => places.discs.set(disc.neuron, disc));
      begin = x;
    } else begin = block.right;
  } else {
    const left = isPlane ? 26 : inputRoom(facts, narrow);
    const discs = column(shown[0], left, room, LARGEST.output, null);
    discs.forEach((disc) => places.discs.set(disc.neuron, disc));
    begin = left;
    places.headings.push({ text: headed(net, 0, shown[0]), below: "", x: 8, align: "left" });
  }
  const first = isImage && last > 1 ? 2 : 1;
  const widths = shown.map((neurons, l) => l === last ? 0 : columnWidth(neurons.length, room));
  const between = widths.slice(first, last).reduce((a, b) => a + b, 0);
  const left = isPlane ? begin : begin + (last > 1 && isImage ? widths[1] : widths[0]) / 2;
  const gap = (end - left - (isPlane ? 0 : between)) / (last - first + 1);
  let x = left;
  for (let l = first; l <= last; l += 1) {
    x += gap + (isPlane ? 0 : widths[l] / 2);
    const at = l === last ? end : x;
    x += isPlane ? 0 : widths[l] / 2;
    if (isPlane) {
      planeTiles(net, shown[l], at, room, last).forEach((tile) => places.tiles.set(tile.neuron, tile));
    } else {
      const largest = l === last ? LARGEST.output : LARGEST.disc;
      column(shown[l], at, room, largest, null).forEach((disc) => places.discs.set(disc.neuron, disc));
    }
    const below = net.layers[l].activation;
    places.headings.push({ text: headed(net, l, shown[l]), below, x: at, align: "center" });
  }
  if (bars) places.bars = { x: end + LARGEST.output + places.names, length: bars - 26 };
  shown.forEach((neurons, l) => {
    const size = net.layers[l].neurons.length;
    if (neurons.length < size && !(isImage && l === 0)) {
      places.notes.push(
        `Of ${size} neurons in layer ${
          net.layers[l].id
        }, the ${neurons.length} with the largest weights are drawn.`,
      );
    }
  });
  return places;
}

/** @param {any} net @param {number} l @param {number[]} shown */
function headed(net, l, shown) {
  const size = net.layers[l].neurons.length;
  const count = shown.length < size ? `${shown.length} of ${size}` : String(size);
  if (l === 0) return size === 1 ? "Input" : `${count} inputs`;
  if (l === net.layers.length - 1) return size === 1 ? "Output" : "Outputs";
  return size === 1 ? "1 neuron" : `${count} neurons`;
}

/** @param {any} facts @param {boolean} narrow */
function outputRoom(facts, narrow) {
  const names = facts.kind === "class" ? facts.classes : [];
  const longest = Math.max(0, ...names.map((/** @type {string} */ name) => name.length));
  if (longest <= 2) return 14;
  return Math.min(narrow ? 70 : 130, 16 + 7 * longest);
}

/** @param {any} facts @param {boolean} narrow */
function inputRoom(facts, narrow) {
  const longest = Math.max(0, ...facts.inputs.map((/** @type {string} */ name) => name.length));
  return longest <= 3 ? 30 : Math.min(narrow ? 90 : 150, 30 + 6.5 * longest);
}

/** The neurons of a layer that are drawn: all, or those with the largest weights at the end.
 * @param {any} net @param {number} l @returns {number[]}
 */
export function strongest(net, l) {
  const [first, end] = [net.begins[l], net.begins[l + 1]];
  const all = Array.from({ length: end - first }, (_, k) => first + k);
  const last = net.layers.length - 1;
  const most = l === 0 ? MOST.inputs : l === last ? MOST.outputs : MOST.hidden;
  if (all.length <= most || (l === 0 && net.facts.side > 0)) return all;
  const weights = net.weights(net.frames - 1);
  const strength = new Float64Array(net.neurons);
  for (let w = 0; w < weights.length; w += 1) {
    strength[net.source[w]] += Math.abs(weights[w]);
    if (l > 0) strength[net.target[w]] += Math.abs(weights[w]);
  }
  return all.sort((a, b) => strength[b] - strength[a]).slice(0, most).sort((a, b) => a - b);
}

/** Place square tiles in staggered columns, as large as the room allows.
 * @param {number[]} neurons @param {number} x @param {number} widest
 * @param {{top: number, bottom: number}} room
 */
function tileBlock(neurons, x, widest, room) {
  const count = neurons.length;
  const height = room.bottom - room.top;
  let best = { size: 0, columns: 1 };
  for (let columns = 1; columns <= Math.min(count, 12); columns += 1) {
    const rows = Math.ceil(count / columns);
    const across = (widest - (columns - 1) * 4) / columns;
    const down = height / (rows + (columns > 1 ? 0.5 : 0)) - 4;
    const size = Math.floor(Math.min(across, down, LARGEST.tile));
    if (size > best.size) best = { size, columns };
  }
  const { size, columns } = best;
  const rows = Math.ceil(count / columns);
  const lag = columns > 1 ? Math.min(0.5, 1 / columns + 0.15) : 0;
  const pitch = Math.min(size * 1.3, (height - size - lag * size) / Math.max(1, rows - 1));
  const high = (rows - 1) * pitch + size * (1 + lag);
  const top = room.top + Math.max(0, (height - high) / 2);
  const gap = size > 40 ? 8 : 4;
  const tiles = neurons.map((neuron, k) => ({
    neuron,
    x: x + (k % columns) * (size + gap),
    y: Math.round(
      top + Math.floor(k / columns) * pitch +
        (columns > 1 ? (k % columns) / (columns - 1) : 0) * lag * size,
    ),
    size,
  }));
  return { tiles, right: x + columns * (size + gap) - gap };
}

/** @param {number} count @param {{top: number, bottom: number}} room */
function columnWidth(count, room) {
  const { columns, radius } = staggered(count, room, LARGEST.disc);
  return columns * (2 * radius + 3);
}

/** @param {number} count @param {{top: number, bottom: number}} room @param {number} largest */
function staggered(count, room, largest) {
  const height = room.bottom - room.top;
  const rows = Math.max(1, Math.floor(height / SMALLEST_PITCH));
  const columns = Math.ceil(count / rows);
  const pitch = Math.min(height / count, 64);
  const radius = Math.max(3, Math.min(largest, (columns * pitch) / 2 - 1.5));
  return { columns, pitch, radius };
}

/** Place the neurons of a layer one above the other, side by side where they are many.
 * @param {number[]} neurons @param {number} x
 * @param {{top: number, bottom: number}} room @param {number} largest @param {number[] | null} ys
 * @returns {Disc[]}
 */
function column(neurons, x, room, largest, ys) {
  const { columns, pitch, radius } = staggered(neurons.length, room, largest);
  const middle = (room.top + room.bottom) / 2;
  const gaps = ys
    ? [...ys].sort((a, b) => a - b).map((y, k, all) => (k ? y - all[k - 1] : Infinity))
    : [];
  const r = ys ? Math.max(4, Math.min(largest, Math.min(...gaps) / 2 - 1)) : radius;
  return neurons.map((neuron, k) => ({
    neuron,
    x: ys ? x : x + ((k % columns) - (columns - 1) / 2) * (2 * radius + 3),
    y: ys ? ys[k] : middle + (k - (neurons.length - 1) / 2) * pitch,
    r,
  }));
}

/** @param {any} net @param {number[]} neurons @param {number} x @param {any} room @param {number} last */
function planeTiles(net, neurons, x, room, last) {
  const height = room.bottom - room.top;
  const columns = Math.ceil(neurons.length / Math.floor(height / 26));
  const rows = Math.ceil(neurons.length / columns);
  const pitch = Math.min(LARGEST.planeTile * 1.14, height / rows);
  const size = Math.min(LARGEST.planeTile, pitch * 0.88, columns > 1 ? 30 : Infinity);
  const top = room.top + (height - rows * pitch) / 2;
  return neurons.map((neuron, k) => ({
    neuron,
    x: x + ((k % columns) - columns / 2) * (size + 3) + 1.5,
    y: top + Math.floor(k / columns) * pitch + (pitch - size) / 2,
    size: net.layerOf[neuron] === last ? Math.min(LARGEST.planeTile, pitch * 0.88) : size,
  }));
}
