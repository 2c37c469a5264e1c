/** The input image, on which a digit can be drawn; it is scaled and centred as MNIST's digits were. */

import { paintInk } from "./images.js";

const DOTS = 12; // dots of the drawing for a pixel of the input

/**
 * Return a drawing in the form of the training images: scaled, its proportions kept, to fit a box of 20/28 of the
 * side, and moved so that its centre of mass stands in the middle of pixel side/2, counted from 0 (as LeCun,
 * Cortes and Burges describe the making of MNIST, and as its digits are).
 * @param {ArrayLike<number>} ink from 0 to 1, square, row by row
 * @param {number} side of the result
 * @returns {Float64Array} from 0 to 1
 */
export function normalised(ink, side) {
  const size = Math.round(Math.sqrt(ink.length));
  const box = { left: size, right: -1, top: size, bottom: -1 };
  for (let k = 0; k < ink.length; k += 1) {
    if (ink[k] <= 0.02) continue;
    const [x, y] = [k % size, Math.floor(k / size)];
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  const result = new Float64Array(side * side);
  if (box.right < 0) return result;
  const longest = Math.max(box.right - box.left, box.bottom - box.top) + 1;
  const dots = longest / Math.round((side * 20) / 28); // of the drawing a pixel of the result
  let [mass, across, down] = [0, 0, 0];
  for (let y = box.top; y <= box.bottom; y += 1) {
    for (let x = box.left; x <= box.right; x += 1) {
      const weight = ink[y * size + x];
      mass += weight;
      across += weight * (x + 0.5);
      down += weight * (y + 0.5);
    }
  }
  const before = (side / 2 + 0.5) * dots;
  const [x0, y0] = [across / mass - before, down / mass - before];
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      result[row * side + column] = mean(ink, size, x0 + column * dots, y0 + row * dots, dots);
    }
  }
  const most = Math.max(...result);
  return most > 0 ? result.map((value) => Math.round((255 * value) / most) / 255) : result;
}

/** The mean of a square of the drawing. @param {ArrayLike<number>} ink @param {number} size
 * @param {number} x @param {number} y @param {number} wide
 */
function mean(ink, size, x, y, wide) {
  let total = 0;
  const [right, bottom] = [x + wide, y + wide];
  for (let row = Math.max(0, Math.floor(y)); row < Math.min(size, bottom); row += 1) {
    const high = Math.min(row + 1, bottom) - Math.max(row, y);
    for (let column = Math.max(0, Math.floor(x)); column < Math.min(size, right); column += 1) {
      total += ink[row * size + column] * high * (Math.min(column + 1, right) - Math.max(column, x));
    }
  }
  return total / (wide * wide);
}

export class Pad {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} side pixels of the input a row
   * @param {[number, number]} ink the numbers without ink, and full of it
   * @param {(sample: Float64Array, isBlank: boolean) => void} drawn called whenever the drawing has changed
   */
  constructor(canvas, side, ink, drawn) {
    this.canvas = canvas;
    this.side = side;
    this.range = ink;
    this.drawn = drawn;
    this.size = side * DOTS;
    this.ink = new Float64Array(this.size * this.size);
    /** the places that each stroke goes through; null where the sheet shows a sample
     * @type {number[][][] | null} */
    this.strokes = null;
    this.pointer = /** @type {number | null} */ (null); // the finger or the mouse that draws
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
      canvas.addEventListener(name, (event) => this.#up(event));
    }
  }

  /** Whether the pen is down. */
  get isDrawing() {
    return this.pointer !== null;
  }

  /** Begin with an empty sheet. */
  clear() {
    this.#begin([]);
    this.#show();
  }

  /** Take the last stroke back. */
  undo() {
    if (!this.strokes?.length || this.isDrawing) return;
    this.#begin(this.strokes.slice(0, -1));
    this.#show();
  }

  /** A sample is shown: what is drawn next begins with an empty sheet. */
  leave() {
    this.strokes = null;
  }

  /** Show a sample. @param {ArrayLike<number>} sample @param {import("../colours.js").Theme} theme */
  show(sample, theme) {
    const { side, canvas } = this;
    if (this.isDrawing) paintInk(canvas, this.#raw(), side, [0, 1], theme);
    else paintInk(canvas, sample, side, this.range, theme);
  }

  /** Hand over the drawing in the units of the samples. */
  #show() {
    const [low, high] = this.range;
    const shares = normalised(this.ink, this.side);
    this.drawn(shares.map((share) => low + share * (high - low)), !this.strokes?.length);
  }

  /** The drawing as it is on the sheet, while the pen is down. */
  #raw() {
    const raw = new Float64Array(this.side * this.side);
    for (let k = 0; k < raw.length; k += 1) {
      raw[k] = mean(this.ink, this.size, (k % this.side) * DOTS, Math.floor(k / this.side) * DOTS, DOTS);
    }
    return raw;
  }

  /** @param {PointerEvent} event */
  #place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * this.size,
      ((event.clientY - box.top) / box.height) * this.size,
    ];
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0 || this.isDrawing) return;
    event.preventDefault();
    if (this.strokes === null) this.#begin([]);
    this.pointer = event.pointerId;
    this.canvas.setPointerCapture(event.pointerId);
    const place = this.#place(event);
    this.strokes?.push([place]);
    this.#stroke(place, place);
    this.#show();
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const stroke = this.strokes?.at(-1);
    if (event.pointerId !== this.pointer || !stroke) return;
    const place = this.#place(event);
    this.#stroke(stroke[stroke.length - 1], place);
    stroke.push(place);
    this.#show();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    this.#show();
  }

  /** Draw some strokes on an empty sheet. @param {number[][][]} strokes */
  #begin(strokes) {
    this.strokes = strokes;
    this.ink.fill(0);
    for (const places of strokes) {
      places.forEach((place, k) => this.#stroke(places[Math.max(0, k - 1)], place));
    }
  }

  /** Draw a thick line with soft edges. @param {number[]} from @param {number[]} to */
  #stroke(from, to) {
    const { size, ink } = this;
    const radius = 1.15 * DOTS;
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const length = dx * dx + dy * dy || 1e-9;
    const low = [Math.min(from[0], to[0]) - radius - 2, Math.min(from[1], to[1]) - radius - 2];
    const high = [Math.max(from[0], to[0]) + radius + 2, Math.max(from[1], to[1]) + radius + 2];
    for (let y = Math.max(0, Math.floor(low[1])); y < Math.min(size, high[1]); y += 1) {
      for (let x = Math.max(0, Math.floor(low[0])); x < Math.min(size, high[0]); x += 1) {
        const along = Math.max(0, Math.min(1, ((x - from[0]) * dx + (y - from[1]) * dy) / length));
        const off = Math.hypot(x - from[0] - along * dx, y - from[1] - along * dy);
        const dark = Math.max(0, Math.min(1, (radius - off) / (0.4 * DOTS) + 0.5));
        ink[y * size + x] = Math.max(ink[y * size + x], dark);
      }
    }
  }
}
