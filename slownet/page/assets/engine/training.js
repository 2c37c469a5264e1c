/** A training: its steps, epochs, validation and early stopping. The loop of `slownet/training/loop.py`.
 *
 * @typedef {import("./recipe.js").Facts} Facts
 * @typedef {import("./recipe.js").Formulas} Formulas
 * @typedef {import("./recipe.js").Options} Options
 * @typedef {import("./graph.js").Graph} Graph
 */

import { Engine } from "./engine.js";
import { judge } from "./judging.js";
import { DivergedError } from "./lists.js";
import { EarlyStopping, Progress } from "./progress.js";
import { fixedOf, graphOf, numbersOf, samplesOf } from "./recipe.js";
import { Batches } from "./samples.js";

export class Training {
  /** @param {{facts: Facts, formulas: Formulas, arrays: Record<string, any>}} recipe that was read */
  constructor({ facts, formulas, arrays }) {
    this.formulas = formulas;
    this.options = facts.options;
    this.targetKind = facts.target_kind;
    const samples = samplesOf(facts, arrays, "data");
    if (samples === null) throw new Error("this recipe has no samples to learn from");
    this.samples = samples;
    this.validation = samplesOf(facts, arrays, "validation_data");
    /** the mean loss of each step that was taken here */
    this.losses = /** @type {number[]} */ ([]);
    this.epochs = /** @type {import("./progress.js").EpochRecord[]} */ ([]);
    const { early_stopping: settings } = this.options;
    this.stopping = settings ? new EarlyStopping(settings) : null;
    this.isStopped = false;
    /** the step whose weights early stopping has restored */
    this.restoredStep = /** @type {number | null} */ (null);
    this.ids = facts.layers.map((layer) => [...layer.neurons]);
    this.layers = facts.layers.map((layer) => layer.id);
    const graph = graphOf(facts, arrays, formulas);
    this.engine = this.newEngine(
      graph,
      numbersOf(facts, arrays, graph, formulas),
      fixedOf(arrays, graph),
    );
    this.batches = this.#newBatches();
    this.progress = this.#newProgress();
    const { step, loss_sum: lossSum, correct } = facts.start;
    this.progress.continueFrom(step, lossSum, correct);
    if (arrays.first && !this.isPlain) this.#remember(arrays);
  }

