/** Derivations of the numbers that the page shows, each down to what was given.
 *
 * @typedef {import("./engine/deriving.js").Leaf} Leaf
 * @typedef {import("./engine/deriving.js").Part} Part
 * @typedef {import("./origins.js").Asked} Asked
 *
 * @typedef {object} Source of a derivation
 * @property {string} name of the number
 * @property {Part | null} part null where no operation has made it
 * @property {string[]} about what is derived
 * @property {(name: string, before: number) => Promise<Part | null>} derive
 * @property {((leaf: Leaf) => Promise<Source>) | null} earlier derives a weight
 *   that the part was given, or what the optimizer kept; null where no step of this page made it
 * @property {number} [step] that made these
 * @property {(label: string) => string} meaning of a name in words; "" where that is said otherwise
 */

import { derived } from "./engine/deriving.js";
import { OneSample } from "./engine/onesample.js";
import { say } from "./language.js";
import { DerivationDialog } from "./views/derivation.js";
import { meaningOf } from "./views/meanings.js";

const ONLY_TRAINED = ["loss"]; // snapshots do not say of which step it is

export class Derivations {
  /** @param {import("./player.js").Player} player */
  constructor(player) {
    this.player = player;
    this.dialog = new DerivationDialog();
  }

  /** Whether the page can say what a number was made of, in numbers. @param {Asked} asked */
  answers({ what }) {
    const { apart, state } = this.player;
    if (state.presentation.isEmbedded) return false;
    if (what === "accuracy") return this.#share(state.frame) !== null;
    return ONLY_TRAINED.includes(what) ? apart.course !== null : true;
  }

