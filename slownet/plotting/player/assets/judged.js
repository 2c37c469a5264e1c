/** How right the net is about all watched samples: a table of classes, or predictions beside targets. */

import { blend, css, FONT, readable } from "./colours.js";
import { short } from "./numbers.js";

export class Judged {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import("./net.js").Net} net
   * @param {import("./colours.js").Theme} theme
   */
  constructor(canvas, net, theme) {
    this.canvas = canvas;
    this.net = net;
    this.theme = theme;
    this.about = net.facts.judged;
    this.paper = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  }

  /** What is shown, in words. */
  get heading() {
    if (!this.about.count) return "";
    return this.about.kind === "number" ? "Predicted beside true" : "Confusion (rows: true)";
  }

  /** Fit the canvas to its box on the page. */
  fit() {
    if (this.about.kind === "class") {
      this.canvas.style.height = `${Math.min(186, 40 * this.net.facts.classes.length + 20)}px`;
    }
    const box = this.canvas.getBoundingClientRect();
    const sharp = Math.max(1, globalThis.devicePixelRatio || 1);
    this.canvas.width = Math.round(box.width * sharp);
    this.canvas.height = Math.round(box.height * sharp);
    this.paper.setTransform(sharp, 0, 0, sharp, 0, 0);
    this.size = [box.width, box.height];
  }

  /** How often each class was taken for each: [true][predicted]. @param {number} frame */
  table(frame) {
    const { decided, truth } = this.net.arrays;
    const classes = this.net.facts.classes.length;
    const table = Array.from({ length: classes }, () => new Array(classes).fill(0));
    for (let k = 0; k < this.about.count; k += 1) {
      table[truth[k]][decided[frame * this.about.count + k]] += 1;
    }
    return table;
  }

  /** @param {number} frame */
  paint(frame) {
    if (!this.about.count || !this.size) return;
    this.paper.clearRect(0, 0, this.size[0], this.size[1]);
    if (this.about.kind === "number") this.#paintNumbers(frame);
    else this.#paintTable(frame);
  }

  /** @param {number} frame */
  #paintTable(frame) {
    const { paper, theme, net } = this;
    const { classes } = net.facts;
    const table = this.table(frame);
    const [width, height] = this.size ?? [0, 0];
    const long = Math.max(...classes.map((/** @type {string} */ name) => name.length));
    const left = long > 2 ? 70 : 20;
    const foot = long > 2 && classes.length > 2 ? 0 : 18;
    const cell = Math.min((width - left) / classes.length, (height - foot) / classes.length, 40);
    const right = [];
    paper.textBaseline = "middle";
    for (let row = 0; row < classes.length; row += 1) {
      const all = table[row].reduce((a, b) => a + b, 0);
      right.push(`${classes[row]}: ${table[row][row]} of ${all}`);
      for (let column = 0; column < classes.length; column += 1) {
        const count = table[row][column];
        const share = all ? count / all : 0;
        const fill = blend(theme.activation, 0.06 + 0.9 * share);
        const [x, y] = [left + column * cell, row * cell];
        paper.fillStyle = css(fill);
        paper.fillRect(x + 0.5, y + 0.5, cell - 1, cell - 1);
        if (count && cell > 15) {
          paper.fillStyle = row === column ? readable(fill) : share > 0.3 ? readable(fill) : theme.wrong;
          paper.font = `${row === column ? 600 : 700} ${cell > 26 ? 13 : 10}px ${FONT}`;
          paper.textAlign = "center";
          paper.fillText(String(count), x + cell / 2, y + cell / 2 + 0.5);
        }
      }
      paper.fillStyle = theme.muted;
      paper.font = `12px ${FONT}`;
      paper.textAlign = "right";
      paper.fillText(classes[row], left - 6, row * cell + cell / 2, left - 8);
      if (foot) {
        paper.textAlign = "center";
        paper.fillText(classes[row], left + row * cell + cell / 2, classes.length * cell + 10, cell);
      }
    }
    this.canvas.setAttribute("aria-label", `Predicted right, by class: ${right.join("; ")}`);
  }

  /** @param {number} frame */
  #paintNumbers(frame) {
    const { paper, theme, net } = this;
    const { said, wanted } = net.arrays;
    const outputs = said.count / this.about.count;
    let [low, high] = [Infinity, -Infinity];
    for (const number of wanted) [low, high] = [Math.min(low, number), Math.max(high, number)];
    const room = 0.08 * (high - low) || 1;
    [low, high] = [low - room, high + room];
    const [width, height] = this.size ?? [0, 0];
    const edge = Math.min(width - 48, height - 22);
    const on = (/** @type {number} */ number) =>
      Math.max(0, Math.min(1, (number - low) / (high - low))) * edge;
    paper.strokeStyle = theme.line;
    paper.lineWidth = 1;
    paper.strokeRect(42.5, 0.5, edge, edge);
    paper.setLineDash([5, 4]);
    paper.beginPath();
    paper.moveTo(42, edge);
    paper.lineTo(42 + edge, 0);
    paper.stroke();
    paper.setLineDash([]);
    let off = 0;
    for (let k = 0; k < this.about.count; k += 1) {
      for (let n = 0; n < outputs; n += 1) {
        const prediction = said.at(frame, k * outputs + n);
        off += Math.abs(prediction - wanted[k * outputs + n]);
        paper.beginPath();
        paper.arc(42 + on(wanted[k * outputs + n]), edge - on(prediction), 2.5, 0, 2 * Math.PI);
        paper.fillStyle = theme.positive;
        paper.globalAlpha = 0.7;
        paper.fill();
      }
    }
    paper.globalAlpha = 1;
    paper.font = `12px ${FONT}`;
    paper.fillStyle = theme.muted;
    paper.textBaseline = "middle";
    paper.textAlign = "right";
    paper.fillText(short(high, 2), 38, 8);
    paper.fillText(short(low, 2), 38, edge - 6);
    paper.textAlign = "center";
    paper.fillText("true", 42 + edge / 2, edge + 12);
    const mean = short(off / (this.about.count * outputs), 2);
    this.canvas.setAttribute("aria-label", `Predictions are off by ${mean} on average`);
  }
}
