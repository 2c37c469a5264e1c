/** The snapshots of a page as the course of a training: places on the slider, and how it is played. */

import { recorded } from "./charts.js";
import { graphOf } from "./engine/recipe.js";
import { Recorded } from "./frames.js";
import { Net } from "./net.js";
import { firstFound } from "./seeking.js";
import { Trained } from "./trained.js";

const FRAMES_A_SECOND = 20;
const NEAR = 0.2; // a snapshot is this near to the step that it stands for, as a share of the step

/**
 * @typedef {import("./engine/experiment.js").Edits} Edits
 * @typedef {import("./engine/recipe.js").Formulas} Formulas
 * @typedef {import("./engine/recipe.js").NetFormulas} NetFormulas
 *
 * @typedef {(frame: number, isOver: boolean, watched?: import("./engine/looking.js").Watched | null) => void} Arrived
 *   told of the frames on the way to one; `isOver`: it goes no further, because it is there or cannot;
 *   `watched`: what came of what it was to look for
 * @typedef {Omit<import("./engine/looking.js").Watch, "from" | "window">} Wish what to look for on the way;
 *   its sample is in the table's own units
 *
 * A training that can be gone through. The slider has a place for every frame, or for some of them.
 * @typedef {object} Course
 * @property {Net} net as it is in the frame that was shown last
 * @property {number} first frame
 * @property {number} last frame so far
 * @property {number} lastPlace of the slider, which begins at 0
 * @property {(frame: number) => number} placeOf
 * @property {(step: number) => number | null} placeOfStep null where no frame is near it
 * @property {(place: number) => number} frameAt
 * @property {(step: number) => number} nearest the frame to show for a step
 * @property {number | null} goal the frame that it is on the way to
 * @property {() => void} giveUp forget the frame that it was on the way to
 * @property {(frame: number, speed: number) => number | null} played the frame to play after one; null at
 *   the end
 * @property {(speed: number) => number} interval from one to the next, in milliseconds
 * @property {(frame: number, arrived: Arrived, edits: Edits, wish?: Wish | null) => void} go to a frame of
 *   an experiment, or to the first one on the way that is looked for; what comes there is shown as soon as it
 *   is known
 * @property {Edits} refused the edits up to one that cannot be made
 * @property {string} problem why it goes no further, or an edit cannot be made
 * @property {boolean} canTrain whether it can be changed and trained on
 * @property {import("./engine/frame.js").Frame} [told] what the worker has told last, if it can
 * @property {boolean} [canContinue] whether it can be trained on from a frame
 * @property {() => import("./charts.js").Shown} lines of the charts
 * @property {(thing: import("./types.d.ts").Thing, sample: Float64Array,
 *   known: (steps: number[], numbers: number[]) => void) => void} history of a weight, or of the value of a
 *   neuron
 */

/** @implements {Course} */
export class Snapshots {
  /** @param {import("./facts.d.ts").Facts} facts @param {import("./payload.js").Arrays} arrays @param {NetFormulas} formulas */
  constructor(facts, arrays, formulas) {
    const graph = graphOf(facts, arrays, formulas);
    this.net = new Net(facts, arrays, graph, formulas.loss, (net) => new Recorded(net, arrays));
    this.formulas = formulas;
    this.first = 0;
    this.last = facts.frames - 1;
    this.lastPlace = this.last;
    this.shown = this.last;
    this.canTrain = false;
    this.problem = "";
    this.goal = /** @type {number | null} */ (null);
    this.refused = /** @type {Edits} */ ([]);
  }

  /** @param {number} frame */
  placeOf(frame) {
    return frame;
  }

  /** @param {number} step */
  placeOfStep(step) {
    const frame = this.nearest(step);
    return Math.abs(this.net.frames.stepOf(frame) - step) <= NEAR * step ? frame : null;
  }

  /** @param {number} place */
  frameAt(place) {
    return Math.max(0, Math.min(this.last, place));
  }

  /** @param {number} step */
  nearest(step) {
    const { steps } = this.net.facts.training;
    let nearest = 0;
    for (let k = 1; k < steps.length; k += 1) {
      if (Math.abs(steps[k] - step) < Math.abs(steps[nearest] - step)) nearest = k;
    }
    return nearest;
  }

  giveUp() {}

  /** @param {number} frame */
  played(frame) {
    return frame < this.last ? frame + 1 : null;
  }

  /** @param {number} speed */
  interval(speed) {
    return 1000 / FRAMES_A_SECOND / speed;
  }

  /** @param {number} frame @param {Arrived} arrived @param {Edits} [_] @param {Wish | null} [wish] */
  go(frame, arrived, _, wish = null) {
    const [from, end] = [this.shown, this.frameAt(frame)];
    const { at, watched } = wish && from < end
      ? firstFound(this.net, wish, from, end)
      : { at: end, watched: null };
    this.shown = at;
    arrived(at, true, watched);
  }

  /** Whether the page holds rows to train on with. */
  get canContinue() {
    return this.net.facts.recipe !== null;
  }

  /** The training that goes on from a snapshot, with the rows that the page holds.
   * @param {number} frame @param {string} script of the page
   */
  async continued(frame, script) {
    const { net, formulas } = this;
    const { facts, frames, inputs } = net;
    const neurons = Array.from({ length: net.neurons - inputs }, (_, k) => inputs + k);
    const isFixed = (/** @type {number} */ n) =>
      frames.isBiasFrozen(frame, n) || !frames.hasBias(frame, n);
    const arrays = {
      ...net.arrays,
      weights: net.weights(frame),
      biases: net.biases(frame).subarray(inputs),
      "fixed weights": Uint8Array.from(net.source, (_, w) => Number(frames.isFrozen(frame, w))),
      "fixed biases": Uint8Array.from(neurons, (n) => Number(isFixed(n))),
      "has bias": Uint8Array.from(neurons, (n) => Number(frames.hasBias(frame, n))),
    };
    const start = { step: frames.stepOf(frame), "loss_sum": 0, correct: 0 };
    const recipe = { .../** @type {import("./facts.d.ts").Recipe} */ (facts.recipe), start };
    const precision = { exact: true, layers: {} };
    const training = await Trained.begun(
      { ...facts, recipe, precision },
      arrays,
      /** @type {Formulas} */ (formulas),
      script,
    );
    training.recorded = this.lines();
    training.progress.epochsBefore = frames.epochOf(frame) - training.told.epoch;
    return training;
  }

  lines() {
    const found = recorded(this.net.facts, this.net.arrays);
    const { heldOut } = this;
    if (!heldOut) return found;
    const replaced = (/** @type {"loss" | "accuracy"} */ which) => [
      ...(found[which] ?? []).filter(({ role }) => role !== "watched"),
      ...heldOut.line(which),
    ];
    return { ...found, loss: replaced("loss"), accuracy: replaced("accuracy") };
  }

  get heldOut() {
    return /** @type {Recorded} */ (this.net.frames).heldOut;
  }

  /** @param {import("./types.d.ts").Thing} thing @param {Float64Array} sample
   * @param {(steps: number[], numbers: number[]) => void} known
   */
  history({ weight, neuron = 0 }, sample, known) {
    const { net } = this;
    const frames = Array.from({ length: this.last + 1 }, (_, frame) => frame);
    const number = (/** @type {number} */ frame) => {
      if (weight !== undefined) return net.weight(frame, weight);
      return neuron < net.inputs ? sample[neuron] : net.forward(frame, sample).value[neuron];
    };
    known(net.facts.training.steps, frames.map(number));
  }
}