  /** The accuracy as a share of the samples that are judged; null where it is a mean over steps.
   * @param {number} frame @returns {Part | null}
   */
  #share(frame) {
    const { net: { frames } } = this.player;
    const result = frames.measures(frame).find(({ which }) => which === "accuracy")?.value ?? NaN;
    const { count } = frames.judging;
    const right = Math.round(result * count);
    if (right / count !== result) return null;
    const of = [given("right", right, "right"), given("samples", count, "samples")];
    return { label: "accuracy", result, given: "", made: { sign: "/", of, result }, place: 0 };
  }

  /** Derive a number that the page shows. @param {Asked} asked */
  async ask(asked) {
    const { player, player: { state } } = this;
    player.pause();
    await this.dialog.show(this.#sourceOf(asked, state.frame));
  }

  /** Derive the number of the operation that is shown. */
  async ofOperation() {
    const { apart, state } = this.player;
    const told = state.apart?.told;
    const line = told?.lines.at(-1);
    if (!told || !line || apart.isBusy) return;
    if (state.apart?.isMoving) apart.move();
    const part = apart.derive({ from: told.place, derive: line.name }, told.step);
    await this.dialog.show(part.then((found) => this.#ofStep(line.name, found, told.step)));
  }

  /** What a name means, in words. @param {string} label */
  #meaning = (label) => meaningOf(label, this.player.painter.words, this.player.origins.names);

  /** A number without a derivation in this page, and why that is so. @param {string} name @param {string} text
   * @returns {Source}
   */
  #nowhere(name, text) {
    const derive = () => Promise.resolve(null);
    return { name, part: null, about: [text], derive, earlier: null, meaning: this.#meaning };
  }

  /** @param {Asked} asked @param {number} frame @returns {Promise<Source>} */
  async #sourceOf({ what, neuron = 0, weight = 0, turned }, frame) {
    const { net, origins: { names }, state } = this.player;
    if (what === "accuracy") return { ...this.#nowhere(what, ""), part: this.#share(frame) };
    if (what === "loss") return this.#ofLoss(frame);
    if (what === "weight") {
      return this.#updated(names.ofWeight("weight", weight), frame, net.weight(frame, weight));
    }
    if (what === "bias") return this.#updated(names.of("bias", neuron), frame, net.bias(frame, neuron));
    const factors = [names.of("delta", net.target[weight]), names.of("value", net.source[weight])];
    const wanted = what === "gradient" ? factors : [names.of(what, neuron)];
    const told = state.apart?.told;
    const source = told?.step === frame
      ? await this.#inStep(wanted, told, what === "gradient" ? weight : null)
      : this.#shown(wanted, frame);
    if (!turned || !source.part) return source;
    const { label, result, place } = source.part;
    const value = { ...given(label, result, ""), name: wanted[0], before: place };
    const part = turned === "rest" ? restOf(value) : this.#inUnit(value, neuron);
    return { ...source, part };
  }

  /** A prediction in the unit of its target. @param {Leaf} value of an output @param {number} neuron
   * @returns {Part}
   */
  #inUnit(value, neuron) {
    const { preparation, begins, layers } = this.player.net;
    const k = neuron - begins[layers.length - 1];
    const { scale, centre } = preparation.targets[k];
    const scaled = product([value, given("scale", scale, "scale")]);
    const result = preparation.own(k, value.result);
    const made = { sign: "+", of: [scaled, given("centre", centre, "centre")], result };
    return { label: "prediction", result, given: "", made, place: value.before };
  }

  /** The loss that the bar shows: a mean over steps. @param {number} frame @returns {Source | Promise<Source>} */
  #ofLoss(frame) {
    const { course } = this.player.apart;
    const { first = 0, numbers = [] } = course?.progress.losses(frame) ?? {};
    if (numbers.length < 2) return this.#ofOneLoss(first + 1);
    const of = Array.from(numbers, (number, k) => {
      return { ...given(`loss_step_${first + k + 1}`, number, "step"), step: first + k + 1 };
    });
    const result = of.reduce((all, each) => all + each.result, 0);
    const losses = { ...given("losses", result, ""), made: { sign: "+", of, result }, place: 0 };
    const count = given("steps", of.length, "steps");
    const made = { sign: "/", of: [losses, count], result: result / of.length };
    const part = { ...made, label: "mean_loss", given: /** @type {const} */ (""), made, place: 0 };
    const earlier = ({ step = frame }) => this.#ofOneLoss(step);
    const derive = () => Promise.resolve(losses);
    return { ...this.#nowhere("loss", ""), part, derive, earlier };
  }

  /** The loss of a step: a mean over the samples of its batch. @param {number} step @returns {Promise<Source>} */
  async #ofOneLoss(step) {
    const name = `loss_step_${step}`;
    const told = await this.player.apart.tell({ from: Infinity, derive: "total" }, step - 1);
    const sum = told?.derived;
    if (!sum) return this.#nowhere(name, say("origin.none"));
    const total = { ...given("total", sum.result, ""), before: sum.place };
    const weights = given("weights", told.weightSum || 1, "weights");
    const made = { sign: "/", of: [total, weights], result: total.result / weights.result };
    return this.#ofStep(name, { ...made, label: name, given: "", made, place: 0 }, step - 1);
  }

  /** How a number came to be what it is in a frame. @param {string} name @param {number} frame
   * @param {number} number that it is @returns {Promise<Source>}
   */
  async #updated(name, frame, number) {
    const { origins, apart, net } = this.player;
    const { course } = apart;
    if (!course) {
      const step = net.frames.stepOf(frame);
      const call = `history.explain(${step}, "new_${name}", (X, y))`;
      return this.#nowhere(
        name,
        step ? say("derive.snapshot", { name, call }) : say("origin.given", { name, step }),
      );
    }
    const text = origins.givenAt(name, frame);
    if (text) return this.#nowhere(name, text);
    const part = await apart.derive({ from: Infinity, derive: name }, frame - 1);
    return part ? this.#ofStep(name, part, frame - 1) : this.#kept(name, frame, number);
  }

  /** What a step has not changed: where it was before. @param {string} name @param {number} frame
   * @param {number} number @returns {Source}
   */
  #kept(name, frame, number) {
    const { origins, net, apart, state: { experiment: { edits } } } = this.player;
    const { neuron = -1, weight = -1 } = origins.names.read(name) ?? {};
    const isFrozen = weight < 0 ? net.isBiasFrozen(frame, neuron) : net.isFrozen(frame, weight);
    const isSinceLong = isFrozen && !edits.some(({ kind }) => kind === "thaw");
    const frozen = edits.filter(({ kind, step }) => kind === "freeze" && step < frame);
    const step = isSinceLong ? frozen.at(-1)?.step ?? apart.course?.first ?? 0 : frame - 1;
    const made = { ...given(name, number, /^(first|second)_/.test(name) ? "memory" : "weight"), step };
    return {
      ...this.#nowhere(name, say("origin.unchanged", { name, step: frame })),
      part: { ...made, made, place: 0 },
      earlier: () => this.#updated(name, step, number),
    };
  }

  /** @param {string} name @param {Part | null} part @param {number} step before this one @returns {Source} */
  #ofStep(name, part, step) {
    const { apart } = this.player;
    return {
      ...{ name, part, step, meaning: this.#meaning },
      about: part
        ? [say("derive.about", { step: step + 1 }), say("derive.numbers")]
        : [say("derive.unwritten", { name })],
      derive: (other, before) => apart.derive({ from: before, derive: other }, step),
      earlier: ({ name: other, result }) => this.#updated(other, step, result),
    };
  }

  /** A number of the sample that is shown in a step that is taken apart. @param {string[]} wanted
   * @param {import("./engine/operation.js").Place} told @param {number | null} weight whose gradient it is
   * @returns {Promise<Source>}
   */
  async #inStep(wanted, { place, step, pass }, weight) {
    const parts = [];
    for (const derive of wanted) {
      parts.push(await this.player.apart.derive({ from: place, derive, isInSample: true }, step));
    }
    const { origins: { names } } = this.player;
    const keep = weight === null ? undefined : pass?.keepWeights?.[weight];
    const kept = keep === undefined ? null : given(names.ofWeight("keep", weight ?? 0), keep, "keep");
    return this.#ofStep(wanted[0], together(wanted, parts, kept), step);
  }

  /** A number of the sample that is shown. @param {string[]} wanted @param {number} frame @returns {Source} */
  #shown(wanted, frame) {
    const { net, apart, painter: { words } } = this.player;
    const pass = this.player.run(frame);
    const structure = { ...net.structure, graph: net.graphIn(frame) };
    const numbers = { weights: net.weights(frame), biases: net.biases(frame) };
    const inputs = pass.value.slice(0, net.inputs);
    const sample = new OneSample(structure, numbers, inputs, pass.delta && pass.target, net.loss);
    const derive = (/** @type {string} */ name, /** @type {number} */ before) =>
      derived(sample, name, before);
    const part = together(wanted, wanted.map((name) => derive(name, Infinity)));
    const step = net.frames.stepOf(frame);
    const about = [say("derive.shown", { step }), say("derive.numbers")];
    return {
      ...{ name: wanted[0], part, step, meaning: this.#meaning },
      about: part
        ? [...about, ...words.exact ? [] : [say("derive.rounded")]]
        : [say("derive.unwritten", { name: wanted[0] })],
      derive: (name, before) => Promise.resolve(derive(name, before)),
      earlier: apart.course ? ({ name, result }) => this.#updated(name, frame, result) : null,
    };
  }
}

