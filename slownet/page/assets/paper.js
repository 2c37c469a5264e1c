/** The page on paper: one sheet, A4 across. It is laid out before the browser prints, so that pictures are
 * drawn as large as they are there, wherever the reader sits. */

import { control } from "./elements.js";

const LETTERS = [12.5, 12, 11.5, 11, 10.5, 10, 9.5, 9, 8.5, 8]; // their sizes in pixels: the first that fits
const PARTS = "main, main > *, #spelled > *, #side > *";

/** Lay the page out for paper while it is printed. @param {import("./player.js").Player} player */
export function followPaper(player) {
  const { style, classList } = document.documentElement;
  const isEmbedded = globalThis.top !== globalThis.self; // the page around it decides
  const foot = control("foot", HTMLDetailsElement);
  let before = /** @type {{theme: string, isOpen: boolean} | null} */ (null);
  const begin = () => {
    if (before !== null) return;
    before = { theme: style.colorScheme, isOpen: foot.open };
    player.pause();
    style.colorScheme = "light";
    if (!isEmbedded) {
      foot.open = true;
      classList.add("on-paper");
      player.paint(); // as on every screen
      player.painter.paintHistory(player.state); // of what is chosen alone
      fit();
    }
    player.restyle();
    player.resize();
  };
  const end = () => {
    if (before === null) return;
    style.colorScheme = before.theme;
    foot.open = before.isOpen;
    classList.remove("on-paper");
    style.removeProperty("--letters");
    before = null;
    player.restyle();
    player.resize();
  };
  globalThis.addEventListener("beforeprint", begin);
  globalThis.addEventListener("afterprint", end);
  const printed = matchMedia("print"); // what looks at the page as if it were printed
  printed.addEventListener("change", () => printed.matches ? begin() : end());
}

/** Take the largest letters with which everything has room. */
function fit() {
  const { style } = document.documentElement;
  LETTERS.some((size) => {
    style.setProperty("--letters", `${size}px`);
    return [...document.querySelectorAll(PARTS)].every((part) =>
      part.scrollHeight <= part.clientHeight + 1
    );
  });
}
