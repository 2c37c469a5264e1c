/** The panel of what can be changed in the middle of a training, and of what was changed.
 *
 * @typedef {import("../engine/frame.js").Frame} Told
 * @typedef {import("../engine/experiment.js").Value} Value
 *
 * @typedef {object} Actions
 * @property {(kind: string, ...args: Value[]) => void} change
 * @property {() => void} undo
 * @property {() => void} redo
 * @property {() => void} startAgain
 * @property {() => void} trainOn
 * @property {() => void} reseed
 * @property {(wanted: number) => void} teach
 * @property {(brush: import("../types.d.ts").Brush) => void} brush
 */

import { button, control, element, refill } from "../elements.js";
import { say } from "../language.js";
import { counted, tabled } from "../numbers.js";
import { inWords, pointsOf } from "./edits.js";

const SIZES = [1, 2, 5, 10, 20, 32, 50, 64, 100, 128, 256];
const RATES = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
const STRENGTHS = [0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1];
const SHARES = [0, 0.05, 0.1, 0.2, 0.3, 0.5];
const NOISE = [0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3]; // shares of the range of an input
const NEW_LAYER = 4; // neurons

/** What a training has one of: its edit, and what it can be. @type {["rate" | "batch" | "l1" | "l2" | "dropout", number[]][]} */
const SETTINGS = [
  ["rate", RATES],
  ["batch", SIZES],
  ["l1", STRENGTHS],
  ["l2", STRENGTHS],
  ["dropout", SHARES],
];

export class ExperimentPanel {
  /** @param {Actions} actions @param {{activations: object, optimizers: object}} offered formulas by name
   * @param {string[]} sets of other points
   */
  constructor(actions, { activations, optimizers }, sets) {
    this.actions = actions;
    this.sets = sets;
    this.activations = Object.keys(activations);
    this.optimizers = Object.keys(optimizers);
    this.structure = "";
    this.edits = /** @type {import("../engine/experiment.js").Edits} */ ([]);
    this.data = /** @type {{noise: HTMLSelectElement, sets: HTMLSelectElement} | null} */ (null);
    this.fields = new Map(
      SETTINGS.map(([kind]) => [
        kind,
        chooser(say(`experiment.${kind}`), (text) => actions.change(kind, Number(text))),
      ]),
    );
    this.optimizer = chooser(
      say("experiment.optimizer"),
      (name) => actions.change("optimizer", name),
    );
    fill(this.optimizer, this.optimizers);
    this.#build();
  }

