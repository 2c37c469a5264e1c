/** The steps that stand below the slider: where they are powers of ten, it is seen to be logarithmic. */

import { powersTo, stepText } from "./axes.js";
import { control, element } from "./elements.js";

const THUMB = 16; // pixels: its middle goes from half of it to half of it before the end
const GAP = 6; // pixels between two texts

/** @typedef {{share: number, text: string}} Tick where it stands, from 0 to 1 */

export class SliderScale {
  constructor() {
    const slider = control("slider");
    this.place = control("slider-scale");
    this.width = 0;
    this.ticks = /** @type {Tick[]} */ ([]);
    this.known = "";
    new ResizeObserver(() => {
      this.width = slider.clientWidth;
      this.#write();
    }).observe(slider);
  }

  /** Show the steps of a course. @param {import("./snapshots.js").Course} course */
  show(course) {
    const known = `${course.first} ${course.last}`;
    if (known === this.known) return;
    this.known = known;
    this.ticks = ticksOf(course);
    this.#write();
  }

  /** Write the ticks that have room. */
  #write() {
    const { place, width } = this;
    const texts = this.ticks.map(({ share, text }) => {
      const left = `${(THUMB / 2 + share * (width - THUMB)).toFixed(1)}px`;
      return element("span", { style: `left: ${left}` }, text);
    });
    place.replaceChildren(...texts);
    let free = -Infinity;
    for (const text of texts) {
      const { left, right } = text.getBoundingClientRect();
      text.hidden = left < free;
      if (!text.hidden) free = right + GAP;
    }
  }
}

/** @param {import("./snapshots.js").Course} course @returns {Tick[]} */
function ticksOf(course) {
  const found = [0, ...powersTo(course.net.frames.stepOf(course.last))].flatMap((step) => {
    const place = course.placeOfStep(step);
    return place === null ? [] : [{ share: place / course.lastPlace, text: stepText(step) }];
  });
  return found.length > 2 ? found : []; // with few snapshots, a slider is not logarithmic
}
