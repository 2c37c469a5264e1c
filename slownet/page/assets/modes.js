/** What the lines and tiles of the net show: the one table of colour modes, in the order of the list. */

/** @typedef {import("./language.js").Key} Key
 *
 * @typedef {object} ColourMode
 * @property {Key} option what the list of modes calls it
 * @property {Key} quantity what the legend calls it
 * @property {Key | null} caption of the image of one neuron; null where that shows the weights
 * @property {boolean} isLasting whether the scale of the last frame serves all frames
 * @property {boolean} needsSample
 * @property {boolean} isBackward whether neurons show their deltas and not their values
 * @property {(net: import("./net.js").Net, pass: import("./net.js").Pass) => Float64Array} of a number for
 *   each weight
 */

export const DEFAULT_MODE = "weights";

/** @type {Record<string, ColourMode>} */
export const COLOUR_MODES = {
  weights: {
    option: "mode.weights.option",
    quantity: "mode.weights.quantity",
    caption: "mode.weights.caption",
    isLasting: true,
    needsSample: false,
    isBackward: false,
    of: (net, pass) => net.weights(pass.frame),
  },
  change: {
    option: "mode.change.option",
    quantity: "mode.change.quantity",
    caption: "mode.change.caption",
    isLasting: false,
    needsSample: false,
    isBackward: false,
    of: (net, pass) => changed(net, net.frames.before(pass.frame), pass.frame),
  },
  learned: {
    option: "mode.learned.option",
    quantity: "mode.learned.quantity",
    caption: "mode.learned.caption",
    isLasting: true,
    needsSample: false,
    isBackward: false,
    of: (net, pass) => changed(net, 0, pass.frame),
  },
  contribution: {
    option: "mode.contribution.option",
    quantity: "mode.contribution.quantity",
    caption: null,
    isLasting: false,
    needsSample: true,
    isBackward: false,
    of: (net, pass) => net.weights(pass.frame).map((weight, w) => weight * net.entering(pass, w)),
  },
  gradient: {
    option: "mode.gradient.option",
    quantity: "mode.gradient.quantity",
    caption: "mode.gradient.caption",
    isLasting: false,
    needsSample: true,
    isBackward: true,
    of: (net, pass) => net.weights(pass.frame).map((_, w) => net.gradient(pass, w)),
  },
};

/** @param {import("./net.js").Net} net @param {number} before @param {number} frame */
function changed(net, before, frame) {
  const start = net.weights(before);
  return net.weights(frame).map((weight, w) => weight - start[w]);
}
