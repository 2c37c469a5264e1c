/** A training: its steps, epochs, validation and early stopping. The loop of `slownet/training/loop.py`.
 *
 * @typedef {import("./recipe.js").Facts} Facts
 * @typedef {import("./recipe.js").Formulas} Formulas
 * @typedef {import("./recipe.js").Options} Options
 * @typedef {import("./graph.js").Graph} Graph
 */

import { Engine } from "./engine.js";
import { judge } from "./judging.js";
import { EarlyStopping, Progress } from "./progress.js";
import { DivergedError, divergence, ExperimentError } from "./errors.js";
import { drawn, fixedOf, graphOf, numbersOf } from "./recipe.js";
import { rowsOf } from "./rows.js";
import { Batches } from "./samples.js";

export class Training {
  /** @param {{facts: Facts, formulas: Formulas, arrays: import("../payload.js").Arrays}} recipe that was read */
  constructor({ facts, formulas, arrays }) {
    this.formulas = formulas;
    this.options = facts.options;
    this.initial = facts.initial;
    this.targetKind = facts.target_kind;
    const rows = rowsOf(facts, arrays, "data");
    const { start } = facts;
    if (rows === null) throw new Error("this recipe has no samples to learn from");
    if (start === null) throw new Error("this recipe has no step to begin after");
    this.rows = rows;
    this.sets = (/** @type {string} */ name) => rowsOf(facts, arrays, `set ${name}`);
    this.validation = rowsOf(facts, arrays, "validation_data")?.samples ?? null;
    this.seed = facts.seed;
    /** the mean loss of each step that was taken here */
    this.losses = /** @type {number[]} */ ([]);
    /** which share of the last batch was predicted right; nan where numbers are predicted */
    this.rightShare = NaN;
    this.epochs = /** @type {import("./progress.js").EpochRecord[]} */ ([]);
    const { early_stopping: settings } = this.options;
    this.stopping = settings ? new EarlyStopping(settings) : null;
    this.isStopped = false;
    /** the step whose weights early stopping has restored */
    this.restoredStep = /** @type {number | null} */ (null);
    const graph = graphOf(facts, arrays, formulas);
    const hasBias = new Uint8Array(graph.neurons).fill(1, graph.inputs);
    if (arrays["has bias"]) hasBias.set(arrays["has bias"], graph.inputs);
    /** @type {import("./state.js").Structure} */
    this.structure = {
      graph,
      layers: facts.layers.map((layer) => layer.id),
      ids: facts.layers.map((layer) => [...layer.neurons]),
      hasBias,
      initializers: facts.initializers,
    };
    this.engine = this.newEngine(
      graph,
      numbersOf(facts, arrays, graph, formulas),
      fixedOf(arrays, graph),
    );
    this.batches = this.#newBatches();
    this.progress = this.#newProgress();
    const { step, loss_sum: lossSum, correct } = start;
    this.progress.continueFrom(step, lossSum, correct);
    /** how often it had gone through the samples at a step, since which a batch is as large as now */
    this.counted = { step, epoch: step / this.progress.stepsPerEpoch };
    /** the numbers that weights and biases had when they were new */
    this.firsts = this.copied;
    if (arrays.first && !this.isPlain) this.#remember(arrays);
  }

  /** Take over what the optimizer remembers. @param {import("../payload.js").Arrays} arrays */
  #remember(arrays) {
    const { weights, biases } = this.engine.lists;
    for (const name of /** @type {const} */ (["first", "second"])) {
      weights[name].set(/** @type {Float64Array} */ (arrays[name]).subarray(0, this.graph.weights));
      biases[name].set(
        /** @type {Float64Array} */ (arrays[name]).subarray(this.graph.weights),
        this.graph.inputs,
      );
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
    const isPenalised = strengths.length > 0 || Boolean(options.l1 || options.l2);
    const isChanged = isPenalised || Boolean(alpha || clipNorm || clipValue);
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
    const most = Math.min(options.batch_size, this.rows.count);
    return new Engine(graph, numbers, fixed, rules, most);
  }

