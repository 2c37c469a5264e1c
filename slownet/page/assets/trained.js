/** A training in the page's own worker: a course that can be gone through, changed and continued.
 *
 * @typedef {import("./engine/frame.js").Frame} Told
 * @typedef {import("./engine/experiment.js").Edits} Edits
 * @typedef {import("./engine/recipe.js").Formulas} Formulas
 * @typedef {import("./engine/worker.js").EngineWorker} EngineWorker
 * @typedef {import("./engine/worker.js").Message} Message
 * @typedef {import("./engine/worker.js").History} History
 * @typedef {import("./engine/worker.js").Answer} Answer
 * @typedef {import("./engine/worker.js").Ready} Ready
 * @typedef {import("./engine/worker.js").Problem} Problem
 * @typedef {import("./engine/operation.js").Place} Place
 * @typedef {import("./engine/operation.js").NoPlace} NoPlace
 * @typedef {import("./payload.js").Arrays} Arrays
 * @typedef {import("./types.d.ts").TrainingFacts} TrainingFacts
 * @typedef {import("./types.d.ts").Thing} Thing
 * @typedef {import("./snapshots.js").Course} Course
 */

import { earlier } from "./charts.js";
import { windowOf } from "./curves.js";
import { Graph } from "./engine/graph.js";
import { SLICE, workerOf } from "./engine/worker.js";
import { say, spokenWords } from "./language.js";
import { Live } from "./live.js";
import { Net } from "./net.js";
import { Progress } from "./progress.js";
import { Timeline } from "./timeline.js";
import { inWords } from "./views/edits.js";

const LONGEST_SLICE = 100; // milliseconds of training between two frames on a long way
const MARGIN = 0.12; // around points, as `plane_around` of Python has it

