/** The names and numbers of neurons and weights as text, with digits that are right. */

import { button, element } from "../elements.js";
import { say } from "../language.js";
import { digitsFor, plain, short, sized, tabled, within } from "../numbers.js";

/**
 * @typedef {import("../net.js").Pass} Pass
 * @typedef {import("../types.d.ts").Thing} Thing
 * @typedef {import("../origins.js").Asked} Asked
 */

const MOST_IN_LINE = 14; // letters that have room with a button behind them

export class Words {
  /** @param {import("../net.js").Net} net
   * @param {(thing: Thing) => void} choose called with what is clicked in tables
   * @param {import("../origins.js").Origins} origins of numbers
   * @param {import("../derivations.js").Derivations} derivations of them
   */
  constructor(net, choose, origins, derivations) {
    this.net = net;
    this.choose = choose;
    this.origins = origins;
    this.derivations = derivations;
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
      return say("name.pixel", { row: Math.floor(place / facts.side), column: place % facts.side });
    }
    if (l === 0) {
      return this.net.preparation.inputs[place].name || say("name.input", { place: place + 1 });
    }
    const id = String(layer.neurons[place]);
    if (l === this.net.layers.length - 1) {
      const name = this.#outputName(place);
      if (name) return say("name.output.named", { name });
      const isOne = this.net.neurons - this.net.begins[l] === 1;
      return isOne ? say("name.output") : say("name.output.numbered", { id });
    }
    return say("name.neuron", { id: this.net.layers.length > 3 ? `${layer.id}.${id}` : id });
  }

  /** The name of a neuron where there is little room. @param {number} neuron */
  briefName(neuron) {
    const l = this.net.layerOf[neuron];
    const name = l && l === this.net.layers.length - 1
      ? this.#outputName(neuron - this.net.begins[l])
      : "";
    return name ? say("name.quoted", { name }) : this.name(neuron);
  }

  /** The class or the column of an output; "" where it has none. @param {number} place */
  #outputName(place) {
    const { facts, preparation } = this.net;
    if (facts.target_kind === "class") return facts.classes[place];
    return facts.target_kind === "number" ? preparation.targets[place]?.name ?? "" : "";
  }

  /** A number that leads to what it was made of, and to its derivation, where the page can say it.
   * @param {string} text @param {Asked} asked
   */
  asked(text, asked) {
    const { origins, derivations } = this;
    const title = say("origin.why");
    const label = say("origin.why.of", { name: text });
    const number = origins.answers(asked)
      ? button(text, () => origins.ask(asked), { class: "asked-for", title, "aria-label": label })
      : text;
    if (!derivations.answers(asked)) return number;
    const derive = button("", () => derivations.ask(asked), {
      class: "derive",
      title: say("derive.open.title"),
      "aria-label": say("derive.open.of", { name: text }),
    });
    const kind = text.length > MOST_IN_LINE ? "derived is-long" : "derived";
    return element("span", { class: kind }, number, derive);
  }

  /** A weight with all digits that are right. @param {number} frame @param {number} weight */
  weight(frame, weight) {
    if (this.net.isGone(frame, weight)) return say("words.removed");
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
    return [this.nameOf(thing), ...this.numbers(thing, pass).map((each) => each.slice(0, 2).join(" "))];
  }

  /** What a neuron or a weight is called. @param {Thing} thing */
  nameOf({ weight, neuron = 0 }) {
    if (weight === undefined) return this.name(neuron);
    return `${this.name(this.net.source[weight])} → ${this.name(this.net.target[weight])}`;
  }

  /** The numbers of a neuron or a weight, each behind its name, and what it is. @param {Thing} thing
   * @param {Pass} pass @returns {[string, string, Asked?][]}
   */
  numbers({ weight, neuron = 0 }, pass) {
    const { net, about } = this;
    if (weight === undefined) return this.#ofNeuron(neuron, pass);
    const number = this.#marked(this.whole(pass.frame, weight), net.isFrozen(pass.frame, weight));
    return [
      [say("words.weight"), number],
      ...pass.delta ? [named("words.gradient", about + short(net.gradient(pass, weight)))] : [],
    ];
  }

  /** @param {number} neuron @param {Pass} pass @returns {[string, string, Asked?][]} */
  #ofNeuron(neuron, pass) {
    const { net, about, digits } = this;
    if (neuron < net.inputs) {
      if (pass.isEmpty) return [];
      const made = this.made(pass, neuron).join(" = ");
      return [
        named("words.value", this.ownInput(pass, neuron)),
        ...net.preparation.isScaled(neuron) ? [named("words.prepared", made)] : [],
      ];
    }
    const bias = this.#marked(this.bias(pass.frame, neuron), net.isBiasFrozen(pass.frame, neuron));
    const own = named(
      "words.bias",
      bias,
      net.hasBias(pass.frame, neuron) ? { what: "bias", neuron } : undefined,
    );
    if (pass.isEmpty) return [own];
    return [
      own,
      ["z", about + sized(pass.z[neuron], digits.z), { what: "z", neuron }],
      named("words.value", about + sized(pass.value[neuron], digits.value), { what: "value", neuron }),
      ...this.isPrediction(neuron)
        ? [
          named("words.which", this.#whichIs(pass, neuron), {
            what: "value",
            neuron,
            turned: "prediction",
          }),
        ]
        : [],
      ...pass.delta
        ? [named("words.delta", about + short(pass.delta[neuron]), { what: "delta", neuron })]
        : [],
    ];
  }

  /** @param {string} number @param {boolean} isFrozen */
  #marked(number, isFrozen) {
    return isFrozen ? say("words.frozen", { number }) : number;
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
    const number = this.about + this.predicted(k, pass.value[neuron]);
    const unit = preparation.unit(k);
    if (unit) return `${number} ${unit}`;
    const { name } = preparation.targets[k];
    return name ? `${name} = ${number}` : number;
  }

  /** A prediction in the unit of its target. @param {number} k of the output @param {number} value */
  predicted(k, value) {
    const { preparation, facts } = this.net;
    if (!preparation.scalesOutputs) return sized(value, this.digits.output);
    const off = this.exact ? 0 : (facts.precision.off?.output ?? 1e-3) * preparation.targets[k].scale;
    return within(preparation.own(k, value), off);
  }

  /** A prediction that leads to what it was made of. @param {number} k of the output @param {string} text */
  prediction(k, text) {
    const { begins, layers } = this.net;
    const neuron = begins[layers.length - 1] + k;
    const turned = this.isPrediction(neuron) ? "prediction" : undefined;
    return this.asked(text, { what: "value", neuron, turned });
  }

  /** @param {number} frame @param {number} neuron */
  bias(frame, neuron) {
    if (!this.net.hasBias(frame, neuron)) return say("words.none");
    const number = this.net.bias(frame, neuron);
    return this.exact ? short(number, 4) : sized(number, 6);
  }
}

/** @param {import("../language.js").Key} key @param {string} number @param {Asked} [asked]
 * @returns {[string, string, Asked?]}
 */
function named(key, number, asked) {
  return [say(key), number, asked];
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
