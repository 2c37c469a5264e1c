/** The widget of a notebook in which a page stands; anywidget loads this module as it is.
 *
 * The page stands in a sandboxed frame: neither can restyle the other, and its scripts cannot reach the
 * notebook. What they say to one another are messages, as in `notebook.js`.
 *
 * @typedef {{name: string, height: number, page: string, moment: {weights?: DataView}}} Attributes
 *
 * @typedef {object} Model of anywidget
 * @property {<K extends keyof Attributes>(name: K) => Attributes[K]} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, act: () => void) => void} on
 * @property {(event: string, act: () => void) => void} off
 */

/** Hear what the reader does in the page of an output, whose frame has the model's name.
 * @param {{model: Model}} given
 */
function initialize({ model }) {
  const hear = (/** @type {MessageEvent} */ { data }) => {
    if (data?.slownet !== model.get("name") || data.kind !== "stands") return;
    model.set("stands", String(data.at));
    model.save_changes();
  };
  globalThis.addEventListener("message", hear);
  return () => globalThis.removeEventListener("message", hear);
}

/** Show the page of the model, and send it the moments of the training. @param {{model: Model, el: HTMLElement}} given */
function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.name = model.get("name");
  frame.title = "a net that learns";
  frame.setAttribute("sandbox", "allow-scripts allow-downloads");
  frame.style.cssText = `display: block; width: 100%; height: ${model.get("height")}px; border: 0`;
  const open = () => {
    frame.srcdoc = model.get("page");
  };
  const send = () => {
    const moment = model.get("moment");
    if (moment.weights) frame.contentWindow?.postMessage({ kind: "moment", moment }, "*");
  };
  const hear = (/** @type {MessageEvent} */ { source, data }) => {
    if (source !== frame.contentWindow) return;
    if (data?.kind === "ready") send();
    if (data?.kind === "height") frame.style.height = `${data.height}px`;
  };
  globalThis.addEventListener("message", hear);
  model.on("change:page", open);
  model.on("change:moment", send);
  open();
  el.append(frame);
  return () => {
    globalThis.removeEventListener("message", hear);
    model.off("change:page", open);
    model.off("change:moment", send);
  };
}

export default { initialize, render };
