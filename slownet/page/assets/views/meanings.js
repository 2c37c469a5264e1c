/** What the names of a net's numbers mean, in words. */

import { say } from "../language.js";

/** @typedef {import("../language.js").Key} Key */

const NAMED = [
  ...["total", "losses", "squares", "norm", "clip", "gradient", "loss", "mean_loss", "loss_step"],
  ...["accuracy", "sure", "prediction"],
];
const OF = [
  ...["weight", "bias", "value", "z", "slope", "delta", "target", "keep", "derivative", "square"],
  ...["grad", "bias_grad", "mean", "mean_bias", "first", "second", "first_bias", "second_bias"],
];

/** What a name means; "" where it says so itself. @param {string} label `new_` before it says that it is of the
 * end of a step, `_s7` behind it of which sample it is
 * @param {import("./words.js").Words} words @param {import("../engine/names.js").Names} names
 */
export function meaningOf(label, words, names) {
  const [, isNew = "", bare = "", sample = ""] = /^(new_)?(.+?)(?:_s(\d+))?$/.exec(label) ?? [];
  const read = names.read(bare);
  const what = read?.what ?? bare.replace(/_\d+$/, "");
  if (!(read ? OF : NAMED).includes(what)) return "";
  const { graph } = names;
  const of = !read
    ? ""
    : read.weight < 0
    ? words.name(read.neuron)
    : `${words.name(graph.source[read.weight])} → ${words.name(graph.target[read.weight])}`;
  const isInput = what === "value" && read && read.neuron < graph.inputs;
  const key = /** @type {Key} */ (`derive.is.${isInput ? "input" : what}`);
  const { net } = words;
  const isPrepared = isInput
    ? net.preparation.isScaled(read.neuron)
    : what === "target" && read !== null && words.isPrediction(read.neuron);
  const texts = [say(key, { of, step: bare.split("_").at(-1) ?? "" })];
  if (isPrepared) texts.push(say("derive.is.prepared"));
  if (isNew) texts.push(say("derive.is.new"));
  if (sample) texts.push(say("derive.is.sample", { sample }));
  return texts.join(", ");
}
