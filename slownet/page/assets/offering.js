/** What a page offers, by what it holds.
 *
 * @typedef {import("./player.js").Player} Player
 */

import { nameSteps, offerNeurons, offerSamples, showTest } from "./controls.js";
import { control, element } from "./elements.js";
import { say } from "./language.js";
import { COLOUR_MODES } from "./modes.js";
import { Sharing } from "./sharing.js";
import { Snapshots } from "./snapshots.js";
import { Trained } from "./trained.js";
import { offerStops } from "./views/stops.js";

/** Fill the lists of the bar. @param {Player} player */
export function offer(player) {
  const { net, course, painter, own } = player;
  for (const [name, { option, needsSample }] of Object.entries(COLOUR_MODES)) {
    if (needsSample && !net.facts.samples.length) continue;
    control("colours").append(element("option", { value: name }, say(option)));
  }
  offerSamples(player);
  offerNeurons(player);
  showTest(net);
  offerToStop(player);
  control("origin-trail").onclick = () => player.origins.back();
  if (course instanceof Trained) offerTraining(player, course);
  else if (course instanceof Snapshots && course.canContinue) {
    painter.offerContinuing(() => player.trainFrom());
    painter.offerSharing(new Sharing(player, own));
  }
}

/** @param {Player} player */
function offerToStop(player) {
  const { net, course, stops, state } = player;
  if (!(course instanceof Trained || course instanceof Snapshots)) return; // it goes on in Python
  offerStops(net, {
    offers: (name) => stops.offers(name),
    set: (stop) => stops.set(stop),
    find: () => stops.find(),
    leave: () => player.show(state.frame, true),
  }, () => state);
}

/** Offer what can be done with a training that goes on in the page. @param {Player} player
 * @param {Trained} course
 */
export function offerTraining(player, course) {
  const { painter, changes, apart, own } = player;
  offerToStop(player);
  nameSteps();
  painter.offerApart(apart);
  painter.offerSharing(new Sharing(player, own));
  painter.offerChanges({
    change: (kind, ...args) => player.change(kind, ...args),
    undo: () => changes.undo(),
    redo: () => changes.redo(),
    startAgain: () => changes.startAgain(),
    trainOn: () => player.trainOn(),
    reseed: () => changes.reseed(),
    teach: (wanted) => player.teach(wanted),
    brush: (brush) => player.setBrush(brush),
  }, course.formulas.offered);
  const { initial } = course.facts.recipe;
  control("reseed").hidden = initial === null || course.first > 0; // the weights were given
}
