/** Numbers as images: a sample, or the weights into a neuron. */

import { level } from "../colours.js";

/** Paint an image. @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} sample @param {number} side
 * @param {[number, number]} ink the numbers without ink, and full of it
 * @param {import("../colours.js").Theme} theme
 */
export function paintInk(canvas, sample, side, [low, high], theme) {
  canvas.width = side;
  canvas.height = side;
  const image = new ImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  for (let k = 0; k < pixels.length; k += 1) {
    const share = (sample[k] - low) / (high - low);
    pixels[k] = theme.values[Math.round(255 * Math.max(0, Math.min(1, share)))];
  }
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/** Paint the weights into a neuron, or what they contribute, as an image.
 * @param {HTMLCanvasElement} canvas @param {import("../net.js").Net} net @param {number} neuron
 * @param {Float64Array} shown @param {number} reach @param {import("../colours.js").Theme} theme
 */
export function paintWeights(canvas, net, neuron, shown, reach, theme) {
  const { side } = net.facts;
  canvas.width = side;
  canvas.height = side;
  const image = new ImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer).fill(theme.signs[128]);
  for (let w = net.first(neuron); w < net.end(neuron); w += 1) {
    if (net.source[w] < net.inputs) pixels[net.source[w]] = theme.signs[level(shown[w] / reach)];
  }
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}
