/** Neurons and weights spelled out: every number of a pass derived from the ones before. */

import { level } from "./colours.js";
import { element } from "./elements.js";
import {
  apart,
  brief,
  counted,
  digitsFor,
  percent,
  plain,
  short,
  sized,
  tabled,
  within,
} from "./numbers.js";

const MOST_TERMS = 6;
const MOST_BACKWARD = 3; // of a sum on the way back
const DIGITS = 7; // of what brings a prediction to its unit, so that a reader who multiplies gets it
const MOST_LETTERS = 11; // of a number that fits beside two other columns

export class Words {
  /** @param {import("./net.js").Net} net @param {(chosen: any) => void} choose called with what is clicked */
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

  /** The neuron or weight under the mouse, in a few lines. @param {any} thing @param {import("./net.js").Pass} pass */
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
        ? [`prepared ${this.#made(pass, neuron).join(" = ")}`]
        : [];
      const lines = [`value ${this.ownInput(pass, neuron)}`, ...made];
      return [this.name(neuron), ...pass.isEmpty ? [] : lines];
    }
    const frozen = net.isBiasFrozen(pass.frame, neuron) ? " (frozen)" : "";
    const lines = [this.name(neuron), `bias ${this.bias(pass.frame, neuron)}${frozen}`];
    if (pass.isEmpty) return lines;
    lines.push(`z ${this.about}${sized(pass.z[neuron], this.digits.z)}`);
    lines.push(`value ${this.about}${sized(pass.value[neuron], this.digits.value)}`);
    if (this.#isPrediction(neuron)) lines.push(`which is ${this.#whichIs(pass, neuron)}`);
    if (pass.delta) lines.push(`delta ${this.about}${short(pass.delta[neuron])}`);
    return lines;
  }

  /** The number of an input as it is in the table. @param {import("./net.js").Pass} pass @param {number} neuron */
  ownInput(pass, neuron) {
    return this.net.preparation.isThere ? tabled(pass.sample[neuron]) : short(pass.value[neuron], 4);
  }

  /** How the number that enters the net is made of that of the table, and what it is.
   * @param {import("./net.js").Pass} pass @param {number} neuron @returns {[string, string]}
   */
  #made(pass, neuron) {
    const { centre, scale } = this.net.preparation.inputs[neuron];
    return [scaling(pass.sample[neuron], centre, scale), short(pass.value[neuron])];
  }

  /** Whether the value of a neuron is a prediction in another unit. @param {number} neuron */
  #isPrediction(neuron) {
    const { preparation, begins, layers } = this.net;
    return preparation.scalesOutputs && neuron >= begins[layers.length - 1];
  }

  /** The prediction that the value of an output neuron is, with its unit or name.
   * @param {import("./net.js").Pass} pass @param {number} neuron
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

  /** The largest terms of a neuron's sum. @param {import("./net.js").Pass} pass @param {number} neuron */
  terms(pass, neuron) {
    const { net } = this;
    const weights = net.weights(pass.frame);
    const terms = [];
    let sum = 0;
    for (let w = net.first(neuron); w < net.end(neuron); w += 1) {
      const from = pass.value[net.source[w]];
      if (from === 0 || net.isGone(pass.frame, w)) continue;
      const term = weights[w] * from;
      sum += term;
      terms.push({ weight: w, from, term });
    }
    terms.sort((a, b) => Math.abs(b.term) - Math.abs(a.term));
    return { terms, sum };
  }

  /** Write how a neuron got its value. @param {HTMLElement} place
   * @param {import("./net.js").Pass} pass @param {number} neuron
   */
  spell(place, pass, neuron) {
    const { net, digits } = this;
    if (pass.isEmpty) {
      const hint = "Training watched no samples, so none is sent through the net.";
      const bias = row("bias", "", this.bias(pass.frame, neuron));
      const table = element("table", {}, element("tbody", {}, bias));
      place.replaceChildren(table, element("p", { class: "hint" }, hint));
      return;
    }
    const { terms, sum } = this.terms(pass, neuron);
    const rows = [];
    if (!(net.facts.side > 0 && net.layerOf[neuron] === 1)) {
      for (const { weight, from, term } of terms.slice(0, MOST_TERMS)) {
        rows.push(this.#termRow(pass, weight, from, term));
      }
      const rest = terms.slice(MOST_TERMS);
      if (rest.length) {
        const total = rest.reduce((all, each) => all + each.term, 0);
        rows.push(row(`${rest.length} more`, "", this.about + sized(total, digits.z)));
      }
    }
    const activation = net.layers[net.layerOf[neuron]].activation;
    const value = pass.value[neuron];
    rows.push(
      row("sum", "", this.about + sized(sum, digits.z), "sum"),
      row("+ bias", net.isBiasFrozen(pass.frame, neuron) ? "frozen" : "", this.bias(pass.frame, neuron)),
      row("= z", "", this.about + sized(pass.z[neuron], digits.z)),
      row(`${activation}(z)`, "", this.about + sized(value, digits.value), "result"),
    );
    if (this.#isPrediction(neuron)) rows.push(...this.#predictionRows(pass, neuron));
    const table = element("table", {}, element("tbody", {}, ...rows));
    place.replaceChildren(table, ...this.#backward(pass, neuron));
  }

  /** How the value of an output becomes a prediction. @param {import("./net.js").Pass} pass @param {number} neuron */
  #predictionRows(pass, neuron) {
    const k = neuron - this.net.begins[this.net.layers.length - 1];
    const { name, centre, scale } = this.net.preparation.targets[k];
    const how = `× ${plain(scale, DIGITS)} ${centre < 0 ? "−" : "+"} ${plain(Math.abs(centre), DIGITS)}`;
    return [
      line(how),
      row(`= ${name || "prediction"}`, "", this.about + this.predicted(k, pass.value[neuron]), "result"),
    ];
  }

  /** @param {import("./net.js").Pass} pass @param {number} weight @param {number} from @param {number} term */
  #termRow(pass, weight, from, term) {
    const source = this.name(this.net.source[weight]);
    const button = element("button", {
      type: "button",
      title: source,
      onclick: () => this.choose({ weight }),
    }, source);
    const product = `${short(from)} × ${this.rounded(pass.frame, weight)}`;
    return row(button, product, this.about + sized(term, this.digits.z));
  }

  /** The delta of a neuron, and what it comes from. @param {import("./net.js").Pass} pass @param {number} neuron */
  #backward(pass, neuron) {
    const { net } = this;
    if (!pass.delta || !pass.target) return [];
    const from = net.derivation(pass, neuron);
    const { delta, value, target, slope, mean, derivative } = from;
    const rows = [];
    if (slope === null) {
      if (this.#isPrediction(neuron)) rows.push(...this.#targetRows(neuron, target ?? 0));
      rows.push(row("value − target", "", this.#difference(value, target ?? 0)));
    } else {
      const parts = mean === null ? [short(slope)] : apart(slope, mean);
      if (target !== null) rows.push(...this.#targetRows(neuron, target));
      rows.push(
        ...this.#products(from.sent, ({ weight }) => [
          { weight },
          net.target[weight],
          this.rounded(pass.frame, weight),
        ]),
        row(target === null ? "= slope" : "slope of the loss", "", this.about + parts[0], "sum"),
      );
      if (mean !== null) {
        rows.push(
          ...this.#products(from.mixed, ({ neuron, factors }) => [
            { neuron },
            neuron,
            short(factors[0], 2),
          ]),
          row("− sum of value × slope", "", this.about + parts[1], "sum"),
          row("= slope − sum", "", this.about + short(slope - mean)),
        );
      }
      rows.push(
        mean === null
          ? row("× f′(z)", "", this.about + short(derivative ?? 0))
          : row("× value", "", this.about + short(value)),
      );
    }
    rows.push(row("= delta", "", this.about + short(delta), "result"));
    return [
      element("h3", {}, "Backward ", element("small", {}, "delta: how z moves the loss")),
      element("table", {}, element("tbody", {}, ...rows)),
    ];
  }

  /** The target of an output as it is compared with it, and how it was made.
   * @param {number} neuron @param {number} target
   */
  #targetRows(neuron, target) {
    if (!this.#isPrediction(neuron)) return [row("target", "", plain(target, 6))];
    const k = neuron - this.net.begins[this.net.layers.length - 1];
    const { centre, scale } = this.net.preparation.targets[k];
    const how = scaling(this.net.preparation.own(k, target), centre, scale, DIGITS);
    return [line(how), row("= target", "", plain(target, 6))];
  }

  /** With digits that are right; where all are, with so many that the difference shows.
   * @param {number} value @param {number} target
   */
  #difference(value, target) {
    const [first, second] = this.exact
      ? apart(value, target)
      : [sized(value, this.digits.output), plain(target, 10)];
    const last = Number.isInteger(target) ? plain(target, 10) : second;
    return `${first} − ${target < 0 ? `(${last})` : last}`;
  }

  /** The largest products of a sum, and what the others add up to.
   * @template {{factors: number[], product: number}} Term
   * @param {Term[]} terms
   * @param {(term: Term) => [any, number, string]} about what a click on one chooses, the neuron it is
   *   called by, and its first factor
   */
  #products(terms, about) {
    const sorted = [...terms].sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
    const rows = sorted.slice(0, MOST_BACKWARD).map((term) => {
      const [chosen, neuron, factor] = about(term);
      const button = element(
        "button",
        { type: "button", onclick: () => this.choose(chosen) },
        this.name(neuron).replace(/^output “/, "“"), // the row is narrow
      );
      const product = `${factor} × ${short(term.factors[1], 2)}`;
      return row(button, product, this.about + short(term.product, 2));
    });
    const rest = sorted.slice(MOST_BACKWARD);
    if (rest.length) {
      const total = rest.reduce((all, each) => all + each.product, 0);
      rows.push(row(`${rest.length} more`, "", this.about + short(total, 2)));
    }
    return rows;
  }

  /** Write the prediction for a sample, and whether it is right. @param {HTMLElement} place
   * @param {any} state of the player @param {import("./net.js").Pass} pass
   */
  judge(place, state, pass) {
    const { facts } = this.net;
    const outputs = this.net.outputs(pass);
    const target = state.isDrawn ? null : pass.target;
    if (state.isEmpty || (outputs.length > 1 && facts.target_kind !== "class")) {
      const hint = state.isEmpty && facts.side > 0 ? ["Draw on the square: what does the net say?"] : [];
      place.replaceChildren(...hint);
      return;
    }
    const { preparation } = this.net;
    const { name } = preparation.targets[0];
    if (facts.target_kind === "number") {
      const says = preparation.isThere ? this.predicted(0, outputs[0]) : short(outputs[0]);
      const lines = [
        element("p", {}, name ? `${name}: the net says` : "The net says"),
        element("strong", {}, this.about + says),
      ];
      if (target) {
        const truth = this.net.arrays.targets[state.place];
        const off = this.about + short(Math.abs(preparation.own(0, outputs[0]) - truth), 2);
        const wanted = preparation.isThere ? tabled(truth) : plain(truth);
        lines.push(element("p", {}, `true: ${wanted}`), element("p", {}, `off by ${off}`));
      }
      place.replaceChildren(...lines);
      return;
    }
    const isClass = facts.target_kind === "class";
    const middle = facts.target_kind === "sign" ? 0 : 0.5;
    const decided = (/** @type {Float64Array} */ numbers) =>
      isClass ? numbers.indexOf(Math.max(...numbers)) : Number(numbers[0] > middle);
    const choice = decided(outputs);
    const share = isClass ? outputs[choice] : choice ? outputs[0] : 1 - outputs[0];
    const sure = facts.target_kind === "sign"
      ? `output ${this.about}${sized(outputs[0], this.digits.output)}`
      : `${percent(share, this.digits.percent)} sure`;
    const lines = [
      element(
        "p",
        {},
        state.isDrawn && facts.side > 0
          ? "Your drawing is"
          : name
          ? `${name}: the net says`
          : "The net says",
      ),
      element("strong", {}, facts.classes[choice]),
      element("p", {}, sure),
    ];
    if (target) {
      const truth = decided(target);
      lines.push(
        truth === choice
          ? element("p", { class: "right" }, "✓ right")
          : element("p", { class: "wrong" }, `✗ wrong, true: ${facts.classes[truth]}`),
      );
    }
    place.replaceChildren(...lines);
  }

  /** Write the details of the selected neuron or weight, or how to select one. @param {HTMLElement} place
   * @param {any} chosen @param {import("./net.js").Pass} pass
   */
  detail(place, chosen, pass) {
    const { net } = this;
    if (!chosen) {
      place.replaceChildren(
        element(
          "p",
          { class: "hint" },
          this.net.facts.side > 0
            ? "Click a disc, a line, or a pixel of an image: how it changed in training, and its gradient."
            : "Click a neuron or a line: how it changed in training, and its gradient.",
        ),
      );
      return;
    }
    const rows = [];
    if (chosen.weight !== undefined) {
      const w = chosen.weight;
      const now = net.weight(pass.frame, w);
      const isFrozen = net.isFrozen(pass.frame, w);
      rows.push(row("weight", "", this.whole(pass.frame, w), "result"));
      if (isFrozen) rows.push(row("frozen", "", "yes"));
      if (!net.isGone(pass.frame, w)) {
        const digits = net.digits(w);
        const since = (/** @type {number} */ frame) => {
          const number = now - net.weight(frame, w);
          return digits === null ? short(number, 5) : this.about + sized(number, digits);
        };
        rows.push(row("last change", "", since(net.frames.before(pass.frame))));
        rows.push(row("learned so far", "", since(0)));
        const from = pass.value[net.source[w]];
        if (!pass.isEmpty) {
          const factors = `${short(from)} × ${this.weight(pass.frame, w)}`;
          rows.push(row("contribution", factors, this.about + short(from * now)));
        }
        if (pass.delta) {
          const gradient = net.gradient(pass, w);
          const factors = `${short(pass.delta[net.target[w]])} × ${short(from)}`;
          rows.push(row("gradient", factors, this.about + short(gradient)));
          const rate = this.rate(pass.frame);
          if (rate !== null) {
            const name = this.isPlain ? "step adds" : "plain step adds";
            rows.push(
              isFrozen
                ? row(name, "frozen", "0")
                : row(name, `−${brief(rate)} × gradient`, this.about + short(-rate * gradient)),
            );
          }
        }
      }
    } else if (chosen.neuron < net.inputs) {
      rows.push(...this.#inputRows(pass, chosen.neuron));
    } else {
      for (const line of this.brief(chosen, pass).slice(1)) {
        const [, name, rest] = /** @type {string[]} */ (/^(which is|\S+) (.*)$/.exec(line));
        rows.push(row(name, "", rest));
      }
    }
    place.replaceChildren(element("table", {}, element("tbody", {}, ...rows)));
  }

  /** The number of an input, and the one that enters the net. @param {import("./net.js").Pass} pass
   * @param {number} neuron
   */
  #inputRows(pass, neuron) {
    if (pass.isEmpty) return [];
    const value = row("value", "", this.ownInput(pass, neuron));
    if (!this.net.preparation.isScaled(neuron)) return [value];
    const [how, number] = this.#made(pass, neuron);
    return [value, line(how), row("= prepared", "", number, "result")];
  }

  /** The prediction as a sentence, for screen readers. @param {import("./net.js").Pass} pass @param {number | null} truth */
  spoken(pass, truth) {
    const { facts } = this.net;
    const outputs = this.net.outputs(pass);
    const numbers = Array.from(outputs, (output, k) => this.predicted(k, output));
    if (facts.target_kind !== "class") return `the net says ${numbers.slice(0, 5).join(", ")}`;
    const best = outputs.indexOf(Math.max(...outputs));
    const verdict = truth === null
      ? ""
      : best === truth
      ? ": right"
      : `: wrong, true is “${facts.classes[truth]}”`;
    return `the net says “${facts.classes[best]}”, ${
      percent(outputs[best], this.digits.percent)
    }${verdict}`;
  }

  /** The effect of one step of descent on this sample alone, as a sentence.
   * @param {import("./net.js").Pass} pass @param {number | null} truth
   */
  step(pass, truth) {
    const rate = this.rate(pass.frame);
    if (!pass.delta || !pass.target || rate === null) return "";
    const after = this.net.stepped(pass, rate);
    const [before, then] = [this.net.outputs(pass), this.net.outputs(after)];
    const { steps, last } = this.net.facts.training;
    const kind = this.isPlain ? "one step" : "one step of plain descent";
    const from = steps[pass.frame] < last ? "" : ", as in the last step";
    const lines = `If it took ${kind} on this sample alone (rate ${brief(rate)}${from}): `;
    const loss = `loss ${this.about}${short(pass.loss)} → ${short(after.loss)}`;
    const place = truth ?? 0;
    if (["number", "sign"].includes(this.net.facts.target_kind)) {
      return `${lines}${this.predicted(0, before[0])} → ${this.predicted(0, then[0])}, ${loss}`;
    }
    const named = this.net.facts.classes[this.net.facts.target_kind === "class" ? place : 1];
    const name = `“${named}” `;
    const digits = this.digits.percent;
    return `${lines}${name}${
      percent(before[this.net.facts.target_kind === "class" ? place : 0], digits)
    } → ${percent(then[this.net.facts.target_kind === "class" ? place : 0], digits)}, ${loss}`;
  }

  /** The learning rate of the step after a frame, or of the last step; null if it is not known.
   * @param {number} frame @returns {number | null}
   */
  rate(frame) {
    return this.net.frames.rateOf(frame);
  }

  /** Whether training took steps of plain descent: gradients times the rate, and nothing else. */
  get isPlain() {
    const { config } = this.net.facts.training;
    const isPenalized = config.l1 || config.l2 || config.alpha || config.regularizers?.length;
    const isThinned = config.dropout || config.dropconnect;
    const isClipped = config.clip_norm || config.clip_value;
    return described(config.optimizer) === "sgd" && !isPenalized && !isThinned && !isClipped;
  }

  /** What is frozen in the last snapshot, for the foot of the page. @returns {string[]} */
  frozen() {
    const { net } = this;
    const { last } = net.frames;
    const neurons = Array.from({ length: net.neurons - net.inputs }, (_, k) => net.inputs + k);
    const counts = [
      [net.source.filter((_, w) => net.isFrozen(last, w)).length, net.source.length, "weights"],
      [neurons.filter((n) => net.isBiasFrozen(last, n)).length, neurons.length, "biases"],
    ].filter(([count]) => count);
    if (!counts.length) return [];
    const parts = counts.map(([count, all, what]) => `${counted(count)} of ${counted(all)} ${what}`);
    return [`Frozen in the last snapshot, so that training does not change them: ${parts.join(", ")}.`];
  }

  /** The precision of the page's numbers, for its foot. @returns {string[]} */
  precision() {
    const { facts } = this.net;
    const { precision } = facts;
    if (precision.exact) {
      return ["All weights and biases are here as they were, to the last bit (float64)."];
    }
    const layers = Object.entries(precision.layers).map(([layer, { digits, step }]) =>
      `into layer ${layer} within ${short(step / 2, 2)} (${digits} digits after the point are right)`
    );
    const lines = [`Weights are rounded: ${layers.join("; ")}. Biases have 6 right digits.`];
    const off = precision.off;
    if (off.z !== undefined) {
      lines.push(
        `What the page computes from them (≈) is off by at most ${short(off.z, 2)} for z, ${
          short(off.value, 2)
        } for ` +
          `values and ${
            short(off.output, 2)
          } for outputs: measured over the samples to choose from, in all ${
            counted(facts.frames)
          } snapshots.`,
      );
    }
    return lines;
  }
}

