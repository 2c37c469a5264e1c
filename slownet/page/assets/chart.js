/** One chart: lines over the steps of a training, drawn anew as often as they change. */

import { START, stepAxis } from "./axes.js";
import { FONT } from "./colours.js";
import { control, element, fitted, optional, placeBeside } from "./elements.js";
import { say } from "./language.js";
import { counted } from "./numbers.js";

/**
 * @typedef {import("./charts.js").Line} Line
 * @typedef {import("./charts.js").Mark} Mark
 * @typedef {{line: Line, step: number, number: number}} Read a point of a line
 */

const LETTERS = 11; // their size, as all sizes in pixels on a small screen
const EDGES = { left: 44, right: 10, top: 6, bottom: 22 };
const GAP = 5; // between two texts
const NEAR = 6; // a mark is this near to the pointer
const WAIT = 300; // milliseconds until a description is written
const SIGNS = { original: "┅", training: "─", watched: "━", chosen: "━" }; // as thick as the lines
const ORDER = ["original", "training", "watched", "chosen"]; // what is drawn later is on top

export class Chart {
  /**
   * @param {string} name
   * @param {import("./charts.js").Kind} kind
   * @param {import("./colours.js").Theme} theme
   */
  constructor(name, kind, theme) {
    this.canvas = control(`chart-${name}`, HTMLCanvasElement);
    this.legend = optional(`legend-${name}`);
    this.paper = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.kind = kind;
    this.theme = theme;
    this.lines = /** @type {Line[]} */ ([]);
    this.marks = /** @type {Mark[]} */ ([]);
    this.cursor = 0;
    this.last = 1;
    this.across = stepAxis(1);
    this.up = kind.axisOf([]);
    this.size = { width: 0, height: 0, unit: 1 };
    this.box = { left: 0, right: 0, top: 0, bottom: 0 };
    this.pointer = /** @type {{x: number, y: number} | null} */ (null); // on the page
    this.written = /** @type {string | null} */ (null);
    this.timer = 0;
    new ResizeObserver(() => this.fit()).observe(this.canvas);
    this.#listen();
  }

  /** Draw; what is not given stays as it is.
   * @param {{lines?: Line[], cursor?: number, marks?: Mark[], last?: number}} shown
   */
  show({ lines, cursor = this.cursor, marks = this.marks, last = this.last }) {
    if (last !== this.last) this.across = stepAxis(last);
    if (lines) {
      this.lines = lines;
      this.up = this.kind.axisOf(lines.map((line) => line.y));
      this.#explain();
    }
    Object.assign(this, { cursor, marks, last });
    this.paint();
  }

  /** Read how large the chart is on the page, and draw it, if it is shown. */
  fit() {
    if (!this.canvas.clientWidth) return;
    this.size = fitted(this.canvas);
    this.paint();
  }

  paint() {
    const { width, height, unit } = this.size;
    if (!width || !height) return;
    const { paper } = this;
    paper.clearRect(0, 0, width, height);
    paper.font = `${LETTERS * unit}px ${FONT}`;
    this.#paintAxes();
    paper.save();
    paper.beginPath();
    const { left, right, top, bottom } = this.box;
    paper.rect(left, top - 2, right - left + 2, bottom - top + 3);
    paper.clip();
    for (const { step } of this.marks) this.#paintMark(step);
    for (const role of ORDER) {
      for (const line of this.lines) if (line.role === role) this.#paintLine(line);
    }
    paper.restore();
    this.#paintUpright(this.x(this.cursor), this.theme.accent, 2);
    this.#read();
  }

  /** Where a step stands, in pixels from the left. @param {number} step */
  x(step) {
    const { low, high, place } = this.across;
    return this.box.left + ((place(step) - low) / (high - low)) * (this.box.right - this.box.left);
  }

  /** Where a number stands, in pixels from the top: a little outside, if it is far outside. @param {number} number */
  y(number) {
    const { low, high, place } = this.up;
    const share = (place(number) - low) / (high - low); // none, of a logarithm of what has none
    const shown = Number.isNaN(share) ? -0.1 : Math.max(-0.1, Math.min(1.1, share));
    return this.box.bottom - shown * (this.box.bottom - this.box.top);
  }

