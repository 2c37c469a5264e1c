/** Elements of the page. */

/** Find one, of some class.
 * @template {HTMLElement} Found
 * @overload
 * @param {string} id @param {new () => Found} kind
 * @returns {Found}
 */
/** @overload @param {string} id @returns {HTMLElement} */
/** @param {string} id @param {new () => HTMLElement} [kind] */
export function control(id, kind = HTMLElement) {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  const what = Object.prototype.toString.call(found);
  throw new Error(`the page needs a ${kind.name} with the id "${id}", and has ${what}`);
}

/** Find one that the page may lack. @param {string} id */
export function optional(id) {
  return document.getElementById(id);
}

/** Make an element: `about` has its attributes, its class, and its listeners (`onclick`).
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Record<string, string | number | boolean | ((event: Event) => void)>} [about]
 * @param {(Node | string)[]} children
 */
export function element(tag, about = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(about)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = String(value);
    else made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/** Make a button; `about` is as for `element`. @param {string} text @param {() => void} onclick
 * @param {Record<string, string>} [about]
 */
export function button(text, onclick, about = {}) {
  return element("button", { type: "button", onclick, ...about }, text);
}

/** Whether the window has room for more than the most important. */
export function isLarge() {
  return !isOnPaper() && Math.min(globalThis.innerWidth, globalThis.innerHeight) >= 1000;
}

/** Whether the page is laid out for paper. */
export function isOnPaper() {
  return document.documentElement.classList.contains("on-paper");
}

/** Bring a part of the page into view, where it is not seen whole. @param {HTMLElement} part */
export function reveal(part) {
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  part.scrollIntoView({ block: "nearest", behavior: isStill ? "instant" : "smooth" });
}

/** Put what floats over the page beside a box of its window, where it has room.
 * @param {HTMLElement} floating @param {DOMRect} box
 */
export function placeBeside(floating, { left, right, top, bottom }) {
  const { clientWidth, clientHeight } = document.documentElement;
  const { offsetWidth, offsetHeight } = floating;
  const x = right + 14 + offsetWidth > clientWidth ? left - 12 - offsetWidth : right + 14;
  const isBeside = x >= 2;
  const below = isBeside ? top : bottom + 14;
  const above = (isBeside ? bottom : top - 12) - offsetHeight;
  const y = below + offsetHeight > clientHeight ? above : below;
  floating.style.transform = `translate(${isBeside ? x : 2}px, ${Math.max(2, y)}px)`;
}

const DOTS_ON_PAPER = 3; // for each CSS pixel: 288 an inch

/** Give a canvas as many dots as its box on the page has on this screen, or on paper; draw in CSS pixels after it.
 * @param {HTMLCanvasElement} canvas
 * @returns {{width: number, height: number, unit: number}} its box, and how large its letters are
 */
export function fitted(canvas) {
  const { width, height } = canvas.getBoundingClientRect();
  const sharp = Math.max(isOnPaper() ? DOTS_ON_PAPER : 1, globalThis.devicePixelRatio || 1);
  canvas.width = Math.round(width * sharp);
  canvas.height = Math.round(height * sharp);
  canvas.getContext("2d")?.setTransform(sharp, 0, 0, sharp, 0, 0);
  return { width, height, unit: parseFloat(getComputedStyle(canvas).fontSize) / 14 || 1 };
}

/** Fill a place anew; the control in it that has the focus hands it to the one that stands there then.
 * @param {HTMLElement} place @param {(Node | string)[]} parts
 */
export function refill(place, parts) {
  const controls =
    () => /** @type {HTMLElement[]} */ ([...place.querySelectorAll("button, select, input")]);
  const at = controls().findIndex((each) => each === document.activeElement);
  place.replaceChildren(...parts);
  if (at >= 0) controls()[Math.min(at, controls().length - 1)]?.focus();
}

/** Whether a finger or the mouse is on a button, and not up yet. @returns {{is: boolean}} */
export function pressedButton() {
  const pressed = { is: false };
  document.addEventListener("pointerdown", ({ target }) => {
    pressed.is = target instanceof Element && target.closest("button") !== null;
  });
  const release = () => setTimeout(() => pressed.is = false); // behind the click
  for (const event of ["pointerup", "pointercancel"]) document.addEventListener(event, release);
  return pressed;
}
