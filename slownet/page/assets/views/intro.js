/** The sentence beside the title: what the net looks at, and what it says. */

import { answersSeveral } from "../engine/judging.js";
import { listed, say } from "../language.js";

/** @typedef {import("../facts.d.ts").Facts} Facts */

const LONGEST = 60; // letters of names that are listed; of more, it is said how many there are
const LONGEST_CLASSES = 80; // letters of their names, with their quotation marks

/** What the net looks at. @param {Facts} facts */
function inputsOf({ side, plane, preparation, inputs: given, layers }) {
  const count = layers[0].neurons.length;
  if (side > 0) return say("intro.inputs.pixels", { count });
  const names = preparation ? preparation.columns.map(({ name }) => name) : given;
  const isNamed = names.length > 0 && names.every((name) => name && !/^x\d+$/.test(name));
  if (isNamed && names.join("").length <= LONGEST) return listed(names);
  if (isNamed && names.length > 1) return say("intro.inputs.columns", { count: names.length });
  return plane ? say("intro.inputs.point") : say("intro.inputs.numbers", { count });
}

/** @param {Facts} facts */
export function introduction(facts) {
  const { target_kind: kind, preparation, classes, layers } = facts;
  const inputs = inputsOf(facts);
  const targets = (preparation?.targets ?? []).map(({ name = "" }) => name).filter(Boolean);
  const isShort = targets.length > 0 && targets.join("").length <= LONGEST;
  if (kind === "number") {
    const count = layers[layers.length - 1].neurons.length;
    if (isShort && targets.length === count) {
      return say("intro.targets", { inputs, targets: listed(targets) });
    }
    return count === 1 ? say("intro.number", { inputs }) : say("intro.numbers", { inputs, count });
  }
  if (answersSeveral(facts)) {
    const [no, yes] = classes;
    return say("intro.answers", { inputs, count: layers[layers.length - 1].neurons.length, no, yes });
  }
  if (classes.length === 10 && classes.every((name, k) => name === String(k))) {
    return say("intro.digit", { inputs });
  }
  const names = classes.map((name) => say("name.quoted", { name }));
  if (names.join("").length > LONGEST_CLASSES) {
    return say("intro.classes.many", { inputs, count: classes.length });
  }
  const values = { inputs, classes: listed(names, "disjunction") };
  return isShort ? say("intro.target", { ...values, target: targets[0] }) : say("intro.classes", values);
}