/** @implements {Course} */
export class Trained {
  /** Begin a training; it can be shown when this is done.
   * @param {TrainingFacts} facts @param {Arrays} arrays @param {Formulas} formulas
   * @param {string} script of the page, from which the worker is made
   */
  static async begun(facts, arrays, formulas, script) {
    const worker = workerOf(script);
    const answer = (
      /** @type {Message} */ message,
    ) => /** @type {Promise<Answer>} */ (new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = () => reject(new Error(say("training.noWorker")));
      worker.postMessage(message);
    }));
    const ready = /** @type {Ready | Problem} */ (
      await answer({ kind: "begin", facts: facts.recipe, arrays, words: spokenWords() })
    );
    if (ready.kind === "problem") throw new Error(ready.problem);
    const told = /** @type {Told | Problem} */ (
      await answer({ kind: "show", edits: [], step: ready.start })
    );
    if (told.kind === "problem") throw new Error(told.problem);
    return new Trained(facts, arrays, formulas, worker, ready, told);
  }

  /**
   * @param {TrainingFacts} facts @param {Arrays} arrays @param {Formulas} formulas @param {EngineWorker} worker
   * @param {{start: number, steps: number}} ready @param {Told} told the first frame
   */
  constructor(facts, arrays, formulas, worker, { start, steps }, told) {
    this.facts = facts;
    this.arrays = arrays;
    this.formulas = formulas;
    this.worker = worker;
    this.worker.onmessage = ({ data }) => this.#hear(/** @type {Exclude<Answer, Ready>} */ (data));
    const { last } = facts.training;
    const isWhole = facts.recipe.digests && last > start; // it ends as in Python, early stopping or not
    this.timeline = new Timeline(start, isWhole ? last : steps);
    this.progress = new Progress(facts, arrays, start);
    this.told = told;
    this.plane = /** @type {import("./facts.d.ts").Plane | null} */ (facts.plane);
    this.wanted = {
      edits: /** @type {Edits} */ ([]),
      step: start,
      wish: /** @type {import("./snapshots.js").Wish | null} */ (null),
    };
    this.asked = this.wanted;
    this.isBusy = false;
    this.slice = SLICE;
    /** @type {import("./snapshots.js").Arrived} */
    this.arrived = () => {};
    this.histories = /** @type {((steps: number[], numbers: number[]) => void)[]} */ ([]);
    this.later =
      /** @type {{message: History, known: (steps: number[], numbers: number[]) => void} | null} */ (null);
    this.nets = /** @type {((answer: import("./engine/worker.js").NetText) => void)[]} */ ([]);
    this.places = /** @type {((place: Place | NoPlace) => void)[]} */ ([]);
    /** the lines of the snapshots that it goes on from, if it does
     * @type {import("./charts.js").Shown} */
    this.recorded = {};
    this.net = this.#netOf(told);
    this.#learn(told);
  }

  get refused() {
    const { told: { problem, edits, step }, asked } = this;
    const wanted = asked.edits.filter((edit) => edit.step <= step);
    return problem && edits < wanted.length ? wanted.slice(0, edits + 1) : [];
  }

  get problem() {
    return this.told.problem || (this.told.step >= this.timeline.most ? say("training.full") : "");
  }

  get canTrain() {
    return true;
  }

  get first() {
    return this.timeline.first;
  }

  get last() {
    return this.timeline.last;
  }

  get lastPlace() {
    return this.timeline.placeOf(this.last);
  }

  /** @param {number} step */
  placeOf(step) {
    return this.timeline.placeOf(step);
  }

  /** @param {number} step */
  placeOfStep(step) {
    return step < this.first ? null : this.placeOf(step);
  }

  /** @param {number} place */
  frameAt(place) {
    return this.timeline.stepAt(place);
  }

  /** @param {number} step */
  nearest(step) {
    this.timeline.extend(step);
    return this.timeline.within(step);
  }

  get goal() {
    return this.isBusy ? this.wanted.step : null;
  }

  giveUp() {
    this.timeline.shorten(this.progress.curves.loss.last);
  }

  /** @param {number} step @param {number} speed */
  played(step, speed) {
    return this.isBusy ? step : this.timeline.played(step, speed);
  }

  interval() {
    return 1;
  }

  /** @param {number} step @param {import("./snapshots.js").Arrived} arrived @param {Edits} [edits]
   * @param {import("./snapshots.js").Wish | null} [wish]
   */
  go(step, arrived, edits = this.wanted.edits, wish = null) {
    this.wanted = { edits, step: this.timeline.within(step), wish };
    this.arrived = arrived;
    if (!this.isBusy) this.#ask();
  }

  #ask() {
    // the longer the way, the less of its time goes into painting
    this.slice = this.asked === this.wanted ? Math.min(2 * this.slice, LONGEST_SLICE) : SLICE;
    this.asked = this.wanted;
    this.isBusy = true;
    const { edits, step, wish } = this.asked;
    const since = this.progress.since(edits);
    const watch = wish && {
      ...wish,
      sample: this.net.preparation.prepared(wish.sample),
      from: this.told.step,
      window: this.window,
    };
    this.worker.postMessage({ kind: "show", edits, step, since, milliseconds: this.slice, watch });
  }

  /** How many batches the training loss is a mean of, where the training is known to its planned end. */
  get window() {
    return windowOf(this.timeline.planned - this.first);
  }

  /** @param {Exclude<Answer, Ready>} data an answer of the worker */
  #hear(data) {
    if (data.kind === "net") {
      this.nets.shift()?.(data);
      return;
    }
    if (data.kind === "operation") {
      this.places.shift()?.(data);
      return;
    }
    if (data.kind === "history") {
      this.histories.shift()?.([...data.steps], [...data.numbers]);
      this.#askHistory();
      return;
    }
    if (data.kind === "problem") this.told = { ...this.told, problem: data.problem };
    else this.#learn(data);
    const { asked, wanted, told } = this;
    const watched = data.kind === "frame" && wanted === asked ? data.watched : null;
    const isFound = (watched?.found ?? null) !== null;
    const isOver = wanted === asked && Boolean(data.isThere || told.problem || isFound);
    this.isBusy = !isOver;
    this.arrived(told.step, isOver, watched);
    if (!isOver) this.#ask();
  }

  /** Take over a frame. @param {Told} told */
  #learn(told) {
    const { net } = this;
    const plane = told.rows?.inputs && this.facts.plane
      ? planeAround(told.rows.inputs, this.facts.plane)
      : this.plane;
    const isOther = plane?.x.join() !== this.plane?.x.join() || plane?.y.join() !== this.plane?.y.join();
    this.plane = plane;
    if ((told.structure || isOther) && told !== this.told) {
      const { firsts, structure } = /** @type {Live} */ (net.frames);
      this.net = this.#netOf({
        ...told,
        structure: told.structure ?? structure,
        firsts: told.firsts ?? firsts,
      });
    }
    /** @type {Live} */ (this.net.frames).take(told, this.asked.edits);
    this.told = told;
    this.progress.take(told, this.asked.edits);
  }

  lines() {
    const last = Math.max(this.last, this.told.step);
    const { loss = [], accuracy = [], marks } = this.progress.lines(inWords);
    const before = this.recorded;
    return {
      ...{ marks, last },
      loss: [...earlier(before.loss ?? [], last), ...loss],
      accuracy: [...earlier(before.accuracy ?? [], last), ...accuracy],
    };
  }

  /** @param {Thing} thing @param {Float64Array} sample
   * @param {(steps: number[], numbers: number[]) => void} known
   */
  history({ weight, neuron = 0 }, sample, known) {
    const { net } = this;
    const which = weight === undefined
      ? { neuron: net.idsOf(neuron), sample: net.preparation.prepared(sample) }
      : {
        weight: /** @type {History["weight"]} */ (
          [net.idsOf(net.source[weight]), net.idsOf(net.target[weight])]
        ),
      };
    this.later = {
      message: { kind: /** @type {const} */ ("history"), edits: this.asked.edits, ...which },
      known,
    };
    if (!this.histories.length) this.#askHistory(); // otherwise when that has come
  }

  #askHistory() {
    if (!this.later) return;
    const { message, known } = this.later;
    this.later = null;
    this.histories.push(known);
    this.worker.postMessage(message);
  }

  /** The net after a step, as the text of a file. @param {Edits} edits @param {number} step
   * @param {import("./engine/netfile.js").Head} head @returns {Promise<string>}
   */
  async netFile(edits, step, head) {
    /** @type {import("./engine/worker.js").NetText} */
    const { text, problem } = await new Promise((resolve) => {
      this.nets.push(resolve);
      this.worker.postMessage({ kind: "net", edits, step, head });
    });
    if (problem) throw new Error(problem);
    return text;
  }

  /** A place in the step after one. @param {import("./engine/operation.js").Way} way @param {number} step
   * @returns {Promise<Place | NoPlace>}
   */
  operation(way, step) {
    const { edits } = this.wanted;
    return new Promise((resolve) => {
      this.places.push(resolve);
      this.worker.postMessage({ kind: "operation", edits, step, way, milliseconds: LONGEST_SLICE });
    });
  }

  /** The net of a frame. @param {Told} told with all that frames hold */
  #netOf(told) {
    const { structure } = told;
    if (structure === null) throw new Error("the first frame of a net has no structure");
    const { offered } = this.formulas;
    const known = new Map(this.facts.layers.map(({ id, ...each }) => [id, each]));
    const layers = structure.layers.map((layer) => ({
      ...layer,
      range: known.get(layer.id)?.activation === layer.activation
        ? /** @type {{range: (number | null)[]}} */ (known.get(layer.id)).range
        : offered.activations[layer.activation]?.range ?? [null, null],
    }));
    const own = new Map(
      this.formulas.activations.map((each) => [each.name, each]),
    );
    const activations = layers.slice(1).map(({ activation }) =>
      own.get(activation) ?? offered.activations[activation]
    );
    const sizes = layers.map(({ neurons }) => neurons.length);
    const { start, source, leaving } = structure;
    const graph = new Graph(sizes, start, source, activations, leaving);
    const { loss } = this.formulas;
    return new Net(
      { ...this.facts, layers, plane: this.plane },
      this.arrays,
      graph,
      loss,
      (net) => new Live(net, this.progress, told, this.first),
    );
  }
}

/** The part of the plane that is drawn: another one where points stand outside.
 * @param {Float64Array} inputs @param {import("./facts.d.ts").Plane} plane
 */
function planeAround(inputs, plane) {
  const ranges = [plane.x, plane.y].map(([low, high], side) => {
    const along = inputs.filter((_, k) => k % 2 === side);
    const least = along.reduce((a, b) => Math.min(a, b));
    const most = along.reduce((a, b) => Math.max(a, b));
    const margin = MARGIN * (most - least) || 1;
    return least >= low && most <= high ? [low, high] : [least - margin, most + margin];
  });
  return { x: ranges[0], y: ranges[1] };
}
