/** The next step of a training, taken apart: the way through its operations, and what is shown of them.
 *
 * @typedef {import("./engine/operation.js").Way} Way
 * @typedef {import("./engine/operation.js").Place} Place
 * @typedef {import("./types.d.ts").State} State
 */

import { control } from "./elements.js";
import { format } from "./engine/experiment.js";
import { say } from "./language.js";
import { brief, plain, short } from "./numbers.js";
import { decided } from "./views/verdict.js";
import { Trained } from "./trained.js";
import { described } from "./training.js";

const PAUSE = 320; // milliseconds between two operations, at speed 1
const MARGIN = 12; // pixels around what is lit

export class Apart {
  #shown = ""; // the frame and its edits
  #asked = 0;
  #net = /** @type {import("./net.js").Net | null} */ (null); // that has the neurons of what is told
  #moving = {}; // a turn of taking one operation after the other
  #before =
    /** @type {Pick<State, "sample" | "place" | "isDrawn" | "isEmpty" | "truth"> | null} */ (null);

  /** @param {import("./player.js").Player} player */
  constructor(player) {
    this.player = player;
    this.isBusy = false;
  }

  /** What is shown of it; null while it is closed. */
  get state() {
    return this.player.state.apart;
  }

  /** The training, if it can be taken apart. */
  get course() {
    const { course } = this.player;
    return course instanceof Trained ? course : null;
  }

  toggle() {
    return this.state ? this.close() : this.open();
  }

  /** Open at the begin of the next step. */
  async open() {
    if (this.state || !this.course || this.player.state.presentation.isEmbedded) return;
    this.#show();
    await this.ask({ from: 0 }, this.player.state.frame);
  }

