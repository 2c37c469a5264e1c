/** A training that goes on in Python: the page paints the last numbers that it was sent.
 *
 * @typedef {import("./snapshots.js").Course} Course
 * @typedef {import("./frames.js").Measure} Measure
 * @typedef {import("./types.d.ts").Thing} Thing
 * @typedef {import("./engine/recipe.js").NetFormulas} NetFormulas
 *
 * @typedef {{role: import("./charts.js").Role, batches?: number, size?: string | null, samples?: number,
 *   kind?: "validation", x: DataView, y: DataView}} SentLine of batches that a number is a mean of, or of samples
 *
 * @typedef {object} Sent what Python sends, with float64 as bytes
 * @property {number} step
 * @property {number} epoch
 * @property {number | null} rate of the last step
 * @property {DataView} weights
 * @property {DataView} biases of the neurons after the inputs
 * @property {{which: "loss" | "accuracy", value: number | null, batches: number, size: string | null}[]} measures
 * @property {{loss: SentLine[], accuracy: SentLine[]}} lines
 *
 * @typedef {object} Moment
 * @property {number} step
 * @property {number} epoch
 * @property {number | null} rate
 * @property {Float64Array} weights
 * @property {Float64Array} biases of all neurons
 * @property {Measure[]} measures
 */

import { nameOf } from "./charts.js";
import { control } from "./elements.js";
import { graphOf } from "./engine/recipe.js";
import { Recorded } from "./frames.js";
import { say, speak } from "./language.js";
import { Net } from "./net.js";
import { listen, tell, tellHeight } from "./notebook.js";
import { inflate, readArrays } from "./payload.js";
import { hooks } from "./hooks.js";
import { Player } from "./player.js";
import { trainingMeasure } from "./progress.js";

const KEPT = 60; // moments from which histories are drawn
const MEASURES = /** @type {const} */ (["loss", "accuracy"]);

/** The frames of a training of which each moment is known when it comes; a frame is named by its step. */
class Moments extends Recorded {
  /** @param {Net} net @param {import("./payload.js").Arrays} arrays of its first snapshot */
  constructor(net, arrays) {
    super(net, arrays);
    const { steps, epochs } = net.facts.training;
    const biases = Float64Array.from(
      { length: net.neurons },
      (_, n) => n < net.inputs ? 0 : super.bias(0, n),
    );
    /** @type {Moment} */
    this.first = {
      step: steps[0],
      epoch: epochs[0],
      rate: null,
      weights: super.weights(0),
      biases,
      measures: measuresOf(net, []),
    };
    this.kept = [this.first]; // the last one is that of now
    this.last = steps[0];
    this.grows = true;
  }

  /** @param {Moment} moment */
  take(moment) {
    if (this.now.step === moment.step) this.kept.pop();
    this.kept.push(moment);
    if (this.kept.length > KEPT) this.kept = this.kept.filter((_, k) => k % 2 === 0 || k >= KEPT - 1);
    this.last = moment.step;
  }

  get now() {
    return this.kept[this.kept.length - 1];
  }

  /** @param {number} frame @returns {Moment} */
  #at(frame) {
    return this.kept.find(({ step }) => step === frame) ?? this.now;
  }

  /** @override @param {number} frame */
  stepOf(frame) {
    return this.#at(frame).step;
  }

  /** @override @param {number} frame */
  epochOf(frame) {
    return this.#at(frame).epoch;
  }

  /** @override */
  before() {
    return (this.kept[this.kept.length - 2] ?? this.first).step;
  }

  /** @override */
  goesOn() {
    return true;
  }

  /** @override @param {number} frame */
  rateOf(frame) {
    return this.#at(frame).rate;
  }

  /** @override @param {number} frame */
  measures(frame) {
    return this.#at(frame).measures;
  }

  /** @override @param {number} frame */
  weights(frame) {
    return this.#at(frame).weights;
  }

  /** @override @param {number} frame @param {number} weight */
  weight(frame, weight) {
    return this.#at(frame).weights[weight];
  }

  /** @override @param {number} frame @param {number} neuron */
  bias(frame, neuron) {
    return this.#at(frame).biases[neuron];
  }

  /** @override @param {number} _ @param {number} weight */
  isFrozen(_, weight) {
    return super.isFrozen(0, weight);
  }

  /** @override @param {number} _ @param {number} neuron */
  isBiasFrozen(_, neuron) {
    return super.isBiasFrozen(0, neuron);
  }

  /** @override @param {number} _ @param {number} neuron */
  hasBias(_, neuron) {
    return super.hasBias(0, neuron);
  }
}

