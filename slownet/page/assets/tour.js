/** Five stops that walk a newcomer through one training; each changes something that is then explained. */

import { control } from "./elements.js";
import { say } from "./language.js";
import { liveliest } from "./state.js";

/**
 * @typedef {import("./facts.d.ts").Facts} Facts
 * @typedef {import("./player.js").Player} Player
 */

const BETWEEN = 12; // pixels between the card and what it speaks of
const NARROW = "18em"; // a card that may have room where a wide one has none
const MARGIN = 8; // and the end of the window
const SOME = 10; // steps

/** @type {{at: (facts: Facts) => string, needsSample: boolean, title: import("./language.js").Key,
 *   text: (player: Player) => string, go: (player: Player) => void}[]} */
const STOPS = [
  {
    at: ({ plane }) => plane ? "plane-canvas" : "seen",
    needsSample: true,
    title: "tour.look",
    text: (player) => {
      const { side, plane } = player.net.facts;
      const kind = side > 0 ? "image" : plane ? "point" : "row";
      const what = say(`tour.look.${kind}`, { count: side * side });
      return hasOthers(player) ? `${what} ${say(`tour.look.${kind}.other`)}` : what;
    },
    go: (player) => {
      const { net: { facts }, state } = player;
      if (hasOthers(player)) player.setSample((state.place + 1) % facts.samples.length);
    },
  },
  {
    at: ({ side }) => side > 0 ? "images" : "terms",
    needsSample: true,
    title: "tour.neuron",
    text: () => say("tour.neuron.text"),
    go: (player) => {
      const { net, state } = player;
      const l = net.facts.side > 0 ? 1 : net.layerOf[state.focus];
      player.spell(liveliest(net, player.run(state.frame), l));
      player.setColours("contribution");
    },
  },
  {
    at: () => "canvas",
    needsSample: false,
    title: "tour.answer",
    text: () => say("tour.answer.text"),
    go: (player) => {
      player.setColours("weights");
      player.show(player.course.first, true);
    },
  },
  {
    at: () => "canvas",
    needsSample: true,
    title: "tour.mistake",
    text: () => say("tour.mistake.text"),
    go: (player) => {
      if (player.state.isDrawn) player.setSample(player.state.place);
      player.setColours("gradient");
    },
  },
  {
    at: () => "playing",
    needsSample: false,
    title: "tour.learning",
    text: () => say("tour.learning.text"),
    go: (player) => {
      const { course } = player;
      player.setColours("weights");
      player.show(course.first + (course.canTrain ? SOME : 1), true);
    },
  },
];

/** Whether there is another sample to look at. @param {Player} player */
function hasOthers({ net, state }) {
  return net.facts.samples.length > 1 && !state.isDrawn;
}

export class Tour {
  /** @param {Player} player @param {HTMLElement} card */
  constructor(player, card) {
    this.player = player;
    this.card = card;
    this.stop = -1;
    this.stops = STOPS.filter(({ needsSample }) => !needsSample || player.net.facts.samples.length > 0);
    this.before = { colours: "", frame: 0 };
    this.#button("next").addEventListener("click", () => this.show(this.stop + 1));
    this.#button("back").addEventListener("click", () => this.show(this.stop - 1));
    this.#button("end").addEventListener("click", () => this.end());
    globalThis.addEventListener("resize", () => this.#place());
  }

  get isOn() {
    return this.stop >= 0;
  }

  /** @param {string} go @returns {HTMLButtonElement} */
  #button(go) {
    return /** @type {HTMLButtonElement} */ (this.#part(`[data-go=${go}]`));
  }

  /** @param {string} selector */
  #part(selector) {
    return /** @type {HTMLElement} */ (this.card.querySelector(selector));
  }

  /** @param {number} stop */
  show(stop) {
    const { player, card } = this;
    if (stop >= this.stops.length) {
      this.#close();
      player.play();
      return;
    }
    if (!this.isOn) this.before = { colours: player.state.colours, frame: player.goal };
    this.stop = Math.max(0, stop);
    const { title, text, go } = this.stops[this.stop];
    this.#part("h2").textContent = say(title);
    this.#part("p").textContent = text(player);
    const stops = this.stops.length;
    this.#part("small").textContent = say("tour.place", { stop: this.stop + 1, stops });
    this.#button("back").hidden = this.stop === 0;
    this.#button("next").textContent = say(this.stop === stops - 1 ? "play.play" : "tour.next");
    card.hidden = false;
    go(player);
    this.#place();
    this.#button("next").focus({ preventScroll: true });
  }

  /** Put it away, and show what was shown before. */
  end() {
    if (!this.isOn) return;
    const { player, before } = this;
    const hasMoved = player.goal !== before.frame && !player.state.playing;
    this.#close();
    player.setColours(before.colours);
    if (hasMoved) player.show(before.frame);
  }

  #close() {
    this.stop = -1;
    if (this.card.contains(document.activeElement)) control("take-tour").focus({ preventScroll: true });
    this.card.hidden = true;
    this.#mark(null);
  }

  /** Scroll to what it speaks of, and stand beside that. */
  #place() {
    if (!this.isOn) return;
    const { card } = this;
    const place = control(this.stops[this.stop].at(this.player.net.facts));
    this.#mark(place);
    place.style.scrollMarginBlock = "";
    place.scrollIntoView({ block: "nearest", behavior: "instant" });
    const box = place.getBoundingClientRect();
    let free = null;
    for (const width of ["", NARROW, ""]) {
      if (free) break;
      card.style.width = width;
      free = besides(box, card);
    }
    const { clientWidth, clientHeight } = document.documentElement;
    const [x, y] = free ?? [
      (clientWidth - card.offsetWidth) / 2,
      clientHeight - MARGIN - card.offsetHeight,
    ];
    card.style.transform = `translate(${x}px, ${y}px)`;
    if (free) return;
    place.style.scrollMarginBlock = `${BETWEEN}px ${card.offsetHeight + MARGIN + BETWEEN}px`;
    place.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  /** @param {HTMLElement | null} place */
  #mark(place) {
    for (const marked of document.querySelectorAll(".toured")) marked.classList.remove("toured");
    place?.classList.add("toured");
  }
}

/** Where a card has room in the window beside a box: on the right, on the left, below, above; null for nowhere.
 * @param {DOMRect} box @param {HTMLElement} card @returns {[number, number] | null}
 */
function besides({ left, right, top, bottom }, { offsetWidth: width, offsetHeight: height }) {
  const { clientWidth, clientHeight } = document.documentElement;
  const [most, lowest] = [clientWidth - MARGIN - width, clientHeight - MARGIN - height];
  const x = Math.max(MARGIN, Math.min(left, most));
  const y = Math.max(MARGIN, Math.min(top, lowest));
  /** @type {[number, number][]} */
  const places = [
    [right + BETWEEN, y],
    [left - BETWEEN - width, y],
    [x, bottom + BETWEEN],
    [x, top - BETWEEN - height],
  ];
  return places.find(([x, y]) => x >= MARGIN && x <= most && y >= MARGIN && y <= lowest) ?? null;
}