/** @param {string} label @param {number} result @param {import("./engine/deriving.js").Given} kind
 * @returns {Leaf}
 */
function given(label, result, kind) {
  return { label, name: label, before: 0, result, given: kind };
}

/** What a number leaves of 1. @param {Leaf} value @returns {Part} */
function restOf(value) {
  const result = 1 - value.result;
  const made = { sign: "-", of: [given("", 1, ""), value], result };
  return { label: "sure", result, given: "", made, place: value.before };
}

/** The product of numbers that are derived; the number itself if it is one.
 * @param {string[]} names @param {(Part | null)[]} parts
 * @param {Leaf | null} [kept] by which the second one is multiplied
 * @returns {Part | null} null where one has no derivation
 */
function together(names, parts, kept = null) {
  const found = parts.filter((part) => part !== null);
  if (found.length < parts.length) return null;
  if (found.length === 1) return found[0];
  const of = found.map(({ label, place, result, given }, k) => ({
    ...{ label, result, given, name: names[k] },
    before: place,
  }));
  /** @type {import("./engine/deriving.js").Term[]} */
  const factors = kept ? [of[0], product([of[1], kept])] : of;
  const made = product(factors);
  return { ...found[0], label: "gradient", result: made.result, given: "", made };
}

/** @param {import("./engine/deriving.js").Term[]} of two factors @returns {import("./engine/deriving.js").Made} */
function product(of) {
  const isNone = of.some(({ result }) => result === 0); // then nothing is added, and the sum stays 0, not -0
  return { sign: "*", of, result: isNone ? 0 : of[0].result * of[1].result };
}
