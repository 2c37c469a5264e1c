/** The names and numbers of neurons and weights as text, with digits that are right. */

import { digitsFor, plain, short, sized, tabled, within } from "../numbers.js";

/**
 * @typedef {import("../net.js").Pass} Pass
 * @typedef {import("../types.d.ts").Thing} Thing
 */

export class Words {
  /** @param {import("../net.js").Net} net
   * @param {(thing: Thing) => void} choose called with what is clicked in tables
   */
  constructor(net, choose) {
    this.net = net;
    this.choose = choose;
    const { precision } = net.facts;
    const off = precision.off ?? {};
    this.exact = precision.exact;
    /** Digits after the point of what the page computes itself. */
    this.digits = {
      z: this.exact ? 4 : digitsFor(off.z ?? 1e-3),
      value: this.exact ? 4 : digitsFor(off.value ?? 1e-3),
      output: this.exact ? 4 : digitsFor(off.output ?? 1e-3),
      percent: this.exact ? 1 : Math.max(0, Math.min(1, digitsFor(off.output ?? 1e-3) - 2)),
    };
    this.about = this.exact ? "" : "≈ ";
  }

  /** The name of a neuron. @param {number} neuron */
  name(neuron) {
    const { facts } = this.net;
    const l = this.net.layerOf[neuron];
    const layer = this.net.layers[l];
    const place = neuron - this.net.begins[l];
    if (l === 0 && facts.side > 0) {
      return `pixel (${Math.floor(place / facts.side)}, ${place % facts.side})`;
    }
    if (l === 0) return this.net.preparation.inputs[place].name || `input ${place + 1}`;
    if (l === this.net.layers.length - 1) {
      if (facts.target_kind === "class") return `output “${facts.classes[place]}”`;
      const target = this.net.preparation.targets[place]?.name;
      if (facts.target_kind === "number" && target) return `output “${target}”`;
      return this.net.neurons - this.net.begins[l] > 1 ? `output ${layer.neurons[place]}` : "output";
    }
    return this.net.layers.length > 3
      ? `neuron ${layer.id}.${layer.neurons[place]}`
      : `neuron ${layer.neurons[place]}`;
  }

  /** A weight with all digits that are right. @param {number} frame @param {number} weight */
  weight(frame, weight) {
    if (this.net.isGone(frame, weight)) return "removed";
    const digits = this.net.digits(weight);
    const number = this.net.weight(frame, weight);
    return digits === null ? short(number, 4) : sized(number, digits);
  }

  /** The same with few digits, all of them right. @param {number} frame @param {number} weight */
  rounded(frame, weight) {
    return sized(this.net.weight(frame, weight), Math.min(this.net.digits(weight) ?? 3, 3));
  }

  /** The same with all of its digits. @param {number} frame @param {number} weight */
  whole(frame, weight) {
    const isWhole = this.net.digits(weight) === null && !this.net.isGone(frame, weight);
    return isWhole
      ? String(this.net.weight(frame, weight)).replace("-", "−")
      : this.weight(frame, weight);
  }

  /** The neuron or weight under the mouse, in a few lines. @param {Thing} thing @param {Pass} pass */
  brief(thing, pass) {
    const { net } = this;
    if (thing.weight !== undefined) {
      const { weight } = thing;
      const lines = [`${this.name(net.source[weight])} → ${this.name(net.target[weight])}`];
      const frozen = net.isFrozen(pass.frame, weight) ? " (frozen)" : "";
      lines.push(`weight ${this.whole(pass.frame, weight)}${frozen}`);
      if (pass.delta) lines.push(`gradient ${this.about}${short(net.gradient(pass, weight))}`);
      return lines;
    }
    const { neuron } = thing;
    if (neuron < net.inputs) {
      const made = net.preparation.isScaled(neuron)
        ? [`prepared ${this.made(pass, neuron).join(" = ")}`]
        : [];
      const lines = [`value ${this.ownInput(pass, neuron)}`, ...made];
      return [this.name(neuron), ...pass.isEmpty ? [] : lines];
    }
    const frozen = net.isBiasFrozen(pass.frame, neuron) ? " (frozen)" : "";
    const lines = [this.name(neuron), `bias ${this.bias(pass.frame, neuron)}${frozen}`];
    if (pass.isEmpty) return lines;
    lines.push(`z ${this.about}${sized(pass.z[neuron], this.digits.z)}`);
    lines.push(`value ${this.about}${sized(pass.value[neuron], this.digits.value)}`);
    if (this.isPrediction(neuron)) lines.push(`which is ${this.#whichIs(pass, neuron)}`);
    if (pass.delta) lines.push(`delta ${this.about}${short(pass.delta[neuron])}`);
    return lines;
  }

  /** The number of an input as it is in the table. @param {Pass} pass @param {number} neuron */
  ownInput(pass, neuron) {
    return this.net.preparation.isThere ? tabled(pass.sample[neuron]) : short(pass.value[neuron], 4);
  }

  /** How the number that enters the net is made of that of the table, and what it is.
   * @param {Pass} pass @param {number} neuron @returns {[string, string]}
   */
  made(pass, neuron) {
    const { centre, scale } = this.net.preparation.inputs[neuron];
    return [scaling(pass.sample[neuron], centre, scale), short(pass.value[neuron])];
  }

  /** Whether the value of a neuron is a prediction in another unit. @param {number} neuron */
  isPrediction(neuron) {
    const { preparation, begins, layers } = this.net;
    return preparation.scalesOutputs && neuron >= begins[layers.length - 1];
  }

  /** The prediction that the value of an output neuron is, with its unit or name.
   * @param {Pass} pass @param {number} neuron
   */
  #whichIs(pass, neuron) {
    const k = neuron - this.net.begins[this.net.layers.length - 1];
    const { preparation } = this.net;
    const what = preparation.unit(k) || preparation.targets[k].name;
    return `${this.about}${this.predicted(k, pass.value[neuron])}${what && ` ${what}`}`;
  }

  /** A prediction in the unit of its target. @param {number} k of the output @param {number} value */
  predicted(k, value) {
    const { preparation, facts } = this.net;
    if (!preparation.scalesOutputs) return sized(value, this.digits.output);
    const off = this.exact ? 0 : (facts.precision.off?.output ?? 1e-3) * preparation.targets[k].scale;
    return within(preparation.own(k, value), off);
  }

  /** @param {number} frame @param {number} neuron */
  bias(frame, neuron) {
    if (!this.net.hasBias(frame, neuron)) return "none";
    const number = this.net.bias(frame, neuron);
    return this.exact ? short(number, 4) : sized(number, 6);
  }
}

/** How a number is brought to a scale: "(29 − 29.7) / 14.5", with so many digits that the difference shows.
 * @param {number} number @param {number} centre @param {number} scale @param {number} [least] digits
 */
export function scaling(number, centre, scale, least = 4) {
  const size = (/** @type {number} */ each) => each ? Math.floor(Math.log10(Math.abs(each))) : -Infinity;
  const digits = (/** @type {number} */ each, /** @type {number} */ few) =>
    Math.max(few, Math.min(15, size(each) - size(scale) + 3));
  const off = `${centre < 0 ? "+" : "−"} ${plain(Math.abs(centre), digits(centre, least))}`;
  return `(${tabled(number, digits(number, Math.max(6, least)))} ${off}) / ${plain(scale, least)}`;
}
