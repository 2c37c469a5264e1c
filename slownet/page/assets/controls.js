/** The controls of the page: the bar and the keyboard. */

import { counted, percent, short, sized } from "./numbers.js";
import { control, element, optional, refill, reveal } from "./elements.js";
import { say } from "./language.js";
import { toggleTheme } from "./surroundings.js";
import { spoken } from "./views/verdict.js";

/** @typedef {import("./player.js").Player} Player */

const KEYS = /** @type {Record<string, (player: Player) => void>} */ ({
  " ": (player) => player.toggle(),
  ArrowRight: (player) => player.step(1),
  ArrowLeft: (player) => player.step(-1),
  Home: (player) => player.show(player.course.first, true),
  End: (player) => player.show(player.course.last, true),
  Escape: (player) => {
    if (player.tour.isOn) player.tour.end();
    else if (player.state.apart) player.apart.close();
    else player.choose(null);
  },
  o: (player) => player.apart.toggle(),
  t: (player) => player.state.presentation.isEmbedded || player.tour.show(0),
  d: draw,
  z: (player) => player.painter.pad?.undo(),
});

/** Empty the pad, and bring it into view. @param {Player} player */
function draw({ painter: { pad } }) {
  if (!pad) return;
  pad.clear();
  reveal(control("seen"));
}

/** Connect the controls with the player. @param {Player} player */
export function connect(player) {
  const slider = control("slider", HTMLInputElement);
  control("play").addEventListener("click", () => player.toggle());
  control("previous").addEventListener("click", () => player.step(-1));
  control("next").addEventListener("click", () => player.step(1));
  slider.addEventListener("input", () => player.show(player.course.frameAt(Number(slider.value)), true));
  const [speed, colours, neurons] = ["speed", "colours", "neuron"].map((id) =>
    control(id, HTMLSelectElement)
  );
  speed.addEventListener("change", () => player.setSpeed(Number(speed.value)));
  neurons.addEventListener("change", () => player.choose({ neuron: Number(neurons.value) }));
  colours.addEventListener("change", () => player.setColours(colours.value));
  control("theme").addEventListener("click", () => toggleTheme(player));
  control("take-tour").addEventListener("click", () => player.tour.show(0));
  control("undo-stroke").addEventListener("click", () => player.painter.pad?.undo());
  control("clear-pad").addEventListener("click", () => draw(player));
  control("why").addEventListener("toggle", () => player.paint());
  document.addEventListener("keydown", (event) => pressed(player, event));
}

/** @param {Player} player @param {KeyboardEvent} event */
function pressed(player, event) {
  const undoes = event.key === "z" && !event.shiftKey; // also with Ctrl, as elsewhere
  if (event.altKey || ((event.ctrlKey || event.metaKey) && !undoes)) return;
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.matches?.("select, textarea, input:not(#slider)")) return;
  if (document.querySelector("dialog[open]")) return; // also where nothing in it has the focus
  if (target.id === "slider" && /^(Arrow|Page|Home|End)/.test(event.key)) return;
  if (event.key === " " && target.matches?.("button, summary, a")) return;
  if (/^[0-9]$/.test(event.key)) {
    const name = event.key;
    const samples = player.net.facts.samples;
    const named = samples.findIndex((each) => each.name === name);
    if (named >= 0 || Number(name) < samples.length) player.setSample(named >= 0 ? named : Number(name));
    return;
  }
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(player);
}

/** Put the selectable samples into the bar: images as buttons, others as a list.
 * @param {Player} player
 */
export function offerSamples(player) {
  const { net } = player;
  const place = control("samples");
  const { samples, side } = net.facts;
  if (!samples.length || net.facts.plane !== null) {
    place.hidden = true;
    return;
  }
  if (side > 0) {
    for (const [k, sample] of samples.entries()) {
      const canvas = element("canvas", { width: side, height: side });
      place.append(
        element("button", {
          type: "button",
          class: "sample",
          "aria-label": say("samples.image", { name: sample.name }),
          title: sample.name,
          onclick: () => player.setSample(k),
        }, canvas),
      );
    }
    place.append(
      element("button", {
        type: "button",
        id: "draw",
        title: say("samples.draw.title"),
        onclick: () => draw(player),
      }, say("samples.draw")),
    );
  } else {
    const options = samples.map((sample, k) =>
      element("option", { value: k }, say("samples.sample", { place: k + 1, name: sample.name }))
    );
    const list = element("select", { id: "sample", "aria-label": say("samples.list") }, ...options);
    list.addEventListener("change", () => player.setSample(Number(list.value)));
    place.append(list);
  }
}

/** Fill the list of neurons, for those without a mouse. @param {Player} player */
export function offerNeurons(player) {
  const { net, painter: { words } } = player;
  const list = control("neuron");
  list.replaceChildren();
  for (let l = 1; l < net.layers.length; l += 1) {
    const isLast = l === net.layers.length - 1;
    const label = isLast ? say("neurons.outputs") : say("neurons.layer", { layer: net.layers[l].id });
    const group = element("optgroup", { label });
    for (let n = net.begins[l]; n < net.begins[l + 1]; n += 1) {
      group.append(element("option", { value: n }, words.name(n)));
    }
    list.append(group);
  }
}

