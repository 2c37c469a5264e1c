/** The foot of the page: what was trained and how, how precise the numbers are, what the page holds. */

import { control, element } from "./elements.js";
import { holdings } from "./holdings.js";
import { brief, counted } from "./numbers.js";
import { described, howSteps } from "./training.js";
import { frozen, precise } from "./views/footnotes.js";

/** Write the foot. @param {import("./net.js").Net} net */
export function writeAbout(net) {
  const { training } = net.facts;
  const { config, data, versions, arithmetic } = training;
  const lines = [
    `${options(net).join(", ")}.`,
    ...howSteps(config),
    ...precise(net.facts),
    ...frozen(net),
  ];
  if (data.X) {
    lines.push(
      `SHA-256 of the data: ${String(data.X).slice(0, 16)}… (inputs), ${
        String(data.y).slice(0, 16)
      }… (targets).`,
    );
  }
  const how = training.source?.command === "slownet train"
    ? "“slownet verify” trains"
    : "slownet.verify in Python, given the same data, trains";
  lines.push(
    `Made with slownet ${versions.slownet ?? ""}, trained with arithmetic ${arithmetic}: with the ` +
      `same one, ${how} again and compares every number of this page.`,
  );
  control("about").replaceChildren(...lines.map((line) => element("p", {}, line)));
  control("holds").textContent = holdings(net);
}

/** How the net was trained, in a few words each. @param {import("./net.js").Net} net @returns {string[]} */
function options({ facts }) {
  const { config, data } = facts.training;
  const known = (/** @type {unknown} */ value, /** @type {string} */ text) =>
    value === undefined ? [] : [text];
  return [
    ...known(data.samples, `${counted(data.samples)} samples`),
    ...known(config.batch_size, `batches of ${config.batch_size}`),
    ...known(config.epochs, `${config.epochs} epochs`),
    ...known(
      config.optimizer,
      `${described(config.optimizer)} with rate ${config.learning_rate}${schedule(facts.training)}`,
    ),
    `loss ${facts.loss}`,
    ...known(config.seed, `seed ${config.seed}`),
  ];
}

/** The schedule of the learning rate, and where it led. @param {import("./facts.d.ts").Training} training */
function schedule({ config, rates, last, steps }) {
  if (!config.schedule || (config.schedule.name === "constant" && !config.schedule.own)) return "";
  const rate = rates?.[rates.length - 1];
  const end = steps[steps.length - 1];
  const at = end < last ? `at step ${counted(end + 1)}` : "at the last step";
  const led = typeof rate === "number" ? `: ${brief(rate)} ${at}` : "";
  return ` and schedule ${described(config.schedule)}${led}`;
}
