/** What the page holds of the data, in words; rows are counted in its numbers. */

import { counted } from "./numbers.js";

const COMMAND = "slownet train";
const ROLES = /** @type {Record<string, string>} */ ({
  data: "to learn from",
  watch: "to watch",
  validation_data: "to validate with",
  test_data: "to test with",
});

const HELD_OUT = /** @type {Record<string, string>} */ ({
  test: "test_data",
  validation: "validation_data",
  watched: "watch",
  training: "data",
});

/** What is here, as a sentence. @param {import("./net.js").Net} net @returns {string} */
export function holdings(net) {
  const { facts, preparation } = net;
  const { source } = facts.training;
  const isOfCommand = source?.command === COMMAND;
  const isBuiltIn = isOfCommand && source.target === undefined;
  const isTable = (isOfCommand && !isBuiltIn) || preparation.isNamed;
  const thing = isTable ? "row" : isBuiltIn ? (facts.side > 0 ? "image" : "point") : "sample";
  const from = isOfCommand ? ` of ${source.data}` : isTable ? " of the table" : "";
  const isHeld = Object.keys(facts.holds).length > 0;
  const rows = isHeld ? heldRows(net, thing, from) : watchedRows(net, thing, from);
  if (isBuiltIn) return `This page holds ${listed(rows)}.`;
  return `This page holds ${listed([...rows, ...about(net)])}; no other ${thing}.`;
}

/** @param {import("./net.js").Net} net @param {string} thing @param {string} from */
function watchedRows(net, thing, from) {
  const { facts } = net;
  const whole = net.samples.length / net.inputs;
  const { count = 0 } = facts.judged;
  const more = count - facts.samples.filter((each) => each.place < count).length;
  const answers = facts.target_kind === "number" ? "targets" : "classes";
  const rows = many(whole, whole ? `watched ${thing}` : thing);
  return [`${rows}${from}`, ...more > 0 ? [`the ${answers} of ${counted(more)} more`] : []];
}

/** @param {import("./net.js").Net} net @param {string} thing @param {string} from */
function heldRows(net, thing, from) {
  /** @type {{facts: import("./facts.d.ts").Facts}} */
  const { facts } = net;
  const known = rowsOf(facts);
  const roles = Object.keys(ROLES).filter((role) => known[role]);
  const parts = roles.map((role) => {
    const [count, of] = known[role];
    const rows = count === of ? many(count, thing) : `${counted(count)} of ${many(of, thing)}`;
    return `${rows}${role === "data" ? from : ""} ${ROLES[role]}`;
  });
  if (isComplete(facts)) return [`all that its training was given (${parts.join(", ")})`];
  return [...parts, ...facts.holds.watch ? [] : watchedRows(net, thing, "")];
}

/** How many rows are here for what, of how many. @param {import("./facts.d.ts").Facts} facts
 * @returns {Record<string, [number, number]>}
 */
function rowsOf({ holds, held_out: heldOut }) {
  const known = /** @type {Record<string, [number, number]>} */ ({ ...holds });
  const role = heldOut && HELD_OUT[heldOut.kind];
  if (role && !known[role]) known[role] = [heldOut.count, heldOut.all];
  return known;
}

/** Whether all that was given to the training is here. @param {import("./facts.d.ts").Facts} facts */
function isComplete({ holds, watched, training }) {
  const needed = {
    "data": true,
    "watch": watched > 0,
    "validation_data": training.config.validates,
    "test_data": training.test !== null,
  };
  const known = /** @type {Record<string, [number, number] | undefined>} */ (holds);
  return Object.entries(needed).every(([role, isNeeded]) => {
    const [count, of] = known[role] ?? [0, 1];
    return !isNeeded || count === of;
  });
}

/** What else of a table is here. @param {import("./net.js").Net} net @returns {string[]} */
function about({ facts, preparation }) {
  const { columns = [] } = facts.preparation ?? {};
  const has = (/** @type {"categories" | "fill"} */ what) =>
    columns.some((each) => each[what] !== undefined);
  const named = [
    ...preparation.isNamed ? ["columns"] : [],
    ...preparation.isNamed && has("categories") ? ["categories"] : [],
    ...facts.training.classes ? ["classes"] : [],
  ];
  const isScaled = preparation.scalesOutputs ||
    preparation.inputs.some((_, k) => preparation.isScaled(k));
  return [
    ...named.length ? [`the names of its ${listed(named)}`] : [],
    ...isScaled ? ["the numbers that scale them (means and deviations, or smallest and largest)"] : [],
    ...has("fill") ? ["what fills its gaps"] : [],
  ];
}

/** @param {number} count @param {string} thing */
function many(count, thing) {
  return `${count ? counted(count) : "no"} ${thing}${count === 1 ? "" : "s"}`;
}

/** @param {string[]} things */
function listed(things) {
  const last = things[things.length - 1];
  return things.length > 1 ? `${things.slice(0, -1).join(", ")} and ${last}` : last;
}
