/** Nets of two inputs: the values of every neuron over their plane, and the training points. */

import { css, FONT, level } from "./colours.js";
import { control, element, fitted } from "./elements.js";
import { fixed, plain, THOUSANDS } from "./numbers.js";

const MARGIN = { left: 34, right: 8, top: 8, bottom: 24 };
const NAME = 15; // the width of a name that stands along its axis
export const TILE = 24; // points a row of a neuron's tile
const LARGE = { moving: 2 * TILE, still: 5 * TILE };
const MOST_MULTIPLIED = 1e7; // products to find the scales: with more, only every second, third, ... frame

/** Send every point of a square grid over the plane through the net.
 * @param {import("./net.js").Net} net @param {number} frame @param {number} size points a row
 * @returns {Float64Array[]} for every neuron, its value at every point
 */
export function valuesOver(net, frame, size) {
  const { plane } = net.facts;
  const count = size * size;
  const values = Array.from({ length: net.neurons }, () => new Float64Array(count));
  for (let k = 0; k < count; k += 1) {
    const x = plane.x[0] + ((k % size) + 0.5) * (plane.x[1] - plane.x[0]) / size;
    const y = plane.y[1] - (Math.floor(k / size) + 0.5) * (plane.y[1] - plane.y[0]) / size;
    values[0][k] = net.preparation.of(0, x);
    values[1][k] = net.preparation.of(1, y);
  }
  const weights = net.weights(frame);
  for (let l = 1; l < net.layers.length; l += 1) {
    const activation = net.activations[l - 1];
    for (let n = net.begins[l]; n < net.begins[l + 1]; n += 1) {
      const into = values[n].fill(net.bias(frame, n));
      for (let w = net.first(n); w < net.end(n); w += 1) {
        const [weight, from] = [weights[w], values[net.source[w]]];
        for (let k = 0; k < count; k += 1) into[k] += weight * from[k];
      }
      if (!activation.layerValues) {
        for (let k = 0; k < count; k += 1) into[k] = activation.value(into[k]);
      }
    }
    if (activation.layerValues) {
      layerOver(net.present(frame, l).map((n) => values[n]), activation, count);
    }
  }
  return values;
}

/** @param {Float64Array[]} values @param {any} activation @param {number} count */
function layerOver(values, activation, count) {
  const zs = new Float64Array(values.length);
  const out = new Float64Array(values.length);
  for (let k = 0; k < count; k += 1) {
    values.forEach((each, n) => (zs[n] = each[k]));
    activation.layerValues(zs, out);
    values.forEach((each, n) => (each[k] = out[n]));
  }
}

/** The scale of each layer, one for all frames: the value in the middle of the colours, and how far from
 * it they are full. It spans the range of the activation; where that has no end, the targets if the
 * outputs are numbers, or all values over the plane in any frame.
 * @param {import("./net.js").Net} net @returns {[number, number][]}
 */
export function scalesOver(net) {
  const { layers, facts, frames } = net;
  const largest = new Float64Array(layers.length);
  const isNumber = facts.target_kind === "number";
  const between = (
    /** @type {number} */ low,
    /** @type {number} */ high,
  ) => /** @type {[number, number]} */ ([(low + high) / 2, (high - low) / 2 || 1]);
  const known = layers.map((/** @type {any} */ _, /** @type {number} */ l) => {
    if (isNumber && l === layers.length - 1) {
      return between(Math.min(...net.targets), Math.max(...net.targets));
    }
    const bounds = net.bounds(l);
    return bounds && between(bounds[0], bounds[1]);
  });
  if (known.slice(1).every(Boolean)) return known;
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
  return known.map((/** @type {any} */ scale, /** @type {number} */ l) => scale ?? [0, largest[l] || 1]);
}

/** Paint values as pixels. @param {Float64Array} values @param {[number, number]} scale
 * @param {import("./colours.js").Theme} theme
 */
export function surface(values, [middle, reach], theme) {
  const pixels = new Uint32Array(values.length);
  for (let k = 0; k < pixels.length; k += 1) {
    pixels[k] = theme.signs[level((values[k] - middle) / reach)];
  }
  return pixels;
}

/** The ends of a scale as text. @param {[number, number]} scale @param {(end: number) => number} [own] */
export function spanned([middle, reach], own = (end) => end) {
  return [middle - reach, middle + reach].map((end) => plain(own(end), 2));
}

