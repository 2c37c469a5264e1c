/** The plane of two inputs: what the net says at each point, and the training points. */

import { css, FONT } from "../colours.js";
import { control, element, fitted } from "../elements.js";
import { say } from "../language.js";
import { hatch } from "./hatching.js";
import { paintAxes, ticksOf } from "./planeaxes.js";
import { mark, marker } from "./markers.js";
import { grown, rangeOf, scalesOver, spanned, surface, TILE, valuesOver } from "./surfaces.js";

const MARGIN = { left: 34, right: 8, top: 8, bottom: 24 };
const ALONE = 14; // pixels around points that stand without axes
const NAME = 15; // the width of a name that stands along its axis
const LARGE = { moving: 2 * TILE, still: 5 * TILE }; // points a row
const SMALLEST = TILE / 3; // of a net that is wide
const MOST_PRODUCTS = { moving: 2e7, still: 2e8 }; // of all points: the page is not to stand still

export class Plane {
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
    this.size = { width: 0, height: 0 };
    this.box = { x: 0, y: 0, size: 1 };
    this.image = document.createElement("canvas");
    this.resolution = 0;
    this.wide = (/** @type {string} */ text) => this.paper.measureText(text).width;
    /** Whether the name of the second input stands along its axis. */
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
    this.size = box;
    this.paper.font = `12px ${FONT}`;
    const plane = rangeOf(this.net);
    this.isTurned = this.wide(this.net.preparation.inputs[1].name) > MARGIN.left - 5; // a long name does
    const numbers = Math.max(...ticksOf(plane.y).map(({ text }) => this.wide(text)));
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
    this.resolution = resolutionFor(this.net.source.length, moving ? "moving" : "still");
    this.values = valuesOver(this.net, frame, this.resolution);
    if (this.net.frames.grows) this.scales = grown(this.net, this.scales, this.values);
  }

  /** The values of every neuron, as the pixels of its tile. @returns {Map<number, Uint32Array>} */
  tiles() {
    const { resolution, values, net } = this;
    const apart = resolution / TILE;
    /** @type {Map<number, Uint32Array>} */
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
   * @param {import("../state.js").State} state
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
    const hasClasses = one === null && net.neurons - net.begins[last] > 1;
    const scale = this.scales[net.layerOf[drawn]];
    const pixels = hasClasses
      ? this.#classes(values.slice(net.begins[last]))
      : surface(values[drawn], scale, theme);
    new Uint32Array(data.data.buffer).set(pixels);
    image.getContext("2d")?.putImageData(data, 0, 0);
    paper.clearRect(0, 0, this.size.width, this.size.height);
    paper.imageSmoothingEnabled = true;
    paper.drawImage(image, box.x, box.y, box.size, box.size);
    if (!hasClasses) hatch(paper, box, values[drawn], scale, theme);
    paper.strokeStyle = theme.muted;
    paper.lineWidth = 1;
    paper.strokeRect(box.x, box.y, box.size, box.size);
    this.#describe(one);
    paintAxes(this);
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
    const what = one === null
      ? say("plane.heading")
      : say("plane.heading.alone", { name: this.nameOf(one) });
    const isMany = net.neurons - first > 1;
    const marks = facts.target_kind === "number" ? [] : facts.classes.map(
      (name, k) => mark(this.colourOf(k), k, name),
    );
    const name = control("plane-name");
    if (name.textContent !== what) name.textContent = what;
    const scale = element("span", {});
    if (one === null && isMany) scale.append(say("plane.fainter"));
    else {
      const { preparation } = net;
      const own = (/** @type {number} */ end) => one === null ? preparation.own(0, end) : end;
      const ends = spanned(this.scales[net.layerOf[one ?? first]], own);
      scale.append(ends[0], " ", element("i", { class: "signs" }), ` ${ends[1]} `);
      scale.append(one === null ? this.#meaning() : say("plane.value"));
    }
    control("plane-legend").replaceChildren(scale, ...marks);
  }

  /** What a large output means. */
  #meaning() {
    const { target_kind: kind, classes } = this.net.facts;
    if (kind === "binary") return say("plane.sure", { name: classes[1] });
    if (kind === "sign") return say("plane.above", { name: classes[1] });
    return this.net.outputNames[0] ?? say("plane.output");
  }

  /** @param {number} truth */
  colourOf(truth) {
    const { theme, net } = this;
    if (net.neurons - net.begins[net.layers.length - 1] > 1) {
      return theme.classes[truth % theme.classes.length];
    }
    return truth ? theme.positive : theme.negative;
  }

  /** Where a point stands on the canvas. @param {ArrayLike<number>} point */
  #on(point) {
    const plane = rangeOf(this.net);
    const { x, y, size } = this.box;
    return [
      x + (size * (point[0] - plane.x[0])) / (plane.x[1] - plane.x[0]),
      y + (size * (plane.y[1] - point[1])) / (plane.y[1] - plane.y[0]),
    ];
  }

  /** The point of the plane at a place of the canvas; null outside. @param {number} x @param {number} y */
  pointAt(x, y) {
    const plane = rangeOf(this.net);
    const [across, down] = [(x - this.box.x) / this.box.size, (y - this.box.y) / this.box.size];
    if (across < 0 || across > 1 || down < 0 || down > 1) return null;
    return Float64Array.of(
      plane.x[0] + across * (plane.x[1] - plane.x[0]),
      plane.y[1] - down * (plane.y[1] - plane.y[0]),
    );
  }

  /** The point that stands nearest to a place of the canvas, if it is near; its number.
   * @param {number} x @param {number} y @param {number} most CSS pixels
   */
  rowAt(x, y, most) {
    const { count, inputs } = this.net.frames.points;
    let [nearest, least] = [-1, most];
    for (let k = 0; k < count; k += 1) {
      const [across, down] = this.#on(inputs.subarray(2 * k, 2 * k + 2));
      const off = Math.hypot(across - x, down - y);
      if (off < least) [nearest, least] = [k, off];
    }
    return nearest < 0 ? null : nearest;
  }

  /** Draw the points and a sample on another canvas, without what the net says.
   * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} sample
   */
  paintOn(canvas, sample) {
    const other = new Plane(canvas, this.net, this.theme);
    const { width, height } = canvas;
    other.size = { width, height };
    other.box = { x: ALONE, y: ALONE, size: Math.min(width, height) - 2 * ALONE };
    other.#paintPoints();
    other.#paintSample(sample);
  }

  #paintPoints() {
    const { paper, theme, net } = this;
    const { count, inputs, targets } = net.frames.points;
    const outputs = net.neurons - net.begins[net.layers.length - 1];
    const isNumber = net.facts.target_kind === "number";
    const [middle, reach] = this.scales[net.layers.length - 1];
    for (let k = 0; k < count; k += 1) {
      const [x, y] = this.#on(inputs.subarray(2 * k, 2 * k + 2));
      const target = targets.subarray(outputs * k, outputs * (k + 1));
      const truth = outputs > 1
        ? target.indexOf(Math.max(...target))
        : Number(target[0] > (net.facts.target_kind === "sign" ? 0 : 0.5));
      paper.beginPath();
      marker(paper, isNumber ? 0 : truth, x, y, Math.max(3, Math.min(7, this.box.size / 90)));
      paper.fillStyle = isNumber
        ? css(theme.signed((target[0] - middle) / reach))
        : this.colourOf(truth);
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

/** How many points a row are looked at. @param {number} weights @param {"moving" | "still"} which */
export function resolutionFor(weights, which) {
  const sizes = [LARGE[which], LARGE.moving, TILE, SMALLEST];
  return sizes.find((size) => size * size * weights <= MOST_PRODUCTS[which]) ?? SMALLEST;
}
