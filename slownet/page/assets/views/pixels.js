/** The pixel that is chosen, marked in every image. */

const MARK = 9; // the size of a mark at least, in CSS pixels

/** The pixel that is chosen, itself or as the source of a weight; null for none.
 * @param {import("../net.js").Net} net @param {import("../types.d.ts").Chosen} chosen
 */
export function chosenPixel(net, chosen) {
  if (!chosen || !net.facts.side) return null;
  const source = chosen.weight === undefined ? chosen.neuron : net.source[chosen.weight];
  return source < net.inputs ? source : null;
}

/** Mark a pixel in the image of an element, or take the mark away.
 * @param {HTMLElement} image @param {number} side @param {number | null} pixel
 */
export function markImage(image, side, pixel) {
  const place = /** @type {HTMLElement} */ (image.parentElement);
  let mark = /** @type {HTMLElement | null} */ (place.querySelector(".pixel"));
  if (pixel === null) {
    mark?.remove();
    return;
  }
  if (!mark) {
    mark = document.createElement("i");
    mark.className = "pixel";
    mark.setAttribute("aria-hidden", "true");
    place.append(mark);
  }
  const [x, y] = placeOf(side, pixel);
  mark.style.left = `${100 * x}%`;
  mark.style.top = `${100 * y}%`;
}

/** Mark a pixel in every tile of a canvas. @param {import("../types.d.ts").Drawing} drawing
 * @param {number} side @param {number | null} pixel
 */
export function markTiles({ paper, places, theme }, side, pixel) {
  if (pixel === null) return;
  const [across, down] = placeOf(side, pixel);
  for (const { x, y, size } of places.tiles.values()) {
    const wide = Math.max(MARK, 2 * size / side);
    const [left, top] = [x + across * size - wide / 2, y + down * size - wide / 2];
    paper.strokeStyle = theme.paper;
    paper.lineWidth = 4;
    paper.strokeRect(left, top, wide, wide);
    paper.strokeStyle = theme.accent;
    paper.lineWidth = 2;
    paper.strokeRect(left, top, wide, wide);
  }
}

/** The middle of a pixel, as a share of its image. @param {number} side @param {number} pixel */
function placeOf(side, pixel) {
  return [(pixel % side + 0.5) / side, (Math.floor(pixel / side) + 0.5) / side];
}
