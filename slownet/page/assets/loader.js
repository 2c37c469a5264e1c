// The script of the page stands packed above: it is unpacked here and runs as it was written.
(async () => {
  const packed = Uint8Array.from(
    atob(document.getElementById("script")?.textContent ?? ""),
    (letter) => letter.charCodeAt(0),
  );
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const script = document.createElement("script");
  script.textContent = await new Response(stream).text();
  document.head.append(script);
})();
