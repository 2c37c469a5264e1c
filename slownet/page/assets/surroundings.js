/** What is around the page: its window, the theme of the system, and what the browser remembers. */

import { control } from "./elements.js";
import { tellNeededHeight } from "./embedding.js";
import { speaks } from "./language.js";
import { followPaper } from "./paper.js";
import { showEmbedded } from "./views/whole.js";

/** Follow the sizes of the pictures, the theme, and printing. @param {import("./player.js").Player} player */
export function follow(player) {
  let waiting = 0;
  const watcher = new ResizeObserver(() => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => player.resize());
  });
  for (const id of ["canvas", "plane-canvas", "judged-canvas"]) watcher.observe(control(id));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => player.restyle());
  followPaper(player);
  new IntersectionObserver(([{ isIntersecting }]) => {
    document.body.classList.toggle("is-below", !isIntersecting);
  }).observe(control("bar"));
  tellNeededHeight();
  control("tip").hidden = true;
}

/** Show the page in another way. @param {import("./player.js").Player} player
 * @param {import("./types.d.ts").Presentation} presentation
 * @param {string | null} [theme] where the presentation has none
 */
export function present(player, presentation, theme = remember("theme")) {
  if (!speaks(presentation.language)) location.reload(); // it has the address, and begins in that language
  player.state.presentation = presentation;
  showEmbedded(presentation.isEmbedded);
  document.documentElement.style.colorScheme = presentation.theme ?? theme ?? "";
  player.restyle();
}

/** @param {import("./player.js").Player} player */
export function toggleTheme(player) {
  const { presentation } = player.state;
  const theme = player.painter.theme.isDark ? "light" : "dark";
  remember("theme", theme);
  present(player, { ...presentation, theme: presentation.theme && theme }, theme);
}

/** Store a choice of the reader, if the browser allows it, and return it.
 * @param {string} name @param {string} [value] @returns {string | null}
 */
export function remember(name, value = undefined) {
  try {
    if (value !== undefined) localStorage.setItem(`slownet ${name}`, value);
    return localStorage.getItem(`slownet ${name}`);
  } catch {
    return null;
  }
}