export class Plane {
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
    this.box = { x: 0, y: 0, size: 1 };
    this.image = document.createElement("canvas");
    this.resolution = 0;
    this.isTurned = false;
    this.scales = scalesOver(net);
    /** @type {Float64Array[]} */
    this.values = [];
    /** How a neuron is called. @type {(neuron: number) => string} */
    this.nameOf = (neuron) => `neuron ${neuron}`;
  }

  /** Fit the canvas to its box on the page. */
  fit() {
    const box = fitted(this.canvas);
    this.wide = box.width;
    this.high = box.height;
    this.paper.font = `12px ${FONT}`;
    const wide = (/** @type {string} */ text) => this.paper.measureText(text).width;
    const { plane } = this.net.facts;
    this.isTurned = wide(this.net.preparation.inputs[1].name) > MARGIN.left - 5; // a long name does
    const numbers = Math.max(...ticksOf(plane.y).map(({ text }) => wide(text)));
    const left = Math.max(MARGIN.left, numbers + 7 + (this.isTurned ? NAME : 0));
    const size = Math.max(
      40,
      Math.min(box.width - left - MARGIN.right, box.height - MARGIN.top - MARGIN.bottom),
    );
    this.box = {
      x: left,
      y: Math.max(MARGIN.top, (box.height - MARGIN.bottom - size) / 2),
      size,
    };
  }

  /** Compute the values of every neuron over the plane. @param {number} frame @param {boolean} moving */
  look(frame, moving) {
    this.resolution = moving ? LARGE.moving : LARGE.still;
    this.values = valuesOver(this.net, frame, this.resolution);
  }

  /** The values of every neuron, as the pixels of its tile. @returns {Map<number, Uint32Array>} */
  tiles() {
    const { resolution, values, net } = this;
    const apart = resolution / TILE;
    const tiles = new Map();
    for (let n = net.inputs; n < net.neurons; n += 1) {
      const some = new Float64Array(TILE * TILE);
      for (let k = 0; k < some.length; k += 1) {
        const [row, column] = [
          Math.floor((Math.floor(k / TILE) + 0.5) * apart),
          Math.floor((k % TILE + 0.5) * apart),
        ];
        some[k] = values[n][row * resolution + column];
      }
      tiles.set(n, surface(some, this.scales[net.layerOf[n]], this.theme));
    }
    return tiles;
  }

  /** Draw the plane with the points.
   * @param {any} state of the player
   */
  paint(state) {
    const { net, paper, theme, box, image, resolution, values } = this;
    const last = net.layers.length - 1;
    const neuron = state.hovered?.neuron ?? state.chosen?.neuron;
    const one = neuron !== undefined && neuron >= net.inputs ? neuron : null;
    const drawn = one ?? net.neurons - 1;
    image.width = resolution;
    image.height = resolution;
    const data = new ImageData(resolution, resolution);
    const pixels = one === null && net.neurons - net.begins[last] > 1
      ? this.#classes(values.slice(net.begins[last]))
      : surface(values[drawn], this.scales[net.layerOf[drawn]], theme);
    new Uint32Array(data.data.buffer).set(pixels);
    image.getContext("2d")?.putImageData(data, 0, 0);
    paper.clearRect(0, 0, this.wide ?? 0, this.high ?? 0);
    paper.imageSmoothingEnabled = true;
    paper.drawImage(image, box.x, box.y, box.size, box.size);
    paper.strokeStyle = theme.muted;
    paper.lineWidth = 1;
    paper.strokeRect(box.x, box.y, box.size, box.size);
    this.#describe(one);
    this.#paintAxes();
    this.#paintPoints();
    this.#paintSample(state.sample);
  }

  /** Each point in the colour of the class with the largest output, the fainter the less sure.
   * @param {Float64Array[]} outputs
   */
  #classes(outputs) {
    const pixels = new Uint32Array(outputs[0].length);
    const chance = 1 / outputs.length;
    for (let k = 0; k < pixels.length; k += 1) {
      let best = 0;
      for (let n = 1; n < outputs.length; n += 1) if (outputs[n][k] > outputs[best][k]) best = n;
      const sure = 0.12 + 0.6 * Math.max(0, Math.min(1, (outputs[best][k] - chance) / (1 - chance)));
      const colour = this.theme.classes[best % this.theme.classes.length];
      const ground = this.theme.isDark ? 20 : 255;
      const [red, green, blue] = [1, 3, 5].map((at) =>
        Math.round(ground + (parseInt(colour.slice(at, at + 2), 16) - ground) * sure)
      );
      pixels[k] = (255 << 24) | (blue << 16) | (green << 8) | red;
    }
    return pixels;
  }

  /** Write above and below the plane what it shows.
   * @param {number | null} one neuron, or the outputs
   */
  #describe(one) {
    const { net } = this;
    const { facts } = net;
    const first = net.begins[net.layers.length - 1];
    const what = one === null ? "What the net says" : `${this.nameOf(one)} alone`;
    const isMany = net.neurons - first > 1;
    const marks = facts.target_kind === "number" ? [] : facts.classes.map(
      (/** @type {string} */ name, /** @type {number} */ k) => mark(this.#colourOf(k), k, name),
    );
    const name = control("plane-name");
    if (name.textContent !== what) name.textContent = what;
    const scale = element("span", {});
    if (one === null && isMany) scale.append("fainter: less sure");
    else {
      const { preparation } = net;
      const own = (/** @type {number} */ end) => one === null ? preparation.own(0, end) : end;
      const ends = spanned(this.scales[net.layerOf[one ?? first]], own);
      scale.append(ends[0], " ", element("i", { class: "signs" }), ` ${ends[1]} `);
      scale.append(one === null ? this.#meaning() : "its value");
    }
    control("plane-legend").replaceChildren(scale, ...marks);
  }

  /** What a large output means. */
  #meaning() {
    const { target_kind: kind, classes } = this.net.facts;
    if (kind === "binary") return `how sure it is of “${classes[1]}”`;
    return kind === "sign" ? `above 0 means “${classes[1]}”` : this.net.outputNames[0] ?? "the output";
  }

  /** @param {number} truth */
  #colourOf(truth) {
    const { theme, net } = this;
    if (net.neurons - net.begins[net.layers.length - 1] > 1) {
      return theme.classes[truth % theme.classes.length];
    }
    return truth ? theme.positive : theme.negative;
  }

  /** Where a point stands on the canvas. @param {ArrayLike<number>} point */
  #on(point) {
    const { plane } = this.net.facts;
    const { x, y, size } = this.box;
    return [
      x + (size * (point[0] - plane.x[0])) / (plane.x[1] - plane.x[0]),
      y + (size * (plane.y[1] - point[1])) / (plane.y[1] - plane.y[0]),
    ];
  }

  /** The point of the plane at a place of the canvas; null outside. @param {number} x @param {number} y */
  pointAt(x, y) {
    const { plane } = this.net.facts;
    const [across, down] = [(x - this.box.x) / this.box.size, (y - this.box.y) / this.box.size];
    if (across < 0 || across > 1 || down < 0 || down > 1) return null;
    return Float64Array.of(
      plane.x[0] + across * (plane.x[1] - plane.x[0]),
      plane.y[1] - down * (plane.y[1] - plane.y[0]),
    );
  }

  #paintAxes() {
    const { paper, theme, box, net } = this;
    const { plane } = net.facts;
    paper.font = `12px ${FONT}`;
    paper.fillStyle = theme.muted;
    paper.textBaseline = "top";
    const wide = (/** @type {string} */ text) => paper.measureText(text).width;
    const [across, up] = [0, 1].map((k) => net.preparation.cut(k, 0.6 * box.size, wide));
    const taken = [wide(across), this.isTurned ? 0 : 12];
    for (const [k, range] of [plane.x, plane.y].entries()) {
      for (const { share, text } of ticksOf(range)) {
        paper.textAlign = k ? "right" : "center";
        paper.textBaseline = k ? "middle" : "top";
        const half = k ? 0 : Math.max(0, wide(text) / 2 - 7);
        if (share < 0.06 || share > Math.min(0.9, 1 - (taken[k] + 14 + half) / box.size)) continue;
        if (k) paper.fillText(text, box.x - 5, box.y + box.size * (1 - share));
        else paper.fillText(text, box.x + box.size * share, box.y + box.size + 5);
      }
    }
    paper.textAlign = "right";
    paper.textBaseline = "top";
    paper.fillText(across, box.x + box.size, box.y + box.size + 5);
    if (!this.isTurned) {
      paper.textBaseline = "alphabetic";
      paper.fillText(up, box.x - 5, box.y + 10);
      return;
    }
    paper.save();
    paper.translate(1, box.y);
    paper.rotate(-Math.PI / 2);
    paper.fillText(up, 0, 0);
    paper.restore();
  }

  #paintPoints() {
    const { paper, theme, net } = this;
    const { samples } = net;
    const outputs = net.neurons - net.begins[net.layers.length - 1];
    const isNumber = net.facts.target_kind === "number";
    const [middle, reach] = this.scales[net.layers.length - 1];
    for (let k = 0; k < net.facts.samples.length; k += 1) {
      const [x, y] = this.#on(samples.subarray(2 * k, 2 * k + 2));
      const target = net.targets.subarray(outputs * k, outputs * (k + 1));
      const truth = outputs > 1
        ? target.indexOf(Math.max(...target))
        : Number(target[0] > (net.facts.target_kind === "sign" ? 0 : 0.5));
      paper.beginPath();
      marker(paper, isNumber ? 0 : truth, x, y, Math.max(3, Math.min(7, this.box.size / 90)));
      paper.fillStyle = isNumber
        ? css(theme.signed((target[0] - middle) / reach))
        : this.#colourOf(truth);
      paper.fill();
      paper.lineWidth = 1;
      paper.strokeStyle = isNumber ? theme.ink : theme.isDark ? "#10161c" : "#ffffff";
      paper.stroke();
    }
  }

  /** @param {ArrayLike<number>} sample */
  #paintSample(sample) {
    const { paper, theme } = this;
    const [x, y] = this.#on(sample);
    paper.strokeStyle = theme.accent;
    paper.lineWidth = 3;
    paper.beginPath();
    paper.arc(x, y, 8, 0, 2 * Math.PI);
    paper.moveTo(x - 13, y);
    paper.lineTo(x - 5, y);
    paper.moveTo(x + 5, y);
    paper.lineTo(x + 13, y);
    paper.stroke();
  }
}