  #paintAxes() {
    const { paper, theme, across, up, size } = this;
    const { width, height, unit } = size;
    const wide = (/** @type {string} */ text) => paper.measureText(text).width;
    const top = EDGES.top;
    const bottom = Math.max(top + 1, height - EDGES.bottom * unit);
    this.box = { left: 0, right: width - EDGES.right, top, bottom };
    const high = (LETTERS + 2) * unit;
    const rows = withRoom(up.ticks, (tick) => [this.y(tick) - high / 2, this.y(tick) + high / 2], 0);
    const widest = Math.max(0, ...rows.map((tick) => wide(up.text(tick))));
    this.box.left = Math.min(width / 2, Math.max(EDGES.left * unit, widest + 8 * unit));
    const span = (/** @type {number} */ tick) => {
      const half = wide(across.text(tick)) / 2;
      return [this.x(tick) - half, this.x(tick) + half];
    };
    const columns = withRoom(across.ticks, span, GAP * unit);
    this.ticks = { rows, columns };
    const { left, right } = this.box;
    paper.lineWidth = 1;
    paper.fillStyle = theme.muted;
    paper.textBaseline = "middle";
    paper.textAlign = "right";
    for (const tick of rows) {
      const y = Math.round(this.y(tick)) + 0.5;
      this.#paintStroke(left, y, right, y, theme.faint);
      paper.fillText(up.text(tick), left - 5 * unit, this.y(tick) + 0.5);
    }
    paper.textAlign = "center";
    for (const tick of columns) {
      const x = Math.round(this.x(tick)) + 0.5;
      this.#paintStroke(x, top, x, bottom, theme.faint);
      paper.fillText(across.text(tick), this.x(tick), bottom + 11 * unit);
    }
    const end = columns.length ? span(columns[columns.length - 1])[1] : 0;
    const name = say("bar.step");
    if (end + GAP * unit < right - wide(name)) {
      paper.textAlign = "right";
      paper.fillText(name, right, bottom + 11 * unit);
    }
    const [x, y] = [Math.round(left) + 0.5, Math.round(bottom) + 0.5];
    this.#paintStroke(x, top, x, y, theme.line);
    this.#paintStroke(x, y, right, y, theme.line);
  }

  /** @param {number} x @param {number} y @param {number} right @param {number} below @param {string} colour */
  #paintStroke(x, y, right, below, colour) {
    this.paper.strokeStyle = colour;
    this.paper.beginPath();
    this.paper.moveTo(x, y);
    this.paper.lineTo(right, below);
    this.paper.stroke();
  }

  /** A line from the top to the bottom. @param {number} x @param {string} colour @param {number} width */
  #paintUpright(x, colour, width) {
    const sharp = Math.round(x) + (width / 2) % 1;
    this.paper.lineWidth = width;
    this.#paintStroke(sharp, this.box.top - 2, sharp, this.box.bottom, colour);
  }

  /** Where something was changed. @param {number} step */
  #paintMark(step) {
    const { paper, theme, box } = this;
    const x = Math.round(this.x(step)) + 0.5;
    paper.setLineDash([2, 2]);
    this.#paintUpright(x, theme.ink, 1);
    paper.setLineDash([]);
    paper.fillStyle = theme.ink;
    paper.beginPath();
    paper.moveTo(x - 4, box.top - 2);
    paper.lineTo(x + 4, box.top - 2);
    paper.lineTo(x, box.top + 4);
    paper.fill();
  }

  /** @param {import("./charts.js").Role} role */
  #colour(role) {
    const { muted, right, accent } = this.theme;
    return { training: muted, watched: right, original: muted, chosen: accent }[role];
  }

  /** @param {Line} line */
  #paintLine({ role, x, y }) {
    const { paper } = this;
    const colour = this.#colour(role);
    Object.assign(paper, { strokeStyle: colour, fillStyle: colour, lineJoin: "round" });
    paper.lineWidth = role === "watched" || role === "chosen" ? 2.25 : 1.25;
    paper.globalAlpha = role === "original" ? 0.6 : 1;
    paper.setLineDash(role === "original" ? [3, 3] : []);
    paper.beginPath();
    for (let k = 0; k < x.length; k += 1) {
      if (!Number.isFinite(y[k])) continue;
      const [across, down] = [this.x(x[k]), this.y(y[k])];
      if (k > 0 && Number.isFinite(y[k - 1])) paper.lineTo(across, down);
      else if (k + 1 < x.length && Number.isFinite(y[k + 1])) paper.moveTo(across, down);
      else paper.rect(across - 1, down - 1, 2, 2); // a point that is alone
    }
    paper.stroke();
    paper.setLineDash([]);
    paper.globalAlpha = 1;
  }

  // reading

  #listen() {
    const { canvas } = this;
    const take = (/** @type {PointerEvent} */ event) => {
      this.pointer = { x: event.clientX, y: event.clientY };
      this.paint();
    };
    canvas.addEventListener("pointermove", take);
    canvas.addEventListener("pointerdown", take);
    // a finger that was lifted has left, and what it tapped at stays readable until the next tap
    canvas.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "touch") this.#leave();
    });
    canvas.addEventListener("pointercancel", () => this.#leave());
    document.addEventListener("pointerdown", ({ target }) => {
      if (target !== canvas) this.#leave();
    });
  }

  #leave() {
    if (!this.pointer) return;
    this.pointer = null;
    control("tip").hidden = true;
    this.paint();
  }

  /** What stands at the step that is nearest to a place, of every line. @param {number} x @returns {Read[]} */
  at(x) {
    const all = this.lines.filter((line) => line.x.length);
    if (!all.length) return [];
    const found = all.map((line) => line.x[this.#nearest(line.x, x)]);
    const off = (/** @type {number} */ step) => Math.abs(this.x(step) - x);
    const step = found.reduce((best, each) => off(each) < off(best) ? each : best);
    return all.map((line) => {
      const k = this.#nearest(line.x, this.x(step));
      return { line, step: line.x[k], number: line.y[k] };
    }).sort((one, other) => Number(other.step === step) - Number(one.step === step));
  }

  /** @param {ArrayLike<number>} steps @param {number} x */
  #nearest(steps, x) {
    let [low, high] = [0, steps.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.x(steps[middle]) < x) low = middle;
      else high = middle;
    }
    return x - this.x(steps[low]) < this.x(steps[high]) - x ? low : high;
  }

  /** Show in numbers what is under the pointer. */
  #read() {
    if (!this.pointer) return;
    const { paper, theme, kind } = this;
    const x = this.pointer.x - this.canvas.getBoundingClientRect().left;
    const read = this.at(x).filter(({ number }) => !Number.isNaN(number)); // of a neuron that was not there
    const tip = control("tip");
    tip.hidden = !read.length;
    if (tip.hidden) return;
    const [{ step }] = read;
    this.#paintUpright(this.x(step), theme.muted, 1);
    for (const { line, step, number } of read) {
      if (!Number.isFinite(number)) continue;
      paper.fillStyle = this.#colour(line.role);
      paper.beginPath();
      paper.arc(this.x(step), this.y(number), 3.5, 0, 2 * Math.PI);
      paper.fill();
    }
    const changed = this.marks.filter((mark) => Math.abs(this.x(mark.step) - x) < NEAR);
    tip.replaceChildren(
      element("div", {}, say("chart.step", { step: stepText(step) })),
      ...read.map((each) => {
        const label = this.lines.length > 1 ? `${labelOf(each.line)} ` : "";
        const text = `${label}${kind.text(each.number)}`;
        const isOther = each.step !== step;
        const at = stepText(each.step);
        return element("div", {}, isOther ? say("chart.read.step", { text, step: at }) : text);
      }),
      ...changed.map(({ step, name }) =>
        element("div", {}, say("chart.changed", { step: stepText(step), name }))
      ),
    );
    placeBeside(tip, new DOMRect(this.pointer.x, this.pointer.y, 0, 0));
  }

  // words

  /** Write the key of the lines, and for those who do not see them a summary, a little later. */
  #explain() {
    const drawn = this.lines.map((line) => `${line.role} ${labelOf(line)} ${line.name}`).join("\n");
    if (this.legend && drawn !== this.written) {
      this.written = drawn;
      this.legend.replaceChildren(...this.lines.flatMap((line) => {
        const sign = element("b", { class: line.role }, SIGNS[line.role]);
        return [element("span", { title: line.name }, sign, ` ${labelOf(line)}`), " "];
      }));
      if (this.canvas.parentElement) this.canvas.parentElement.hidden = !this.lines.length;
    }
    this.timer ||= setTimeout(() => {
      this.timer = 0;
      this.canvas.setAttribute("aria-label", this.#summary());
    }, WAIT);
  }

  #summary() {
    const { what, text } = this.kind;
    const parts = this.lines.flatMap(({ name, y }) => {
      const known = Array.from(y).filter((number) => !Number.isNaN(number));
      const [first, last] = [known[0], known[known.length - 1]];
      return known.length
        ? [say("chart.summary.line", { name, first: text(first), last: text(last) })]
        : [];
    });
    const all = say(`chart.summary.${what}`, { count: this.last });
    return [all, parts.join("; ")].filter(Boolean).join(": ");
  }
}

/** @param {Line} line */
function labelOf({ role, label }) {
  return label ?? say(`line.label.${role}`);
}

/** @param {number} step */
function stepText(step) {
  return counted(step <= START ? 0 : step);
}

/** The finest ticks whose texts have room beside one another; of the coarsest ones, as many as have it.
 * @param {number[][]} choices @param {(tick: number) => number[]} span of a text @param {number} gap
 */
function withRoom(choices, span, gap) {
  for (const ticks of choices) {
    const spans = ticks.map(span).sort((one, other) => one[0] - other[0]);
    if (spans.every(([from], k) => k === 0 || from - spans[k - 1][1] >= gap)) return ticks;
  }
  return (choices[choices.length - 1] ?? []).slice(0, 1);
}
