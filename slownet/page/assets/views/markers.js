/** The markers of classes, on the plane and in its legend. */

import { element } from "../elements.js";

/** A class in the legend: its marker and name. @param {string} colour @param {number} which @param {string} name */
export function mark(colour, which, name) {
  const canvas = element("canvas", { width: 28, height: 28 });
  const paper = canvas.getContext("2d");
  if (paper) {
    paper.fillStyle = colour;
    paper.beginPath();
    marker(paper, which, 14, 14, 10);
    paper.fill();
  }
  return element("span", { class: "mark" }, canvas, name);
}

/** @param {CanvasRenderingContext2D} paper @param {number} which @param {number} x @param {number} y @param {number} r */
export function marker(paper, which, x, y, r) {
  const corners = [0, 4, 3, 5, 6][which % 5];
  if (!corners) {
    paper.arc(x, y, r, 0, 2 * Math.PI);
    return;
  }
  for (let k = 0; k < corners; k += 1) {
    const angle = (2 * Math.PI * k) / corners - Math.PI / 2;
    const at = [x + 1.25 * r * Math.cos(angle), y + 1.25 * r * Math.sin(angle)];
    if (k) paper.lineTo(at[0], at[1]);
    else paper.moveTo(at[0], at[1]);
  }
  paper.closePath();
}
