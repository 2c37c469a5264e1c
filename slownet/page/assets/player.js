/** The state of the page, and the views that show it. */

import { Charts, loadPlotly } from "./charts.js";
import { Theme } from "./colours.js";
import {
  connect,
  describe,
  follow,
  note,
  offerNeurons,
  offerSamples,
  showChoices,
  showLegend,
  showState,
  showTest,
} from "./controls.js";
import { control, element } from "./elements.js";
import { COLOUR_MODES, DEFAULT_MODE } from "./modes.js";
import { holdings } from "./holdings.js";
import { Judged } from "./judged.js";
import { Net } from "./net.js";
import { brief, counted } from "./numbers.js";
import { inflate, readArrays } from "./payload.js";
import { described, howSteps } from "./training.js";
import { Tour } from "./tour.js";
import { detail } from "./views/details.js";
import { frozen, precise } from "./views/footnotes.js";
import { paintInk, paintWeights } from "./views/images.js";
import { NetView } from "./views/netview.js";
import { oneStep } from "./views/onestep.js";
import { Pad } from "./views/pad.js";
import { Plane } from "./views/plane.js";
import { spell } from "./views/spelled.js";
import { judge } from "./views/verdict.js";
import { Words } from "./views/words.js";

const FRAMES_A_SECOND = 20;
const TEXTS_A_SECOND = 12; // numbers and tables

export class Player {
  /**
   * @param {Net} net
   * @param {any} palette
   * @param {any} figures
   */
  constructor(net, palette, figures) {
    this.net = net;
    this.theme = new Theme(palette);
    this.words = new Words(net, (chosen) => this.choose(chosen));
    const { facts } = net;
    const last = net.layers.length - 1;
    this.state = {
      frame: facts.frames - 1,
      playing: false,
      speed: 1,
      colours: DEFAULT_MODE,
      place: 0,
      isDrawn: false,
      isEmpty: facts.samples.length === 0,
      sample: new Float64Array(net.inputs),
      truth: /** @type {number | null} */ (null),
      chosen: /** @type {any} */ (null),
      hovered: /** @type {any} */ (null),
      focus: net.begins[facts.side > 0 || last === 1 ? 1 : last],
      digits: this.words.digits,
      surfaces: /** @type {Map<number, Uint32Array> | null} */ (null),
      scales: /** @type {[number, number][]} */ ([]),
    };
    this.painted = 0;
    this.written = 0;
    this.clock = 0;
    this.hash = "";
    this.isStarted = false;
    this.schemeBefore = "";
    this.isReady = false;
    this.hasCharts = false;
    this.netView = new NetView(control("canvas"), net, this.theme);
    this.plane = facts.plane === null ? null : new Plane(control("plane-canvas"), net, this.theme);
    this.netView.predicted = (k, value) => this.words.predicted(k, value);
    if (this.plane) {
      this.plane.nameOf = (neuron) => this.words.name(neuron);
      this.state.scales = this.plane.scales;
    }
    this.judged = new Judged(control("judged-canvas"), net, this.theme);
    this.pad = facts.side > 0
      ? new Pad(control("pad"), facts.side, net.ink, (sample, done) => this.#drawn(sample, done))
      : null;
    this.charts = new Charts(figures, net.arrays, facts.training.steps, this.theme);
    this.tour = new Tour(this, control("tour"));
    this.#arrange();
    connect(this);
    offerSamples(this);
    offerNeurons(this);
    this.#addListeners();
    if (facts.samples.length) this.setSample(0);
    this.resize();
  }

  /** Hide what this net does not need, and fill in what never changes. */
  #arrange() {
    const { facts } = this.net;
    control("input").hidden = facts.side === 0;
    control("plane").hidden = this.plane === null;
    control("judged").hidden = !facts.judged.count;
    control("judged-key").textContent = facts.judged.target_kind === "class" ? "true ↓ said →" : "";
    document.body.classList.toggle("is-plane", this.plane !== null);
    if (this.plane) control("spelled").append(control("chosen"));
    document.body.classList.toggle("is-image", facts.side > 0);
    for (const which of ["loss", "accuracy"]) {
      const now = facts.curves.find((/** @type {any} */ each) =>
        each.role === "now" && each.which === which
      );
      control(`number-${which}`).hidden = !now;
      if (now) control(`number-${which}`).title = now.name;
      const drawn = facts.curves.filter((/** @type {any} */ each) =>
        each.which === which && each.role !== "now"
      );
      control(`legend-${which}`).replaceChildren(
        ...drawn.flatMap((
          /** @type {any} */ each,
        ) => [
          element("b", { class: each.role, title: each.name }, "━"),
          ` ${each.role} `,
        ]),
      );
      control(`chart-${which}`).parentElement.hidden = !facts.curves.some((/** @type {any} */ each) =>
        each.which === which
      );
    }
    for (const [name, { option, needsSample }] of Object.entries(COLOUR_MODES)) {
      if (needsSample && !facts.samples.length) continue;
      control("colours").append(element("option", { value: name }, option));
    }
    showTest(this.net);
    this.#write();
  }

