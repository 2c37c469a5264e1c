/** The axes of the plane: round numbers, and the names of the two inputs. */

import { FONT } from "../colours.js";
import { fixed, plain, THOUSANDS } from "../numbers.js";
import { rangeOf } from "./surfaces.js";

/** Write along the plane. @param {import("./plane.js").Plane} plane */
export function paintAxes({ paper, theme, box, net, isTurned, wide }) {
  const plane = rangeOf(net);
  paper.font = `12px ${FONT}`;
  paper.fillStyle = theme.muted;
  paper.textBaseline = "top";
  const [across, up] = [0, 1].map((k) => net.preparation.cut(k, 0.6 * box.size, wide));
  const taken = [wide(across), isTurned ? 0 : 12];
  for (const [k, range] of [plane.x, plane.y].entries()) {
    for (const { share, text } of ticksOf(range)) {
      paper.textAlign = k ? "right" : "center";
      paper.textBaseline = k ? "middle" : "top";
      const half = k ? 0 : Math.max(0, wide(text) / 2 - 7);
      if (share < 0.06 || share > Math.min(0.9, 1 - (taken[k] + 14 + half) / box.size)) continue;
      if (k) paper.fillText(text, box.x - 5, box.y + box.size * (1 - share));
      else paper.fillText(text, box.x + box.size * share, box.y + box.size + 5);
    }
  }
  paper.textAlign = "right";
  paper.textBaseline = "top";
  paper.fillText(across, box.x + box.size, box.y + box.size + 5);
  if (!isTurned) {
    paper.textBaseline = "alphabetic";
    paper.fillText(up, box.x - 5, box.y + 10);
    return;
  }
  paper.save();
  paper.translate(1, box.y);
  paper.rotate(-Math.PI / 2);
  paper.fillText(up, 0, 0);
  paper.restore();
}

/** Round numbers along an axis: where they stand, from 0 to 1, and their texts.
 * @param {number[]} range @returns {{share: number, text: string}[]}
 */
export function ticksOf([low, high]) {
  const step = niceStep(high - low);
  const most = Math.max(Math.abs(low), Math.abs(high));
  const [unit, sign] = THOUSANDS.find(([unit]) => most >= 100 * unit && step >= unit / 1000) ?? [1, ""];
  const digits = Math.max(0, Math.ceil(-Math.log10(step / unit)));
  const count = Math.floor(high / step) - Math.ceil(low / step) + 1;
  return Array.from({ length: Math.min(count, 20) }, (_, k) => {
    const tick = (Math.ceil(low / step) + k) * step;
    const text = digits > 4 ? plain(tick, 4) : fixed(tick / unit, digits) + (tick ? sign : "");
    return { share: (tick - low) / (high - low), text };
  });
}

/** @param {number} span */
function niceStep(span) {
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
}