  #show() {
    const { player, player: { state } } = this;
    player.pause();
    if (state.seeking) player.show(state.frame, true);
    const { sample, place, isDrawn, isEmpty, truth } = state;
    this.#before ??= { sample, place, isDrawn, isEmpty, truth };
    const nothing = { told: null, lit: null, counted: null, problem: "", isMoving: false };
    state.apart = { ...nothing, isWhole: false };
    this.isBusy = true;
    player.paint();
    control("apart-on").focus({ preventScroll: true });
  }

  /** Close it, and show the input that was shown before. @param {boolean} [restores]
   * @param {boolean} [focuses] whether the button that opened it has the focus then
   */
  close(restores = true, focuses = restores) {
    const { player, player: { state } } = this;
    if (!state.apart) return;
    this.interrupt();
    state.apart = null;
    if (restores && this.#before) Object.assign(state, this.#before);
    this.#before = null;
    const hadFocus = control("apart").contains(document.activeElement);
    player.paint();
    player.painter.showChoices(state);
    if (focuses || hadFocus) control("take-apart").focus({ preventScroll: true });
  }

  /** Take the step apart that comes after the frame that is shown now. */
  follow() {
    const { state, course } = this.player;
    if (!state.apart || this.isBusy) return;
    if (state.playing) this.close(true, false);
    else if (course.goal === null && this.#name(state.frame) !== this.#shown) {
      this.ask({ from: 0 }, state.frame);
    }
  }

  /** Tell nothing of the neurons of a net that is shown no longer; what came next may have others. */
  forgetOthers() {
    const { state, player: { net } } = this;
    if (!state?.told || net === this.#net) return;
    state.lit = null;
    if (state.told.isSame !== null) return; // it tells that the step is complete
    state.told = null;
    this.#shown = "";
  }

  /** Forget where it was going. */
  interrupt() {
    this.#asked += 1;
    this.isBusy = false;
  }

  /** @param {number} frame */
  #name(frame) {
    const { edits } = this.player.state.experiment;
    return `${frame} ${format(edits.filter((edit) => edit.step <= frame))}`;
  }

  /** Go one unit on or back from where it stands. @param {import("./engine/apart.js").Unit} unit
   * @param {number} by
   */
  go(unit, by) {
    const told = this.state?.told;
    if (!told || this.isBusy) return Promise.resolve();
    if (by > 0 && told.isSame !== null && unit !== "step") {
      return this.ask({ from: 0, unit, by }, told.step + 1);
    }
    return this.ask({ from: told.place, unit, by }, told.step);
  }

  /** @param {number} place */
  goTo(place) {
    const told = this.state?.told;
    return told ? this.ask({ from: place }, told.step) : Promise.resolve();
  }

  /** Go to what a number was made of. @param {string} name @param {number} [place] before which it was
   * written; otherwise in the sample that is shown
   */
  async why(name, place) {
    const told = this.state?.told;
    if (!told || this.isBusy) return;
    const from = place ?? told.place;
    await this.ask({ from, find: name, isInSample: place === undefined }, told.step);
    if (this.state?.told?.isFound === false) await this.whyUpdated(name, told.step);
  }

  /** Go to the last step before one in which a number was written, or say where it comes from.
   * @param {string} name @param {number} step
   */
  async whyUpdated(name, step) {
    const { course, player, player: { origins } } = this;
    if (!course) return;
    if (!this.state) this.#show();
    let text = origins.givenAt(name, step);
    if (text) await this.ask({ from: 0 }, step);
    else {
      await this.ask({ from: Infinity, find: name }, step - 1);
      if (this.state?.told?.isFound === false) text = say("origin.unchanged", { name, step });
      else if (name === "total") text = this.#ofLoss();
    }
    if (this.state) this.state.problem = text;
    player.paint();
  }

  /** How the loss of a step comes from the sum of its losses. */
  #ofLoss() {
    const told = this.state?.told;
    const sum = told?.lines.at(-1)?.result;
    if (!told || sum === undefined) return "";
    const { weightSum } = told;
    const loss = short(sum / (weightSum || 1), 6);
    return say("origin.loss", { sum: short(sum, 6), loss, weights: plain(weightSum) });
  }

  /** Say what the number is that an operation of the update multiplies by.
   * @param {import("./engine/operation.js").Line} line
   */
  explain({ name }) {
    const { course, state, player } = this;
    if (!course || !state?.told) return;
    const { told: { rate, settings }, net: { frames: { config } } } = course;
    const schedule = String(described(config.schedule ?? { name: "constant" }));
    const values = { rate: rate === null ? "?" : brief(rate), given: brief(settings.rate), schedule };
    state.problem = name === "mean"
      ? say("origin.factor", { weights: plain(state.told.weightSum) })
      : say("origin.rate", values);
    player.paint();
  }

  /** What a number was made of in a step; null where no operation of it has written the number.
   * @param {Way} way @param {number} step @returns {Promise<import("./engine/deriving.js").Part | null>}
   */
  async derive(way, step) {
    return (await this.tell(way, step))?.derived ?? null;
  }

  /** What is told of a place in a step; null where it cannot be taken.
   * @param {Way} way @param {number} step @returns {Promise<Place | null>}
   */
  async tell(way, step) {
    for (;;) {
      const told = await this.course?.operation(way, step);
      if (told?.isThere !== false) return told?.isThere ? told : null;
    }
  }

  /** Go back to where something was asked. @param {number} place @param {number} step */
  goBack(place, step) {
    if (!this.state) this.#show();
    return this.ask({ from: place }, step);
  }

  /** Take operations one after the other, or stop doing so. */
  async move() {
    const { player: { state } } = this;
    if (!state.apart) return;
    const asked = state.apart;
    const turn = this.#moving = {};
    const isOver = () => state.apart !== asked || this.#moving !== turn; // closed, or begun anew
    Object.assign(asked, { isMoving: !asked.isMoving, problem: "" }); // what was explained is read
    this.player.paint();
    while (!isOver() && asked.isMoving && asked.told?.isSame === null && !asked.problem) {
      await this.go("operation", 1);
      await new Promise((resolve) => setTimeout(resolve, PAUSE / state.speed));
    }
    if (isOver()) return;
    asked.isMoving = false;
    this.player.paint();
  }

  showAll() {
    if (this.state) this.state.isWhole = !this.state.isWhole;
    this.player.paint();
  }

  /** Go to a place of the step after one. @param {Way} way @param {number} step */
  async ask(way, step) {
    const { course, player: { state } } = this;
    if (!course || !state.apart) return;
    const turn = this.#asked += 1;
    const isOver = () => turn !== this.#asked;
    this.isBusy = true;
    state.apart.problem = "";
    if (state.frame !== step) await this.#showFrame(step);
    for (let told = null; !told?.isThere && !isOver();) {
      told = await course.operation(way, step);
      if (isOver()) return;
      if (told.isThere === null) {
        state.apart.problem = told.problem;
        break;
      }
      await this.#take(told);
      if (isOver()) return;
    }
    this.#shown = this.#name(state.frame);
    this.isBusy = false;
    this.player.paint();
    this.player.painter.showChoices(state);
    this.#reveal();
  }

  /** Bring what is lit into view, between the top of the window and the panel. */
  #reveal() {
    const { painter: { netView: { canvas, places } }, state: { apart } } = this.player;
    if (!apart) return;
    const neuron = apart.lit?.neuron ?? -1;
    const disc = places.discs.get(neuron);
    const tile = places.tiles.get(neuron);
    const box = canvas.getBoundingClientRect();
    const [top, bottom] = tile
      ? [tile.y, tile.y + tile.size]
      : disc
      ? [disc.y - disc.r, disc.y + disc.r]
      : [0, Math.min(box.height, 100)];
    const end = control("apart").getBoundingClientRect().top - MARGIN;
    const below = box.top + bottom - end;
    const above = MARGIN - box.top - top;
    if (below > 0) scrollBy({ top: Math.min(below, -above) });
    else if (above > 0) scrollBy({ top: -above });
  }

  /** @param {Place} told */
  async #take(told) {
    const { player, player: { state, net } } = this;
    const { apart } = state;
    if (!apart) return;
    apart.counted = told.isThere ? null : { count: told.counted, of: told.samples };
    if (!told.isThere) {
      player.painter.apartPanel?.show(apart, player.painter.words); // nothing else has changed
      return;
    }
    apart.told = told;
    this.#net = net;
    apart.problem = told.place === told.count ? told.problem : "";
    const line = told.lines.at(-1);
    apart.lit = line && line.neuron >= 0 ? { neuron: line.neuron, weight: line.weight } : null;
    if (apart.lit && apart.lit.neuron >= net.inputs) state.focus = apart.lit.neuron;
    const isClass = net.facts.target_kind === "class";
    const truth = isClass ? decided(net.facts, told.targets) : null;
    Object.assign(state, { sample: told.inputs, place: -1, isDrawn: false, isEmpty: false, truth });
    player.painter.pad?.leave();
    if (told.isSame) await this.#showFrame(told.step + 1);
  }

  /** @param {number} step @returns {Promise<void>} */
  #showFrame(step) {
    const { course, player, player: { state } } = this;
    return new Promise((resolve) => {
      if (!course) return;
      course.nearest(step); // with steps behind it
      player.giveUp();
      course.go(step, (there, isOver) => {
        state.frame = there;
        if (isOver) resolve();
      }, state.experiment.edits);
    });
  }

  /** The numbers of the neurons, as the step has them; null where another frame is shown.
   * @param {number} frame @returns {import("./net.js").Pass | null}
   */
  passIn(frame) {
    const { net } = this.player;
    const told = this.state?.told;
    if (!told?.pass) return null;
    const pass = net.forward(frame, told.inputs);
    if (frame !== told.step) return net.backward(pass, told.targets);
    return { ...pass, ...told.pass, target: told.targets };
  }
}
