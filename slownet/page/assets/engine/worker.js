/**
 * The engine in a worker, which is made from the page's own script: nothing is loaded.
 *
 * The page asks for a frame when it has painted one, so that no queue can grow. The worker trains in slices
 * of some milliseconds and looks for messages between them.
 *
 * @typedef {import("./recipe.js").Formulas} Formulas
 *
 * @typedef {object} Frame
 * @property {"frame"} kind
 * @property {number} step
 * @property {boolean} isDone
 * @property {Float64Array} weights
 * @property {Float64Array} biases of all neurons
 * @property {Float64Array} losses of the steps since the last frame
 * @property {import("./progress.js").EpochRecord[]} epochs since the last frame
 * @property {string} compared with Python, in words; "" without digests
 * @property {string} problem why it does not train on, if there is one
 */

import { Comparison } from "./digest.js";
import { read } from "./recipe.js";
import { Training } from "./training.js";

const SLICE = 8; // milliseconds

/** Make a worker from a script that calls `serve` where there is no document. @param {string} script */
export function workerOf(script) {
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const worker = new Worker(address);
  URL.revokeObjectURL(address);
  return worker;
}

/** Train as messages say, one after the other: `{kind: "begin", recipe, which}`, `{kind: "train", until}`,
 * `{kind: "change", options}`, `{kind: "ask"}`. A step `until` that is over stops. Answers are
 * `{kind: "ready", steps}` to "begin", a frame to "ask", and `{kind: "problem", problem}` to what cannot be
 * done.
 * @param {any} scope of the worker @param {Formulas[]} formulas of trainings, of which `which` is one
 */
export function serve(scope, formulas) {
  const server = new Server((message, moved) => scope.postMessage(message, moved), formulas);
  scope.onmessage = (/** @type {MessageEvent} */ event) => server.take(event.data);
}

class Server {
  /** @param {(message: any, moved: ArrayBufferLike[]) => void} post @param {Formulas[]} formulas */
  constructor(post, formulas) {
    this.post = post;
    this.formulas = formulas;
    this.training = /** @type {Training | null} */ (null);
    this.comparison = /** @type {Comparison | null} */ (null);
    this.until = 0;
    this.isWaiting = false; // for its next slice
    this.problem = "";
    this.sent = { losses: 0, epochs: 0 };
    this.channel = new MessageChannel(); // a message to itself: a timer would wait longer
    this.channel.port1.onmessage = () => this.#slice();
    this.last = Promise.resolve(); // done when all messages so far are
  }

  /** Do what a message says, when those before it are done. @param {any} message */
  take(message) {
    this.last = this.last.then(() => this.#follow(message));
  }

  /** @param {any} message */
  async #follow(message) {
    try {
      if (message.kind === "begin") await this.#begin(message);
      else if (this.training === null) throw new Error("nothing was begun");
      else if (message.kind === "train") this.until = message.until;
      else if (message.kind === "change") this.#change(message.options);
      else if (message.kind === "ask") this.#answer(this.training);
      else throw new Error(`there is no ${message.kind}`);
    } catch (error) {
      this.post({ kind: "problem", problem: String(error) }, []);
    }
    this.#wake();
  }

  /** @param {{recipe: any, which: number}} message */
  async #begin({ recipe, which }) {
    this.training = null; // the one before ends, also if this one cannot be begun
    const found = await read(recipe, this.formulas[which]);
    this.training = new Training(found);
    const digests = recipe.facts.digests;
    this.comparison = digests
      ? new Comparison({ ...digests, losses: found.arrays["digests of losses"] })
      : null;
    this.until = this.training.step;
    this.problem = "";
    this.sent = { losses: 0, epochs: 0 };
    this.post({ kind: "ready", steps: this.training.progress.totalSteps }, []);
  }

  /** @param {any} options */
  #change(options) {
    this.training?.change(options);
    this.comparison = null; // Python trained without the change
    this.problem = ""; // what diverged may not do so with a smaller rate
  }

  #wake() {
    const { training } = this;
    const goesOn = training && training.step < this.until && !training.isDone && !this.problem;
    if (!goesOn || this.isWaiting) return;
    this.isWaiting = true;
    this.channel.port2.postMessage(null);
  }

  #slice() {
    const { training, comparison } = this;
    this.isWaiting = false;
    if (training === null) return;
    const end = performance.now() + SLICE;
    try {
      while (training.step < this.until && !training.isDone && performance.now() < end) {
        training.advance();
        comparison?.see(training);
      }
      if (training.isDone) training.finish();
    } catch (error) {
      this.problem = String(error);
    }
    this.#wake();
  }

  /** Send a frame. @param {Training} training */
  #answer(training) {
    const { numbers } = training; // brings the lists up to date
    const [weights, biases] = [numbers.weights.slice(), numbers.biases.slice()];
    const losses = Float64Array.from(training.losses.slice(this.sent.losses));
    /** @type {Frame} */
    const frame = {
      kind: "frame",
      step: training.step,
      isDone: training.isDone,
      weights,
      biases,
      losses,
      epochs: training.epochs.slice(this.sent.epochs),
      compared: this.comparison?.text ?? "",
      problem: this.problem,
    };
    this.sent = { losses: training.losses.length, epochs: training.epochs.length };
    this.post(frame, [weights.buffer, biases.buffer, losses.buffer]);
  }
}
