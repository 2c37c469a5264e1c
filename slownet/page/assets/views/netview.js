/** The net on its canvas: tiles of weights, discs of values, edges, and outputs with their names. */

import { FONT } from "../colours.js";
import { fitted } from "../elements.js";
import { COLOUR_MODES } from "../modes.js";
import { paintDiscs } from "./discs.js";
import { Edges } from "./edges.js";
import { place } from "./geometry.js";
import { paintHeadings } from "./headings.js";
import { legendOf } from "./legend.js";
import { paintNames, paintOutputs } from "./outputs.js";
import { lighted, paintLit } from "./lit.js";
import { chosenPixel, markTiles } from "./pixels.js";
import { TILE } from "./surfaces.js";
import { paintLeaders, Tiles } from "./tiles.js";

/**
 * @typedef {import("../net.js").Pass} Pass
 * @typedef {import("../types.d.ts").Chosen} Chosen
 * @typedef {import("../types.d.ts").Shown} Shown
 */

export class NetView {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import("../net.js").Net} net
   * @param {import("../colours.js").Theme} theme
   */
  constructor(canvas, net, theme) {
    this.canvas = canvas;
    this.net = net;
    this.theme = theme;
    this.paper = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.lines = new Edges(net);
    this.tiles = new Tiles(net, net.facts.side || TILE);
    this.places = place(net, 100, 100);
    /** @type {Map<string, number>} */
    this.scales = new Map();
    this.unit = 1;
    /** @type {import("../types.d.ts").LegendLine[]} */
    this.legend = [];
    /** A prediction as text. @type {(k: number, value: number) => string} */
    this.predicted = (_, value) => String(value);
    this.wide = (/** @type {string} */ text) => this.paper.measureText(text).width;
  }

  /** The lines that are drawn, the thinnest first. */
  get edges() {
    return this.lines.list;
  }

  /** Whether only the strongest lines are drawn. */
  get isThinned() {
    return this.lines.isThinned;
  }

  /** @param {number} size @param {number} [weight] */
  font(size, weight = 400) {
    return `${weight} ${Math.round(size * this.unit)}px ${FONT}`;
  }

  /** Fit the canvas to its box on the page. */
  fit() {
    const box = fitted(this.canvas);
    this.unit = box.unit;
    this.paper.font = this.font(13, 700);
    this.places = place(this.net, box.width, box.height, this.wide, this.unit);
    this.tiles.fit(this.places);
  }

  /** The number that is drawn for each weight. @param {string} mode @param {Pass} pass */
  shownOf(mode, pass) {
    return COLOUR_MODES[mode].of(this.net, pass);
  }

  /** The size of a number that is drawn in full colour, among the weights into a layer.
   * @param {string} mode @param {number} l @param {Float64Array} shown @param {number} frame
   * @returns {number}
   */
  scale(mode, l, shown, frame) {
    const { isLasting } = COLOUR_MODES[mode];
    const key = `${mode} ${l}`;
    const known = isLasting ? this.scales.get(key) : undefined;
    if (known !== undefined && !this.net.frames.grows) return known;
    if (isLasting && frame !== this.net.frames.last) {
      const last = this.net.frames.last; // all that a mode that lasts looks at
      const pass = /** @type {Pass} */ (/** @type {Pick<Pass, "frame">} */ ({ frame: last }));
      return this.scale(mode, l, this.shownOf(mode, pass), last);
    }
    const { net } = this;
    const [first, end] = [net.first(net.begins[l]), net.end(net.begins[l + 1] - 1)];
    const stride = Math.max(1, Math.floor((end - first) / 4000));
    const sizes = [];
    for (let w = first; w < end; w += stride) sizes.push(Math.abs(shown[w]));
    const sorted = Float64Array.from(sizes.filter(Number.isFinite)).sort();
    const part = net.facts.side > 0 && l === 1 ? 0.995 : 0.9995;
    const found = sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] || 1e-12;
    if (!isLasting) return found;
    const most = Math.max(found, known ?? 0);
    this.scales.set(key, most);
    return most;
  }

  /** Draw everything. @param {Shown} state @param {Pass} pass */
  paint(state, pass) {
    const { paper, places, net, lines, tiles } = this;
    const shown = this.shownOf(state.colours, pass);
    paper.clearRect(0, 0, places.width, places.height);
    const reach = [0];
    for (let l = 1; l < net.layers.length; l += 1) {
      reach.push(this.scale(state.colours, l, shown, pass.frame));
    }
    const lit = lighted(state);
    const line = lit ? (lit.weight === undefined ? null : lit) : state.chosen;
    lines.find(shown, reach, line, places);
    paintLeaders(this);
    lines.paint(this, line);
    if (net.facts.side > 0) tiles.paintWeights(this, shown, reach[1], state.focus);
    else if (state.surfaces) tiles.paintSurfaces(this, state.surfaces, state.focus);
    markTiles(this, net.facts.side, chosenPixel(net, lit ?? state.chosen));
    paintDiscs(this, state, pass);
    paintLit(this, state.apart?.lit ?? null);
    if (net.facts.plane === null) paintOutputs(this, state, pass, this.predicted);
    else paintNames(this, state, pass);
    paintHeadings(this);
    this.legend = legendOf(net, state, pass, reach);
  }

  /** The box of what stands at a place, on the canvas: of a tile or a disc; of a line, the place itself.
   * @param {number} x @param {number} y @param {number} near as for `at`
   * @returns {DOMRect}
   */
  boxAt(x, y, near) {
    for (const { x: left, y: top, size } of this.places.tiles.values()) {
      if (x >= left && x < left + size && y >= top && y < top + size) {
        return new DOMRect(left, top, size, size);
      }
    }
    const disc = this.#discAt(x, y, near);
    if (disc) return new DOMRect(disc.x - disc.r, disc.y - disc.r, 2 * disc.r, 2 * disc.r);
    return new DOMRect(x, y, 0, 0);
  }

  /** What is drawn at a place: a pixel of a tile, a neuron or what stands beside an output, an edge; null for
   * nothing.
   * @param {number} x @param {number} y @param {number} near how far from the middle of a neuron still means it
   * @returns {Chosen}
   */
  at(x, y, near) {
    const tile = this.tiles.at(x, y);
    if (tile) return tile;
    const disc = this.#discAt(x, y, near);
    return disc ? { neuron: disc.neuron } : this.lines.at(x, y) ?? this.#outputBeside(x, y);
  }

  /** The output whose name, bar or number stands at a place. @param {number} x @param {number} y @returns {Chosen} */
  #outputBeside(x, y) {
    const first = this.net.begins[this.net.layers.length - 1];
    for (const disc of this.places.discs.values()) {
      const isIn = x > disc.x && Math.abs(y - disc.y) <= disc.r;
      if (disc.neuron >= first && isIn) return { neuron: disc.neuron };
    }
    return null;
  }

  /** The nearest of the discs that a place means. @param {number} x @param {number} y @param {number} near */
  #discAt(x, y, near) {
    let [nearest, least] = [/** @type {import("../types.d.ts").Disc | null} */ (null), Infinity];
    for (const disc of this.places.discs.values()) {
      const off = Math.hypot(x - disc.x, y - disc.y);
      if (off <= Math.max(disc.r + 1, near) && off < least) [nearest, least] = [disc, off];
    }
    return nearest;
  }
}
