/** The predictions for all watched samples: a table of classes, or a chart of predictions and targets. */

import { blend, css, FONT, readable } from "../colours.js";
import { control, fitted, isLarge } from "../elements.js";
import { say } from "../language.js";
import { cut, fitting, short } from "../numbers.js";

export class Judged {
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
  }

  get about() {
    return this.net.frames.judging;
  }

  /** Fit the canvas to its box on the page. */
  fit() {
    this.canvas.style.height = `${this.#high()}px`;
    const box = fitted(this.canvas);
    this.size = [box.width, box.height];
    this.unit = box.unit;
  }

  /** How high the picture is: a table by its rows, a square as wide as there is room. */
  #high() {
    const rows = this.net.facts.classes.length;
    if (this.about.target_kind === "number") {
      const { width } = this.canvas.getBoundingClientRect();
      return Math.max(150, Math.min(width - 26, globalThis.innerHeight * 0.4));
    }
    const table = this.about.target_kind === "class" && !this.net.facts.plane
      ? Math.max(92, Math.min(184, 44 * rows + 16))
      : 190;
    return table * (isLarge() ? 1.3 : 1);
  }

  /** @param {string} text */
  #headline(text) {
    const place = control("judged-heading");
    if (place.textContent !== text) place.textContent = text;
  }

  /** Which samples are judged. */
  get #kind() {
    const { count, all, kind } = this.about;
    const isSpread = this.net.facts.held_out !== null; // over all of them
    return count < all && !isSpread ? "first" : kind;
  }

  /** How often each class was taken for each: [true][predicted]. @param {number} frame */
  table(frame) {
    const { decided, truth } = this.net.frames.judged(frame);
    const classes = this.net.facts.classes.length;
    const table = Array.from({ length: classes }, () => new Array(classes).fill(0));
    for (let k = 0; k < this.about.count; k += 1) {
      table[truth[k]][decided[k]] += 1;
    }
    return table;
  }

  /** @param {number} frame */
  paint(frame) {
    if (!this.about.count || !this.size?.[0]) return;
    this.paper.clearRect(0, 0, this.size[0], this.size[1]);
    if (this.about.target_kind === "number") this.#paintNumbers(frame);
    else this.#paintTable(frame);
  }

  /** @param {number} frame */
  #paintTable(frame) {
    const { paper, theme, net, unit = 1 } = this;
    const { classes } = net.facts;
    const count = classes.length;
    const table = this.table(frame);
    const [width, height] = this.size ?? [0, 0];
    const wide = (/** @type {string} */ text) => paper.measureText(text).width;
    paper.font = `${Math.round(12 * unit)}px ${FONT}`;
    const longest = Math.max(...classes.map(wide));
    const left = Math.min(longest + 8, width * 0.42);
    const foot = 17 * unit;
    const across = Math.min((width - left) / count, 96 * unit);
    const down = Math.min((height - foot) / count, 64 * unit);
    const below = classes.map((/** @type {string} */ name) => cut(name, across - 4, wide));
    const isNamed = below.every((/** @type {string} */ name, /** @type {number} */ k) =>
      name === classes[k] || name.length > 4
    );
    const right = [];
    paper.textBaseline = "middle";
    for (let row = 0; row < count; row += 1) {
      const all = table[row].reduce((a, b) => a + b, 0);
      right.push(say("judged.class", { name: classes[row], right: table[row][row], count: all }));
      for (let column = 0; column < count; column += 1) {
        const times = table[row][column];
        const fill = blend(theme.activation, 0.06 + 0.9 * (all ? times / all : 0));
        const [x, y] = [left + column * across, row * down];
        paper.fillStyle = css(fill);
        paper.fillRect(x + 0.5, y + 0.5, across - 1, down - 1);
        if (!times || down < 12 || across < 14) continue;
        paper.fillStyle = row === column || times > 0.1 * all ? readable(fill) : theme.wrong;
        const size = Math.min(13 * unit, 0.72 * down, (1.5 * across) / String(times).length);
        paper.font = `700 ${size}px ${FONT}`;
        paper.textAlign = "center";
        paper.fillText(String(times), x + across / 2, y + down / 2 + 0.5);
      }
      paper.fillStyle = theme.muted;
      paper.font = `${Math.min(12 * unit, down)}px ${FONT}`;
      paper.textAlign = "right";
      paper.fillText(cut(classes[row], left - 6, wide), left - 6, row * down + down / 2);
      paper.textAlign = "center";
      if (isNamed) paper.fillText(below[row], left + (row + 0.5) * across, count * down + foot / 2);
    }
    const diagonal = table.reduce((all, each, k) => all + each[k], 0);
    const { count: samples } = this.about;
    this.#headline(say(`judged.right.${this.#kind}`, { right: diagonal, count: samples }));
    this.canvas.setAttribute("aria-label", say("judged.classes", { classes: right.join("; ") }));
  }

  /** @param {number} frame */
  #paintNumbers(frame) {
    const { paper, theme, net } = this;
    const { predicted, truth: trueValues } = net.frames.judged(frame);
    const { preparation } = net;
    const outputs = predicted.length / this.about.count;
    // numbers in several units have no axis in common
    const isOwn = outputs === 1 && preparation.isThere;
    const truth = isOwn
      ? trueValues
      : preparation.preparedTargets(/** @type {Float64Array} */ (trueValues));
    const own = (/** @type {number} */ value) => isOwn ? preparation.own(0, value) : value;
    let [low, high] = [Infinity, -Infinity];
    for (const number of truth) [low, high] = [Math.min(low, number), Math.max(high, number)];
    const margin = 0.08 * (high - low) || 1;
    [low, high] = [low - margin, high + margin];
    const [width, height] = this.size ?? [0, 0];
    paper.font = `12px ${FONT}`;
    const wide = (/** @type {string} */ text) => paper.measureText(text).width;
    const step = 10 ** Math.floor(Math.log10(high - low) - 2);
    const round = (/** @type {number} */ end) => fitting(Math.round(end / step) * step, 37, wide);
    const ends = [high, low].map((end) => isOwn ? round(end) : short(end, 2));
    const left = Math.max(42, Math.ceil(Math.max(...ends.map(wide))) + 5);
    const edge = Math.min(width - left - 6, height - 22);
    const on = (/** @type {number} */ number) =>
      Math.max(0, Math.min(1, (number - low) / (high - low))) * edge;
    paper.strokeStyle = theme.line;
    paper.lineWidth = 1;
    paper.strokeRect(left + 0.5, 0.5, edge, edge);
    paper.setLineDash([5, 4]);
    paper.beginPath();
    paper.moveTo(left, edge);
    paper.lineTo(left + edge, 0);
    paper.stroke();
    paper.setLineDash([]);
    let off = 0;
    for (let k = 0; k < this.about.count; k += 1) {
      for (let n = 0; n < outputs; n += 1) {
        const prediction = own(predicted[k * outputs + n]);
        off += Math.abs(prediction - truth[k * outputs + n]);
        paper.beginPath();
        paper.arc(left + on(truth[k * outputs + n]), edge - on(prediction), 2.5, 0, 2 * Math.PI);
        paper.fillStyle = theme.positive;
        paper.globalAlpha = 0.7;
        paper.fill();
      }
    }
    paper.globalAlpha = 1;
    paper.fillStyle = theme.muted;
    paper.textBaseline = "middle";
    paper.textAlign = "right";
    paper.fillText(ends[0], left - 4, 8);
    paper.fillText(ends[1], left - 4, edge - 6);
    paper.textAlign = "center";
    const name = isOwn ? preparation.targets[0].name : "";
    const across = name ? say("judged.axis.true", { name }) : say("judged.axis");
    paper.fillText(cut(across, edge, wide), left + edge / 2, edge + 12);
    paper.fillText(say("judged.axis.said"), left - 22, edge / 2);
    const unit = isOwn ? preparation.unit(0) : preparation.scalesOutputs ? say("judged.prepared") : "";
    const mean = `${short(off / (this.about.count * outputs), 2)}${unit && ` ${unit}`}`;
    this.#headline(say(`judged.error.${this.#kind}`, { mean, count: this.about.count }));
    this.canvas.setAttribute("aria-label", say("judged.off", { mean }));
  }
}
