/** Where numbers come from: each that the page shows of the net leads to what it was made of, and back.
 *
 * @typedef {object} Asked a number of the net
 * @property {"weight" | "bias" | "z" | "value" | "slope" | "delta" | "gradient" | "loss" | "accuracy"} what
 * @property {number} [neuron]
 * @property {number} [weight]
 * @property {"rest" | "prediction"} [turned] into what it leaves of 1, or into the unit of its target
 *
 * @typedef {object} Moment in which a question was asked
 * @property {{step: number, place: number} | null} apart where the step that is taken apart stood
 * @property {number} frame
 * @property {number} focus
 * @property {import("./types.d.ts").Chosen} chosen
 * @property {import("./net.js").Net} net whose neurons and weights these are
 */

import { control, reveal } from "./elements.js";
import { Names } from "./engine/names.js";
import { say } from "./language.js";
import { carriedThing } from "./live.js";
import { plain } from "./numbers.js";
import { inWords } from "./views/edits.js";

const MOST = 50; // questions that there is a way back from
const ONLY_TRAINED = ["weight", "bias", "loss"]; // steps of the page made them

export class Origins {
  #trail = /** @type {Moment[]} */ ([]);

  /** @param {import("./player.js").Player} player */
  constructor(player) {
    this.player = player;
  }

  /** Whether the page can say what a number was made of. @param {Asked} asked */
  answers({ what }) {
    const { apart, net, state } = this.player;
    if (state.presentation.isEmbedded) return false;
    if (what === "accuracy") return net.frames.judging.count > 0;
    return ONLY_TRAINED.includes(what) ? apart.course !== null : !state.isEmpty;
  }

  /** Go to what a number was made of. @param {Asked} asked */
  async ask(asked) {
    const { player, player: { net, state, apart } } = this;
    const { what, neuron = 0, weight = 0 } = asked;
    this.remember();
    if (what === "weight") await this.#updated(this.names.ofWeight("weight", weight));
    else if (what === "bias") await this.#updated(this.names.of("bias", neuron));
    else if (what === "loss") await this.#updated("total");
    else if (what === "accuracy") this.#point("judged");
    else if (state.apart) {
      const name = what === "gradient"
        ? this.names.ofWeight("grad", weight)
        : this.names.of(what, neuron);
      await apart.why(name);
    } else {
      player.spell(what === "gradient" ? net.target[weight] : neuron);
      const isBackward = what !== "z" && what !== "value";
      if (isBackward) control("backward", HTMLDetailsElement).open = true;
      this.#point(isBackward ? "backward" : "terms");
    }
    player.paint();
  }

  /** Of the numbers of the net. */
  get names() {
    return new Names(this.player.net);
  }

