/** A film of what the page shows while it plays, recorded by the browser itself. */

import { FONT } from "./colours.js";
import { say } from "./language.js";
import { sceneOf } from "./picture.js";

const KINDS = ["video/webm;codecs=vp9", "video/webm", "video/mp4"];
const SHARP = 1.5; // dots for each pixel of the page
const BITS_A_SECOND = 8e6;

/** @typedef {import("./player.js").Player} Player */

/** Play, and record until it stops: at the end, or where the reader pauses.
 * @param {Player} player @returns {Promise<import("./files.js").File>}
 */
export async function filmOf(player) {
  const type = globalThis.MediaRecorder && KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  if (!type) throw new Error(say("save.film.none"));
  const sheet = document.createElement("canvas");
  const { width, height } = sceneOf(player);
  [sheet.width, sheet.height] = [even(SHARP * width), even(SHARP * height)];
  paint(sheet, player);
  const recorder = new MediaRecorder(sheet.captureStream(), {
    mimeType: type,
    videoBitsPerSecond: BITS_A_SECOND,
  });
  const parts = /** @type {Blob[]} */ ([]);
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  const done = new Promise((resolve) => recorder.addEventListener("stop", resolve));
  recorder.start();
  player.play();
  await played(player, () => paint(sheet, player));
  recorder.stop();
  await done;
  const last = player.net.frames.stepOf(player.state.frame);
  const [kind] = type.split(";");
  return {
    name: `training-to-step-${last}.${kind.split("/")[1]}`,
    type: kind,
    content: new Blob(parts, { type: kind }),
  };
}

/** Call something after every frame that was painted, until it plays no more. @param {Player} player
 * @param {() => void} painted @returns {Promise<void>}
 */
function played(player, painted) {
  let known = -1;
  return new Promise((resolve) => {
    const next = () => {
      if (player.painter.painted !== known) painted();
      known = player.painter.painted;
      if (player.state.playing || player.isOnTheWay) requestAnimationFrame(next);
      else requestAnimationFrame(() => resolve()); // the last frame is taken, too
    };
    requestAnimationFrame(next);
  });
}

/** @param {HTMLCanvasElement} sheet @param {Player} player */
function paint(sheet, player) {
  const { theme } = player.painter;
  const { title, head, canvases, words } = sceneOf(player);
  const paper = /** @type {CanvasRenderingContext2D} */ (sheet.getContext("2d"));
  paper.setTransform(SHARP, 0, 0, SHARP, 0, 0);
  paper.fillStyle = theme.paper;
  paper.fillRect(0, 0, sheet.width, sheet.height);
  const all = [{ text: title, ...head, weight: "700", color: theme.ink }, ...words];
  for (const { text, x, y, size, weight, color } of all) {
    paper.font = `${weight} ${size}px ${FONT}`;
    paper.fillStyle = color;
    paper.fillText(text, x, y);
  }
  for (const { canvas, x, y, width, height } of canvases) {
    paper.imageSmoothingEnabled = canvas.width >= width;
    paper.drawImage(canvas, x, y, width, height);
  }
}

/** Films have even sides. @param {number} size */
function even(size) {
  return 2 * Math.ceil(size / 2);
}
