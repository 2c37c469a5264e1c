/** What a training is to stop at, and where it did.
 *
 * @typedef {import("../engine/stopping.js").Name} Name
 * @typedef {import("../engine/stopping.js").Stop} Stop
 * @typedef {import("../types.d.ts").Stopped} Stopped
 *
 * @typedef {object} Actions
 * @property {(name: Name) => boolean} offers
 * @property {(stop: Stop | null) => void} set
 * @property {() => void} find
 * @property {() => void} leave
 */

import { control, element } from "../elements.js";
import { CONDITIONS, isFit } from "../engine/stopping.js";
import { say } from "../language.js";
import { counted, percent, plain, short } from "../numbers.js";

const NAMES = /** @type {Name[]} */ (Object.keys(CONDITIONS));
const SHARE = 0.9;
const LOSS = 0.3; // where none is known

/** Offer what a training can be stopped at. @param {import("../net.js").Net} net @param {Actions} actions
 * @param {() => import("../state.js").State} stateOf now
 */
export function offerStops(net, actions, stateOf) {
  const list = control("stop", HTMLSelectElement);
  const bound = control("bound", HTMLInputElement);
  const offered = NAMES.filter((name) => actions.offers(name));
  list.replaceChildren(
    element("option", { value: "" }),
    ...offered.map((value) => element("option", { value })),
  );
  list.onchange = () => actions.set(list.value ? stopOf(/** @type {Name} */ (list.value), net) : null);
  bound.onchange = () => {
    const { stop } = stateOf();
    if (!stop || stop.bound === null) return;
    const number = Number(bound.value) / (CONDITIONS[stop.name].bound === "share" ? 100 : 1);
    if (isFit(stop.name, number)) actions.set({ ...stop, bound: number });
    else showBound(stop.name, stop.bound);
  };
  control("find").onclick = () => stateOf().seeking ? actions.leave() : actions.find();
  control("stop-at").hidden = false;
}

/** A condition, with a bound to begin with. @param {Name} name @param {import("../net.js").Net} net
 * @returns {Stop}
 */
function stopOf(name, { frames }) {
  const { bound } = CONDITIONS[name];
  if (bound === null) return { name, bound };
  const loss = frames.measures(frames.last).find(({ which }) => which === "loss")?.value ?? NaN;
  const near = Number((2 * loss).toPrecision(1));
  return { name, bound: bound === "share" ? SHARE : near > 0 ? near : LOSS };
}

/** Show what it stops at, and where it did. @param {import("../state.js").State} state
 * @param {import("../net.js").Net} net
 */
export function showStop(state, net) {
  const { stop, seeking, stopped } = state;
  const list = control("stop", HTMLSelectElement);
  for (const option of list.options) {
    option.textContent = say(option.value ? `stop.${/** @type {Name} */ (option.value)}` : "stop.never");
  }
  list.value = stop?.name ?? "";
  control("stopping").hidden = stop === null;
  control("stop-bound").hidden = typeof stop?.bound !== "number";
  if (!stop) return;
  if (stop.bound !== null) showBound(stop.name, stop.bound);
  control("find").textContent = say(seeking ? "stop.leave" : "stop.find");
  control("find").title = say("stop.find-title");
  const hasTruth = !state.isDrawn || (stop.name !== "right" && stop.name !== "wrong");
  const text = !hasTruth
    ? say("stop.no-truth")
    : stopped
    ? inWords(stopped, net)
    : explained(stop, state, net);
  if (control("stopped").textContent !== text) control("stopped").textContent = text;
}

/** @param {Name} name @param {number} bound */
function showBound(name, bound) {
  const kind = CONDITIONS[name].bound;
  const field = control("bound", HTMLInputElement);
  field.setAttribute("aria-label", say(`stop.${name}`));
  control("bound-unit").textContent = kind === "share" ? "%" : "";
  const text = String(kind === "share" ? Number((100 * bound).toPrecision(12)) : bound);
  if (document.activeElement !== field || Number(field.value) !== Number(text)) field.value = text;
}

/** What it is that is looked for, where that is not said by the list. @param {Stop} stop
 * @param {import("../state.js").State} state @param {import("../net.js").Net} net
 */
function explained({ name }, { seeking }, { frames }) {
  if (seeking) return say("stop.seeking");
  return frames.grows && (name === "loss" || name === "over") ? say("stop.of-loss") : "";
}

/** What came of it, in words. @param {Stopped} stopped @param {import("../net.js").Net} net */
export function inWords({ kind, stop, step, measured, neuron, sample }, net) {
  const at = { step: counted(step) };
  if (kind !== "found") return say(net.frames.grows ? `stopped.${kind}` : `stopped.${kind}-seen`, at);
  const { bound } = CONDITIONS[stop.name];
  const text = (/** @type {number} */ number) =>
    bound === "share" ? percent(number, 1) : digits(number, stop);
  const number = measured ?? 0;
  const values = { neuron, sample, measured: text(number), bound: text(stop.bound ?? 0) };
  const why = say(`stopped.${stop.name}`, values);
  return say(net.frames.grows ? "stopped.found" : "stopped.found-seen", { ...at, why });
}

/** A number with so many digits that it stands on its side of the bound. @param {number} number
 * @param {Stop} stop
 */
function digits(number, { bound }) {
  if (number === bound || bound === null || Number.isInteger(number)) return plain(number, 12);
  for (let digits = 3; digits < 17; digits += 1) {
    const text = short(number, digits);
    if (Number(text) !== bound && Number(text) < bound === number < bound) return text;
  }
  return plain(number, 17);
}
