/** What the page holds of the data, in words; rows are counted in its numbers. */

import { listed, say } from "./language.js";

const COMMAND = "slownet train";
const ROLES = /** @type {const} */ (["data", "watch", "validation_data", "test_data"]);

/** @typedef {"row" | "image" | "point" | "sample"} Thing */

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
  /** @param {string} rows */
  const from = (rows) => {
    if (isOfCommand) return say("holdings.of", { rows, source: String(source.data) });
    return isTable ? say("holdings.ofTable", { rows }) : rows;
  };
  const isHeld = Object.keys(facts.holds).length > 0;
  const rows = isHeld ? heldRows(net, thing, from) : watchedRows(net, thing, from);
  const things = listed(isBuiltIn ? rows : [...rows, ...about(net)]);
  if (isBuiltIn || (!isHeld && !net.samples.length)) return say("holdings.all", { things });
  return say(isTable ? "holdings.only.row" : "holdings.only.sample", { things });
}

/** @param {import("./net.js").Net} net @param {Thing} thing
 * @param {(rows: string) => string} from where they come
 */
function watchedRows(net, thing, from) {
  const { facts } = net;
  const whole = net.samples.length / net.inputs;
  const { count = 0 } = facts.judged;
  const more = count - facts.samples.filter((each) => each.place < count).length;
  const answers = facts.target_kind === "number" ? "targets" : "classes";
  const rows = whole
    ? say(`holdings.watched.${thing}`, { count: whole })
    : say(`holdings.none.${thing}`);
  return [from(rows), ...more > 0 ? [say(`holdings.${answers}`, { count: more })] : []];
}

/** @param {import("./net.js").Net} net @param {Thing} thing @param {(rows: string) => string} from */
function heldRows(net, thing, from) {
  /** @type {{facts: import("./facts.d.ts").Facts}} */
  const { facts } = net;
  const known = rowsOf(facts);
  const roles = ROLES.filter((role) => known[role]);
  const parts = roles.map((role, k) => {
    const [held, count] = known[role];
    const rows = held < count
      ? say(`holdings.part.${thing}`, { held, count })
      : k > 0 && areSame(net, role, roles[k - 1])
      ? say("holdings.same")
      : say(`holdings.${count ? "rows" : "none"}.${thing}`, { count });
    return say(`holdings.${role}`, { rows: role === "data" ? from(rows) : rows });
  });
  if (isComplete(facts)) return [say("holdings.complete", { parts: parts.join(", ") })];
  return [...parts, ...facts.holds.watch ? [] : watchedRows(net, thing, (rows) => rows)];
}

/** Whether the rows for one thing are those for another. @param {import("./net.js").Net} net
 * @param {string} role @param {string} other
 */
function areSame({ facts, arrays }, role, other) {
  const [one, two] = [role, other].map((each) => {
    const isHeldOut = facts.held_out && HELD_OUT[facts.held_out.kind] === each;
    const names = [each, ...isHeldOut ? ["held_out"] : []];
    const found = names.map((name) => arrays[`${name} samples`] ?? arrays[`${name} pixels`]);
    return found.find(Boolean) ?? [];
  });
  return one.length > 0 && one.length === two.length && one.every((value, k) => value === two[k]);
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
    ...preparation.isNamed ? [say("holdings.names.columns")] : [],
    ...preparation.isNamed && has("categories") ? [say("holdings.names.categories")] : [],
    ...facts.training.classes ? [say("holdings.names.classes")] : [],
  ];
  const isScaled = preparation.scalesOutputs ||
    preparation.inputs.some((_, k) => preparation.isScaled(k));
  return [
    ...named.length ? [say("holdings.names", { parts: listed(named) })] : [],
    ...isScaled ? [say("holdings.scales")] : [],
    ...has("fill") ? [say("holdings.fill")] : [],
  ];
}
