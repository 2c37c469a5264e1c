/** What a training is to stop at: chosen, looked for, and found.
 *
 * @typedef {import("./engine/stopping.js").Stop} Stop
 * @typedef {import("./engine/looking.js").Watched} Watched
 */

import { targetsOf } from "./state.js";

export class Stops {
  /** @param {import("./player.js").Player} player */
  constructor(player) {
    this.player = player;
    this.isFirst = false; // of the answers since it began to look
    this.isWaiting = false; // until it stands where it begins to look
    this.subject = /** @type {unknown} */ (null); // what it began to look at
  }

  /** Whether this page can know a condition. @param {Stop["name"]} name */
  offers(name) {
    const { facts, frames } = this.player.net;
    const hasClasses = facts.target_kind !== "number";
    if (name === "accuracy") return hasClasses && frames.judging.count > 0;
    if (name === "right" || name === "wrong") return hasClasses && facts.samples.length > 0;
    return name !== "silent" || facts.samples.length > 0 || facts.recipe !== null;
  }

  /** @param {Stop | null} stop one that is not offered counts as none */
  set(stop) {
    const { player, player: { state } } = this;
    if (state.seeking) player.show(state.frame, true);
    this.begin();
    state.stop = stop && this.offers(stop.name) ? stop : null;
    player.paint();
  }

  /** What the course is to look for. @returns {import("./snapshots.js").Wish | null} */
  get wish() {
    const { net, state } = this.player;
    if (!state.stop || this.isWaiting || !(state.playing || state.seeking)) return null;
    const { sample, focus } = state;
    return { stop: state.stop, sample, targets: targetsOf(net, state), neuron: net.idsOf(focus) };
  }

  /** Look for it from here on, as quickly as the page can train. */
  find() {
    const { player, player: { state, course } } = this;
    const isAtEnd = player.goal >= course.last;
    const isElsewhere = isAtEnd || course.goal !== null;
    player.pause();
    player.apart.close(true, false); // the sample that was chosen is looked at, not one of the batch
    this.begin();
    Object.assign(this, { isWaiting: isElsewhere });
    if (isElsewhere) player.show(isAtEnd ? course.first : player.goal);
    state.seeking = true;
    if (!this.isWaiting) player.show(course.last);
    player.paint();
  }

  begin() {
    this.player.state.stopped = null;
    this.isFirst = true;
    this.subject = this.#subject;
  }

  /** The sample or the neuron that the condition is about. */
  get #subject() {
    const { net, state: { stop, sample, focus } } = this.player;
    if (stop?.name === "silent") return String(net.idsOf(focus));
    return stop?.name === "right" || stop?.name === "wrong" ? sample : null;
  }

  /** Look at what is shown now, if another sample or neuron was shown when it began. */
  follow() {
    const { player, player: { state } } = this;
    if (!(state.playing || state.seeking) || this.isWaiting || this.subject === this.#subject) return;
    this.begin();
    player.show(player.goal);
  }

  /** Look no longer. */
  leave() {
    this.isWaiting = false;
    Object.assign(this.player.state, { seeking: false, stopped: null });
  }

  /** Hear what came of it. @param {Watched | null} watched @param {boolean} isOver */
  hear(watched, isOver) {
    const { player, player: { state } } = this;
    if (watched) {
      if (this.isFirst && watched.held) this.#say("already", null);
      this.isFirst = false;
      if (watched.found !== null) {
        this.#say("found", watched.found);
        state.seeking = false;
        player.pause();
      }
    }
    if (isOver && this.isWaiting) {
      this.isWaiting = false;
      if (state.seeking) player.show(player.course.last);
    } else if (isOver && state.seeking) this.miss();
  }

  /** It has not become true up to the end. */
  miss() {
    const { state } = this.player;
    if (state.stop) this.#say("never", null);
    state.seeking = false;
  }

  /** @param {import("./types.d.ts").Stopped["kind"]} kind @param {number | null} measured */
  #say(kind, measured) {
    const { net, painter, state } = this.player;
    const stop = /** @type {Stop} */ (state.stop);
    const neuron = painter.words.name(state.focus);
    const sample = state.isDrawn ? "" : net.facts.samples[state.place]?.name ?? "";
    const step = net.frames.stepOf(state.frame);
    state.stopped = { kind, stop, step, measured, neuron, sample };
  }
}
