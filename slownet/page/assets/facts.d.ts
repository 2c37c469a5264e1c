// Written by slownet/page/typescript.py from slownet/page/facts.py.

/** A layer; the first is that of the inputs. */
export interface Layer {
  id: number;
  /** their ids */
  neurons: number[];
  /** its name; "" of the inputs */
  activation: string;
  /** of the activation; null where it has no bound */
  range: (number | null)[];
}

/** A sample that the reader can select. */
export interface Selectable {
  /** among the watched samples */
  place: number;
  /** what it is */
  name: string;
}

/** How the weights into a layer are rounded. */
export interface Digits {
  /** after the point, that are right */
  digits: number;
  /** the width of an interval */
  step: number;
}

/** The largest errors that rounding causes, over all snapshots; nothing without samples. */
export interface Errors {
  z?: number;
  value?: number;
  output?: number;
}

/** How precise the weights and biases are. */
export interface Precision {
  /** to the last bit */
  exact: boolean;
  layers: Record<string, Digits>;
  off?: Errors;
}

/** A line of a chart, or a number of every snapshot. */
export interface Curve {
  which: "loss" | "accuracy";
  role: "training" | "watched" | "now";
  array: string;
  /** that a mean is of */
  batches?: number;
  /** of a batch */
  size?: string | null;
  /** the first step */
  start?: number;
}

/** The predictions of the snapshots for watched samples; empty where there are none. */
export interface Judged {
  count?: number;
  target_kind?: "class" | "binary" | "sign" | "number";
  digits?: number;
}

/** The part of the plane of two inputs that is drawn. */
export interface Plane {
  x: number[];
  y: number[];
}

/** The samples that accuracy and the table of classes are of: arrays `held_out ...`. */
export interface HeldOut {
  kind: "test" | "validation" | "watched" | "training";
  count: number;
  /** how many there were, of which the page holds `count` */
  all: number;
}

/** A column of a table that becomes inputs. */
export interface Column {
  name: string;
  kind: string;
  centre?: number;
  scale?: number;
  categories?: string[];
  fill?: number | string;
}

/** A column of a table that is to be predicted. */
export interface Target {
  name?: string;
  centre?: number;
  scale?: number;
}

/** What turns the rows of a table into inputs, and outputs into its numbers. */
export interface Preparation {
  columns: Column[];
  targets: Target[];
  is_named: boolean;
}

/** When a training ends before all epochs. */
export interface EarlyStopping {
  patience: number;
  min_delta: number;
  restore_best: boolean;
}

/** The options of a training. */
export interface Config {
  epochs?: number;
  batch_size?: number;
  learning_rate?: number;
  /** from which epoch on callbacks set which rate */
  epoch_rates?: [number, number][];
  l1?: number;
  l2?: number;
  alpha?: number;
  dropout?: number;
  dropconnect?: number;
  shuffle?: boolean;
  seed?: number;
  snapshots?: number | number[] | null;
  engine?: string;
  threads?: number | string;
  steps_before?: number;
  optimizer?: Record<string, string | number | boolean | null>;
  loss?: Record<string, string | number | boolean | null>;
  schedule?: Record<string, string | number | boolean | null>;
  regularizers?: ([Record<string, string | number | boolean | null>, number])[];
  early_stopping?: EarlyStopping | null;
  class_weight?: "balanced" | ([string | number, number])[];
  validation_split?: number;
  split_seed?: number;
  clip_norm?: number;
  clip_value?: number;
  validates?: boolean;
  weighted?: boolean;
  callbacks?: string[];
  /** the last step and the epochs of each time before it was resumed */
  earlier?: [number, number][];
}

/** A layer of the factory that makes the net. */
export interface InitialLayer {
  size: number;
  activation?: Record<string, string | number | boolean | null>;
  initializer?: string;
  bias?: boolean;
}

/** The test of the net after the training. */
export interface Test {
  step: number;
  loss: number | null;
  accuracy: number | null;
  samples: number;
  error: number | null;
}

