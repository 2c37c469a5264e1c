/** Five captions that walk a newcomer through one training. */

import { remember } from "./surroundings.js";

/**
 * @typedef {import("./facts.d.ts").Facts} Facts
 * @typedef {import("./player.js").Player} Player
 */

const STOPS = [
  {
    at: "input",
    title: "1. The input",
    text: (/** @type {Facts} */ facts) =>
      facts.side > 0
        ? `The net sees ${
          facts.side * facts.side
        } numbers: how much ink is in each pixel. Choose another image above, or draw one here.`
        : "The net sees nothing but these numbers: the inputs of one sample. Choose another one.",
    go: (/** @type {Player} */ player) => player.show(0),
  },
  {
    at: "spelled",
    title: "2. The weighted sum",
    text: () =>
      "Every neuron multiplies each input by a weight of its own and adds it all up, and a bias: that is z. Its value is f(z). The colours show the products now: blue above 0, orange below.",
    go: (/** @type {Player} */ player) => player.setColours("contribution"),
  },
  {
    at: "net-view",
    title: "3. The output",
    text: (/** @type {Facts} */ facts) =>
      `Values flow from left to right until the outputs say what the net thinks${
        facts.target_kind === "class" ? ", as probabilities" : ""
      }. Before training it is guessing.`,
    go: (/** @type {Player} */ player) => player.setColours("weights"),
  },
  {
    at: "net-view",
    title: "4. The error",
    text: () =>
      "Compared with the truth, every output is wrong by some delta. The deltas flow back through the same weights; delta times value is the gradient of a weight. The colours show it now.",
    go: (/** @type {Player} */ player) => player.setColours("gradient"),
  },
  {
    at: "bar",
    title: "5. The update",
    text: () =>
      "Each weight moves a little against its gradient. Thousands of such steps are the whole of learning: press play, and see patterns and accuracy grow.",
    go: (/** @type {Player} */ player) => player.setColours("weights"),
  },
];

export class Tour {
  /** @param {Player} player @param {HTMLElement} card */
  constructor(player, card) {
    this.player = player;
    this.card = card;
    this.stop = -1;
    card.querySelector("[data-go=next]")?.addEventListener("click", () => this.show(this.stop + 1));
    card.querySelector("[data-go=back]")?.addEventListener("click", () => this.show(this.stop - 1));
    card.querySelector("[data-go=end]")?.addEventListener("click", () => this.end());
  }

  get isOn() {
    return this.stop >= 0;
  }

  /** @param {number} stop */
  show(stop) {
    if (stop >= STOPS.length) {
      this.end();
      this.player.play();
      return;
    }
    this.stop = Math.max(0, stop);
    const { at, title, text, go } = STOPS[this.stop];
    const part = (
      /** @type {string} */ name,
    ) => /** @type {HTMLElement} */ (this.card.querySelector(name));
    part("h2").textContent = title;
    part("p").textContent = text(this.player.net.facts);
    part("[data-go=back]").hidden = this.stop === 0;
    part("[data-go=next]").textContent = this.stop === STOPS.length - 1 ? "Play" : "Next";
    this.card.hidden = false;
    this.#mark(at);
    go(this.player);
  }

  /** Put it away. */
  end() {
    this.stop = -1;
    this.card.hidden = true;
    this.#mark("");
    remember("tour", "off");
  }

  /** @param {string} id */
  #mark(id) {
    for (const marked of document.querySelectorAll(".toured")) marked.classList.remove("toured");
    document.getElementById(id)?.classList.add("toured");
  }
}
