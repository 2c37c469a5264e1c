/** The sentence beside the title: what the net looks at, and what it says. */

import { counted } from "../numbers.js";

/** @typedef {import("../facts.d.ts").Facts} Facts */

const LONGEST = 60; // letters of names that are listed; of more, it is said how many there are

/** @param {Facts} facts */
export function introduction(facts) {
  return `This net looks at ${inputs(facts)} and ${outputs(facts)}.`;
}

/** @param {Facts} facts */
function inputs({ side, plane, preparation, inputs: given, layers }) {
  const count = layers[0].neurons.length;
  if (side > 0) return `${counted(count)} pixels`;
  const names = preparation ? preparation.columns.map(({ name }) => name) : given;
  const isNamed = names.length > 0 && names.every((name) => name && !/^x\d+$/.test(name));
  if (isNamed && names.join("").length <= LONGEST) return listed(names, "and");
  if (isNamed && names.length > 1) return `${counted(names.length)} columns of a table`;
  if (plane) return "where a point lies";
  return count === 1 ? "one number" : `${counted(count)} numbers`;
}

/** @param {Facts} facts */
function outputs({ target_kind: kind, preparation, classes, layers }) {
  const targets = (preparation?.targets ?? []).map(({ name = "" }) => name).filter(Boolean);
  const isShort = targets.length > 0 && targets.join("").length <= LONGEST;
  if (kind === "number") {
    const count = layers[layers.length - 1].neurons.length;
    if (isShort && targets.length === count) return `predicts ${listed(targets, "and")}`;
    return count === 1 ? "predicts a number" : `predicts ${counted(count)} numbers`;
  }
  if (classes.length === 10 && classes.every((name, k) => name === String(k))) {
    return "says which digit it is";
  }
  const what = isShort ? `predicts ${targets[0]}: ` : "says whether it is ";
  const names = classes.map((name) => `“${name}”`);
  return names.join("").length <= LONGEST
    ? what + listed(names, "or")
    : `says which of ${counted(classes.length)} classes it is`;
}

/** @param {string[]} names @param {string} last word before the last */
function listed(names, last) {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} ${last} ${names[names.length - 1]}`;
}
