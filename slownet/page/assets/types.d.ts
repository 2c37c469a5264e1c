/** What the modules of the page hand to one another. */

import type { Theme } from "./colours.js";
import type { Edits } from "./engine/experiment.js";
import type { Place } from "./engine/operation.js";
import type { Stop } from "./engine/stopping.js";
import type { Facts, Recipe } from "./facts.d.ts";
import type { Net } from "./net.js";

/** A neuron or a weight: what the reader has selected, or points at. */
export type Thing =
  | { neuron: number; weight?: undefined }
  | { weight: number; neuron?: undefined };

export type Chosen = Thing | null;

/** A number in the middle of the colours, and how far from it they are full. */
export type ValueScale = [middle: number, reach: number];

/** The digits after the point of what the page computes itself. */
export interface Digits {
  z: number;
  value: number;
  output: number;
  percent: number;
}

/** What a press on the plane does. */
export type Brush = "look" | "move" | "erase" | `class ${number}`;

/** Samples on the plane: their inputs in the table's own units, and their targets as the net has them. */
export interface Points {
  count: number;
  inputs: Float64Array;
  targets: Float64Array;
}

/** What the reader has changed: an edit is undone by going back to the edits before it. */
export interface Experiment {
  edits: Edits;
  past: Edits[];
  future: Edits[];
}

/** What came of looking for a step to stop at: it is so already, or was found, or was not up to a step. */
export interface Stopped {
  kind: "already" | "found" | "never";
  stop: Stop;
  step: number;
  /** What was measured there. */
  measured: number | null;
  /** What the neuron and the sample are called that were looked at. */
  neuron: string;
  sample: string;
}

/** How the page is shown, as its address says. */
export interface Presentation {
  /** Whether it is a part of another page. */
  isEmbedded: boolean;
  /** null: the reader's. */
  theme: "light" | "dark" | null;
  autoplays: boolean;
  /** null: that of the page. */
  language: string | null;
}

/** What the page shows: actions change it, views paint it. */
export interface State {
  presentation: Presentation;
  experiment: Experiment;
  /** What could not be done, in words. */
  problem: string;
  /** The address at which the page is published, as the reader says; "" if not. */
  published: string;
  /** What it stops at; null: at nothing. */
  stop: Stop | null;
  /** Whether it looks for that, without playing. */
  seeking: boolean;
  /** What came of it. */
  stopped: Stopped | null;
  frame: number;
  playing: boolean;
  speed: number;
  /** The name of a colour mode. */
  colours: string;
  /** The number of a sample, among those to choose from; -1 for one of a step that is taken apart. */
  place: number;
  /** Whether `sample` is the reader's own, and none of those. */
  isDrawn: boolean;
  /** Whether there is no sample. */
  isEmpty: boolean;
  /** In the table's own units. */
  sample: Float64Array;
  /** The class of the sample, where it is known. */
  truth: number | null;
  chosen: Chosen;
  /** What the mouse points at. */
  hovered: Chosen;
  /** The neuron that is spelled out. */
  focus: number;
  brush: Brush;
  /** The next step, taken apart; null while nobody looks at it. */
  apart: ApartState | null;
  /** How many questions there is a way back from. */
  trail: number;
}

/** What an operation computes: the neuron, and the weight that takes part, or -1. */
export interface Lit {
  neuron: number;
  weight: number;
}

/** What is shown of a step that is taken apart. */
export interface ApartState {
  told: Place | null;
  lit: Lit | null;
  /** How many samples are counted, as long as not all are. */
  counted: { count: number; of: number } | null;
  problem: string;
  isMoving: boolean;
  /** Whether numbers have all their digits. */
  isWhole: boolean;
}

/** The state, and what else the net's parts are painted from. */
export interface Shown extends State {
  digits: Digits;
  /** The pixels of each neuron's tile, over the plane. */
  surfaces: Map<number, Uint32Array> | null;
  /** The colours of each layer's tiles. */
  scales: ValueScale[];
}

export interface Disc {
  neuron: number;
  x: number;
  y: number;
  r: number;
}

export interface Tile {
  neuron: number;
  x: number;
  y: number;
  size: number;
}

export interface Heading {
  text: string;
  /** The text where there is little room. */
  brief: string;
  below: string;
  x: number;
  align: "left" | "center";
}

/** Where the parts of a net stand on its canvas, in CSS pixels. */
export interface Places {
  width: number;
  height: number;
  unit: number;
  discs: Map<number, Disc>;
  tiles: Map<number, Tile>;
  headings: Heading[];
  bars: { x: number; length: number } | null;
  /** The width of the names of outputs. */
  names: number;
  /** Whether numbers of outputs stand below their names. */
  isStacked: boolean;
  margins: { left: number; numbers: number };
  notes: string[];
  /** From one input to the next, downward. */
  pitch: number;
}

/** The line of a weight. */
export interface Edge {
  weight: number;
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  size: number;
  sign: 1 | -1;
}

/** What the parts of the net are drawn with. */
export interface Drawing {
  net: Net;
  theme: Theme;
  places: Places;
  paper: CanvasRenderingContext2D;
  /** How large letters are; 1 on a laptop. */
  unit: number;
  /** A font of so many pixels. */
  font(size: number, weight?: number): string;
  /** The width of a text in the current font. */
  wide(text: string): number;
}

/** A line of a legend: the class of its swatch, and its text. */
export type LegendLine = [swatch: string, text: string];

/** The facts of a page that can train. */
export type TrainingFacts = Facts & { recipe: Recipe };
