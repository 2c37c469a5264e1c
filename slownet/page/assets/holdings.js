/** What the page holds of the data, in words; rows are counted in its numbers. */

import { counted } from "./numbers.js";

const COMMAND = "slownet train";
const ROLES = /** @type {const} */ ([
  ["data", "to learn from"],
  ["watch", "to watch"],
  ["validation_data", "to validate with"],
  ["test_data", "to test with"],
]);

/** What is here, as a sentence. @param {import("./net.js").Net} net @returns {string} */
export function holdings(net) {
  const { facts, preparation } = net;
  const { source } = facts.training;
  const isOfCommand = source?.command === COMMAND;
  const isBuiltIn = isOfCommand && source.target === undefined;
  const isTable = (isOfCommand && !isBuiltIn) || preparation.isNamed;
  const thing = isTable ? "row" : isBuiltIn ? (facts.side > 0 ? "image" : "point") : "sample";
  const from = isOfCommand ? ` of ${source.data}` : isTable ? " of the table" : "";
  const holds = Object.keys(facts.holds).length > 0;
  const rows = holds ? givenRows(net, thing, from) : watchedRows(net, thing, from);
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
  return [`${rows}${from}`, ...more ? [`the ${answers} of ${counted(more)} more`] : []];
}

/** @param {import("./net.js").Net} net @param {string} thing @param {string} from */
function givenRows(net, thing, from) {
  const { holds, watched } = net.facts;
  const held = ROLES.flatMap(([name, role]) => {
    const [count, all] = holds[name] ?? [0, 0];
    const part = count < all ? `${counted(count)} of ` : "";
    return count ? [`${part}${many(all, thing)}${name === "data" ? from : ""} ${role}`] : [];
  });
  const isAll = Object.values(holds).every(([count, all]) => count === all) && (holds.watch || !watched);
  if (isAll) return [`all that its training was given (${held.join(", ")})`];
  return [...held, ...holds.watch || !net.samples.length ? [] : watchedRows(net, thing, "")];
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
