/** The tiles of neurons: their weights as an image, or their values over the plane. */

import { level } from "../colours.js";

/**
 * @typedef {import("../types.d.ts").Chosen} Chosen
 * @typedef {import("../types.d.ts").Drawing} Drawing
 * @typedef {import("../types.d.ts").Places} Places
 */

export class Tiles {
  /** @param {import("../net.js").Net} net @param {number} side pixels a tile is wide and high */
  constructor(net, side) {
    this.net = net;
    this.side = side;
    this.atlas = document.createElement("canvas");
    this.pixels = new ImageData(side, side);
    this.places = /** @type {Places["tiles"]} */ (new Map());
  }

  /** Have as many as stand on the canvas. @param {Places} places */
  fit({ tiles }) {
    this.places = tiles;
    this.atlas.width = this.side;
    this.atlas.height = this.side * Math.max(1, tiles.size);
    this.pixels = new ImageData(this.atlas.width, this.atlas.height);
  }

  /** The weights into each neuron. @param {Drawing} drawing @param {Float64Array} shown
   * @param {number} reach @param {number} focus
   */
  paintWeights(drawing, shown, reach, focus) {
    const { net, places, side } = this;
    const { theme } = drawing;
    const pixels = new Uint32Array(this.pixels.data.buffer);
    const count = side * side;
    const middle = theme.signs[128];
    let k = 0;
    for (const neuron of places.keys()) {
      const first = k * count;
      pixels.fill(middle, first, first + count);
      const end = net.end(neuron);
      for (let w = net.first(neuron); w < end; w += 1) {
        if (net.source[w] < count) pixels[first + net.source[w]] = theme.signs[level(shown[w] / reach)];
      }
      k += 1;
    }
    this.#paint(drawing, focus);
  }

  /** The values of each neuron over the plane, from pixels. @param {Drawing} drawing
   * @param {Map<number, Uint32Array>} surfaces @param {number} focus
   */
  paintSurfaces(drawing, surfaces, focus) {
    const pixels = new Uint32Array(this.pixels.data.buffer);
    let k = 0;
    for (const neuron of this.places.keys()) {
      const surface = surfaces.get(neuron);
      if (surface) pixels.set(surface, k * this.side * this.side);
      k += 1;
    }
    this.#paint(drawing, focus);
  }

  /** @param {Drawing} drawing @param {number} focus */
  #paint({ paper, theme }, focus) {
    const { places, side } = this;
    this.atlas.getContext("2d")?.putImageData(this.pixels, 0, 0);
    paper.imageSmoothingEnabled = false;
    let k = 0;
    for (const [neuron, { x, y, size }] of places) {
      paper.drawImage(this.atlas, 0, k * side, side, side, x, y, size, size);
      const on = neuron === focus;
      paper.strokeStyle = on ? theme.accent : theme.muted;
      paper.lineWidth = on ? 3 : 0.8;
      paper.strokeRect(x - 0.5, y - 0.5, size + 1, size + 1);
      k += 1;
    }
  }

  /** What is drawn at a place: a pixel is a weight. @param {number} x @param {number} y @returns {Chosen} */
  at(x, y) {
    const { net, side } = this;
    for (const { neuron, x: left, y: top, size } of this.places.values()) {
      if (x < left || x >= left + size || y < top || y >= top + size) continue;
      if (net.facts.plane !== null) return { neuron };
      const pixel = Math.floor(((y - top) / size) * side) * side +
        Math.floor(((x - left) / size) * side);
      for (let w = net.first(neuron); w < net.end(neuron); w += 1) {
        if (net.source[w] === pixel) return { weight: w };
      }
      return { neuron };
    }
    return null;
  }
}

/** Lines from tiles to the discs of the same neurons. @param {Drawing} drawing */
export function paintLeaders({ paper, places, theme, net }) {
  if (net.facts.plane) return;
  paper.strokeStyle = theme.line;
  paper.lineWidth = 1;
  paper.beginPath();
  for (const [neuron, tile] of places.tiles) {
    const disc = places.discs.get(neuron);
    if (!disc) continue;
    paper.moveTo(tile.x + tile.size, tile.y + tile.size / 2);
    paper.lineTo(disc.x, disc.y);
  }
  paper.stroke();
}
