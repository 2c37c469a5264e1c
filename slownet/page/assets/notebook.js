/** What the page and the notebook around it say to one another.
 *
 * The page stands in a sandboxed frame, whose name is in every message: a notebook may have several.
 */

/** Say something, if the frame has a name. @param {string} kind @param {Record<string, string | number>} [about] */
export function tell(kind, about = {}) {
  if (window.name.startsWith("slownet-")) post(kind, about);
}

/** Say something to whatever page is around this one. @param {string} kind
 * @param {Record<string, string | number>} about
 */
export function post(kind, about) {
  if (globalThis.parent === globalThis.self) return;
  globalThis.parent.postMessage({ ...about, kind, slownet: window.name }, "*");
}

/** Listen to the notebook. @param {(message: {kind?: unknown, moment?: unknown} | null) => void} hear */
export function listen(hear) {
  globalThis.addEventListener("message", ({ source, data }) => {
    if (source === globalThis.parent) hear(data);
  });
}

/** Say how high the page is, so that its frame is as high. */
export function tellHeight() {
  let told = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height !== told) tell("height", { height });
    told = height;
  }).observe(document.body);
}
