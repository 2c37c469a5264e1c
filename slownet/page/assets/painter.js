/** The views of the page, and how they are painted from the state. */

import { writeAbout } from "./about.js";
import { Charts } from "./charts.js";
import { describe, showChoices, showLegend, showProblem, showState } from "./controls.js";
import { control, isLarge, pressedButton } from "./elements.js";
import { answersSeveral } from "./engine/judging.js";
import { say } from "./language.js";
import { COLOUR_MODES, DEFAULT_MODE } from "./modes.js";
import { SliderScale } from "./scale.js";
import { offerContinuing } from "./views/continuing.js";
import { ExperimentPanel } from "./views/experiment.js";
import { offerBrushes, showBrush } from "./views/brushes.js";
import { offerChanges } from "./views/chosen.js";
import { ApartPanel } from "./views/apart.js";
import { offerTeaching } from "./views/teach.js";
import { detail, hint } from "./views/details.js";
import { paintInk, paintWeights } from "./views/images.js";
import { introduction } from "./views/intro.js";
import { Judged } from "./views/judged.js";
import { NetView } from "./views/netview.js";
import { oneStep } from "./views/onestep.js";
import { Pad } from "./views/pad.js";
import { Plane } from "./views/plane.js";
import { lighted } from "./views/lit.js";
import { chosenPixel, markImage } from "./views/pixels.js";
import { SharePanel } from "./views/share.js";
import { spell, spellBackward } from "./views/spelled.js";
import { showStop } from "./views/stops.js";
import { showValues } from "./views/values.js";
import { judge } from "./views/verdict.js";
import { explainDrawing } from "./views/why.js";
import { Words } from "./views/words.js";

const TEXTS_A_SECOND = 12; // numbers and tables, while it plays

/** @typedef {import("./net.js").Net} Net @typedef {import("./net.js").Pass} Pass
 * @typedef {import("./types.d.ts").State} State @typedef {import("./types.d.ts").Thing} Thing
 * @typedef {{choose: (thing: Thing) => void, draw: (sample: Float64Array, isBlank: boolean) => void,
 *   origins: import("./origins.js").Origins, derivations: import("./derivations.js").Derivations}} Actions
 */

/** The pictures and texts of one net. */
class Views {
  /** @param {Net} net @param {import("./colours.js").Theme} theme @param {Actions} actions */
  constructor(net, theme, { choose, origins, derivations }) {
    this.net = net;
    this.words = new Words(net, choose, origins, derivations);
    this.netView = new NetView(control("canvas", HTMLCanvasElement), net, theme);
    this.netView.predicted = (k, value) => this.words.predicted(k, value);
    this.plane = net.facts.plane === null
      ? null
      : new Plane(control("plane-canvas", HTMLCanvasElement), net, theme);
    if (this.plane) this.plane.nameOf = (neuron) => this.words.name(neuron);
    this.judged = new Judged(control("judged-canvas", HTMLCanvasElement), net, theme);
  }
}

export class Painter {
  /**
   * @param {import("./snapshots.js").Course} course @param {import("./colours.js").Theme} theme
   * @param {Actions} actions
   */
  constructor(course, theme, actions) {
    const { net } = course;
    this.course = course;
    this.theme = theme;
    this.actions = actions;
    this.painted = 0;
    this.written = 0;
    this.pressed = pressedButton();
    this.isReady = false;
    this.isBackward = false;
    this.pass = /** @type {Pass | null} */ (null);
    this.pad = net.facts.side > 0
      ? new Pad(
        control("pad", HTMLCanvasElement),
        net.facts.side,
        net.ink,
        actions.draw,
      )
      : null;
    this.scale = new SliderScale();
    this.charts = new Charts(theme);
    this.showLines();
    this.views = new Views(net, theme, actions);
    this.#arrange();
  }

  /** Show another net: other layers, neurons or weights. @param {Net} net */
  show(net) {
    this.views = new Views(net, this.theme, this.actions);
    this.#arrange();
  }

  get net() {
    return this.views.net;
  }

  get words() {
    return this.views.words;
  }

  get netView() {
    return this.views.netView;
  }

  get plane() {
    return this.views.plane;
  }

