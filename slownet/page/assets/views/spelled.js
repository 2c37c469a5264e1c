/** A neuron spelled out: how its sum, its value and its delta come about. */

import { button, element, isLarge, refill } from "../elements.js";
import { say } from "../language.js";
import { apart, plain, short, sized } from "../numbers.js";
import { line, row } from "./rows.js";
import { scaling } from "./words.js";

/**
 * @typedef {import("../net.js").Pass} Pass
 * @typedef {import("../types.d.ts").Thing} Thing
 * @typedef {import("./words.js").Words} Words
 */

const MOST_TERMS = { large: 14, other: 6 }; // by the window
const MOST_BACKWARD = { large: 8, other: 3 }; // of a sum on the way back
const DIGITS = 7; // of what brings a prediction to its unit, so that a reader who multiplies gets it

/** Write how a neuron got its value, going forward. @param {HTMLElement} place @param {Words} words
 * @param {Pass} pass @param {number} neuron
 */
export function spell(place, words, pass, neuron) {
  const { net, digits } = words;
  if (pass.isEmpty) {
    const hint = say(net.facts.samples.length ? "spelled.empty" : "spelled.nothing");
    const bias = row(say("spelled.bias"), "", words.bias(pass.frame, neuron));
    const table = element("table", {}, element("tbody", {}, bias));
    refill(place, [table, element("p", { class: "hint" }, hint)]);
    return;
  }
  const { terms, sum } = termsOf(words, pass, neuron);
  const rows = [];
  if (!(net.facts.side > 0 && net.layerOf[neuron] === 1)) {
    const most = isLarge() ? MOST_TERMS.large : MOST_TERMS.other;
    for (const { weight, from, term } of terms.slice(0, most)) {
      rows.push(termRow(words, pass, weight, from, term));
    }
    const rest = terms.slice(most);
    if (rest.length) {
      const total = rest.reduce((all, each) => all + each.term, 0);
      const name = say("spelled.more", { count: rest.length });
      rows.push(row(name, "", words.about + sized(total, digits.z)));
    }
  }
  const activation = net.layers[net.layerOf[neuron]].activation;
  const value = pass.value[neuron];
  const frozen = net.isBiasFrozen(pass.frame, neuron) ? say("spelled.frozen") : "";
  const dropped = droppedRows(words, pass, neuron);
  rows.push(
    row(say("spelled.sum"), "", words.about + sized(sum, digits.z), "sum"),
    row(say("spelled.plusBias"), frozen, biasOf(words, pass, neuron)),
    row("= z", "", words.asked(words.about + sized(pass.z[neuron], digits.z), { what: "z", neuron })),
    ...dropped,
    row(
      dropped.length ? say("spelled.value") : `${activation}(z)`,
      "",
      words.asked(words.about + sized(value, digits.value), { what: "value", neuron }),
      "result",
    ),
  );
  if (words.isPrediction(neuron)) rows.push(...predictionRows(words, pass, neuron));
  const table = element("table", {}, element("tbody", {}, ...rows));
  refill(place, [table]);
}

/** @param {Words} words @param {Pass} pass @param {number} neuron */
function biasOf(words, pass, neuron) {
  const text = words.bias(pass.frame, neuron);
  return words.net.hasBias(pass.frame, neuron) ? words.asked(text, { what: "bias", neuron }) : text;
}

/** How dropout makes the value of what the activation gives. @param {Words} words @param {Pass} pass
 * @param {number} neuron
 */
function droppedRows({ net, digits }, { raw, keep }, neuron) {
  const isOutput = net.layerOf[neuron] === net.layers.length - 1;
  if (!raw || !keep || isOutput) return [];
  const { activation } = net.layers[net.layerOf[neuron]];
  return [
    row(`${activation}(z)`, "", sized(raw[neuron], digits.value)),
    row(say("spelled.kept"), "", short(keep[neuron])),
  ];
}

/** How the value of an output becomes a prediction. @param {Words} words
 * @param {Pass} pass @param {number} neuron
 */
function predictionRows(words, pass, neuron) {
  const k = neuron - words.net.begins[words.net.layers.length - 1];
  const { name, centre, scale } = words.net.preparation.targets[k];
  const how = `× ${plain(scale, DIGITS)} ${centre < 0 ? "−" : "+"} ${plain(Math.abs(centre), DIGITS)}`;
  const number = words.prediction(k, words.about + words.predicted(k, pass.value[neuron]));
  return [line(how), row(name ? `= ${name}` : say("spelled.prediction"), "", number, "result")];
}

/** @param {Words} words @param {Pass} pass @param {number} weight @param {number} from @param {number} term */
function termRow(words, pass, weight, from, term) {
  const source = words.name(words.net.source[weight]);
  const link = button(source, () => words.choose({ weight }), { title: source });
  const product = `${short(from)} × ${words.rounded(pass.frame, weight)}`;
  return row(link, product, words.about + sized(term, words.digits.z));
}

