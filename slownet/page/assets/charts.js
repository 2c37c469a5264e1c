/** The plotly charts: loss, accuracy, and the history of the selected neuron or weight. */

import { inflate } from "./payload.js";

const CURSOR = "now";

/** Run plotly.js, which the page carries packed. @param {string} packed */
export async function loadPlotly(packed) {
  const script = document.createElement("script");
  script.textContent = new TextDecoder().decode(await inflate(packed, "gzip"));
  document.head.append(script);
}

export class Charts {
  /**
   * @param {any} figures layouts and traces without numbers, from Python
   * @param {Record<string, any>} arrays
   * @param {number[]} steps of the frames
   * @param {import("./colours.js").Theme} theme
   */
  constructor(figures, arrays, steps, theme) {
    this.figures = figures;
    this.arrays = arrays;
    this.steps = steps.map((step) => Math.max(step, figures.start));
    this.theme = theme;
    /** @type {Map<string, {place: HTMLElement, layout: any, width?: any}>} */
    this.places = new Map();
    this.frame = 0;
  }

  /** Draw a chart that Python has laid out, if the page has a place for it. @param {string} name */
  async draw(name) {
    const place = document.getElementById(`chart-${name}`);
    if (!place || !this.figures[name]) return;
    const traces = this.figures[name].data.map((/** @type {any} */ trace) => ({
      ...trace,
      x: Array.from(this.#line(trace.meta, 0)),
      y: Array.from(this.#line(trace.meta, 1)),
    }));
    await this.#plot(name, place, traces, this.figures[name].layout);
  }

  /** @param {string} array @param {number} row */
  #line(array, row) {
    const both = this.arrays[array];
    return both.subarray((row * both.length) / 2, ((row + 1) * both.length) / 2);
  }

  /** Draw the history of a number. @param {ArrayLike<number>} numbers a frame @param {string} what */
  async drawChosen(numbers, what) {
    const place = document.getElementById("chart-chosen");
    if (!place || typeof Plotly === "undefined") return;
    const figure = this.figures.chosen;
    const shown = Array.from(numbers);
    const [low, high] = [Math.min(...shown), Math.max(...shown)];
    const margin = 0.1 * (high - low) || Math.abs(high) * 0.1 || 0.1;
    const trace = { ...figure.data[0], x: this.steps, y: shown };
    const layout = structuredClone(figure.layout);
    layout.yaxis.range = [low - margin, high + margin];
    place.setAttribute(
      "aria-label",
      `${what} over training, from ${shown[0]} to ${shown[shown.length - 1]}`,
    );
    await this.#plot("chosen", place, [trace], layout);
  }

  /** @param {string} name @param {HTMLElement} place @param {any[]} traces @param {any} layout */
  async #plot(name, place, traces, layout) {
    const { theme } = this;
    const colours = { training: theme.muted, watched: theme.ink, chosen: theme.accent };
    for (const trace of traces) {
      trace.line = { ...trace.line, color: colours[/** @type {"training"} */ (trace.legendgroup)] };
    }
    const styled = structuredClone(layout);
    styled.font.color = theme.ink;
    for (const axis of ["xaxis", "yaxis"]) {
      Object.assign(styled[axis], { gridcolor: theme.faint, linecolor: theme.line });
      styled[axis].tickfont = { ...styled[axis].tickfont, color: theme.muted };
    }
    styled.hoverlabel = {
      bgcolor: theme.ink,
      bordercolor: theme.ink,
      font: { color: theme.paper, size: 13 },
    };
    await Plotly.react(place, traces, styled, {
      displayModeBar: false,
      responsive: true,
      doubleClick: false,
    });
    this.places.set(name, { place, layout: styled });
    if (!place.querySelector(`.${CURSOR}`)) {
      const cursor = document.createElement("i");
      cursor.className = CURSOR;
      place.append(cursor);
    }
    this.fit();
  }

  /** Read the sizes of the charts. */
  fit() {
    for (const each of this.places.values()) each.width = each.place.clientWidth;
    this.show(this.frame);
  }

  /** Move the cursors to a frame. @param {number} frame */
  show(frame) {
    this.frame = frame;
    for (const { place, layout, width } of this.places.values()) {
      const cursor = /** @type {HTMLElement} */ (place.querySelector(`.${CURSOR}`));
      const [low, high] = layout.xaxis.range;
      const { l, r } = layout.margin;
      const share = (Math.log10(this.steps[frame]) - low) / (high - low);
      cursor.style.left = `${l + share * (width - l - r)}px`;
    }
  }
}