/** The training that this one is a branch of. */
export interface Parent {
  id: string;
  step: number;
}

/** From what the training can be repeated. */
export interface Training {
  config: Config;
  /** how many samples there are, and their fingerprints */
  data: Record<string, number | string>;
  source: Record<string, unknown> | null;
  /** their labels */
  classes: (string | number)[] | null;
  /** the last step */
  last: number;
  /** of the snapshots */
  steps: number[];
  /** of the snapshots */
  epochs: number[];
  /** of the initial weights */
  seed: number | null;
  initial: InitialLayer[] | null;
  /** of the step after each snapshot */
  rates: (number | null)[] | null;
  test: Test | null;
  ended: string | null;
  run: string;
  parent: Parent | null;
  versions: Record<string, string>;
  arithmetic: number;
}

/** How the weights into a layer are drawn. */
export interface Drawn {
  distribution: "normal" | "uniform" | "constant";
  centre: number;
  spread: number;
}

/** How all initial weights are drawn. */
export interface Initial {
  seed: [number, number];
  layers: Drawn[];
}

/** The options that the engine trains with. */
export interface Options {
  epochs: number;
  batch_size: number;
  learning_rate: number;
  epoch_rates: [number, number][];
  shuffle: boolean;
  seed: [number, number];
  l1: number;
  l2: number;
  dropout: number;
  dropconnect: number;
  alpha: number;
  /** of the penalties */
  strengths: number[];
  clip_norm: number | null;
  clip_value: number | null;
  /** in earlier trainings, for the constants of the optimizer */
  steps_before: number;
  early_stopping: EarlyStopping | null;
}

/** The step that a training begins after, and the sums of its epoch so far. */
export interface Start {
  step: number;
  loss_sum: number;
  correct: number;
}

/** A layer of the net that is trained. */
export interface RecipeLayer {
  id: number;
  neurons: number[];
  activation: Record<string, string | number | boolean | null>;
}

/** Digests of all bits of a training in Python; those of the losses are an array. */
export interface Digests {
  /** the step that they begin after */
  start: number;
  /** the last step */
  steps: number;
  /** of how many losses a digest is */
  every: number;
  /** steps, each with the halves of the digest of its state */
  states: [number, number, number][];
}

/** What the engine needs to take the steps of a training. */
export interface Recipe {
  layers: RecipeLayer[];
  /** null where arrays have the numbers to begin with */
  initial: Initial | null;
  /** of the net */
  seed: [number, number];
  /** of the layers after the inputs; null: unknown */
  initializers: string[] | null;
  /** of numbers that outputs can learn; null: without bound */
  target_range: (number | null)[];
  target_kind: "class" | "binary" | "sign" | "number";
  preparation: Preparation | null;
  options: Options;
  /** null where a training goes on from a snapshot */
  start: Start | null;
  digests?: Digests;
}

/** What the maker of a page has said of it and called things, where that was given. */
export interface Words {
  about?: string;
  author?: string;
  /** in place of the names that labels have */
  classes?: string[];
  /** that the page speaks, if not English */
  language?: string;
  /** its words, where slownet has none or others */
  texts?: Record<string, string | Record<string, string>>;
}

/** All facts of a page. */
export interface Facts {
  format: number;
  title: string;
  words: Words;
  /** how many snapshots there are; 0: the page trains itself */
  frames: number;
  layers: Layer[];
  loss: string;
  target_kind: "class" | "binary" | "sign" | "number";
  /** how many pixels wide and high the inputs are as an image; 0: they are none */
  side: number;
  preparation: Preparation | null;
  inputs: string[];
  classes: string[];
  samples: Selectable[];
  /** how many samples were watched */
  watched: number;
  /** how many rows the page holds, of how many */
  holds: Partial<Record<"data" | "watch" | "validation_data" | "test_data", [number, number]>>;
  held_out: HeldOut | null;
  /** null: the page cannot train */
  recipe: Recipe | null;
  precision: Precision;
  curves: Curve[];
  judged: Judged;
  plane: Plane | null;
  training: Training;
}
