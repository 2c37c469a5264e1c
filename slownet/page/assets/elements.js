/** Elements of the page. */

/** Find one. @param {string} id @returns {any} */
export function control(id) {
  return document.getElementById(id);
}

/** Make an element. @param {string} tag @param {Record<string, any>} [about] @param {(Node | string)[]} children */
export function element(tag, about = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(about)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Put what floats over the page beside a place of its window, where it has room.
 * @param {HTMLElement} floating @param {number} x @param {number} y
 */
export function placeBeside(floating, x, y) {
  const { clientWidth, clientHeight } = document.documentElement;
  const { offsetWidth, offsetHeight } = floating;
  const left = x + 16 + offsetWidth > clientWidth ? x - 12 - offsetWidth : x + 16;
  const top = y + 16 + offsetHeight > clientHeight ? y - 12 - offsetHeight : y + 16;
  floating.style.transform = `translate(${Math.max(2, left)}px, ${Math.max(2, top)}px)`;
}

/** Give a canvas as many dots as its box on the page has on this screen; draw in CSS pixels after it.
 * @param {HTMLCanvasElement} canvas
 * @returns {{width: number, height: number, unit: number}} its box, and how large its letters are
 */
export function fitted(canvas) {
  const { width, height } = canvas.getBoundingClientRect();
  const sharp = Math.max(1, globalThis.devicePixelRatio || 1);
  canvas.width = Math.round(width * sharp);
  canvas.height = Math.round(height * sharp);
  canvas.getContext("2d")?.setTransform(sharp, 0, 0, sharp, 0, 0);
  return { width, height, unit: parseFloat(getComputedStyle(canvas).fontSize) / 14 || 1 };
}
