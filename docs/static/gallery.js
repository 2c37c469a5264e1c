// The frames of the gallery take the height that their pages tell, and the theme of the documentation.
{
  const frames = () => document.querySelectorAll("iframe.slownet");
  const theme = () => document.documentElement.dataset.theme === "dark" ? "dark" : "light";
  const paint = () => {
    for (const frame of frames()) {
      const [page, ...own] = frame.src.split("#embed");
      const changes = frame.dataset.theme ? "" : own.join(""); // of the first address; later ones leave the reader's
      if (frame.dataset.theme !== theme()) frame.src = `${page}#embed&theme=${theme()}${changes}`;
      frame.dataset.theme = theme();
    }
  };
  addEventListener("message", ({ source, data }) => {
    for (const frame of frames()) {
      const isIts = frame.contentWindow === source && data?.kind === "height";
      if (isIts) frame.style.height = `${Number(data.height)}px`;
    }
  });
  new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  addEventListener("DOMContentLoaded", paint);
}