  #build() {
    const { actions } = this;
    const fields = SETTINGS.map(([kind]) =>
      labelled(`experiment.${kind}`, /** @type {Node} */ (this.fields.get(kind)))
    );
    fields.splice(1, 0, labelled("experiment.optimizer", this.optimizer));
    const act = (
      /** @type {"undo" | "redo" | "again" | "reseed" | "trainOn"} */ what,
      /** @type {string} */ id,
      /** @type {() => void} */ action,
    ) => button(say(`experiment.${what}`), action, { id, title: say(`experiment.${what}.title`) });
    control("settings").replaceChildren(...fields);
    control("experiment-buttons").replaceChildren(
      act("undo", "undo", actions.undo),
      act("redo", "redo", actions.redo),
      act("again", "again", actions.startAgain),
      act("reseed", "reseed", actions.reseed),
      act("trainOn", "train-on", actions.trainOn),
    );
    this.#offerData();
    control("experiment").hidden = false;
  }

  /** Other points, for a net of two inputs. */
  #offerData() {
    if (!this.sets.length) return;
    const { change } = this.actions;
    const noise = chooser(say("experiment.noise"), (text) => change("noise", Number(text)));
    const sets = chooser(say("experiment.points"), (name) => change("data", name));
    fill(sets, ["", ...this.sets], (name) => name ? pointsOf(name) : say("experiment.choose"));
    sets.options[0].disabled = true; // the points of the training: undo leads back to them
    this.data = { noise, sets };
    const place = control("experiment-data");
    place.replaceChildren(
      labelled("experiment.points", sets),
      labelled("experiment.noise", noise),
    );
    place.hidden = false;
  }

  /** Show what is set now. @param {import("../state.js").State} state @param {Told} told */
  show({ experiment: { edits, past, future } }, told) {
    for (const [kind, choices] of SETTINGS) {
      const list = /** @type {HTMLSelectElement} */ (this.fields.get(kind));
      pick(list, choices, told.settings[kind]);
    }
    if (!this.optimizers.includes(told.settings.optimizer)) {
      fill(this.optimizer, [...this.optimizers, told.settings.optimizer]);
    }
    this.optimizer.value = told.settings.optimizer;
    this.#showData(edits.filter((edit) => edit.step <= told.step));
    control("undo", HTMLButtonElement).disabled = !past.length;
    control("redo", HTMLButtonElement).disabled = !future.length;
    if (told.structure) this.#showLayers(told.structure);
    if (edits !== this.edits) this.#list(edits);
  }

  /** List the changes, the last one in sight. @param {import("../engine/experiment.js").Edits} edits */
  #list(edits) {
    this.edits = edits;
    const list = control("edits");
    list.replaceChildren(
      ...edits.map((edit) => {
        const change = inWords(edit);
        return element("li", {}, say("experiment.step", { step: edit.step, change }));
      }),
    );
    list.scrollTop = list.scrollHeight;
    const count = edits.length;
    control("changes").textContent = count ? say("experiment.count", { count }) : "";
  }

  /** @param {import("../engine/experiment.js").Edits} edits that are made */
  #showData(edits) {
    if (!this.data) return;
    const last = (/** @type {string} */ kind) => edits.findLast((edit) => edit.kind === kind)?.args[0];
    const { noise, sets } = this.data;
    pick(noise, NOISE, Number(last("noise") ?? 0));
    sets.value = String(last("data") ?? "");
  }

  /** @param {import("../engine/frame.js").Structure} structure */
  #showLayers({ layers }) {
    const text = JSON.stringify(layers);
    if (text === this.structure) return;
    this.structure = text;
    const hidden = layers.slice(1, -1);
    const { change } = this.actions;
    const sign = (
      /** @type {string} */ text,
      /** @type {string} */ title,
      /** @type {() => void} */ onclick,
    ) => button(text, onclick, { title, "aria-label": title });
    const parts = hidden.map(({ id, neurons, activation }) => {
      const list = chooser(
        say("experiment.activation", { layer: id }),
        (name) => change("activation", id, name),
      );
      fill(list, this.activations.includes(activation) ? this.activations : [activation]);
      list.value = activation;
      const most = neurons[neurons.length - 1];
      return element(
        "span",
        { class: "layer" },
        element("b", {}, say("neurons.layer", { layer: id })),
        sign(
          "−",
          say("experiment.removeNeuron", { neuron: `${id}.${most}` }),
          () => change("remove", id, most),
        ),
        ` ${counted(neurons.length)} `,
        sign("+", say("experiment.addNeuron", { layer: id }), () => change("add", id)),
        list,
        sign("✕", say("experiment.removeLayer", { layer: id }), () => change("unlayer", id)),
      );
    });
    const before = layers[layers.length - 2];
    const kind = hidden.length ? hidden[hidden.length - 1].activation : "tanh";
    const add = () => change("layer", before.id, NEW_LAYER, kind);
    const title = say("experiment.addLayer.title", { count: NEW_LAYER });
    parts.push(sign(say("experiment.addLayer"), title, add));
    refill(control("layers"), parts);
  }
}

/** A field behind its name. @param {import("../language.js").Key} name @param {Node} field */
function labelled(name, field) {
  return element("label", {}, `${say(name)} `, field);
}

/** A list to choose from. @param {string} name @param {(value: string) => void} chosen */
function chooser(name, chosen) {
  const list = element("select", { "aria-label": name });
  list.addEventListener("change", () => chosen(list.value));
  return list;
}

/** Have a list of numbers stand at one, which it may lack. @param {HTMLSelectElement} list
 * @param {number[]} choices @param {number} now
 */
function pick(list, choices, now) {
  const all = choices.includes(now) ? choices : [...choices, now].sort((a, b) => a - b);
  fill(list, all.map(String), (text) => tabled(Number(text)));
  list.value = String(now);
}

/** Fill a list, unless it holds that. @param {HTMLSelectElement} list @param {string[]} values
 * @param {(value: string) => string} [text] of each
 */
function fill(list, values, text = String) {
  if (list.dataset.values === values.join()) return;
  list.dataset.values = values.join();
  list.replaceChildren(
    ...values.map((value) => element("option", { value }, text(value))),
  );
}