/** Show the state in the bar. @param {import("./snapshots.js").Course} course
 * @param {import("./state.js").State} state @param {import("./views/words.js").Words} words
 */
export function showState(course, state, words) {
  const { frames, preparation } = course.net;
  const step = frames.stepOf(state.frame);
  const slider = control("slider", HTMLInputElement);
  slider.max = String(course.lastPlace);
  slider.value = String(course.placeOf(state.frame));
  slider.setAttribute("aria-valuetext", say("play.slider.value", { step }));
  control("play").textContent = say(state.playing ? "play.pause" : "play.play");
  control("play").setAttribute("aria-pressed", String(state.playing));
  control("step").textContent = counted(step);
  control("epoch").textContent = sized(frames.epochOf(state.frame), 2);
  const { training: { test }, frames: count } = course.net.facts;
  const isOther = frames.edits.length > 0 || (count > 0 && frames.start !== null); // than what was tested
  control("number-test").hidden = !test || isOther;
  for (const { which, value, of } of frames.measures(state.frame)) {
    const isAccuracy = which === "accuracy";
    const isKnown = !Number.isNaN(value); // there is none before the first step
    const number = isAccuracy ? percent(value, 1) : sized(value, 3);
    const isStill = isKnown && !state.playing;
    const parts = isStill ? words.asked(number, { what: which }) : isKnown ? number : "—";
    refill(control(which), [parts]);
    const isPrepared = !isAccuracy && preparation.scalesOutputs;
    const samples = isPrepared ? say("bar.prepared", { of }) : of;
    control(`${which}-of`).textContent = isKnown ? samples : "";
  }
}

/** Call the steps what they are where there are no snapshots. */
export function nameSteps() {
  control("previous").title = say("play.back.title");
  control("previous").setAttribute("aria-label", say("play.back.label"));
  control("next").title = say("play.on.title");
  control("next").setAttribute("aria-label", say("play.on.label"));
  control("slider").setAttribute("aria-label", say("play.slider.step"));
  const change = control("colours").querySelector('[value="change"]');
  if (change) change.textContent = say("mode.change.option.step");
}

/** Show why an experiment cannot be shown. @param {string} text "" if it can */
export function showProblem(text) {
  const place = control("problem");
  place.hidden = !text;
  if (place.textContent !== text) place.textContent = text;
}

/** Show how right the trained net was about the test samples. @param {import("./net.js").Net} net */
export function showTest({ facts, preparation }) {
  const { test, last } = facts.training;
  control("number-test").hidden = !test;
  if (!test) return;
  const { accuracy, error } = test;
  const isAccuracy = accuracy !== null;
  const which = isAccuracy ? "accuracy" : "error";
  control("test-name").textContent = say(`bar.test.${which}`);
  const unit = preparation.unit(0);
  control("test").textContent = isAccuracy
    ? percent(accuracy, 2)
    : `${short(error ?? NaN, 4)}${unit && ` ${unit}`}`;
  const { step, samples: count } = test;
  const isLast = step === last;
  control("test-of").textContent = say(`bar.test.${which}.${isLast ? "of" : "at"}`, { count, step });
  control("number-test").title = say(`bar.test.${which}.title${isLast ? "" : ".at"}`, { step });
}

/** Show what colours and lines mean. @param {HTMLElement} place @param {string[][]} lines swatch and text */
export function showLegend(place, lines) {
  const text = lines.flat().join();
  if (place.dataset.shown === text) return;
  place.dataset.shown = text;
  place.replaceChildren(
    ...lines.map(([swatch, text]) =>
      element("span", {}, element("i", { class: swatch, "aria-hidden": "true" }), ` ${text}`)
    ),
  );
}

/** Describe the pictures for screen readers.
 * @param {import("./net.js").Net} net @param {import("./state.js").State} state
 * @param {import("./views/words.js").Words} words @param {import("./net.js").Pass} pass
 */
export function describe(net, state, words, pass) {
  const step = net.frames.stepOf(state.frame);
  const prediction = state.isEmpty ? "" : spoken(words, pass, state.truth);
  const how = state.isEmpty ? "at" : "saying";
  const label = (/** @type {string} */ id, /** @type {string} */ text) =>
    control(id).setAttribute("aria-label", text);
  label("canvas", say(`net.picture.${how}`, { step, prediction }));
  label("plane-canvas", say(`plane.picture.${how}`, { step, prediction }));
  const drawing = say(state.isEmpty ? "input.sheet" : "input.drawing");
  const name = state.isDrawn ? drawing : net.facts.samples[state.place]?.name ??
    say(state.apart ? "apart.input" : "input.empty");
  label("pad", say("input.pad.named", { name }));
}

/** Mark the current choices in the bar. @param {import("./state.js").State} state */
export function showChoices(state) {
  control("colours", HTMLSelectElement).value = state.colours;
  control("speed", HTMLSelectElement).value = String(state.speed);
  control("neuron", HTMLSelectElement).value = String(state.focus);
  for (const [k, button] of document.querySelectorAll(".sample").entries()) {
    button.setAttribute("aria-pressed", String(k === state.place && !state.isDrawn));
  }
  optional("draw")?.setAttribute("aria-pressed", String(state.isDrawn));
  const list = optional("sample");
  if (list instanceof HTMLSelectElement) list.value = String(state.place);
}
