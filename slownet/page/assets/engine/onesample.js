/** A sample that is shown, operation by operation: forwards, and back where its targets are known.
 *
 * What a step does for a sample of its batch, with the weights as they are, without dropout, and with no step.
 */

import { ListEngine } from "./lists.js";
import { Notes } from "./notes.js";
import { addAll, backwardPass, forwardPass, readInputs } from "./operations.js";
import { Samples } from "./samples.js";

const BATCH = Uint32Array.of(0);
const NO_SEED = /** @type {import("./random.js").Key} */ ([0, 0]);

export class OneSample {
  starts = [0];
  batch = BATCH;
  place = 0;

  /**
   * @param {Pick<import("./state.js").Structure, "graph" | "layers" | "ids">} structure
   * @param {import("./passes.js").Numbers} numbers
   * @param {Float64Array} inputs as they enter the net
   * @param {ArrayLike<number> | null} targets one an output; null if they are not known
   * @param {import("./passes.js").Loss} loss
   */
  constructor(structure, numbers, inputs, targets, loss) {
    const { graph } = structure;
    const fixed = { weights: null, biases: new Uint8Array(graph.neurons) };
    const none = { targetKind: "", dropout: 0, dropconnect: 0, seed: NO_SEED, alpha: 0, clipNorm: null };
    const rules = { loss, ...none, plain: true, normFactor: () => 1 };
    const lists = new ListEngine(graph, numbers, fixed, rules);
    const outputs = graph.output.end - graph.output.first;
    const wanted = Float64Array.from(targets ?? new Float64Array(outputs));
    const samples = new Samples(inputs, graph.inputs, (number) => number, wanted, outputs);
    const lesson = /** @type {import("./lists.js").Lesson} */ ({ step: 0, samples, batch: BATCH });
    this.notes = new Notes({ structure, engine: { lists } }, lesson);
    this.notes.isKept = false;
    this.isLabelled = targets !== null;
  }

  /** All operations belong to the sample. */
  partOf() {
    return 0;
  }

  /** The operations up to a place, with names only from another one on.
   * @param {number} _part @param {number} place @param {number} named
   */
  *through(_part, place, named) {
    const { notes: { engine: { state, gradients }, names } } = this;
    const arrays = [state.z, state.value, state.slope, state.delta, ...Object.values(gradients)];
    arrays.forEach((each) => each.fill(0));
    const operations = this.#operations();
    for (this.place = 0; this.place < place;) {
      names.isMute = this.place < named;
      const { value, done } = operations.next();
      if (done) break;
      this.place += 1;
      yield value;
    }
    names.isMute = false;
  }

  /** @returns {Generator<import("./notes.js").Operation, void, void>} */
  *#operations() {
    const { notes } = this;
    yield* readInputs(notes, 0);
    yield* forwardPass(notes);
    if (!this.isLabelled) return;
    yield* backwardPass(notes, 0);
    yield* addAll(notes);
  }
}
