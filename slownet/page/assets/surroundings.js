/** What is around the page: its window, the theme of the system, and what the browser remembers. */

import { control } from "./elements.js";
import { followPaper } from "./paper.js";

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
  control("tip").hidden = true;
}

/** @param {import("./player.js").Player} player */
export function toggleTheme(player) {
  const theme = player.painter.theme.isDark ? "light" : "dark";
  document.documentElement.style.colorScheme = theme;
  remember("theme", theme);
  player.restyle();
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