  /** Take over what the optimizer remembers. @param {Record<string, any>} arrays */
  #remember(arrays) {
    const { weights, biases } = this.engine.lists;
    for (const name of /** @type {const} */ (["first", "second"])) {
      weights[name].set(arrays[name].subarray(0, this.graph.weights));
      biases[name].set(arrays[name].subarray(this.graph.weights), this.graph.inputs);
    }
    this.engine.pack();
  }

  /** Whether the optimizer is gradient descent without a memory. */
  get isPlain() {
    return this.formulas.optimizer.plain;
  }

  /** @param {Graph} graph @param {import("./passes.js").Numbers} numbers
   * @param {{weights: Uint8Array | null, biases: Uint8Array}} fixed
   */
  newEngine(graph, numbers, fixed) {
    const { options, formulas } = this;
    const { alpha, clip_norm: clipNorm, clip_value: clipValue, strengths } = options;
    const isChanged = strengths.length > 0 || Boolean(alpha || clipNorm || clipValue);
    const rules = {
      loss: formulas.loss,
      targetKind: this.targetKind,
      dropout: options.dropout,
      dropconnect: options.dropconnect,
      seed: options.seed,
      alpha,
      clipNorm,
      plain: this.isPlain && !isChanged,
      normFactor: formulas.normFactor,
    };
    const most = Math.min(options.batch_size, this.samples.count);
    return new Engine(graph, numbers, fixed, rules, most);
  }

  #newBatches() {
    const { batch_size: size, shuffle, seed } = this.options;
    return new Batches(this.samples, size, shuffle, seed);
  }

  #newProgress() {
    const { options, formulas } = this;
    const { epochs, learning_rate: rate, epoch_rates: epochRates } = options;
    const given = { epochs, rate, epochRates, schedule: formulas.schedule };
    return new Progress(this.batches, given, this.targetKind !== "number");
  }

  get graph() {
    return this.engine.graph;
  }

  get step() {
    return this.progress.step;
  }

  /** Whether there is no step left. */
  get isDone() {
    return this.isStopped || this.step >= this.progress.totalSteps;
  }

  /** Take steps until there are none left, or so many are taken. @param {number} [most] */
  run(most = Infinity) {
    for (let taken = 0; taken < most && !this.isDone; taken += 1) this.advance();
    if (this.isDone) this.finish();
  }

  /** Take a step; return the mean loss of its samples.
   * @throws {DivergedError} then the step has changed nothing; or the validation after it diverges
   */
  advance() {
    const { progress } = this;
    if (progress.atEndOfEpoch) progress.startEpoch();
    const lesson = this.lesson();
    return this.count(lesson, this.#named(() => this.engine.take(lesson)));
  }

  /** Count a step that was taken; return the mean loss of its samples.
   * @param {import("./lists.js").Lesson} lesson @param {import("./lists.js").Taken} taken
   * @throws {DivergedError} if the validation of its epoch diverges
   */
  count({ batch, weightSum }, taken) {
    const { progress } = this;
    const loss = taken.loss / (weightSum || 1);
    progress.addStep(batch.length, weightSum, taken);
    this.losses.push(loss);
    if (progress.atEndOfEpoch) this.#finishEpoch();
    return loss;
  }

  /** What the next step learns from. @returns {import("./lists.js").Lesson}
   * @throws {DivergedError} if a formula divides by 0
   */
  lesson() {
    const { options, formulas, progress, samples } = this;
    const step = progress.step + 1;
    const batch = this.batches.at(step);
    const weightSum = this.batches.weightOf(batch);
    const factor = 1 / weightSum;
    const { optimizer } = formulas;
    const before = options.steps_before;
    const change = {
      optimizer,
      constants: this.isPlain ? [] : this.#named(() => optimizer.constants(before + step)),
      rate: this.#named(() => progress.rateOf(step)),
      factor,
      clipValue: options.clip_value,
      clipped: formulas.clipped,
      penalties: options.strengths.map((strength, k) => ({
        penalty: formulas.penalties[k],
        strength,
      })),
      share: options.alpha * factor,
    };
    return { step, samples, batch, weightSum, change };
  }

  /** Compute something; name the step where a number is not finite, or a formula divides by 0.
   * @template T @param {() => T} compute @returns {T}
   */
  #named(compute) {
    try {
      return compute();
    } catch (error) {
      const isArithmetic = error instanceof DivergedError || error instanceof RangeError;
      if (!isArithmetic) throw error;
      throw new DivergedError(`the training diverges in step ${this.step + 1}: ${error.message}`);
    }
  }

  #finishEpoch() {
    const { validation, engine } = this;
    const hasClasses = this.targetKind !== "number";
    const found = validation &&
      this.#named(() => judge(validation, (k) => engine.judged(validation, k), hasClasses));
    const record = this.progress.record(found);
    this.epochs.push(record);
    const copied = () => {
      const { weights, biases } = this.numbers;
      return { graph: this.graph, weights: weights.slice(), biases: biases.slice() };
    };
    if (this.stopping?.see(record, copied)) this.isStopped = true;
  }

  /** Restore the weights of the best epoch, if early stopping does so. */
  finish() {
    const best = this.stopping?.best;
    if (!best || best.step === this.step || best.graph !== this.graph) return; // or the net was changed
    const { weights, biases } = this.engine.parameters;
    weights.values.set(best.weights);
    biases.values.set(best.biases);
    this.engine.pack();
    this.restoredStep = best.step;
  }

  /** Weights and biases as they are now; biases of all neurons. */
  get numbers() {
    const { weights, biases } = this.engine.parameters;
    return { weights: weights.values, biases: biases.values };
  }

  /** What the optimizer remembers, of weights and then of biases; null if nothing. */
  get memory() {
    if (this.isPlain) return null;
    const { weights, biases } = this.engine.parameters;
    return { weights, biases };
  }

  /** Train on with other options, from here on. @param {Partial<Options>} changes
   * @throws {Error} for another early stopping: the weights of the epochs so far are gone; or where it has
   *   ended the training or restored weights: Python would go on from those of the last step
   */
  change(changes) {
    if (this.isStopped || this.restoredStep !== null) {
      throw new Error(
        "early stopping has ended this training, or restored its best weights: begin it anew",
      );
    }
    if (changes.early_stopping) throw new Error("early stopping can only be ended in the middle");
    if (changes.early_stopping === null) this.stopping = null;
    const { step, lossSum, correct } = this.progress;
    this.options = { ...this.options, ...changes };
    if ("learning_rate" in changes) this.options.epoch_rates = [];
    const { weights, biases } = this.engine.parameters;
    this.replaceNet(this.graph, weights, biases);
    this.batches = this.#newBatches();
    this.progress = this.#newProgress();
    this.progress.continueFrom(step, lossSum, correct);
  }

  /** Train on with another net. @param {Graph} graph
   * @param {import("./parameters.js").Parameters} weights of that net
   * @param {import("./parameters.js").Parameters} biases
   */
  replaceNet(graph, weights, biases) {
    const numbers = { weights: weights.values.slice(), biases: biases.values.slice() };
    const fixedBiases = biases.fixed ?? new Uint8Array(graph.neurons);
    this.engine = this.newEngine(graph, numbers, { weights: weights.fixed, biases: fixedBiases });
    if (this.isPlain) return;
    const { lists } = this.engine;
    for (const name of /** @type {const} */ (["first", "second"])) {
      lists.weights[name].set(weights[name]);
      lists.biases[name].set(biases[name]);
    }
    this.engine.pack();
  }
}