  /** Write the foot of the page. */
  #write() {
    const { training } = this.net.facts;
    const { config, data, versions, arithmetic } = training;
    const known = (/** @type {any} */ value, /** @type {string} */ text) =>
      value === undefined ? [] : [text];
    const options = [
      ...known(data.samples, `${counted(data.samples)} samples`),
      ...known(config.batch_size, `batches of ${config.batch_size}`),
      ...known(config.epochs, `${config.epochs} epochs`),
      ...known(
        config.optimizer,
        `${described(config.optimizer)} with rate ${config.learning_rate}${this.#schedule()}`,
      ),
      `loss ${this.net.facts.loss}`,
      ...known(config.seed, `seed ${config.seed}`),
    ];
    const lines = [
      `${options.join(", ")}.`,
      ...howSteps(config),
      ...precise(this.net.facts),
      ...frozen(this.net),
    ];
    if (data.X) {
      lines.push(
        `SHA-256 of the data: ${data.X.slice(0, 16)}… (inputs), ${data.y.slice(0, 16)}… (targets).`,
      );
    }
    const how = training.source?.command === "slownet train"
      ? "“slownet verify” trains"
      : "slownet.verify in Python, given the same data, trains";
    lines.push(
      `Made with slownet ${versions.slownet ?? ""}, trained with arithmetic ${arithmetic}: with the ` +
        `same one, ${how} again and compares every number of this page.`,
    );
    control("about").replaceChildren(...lines.map((line) => element("p", {}, line)));
    control("holds").textContent = holdings(this.net);
    this.notes = control("notes");
  }

  /** The schedule of the learning rate, and where it led. */
  #schedule() {
    const { config, rates, last, steps } = this.net.facts.training;
    if (!config.schedule || (config.schedule.name === "constant" && !config.schedule.own)) return "";
    const rate = rates?.[rates.length - 1];
    const end = steps[steps.length - 1];
    const at = end < last ? `at step ${counted(end + 1)}` : "at the last step";
    const led = typeof rate === "number" ? `: ${brief(rate)} ${at}` : "";
    return ` and schedule ${described(config.schedule)}${led}`;
  }

  #addListeners() {
    const { canvas } = this.netView;
    const tip = control("tip");
    const at = (/** @type {PointerEvent | MouseEvent} */ event) => {
      const box = canvas.getBoundingClientRect();
      return this.netView.at(event.clientX - box.left, event.clientY - box.top);
    };
    canvas.addEventListener("pointermove", (event) => {
      this.#hover(at(event));
      this.#placeTip(event.clientX, event.clientY);
    });
    canvas.addEventListener("pointerleave", () => this.#hover(null));
    canvas.addEventListener("click", (event) => this.choose(at(event)));
    this.plane?.canvas.addEventListener("pointerdown", (event) => {
      const box = /** @type {Plane} */ (this.plane).canvas.getBoundingClientRect();
      const point = this.plane?.pointAt(event.clientX - box.left, event.clientY - box.top);
      if (point) this.#drawn(point, true);
    });
    let waiting = 0;
    const watcher = new ResizeObserver(() => {
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(() => this.resize());
    });
    for (const id of ["canvas", "plane-canvas", "judged-canvas", "chart-loss"]) {
      watcher.observe(control(id));
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.restyle());
    globalThis.addEventListener("beforeprint", () => this.#print(true));
    globalThis.addEventListener("afterprint", () => this.#print(false));
    tip.hidden = true;
  }

  /** Draw in light colours for paper, and afterwards as before. @param {boolean} begins */
  #print(begins) {
    const { style } = document.documentElement;
    if (begins) this.schemeBefore = style.colorScheme;
    style.colorScheme = begins ? "light" : this.schemeBefore;
    this.restyle();
  }

  /** @param {any} thing */
  #hover(thing) {
    const before = this.state.hovered;
    this.state.hovered = thing;
    const tip = control("tip");
    tip.hidden = !thing || !this.pass;
    if (thing && this.pass) {
      tip.replaceChildren(...this.words.brief(thing, this.pass).map((line) => element("div", {}, line)));
    }
    this.netView.canvas.style.cursor = thing ? "pointer" : "default";
    if (this.plane && before?.neuron !== thing?.neuron && !this.state.playing) {
      this.plane.paint(this.state);
    }
  }

  /** @param {number} x @param {number} y */
  #placeTip(x, y) {
    const tip = control("tip");
    if (tip.hidden) return;
    const { clientWidth, clientHeight } = document.documentElement;
    const left = x + 16 + tip.offsetWidth > clientWidth ? x - 12 - tip.offsetWidth : x + 16;
    const top = y + 16 + tip.offsetHeight > clientHeight ? y - 12 - tip.offsetHeight : y + 16;
    tip.style.transform = `translate(${Math.max(2, left)}px, ${Math.max(2, top)}px)`;
  }

  /** The class a sample belongs to, where there are classes. @param {number} place */
  #truthOf(place) {
    const { facts, targets, neurons, begins, layers } = this.net;
    if (facts.target_kind !== "class") return null;
    const outputs = neurons - begins[layers.length - 1];
    const target = targets.subarray(place * outputs, (place + 1) * outputs);
    return target.indexOf(Math.max(...target));
  }

  /** @param {Float64Array} sample @param {boolean} _done */
  #drawn(sample, _done) {
    Object.assign(this.state, { sample, isDrawn: true, isEmpty: false, truth: null });
    this.#changed();
  }

  /** Show one of the samples. @param {number} place */
  setSample(place) {
    const { samples, inputs } = this.net;
    Object.assign(this.state, {
      sample: samples.slice(place * inputs, (place + 1) * inputs),
      place,
      isDrawn: false,
      isEmpty: false,
      truth: this.#truthOf(place),
    });
    if (this.pad) this.pad.isReady = false;
    this.#changed();
  }

  /** The pass of the current sample in a frame. @param {number} frame @returns {import("./net.js").Pass} */
  run(frame) {
    const { net, state } = this;
    const pass = { ...net.forward(frame, state.sample), isEmpty: state.isEmpty };
    if (!state.isDrawn && net.facts.samples.length) {
      const outputs = net.outputs(pass).length;
      net.backward(pass, net.targets.subarray(state.place * outputs, (state.place + 1) * outputs));
    }
    return pass;
  }

  /** Show a frame. @param {number} frame @param {boolean} [stops] whether it stops playing */
  show(frame, stops = false) {
    if (stops) this.pause();
    this.state.frame = Math.max(0, Math.min(this.net.frames - 1, frame));
    this.paint();
  }

  /** Draw everything that changes with the frame. */
  paint() {
    const { state } = this;
    if (!this.isReady) return;
    this.pass = this.run(state.frame);
    if (this.plane) {
      this.plane.look(state.frame, state.playing);
      state.surfaces = this.plane.tiles();
      this.plane.paint(state);
    }
    this.netView.paint(state, this.pass);
    this.charts.show(state.frame);
    showState(this);
    this.painted += 1;
    const now = performance.now();
    if (state.playing && now - this.written < 1000 / TEXTS_A_SECOND) return;
    this.written = now;
    this.#writeState();
  }

  /** Write texts and tables; while playing, not in every frame. */
  #writeState() {
    const { state } = this;
    this.pad?.show(state.sample, this.theme);
    this.#spell();
    this.judged.paint(state.frame);
    if (state.hovered) this.#hover(state.hovered);
    if (!state.playing) {
      note(this);
      describe(this);
    }
    const lines = [...this.netView.places.notes];
    if (this.netView.isThinned) lines.push("Of many lines, the strongest are drawn.");
    if (this.notes) this.notes.textContent = lines.join(" ");
    showLegend(control("legend"), this.netView.legend);
  }

  #spell() {
    const { state, net, words, theme } = this;
    const pass = /** @type {import("./net.js").Pass} */ (this.pass);
    const neuron = state.focus;
    control("spelled-name").textContent = words.name(neuron);
    const isImage = net.facts.side > 0 && net.layerOf[neuron] === 1;
    control("images").hidden = !isImage;
    if (isImage) {
      const mode = COLOUR_MODES[state.colours].caption === null ? "weights" : state.colours;
      const shown = this.netView.shownOf(mode, pass);
      const reach = this.netView.scale(mode, 1, shown, pass.frame);
      const weights = this.netView.shownOf("weights", pass);
      control("weights-label").textContent = COLOUR_MODES[mode].caption;
      paintWeights(control("weights"), net, neuron, shown, reach, theme);
      const contributed = this.netView.shownOf("contribution", pass);
      paintWeights(
        control("contributions"),
        net,
        neuron,
        contributed,
        this.netView.scale("weights", 1, weights, pass.frame),
        theme,
      );
    }
    judge(control("verdict"), words, state, pass);
    spell(control("terms"), words, pass, neuron);
    control("chosen-name").textContent = this.#chosenName();
    detail(control("details"), words, state.chosen, pass);
    control("one-step").textContent = state.playing ? "" : oneStep(words, pass, state.truth);
  }

  #chosenName() {
    const { chosen } = this.state;
    if (!chosen) return "Look closer";
    if (chosen.neuron !== undefined) return this.words.name(chosen.neuron);
    return `${this.words.name(this.net.source[chosen.weight])} → ${
      this.words.name(this.net.target[chosen.weight])
    }`;
  }

  /** Draw after a choice. */
  #changed() {
    this.paint();
    this.#drawHistory();
    showChoices(this);
  }

  /** Select a neuron or a weight. @param {any} thing */
  choose(thing) {
    const { net, state } = this;
    state.chosen = thing;
    const neuron = thing?.neuron ?? (thing ? net.target[thing.weight] : undefined);
    if (neuron !== undefined && neuron >= net.inputs) state.focus = neuron;
    this.#changed();
  }

  #drawHistory() {
    const { net, state, charts } = this;
    const place = control("chart-chosen");
    place.hidden = !state.chosen || (state.isEmpty && state.chosen.neuron !== undefined);
    if (place.hidden || !this.hasCharts) return;
    const { weight, neuron } = state.chosen;
    const numbers = Array.from(
      { length: net.frames },
      (_, frame) =>
        weight !== undefined
          ? net.weight(frame, weight)
          : neuron < net.inputs
          ? state.sample[neuron]
          : net.forward(frame, state.sample).value[neuron],
    );
    charts.drawChosen(numbers, `${weight !== undefined ? "weight" : "value"} of ${this.#chosenName()}`);
  }

  /** @param {string} colours */
  setColours(colours) {
    this.state.colours = colours;
    this.#changed();
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.state.speed = speed;
    showChoices(this);
  }

  toggle() {
    if (this.state.playing) this.pause();
    else this.play();
  }

  /** @param {number} frames */
  step(frames) {
    this.show(this.state.frame + frames, true);
  }

  play() {
    const { state, net } = this;
    if (state.playing) return;
    if (state.frame >= net.frames - 1) state.frame = 0;
    state.playing = true;
    this.clock += 1;
    const clock = this.clock;
    let due = performance.now();
    const tick = (/** @type {number} */ now) => {
      if (!state.playing || clock !== this.clock) return;
      if (now >= due) {
        due = Math.max(due + 1000 / FRAMES_A_SECOND / state.speed, now - 20);
        if (state.frame >= net.frames - 1) {
          this.pause();
          return;
        }
        this.show(state.frame + 1);
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
    showChoices(this);
  }

  /** Fit everything to the window. */
  resize() {
    this.netView.fit();
    this.plane?.fit();
    this.judged.fit();
    this.isReady = true;
    this.charts.fit();
    this.paint();
  }

  /** Draw with the colours of the current theme. */
  async restyle() {
    this.theme.read();
    for (const [k, canvas] of [...document.querySelectorAll(".sample canvas")].entries()) {
      this.#thumbnail(/** @type {HTMLCanvasElement} */ (canvas), k);
    }
    this.paint();
    if (this.hasCharts) await this.drawCharts();
  }

  toggleTheme() {
    document.documentElement.style.colorScheme = this.theme.isDark ? "light" : "dark";
    this.remember("theme", this.theme.isDark ? "light" : "dark");
    this.restyle();
  }

  /** @param {HTMLCanvasElement} canvas @param {number} place */
  #thumbnail(canvas, place) {
    const { samples, inputs, ink } = this.net;
    paintInk(
      canvas,
      samples.subarray(place * inputs, (place + 1) * inputs),
      canvas.width,
      ink,
      this.theme,
    );
  }

  async drawCharts() {
    for (const name of ["loss", "accuracy"]) await this.charts.draw(name);
    this.hasCharts = true;
    this.#drawHistory();
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

/** Begin. @param {{facts: any, contents: any, payload: string, palette: any, figures: any, activations: any[], loss: any}} page */
export async function start({ facts, contents, payload, palette, figures, activations, loss }) {
  const arrays = readArrays(contents, await inflate(payload, "deflate"));
  const net = new Net(facts, arrays, activations, loss);
  const player = new Player(net, palette, figures);
  const theme = player.remember("theme");
  if (theme) document.documentElement.style.colorScheme = theme;
  player.restyle();
  const isSent = follow(player);
  player.isStarted = true;
  const isEmbedded = globalThis.top !== globalThis.self; // in a notebook or an article
  if (!isSent && !isEmbedded && player.remember("tour") !== "off" && facts.samples.length) {
    player.tour.show(0);
  }
  showChoices(player);
  performance.mark("slownet:paint");
  window.slownet = {
    player,
    net,
    frames: facts.frames,
    state: () => ({ ...player.state, surfaces: null, step: facts.training.steps[player.state.frame] }),
    show: (/** @type {number} */ frame) => player.show(frame, true),
    play: () => player.play(),
    pause: () => player.pause(),
    setSpeed: (/** @type {number} */ speed) => player.setSpeed(speed),
    get painted() {
      return player.painted;
    },
    charts: drawnLater(player),
  };
}

/** Draw the charts as soon as plotly.js, which ends the page, has arrived. @param {Player} player */
async function drawnLater(player) {
  await new Promise((resolve) => {
    if (document.readyState === "complete") setTimeout(resolve, 30);
    else globalThis.addEventListener("load", () => setTimeout(resolve, 30), { once: true });
  });
  await loadPlotly(control("library").textContent);
  await player.drawCharts();
  performance.mark("slownet:charts");
}
