/** What can be done with the neuron or weight that is selected. */

import { button, control, element, refill } from "../elements.js";
import { say } from "../language.js";

/**
 * @typedef {import("../net.js").Net} Net
 * @typedef {import("../types.d.ts").Chosen} Chosen
 */

/** Offer changes of what is selected. @param {Net} net @param {Chosen} chosen @param {number} frame
 * @param {import("./experiment.js").Actions["change"]} change
 */
export function offerChanges(net, chosen, frame, change) {
  const place = control("chosen-actions");
  const now = chosen?.weight === undefined
    ? [net.bias(frame, chosen?.neuron ?? 0)]
    : [net.weight(frame, chosen.weight), net.isFrozen(frame, chosen.weight)];
  const text = JSON.stringify([chosen, ...now]);
  if (place.dataset.shown === text) return;
  place.dataset.shown = text;
  refill(place, parts(net, chosen, frame, change));
}

/** @param {Net} net @param {Chosen} chosen @param {number} frame
 * @param {import("./experiment.js").Actions["change"]} change
 * @returns {HTMLElement[]}
 */
function parts(net, chosen, frame, change) {
  if (!chosen) return [];
  if (chosen.weight !== undefined) {
    const { weight } = chosen;
    const ends = [net.idsOf(net.source[weight]), net.idsOf(net.target[weight])];
    const isFrozen = net.isFrozen(frame, weight);
    return [
      button(say("chosen.remove"), () => change("cut", ...ends)),
      isFrozen
        ? button(say("chosen.thaw"), () => change("thaw", ...ends))
        : button(say("chosen.freeze"), () => change("freeze", ...ends)),
      number("weight", net.weight(frame, weight), (value) => change("set", ...ends, value)),
    ];
  }
  const { neuron } = chosen;
  if (neuron < net.inputs) return [];
  const end = net.idsOf(neuron);
  const isHidden = net.layerOf[neuron] < net.layers.length - 1;
  return [
    ...isHidden ? [button(say("chosen.remove"), () => change("remove", ...end))] : [],
    ...net.hasBias(frame, neuron)
      ? [number("bias", net.bias(frame, neuron), (value) => change("bias", end, value))]
      : [],
  ];
}

/** A number to be set. @param {"weight" | "bias"} name @param {number} value @param {(value: number) => void} set */
function number(name, value, set) {
  const input = element("input", {
    ...{
      type: "number",
      step: "any",
      "aria-label": say(`chosen.number.${name}`),
      value: Number(value.toPrecision(4)),
    },
  });
  const done = () => {
    if (input.value && Number.isFinite(input.valueAsNumber)) set(input.valueAsNumber);
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") done();
  });
  return element(
    "span",
    { class: "set" },
    input,
    button(say("chosen.set"), done, { "aria-label": say(`chosen.set.${name}`) }),
  );
}
