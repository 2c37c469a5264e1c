/**
 * The engine in a worker, which is made from the page's own script: nothing is loaded.
 *
 * Every message has one answer, and the page sends the next one when it has painted that: no queue can
 * grow. The worker trains only while it answers, for some milliseconds.
 *
 * @typedef {import("./recipe.js").Formulas} Formulas
 * @typedef {import("./experiment.js").Edits} Edits
 *
 * @typedef {{kind: "begin", facts: import("./recipe.js").Facts, arrays: import("../payload.js").Arrays,
 *   which?: number, words?: import("../language.js").Words}} Begin `which` of the script's trainings it is, and
 *   in which words it is said what cannot be done
 * @typedef {{kind: "show", edits: Edits, step: number, since?: number, milliseconds?: number,
 *   watch?: import("./looking.js").Watch | null}} Show how long it may train, and what it looks for on the way
 * @typedef {{kind: "history", edits: Edits, weight?: [[number, number], [number, number]],
 *   neuron?: [number, number], sample?: Float64Array}} History
 * @typedef {{kind: "net", edits: Edits, step: number, head: import("./netfile.js").Head}} Save
 * @typedef {{kind: "operation", edits: Edits, step: number, way: import("./operation.js").Way,
 *   milliseconds?: number}} TakeApart the step after one
 * @typedef {Begin | Show | History | Save | TakeApart} Message
 * @typedef {{kind: "ready", start: number, steps: number}} Ready the first step, and the last one planned
 * @typedef {{kind: "history", steps: Float64Array, numbers: Float64Array}} Series
 * @typedef {{kind: "net", text: string, problem: string}} NetText of a file
 * @typedef {{kind: "problem", problem: string, isThere?: false}} Problem
 * @typedef {Ready | import("./frame.js").Frame | Series | NetText | Problem |
 *   import("./operation.js").Place | import("./operation.js").NoPlace} Answer
 * @typedef {{onmessage: ((event: MessageEvent<Message>) => void) | null,
 *   postMessage: (answer: Answer) => void}} Scope of the worker
 * @typedef {{onmessage: ((event: MessageEvent<Answer>) => void) | null,
 *   onerror: ((event: ErrorEvent) => void) | null,
 *   postMessage: (message: Message) => void, terminate: () => void}} EngineWorker as the page has it
 */

import { learn } from "../language.js";
import { StepApart } from "./apart.js";
import { messageOf } from "./errors.js";
import { checked, format } from "./experiment.js";
import { Framer, history } from "./frame.js";
import { look } from "./looking.js";
import { netFile } from "./netfile.js";
import { placeOf } from "./operation.js";
import { Replay } from "./replay.js";
import { rowsOf } from "./rows.js";

export const SLICE = 12; // milliseconds: with painting beside it, 60 frames a second

/** Make a worker from a script that calls `serve` where there is no document. @param {string} script
 * @returns {EngineWorker}
 */
export function workerOf(script) {
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const worker = new Worker(address);
  URL.revokeObjectURL(address);
  return worker;
}

/** Answer messages: "begin" with `Ready`; "show" with a frame on the way to a step, or there; "history" with
 * numbers at the states that are kept on the way; "net" with the text of a net file; "operation" with a place in
 * a step, or how far its operations are counted. What cannot be done is answered with a `Problem`.
 * @param {Scope} scope @param {Formulas[]} formulas of trainings, of which `which` is one
 */
export function serve(scope, formulas) {
  const server = new Server(formulas);
  scope.onmessage = (/** @type {MessageEvent<Message>} */ event) =>
    scope.postMessage(server.answer(event.data));
}

export class Server {
  /** @param {Formulas[]} formulas */
  constructor(formulas) {
    this.formulas = formulas;
    this.replay = /** @type {Replay | null} */ (null);
    this.framer = /** @type {Framer | null} */ (null);
    this.apart = /** @type {{step: StepApart, name: string, isOpen: boolean} | null} */ (null);
  }

  /** @param {Message} message @returns {Answer} */
  answer(message) {
    try {
      if (message.kind === "begin") return this.#begin(message);
      if (this.replay === null) throw new Error("nothing was begun");
      if (message.kind === "operation") return this.#takeApart(message, this.replay);
      if (message.kind !== "history") this.#putTogether();
      if (message.kind === "show") return this.#show(message);
      if (message.kind === "net") return this.#net(message);
      if (message.kind === "history") {
        return { kind: "history", ...history(this.replay.states(checked(message.edits)), message) };
      }
      throw new Error(`there is no ${/** @type {{kind: string}} */ (message).kind}`);
    } catch (error) {
      return { kind: "problem", problem: messageOf(error) };
    }
  }

  /** @param {Begin} message @returns {Ready} */
  #begin({ facts, arrays, which = 0, words = {} }) {
    learn(words);
    this.replay = this.apart = null; // the one before ends, also if this one cannot be begun
    this.replay = new Replay({ facts, arrays, formulas: this.formulas[which] });
    const heldOut = rowsOf(facts, arrays, "held_out")?.samples ?? null;
    this.framer = new Framer(this.replay, heldOut);
    return { kind: "ready", start: this.replay.start, steps: this.replay.training.progress.totalSteps };
  }

  /** @param {Show} message @returns {Answer} */
  #show({ edits, step, since = step, milliseconds = SLICE, watch = null }) {
    const { replay, framer } = this;
    if (replay === null || framer === null) throw new Error("nothing was begun");
    const end = performance.now() + milliseconds;
    const isOver = () => performance.now() >= end;
    if (watch === null) return framer.frame(edits, replay.toward(checked(edits), step, isOver), since);
    const { isThere, watched } = look(replay, framer.heldOut, checked(edits), step, watch, isOver);
    return { ...framer.frame(edits, isThere, since), watched };
  }

  /** @param {Save} message @returns {NetText} */
  #net({ edits, step, head }) {
    const { replay } = this;
    if (replay === null) throw new Error("nothing was begun");
    try {
      if (!replay.toward(checked(edits), step)) throw new Error(replay.problem);
      return { kind: "net", text: netFile(replay.training, head, replay.seed), problem: "" };
    } catch (error) {
      return { kind: "net", text: "", problem: messageOf(error) };
    }
  }
  /** Go to a place in the step after one. @param {TakeApart} message @param {Replay} replay @returns {Answer} */
  #takeApart({ edits, step, way, milliseconds = SLICE }, replay) {
    const end = performance.now() + milliseconds;
    try {
      const { step: apart } = this.apart = this.#apart(checked(edits), step, replay);
      return placeOf(apart, way, () => performance.now() >= end);
    } catch (error) {
      const problem = messageOf(error);
      return { kind: "operation", isThere: null, problem };
    }
  }

  /** @param {Edits} edits @param {number} step @param {Replay} replay */
  #apart(edits, step, replay) {
    const made = edits.filter((edit) => edit.step <= step);
    const name = `${step} ${format(made)}`;
    const before = this.apart;
    if (before?.name === name && before.isOpen) return before;
    this.#putTogether();
    if (!replay.toward(made, step)) throw new Error(replay.problem);
    const known = before?.name === name && before.step.isCounted ? before.step : null;
    const apart = new StepApart(replay.training, known);
    replay.checkpoints.keepRecent(replay.track, apart.state); // the reader may come back from the next step
    return { step: apart, name, isOpen: true };
  }

  /** Leave the training as it is between two steps. */
  #putTogether() {
    if (!this.apart?.isOpen) return;
    this.apart.step.close();
    this.apart.isOpen = false;
  }
}