  /** Go to the last update of a number, in the step before the one that is shown.
   * @param {string} name as its operations have it
   */
  async #updated(name) {
    const { apart, state } = this.player;
    await apart.whyUpdated(name, state.frame);
  }

  /** Bring a part of the page into view, and point at it. @param {string} id */
  #point(id) {
    const place = control(id);
    for (const each of document.querySelectorAll(".asked")) each.classList.remove("asked");
    place.classList.add("asked");
    reveal(place);
  }

  /** What no step of this page has written. @param {string} name @param {number} step @returns {string} */
  begun(name, step) {
    const { facts } = this.player.net;
    if (/^bias_\d/.test(name)) return say("origin.bias", { name });
    if (/^(first|second)_/.test(name)) return say("origin.memory", { name });
    if (name === "total") return say("origin.none");
    const initial = facts.recipe?.initial;
    if (!initial || step > 0) return say("origin.given", { name, step });
    const l = facts.layers.findIndex(({ id }) => String(id) === name.split("_")[1]) - 1;
    const { distribution, centre, spread } = initial.layers[l];
    const drawn = say(distribution === "normal" ? "origin.normal" : "origin.uniform");
    const kind = facts.recipe?.initializers?.[l] ?? distribution;
    const [first] = this.player.state.experiment.edits;
    const given = (BigInt(initial.seed[0]) << 32n) + BigInt(initial.seed[1]);
    const seed = String(first?.kind === "seed" ? first.args[0] : given);
    return say("origin.drawn", {
      name,
      seed,
      kind,
      amount: centre === 0 ? plain(spread) : `${plain(centre)} + ${plain(spread)}`,
      drawn,
    });
  }

  /** What gave a number its value at a step, where no step of this page did; "" otherwise.
   * @param {string} name @param {number} step
   */
  givenAt(name, step) {
    const { course } = this.player.apart;
    return this.changed(name, step) || (course && step <= course.first ? this.begun(name, step) : "");
  }

  /** The change of the reader that gave a number its value at a step, in words; "" if none did.
   * @param {string} name @param {number} step
   */
  changed(name, step) {
    const { net, state: { experiment } } = this.player;
    const { weight = -1, neuron = -1 } = this.names.read(name) ?? {};
    const isOf = (/** @type {import("./engine/experiment.js").Edit} */ { kind, args }) => {
      if (kind === "bias") return name.startsWith("bias_") && isSame(args[0], net.idsOf(neuron));
      if (kind !== "set" || weight < 0 || !name.startsWith("weight_")) return false;
      const [from, to] = [net.source[weight], net.target[weight]].map((each) => net.idsOf(each));
      return isSame(args[0], from) && isSame(args[1], to);
    };
    const made = experiment.edits.filter((each) => each.step === step);
    const edit = made.findLast(isOf);
    if (edit) return say("origin.edit", { name, step, edit: inWords(edit) });
    const ends = weight >= 0 ? [net.source[weight], net.target[weight]] : neuron >= 0 ? [neuron] : [];
    const shape = made.findLast((each) => this.#makes(each, ends));
    return shape ? say("origin.shape", { step, edit: inWords(shape) }) : "";
  }

  /** Whether a change made neurons, or gave them other names. @param {import("./engine/experiment.js").Edit} edit
   * @param {number[]} neurons
   */
  #makes({ kind, args }, neurons) {
    const { net } = this.player;
    const ids = neurons.map((neuron) => net.idsOf(neuron)[0]); // of their layers
    if (kind === "layer") return ids.some((id) => id > Number(args[0]));
    if (kind === "unlayer") {
      return ids.length > 1 && ids[0] < Number(args[0]) && ids[1] > Number(args[0]);
    }
    return kind === "add" && neurons.some((neuron) => {
      const { id, neurons: ids } = net.layers[net.layerOf[neuron]];
      return id === args[0] && net.idsOf(neuron)[1] === Math.max(...ids);
    });
  }

  /** Keep what is shown, to come back to it. */
  remember() {
    const { net, state } = this.player;
    const told = state.apart?.told;
    const apart = told ? { step: told.step, place: told.place } : null;
    const { frame, focus, chosen } = state;
    this.#trail = [...this.#trail, { apart, frame, focus, chosen, net }].slice(-MOST);
    this.#count();
  }

  /** Go back to where the last question was asked. */
  async back() {
    const { player, player: { state, apart } } = this;
    const last = this.#trail.pop();
    this.#count();
    if (!last) return;
    if (last.apart) await apart.goBack(last.apart.place, last.apart.step);
    else {
      if (state.apart) apart.close();
      if (state.frame !== last.frame) player.show(last.frame, true);
    }
    const carried = (/** @type {import("./types.d.ts").Chosen} */ thing) =>
      carriedThing(thing, last.net, player.net);
    state.chosen = carried(last.chosen);
    player.spell(carried({ neuron: last.focus })?.neuron ?? state.focus);
  }

  forget() {
    this.#trail = [];
    this.#count();
  }

  #count() {
    this.player.state.trail = this.#trail.length;
  }
}

/** @param {unknown} ids @param {number[]} others */
function isSame(ids, others) {
  return String(ids) === String(others);
}
