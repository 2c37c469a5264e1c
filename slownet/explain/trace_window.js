/** Operations of a trace in a notebook, some at a time, with a slider; anywidget loads this module as it is.
 *
 * @typedef {{count: number, first: number, rows: string[][]}} Attributes
 *
 * @typedef {object} Model of anywidget
 * @property {<K extends keyof Attributes>(name: K) => Attributes[K]} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, act: () => void) => void} on
 * @property {(event: string, act: () => void) => void} off
 */

/** Show the operations from the first one on; the slider sets which that is.
 * @param {{model: Model, el: HTMLElement}} given
 */
function render({ model, el }) {
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: "0", max: String(model.get("count") - 1) });
  slider.setAttribute("aria-label", "first operation");
  slider.style.cssText = "display: block; width: 100%; min-height: 44px";
  const table = document.createElement("table");
  table.style.cssText = "font-family: monospace; border-collapse: collapse";
  const paint = () => {
    slider.value = String(model.get("first"));
    table.replaceChildren(...model.get("rows").map(rowOf));
  };
  slider.addEventListener("input", () => {
    model.set("first", Number(slider.value));
    model.save_changes();
  });
  model.on("change:rows", paint);
  paint();
  el.append(slider, table);
  return () => model.off("change:rows", paint);
}

/** @param {string[]} cells */
function rowOf(cells) {
  const row = document.createElement("tr");
  for (const text of cells) {
    const cell = document.createElement("td");
    cell.textContent = text;
    cell.style.cssText = "text-align: left; padding: 0 0.8em 0 0; white-space: nowrap";
    row.append(cell);
  }
  return row;
}

export default { render };
