/** Lines over the lower half of a scale, so that its two ends differ for who sees no colours, too. */

import { css } from "../colours.js";

const APART = 7; // CSS pixels between two lines
const STRENGTH = 0.28;
const FULL = 0.3; // of the scale below its middle, where lines have their full strength

/** Draw them where values are below the middle.
 * @param {CanvasRenderingContext2D} paper @param {{x: number, y: number, size: number}} box
 * @param {Float64Array} values of a square grid over the box @param {import("../types.d.ts").ValueScale} scale
 * @param {import("../colours.js").Theme} theme
 */
export function hatch(paper, box, values, scale, theme) {
  const lines = canvasOf(Math.ceil(2 * box.size));
  const pen = /** @type {CanvasRenderingContext2D} */ (lines.getContext("2d"));
  pen.strokeStyle = css(theme.signed(0));
  pen.lineWidth = 2;
  for (let at = -lines.width; at < lines.width; at += 2 * APART * Math.SQRT2) {
    pen.moveTo(at, lines.width);
    pen.lineTo(at + lines.width, 0);
  }
  pen.stroke();
  pen.globalCompositeOperation = "destination-in";
  pen.drawImage(below(values, scale), 0, 0, lines.width, lines.width);
  paper.drawImage(lines, box.x, box.y, box.size, box.size);
}

/** How far values are below the middle, as an image that is the less transparent. @param {Float64Array} values
 * @param {import("../types.d.ts").ValueScale} scale
 */
function below(values, [middle, reach]) {
  const mask = canvasOf(Math.round(Math.sqrt(values.length)));
  const image = new ImageData(mask.width, mask.width);
  for (let k = 0; k < values.length; k += 1) {
    const far = Math.max(0, Math.min(1, (middle - values[k]) / reach / FULL));
    image.data[4 * k + 3] = Math.round(255 * STRENGTH * far);
  }
  mask.getContext("2d")?.putImageData(image, 0, 0);
  return mask;
}

/** @param {number} size */
function canvasOf(size) {
  const canvas = document.createElement("canvas");
  canvas.width = size;
  canvas.height = size;
  return canvas;
}
