/** What the worker tells of a place in a step that is taken apart.
 *
 * @typedef {import("./apart.js").StepApart} StepApart
 * @typedef {import("./apart.js").Unit} Unit
 *
 * @typedef {object} Way from a place to another
 * @property {number} from
 * @property {Unit} [unit] one of these on
 * @property {number} [by] 1, or -1: back
 * @property {string} [find] or to the last operation before it that wrote a number of this name
 * @property {boolean} [isInSample] before the end of the sample of the place
 * @property {string} [derive] or nowhere: to tell what the number of this name was made of, before the place
 *
 * @typedef {object} Line an operation, written out
 * @property {string} name
 * @property {string} sign
 * @property {(string | number)[]} terms
 * @property {number[]} numbers
 * @property {number} result
 * @property {import("./notes.js").Phase} phase
 * @property {number} neuron
 * @property {number} weight
 *
 * @typedef {object} Place
 * @property {"operation"} kind
 * @property {number} step that is taken apart
 * @property {boolean} isThere whether all operations are counted; otherwise only `counted` and `samples` are told
 * @property {number} counted how many samples are
 * @property {number} samples of the batch
 * @property {boolean} isFound false where no operation before the place wrote the number
 * @property {number} place how many operations are taken
 * @property {number} count of all
 * @property {Line[]} lines the last operations; a sum has its terms in them
 * @property {number} position of the sample in the batch; that of the last one, at the end
 * @property {boolean} isAtEnd whether all samples are through
 * @property {number} weightSum of the samples of the batch
 * @property {number} row of the sample
 * @property {Float64Array} inputs of the sample, in the units of their table
 * @property {Float64Array} targets as outputs are compared with them
 * @property {import("./apart.js").Passed | null} pass
 * @property {boolean | null} isSame at the end, whether every bit is that of the fast step
 * @property {string} problem why the step goes no further, if there is a reason
 * @property {import("./deriving.js").Part | null} [derived] what a number was made of, where that was asked
 *
 * @typedef {{kind: "operation", isThere: null, problem: string}} NoPlace where no step can be taken apart
 */

import { derived } from "./deriving.js";

const MOST_TERMS = 40; // of an operation

/** Go to a place, and tell what is there. @param {StepApart} apart @param {Way} way
 * @param {() => boolean} isOver whether it is to pause @returns {Place}
 */
export function placeOf(apart, way, isOver) {
  const isThere = apart.countAll(isOver);
  if (!isThere) return told(apart, false, true);
  if (way.derive !== undefined) {
    const place = Math.min(way.from, apart.count);
    const part = derived(apart, way.derive, way.isInSample ? apart.endOfSample(place) : place);
    return { ...told(apart, true, part !== null), derived: part };
  }
  const found = wanted(apart, way);
  apart.go(found ?? Math.min(way.from, apart.count));
  return told(apart, true, found !== null);
}

/** @param {StepApart} apart @param {Way} way */
function wanted(apart, { from, unit, by = 1, find, isInSample = false }) {
  const place = Math.max(0, Math.min(apart.count, from));
  if (find !== undefined) return apart.find(find, isInSample ? apart.endOfSample(place) : place);
  return unit === undefined ? place : apart.placeAfter(place, unit, by);
}

/** @param {StepApart} apart @param {boolean} isThere @param {boolean} isFound @returns {Place} */
function told(apart, isThere, isFound) {
  const { batch, place, count, recent, problem, part, parts, training: { rows }, notes } = apart;
  const position = Math.max(0, Math.min(part, batch.length - 1));
  const row = batch[position];
  const { width } = rows.kind;
  const unit = rows.inputs instanceof Uint8Array ? 255 : 1;
  return {
    ...{ kind: "operation", isThere, isFound, place, count, position, row, problem },
    step: notes.lesson.step - 1,
    counted: Math.min(apart.starts.length - 1, batch.length),
    samples: batch.length,
    weightSum: notes.lesson.weightSum,
    lines: isThere ? recent.map(line) : [],
    isAtEnd: part === parts - 1,
    inputs: Float64Array.from(
      rows.inputs.subarray(row * width, (row + 1) * width),
      (each) => each / unit,
    ),
    targets: rows.samples.targetsOf(row).slice(),
    pass: isThere ? apart.pass() : null,
    isSame: isThere && place === count && !problem ? apart.isSame() : null,
  };
}

/** @param {import("./notes.js").Operation} operation @returns {Line} */
function line({ name, sign, terms, numbers, result, phase, neuron, weight }) {
  const few = { terms: terms.slice(0, MOST_TERMS), numbers: numbers.slice(0, MOST_TERMS) };
  return { name, sign, ...few, result, phase, neuron, weight };
}
