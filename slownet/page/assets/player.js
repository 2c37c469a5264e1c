/** The player: actions change the state, and the views are painted from it. */

import { Apart } from "./apart.js";
import { addressOf, note } from "./address.js";
import { Changes } from "./changes.js";
import { Theme } from "./colours.js";
import { connect, offerNeurons } from "./controls.js";
import { Derivations } from "./derivations.js";
import { connectPlane } from "./drawing.js";
import { control } from "./elements.js";
import { carriedThing } from "./live.js";
import { offer, offerTraining } from "./offering.js";
import { Origins } from "./origins.js";
import { say } from "./language.js";
import { Painter } from "./painter.js";
import { connectPictures, pick, showTip } from "./pointing.js";
import { Snapshots } from "./snapshots.js";
import { Stops } from "./stops.js";
import { follow } from "./surroundings.js";
import { initialFocus, initialState, opened, targetsOf, truthOf } from "./state.js";
import { Tour } from "./tour.js";
import { offerClass } from "./views/forclass.js";
import { imageOf } from "./views/teach.js";
import { showWhole } from "./views/whole.js";

/** @typedef {import("./types.d.ts").Thing} Thing */

export class Player {
  /** @param {import("./snapshots.js").Course} course @param {import("./colours.js").Palette} palette
   * @param {string} script of the page
   * @param {Element} own text of the page, as it was written
   */
  constructor(course, palette, script, own) {
    /** @type {import("./snapshots.js").Course} */
    this.course = course;
    this.script = script;
    this.own = own;
    this.from = /** @type {number | null} */ (null); // the step of the snapshot that it is trained on from
    this.state = initialState(course.net);
    this.clock = 0;
    this.hash = "";
    /** @type {import("./address.js").Course} */
    this.saved = { edits: [], from: null }; // with the page
    this.isStarted = false;
    this.journey = /** @type {object | null} */ (null);
    this.changes = new Changes(this);
    this.stops = new Stops(this);
    this.apart = new Apart(this);
    this.origins = new Origins(this);
    this.derivations = new Derivations(this);
    this.painter = new Painter(course, new Theme(palette), {
      choose: (thing) => pick(this, thing),
      draw: (sample, isBlank) => this.draw(sample, isBlank),
      origins: this.origins,
      derivations: this.derivations,
    });
    this.tour = new Tour(this, control("tour"));
    const { publishing, quiz, qr } = offerClass(this);
    this.publishing = publishing;
    this.quiz = quiz;
    this.qr = qr;
    offer(this);
    connect(this);
    connectPictures(this);
    connectPlane(this);
    follow(this);
    if (this.net.facts.samples.length) this.setSample(0);
    this.resize();
  }

  get net() {
    return this.course.net;
  }

  /** Whether it goes through other frames to the one that is wanted. */
  get isOnTheWay() {
    return this.journey !== null;
  }

  /** Draw everything. */
  paint() {
    const { state, painter } = this;
    if (!painter.isReady) return;
    if (painter.net !== this.net) this.#showNet();
    this.apart.forgetOthers();
    const pass = this.run(state.frame);
    painter.paint(state, pass);
    this.apart.follow();
    if (state.hovered) showTip(this);
    if (state.playing) return;
    note(this);
    showWhole(addressOf(this, this.saved));
  }

