/** The player: actions change the state, and the views are painted from it. */

import { writeAbout } from "./about.js";
import { Theme } from "./colours.js";
import { connect, follow, note, offerNeurons, offerSamples, showTest } from "./controls.js";
import { control, element } from "./elements.js";
import { COLOUR_MODES } from "./modes.js";
import { Painter } from "./painter.js";
import { inflate, readArrays } from "./payload.js";
import { connectPictures, showTip } from "./pointing.js";
import { Snapshots } from "./snapshots.js";
import { initialState, targetsOf, truthOf } from "./state.js";
import { Tour } from "./tour.js";

/** @typedef {import("./types.d.ts").Thing} Thing */

export class Player {
  /** @param {import("./snapshots.js").Course} course @param {any} palette */
  constructor(course, palette) {
    this.course = course;
    this.state = initialState(course.net);
    this.clock = 0;
    this.hash = "";
    this.isStarted = false;
    this.schemeBefore = "";
    this.painter = new Painter(course, new Theme(palette), {
      choose: (thing) => this.choose(thing),
      draw: (sample) => this.draw(sample),
    });
    this.tour = new Tour(this, control("tour"));
    this.#offer();
    connect(this);
    connectPictures(this);
    this.#watch();
    if (this.net.facts.samples.length) this.setSample(0);
    this.resize();
  }

  get net() {
    return this.course.net;
  }

  /** Fill the lists of the bar, and the foot. */
  #offer() {
    for (const [name, { option, needsSample }] of Object.entries(COLOUR_MODES)) {
      if (needsSample && !this.net.facts.samples.length) continue;
      control("colours").append(element("option", { value: name }, option));
    }
    offerSamples(this);
    offerNeurons(this);
    showTest(this.net);
    writeAbout(this.net);
  }

  /** Follow the sizes of the pictures, the theme, and printing. */
  #watch() {
    let waiting = 0;
    const watcher = new ResizeObserver(() => {
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(() => this.resize());
    });
    for (const id of ["canvas", "plane-canvas", "judged-canvas"]) {
      watcher.observe(control(id));
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.restyle());
    globalThis.addEventListener("beforeprint", () => this.#print(true));
    globalThis.addEventListener("afterprint", () => this.#print(false));
    control("tip").hidden = true;
  }

  /** Draw in light colours for paper, and afterwards as before. @param {boolean} begins */
  #print(begins) {
    const { style } = document.documentElement;
    if (begins) this.schemeBefore = style.colorScheme;
    style.colorScheme = begins ? "light" : this.schemeBefore;
    this.restyle();
  }

  /** Draw everything. */
  paint() {
    const { state, painter } = this;
    if (!painter.isReady) return;
    const pass = this.run(state.frame);
    painter.paint(state, pass);
    if (state.hovered) showTip(this);
    if (!state.playing) note(this);
  }

  /** The pass of the current sample in a frame. @param {number} frame @returns {import("./net.js").Pass} */
  run(frame) {
    const { net, state } = this;
    const pass = { ...net.forward(frame, state.sample), isEmpty: state.isEmpty };
    const targets = targetsOf(net, state);
    return targets ? net.backward(pass, targets) : pass;
  }

  /** Draw after a choice. */
  #changed() {
    this.paint();
    this.painter.paintHistory(this.state);
    this.painter.showChoices(this.state);
  }

  /** Send a sample of the reader's own through the net. @param {Float64Array} sample */
  draw(sample) {
    Object.assign(this.state, { sample, isDrawn: true, isEmpty: false, truth: null });
    this.#changed();
  }

  /** Show one of the samples. @param {number} place */
  setSample(place) {
    const { net, state, painter } = this;
    const { samples, inputs } = net;
    const sample = samples.slice(place * inputs, (place + 1) * inputs);
    Object.assign(state, { sample, place, isDrawn: false, isEmpty: false });
    state.truth = truthOf(net, state);
    if (painter.pad) painter.pad.isReady = false;
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

  /** @param {string} colours */
  setColours(colours) {
    this.state.colours = colours;
    this.#changed();
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.state.speed = speed;
    this.painter.showChoices(this.state);
  }

  /** Show a frame. @param {number} frame @param {boolean} [stops] whether it stops playing */
  show(frame, stops = false) {
    if (stops) this.pause();
    this.course.go(frame, (arrived) => {
      this.state.frame = arrived;
      this.paint();
    });
  }

  /** Go forward or back. @param {number} frames */
  step(frames) {
    this.show(this.state.frame + frames, true);
  }

  toggle() {
    if (this.state.playing) this.pause();
    else this.play();
  }

  play() {
    const { state, course } = this;
    if (state.playing) return;
    if (state.frame >= course.last) this.show(course.first);
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
          this.pause();
          return;
        }
        this.show(next);
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

  /** Fit everything to the window. */
  resize() {
    this.painter.fit();
    this.paint();
  }

  /** Draw with the colours of the current theme. */
  restyle() {
    this.painter.restyle();
    this.paint();
  }

  toggleTheme() {
    const theme = this.painter.theme.isDark ? "light" : "dark";
    document.documentElement.style.colorScheme = theme;
    this.remember("theme", theme);
    this.restyle();
  }

  /** Store a choice of the reader, if the browser allows it, and return it.
   * @param {string} name @param {string} [value] @returns {string | null}
   */
  remember(name, value = undefined) {
    try {
      if (value !== undefined) localStorage.setItem(`slownet ${name}`, value);
      return localStorage.getItem(`slownet ${name}`);
    } catch {
      return null;
    }
  }
}

/** Begin. @param {{facts: any, contents: any, payload: string, palette: any, formulas: any}} page */
export async function start({ facts, contents, payload, palette, formulas }) {
  const arrays = readArrays(contents, await inflate(payload, "deflate"));
  const course = new Snapshots(facts, arrays, formulas.activations, formulas.loss);
  const player = new Player(course, palette);
  const theme = player.remember("theme");
  if (theme) document.documentElement.style.colorScheme = theme;
  player.restyle();
  const isSent = follow(player);
  player.isStarted = true;
  const isEmbedded = globalThis.top !== globalThis.self; // in a notebook or an article
  if (!isSent && !isEmbedded && player.remember("tour") !== "off" && facts.samples.length) {
    player.tour.show(0);
  }
  player.painter.showChoices(player.state);
  performance.mark("slownet:paint");
  window.slownet = hooks(player);
}

/** What tests and benchmarks look at. @param {Player} player */
function hooks(player) {
  const { course, painter } = player;
  return {
    player,
    painter,
    get net() {
      return course.net;
    },
    frames: course.last + 1,
    state: () => ({ ...player.state, step: course.net.frames.stepOf(player.state.frame) }),
    show: (/** @type {number} */ frame) => player.show(frame, true),
    play: () => player.play(),
    pause: () => player.pause(),
    setSpeed: (/** @type {number} */ speed) => player.setSpeed(speed),
    get painted() {
      return painter.painted;
    },
  };
}
