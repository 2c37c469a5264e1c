/** What is kept of a training that may go back in time and change: states, and the loss of every step.
 *
 * @typedef {import("./experiment.js").Edits} Edits
 * @typedef {import("./state.js").State} State
 */

import { textOf } from "./experiment.js";

const MOST_STATES = 64;
const LEAST_STATES = 8; // of a net of any size
const MOST_NUMBERS = 12_000_000; // of all states: about 100 MB
const MOST_RECENT = 8;
const MOST_TRACKS = 200;

/** Numbers that are added one after the other. */
class Series {
  numbers = new Float64Array(64);
  length = 0;

  /** @param {number} place @param {number} number */
  set(place, number) {
    if (place >= this.numbers.length) {
      const longer = new Float64Array(2 * place);
      longer.set(this.numbers);
      this.numbers = longer;
    }
    this.numbers[place] = number;
    this.length = Math.max(this.length, place + 1);
  }
}

/** The steps that were taken with the same edits, from the last of these edits on. */
export class Track {
  losses = new Series();
  rights = new Series();
  /** in the order of their steps; the first is the start, as long as it is kept */
  states = /** @type {State[]} */ ([]);
  /** they stand at multiples of so many steps; it doubles as the training grows */
  distance = 1;
  /** states before the last step that was taken here, less far apart */
  recent = /** @type {State[]} */ ([]);

  /** @param {number} start the step of its last edit, or of the start of the training */
  constructor(start) {
    this.start = start;
  }

  /** Add a step, or the same again. @param {number} step @param {number} loss @param {number} right share */
  add(step, loss, right) {
    this.losses.set(step - this.start - 1, loss);
    this.rights.set(step - this.start - 1, right);
  }

  /** Keep a state, unless one of its step is kept. @param {State} state */
  keep(state) {
    const { states } = this;
    const place = states.findIndex((each) => each.step >= state.step);
    if (place < 0) states.push(state);
    else if (states[place].step !== state.step) states.splice(place, 0, state);
  }

  /** Keep a state from which going back by a few steps is quick. @param {State} state */
  keepRecent(state) {
    const before = this.recent.filter(({ step }) => step < state.step);
    this.recent = [...before, state].slice(-MOST_RECENT);
  }

  /** Keep the first state, the last one, and about half of the others. */
  thin() {
    const { states: { length } } = this;
    while (this.states.length === length) {
      this.distance *= 2;
      this.states = this.states.filter(({ step }, k) =>
        k === 0 || k === length - 1 || step % this.distance === 0
      );
    }
  }

  /** The last state up to a step; null if there is none. @param {number} step */
  last(step) {
    const upTo = (/** @type {State} */ state) => state.step <= step;
    const [kept, recent] = [this.states.findLast(upTo), this.recent.findLast(upTo)];
    if (!kept || !recent) return kept ?? recent ?? null;
    return kept.step > recent.step ? kept : recent;
  }
}

/** Tracks by the text of their edits. */
export class Checkpoints {
  #tracks = /** @type {Map<string, Track>} */ (new Map()); // the one that was used last comes last
  #current = /** @type {Track | null} */ (null); // the one that has recent states

  /** The track of some edits, which is made if it is not there.
   * @param {Edits} edits @param {number} start its first step
   */
  track(edits, start) {
    const text = keysOf(edits)[edits.length];
    const found = this.#tracks.get(text) ?? new Track(start);
    this.#tracks.set(text, found);
    return found;
  }

  /** The tracks of the first edits, none, one and so on, as far as there are any. @param {Edits} edits */
  along(edits) {
    const found = /** @type {Track[]} */ ([]);
    for (const key of keysOf(edits)) {
      const track = this.#tracks.get(key);
      if (track === undefined) break;
      found.push(track);
    }
    return found;
  }

  /** Keep a state of a track. @param {Track} track @param {State} state @param {Edits} edits in use */
  keep(track, state, edits) {
    track.keep(state);
    this.#use(edits);
    const most = Math.floor(MOST_NUMBERS / sizeOf(state));
    while (this.count > Math.max(LEAST_STATES, Math.min(MOST_STATES, most)) && this.#thin(edits));
  }

  /** Keep a recent state of a track, in place of those of another one.
   * @param {Track} track @param {State} state
   */
  keepRecent(track, state) {
    if (this.#current !== track && this.#current !== null) this.#current.recent = [];
    this.#current = track;
    track.keepRecent(state);
  }

  /** Put the tracks of edits last, and forget the oldest ones. @param {Edits} edits */
  #use(edits) {
    const keys = keysOf(edits);
    for (let count = edits.length; count >= 0; count -= 1) {
      const key = keys[count];
      const track = this.#tracks.get(key);
      if (track === undefined) continue;
      this.#tracks.delete(key);
      this.#tracks.set(key, track);
    }
    const most = Math.max(MOST_TRACKS, edits.length + 1);
    while (this.#tracks.size > most) this.#forgetOldest();
  }

  #forgetOldest() {
    for (const text of this.#tracks.keys()) {
      this.#tracks.delete(text);
      return;
    }
  }

  /** How many states are kept, beside the recent ones. */
  get count() {
    let count = 0;
    for (const { states } of this.#tracks.values()) count += states.length;
    return count;
  }

  /** Keep fewer states, first of the tracks that are not in use; return whether there are fewer.
   * @param {Edits} edits in use
   */
  #thin(edits) {
    const before = this.count;
    const used = this.along(edits);
    const others = [...this.#tracks.values()].filter((track) => !used.includes(track));
    const spare = others.find((track) => track.states.length > 1) ??
      others.find((track) => track.states.length > 0);
    if (spare !== undefined) {
      spare.states = spare.states.length > 1 ? spare.states.slice(0, 1) : [];
      return true;
    }
    const fullest = used.reduce((most, track) =>
      track.states.length > most.states.length ? track : most
    );
    if (fullest.states.length > 2) fullest.thin();
    else {
      const known = used.slice(1).filter((track) => track.states.length > 0);
      known.forEach((track, k) => (track.states = k % 2 ? track.states.slice(-1) : []));
    }
    return this.count < before;
  }
}

/** How many numbers a state has. @param {State} state */
function sizeOf({ numbers: { weights, biases }, memory }) {
  return (memory ? 3 : 1) * (weights.length + biases.length);
}

/** @type {WeakMap<Edits, string[]>} */
const known = new WeakMap(); // every step asks for those of the same edits

/** The texts of no edit, of the first one, of the first two and so on. @param {Edits} edits */
function keysOf(edits) {
  let keys = known.get(edits);
  if (keys === undefined) {
    let text = "";
    keys = ["", ...edits.map((edit) => text += `~${textOf(edit)}`)];
    known.set(edits, keys);
  }
  return keys;
}
