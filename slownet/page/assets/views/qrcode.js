/** QR codes, as drawings that are sharp at any size: black on white, with a margin that scanners need. */

// @ts-types="../vendor/lean-qr.d.ts"
import { correction, generate } from "../vendor/lean-qr/index.mjs";

/** @typedef {import("../vendor/lean-qr.d.ts").Code} Code */

const MARGIN = 4; // modules, as the standard has it
const SVG = "http://www.w3.org/2000/svg";
export const LONG = 600; // characters: a phone needs a good camera for more
export const LONGEST = 2953; // bytes that any code can hold

/** The code of a text; null if it is too long for one. @param {string} text @returns {Code | null} */
function codeOf(text) {
  for (const minCorrectionLevel of [correction.M, correction.L]) {
    try {
      return generate(text, { minCorrectionLevel });
    } catch {
      // it does not fit
    }
  }
  return null;
}

/** The drawing of a text's code; null if it is too long for one. @param {string} text @param {string} label */
export function qrCode(text, label) {
  const code = codeOf(text);
  if (code === null) return null;
  const whole = code.size + 2 * MARGIN;
  const svg = made("svg", {
    class: "qr-code",
    viewBox: `0 0 ${whole} ${whole}`,
    "shape-rendering": "crispEdges",
    role: "img",
    "aria-label": label,
  });
  svg.append(
    made("rect", { width: String(whole), height: String(whole), fill: "#fff" }),
    made("path", { d: outline(code), fill: "#000" }),
  );
  return svg;
}

/** The black modules, as runs along each row. @param {Code} code */
function outline({ size, get }) {
  const runs = [];
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const begin = x;
      while (x < size && get(x, y)) x += 1;
      if (x > begin) runs.push(`M${begin + MARGIN} ${y + MARGIN}h${x - begin}v1h-${x - begin}z`);
    }
  }
  return runs.join("");
}

/** @param {string} tag @param {Record<string, string>} about */
function made(tag, about) {
  const found = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(about)) found.setAttribute(name, value);
  return found;
}