  #newBatches() {
    const { batch_size: size, shuffle, seed } = this.options;
    return new Batches(this.rows.samples, size, shuffle, seed);
  }

  #newProgress() {
    const { options, formulas } = this;
    const { epochs, learning_rate: rate, epoch_rates: epochRates } = options;
    const given = { epochs, rate, epochRates, schedule: formulas.schedule };
    return new Progress(this.batches, given, this.targetKind !== "number");
  }

  get graph() {
    return this.structure.graph;
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
    if (this.targetKind !== "number") this.rightShare = taken.right / batch.length;
    if (progress.atEndOfEpoch) this.#finishEpoch();
    return loss;
  }

  /** What the next step learns from. @returns {import("./lists.js").Lesson}
   * @throws {DivergedError} if a formula divides by 0
   */
  lesson() {
    const { options, formulas, progress, rows: { samples } } = this;
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
      penalties: this.#penalties(),
      share: options.alpha * factor,
    };
    return { step, samples, batch, weightSum, change };
  }

  /** All penalties on weights, in the order in which Python adds them. */
  #penalties() {
    const { options: { l1, l2, strengths }, formulas: { offered, penalties } } = this;
    const own = strengths.map((strength, k) => ({ penalty: penalties[k], strength }));
    const all = [
      { penalty: offered.penalties.l1, strength: l1 },
      { penalty: offered.penalties.l2, strength: l2 },
      ...own,
    ];
    return all.filter(({ strength }) => strength !== 0);
  }

  /** Compute something; name the step where a number is not finite, or a formula divides by 0.
   * @template T @param {() => T} compute @returns {T}
   */
  #named(compute) {
    try {
      return compute();
    } catch (error) {
      const { message: why } = divergence(error);
      throw new DivergedError("diverged.step", { step: this.step + 1, why });
    }
  }

  #finishEpoch() {
    const { validation, engine } = this;
    const hasClasses = this.targetKind !== "number";
    const found = validation &&
      this.#named(() => judge(validation, (k) => engine.judged(validation, k), hasClasses));
    const record = this.progress.record(found);
    this.epochs.push(record);
    const copied = () => ({ graph: this.graph, ...this.copied });
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

  get copied() {
    const { weights, biases } = this.numbers;
    return { weights: weights.slice(), biases: biases.slice() };
  }

  /** How often it has gone through the samples: 1.5 is halfway through the second time. */
  get epoch() {
    const { counted: { step, epoch }, progress: { stepsPerEpoch } } = this;
    return epoch + (this.step - step) / stepsPerEpoch;
  }

  /** What the optimizer remembers, of weights and then of biases; null if nothing. */
  get memory() {
    if (this.isPlain) return null;
    const { weights, biases } = this.engine.parameters;
    return { weights, biases };
  }

  /** Train on with other options, from here on. @param {Partial<Options>} changes */
  change(changes) {
    this.options = { ...this.options, ...changes };
    if ("learning_rate" in changes) this.options.epoch_rates = [];
    this.#rebuild();
  }

  /** Train on with another optimizer, which begins anew unless it is the same.
   * @param {import("./parameters.js").Optimizer} optimizer
   */
  setOptimizer(optimizer) {
    const { rule, constants } = this.formulas.optimizer;
    if (optimizer.rule === rule && optimizer.constants === constants) return;
    this.formulas = { ...this.formulas, optimizer };
    this.options = { ...this.options, steps_before: -this.step };
    this.#rebuild(false);
  }

  /** Train on from other rows. @param {import("./rows.js").Rows} rows */
  setRows(rows) {
    this.rows = rows;
    this.#rebuild();
  }

  /** Begin with the first weights and the order of another seed. @param {import("./random.js").Key} seed */
  begin(seed) {
    const { initial, structure, formulas, engine: { parameters: { weights, biases } } } = this;
    if (initial === null) {
      throw new ExperimentError("refused.given");
    }
    this.seed = seed;
    weights.values.set(drawn({ ...initial, seed }, structure.graph, formulas.normal));
    this.setNet(structure, weights, biases);
    this.change({ seed });
  }

  /** Make all that depends on options and rows. @param {boolean} [remembers] whether the optimizer keeps
   * its memory
   */
  #rebuild(remembers = true) {
    const { weights, biases } = this.engine.parameters;
    this.setNet(this.structure, weights, biases, remembers);
    this.continueFrom(this.progress);
  }

  /** Go to the end of a step, with the options as they are.
   * @param {{step: number, lossSum: number, correct: number}} progress
   */
  continueFrom({ step, lossSum, correct }) {
    this.batches = this.#newBatches();
    this.progress = this.#newProgress();
    this.progress.continueFrom(step, lossSum, correct);
  }

  /** Train on with another net. @param {import("./state.js").Structure} structure
   * @param {import("./parameters.js").Parameters} weights of that net
   * @param {import("./parameters.js").Parameters} biases
   * @param {boolean} [remembers] whether the optimizer keeps its memory
   */
  setNet(structure, weights, biases, remembers = true) {
    const { graph } = this.structure = structure;
    const numbers = { weights: weights.values.slice(), biases: biases.values.slice() };
    const fixedBiases = biases.fixed ?? new Uint8Array(graph.neurons);
    this.engine = this.newEngine(graph, numbers, { weights: weights.fixed, biases: fixedBiases });
    if (this.isPlain || !remembers) return;
    const { lists } = this.engine;
    for (const name of /** @type {const} */ (["first", "second"])) {
      lists.weights[name].set(weights[name]);
      lists.biases[name].set(biases[name]);
    }
    this.engine.pack();
  }
}