  /** Hide what this net does not need, and fill in what does not change while it learns. */
  #arrange() {
    const { facts, frames } = this.net;
    control("input").hidden = facts.side === 0;
    control("plane").hidden = this.plane === null;
    control("judged").hidden = !frames.judging.count || answersSeveral(facts);
    control("judged-key").textContent = frames.judging.target_kind === "class" ? say("judged.key") : "";
    document.body.dataset.layout = this.plane ? "plane" : "columns";
    control("does").textContent = introduction(facts);
    document.body.classList.toggle("is-image", facts.side > 0);
    const measures = new Map(frames.measures(frames.last).map((each) => [each.which, each]));
    for (const which of /** @type {const} */ (["loss", "accuracy"])) {
      control(`number-${which}`).hidden = !measures.has(which);
      control(`number-${which}`).title = measures.get(which)?.name ?? "";
    }
  }

  /** Offer changes. @param {import("./views/experiment.js").Actions} actions
   * @param {import("./engine/recipe.js").Offered} offered formulas
   */
  offerChanges(actions, offered) {
    this.changes = actions;
    const sets = Object.keys(this.net.arrays).flatMap((name) =>
      /^set (.+) samples$/.exec(name)?.[1] ?? []
    );
    this.panel = new ExperimentPanel(actions, offered, sets);
    if (this.plane) offerBrushes(this.net, this.plane, actions.brush);
  }

  /** Offer to take the next step apart. @param {import("./apart.js").Apart} apart */
  offerApart(apart) {
    const button = control("take-apart");
    button.hidden = control("apart-keys").hidden = false;
    button.onclick = () => apart.toggle();
    this.apartPanel = new ApartPanel({
      go: (unit, by) => apart.go(unit, by),
      goTo: (place) => apart.goTo(place),
      move: () => apart.move(),
      showAll: () => apart.showAll(),
      back: () => apart.player.origins.back(),
      close: () => apart.close(),
      why: (name, place) => {
        apart.player.origins.remember();
        apart.why(name, place);
      },
      explain: (line) => apart.explain(line),
      derive: () => apart.player.derivations.ofOperation(),
    });
  }

  /** Offer to train on from a snapshot. @param {() => void} go */
  offerContinuing(go) {
    offerContinuing(this.net, go);
  }

  /** Offer to share and to save. @param {import("./views/share.js").Actions} actions */
  offerSharing(actions) {
    new SharePanel(actions, this.course.canTrain);
  }

  /** @param {string} colours that somebody names */
  offersColours(colours) {
    return [...control("colours", HTMLSelectElement).options].some((option) => option.value === colours);
  }

  /** Fit everything to the window. */
  fit() {
    this.netView.fit();
    this.plane?.fit();
    this.views.judged.fit();
    this.charts.fit();
    this.isReady = true;
  }

  /** Draw everything that changes with the frame. @param {State} state @param {Pass} pass */
  paint(state, pass) {
    this.pass = pass;
    let surfaces = null;
    if (this.plane) {
      this.plane.look(state.frame, state.playing || this.course.goal !== null);
      surfaces = this.plane.tiles();
      this.plane.paint(state);
    }
    this.netView.paint({ ...state, surfaces, digits: this.words.digits, scales: this.scales }, pass);
    const cursor = this.net.frames.stepOf(state.frame);
    this.charts.show({ ...this.course.lines(), cursor });
    const { told, problem } = this.course;
    if (told) {
      this.panel?.show(state, told);
      control("compared").textContent = comparedWith(told, state.experiment);
    }
    showProblem(problem || state.problem);
    showStop(state, this.net);
    showState(this.course, state, this.words);
    this.scale.show(this.course);
    this.apartPanel?.show(state.apart, this.words);
    control("apart-trail").hidden = !state.trail;
    control("origin-trail").hidden = !state.trail || state.apart !== null;
    this.painted += 1;
    const now = performance.now();
    const isSoon = now - this.written < 1000 / TEXTS_A_SECOND;
    if (state.playing && (isSoon || this.pressed.is)) return; // a button that is replaced is not clicked
    this.written = now;
    this.#write(state, pass);
  }

  /** Draw the lines of the charts as far as they are known. */
  showLines() {
    this.charts.show(this.course.lines());
  }

  get scales() {
    return this.plane?.scales ?? [];
  }

  /** Write texts and tables; while playing, not in every frame. @param {State} state @param {Pass} pass */
  #write(state, pass) {
    this.pad?.show(state.sample, this.theme);
    this.#spell(state, pass);
    if (this.net.frames.start !== null) this.paintHistory(state); // it goes on, and changes
    this.views.judged.paint(state.frame);
    if (!state.playing) {
      describe(this.net, state, this.words, pass);
      writeAbout(this.net);
    }
    const lines = [...this.netView.places.notes];
    if (this.netView.isThinned) lines.push(say("net.thinned"));
    control("notes").textContent = lines.join(" ");
    showLegend(control("legend"), this.netView.legend);
  }

  /** Spell out a neuron, the verdict, and what is chosen. @param {State} state @param {Pass} pass */
  #spell(state, pass) {
    const { net, words } = this;
    const neuron = state.focus;
    control("spelled-name").textContent = words.name(neuron);
    const isImage = net.facts.side > 0 && net.layerOf[neuron] === 1;
    control("images").hidden = !isImage;
    if (isImage) this.#paintImages(state, pass);
    const pixel = chosenPixel(net, lighted(state) ?? state.chosen);
    for (const id of ["pad", "weights", "contributions"]) markImage(control(id), net.facts.side, pixel);
    showValues(control("values"), words, pass);
    judge(control("verdict"), words, state, pass);
    explainDrawing(words, state, pass, this.theme);
    spell(control("terms"), words, pass, neuron);
    control("backward").hidden = pass.delta === null;
    if (pass.delta) spellBackward(control("backward-terms"), words, pass, neuron);
    const looked = this.#lookedAt(state);
    control("chosen-name").textContent = looked ? words.nameOf(looked) : say("chosen.heading");
    if (this.changes && !state.playing) {
      offerChanges(net, looked, state.frame, this.changes.change);
      offerTeaching(net, state, this.changes.teach);
    }
    detail(control("details"), words, looked, pass);
    if (looked && !state.chosen) control("details").append(hint(net));
    control("one-step").textContent = state.playing ? "" : oneStep(words, pass, state.truth);
  }

  /** What is looked at closely: where there is room, and nothing is chosen, the neuron that is spelled out.
   * @param {State} state @returns {import("./types.d.ts").Chosen}
   */
  #lookedAt({ chosen, focus }) {
    const hasRoom = this.changes && isLarge();
    return chosen ?? (hasRoom ? { neuron: focus } : null);
  }

  /** Paint the weights of a neuron, and what they contribute. @param {State} state @param {Pass} pass */
  #paintImages({ colours, focus }, pass) {
    const { net, netView, theme } = this;
    const mode = COLOUR_MODES[colours].caption === null ? DEFAULT_MODE : colours;
    const caption = COLOUR_MODES[mode].caption ?? "mode.weights.caption";
    const shown = netView.shownOf(mode, pass);
    const reach = netView.scale(mode, 1, shown, pass.frame);
    control("weights-label").textContent = say(caption);
    paintWeights(control("weights", HTMLCanvasElement), net, focus, shown, reach, theme);
    const weights = netView.scale("weights", 1, netView.shownOf("weights", pass), pass.frame);
    const contributed = netView.shownOf("contribution", pass);
    paintWeights(control("contributions", HTMLCanvasElement), net, focus, contributed, weights, theme);
  }

  /** Draw the history of what is chosen. @param {State} state */
  paintHistory(state) {
    const place = control("chart-chosen");
    const chosen = this.#lookedAt(state);
    place.hidden = !chosen || (state.isEmpty && chosen.neuron !== undefined);
    if (!chosen || place.hidden) return;
    const what = chosen.weight !== undefined ? "weight" : "value";
    const name = say(`chosen.history.${what}`, { name: this.words.nameOf(chosen) });
    this.course.history(chosen, state.sample, (x, y) => {
      this.charts.show({ chosen: [{ role: "chosen", name, x, y }] });
    });
  }

  /** Draw with the colours of the current theme. */
  restyle() {
    this.theme.read();
    const { samples, inputs, ink } = this.net;
    for (const [k, each] of [...document.querySelectorAll(".sample canvas")].entries()) {
      const canvas = /** @type {HTMLCanvasElement} */ (each);
      const sample = samples.subarray(k * inputs, (k + 1) * inputs);
      paintInk(canvas, sample, canvas.width, ink, this.theme);
    }
  }

  /** Mark the current choices in the bar, and open what they ask for. @param {State} state */
  showChoices(state) {
    const { isBackward } = COLOUR_MODES[state.colours];
    if (isBackward !== this.isBackward) control("backward", HTMLDetailsElement).open = isBackward;
    this.isBackward = isBackward;
    showChoices(state);
    showBrush(state.brush);
  }
}

/** What came of the comparison with Python, in words. @param {import("./engine/frame.js").Frame} told
 * @param {import("./types.d.ts").Experiment} experiment
 */
function comparedWith({ compared }, { edits }) {
  if (edits.length) return say("compared.changed");
  if (compared === null) return "";
  const { steps, of, first, last } = compared;
  if (first === null || last === null) return say("compared.same", { steps, of });
  return say(first < last ? "compared.differs.among" : "compared.differs", { first, last });
}
