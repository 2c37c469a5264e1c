/** Numbers of the page as tables for other programs: CSV, every number with all its digits. */

/** The weights and biases of the step that is shown. @param {import("./player.js").Player} player
 * @returns {import("./files.js").File}
 */
export function weightsOf({ net, state: { frame } }) {
  const place = (/** @type {number} */ neuron) => net.idsOf(neuron).join(",");
  const weights = net.weights(frame);
  const lines = ["from layer,from neuron,to layer,to neuron,value"];
  for (let n = net.inputs; n < net.neurons; n += 1) {
    if (net.hasBias(frame, n)) lines.push(`bias,,${place(n)},${net.bias(frame, n)}`);
  }
  for (let w = 0; w < weights.length; w += 1) {
    if (!net.isGone(frame, w)) {
      lines.push(`${place(net.source[w])},${place(net.target[w])},${weights[w]}`);
    }
  }
  return file(`weights-step-${net.frames.stepOf(frame)}.csv`, lines);
}

/** The curves of loss and accuracy, by names that are the same in every language. @param {import("./player.js").Player} player
 * @returns {import("./files.js").File}
 */
export function curvesOf({ course }) {
  const lines = ["measure,of,step,value"];
  const all = course.lines();
  for (const measure of /** @type {const} */ (["loss", "accuracy"])) {
    for (const { role, of = role === "training" ? "batches" : role, x, y } of all[measure] ?? []) {
      for (let k = 0; k < x.length; k += 1) lines.push(`${measure},${of},${x[k]},${y[k]}`);
    }
  }
  return file("curves.csv", lines);
}

/** @param {string} name @param {string[]} lines */
function file(name, lines) {
  return { name, type: "text/csv", content: `${lines.join("\r\n")}\r\n` };
}