/** Write the delta of a neuron, and what it comes from. @param {HTMLElement} place @param {Words} words
 * @param {Pass} pass that went backward @param {number} neuron
 */
export function spellBackward(place, words, pass, neuron) {
  const { net } = words;
  const from = net.derivation(pass, neuron);
  const { delta, value, target, slope, mean, derivative } = from;
  const rows = [];
  if (slope === null) {
    if (words.isPrediction(neuron)) rows.push(...targetRows(words, neuron, target ?? 0));
    rows.push(row(say("backward.difference"), "", difference(words, value, target ?? 0)));
  } else {
    const parts = mean === null ? [short(slope)] : apart(slope, mean);
    if (target !== null) rows.push(...targetRows(words, neuron, target));
    rows.push(
      ...products(words, from.sent, ({ weight }) => [
        { weight },
        net.target[weight],
        words.rounded(pass.frame, weight),
      ]),
      ...from.keep === null ? [] : [row(say("spelled.kept"), "", short(from.keep))],
      row(say(`backward.slope${target === null ? "" : ".loss"}`), "", words.about + parts[0], "sum"),
    );
    if (mean !== null) {
      rows.push(
        ...products(words, from.mixed, ({ neuron, factors }) => [
          { neuron },
          neuron,
          short(factors[0], 2),
        ]),
        row(say("backward.mean"), "", words.about + parts[1], "sum"),
        row(say("backward.slope.rest"), "", words.about + short(slope - mean)),
      );
    }
    rows.push(
      mean === null
        ? row("× f′(z)", "", words.about + short(derivative ?? 0))
        : row(say("backward.value"), "", words.about + short(value)),
    );
  }
  const own = words.asked(words.about + short(delta), { what: "delta", neuron });
  rows.push(row(say("backward.delta"), "", own, "result"));
  refill(place, [element("table", {}, element("tbody", {}, ...rows))]);
}

/** The target of an output as it is compared with it, and how it was made.
 * @param {Words} words @param {number} neuron @param {number} target
 */
function targetRows(words, neuron, target) {
  if (!words.isPrediction(neuron)) return [row(say("backward.target"), "", plain(target, 6))];
  const k = neuron - words.net.begins[words.net.layers.length - 1];
  const { centre, scale } = words.net.preparation.targets[k];
  const how = scaling(words.net.preparation.own(k, target), centre, scale, DIGITS);
  return [line(how), row(say("backward.target.made"), "", plain(target, 6))];
}

/** With digits that are right; where all are, with so many that the difference shows.
 * @param {Words} words @param {number} value @param {number} target
 */
function difference(words, value, target) {
  const [first, second] = words.exact
    ? apart(value, target)
    : [sized(value, words.digits.output), plain(target, 10)];
  const last = Number.isInteger(target) ? plain(target, 10) : second;
  return `${first} − ${target < 0 ? `(${last})` : last}`;
}

/** The largest products of a sum, and what the others add up to.
 * @template {{factors: number[], product: number}} Term
 * @param {Words} words @param {Term[]} terms
 * @param {(term: Term) => [Thing, number, string]} about what a click on one chooses, the neuron it is
 *   called by, and its first factor
 */
function products(words, terms, about) {
  const sorted = [...terms].sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
  const most = isLarge() ? MOST_BACKWARD.large : MOST_BACKWARD.other;
  const rows = sorted.slice(0, most).map((term) => {
    const [chosen, neuron, factor] = about(term);
    const name = words.briefName(neuron); // the row is narrow
    const product = `${factor} × ${short(term.factors[1], 2)}`;
    return row(
      button(name, () => words.choose(chosen)),
      product,
      words.about + short(term.product, 2),
    );
  });
  const rest = sorted.slice(most);
  if (rest.length) {
    const total = rest.reduce((all, each) => all + each.product, 0);
    rows.push(row(say("spelled.more", { count: rest.length }), "", words.about + short(total, 2)));
  }
  return rows;
}

/** The largest terms of a neuron's sum. @param {Words} words @param {Pass} pass @param {number} neuron */
function termsOf(words, pass, neuron) {
  const { net } = words;
  const weights = net.weights(pass.frame);
  const terms = [];
  let sum = 0;
  for (let w = net.first(neuron); w < net.end(neuron); w += 1) {
    const from = net.entering(pass, w);
    if (from === 0 || net.isGone(pass.frame, w)) continue;
    const term = weights[w] * from;
    sum += term;
    terms.push({ weight: w, from, term });
  }
  terms.sort((a, b) => Math.abs(b.term) - Math.abs(a.term));
  return { terms, sum };
}
