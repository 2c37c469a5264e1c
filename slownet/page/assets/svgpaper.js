/** A paper that writes SVG: what the views draw with, of the methods and properties of a canvas. */

/** @typedef {Record<string, string | number | null>} Attributes */

const NAMESPACE = "http://www.w3.org/2000/svg";
const ANCHORS =
  /** @type {Record<string, string>} */ ({ center: "middle", right: "end", left: "start" });
const BASELINES = /** @type {Record<string, string>} */ ({ middle: "central", top: "text-before-edge" });
const KEPT = /** @type {const} */ ([
  "fillStyle",
  "strokeStyle",
  "lineWidth",
  "lineCap",
  "lineJoin",
  "font",
  "textAlign",
  "textBaseline",
  "globalAlpha",
  "imageSmoothingEnabled",
]);

export class SvgPaper {
  fillStyle = "#000";
  strokeStyle = "#000";
  lineWidth = 1;
  lineCap = "butt";
  lineJoin = "miter";
  font = "";
  textAlign = "left";
  textBaseline = "alphabetic";
  globalAlpha = 1;
  imageSmoothingEnabled = true;

  /** @param {CanvasRenderingContext2D} measure tells how wide texts are */
  constructor(measure) {
    this.measure = measure;
    this.canvas = measure.canvas;
    this.group = svg("g", {});
    this.dash = /** @type {number[]} */ ([]);
    this.path = "";
    this.matrix = new DOMMatrix();
    this.clipped = "";
    this.before = /** @type {object[]} */ ([]);
  }

  /** @param {string} text */
  measureText(text) {
    this.measure.font = this.font;
    return this.measure.measureText(text);
  }

  clearRect() {
    this.group.replaceChildren();
  }

  /** @param {number[]} dash */
  setLineDash(dash) {
    this.dash = dash;
  }

  save() {
    const kept = KEPT.map((name) => [name, this[name]]);
    const { dash, matrix, clipped } = this;
    this.before.push({ ...Object.fromEntries(kept), dash, matrix, clipped });
  }

  restore() {
    Object.assign(this, this.before.pop());
  }

  /** @param {number} x @param {number} y */
  translate(x, y) {
    this.matrix = this.matrix.translate(x, y);
  }

  /** @param {number} angle */
  rotate(angle) {
    this.matrix = this.matrix.rotate(180 * angle / Math.PI);
  }

  beginPath() {
    this.path = "";
  }

  closePath() {
    this.path += "Z";
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.path += `M${near(x)} ${near(y)}`;
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.path += `${this.path ? "L" : "M"}${near(x)} ${near(y)}`;
  }

  /** A whole circle: the views draw no part of one. @param {number} x @param {number} y @param {number} r */
  arc(x, y, r) {
    const half = `a${near(r)} ${near(r)} 0 1 0`;
    this.path += `M${near(x - r)} ${near(y)}${half} ${near(2 * r)} 0${half} ${near(-2 * r)} 0`;
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  rect(x, y, width, height) {
    this.path += `M${near(x)} ${near(y)}h${near(width)}v${near(height)}h${near(-width)}Z`;
  }

  clip() {
    const id = `clip-${this.canvas.id}-${this.group.childElementCount}`;
    this.group.append(svg("clipPath", { id }, svg("path", { d: this.path })));
    this.clipped = `url(#${id})`;
  }

  fill() {
    this.#put("path", { d: this.path, fill: this.fillStyle });
  }

  stroke() {
    if (this.path) this.#put("path", { d: this.path, fill: "none", ...this.#line });
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  fillRect(x, y, width, height) {
    this.#put("rect", {
      x: near(x),
      y: near(y),
      width: near(width),
      height: near(height),
      fill: this.fillStyle,
    });
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  strokeRect(x, y, width, height) {
    const box = { x: near(x), y: near(y), width: near(width), height: near(height) };
    this.#put("rect", { ...box, fill: "none", ...this.#line });
  }

  /** @param {string} text @param {number} x @param {number} y */
  fillText(text, x, y) {
    const [, weight, size] = /^(?:(\d+) )?([\d.]+)px/.exec(this.font) ?? [];
    const about = {
      x: near(x),
      y: near(y),
      fill: this.fillStyle,
      "font-size": size,
      "font-weight": weight ?? null,
      "text-anchor": ANCHORS[this.textAlign],
      "dominant-baseline": BASELINES[this.textBaseline] ?? null,
    };
    this.#put("text", about, text);
  }

  /** Part of a picture, or all of it. @param {HTMLCanvasElement} image @param {...number} box */
  drawImage(image, ...box) {
    const [x, y, width, height] = box.slice(-4);
    const [left, top, wide, high] = box.length > 4 ? box : [0, 0, image.width, image.height];
    const part = document.createElement("canvas");
    [part.width, part.height] = [wide, high];
    part.getContext("2d")?.drawImage(image, left, top, wide, high, 0, 0, wide, high);
    this.#put("image", {
      ...{ x: near(x), y: near(y), width: near(width), height: near(height) },
      href: part.toDataURL(),
      preserveAspectRatio: "none",
      style: this.imageSmoothingEnabled ? null : "image-rendering: pixelated",
    });
  }

  get #line() {
    return {
      stroke: this.strokeStyle,
      "stroke-width": near(this.lineWidth),
      "stroke-dasharray": this.dash.join(" ") || null,
      "stroke-linecap": this.lineCap === "butt" ? null : this.lineCap,
      "stroke-linejoin": this.lineJoin === "miter" ? null : this.lineJoin,
    };
  }

  /** @param {string} tag @param {Attributes} attributes @param {string[]} text */
  #put(tag, attributes, ...text) {
    const about = {
      ...attributes,
      opacity: this.globalAlpha === 1 ? null : near(this.globalAlpha),
      transform: this.matrix.isIdentity ? null : String(this.matrix),
      "clip-path": this.clipped || null,
    };
    this.group.append(svg(tag, about, ...text));
  }
}

/** Make an element of SVG; attributes that are null are left out.
 * @param {string} tag @param {Attributes} attributes @param {...(Element | string)} children
 */
export function svg(tag, attributes, ...children) {
  const made = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null) made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/** A place on the picture, to a hundredth of a pixel. @param {number} place */
function near(place) {
  return Math.round(100 * place) / 100;
}
