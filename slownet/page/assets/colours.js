/** The page's colours, for light and dark. */

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

/** @typedef {[number, string][]} Scale where colours stand, from 0 to 1 */
/** @typedef {Record<"light" | "dark", {diverging: Scale, activation: Scale}> & {classes: string[]}} Palette */

/** Return 256 colours of a scale as the pixels of an ImageData. @param {Scale} scale */
export function table(scale) {
  const pixels = new Uint32Array(256);
  for (let k = 0; k < 256; k += 1) {
    const [red, green, blue] = blend(scale, k / 255);
    pixels[k] = (255 << 24) | (blue << 16) | (green << 8) | red;
  }
  return pixels;
}

/** The colour at a place of a scale: red, green, blue. @param {Scale} scale @param {number} share */
export function blend(scale, share) {
  let k = 1;
  while (k < scale.length - 1 && share > scale[k][0]) k += 1;
  const [[low, from], [high, to]] = [scale[k - 1], scale[k]];
  const part = Math.max(0, Math.min(1, (share - low) / (high - low)));
  const [a, b] = [parts(from), parts(to)];
  return a.map((value, c) => Math.round(value + (b[c] - value) * part));
}

const partsOf = /** @type {Map<string, number[]>} */ (new Map());

/** @param {string} colour as #rrggbb @returns {number[]} */
function parts(colour) {
  if (!partsOf.has(colour)) {
    partsOf.set(colour, [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16)));
  }
  return /** @type {number[]} */ (partsOf.get(colour));
}

/** As CSS. @param {number[]} colour */
export function css([red, green, blue]) {
  return `rgb(${red}, ${green}, ${blue})`;
}

/** Black or white, whichever can be read better on a colour: the contrast is 4.58 or more (WCAG 2.2, 1.4.3).
 * @param {number[]} colour
 */
export function readable(colour) {
  const [red, green, blue] = colour.map((part) =>
    part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4
  );
  const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  return light / 0.05 > 1.05 / light ? "#000000" : "#ffffff";
}

const SWATCH_STOPS = 32; // of a legend's colours
const STEPS = 2048; // from no colour to full colour
const LEVELS = Uint8Array.from({ length: 2 * STEPS + 1 }, (_, k) => {
  const share = k / STEPS - 1;
  return Math.round(127.5 + 127.5 * Math.sign(share) * Math.abs(share) ** 0.7);
});

/** The place of a signed share (-1 to 1) in 256 colours; small shares are raised, so that they are visible.
 * @param {number} share
 */
export function level(share) {
  const place = share * STEPS + STEPS;
  return LEVELS[place < 0 ? 0 : place > 2 * STEPS ? 2 * STEPS : Math.round(place)];
}

/** What legends show of a scale, for CSS: the colours that numbers from its first to its last one get.
 * @param {(share: number) => number[]} colourOf
 */
function swatch(colourOf) {
  return Array.from({ length: SWATCH_STOPS + 1 }, (_, k) => css(colourOf(k / SWATCH_STOPS))).join();
}

/** The colours of the current theme. */
export class Theme {
  ink = "";
  muted = "";
  line = "";
  paper = "";
  accent = "";
  right = "";
  wrong = "";
  faint = "";
  positive = "";
  negative = "";
  isDark = false;
  signs = new Uint32Array(256);
  values = new Uint32Array(256);
  /** @type {Scale} */
  diverging = [];
  /** @type {Scale} */
  activation = [];
  /** @type {string[]} */
  classes = [];

  /** @param {Palette} palette both themes' scales, from Python */
  constructor(palette) {
    this.palette = palette;
    this.read();
  }

  /** Read the page's colours. */
  read() {
    const probe = document.createElement("i");
    document.body.append(probe);
    const resolved = (/** @type {string} */ name) => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    };
    const names = [
      "ink",
      "muted",
      "line",
      "paper",
      "accent",
      "right",
      "wrong",
      "faint",
      "positive",
      "negative",
    ];
    for (const name of names) this[/** @type {"ink"} */ (name)] = resolved(name);
    probe.remove();
    const [red, green, blue] = (this.paper.match(/\d+/g) ?? ["255", "255", "255"]).map(Number);
    this.isDark = 0.299 * red + 0.587 * green + 0.114 * blue < 128;
    const scales = this.isDark ? this.palette.dark : this.palette.light;
    this.diverging = scales.diverging;
    this.activation = scales.activation;
    this.signs = table(scales.diverging);
    this.values = table(scales.activation);
    this.classes = this.palette.classes;
    const { style } = document.documentElement;
    style.setProperty("--middle", css(this.signed(0)));
    style.setProperty("--signs", swatch((share) => this.signed(2 * share - 1)));
    style.setProperty("--ramp", swatch((share) => this.filled(share)));
  }

  /** The fill of an activation from 0 to 1. @param {number} share */
  filled(share) {
    return blend(this.activation, Math.max(0, Math.min(1, share)));
  }

  /** The fill of something with a sign, from -1 to 1. @param {number} share */
  signed(share) {
    return blend(this.diverging, level(share) / 255);
  }
}