/** A formula by its name and settings: "step(every 10, gamma 0.5)".
 * @param {Record<string, any> | undefined} formula of a file that may lack it
 */
export function described({ name, ...settings } = { name: "an unknown formula" }) {
  const listed = Object.entries(settings).map(([key, value]) => `${key} ${value}`);
  return settings.own
    ? `${name} (not built in)`
    : listed.length
    ? `${name}(${listed.join(", ")})`
    : name;
}

/** How a number is brought to a scale: "(29 − 29.7) / 14.5", with so many digits that the difference shows.
 * @param {number} number @param {number} centre @param {number} scale @param {number} [least] digits
 */
function scaling(number, centre, scale, least = 4) {
  const size = (/** @type {number} */ each) => each ? Math.floor(Math.log10(Math.abs(each))) : -Infinity;
  const digits = (/** @type {number} */ each, /** @type {number} */ few) =>
    Math.max(few, Math.min(15, size(each) - size(scale) + 3));
  const off = `${centre < 0 ? "+" : "−"} ${plain(Math.abs(centre), digits(centre, least))}`;
  return `(${tabled(number, digits(number, Math.max(6, least)))} ${off}) / ${plain(scale, least)}`;
}

/** A row that is one text. @param {string} text */
function line(text) {
  return element("tr", {}, element("th", { scope: "row", colspan: 3 }, text));
}

/** @param {Node | string} name @param {string} how @param {string} number @param {string} [kind] */
function row(name, how, number, kind = "") {
  const isLong = number.length > MOST_LETTERS;
  const cells = how
    ? [element("th", { scope: "row" }, name), element("td", { class: "how" }, how)]
    : [element("th", { scope: "row", colspan: isLong ? 1 : 2 }, name)];
  return element(
    "tr",
    { class: kind },
    ...cells,
    element("td", { colspan: !how && isLong ? 2 : 1 }, number),
  );
}

/** Paint the weights into a neuron, or what they contribute, as an image.
 * @param {HTMLCanvasElement} canvas @param {import("./net.js").Net} net @param {number} neuron
 * @param {Float64Array} shown @param {number} reach @param {import("./colours.js").Theme} theme
 */
export function paintWeights(canvas, net, neuron, shown, reach, theme) {
  const { side } = net.facts;
  canvas.width = side;
  canvas.height = side;
  const image = new ImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer).fill(theme.signs[128]);
  for (let w = net.first(neuron); w < net.end(neuron); w += 1) {
    if (net.source[w] < net.inputs) pixels[net.source[w]] = theme.signs[level(shown[w] / reach)];
  }
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}