/** @implements {Course} */
export class Fed {
  goal = null;

  /** @param {import("./facts.d.ts").Facts} facts @param {import("./payload.js").Arrays} arrays
   * @param {NetFormulas} formulas
   */
  constructor(facts, arrays, formulas) {
    const graph = graphOf(facts, arrays, formulas);
    this.net = new Net(facts, arrays, graph, formulas.loss, (net) => new Moments(net, arrays));
    this.shown = /** @type {import("./charts.js").Shown} */ ({ loss: [], accuracy: [] });
    this.first = this.frames.last;
    this.canTrain = false;
    this.problem = "";
    this.refused = /** @type {import("./engine/experiment.js").Edits} */ ([]);
  }

  get frames() {
    return /** @type {Moments} */ (this.net.frames);
  }

  get last() {
    return this.frames.last;
  }

  get lastPlace() {
    return this.net.facts.training.last;
  }

  /** Take over what Python has sent. @param {Sent} sent */
  take({ weights, biases, measures, lines, ...about }) {
    const { net } = this;
    const known = new Float64Array(net.neurons);
    known.set(numbers(biases), net.inputs);
    this.frames.take({
      ...about,
      weights: numbers(weights),
      biases: known,
      measures: measuresOf(net, measures),
    });
    const drawn = (/** @type {SentLine} */ { x, y, role, ...about }) => ({
      role,
      name: nameOf(about),
      label: about.kind && say(`line.label.${about.kind}`),
      x: numbers(x),
      y: numbers(y),
    });
    this.shown = { loss: lines.loss.map(drawn), accuracy: lines.accuracy.map(drawn) };
  }

  /** @param {number} step */
  placeOf(step) {
    return step;
  }

  placeOfStep() {
    return null; // it has no slider
  }

  frameAt() {
    return this.last;
  }

  nearest() {
    return this.last;
  }

  giveUp() {}

  played() {
    return null;
  }

  interval() {
    return 1000;
  }

  /** @param {number} _ @param {import("./snapshots.js").Arrived} arrived */
  go(_, arrived) {
    arrived(this.last, true);
  }

  lines() {
    return { ...this.shown, last: Math.max(this.lastPlace, 1) };
  }

  /** @param {Thing} thing @param {Float64Array} sample
   * @param {(steps: number[], numbers: number[]) => void} known
   */
  history({ weight, neuron = 0 }, sample, known) {
    const { net } = this;
    const { kept } = this.frames;
    const number = (/** @type {Moment} */ { step, weights, biases }) => {
      if (weight !== undefined) return weights[weight];
      if (neuron < net.inputs) return sample[neuron];
      return net.forward(step, sample, weights, biases).value[neuron];
    };
    known(kept.map(({ step }) => step), kept.map(number));
  }
}

/** @param {DataView} bytes of float64 */
function numbers({ buffer, byteOffset, byteLength }) {
  return new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

/** What the bar shows. @param {Net} net @param {Sent["measures"]} sent @returns {Measure[]} */
function measuresOf({ facts }, sent) {
  const all = facts.target_kind === "number" ? MEASURES.slice(0, 1) : MEASURES;
  return all.map((which) => {
    const found = sent.find((each) => each.which === which);
    if (!found) return { which, value: NaN, of: "", name: "" };
    return trainingMeasure(which, found.value ?? NaN, found.batches, found.size);
  });
}

/** Begin.
 * @param {{facts: import("./facts.d.ts").Facts, contents: Record<string, import("./payload.js").About>,
 *   payload: string, palette: import("./colours.js").Palette, formulas: NetFormulas}} page
 */
export async function start({ facts, contents, payload, palette, formulas }) {
  speak(facts.words, null);
  const arrays = readArrays(contents, await inflate(payload, "deflate"));
  const course = new Fed(facts, arrays, formulas);
  document.body.classList.add("is-fed");
  const player = new Player(course, palette, "", document.documentElement);
  control("slider", HTMLInputElement).disabled = true;
  player.restyle();
  player.painter.showChoices(player.state);
  window.slownet = hooks(player, Promise.resolve());
  let waiting = /** @type {Sent | null} */ (null);
  const paint = () => {
    if (waiting === null) return;
    course.take(waiting);
    waiting = null;
    player.show(course.last);
    player.painter.paintHistory(player.state);
  };
  listen((sent) => {
    if (sent?.kind !== "moment") return;
    if (waiting === null) requestAnimationFrame(paint);
    waiting = /** @type {Sent} */ (sent.moment);
  });
  tellHeight();
  tell("ready");
}
