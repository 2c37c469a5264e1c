/** The samples that accuracy and the table of classes are of, where a page holds some. */

import { Points } from "./curves.js";
import { Engine } from "./engine/engine.js";
import { judge } from "./engine/judging.js";
import { ListEngine } from "./engine/lists.js";
import { rowsOf } from "./engine/rows.js";
import { say } from "./language.js";

/**
 * @typedef {import("./facts.d.ts").Facts} Facts
 * @typedef {import("./payload.js").Arrays} Arrays
 * @typedef {import("./frames.js").Judging} Judging
 * @typedef {import("./frames.js").Measure} Measure
 * @typedef {{loss: number, accuracy: number | null, outputs: Float64Array}} Judged
 */

const MOST_KEPT = 400; // frames whose outputs stay in memory
const NO_SEED = /** @type {import("./engine/random.js").Key} */ ([0, 0]);
const PAUSES = 2; // as long as judging took, so that the page answers meanwhile

/** @param {Facts} facts @returns {Judging} */
export function judgingOf({ held_out: held, target_kind: kind }) {
  const target = kind === "number" ? "number" : "class";
  if (!held) return { count: 0, all: 0, kind: "watched", target_kind: target };
  return { count: held.count, all: held.all, kind: held.kind, target_kind: target };
}

/** A word for these samples beside the line of a chart. @param {Judging["kind"]} kind */
export function labelOf(kind) {
  return say(`line.label.${kind === "training" ? "samples" : kind}`);
}

/** What the bar shows of them. @param {Judging} judging @param {"loss" | "accuracy"} which
 * @param {number} value @returns {Measure}
 */
export function heldMeasure({ count, kind }, which, value) {
  const of = which === "loss"
    ? say(`bar.on.${kind}`, { count })
    : say(`bar.of.${kind}`, { right: Math.round(value * count), count });
  return { which, value, of, name: say(`measure.${which}.${kind}`, { count }) };
}

/** The classes of the held-out samples, or their numbers. @param {Facts} facts @param {Arrays} arrays */
export function truthOf(facts, arrays) {
  return arrays["held_out classes"] ?? classesOf(arrays["held_out targets"] ?? [], facts);
}

/** The class that the outputs or targets of each sample say; numbers as they are.
 * @param {Float64Array | number[]} outputs @param {Facts} facts @returns {Float64Array | number[]}
 */
export function classesOf(outputs, { target_kind: kind, classes }) {
  if (kind === "number") return outputs;
  if (kind !== "class") return Array.from(outputs, (each) => Number(each > (kind === "sign" ? 0 : 0.5)));
  const count = classes.length;
  return Array.from({ length: outputs.length / count }, (_, k) => {
    let best = 0;
    for (let j = 1; j < count; j += 1) {
      if (outputs[k * count + j] > outputs[k * count + best]) best = j;
    }
    return best;
  });
}

/** The held-out samples of a page of snapshots, judged by its engine with the weights of each. */
export class HeldOut {
  #points = { loss: new Points(), accuracy: new Points() };
  #known = /** @type {Map<number, Judged>} */ (new Map());

  /** null where there are none, or all are watched: the numbers of these are recorded.
   * @param {import("./net.js").Net} net @param {Arrays} arrays
   */
  static of(net, arrays) {
    const { facts } = net;
    if (!facts.held_out || facts.held_out.kind === "watched") return null;
    const rows = rowsOf({ ...facts, target_range: [null, null] }, arrays, "held_out");
    return rows && new HeldOut(net, rows.samples, truthOf(facts, arrays));
  }

  /** @param {import("./net.js").Net} net @param {import("./engine/samples.js").Samples} samples
   * @param {import("./frames.js").Judgement["truth"]} truth
   */
  constructor(net, samples, truth) {
    this.net = net;
    this.samples = samples;
    this.truth = truth;
    this.judging = judgingOf(net.facts);
  }

  /** @param {number} frame @returns {Judged} */
  in(frame) {
    const known = this.#known.get(frame);
    if (known) return known;
    const found = this.#judged(frame);
    if (this.#known.size >= MOST_KEPT) this.#known.delete([...this.#known.keys()][0]);
    this.#known.set(frame, found);
    const step = this.net.frames.stepOf(frame);
    this.#points.loss.add(step, found.loss);
    if (found.accuracy !== null) this.#points.accuracy.add(step, found.accuracy);
    return found;
  }

  /** @param {number} frame @returns {Judged} */
  #judged(frame) {
    const { net, samples } = this;
    const engine = engineOf(net, frame);
    const outputs = new Float64Array(samples.count * samples.outputs);
    const judged = (/** @type {number} */ k) => {
      const found = engine.judged(samples, k);
      outputs.set(found.values, k * samples.outputs);
      return found;
    };
    return { ...judge(samples, judged, net.facts.target_kind !== "number"), outputs };
  }

  /** @param {number} frame @returns {Measure[]} */
  measures(frame) {
    const { loss, accuracy } = this.in(frame);
    const { judging } = this;
    const ofLoss = heldMeasure(judging, "loss", loss);
    if (accuracy === null) return [ofLoss];
    return [{ ...ofLoss, of: "" }, heldMeasure(judging, "accuracy", accuracy)];
  }

  /** The line of the frames that are judged so far. @param {"loss" | "accuracy"} which
   * @returns {import("./charts.js").Line[]}
   */
  line(which) {
    const { kind } = this.judging;
    const points = this.#points[which];
    if (!points.steps.length) return [];
    return [{
      role: "watched",
      name: say(`line.${which}.${kind}`),
      label: labelOf(kind),
      ...points.line(),
    }];
  }

  /** Judge all frames, one after the other. @param {() => boolean} goesOn told of each, and asked */
  async all(goesOn) {
    for (const frame of spread(this.net.frames.count)) {
      if (this.#known.has(frame)) continue;
      const begin = performance.now();
      this.in(frame);
      const pause = PAUSES * (performance.now() - begin);
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (!goesOn()) return;
    }
  }
}

/** The engine with the numbers of a frame; it takes no step. @param {import("./net.js").Net} net
 * @param {number} frame
 */
function engineOf(net, frame) {
  const { facts, frames, loss } = net;
  const rules = {
    ...{ loss, targetKind: facts.target_kind },
    ...{ dropout: 0, dropconnect: 0, seed: NO_SEED, alpha: 0, clipNorm: null, plain: true },
    normFactor: () => 1,
  };
  const numbers = { weights: net.weights(frame), biases: net.biases(frame) };
  const fixed = { weights: null, biases: new Uint8Array(net.neurons) };
  if (frames.hasRemoved) return new ListEngine(net.graphIn(frame), numbers, fixed, rules);
  return new Engine(net.graph, numbers, fixed, rules, 1);
}

/** The numbers below one, such that the first few are far apart. @param {number} count */
function spread(count) {
  const order = [count - 1];
  for (let gap = 2 ** Math.ceil(Math.log2(count)); gap >= 1; gap /= 2) {
    for (let k = 0; k < count; k += gap) if (k % (2 * gap) !== 0 || k === 0) order.push(k);
  }
  return new Set(order);
}
