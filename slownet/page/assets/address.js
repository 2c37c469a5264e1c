/** The address of the page, which holds the experiment: `#e=120_rate_0.05~300_remove_1_3&step=500`. With
 * `from`, it goes on from the snapshot of that step.
 *
 * How the page is shown stands in front of that, as `#embed&theme=dark&e=...`: `embedding.js`.
 *
 * A page that was saved with an experiment holds such a text, too. An address without `e` and `from` is of
 * that one.
 *
 * @typedef {import("./engine/experiment.js").Edits} Edits
 * @typedef {import("./types.d.ts").Thing} Thing
 *
 * @typedef {{edits: Edits, from: number | null}} Course
 *
 * @typedef {object} Address what an address names; null where it does not say
 * @property {Edits | null} edits
 * @property {number | null} from
 * @property {number | null} step
 * @property {number | null} sample
 * @property {string | null} colours
 * @property {import("./engine/stopping.js").Stop | null} stop what it stops at
 * @property {Thing | null} chosen
 * @property {import("./types.d.ts").Presentation} presentation
 * @property {boolean} isBare whether it says nothing of what is shown
 * @property {string} problem why it names no experiment, or nothing to stop at, if it should
 */

import { isBare, partsOf, presentationOf } from "./embedding.js";
import { SaidError } from "./engine/errors.js";
import { format, MOST_LETTERS, MOST_STEPS, parse } from "./engine/experiment.js";
import { formatStop, parseStop } from "./engine/stopping.js";
import { say } from "./language.js";
import { DEFAULT_MODE } from "./modes.js";
import { tell } from "./notebook.js";

const LONGEST = 64_000; // characters: some browsers open no longer addresses
const WHOLE = /^\d{1,15}$/;

/** Read an address: the part behind the #. @param {string} text @returns {Address} */
export function read(text) {
  const parts = new URLSearchParams(text.length > 3 * MOST_LETTERS ? "" : text);
  const whole = (/** @type {string} */ name) => {
    const found = parts.get(name);
    return found !== null && WHOLE.test(found) ? Number(found) : null;
  };
  const [weight, neuron] = [whole("weight"), whole("neuron")];
  const step = whole("step");
  const edits = understood(parts.get("e"), parse, "address.problem");
  const stop = understood(parts.get("stop"), parseStop, "address.stop");
  return {
    edits: edits.read,
    from: whole("from"),
    step: step === null ? null : Math.min(step, MOST_STEPS),
    sample: whole("digit") ?? whole("sample"),
    colours: parts.get("colours"),
    stop: stop.read,
    problem: edits.problem || stop.problem,
    chosen: weight !== null ? { weight } : neuron !== null ? { neuron } : null,
    presentation: presentationOf(parts),
    isBare: isBare(parts),
  };
}

/** What a part of an address means, and why it means nothing, if it should.
 * @template T @param {string | null} text @param {(text: string) => T | null} parse
 * @param {"address.problem" | "address.stop"} key @returns {{read: T | null, problem: string}}
 */
function understood(text, parse, key) {
  try {
    return { read: text === null ? null : parse(text), problem: "" };
  } catch (error) {
    if (!(error instanceof SaidError)) throw error;
    return { read: null, problem: say(key, { problem: error.message }) };
  }
}

/** The address of what is shown, without the #. @param {import("./player.js").Player} player
 * @param {Course} [saved] what the page itself holds
 */
export function addressOf({ state, net, from }, saved = { edits: [], from: null }) {
  const parts = [];
  const text = format(state.experiment.edits);
  if (text !== format(saved.edits) || from !== saved.from) {
    if (from !== null) parts.push(`from=${from}`);
    if (text || from === null) parts.push(`e=${text}`);
  }
  parts.push(`step=${net.frames.stepOf(state.frame)}`);
  if (net.facts.samples.length && !state.isDrawn && state.place >= 0) parts.push(`digit=${state.place}`);
  if (state.colours !== DEFAULT_MODE) parts.push(`colours=${state.colours}`);
  if (state.stop) parts.push(`stop=${formatStop(state.stop)}`);
  if (state.chosen?.weight !== undefined) parts.push(`weight=${state.chosen.weight}`);
  else if (state.chosen?.neuron !== undefined) parts.push(`neuron=${state.chosen.neuron}`);
  return parts.join("&");
}

/** Write what is shown into the address, so that it can be shared. @param {import("./player.js").Player} player */
export function note(player) {
  if (!player.isStarted || player.isOnTheWay) return;
  const text = addressOf(player, player.saved);
  const parts = [...partsOf(player.state.presentation), ...text.length > LONGEST ? [] : [text]];
  const hash = parts.length ? `#${parts.join("&")}` : "";
  if (hash === player.hash) return;
  player.hash = hash;
  tell("stands", { at: text });
  try {
    history.replaceState(null, "", hash || location.pathname + location.search);
  } catch {
    // pages without an address of their own, as in a notebook
  }
}
