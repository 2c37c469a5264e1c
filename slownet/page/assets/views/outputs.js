/** What stands beside or below the outputs: names, bars and numbers. */

import { say } from "../language.js";
import { cut, percent } from "../numbers.js";

/**
 * @typedef {import("../net.js").Pass} Pass
 * @typedef {import("../types.d.ts").Drawing} Drawing
 * @typedef {import("../types.d.ts").Shown} Shown
 */

/** Names, bars and numbers beside the discs. @param {Drawing} drawing @param {Shown} state @param {Pass} pass
 * @param {(k: number, value: number) => string} predicted a prediction as text
 */
export function paintOutputs(drawing, state, pass, predicted) {
  const { paper, theme, places, net, unit, wide } = drawing;
  const { facts } = net;
  const outputs = net.outputs(pass);
  const first = net.neurons - outputs.length;
  const isClass = facts.target_kind === "class";
  const isShare = isClass || facts.target_kind === "binary";
  const best = outputs.reduce((all, value, k) => (value > outputs[all] ? k : all), 0);
  const { truth } = state;
  const isRight = best === truth;
  const names = net.outputNames;
  const pitch = (places.discs.get(first + 1)?.y ?? Infinity) - (places.discs.get(first)?.y ?? 0);
  const isTight = pitch < 13 * unit; // then the answer alone is named
  paper.textBaseline = "middle";
  paper.textAlign = "left";
  for (let k = 0; k < outputs.length; k += 1) {
    const disc = places.discs.get(first + k);
    if (!disc || (isTight && k !== best)) continue;
    const isChosen = isClass && k === best;
    let x = disc.x + disc.r + 8;
    const low = places.isStacked ? 7 * unit : 0;
    paper.fillStyle = theme.ink;
    if (places.names && names[k]) {
      paper.font = drawing.font(13, k === truth ? 700 : 400);
      paper.fillText(cut(names[k], places.names - 8, wide), x, disc.y - low);
    }
    x = places.bars?.x ?? x + (places.isStacked ? 0 : places.names);
    if (state.isEmpty) continue;
    if (places.bars && isShare) {
      const { length } = places.bars;
      const high = Math.min(18 * unit, disc.r * 1.3);
      paper.fillStyle = theme.faint;
      paper.fillRect(x, disc.y - high / 2, length, high);
      paper.fillStyle = isChosen && truth !== null ? (isRight ? theme.right : theme.wrong) : theme.muted;
      paper.fillRect(x, disc.y - high / 2, length * Math.max(0, Math.min(1, outputs[k])), high);
      if (k === truth) {
        paper.strokeStyle = theme.ink;
        paper.lineWidth = 1.5;
        paper.strokeRect(x, disc.y - high / 2, length, high);
      }
      x += length + 7;
    }
    if (isClass && outputs[k] < 0.005 && !isChosen && k !== truth) continue;
    const number = isShare
      ? percent(outputs[k], places.bars ? state.digits.percent : 0)
      : predicted(k, outputs[k]);
    const verdict = truth === null
      ? ""
      : places.bars
      ? ` ${say(isRight ? "outputs.right" : "outputs.wrong")}`
      : isRight
      ? " ✓"
      : " ✗";
    const mark = isChosen ? verdict : k === truth ? ` ${say("outputs.true")}` : "";
    paper.fillStyle = theme.ink;
    paper.font = drawing.font(12, isChosen || k === truth ? 700 : 400);
    paper.fillText(number + mark, x, disc.y + low);
  }
}

/** Names of classes below their tiles. @param {Drawing} drawing @param {Shown} state @param {Pass} pass */
export function paintNames(drawing, state, pass) {
  const { paper, places, net, theme, unit, wide } = drawing;
  const outputs = net.outputs(pass);
  if (outputs.length < 2) return;
  const first = net.neurons - outputs.length;
  const best = outputs.indexOf(Math.max(...outputs));
  const areBeside = places.tiles.get(first)?.y === places.tiles.get(first + 1)?.y;
  paper.textAlign = "right";
  paper.textBaseline = "top";
  outputs.forEach((value, k) => {
    const tile = places.tiles.get(first + k);
    if (!tile || (areBeside && k !== best)) return; // the answer alone has room for its name
    paper.fillStyle = theme.ink;
    paper.font = drawing.font(12, k === best ? 700 : 400);
    const share = ` ${percent(value, 0)}${k === state.truth ? ` ${say("outputs.true")}` : ""}`;
    const width = 110 * unit - wide(share);
    const name = cut(net.facts.classes[k] ?? "", width, wide);
    paper.fillText(name + share, tile.x + tile.size, tile.y + tile.size + 3);
  });
}
