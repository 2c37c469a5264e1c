/** The lines of the weights: the wider, the larger; dashed below 0. */

/**
 * @typedef {import("../types.d.ts").Chosen} Chosen
 * @typedef {import("../types.d.ts").Drawing} Drawing
 * @typedef {import("../types.d.ts").Edge} Edge
 * @typedef {import("../types.d.ts").Places} Places
 */

const WIDTHS = [0.5, 1, 1.6, 2.5, 3.6, 5];
const OPACITIES = [0.2, 0.36, 0.52, 0.7, 0.86, 1];
const MOST_EDGES = { few: 340, many: 150 }; // between two layers, and where there are thousands
const FADED = 0.3; // of the opacity of lines, where one is chosen
const CLOSE = 6; // to a line, for the mouse, in CSS pixels

export class Edges {
  /** @param {import("../net.js").Net} net */
  constructor(net) {
    this.net = net;
    /** The thinnest first. @type {Edge[]} */
    this.list = [];
    /** Whether only the strongest are drawn. */
    this.isThinned = false;
  }

  /** Find the lines that are drawn. @param {Float64Array} shown the number of each weight
   * @param {number[]} reach of each layer, the number that has the full width
   * @param {Chosen} chosen @param {Places} places
   */
  find(shown, reach, chosen, places) {
    const { net } = this;
    const image = net.facts.side > 0;
    this.list = [];
    this.isThinned = false;
    for (let l = 1; l < net.layers.length; l += 1) {
      /** @type {[number, number][]} */
      let found = [];
      const [first, end] = [net.first(net.begins[l]), net.end(net.begins[l + 1] - 1)];
      for (let w = first; w < end; w += 1) {
        const source = net.source[w];
        if (image && source < net.inputs) {
          w = Math.max(w, this.#lastOf(w, net.inputs));
          continue;
        }
        if (
          chosen?.neuron !== undefined && source !== chosen.neuron && net.target[w] !== chosen.neuron
        ) continue;
        const number = shown[w];
        if (Math.abs(number) > 0 || w === chosen?.weight) found.push([w, number]);
      }
      const own = found.find(([w]) => w === chosen?.weight);
      const most = found.length > 2000 ? MOST_EDGES.many : MOST_EDGES.few;
      let least = 0; // where only large ones are left, their widths begin at the smallest of these
      if (found.length > most) {
        found = largest(found, most, reach[l]);
        if (own && !found.includes(own)) found.push(own);
        least = found.reduce((all, each) => Math.min(all, Math.abs(each[1])), Infinity);
        if (least > 0.9 * reach[l]) least = 0;
        this.isThinned = true;
      }
      for (const [weight, number] of found) {
        const [from, to] = [
          endOf(places, net.source[weight], true),
          endOf(places, net.target[weight], false),
        ];
        if (!from || !to) continue;
        const part = (Math.abs(number) - least) / (reach[l] - least);
        const size = Math.max(0, Math.min(WIDTHS.length - 1, Math.floor(part * WIDTHS.length)));
        this.list.push({
          weight,
          x0: from[0],
          y0: from[1],
          x1: to[0],
          y1: to[1],
          size,
          sign: number > 0 ? 1 : -1,
        });
      }
    }
    this.list.sort((a, b) => a.size - b.size);
  }

  /** The last of a run of weights from one of the inputs. @param {number} weight @param {number} inputs */
  #lastOf(weight, inputs) {
    const { net } = this;
    const end = net.end(net.target[weight]);
    return net.source[end - 1] < inputs ? end - 1 : weight;
  }

  /** @param {Drawing} drawing @param {Chosen} chosen */
  paint({ paper, theme, unit }, chosen) {
    const crowded = this.list.length > 200;
    const share = chosen?.weight === undefined ? 1 : FADED;
    paper.lineCap = "round";
    for (let size = 0; size < WIDTHS.length; size += 1) {
      for (const sign of [-1, 1]) {
        paper.beginPath();
        for (const edge of this.list) {
          if (edge.size !== size || edge.sign !== sign) continue;
          paper.moveTo(edge.x0, edge.y0);
          paper.lineTo(edge.x1, edge.y1);
        }
        paper.strokeStyle = sign > 0 ? theme.positive : theme.negative;
        paper.lineWidth = WIDTHS[size] * unit * (crowded ? 0.7 : 1);
        paper.globalAlpha = share * OPACITIES[size] * (crowded && size < WIDTHS.length - 1 ? 0.8 : 1);
        paper.setLineDash(sign > 0 ? [] : [7, 4]);
        paper.stroke();
      }
    }
    paper.setLineDash([]);
    paper.globalAlpha = 1;
    const edge = this.list.find((each) => each.weight === chosen?.weight);
    if (edge) {
      paper.strokeStyle = theme.accent;
      paper.lineWidth = 3;
      paper.beginPath();
      paper.moveTo(edge.x0, edge.y0);
      paper.lineTo(edge.x1, edge.y1);
      paper.stroke();
    }
  }

  /** The weight whose line is close to a place. @param {number} x @param {number} y
   * @returns {Chosen}
   */
  at(x, y) {
    let best = null;
    let nearest = CLOSE;
    for (const edge of this.list) {
      const [dx, dy] = [edge.x1 - edge.x0, edge.y1 - edge.y0];
      const along = ((x - edge.x0) * dx + (y - edge.y0) * dy) / (dx * dx + dy * dy);
      if (along < 0 || along > 1) continue;
      const off = Math.hypot(x - edge.x0 - along * dx, y - edge.y0 - along * dy) - WIDTHS[edge.size] / 3;
      if (off < nearest) {
        nearest = off;
        best = { weight: edge.weight };
      }
    }
    return best;
  }
}

/** Where lines begin or end at a neuron. @param {Places} places @param {number} neuron
 * @param {boolean} leaving @returns {[number, number] | null}
 */
function endOf({ discs, tiles }, neuron, leaving) {
  const disc = discs.get(neuron);
  if (disc) return [disc.x, disc.y];
  const tile = tiles.get(neuron);
  return tile ? [tile.x + (leaving ? tile.size : 0), tile.y + tile.size / 2] : null;
}

/** The entries with the largest numbers, found without sorting: this is done many times a second.
 * @param {[number, number][]} entries @param {number} most @param {number} reach
 */
function largest(entries, most, reach) {
  const counts = new Int32Array(1024);
  const bin = (/** @type {number} */ number) =>
    Math.min(1023, Math.floor(1024 * Math.abs(number) / reach));
  for (const [, number] of entries) counts[bin(number)] += 1;
  let least = 1023;
  for (let all = counts[least]; all < most; all += counts[least]) least -= 1;
  return entries.filter(([, number]) => bin(number) >= least).slice(0, most);
}
