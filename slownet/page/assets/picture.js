/** What the page shows, as a picture: SVG drawn by the same views, and PNG made of that. */

import { FONT } from "./colours.js";
import { say } from "./language.js";
import { svg, SvgPaper } from "./svgpaper.js";

const SHARP = 2; // dots of a PNG for each pixel of the page
const EDGE = 16; // pixels around what is shown
const HEAD = 34; // pixels above it, for the title
const BASELINE = 0.22; // of the height of a line, below the letters
const WORDS = "main h2, main figcaption, #verdict"; // beside canvases
const HINTS = "#input small, #plane-hint, select";

/** @typedef {{paper: CanvasRenderingContext2D}} View
 * @typedef {import("./player.js").Player} Player
 * @typedef {import("./files.js").File} File
 */

/** The picture as a file. @param {Player} player @param {"png" | "svg"} kind @returns {Promise<File>} */
export async function pictureOf(player, kind) {
  const { net, state } = player;
  const name = `step-${net.frames.stepOf(state.frame)}.${kind}`;
  const drawn = drawing(player);
  const type = "image/svg+xml";
  const text = new XMLSerializer().serializeToString(drawn);
  if (kind === "svg") return { name, type, content: text };
  const image = new Image();
  image.src = `data:${type},${encodeURIComponent(text)}`;
  await image.decode();
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [SHARP * image.width, SHARP * image.height];
  sheet.getContext("2d")?.drawImage(image, 0, 0, sheet.width, sheet.height);
  const content = await new Promise((resolve) => sheet.toBlob(resolve));
  return { name, type: "image/png", content };
}

/** What is seen and where: the canvases of the page, and the words beside them. @param {Player} player */
export function sceneOf({ net, state }) {
  const canvases = /** @type {HTMLCanvasElement[]} */ (seen("main canvas[id]"))
    .map((canvas) => ({ canvas, box: canvas.getBoundingClientRect() }));
  const words = seen(WORDS).flatMap(wordsOf);
  const boxes = [...canvases, ...words].map(({ box }) => box);
  const [left, top] = [
    Math.min(...boxes.map((box) => box.left)),
    Math.min(...boxes.map((box) => box.top)),
  ];
  const [x, y] = [EDGE - left, EDGE + HEAD - top];
  return {
    title: say("picture.title", { title: net.facts.title, step: net.frames.stepOf(state.frame) }),
    width: Math.ceil(Math.max(...boxes.map((box) => box.right)) + x + EDGE),
    height: Math.ceil(Math.max(...boxes.map((box) => box.bottom)) + y + EDGE),
    head: { x: EDGE, y: EDGE + 16, size: 17 },
    canvases: canvases.map(({ canvas, box: { left, top, width, height } }) => ({
      ...{ canvas, width, height },
      x: left + x,
      y: top + y,
    })),
    words: words.map(({ box, ...word }) => ({
      ...word,
      x: box.left + x,
      y: box.bottom - BASELINE * box.height + y,
    })),
  };
}

/** @param {Player} player */
function drawing(player) {
  const { theme } = player.painter;
  const { title, width, height, head, canvases, words } = sceneOf(player);
  const groups = drawnBy(player);
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, "font-family": FONT },
    svg("title", {}, title),
    svg("rect", { width, height, fill: theme.paper }),
    svg(
      "text",
      { x: head.x, y: head.y, "font-size": head.size, "font-weight": 700, fill: theme.ink },
      title,
    ),
    ...words.map(({ text, x, y, size, weight, color }) =>
      svg("text", { x, y, "font-size": size, "font-weight": weight, fill: color }, text)
    ),
    ...canvases.map(({ canvas, x, y, width, height }) => {
      const pixels = () =>
        svg("image", { href: canvas.toDataURL(), width, height, style: "image-rendering: pixelated" });
      return svg("g", { transform: `translate(${x} ${y})` }, groups.get(canvas) ?? pixels());
    }),
  );
}

/** @param {string} which */
function seen(which) {
  return [...document.querySelectorAll(which)].filter((each) => each.checkVisibility());
}

/** The texts of an element, each with its place. @param {Element} element */
function wordsOf(element) {
  if (!element.parentElement?.querySelector("canvas[id]")?.checkVisibility()) return [];
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    const text = (walk.currentNode.textContent ?? "").trim();
    if (!text || !parent || parent.closest(HINTS) || parent.closest(".unseen")) continue;
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    const { fontSize, fontWeight: weight, color } = getComputedStyle(parent);
    found.push({ text, box: range.getBoundingClientRect(), size: parseFloat(fontSize), weight, color });
  }
  return found;
}

/** What the views draw, by their canvases. @param {Player} player */
function drawnBy(player) {
  const { netView, plane, charts, views: { judged } } = player.painter;
  /** @type {View[]} */
  const views = [netView, ...plane ? [plane] : [], judged, ...Object.values(charts)];
  const papers = views.map((view) => view.paper);
  const made = papers.map((paper) => new SvgPaper(paper));
  views.forEach((view, k) => {
    view.paper = /** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ (made[k]));
  });
  try {
    player.paint();
  } finally {
    views.forEach((view, k) => view.paper = papers[k]);
  }
  player.paint();
  return new Map(papers.map((paper, k) => [/** @type {Element} */ (paper.canvas), made[k].group]));
}
