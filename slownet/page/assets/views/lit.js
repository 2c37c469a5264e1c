/** What an operation computes, lit in the net: the neuron, the weight that takes part, its other end.
 *
 * @typedef {import("../types.d.ts").Lit} Lit
 * @typedef {import("../types.d.ts").Drawing} Drawing
 */

const WIDE = 5; // pixels of the ring
const NARROW = 3;

/** The weight or the neuron that is lit; null where nothing is. @param {import("../types.d.ts").State} state
 * @returns {import("../types.d.ts").Chosen}
 */
export function lighted({ apart }) {
  if (!apart?.lit) return null;
  const { neuron, weight } = apart.lit;
  return weight < 0 ? { neuron } : { weight };
}

/** The end of a weight that is not the neuron which is computed; null without a weight.
 * @param {import("../net.js").Net} net @param {Lit} lit
 */
function otherEnd(net, { neuron, weight }) {
  if (weight < 0) return null;
  return net.source[weight] === neuron ? net.target[weight] : net.source[weight];
}

/** Ring the neurons. @param {Drawing} drawing @param {Lit | null} lit */
export function paintLit({ paper, theme, places, net }, lit) {
  if (!lit) return;
  const ring = (/** @type {number | null} */ neuron, /** @type {number} */ width) => {
    const disc = neuron === null ? undefined : places.discs.get(neuron);
    const tile = neuron === null ? undefined : places.tiles.get(neuron);
    for (
      const [colour, wide]
        of /** @type {[string, number][]} */ ([[theme.paper, width + 4], [theme.accent, width]])
    ) {
      paper.strokeStyle = colour;
      paper.lineWidth = wide;
      paper.beginPath();
      if (disc) paper.arc(disc.x, disc.y, disc.r + 3, 0, 2 * Math.PI);
      if (tile) paper.rect(tile.x - 3, tile.y - 3, tile.size + 6, tile.size + 6);
      paper.stroke();
    }
  };
  paper.setLineDash([4, 3]);
  ring(otherEnd(net, lit), NARROW);
  paper.setLineDash([]);
  ring(lit.neuron, WIDE);
}
