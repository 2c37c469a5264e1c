/** The page as a part of another one, in a frame: what its address says of that, and what the parent is told.
 *
 * The parts of the address are `embed`, `theme=light`, `theme=dark`, `autoplay` and `lang=de`. An embedded page tells its
 * parent how high it has to be at its width: `{ kind: "height", height: 480, slownet: "" }`.
 *
 * @typedef {import("./types.d.ts").Presentation} Presentation
 */

import { control } from "./elements.js";
import { post } from "./notebook.js";

const PARTS = ["embed", "theme", "autoplay", "lang"];
const HIGH = 480; // pixels, at least
const SCRIPT = "script"; // a tag in the page's own script would look like its end
const SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox";

/** A page that stands alone. @type {Presentation} */
export const PLAIN = { isEmbedded: false, theme: null, autoplays: false, language: null };

/** How an address has the page shown. @param {URLSearchParams} parts @returns {Presentation} */
export function presentationOf(parts) {
  const theme = parts.get("theme");
  return {
    isEmbedded: parts.has("embed"),
    theme: theme === "light" || theme === "dark" ? theme : null,
    autoplays: parts.has("autoplay"),
    language: parts.get("lang"),
  };
}

/** Whether an address says how the page is shown, and nothing of what. @param {URLSearchParams} parts */
export function isBare(parts) {
  return [...parts.keys()].every((name) => PARTS.includes(name));
}

/** What an address says of it. @param {Presentation} presentation @returns {string[]} */
export function partsOf({ isEmbedded, theme, autoplays, language }) {
  return [
    ...isEmbedded ? ["embed"] : [],
    ...theme ? [`theme=${theme}`] : [],
    ...autoplays ? ["autoplay"] : [],
    ...language ? [`lang=${encodeURIComponent(language)}`] : [],
  ];
}

/** Tell the parent how high an embedded page has to be, at first and whenever the frame or that is another
 * height: it gets no lower at one width, so that an article does not move while the net is played.
 */
export function tellNeededHeight() {
  let told = { width: 0, height: 0 };
  const { body } = document;
  const watcher = new ResizeObserver(() => {
    if (!body.classList.contains("is-embedded")) return;
    const { width } = body.getBoundingClientRect();
    const before = width === told.width ? told.height : 0;
    const height = Math.max(HIGH, before, neededHeight());
    if (height !== before || height !== globalThis.innerHeight) post("height", { height });
    told = { width, height };
  });
  for (const part of [body, control("bar"), control("seen"), control("whole")]) watcher.observe(part);
}

/** How high the page is in a frame without any height. */
function neededHeight() {
  const { body } = document;
  body.style.minHeight = "0";
  const { height } = body.getBoundingClientRect();
  body.style.minHeight = "";
  return Math.ceil(height);
}

/** The lines of HTML that show the page in another one. @param {string} source @param {string} title */
export function snippetOf(source, title) {
  return `<iframe class="slownet" src="${escaped(source)}" title="${escaped(title)}"
  style="width: 100%; height: ${HIGH}px; border: 0" loading="lazy"
  sandbox="${SANDBOX}"></iframe>
<${SCRIPT}>
  addEventListener("message", ({ source, data }) => {
    for (const frame of document.querySelectorAll("iframe.slownet")) {
      const isIts = frame.contentWindow === source && data?.kind === "height";
      if (isIts) frame.style.height = \`\${Number(data.height)}px\`;
    }
  });
</${SCRIPT}>`;
}

/** A text of HTML, as Python writes it. @param {string} text */
export function escaped(text) {
  const marks = /** @type {Record<string, string>} */ ({
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#x27;",
  });
  return text.replace(/[&<>"']/g, (mark) => marks[mark]);
}