  /** Show the net with its other layers, neurons or weights. */
  #showNet() {
    const { state, net, painter } = this;
    const chosen = carriedThing(state.chosen, painter.net, net);
    const focus = carriedThing({ neuron: state.focus }, painter.net, net)?.neuron;
    Object.assign(state, { ...initialFocus(net), chosen, hovered: null });
    if (focus !== undefined) state.focus = focus;
    painter.show(net);
    painter.fit();
    offerNeurons(this);
    painter.showChoices(state);
  }

  /** The pass of the current sample in a frame. @param {number} frame @returns {import("./net.js").Pass} */
  run(frame) {
    const { net, state } = this;
    const own = this.apart.passIn(frame);
    if (own) return own;
    const pass = { ...net.forward(frame, state.sample), isEmpty: state.isEmpty };
    const targets = targetsOf(net, state);
    return targets ? net.backward(pass, targets) : pass;
  }

  /** Draw after a choice. */
  #changed() {
    this.stops.follow();
    this.paint();
    this.painter.paintHistory(this.state);
    this.painter.showChoices(this.state);
  }

  /** Send a sample of the reader's own through the net, unless nothing is drawn yet.
   * @param {Float64Array} sample @param {boolean} [isEmpty]
   */
  draw(sample, isEmpty = false) {
    this.apart.close(false);
    Object.assign(this.state, { sample, isDrawn: true, isEmpty, truth: null });
    this.#changed();
  }

  /** Show one of the samples. @param {number} place */
  setSample(place) {
    const { net, state, painter } = this;
    const { samples, inputs } = net;
    this.apart.close(false);
    const sample = samples.slice(place * inputs, (place + 1) * inputs);
    Object.assign(state, { sample, place, isDrawn: false, isEmpty: false });
    state.truth = truthOf(net, state);
    painter.pad?.leave();
    this.#changed();
  }

  /** Select a neuron or a weight. @param {Thing | null} thing */
  choose(thing) {
    const { net, state } = this;
    state.chosen = thing;
    const neuron = thing?.neuron ??
      (thing ? net.target[/** @type {number} */ (thing.weight)] : undefined);
    if (neuron !== undefined && neuron >= net.inputs) state.focus = neuron;
    this.#changed();
  }

  /** Spell out a neuron. @param {number} neuron */
  spell(neuron) {
    this.state.focus = neuron;
    this.#changed();
  }

  /** @param {string} colours */
  setColours(colours) {
    this.state.colours = colours;
    this.#changed();
  }

  /** @param {import("./types.d.ts").Brush} brush */
  setBrush(brush) {
    this.state.brush = brush;
    this.painter.showChoices(this.state);
  }

  /** Have the net learn what is drawn. @param {number} wanted its class */
  teach(wanted) {
    this.change("digit", wanted, imageOf(this.state.sample));
    if (!this.state.problem) this.play();
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.state.speed = speed;
    this.painter.showChoices(this.state);
  }

  /** Forget the frame that it is on the way to. */
  giveUp() {
    if (this.journey !== null) this.course.giveUp();
    this.journey = null;
  }

  /** Show a frame. @param {number} frame @param {boolean} [stops] whether it stops playing, and nothing more
   *   is said of what could not be done
   */
  show(frame, stops = false) {
    if (stops) {
      this.stops.leave();
      this.pause();
      this.state.problem = "";
    }
    this.giveUp();
    this.apart.interrupt();
    const { state, course } = this;
    if (state.seeking && frame !== course.last) this.stops.leave();
    /** @type {import("./snapshots.js").Arrived} */
    const arrived = (there, isOver, watched) => {
      state.frame = there;
      this.changes.takeBack();
      this.stops.hear(watched ?? null, isOver);
      if (isOver && there < frame) this.pause(); // it cannot go further, or is to stop
      this.paint();
    };
    course.go(frame, arrived, state.experiment.edits, this.stops.wish);
  }

  /** Go forward or back. @param {number} frames */
  step(frames) {
    this.show(this.goal + frames, true);
  }

  /** The frame that is shown, or that is about to be. */
  get goal() {
    return (this.journey === null ? this.course.goal : null) ?? this.state.frame;
  }

  toggle() {
    return this.state.playing ? this.pause() : this.play();
  }

  /** Play on from what is shown, also if it was on the way to another step. */
  play() {
    const { state, course } = this;
    if (state.playing) return;
    this.origins.forget();
    this.apart.close(true, false);
    state.problem = "";
    const { isOnTheWay } = this;
    const here = Math.min(state.frame, this.goal);
    if (isOnTheWay || course.goal !== null) this.show(here);
    if (isOnTheWay) course.nearest(here); // with steps behind it
    if (here >= course.last) this.show(course.first);
    this.stops.begin();
    state.playing = true;
    this.clock += 1;
    const clock = this.clock;
    let due = performance.now();
    const tick = (/** @type {number} */ now) => {
      if (!state.playing || clock !== this.clock) return;
      if (now >= due) {
        due = Math.max(due + course.interval(state.speed), now - 20);
        const next = course.played(state.frame, state.speed);
        if (next === null) {
          this.stops.miss();
          this.pause();
          return;
        }
        if (next !== state.frame) this.show(next);
      }
      requestAnimationFrame(tick);
    };
    this.paint();
    requestAnimationFrame(tick);
  }

  pause() {
    if (!this.state.playing) return;
    this.state.playing = false;
    this.paint();
    this.painter.showChoices(this.state);
  }

  /** Change something after the step that is shown; say why, if there is no such edit.
   * @param {string} kind of edit @param {import("./engine/experiment.js").Value[]} args
   */
  change(kind, ...args) {
    this.changes.make({ step: this.state.frame, kind, args });
  }

  /** Go on from a snapshot, with the rows that the page holds. @param {number} [frame]
   * @returns {Promise<void>}
   */
  async trainFrom(frame = this.state.frame) {
    const { course, state } = this;
    if (!(course instanceof Snapshots) || !course.canContinue) return;
    this.pause();
    const training = await course.continued(frame, this.script).catch((error) => {
      state.problem = say("training.failed", { problem: error.message });
      this.paint();
    });
    if (!training) return;
    this.from = training.first;
    this.origins.forget(); // snapshots are other frames
    this.course = this.painter.course = training;
    Object.assign(state, { frame: training.first, experiment: opened([]) });
    offerTraining(this, training);
    this.paint();
  }

  /** Play on, with more steps behind the end. */
  trainOn() {
    this.course.nearest(this.course.last);
    if (this.goal < this.course.last) this.play();
  }

  /** Fit everything to the window. */
  resize() {
    this.painter.fit();
    this.paint();
    this.painter.paintHistory(this.state);
  }

  /** Draw with the colours of the current theme. */
  restyle() {
    this.painter.restyle();
    this.paint();
  }
}
