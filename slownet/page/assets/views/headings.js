/** The headings of the layers. */

import { cut } from "../numbers.js";

/** @typedef {import("../types.d.ts").Heading} Heading */

/** @param {import("../types.d.ts").Drawing} drawing */
export function paintHeadings(drawing) {
  const { paper, places, theme, unit, wide } = drawing;
  const { headings } = places;
  paper.textBaseline = "alphabetic";
  /** Where a heading begins and ends. @param {Heading} heading @param {string} text */
  const span = ({ x, align }, text) => {
    const all = wide(text);
    const from = Math.max(1, Math.min(align === "center" ? x - all / 2 : x, places.width - all - 1));
    return [from, from + all];
  };
  paper.font = drawing.font(13, 700);
  const spans = headings.map((each) => span(each, each.text));
  const isTight = spans.some(([from], k) => k > 0 && from < spans[k - 1][1] + 6);
  headings.forEach((each, k) => {
    const text = isTight ? each.brief : each.text;
    paper.textAlign = "left";
    paper.font = drawing.font(13, 700);
    paper.fillStyle = theme.ink;
    paper.fillText(text, span(each, text)[0], 15 * unit);
    paper.font = drawing.font(12);
    paper.fillStyle = theme.muted;
    const [before, after] = [headings[k - 1], headings[k + 1]];
    const width = Math.min(
      before ? (before.align === "center" ? each.x - before.x : 2 * (each.x - before.x - 60)) : Infinity,
      after ? after.x - each.x - (each.align === "center" ? 0 : 30) : places.width,
    );
    const below = cut(each.below, width - 4, wide);
    paper.fillText(below, span(each, below)[0], 31 * unit);
  });
}