/** A class in the legend: its marker and name. @param {string} colour @param {number} which @param {string} name */
function mark(colour, which, name) {
  const canvas = /** @type {HTMLCanvasElement} */ (element("canvas", { width: 28, height: 28 }));
  const paper = canvas.getContext("2d");
  if (paper) {
    paper.fillStyle = colour;
    paper.beginPath();
    marker(paper, which, 14, 14, 10);
    paper.fill();
  }
  return element("span", { class: "mark" }, canvas, name);
}

/** @param {CanvasRenderingContext2D} paper @param {number} which @param {number} x @param {number} y @param {number} r */
function marker(paper, which, x, y, r) {
  const corners = [0, 4, 3, 5, 6][which % 5];
  if (!corners) {
    paper.arc(x, y, r, 0, 2 * Math.PI);
    return;
  }
  for (let k = 0; k < corners; k += 1) {
    const angle = (2 * Math.PI * k) / corners - Math.PI / 2;
    const at = [x + 1.25 * r * Math.cos(angle), y + 1.25 * r * Math.sin(angle)];
    if (k) paper.lineTo(at[0], at[1]);
    else paper.moveTo(at[0], at[1]);
  }
  paper.closePath();
}

/** Round numbers along an axis: where they stand, from 0 to 1, and their texts.
 * @param {number[]} range @returns {{share: number, text: string}[]}
 */
function ticksOf([low, high]) {
  const step = niceStep(high - low);
  const most = Math.max(Math.abs(low), Math.abs(high));
  const [unit, sign] = THOUSANDS.find(([unit]) => most >= 100 * unit && step >= unit / 1000) ?? [1, ""];
  const digits = Math.max(0, Math.ceil(-Math.log10(step / unit)));
  const count = Math.floor(high / step) - Math.ceil(low / step) + 1;
  return Array.from({ length: Math.min(count, 20) }, (_, k) => {
    const tick = (Math.ceil(low / step) + k) * step;
    const text = digits > 4 ? plain(tick, 4) : fixed(tick / unit, digits) + (tick ? sign : "");
    return { share: (tick - low) / (high - low), text };
  });
}

/** @param {number} span */
function niceStep(span) {
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
}
