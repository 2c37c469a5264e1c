/** The net on its canvas: tiles of weights, discs of values, edges, and outputs with their names. */

import { css, FONT, level, readable } from "./colours.js";
import { fitted } from "./elements.js";
import { place } from "./geometry.js";
import { COLOUR_MODES } from "./modes.js";
import { cut, fitting, percent, plain, short, sized } from "./numbers.js";
import { spanned, TILE } from "./plane.js";

const WIDTHS = [0.5, 1, 1.6, 2.5, 3.6, 5];
const OPACITIES = [0.2, 0.36, 0.52, 0.7, 0.86, 1];
const MOST_EDGES = { few: 340, many: 150 }; // between two layers, and where there are thousands

/** @typedef {{weight: number, x0: number, y0: number, x1: number, y1: number, size: number, sign: number}} Edge */

export class NetView {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import("./net.js").Net} net
   * @param {import("./colours.js").Theme} theme
   */
  constructor(canvas, net, theme) {
    this.canvas = canvas;
    this.net = net;
    this.theme = theme;
    this.paper = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.atlas = document.createElement("canvas");
    /** @type {Edge[]} */
    this.edges = [];
    /** @type {import("./geometry.js").Places} */
    this.places = place(net, 100, 100);
    this.scales = new Map();
    this.unit = 1;
    this.isThinned = false;
    /** @type {string[][]} */
    this.legend = [];
    /** A prediction as text. @type {(k: number, value: number) => string} */
    this.predicted = (_, value) => String(value);
  }

  /** @param {number} size @param {number} [weight] */
  #font(size, weight = 400) {
    return `${weight} ${Math.round(size * this.unit)}px ${FONT}`;
  }

  /** Fit the canvas to its box on the page. */
  fit() {
    const box = fitted(this.canvas);
    this.unit = box.unit;
    this.paper.font = this.#font(13, 700);
    const measure = (/** @type {string} */ text) => this.paper.measureText(text).width;
    this.places = place(this.net, box.width, box.height, measure, this.unit);
    const side = this.side;
    this.atlas.width = side;
    this.atlas.height = side * Math.max(1, this.places.tiles.size);
    this.pixels = new ImageData(this.atlas.width, this.atlas.height);
  }

  /** Pixels a tile is wide and high. */
  get side() {
    return this.net.facts.side || TILE;
  }

  /** The number that is drawn for each weight. @param {string} mode @param {import("./net.js").Pass} pass */
  shownOf(mode, pass) {
    return COLOUR_MODES[mode].of(this.net, pass);
  }

  /** The size of a number that is drawn in full colour, among the weights into a layer.
   * @param {string} mode @param {number} l @param {Float64Array} shown @param {number} frame
   */
  scale(mode, l, shown, frame) {
    const { isLasting } = COLOUR_MODES[mode];
    const key = `${mode} ${l}`;
    if (isLasting && this.scales.has(key)) return this.scales.get(key);
    if (isLasting && frame !== this.net.frames.last) {
      const last = { frame: this.net.frames.last, value: [], delta: null };
      return this.scale(mode, l, this.shownOf(mode, /** @type {any} */ (last)), last.frame);
    }
    const { net } = this;
    const [first, end] = [net.first(net.begins[l]), net.end(net.begins[l + 1] - 1)];
    const stride = Math.max(1, Math.floor((end - first) / 4000));
    const sizes = [];
    for (let w = first; w < end; w += stride) sizes.push(Math.abs(shown[w]));
    const sorted = Float64Array.from(sizes.filter(Number.isFinite)).sort();
    const part = net.facts.side > 0 && l === 1 ? 0.995 : 0.9995;
    const found = sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] || 1e-12;
    if (isLasting) this.scales.set(key, found);
    return found;
  }

  /** Draw everything.
   * @param {any} state of the player
   * @param {import("./net.js").Pass} pass
   */
  paint(state, pass) {
    const { paper, places, net } = this;
    const shown = this.shownOf(state.colours, pass);
    paper.clearRect(0, 0, places.width, places.height);
    const reach = [0];
    for (let l = 1; l < net.layers.length; l += 1) {
      reach.push(this.scale(state.colours, l, shown, pass.frame));
    }
    this.#findEdges(shown, reach, state.chosen);
    this.#paintLeaders();
    this.#paintEdges(state.chosen);
    if (net.facts.side > 0) this.#paintWeightTiles(shown, reach[1], state.focus);
    else if (state.surfaces) this.#paintPlaneTiles(state.surfaces, state.focus);
    this.#paintDiscs(state, pass);
    if (net.facts.plane === null) this.#paintOutputs(state, pass);
    else this.#paintNames(state, pass);
    this.#paintHeadings();
    this.#describeScales(state, pass, reach);
  }

  /** Write the legend: what full colours and the widest lines mean.
   * @param {any} state @param {import("./net.js").Pass} pass @param {number[]} reach
   */
  #describeScales(state, pass, reach) {
    const { net } = this;
    const { facts, layers } = net;
    const mode = COLOUR_MODES[state.colours];
    const isBackward = mode.isBackward && pass.delta !== null;
    const lines = [];
    if (facts.side > 0) {
      const most = short(reach[1], 2);
      lines.push(["signs", `${mode.quantity} in an image: −${most} to +${most}`]);
    }
    const widest = reach.slice(facts.side > 0 ? 2 : 1).filter((size) => size > 1e-12);
    if (widest.length) {
      const ends = [Math.min(...widest), Math.max(...widest)].map((size) => short(size, 2));
      const most = widest.length < 4
        ? widest.map((size) => short(size, 2)).join(", ")
        : ends.join(" to ");
      const where = widest.length > 1 ? ", layer by layer" : "";
      lines.push(["edges", `${mode.quantity} above 0 / below 0; the widest: ${most}${where}`]);
    }
    if (facts.plane !== null) {
      lines.push(["signs", `in a tile: its neuron’s value at each point, ${spans(state.scales)}`]);
    } else if (isBackward) {
      lines.push(["signs", "delta of a neuron: − to +, full is the largest of its layer"]);
    } else {
      const drawn = layers.map((/** @type {any} */ _, /** @type {number} */ l) => l)
        .slice(facts.side > 0 ? 1 : 0);
      const ramps = drawn.filter((/** @type {number} */ l) => !net.isSigned(l));
      const signs = drawn.filter((/** @type {number} */ l) => net.isSigned(l));
      if (ramps.length) lines.push(["ramp", `value of a neuron: 0 to ${this.#fullest(ramps)}`]);
      if (signs.length) {
        lines.push(["signs", `value with a sign: − to +, full is ${this.#fullest(signs)}`]);
      }
    }
    this.legend = lines;
  }

  /** Which values of layers have the full colour, in words. @param {number[]} layers */
  #fullest(layers) {
    const all = layers.map((l) => {
      const bounds = this.net.bounds(l);
      return bounds ? plain(reachOf(bounds)) : "the largest of its layer";
    });
    const found = [...new Set(all)];
    return found.length > 1 ? `${found.join(" or ")}, layer by layer` : found[0];
  }

  /** The names of the classes below their tiles. @param {any} state @param {import("./net.js").Pass} pass */
  #paintNames(state, pass) {
    const { paper, places, net, theme } = this;
    const outputs = net.outputs(pass);
    if (outputs.length < 2) return;
    const first = net.neurons - outputs.length;
    const best = outputs.indexOf(Math.max(...outputs));
    paper.textAlign = "right";
    paper.textBaseline = "top";
    outputs.forEach((value, k) => {
      const tile = places.tiles.get(first + k);
      if (!tile) return;
      paper.fillStyle = theme.ink;
      paper.font = this.#font(12, k === best ? 700 : 400);
      const share = ` ${percent(value, 0)}${k === state.truth ? " true" : ""}`;
      const width = 110 * this.unit - paper.measureText(share).width;
      const name = cut(net.facts.classes[k] ?? "", width, (text) => paper.measureText(text).width);
      paper.fillText(name + share, tile.x + tile.size, tile.y + tile.size + 3);
    });
  }

  #paintHeadings() {
    const { paper, places, theme } = this;
    const { headings } = places;
    paper.textBaseline = "alphabetic";
    const wide = (/** @type {string} */ text) => paper.measureText(text).width;
    /** Where a heading begins and ends. @param {any} heading @param {string} text */
    const span = ({ x, align }, text) => {
      const all = wide(text);
      const from = Math.max(1, Math.min(align === "center" ? x - all / 2 : x, places.width - all - 1));
      return [from, from + all];
    };
    paper.font = this.#font(13, 700);
    const spans = headings.map((each) => span(each, each.text));
    const isTight = spans.some(([from], k) => k > 0 && from < spans[k - 1][1] + 6);
    headings.forEach((each, k) => {
      const text = isTight ? each.brief : each.text;
      paper.textAlign = "left";
      paper.font = this.#font(13, 700);
      paper.fillStyle = theme.ink;
      paper.fillText(text, span(each, text)[0], 15 * this.unit);
      paper.font = this.#font(12);
      paper.fillStyle = theme.muted;
      const [before, after] = [headings[k - 1], headings[k + 1]];
      const width = Math.min(
        before
          ? (before.align === "center" ? each.x - before.x : 2 * (each.x - before.x - 60))
          : Infinity,
        after ? after.x - each.x - (each.align === "center" ? 0 : 30) : places.width,
      );
      const below = cut(each.below, width - 4, wide);
      paper.fillText(below, span(each, below)[0], 31 * this.unit);
    });
  }

  /** @param {number} neuron @param {boolean} leaving */
  #end(neuron, leaving) {
    const disc = this.places.discs.get(neuron);
    if (disc) return [disc.x, disc.y];
    const tile = this.places.tiles.get(neuron);
    return tile ? [tile.x + (leaving ? tile.size : 0), tile.y + tile.size / 2] : null;
  }

  /** @param {Float64Array} shown @param {number[]} reach @param {any} chosen */
  #findEdges(shown, reach, chosen) {
    const { net } = this;
    const image = net.facts.side > 0;
    this.edges = [];
    this.isThinned = false;
    for (let l = 1; l < net.layers.length; l += 1) {
      /** @type {[number, number][]} */
      let found = [];
      const [first, end] = [net.first(net.begins[l]), net.end(net.begins[l + 1] - 1)];
      for (let w = first; w < end; w += 1) {
        const source = net.source[w];
        if (image && source < net.inputs) {
          w = Math.max(w, this.#lastOf(w, net.inputs));
          continue;
        }
        if (
          chosen?.neuron !== undefined && source !== chosen.neuron && net.target[w] !== chosen.neuron
        ) continue;
        const number = shown[w];
        if (Math.abs(number) > 0) found.push([w, number]);
      }
      const most = found.length > 2000 ? MOST_EDGES.many : MOST_EDGES.few;
      let least = 0; // where only large ones are left, their widths begin at the smallest of these
      if (found.length > most) {
        found = largest(found, most, reach[l]);
        least = found.reduce((all, each) => Math.min(all, Math.abs(each[1])), Infinity);
        if (least > 0.9 * reach[l]) least = 0;
        this.isThinned = true;
      }
      for (const [weight, number] of found) {
        const [from, to] = [this.#end(net.source[weight], true), this.#end(net.target[weight], false)];
        if (!from || !to) continue;
        const size = Math.min(
          WIDTHS.length - 1,
          Math.floor(((Math.abs(number) - least) / (reach[l] - least)) * WIDTHS.length),
        );
        this.edges.push({
          weight,
          x0: from[0],
          y0: from[1],
          x1: to[0],
          y1: to[1],
          size,
          sign: number > 0 ? 1 : -1,
        });
      }
    }
    this.edges.sort((a, b) => a.size - b.size);
  }

  /** The last of a run of weights from one of the inputs. @param {number} weight @param {number} inputs */
  #lastOf(weight, inputs) {
    const { net } = this;
    const end = net.end(net.target[weight]);
    return net.source[end - 1] < inputs ? end - 1 : weight;
  }

  /** @param {any} chosen */
  #paintEdges(chosen) {
    const { paper, theme } = this;
    const crowded = this.edges.length > 200;
    paper.lineCap = "round";
    for (let size = 0; size < WIDTHS.length; size += 1) {
      for (const sign of [-1, 1]) {
        paper.beginPath();
        for (const edge of this.edges) {
          if (edge.size !== size || edge.sign !== sign) continue;
          paper.moveTo(edge.x0, edge.y0);
          paper.lineTo(edge.x1, edge.y1);
        }
        paper.strokeStyle = sign > 0 ? theme.positive : theme.negative;
        paper.lineWidth = WIDTHS[size] * this.unit * (crowded ? 0.7 : 1);
        paper.globalAlpha = OPACITIES[size] * (crowded && size < WIDTHS.length - 1 ? 0.8 : 1);
        paper.setLineDash(sign > 0 ? [] : [7, 4]);
        paper.stroke();
      }
    }
    paper.setLineDash([]);
    paper.globalAlpha = 1;
    const edge = this.edges.find((each) => each.weight === chosen?.weight);
    if (edge) {
      paper.strokeStyle = theme.accent;
      paper.lineWidth = 3;
      paper.beginPath();
      paper.moveTo(edge.x0, edge.y0);
      paper.lineTo(edge.x1, edge.y1);
      paper.stroke();
    }
  }

  #paintLeaders() {
    const { paper, places, theme } = this;
    if (this.net.facts.plane) return;
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

  /** @param {Float64Array} shown @param {number} reach @param {number} focus */
  #paintWeightTiles(shown, reach, focus) {
    const { net, theme, places, side } = this;
    if (!this.pixels) return;
    const pixels = new Uint32Array(this.pixels.data.buffer);
    const count = side * side;
    const middle = theme.signs[128];
    let k = 0;
    for (const neuron of places.tiles.keys()) {
      const first = k * count;
      pixels.fill(middle, first, first + count);
      const end = net.end(neuron);
      for (let w = net.first(neuron); w < end; w += 1) {
        if (net.source[w] < count) pixels[first + net.source[w]] = theme.signs[level(shown[w] / reach)];
      }
      k += 1;
    }
    this.#paintTiles(focus);
  }

  /** @param {Map<number, Uint32Array>} surfaces @param {number} focus */
  #paintPlaneTiles(surfaces, focus) {
    if (!this.pixels) return;
    const pixels = new Uint32Array(this.pixels.data.buffer);
    let k = 0;
    for (const neuron of this.places.tiles.keys()) {
      const surface = surfaces.get(neuron);
      if (surface) pixels.set(surface, k * this.side * this.side);
      k += 1;
    }
    this.#paintTiles(focus);
  }

  /** @param {number} focus */
  #paintTiles(focus) {
    const { paper, theme, places, side } = this;
    if (!this.pixels) return;
    this.atlas.getContext("2d")?.putImageData(this.pixels, 0, 0);
    paper.imageSmoothingEnabled = false;
    let k = 0;
    for (const [neuron, { x, y, size }] of places.tiles) {
      paper.drawImage(this.atlas, 0, k * side, side, side, x, y, size, size);
      const on = neuron === focus;
      paper.strokeStyle = on ? theme.accent : theme.muted;
      paper.lineWidth = on ? 3 : 0.8;
      paper.strokeRect(x - 0.5, y - 0.5, size + 1, size + 1);
      k += 1;
    }
  }

  /** What is drawn in full colour: the largest number of a layer in the frame; for values, the largest
   * that its activation can give, where there is one.
   * @param {import("./net.js").Pass} pass @param {number} l @param {"value" | "delta"} which
   */
  #reach(pass, l, which) {
    const numbers = (pass[which] ?? pass.value).subarray(this.net.begins[l], this.net.begins[l + 1]);
    let largest = 0;
    for (const number of numbers) largest = Math.max(largest, Math.abs(number));
    const bounds = which === "value" ? this.net.bounds(l) : null;
    return bounds ? reachOf(bounds) : largest || 1;
  }

  /** @param {any} state @param {import("./net.js").Pass} pass */
  #paintDiscs(state, pass) {
    const { paper, theme, places, net } = this;
    const backward = COLOUR_MODES[state.colours].isBackward && pass.delta !== null;
    const which = backward ? "delta" : "value";
    const reaches = net.layers.map((/** @type {any} */ _, /** @type {number} */ l) =>
      this.#reach(pass, l, which)
    );
    const empty = pass.sample.length === 0 || state.isEmpty;
    for (const { neuron, x, y, r } of places.discs.values()) {
      const l = net.layerOf[neuron];
      const number = backward && pass.delta ? pass.delta[neuron] : pass.value[neuron];
      const signed = backward || net.isSigned(l) || number < 0;
      const share = empty || (l === 0 && backward) ? 0 : number / reaches[l];
      const fill = signed ? theme.signed(share) : theme.filled(share);
      paper.beginPath();
      paper.arc(x, y, r, 0, 2 * Math.PI);
      paper.fillStyle = css(fill);
      paper.fill();
      const on = neuron === state.focus || neuron === state.chosen?.neuron;
      paper.strokeStyle = on ? theme.accent : theme.ink;
      paper.lineWidth = on ? 3 : r > 6 ? 1.1 : 0.7;
      paper.stroke();
      if (l === 0) this.#paintInput(neuron, x, y, r, pass, empty, fill);
      else if (l === net.layers.length - 1 && r > 9 && net.facts.target_kind === "class") {
        const name = net.facts.classes[neuron - net.begins[l]] ?? "";
        if (name.length <= 2) {
          paper.fillStyle = readable(fill);
          paper.font = this.#font(14, 700);
          paper.textAlign = "center";
          paper.textBaseline = "middle";
          paper.fillText(name, x, y + 0.5);
        }
      }
    }
  }

  /** @param {number} neuron @param {number} x @param {number} y @param {number} r
   * @param {import("./net.js").Pass} pass @param {boolean} empty @param {number[]} fill of its disc
   */
  #paintInput(neuron, x, y, r, pass, empty, fill) {
    const { paper, theme, net, places } = this;
    const { preparation } = net;
    const wide = (/** @type {string} */ text) => paper.measureText(text).width;
    const number = (/** @type {number} */ width) =>
      empty
        ? ""
        : preparation.isThere
        ? fitting(pass.sample[neuron], width, wide)
        : sized(pass.value[neuron], 2);
    paper.textBaseline = "middle";
    paper.font = this.#font(12, 600);
    paper.fillStyle = theme.ink;
    if (net.facts.plane !== null) {
      paper.textAlign = "center";
      paper.fillText(preparation.cut(neuron, 2 * (x - 4), wide), x, y - r - 9 * this.unit);
      paper.font = this.#font(10, 600);
      paper.fillStyle = readable(fill);
      paper.fillText(number(2 * r - 4), x, y + 0.5);
      return;
    }
    const isLow = r < 10 * this.unit;
    const end = x - r - 5;
    paper.textAlign = "right";
    paper.font = this.#font(isLow ? 11 : 12);
    const left = places.margins.left - 6 - (isLow ? 40 * this.unit : 0);
    const up = isLow || empty ? 0 : 6 * this.unit;
    paper.fillText(preparation.cut(neuron, left, wide), end - (isLow ? 40 * this.unit : 0), y - up);
    paper.fillStyle = theme.muted;
    paper.font = this.#font(11);
    const widest = isLow ? 35 * this.unit : places.margins.left - 6;
    paper.fillText(number(widest), end, y + (isLow ? 0 : 8 * this.unit));
  }

  /** @param {any} state @param {import("./net.js").Pass} pass */
  #paintOutputs(state, pass) {
    const { paper, theme, places, net } = this;
    const { facts } = net;
    const outputs = net.outputs(pass);
    const first = net.neurons - outputs.length;
    const isClass = facts.target_kind === "class";
    const isShare = isClass || facts.target_kind === "binary";
    const best = outputs.reduce((all, value, k) => (value > outputs[all] ? k : all), 0);
    const { truth } = state;
    const isRight = best === truth;
    const names = net.outputNames;
    const wide = (/** @type {string} */ text) => paper.measureText(text).width;
    paper.textBaseline = "middle";
    paper.textAlign = "left";
    for (let k = 0; k < outputs.length; k += 1) {
      const disc = places.discs.get(first + k);
      if (!disc) continue;
      const isChosen = isClass && k === best;
      let x = disc.x + disc.r + 8;
      const low = places.isStacked ? 7 * this.unit : 0;
      paper.fillStyle = theme.ink;
      if (places.names && names[k]) {
        paper.font = this.#font(13, k === truth ? 700 : 400);
        paper.fillText(cut(names[k], places.names - 8, wide), x, disc.y - low);
      }
      x = places.bars?.x ?? x + (places.isStacked ? 0 : places.names);
      if (state.isEmpty) continue;
      if (places.bars && isShare) {
        const { length } = places.bars;
        const high = Math.min(18 * this.unit, disc.r * 1.3);
        paper.fillStyle = theme.faint;
        paper.fillRect(x, disc.y - high / 2, length, high);
        paper.fillStyle = isChosen && truth !== null
          ? (isRight ? theme.right : theme.wrong)
          : theme.muted;
        paper.fillRect(x, disc.y - high / 2, length * Math.max(0, Math.min(1, outputs[k])), high);
        if (k === truth) {
          paper.strokeStyle = theme.ink;
          paper.lineWidth = 1.5;
          paper.strokeRect(x, disc.y - high / 2, length, high);
        }
        x += length + 7;
      }
      if (isClass && outputs[k] < 0.005 && !isChosen && k !== truth) continue;
      const number = isShare
        ? percent(outputs[k], places.bars ? state.digits.percent : 0)
        : this.predicted(k, outputs[k]);
      const verdict = truth === null ? "" : isRight ? " ✓" : places.bars ? " ✗ wrong" : " ✗";
      const mark = isChosen
        ? verdict + (isRight && places.bars ? " right" : "")
        : k === truth
        ? " true"
        : "";
      paper.fillStyle = theme.ink;
      paper.font = this.#font(12, isChosen || k === truth ? 700 : 400);
      paper.fillText(number + mark, x, disc.y + low);
    }
  }

  /** What is drawn at a place: a pixel of a tile, a neuron, an edge; null for nothing.
   * @param {number} x @param {number} y
   * @returns {{neuron?: number, weight?: number} | null}
   */
  at(x, y) {
    const { places, net } = this;
    for (const { neuron, x: left, y: top, size } of places.tiles.values()) {
      if (x < left || x >= left + size || y < top || y >= top + size) continue;
      if (net.facts.plane !== null) return { neuron };
      const { side } = this;
      const pixel = Math.floor(((y - top) / size) * side) * side +
        Math.floor(((x - left) / size) * side);
      for (let w = net.first(neuron); w < net.end(neuron); w += 1) {
        if (net.source[w] === pixel) return { weight: w };
      }
      return { neuron };
    }
    for (const disc of places.discs.values()) {
      if (Math.hypot(x - disc.x, y - disc.y) <= Math.max(disc.r + 1, 7)) return { neuron: disc.neuron };
    }
    let best = null;
    let nearest = 6;
    for (const edge of this.edges) {
      const [dx, dy] = [edge.x1 - edge.x0, edge.y1 - edge.y0];
      const along = ((x - edge.x0) * dx + (y - edge.y0) * dy) / (dx * dx + dy * dy);
      if (along < 0 || along > 1) continue;
      const off = Math.hypot(x - edge.x0 - along * dx, y - edge.y0 - along * dy) - WIDTHS[edge.size] / 3;
      if (off < nearest) {
        nearest = off;
        best = { weight: edge.weight };
      }
    }
    return best;
  }
}

/** The size of the largest number within bounds. @param {number[]} bounds */
function reachOf(bounds) {
  return Math.max(...bounds.map(Math.abs)) || 1;
}

/** What the colours of each layer's tiles span. @param {[number, number][]} scales with the inputs' first */
function spans(scales) {
  const all = scales.slice(1).map((scale) => {
    const [low, high] = spanned(scale);
    return scale[0] ? `${low} to ${high}` : `±${high}`;
  });
  if (new Set(all).size === 1) return all[0];
  return `${all.join(", ")}, layer by layer`;
}

/** The entries with the largest numbers, found without sorting: this is done many times a second.
 * @param {[number, number][]} entries @param {number} most @param {number} reach
 */
function largest(entries, most, reach) {
  const counts = new Int32Array(1024);
  const bin = (/** @type {number} */ number) =>
    Math.min(1023, Math.floor(1024 * Math.abs(number) / reach));
  for (const [, number] of entries) counts[bin(number)] += 1;
  let least = 1023;
  for (let all = counts[least]; all < most; all += counts[least]) least -= 1;
  return entries.filter(([, number]) => bin(number) >= least).slice(0, most);
}
