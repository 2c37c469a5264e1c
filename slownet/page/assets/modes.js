/** What the lines and tiles of the net show: the one table of colour modes, in the order of the list. */

/**
 * @typedef {object} ColourMode
 * @property {string} option what the list of modes calls it
 * @property {string} quantity what the legend calls it
 * @property {string | null} caption of the image of one neuron; null where that shows the weights
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
    option: "weights",
    quantity: "weight",
    caption: "× weights",
    isLasting: true,
    needsSample: false,
    isBackward: false,
    of: (net, pass) => net.weights(pass.frame),
  },
  change: {
    option: "change since the snapshot before",
    quantity: "change of a weight",
    caption: "their change",
    isLasting: false,
    needsSample: false,
    isBackward: false,
    of: (net, pass) => changed(net, net.frames.before(pass.frame), pass.frame),
  },
  learned: {
    option: "learned: weight − its start",
    quantity: "weight − its start",
    caption: "learned so far",
    isLasting: true,
    needsSample: false,
    isBackward: false,
    of: (net, pass) => changed(net, 0, pass.frame),
  },
  contribution: {
    option: "contribution: weight × input",
    quantity: "weight × input",
    caption: null,
    isLasting: false,
    needsSample: true,
    isBackward: false,
    of: (net, pass) => net.weights(pass.frame).map((weight, w) => weight * pass.value[net.source[w]]),
  },
  gradient: {
    option: "gradient (backward)",
    quantity: "gradient of a weight",
    caption: "their gradients",
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
