// The script of the page stands packed above: it is unpacked here and runs as it was written. This one is written
// for old browsers, too, so that it can say what they lack.
// deno-lint-ignore-file no-var
(function () {
  var OLD = "This browser is too old for this page: ";
  var RECENT = " Browsers of mid-2024 or later show it as it is meant.";
  var CANNOT_UNPACK = "it cannot unpack what the page holds (it has no DecompressionStream).";
  var CANNOT_READ = "it does not understand the page’s script.";
  var CANNOT_LAY_OUT =
    "This browser is older than the page: colours may be missing, and parts stand elsewhere.";
  var DAMAGED =
    "This page is damaged: its script cannot be unpacked. Its file was changed on the way: get it again.";
  var STYLES = ["color: light-dark(white, black)", "selector(&)", "selector(:has(a))"];
  /** @param {string} text */
  function tell(text) {
    var place = /** @type {HTMLElement} */ (document.getElementById("too-old"));
    place.textContent = text;
    place.hidden = false;
  }
  /** Nothing else is shown, for nothing would work. @param {string} text */
  function stop(text) {
    document.body.className += " is-dead";
    tell(text);
  }
  /** @param {string} style */
  function isThere(style) {
    return CSS.supports(style);
  }
  function bytes() {
    var packed = /** @type {HTMLElement} */ (document.getElementById("script"));
    var letters = atob(packed.textContent || "");
    var found = new Uint8Array(letters.length);
    var k;
    for (k = 0; k < letters.length; k += 1) found[k] = letters.charCodeAt(k);
    return found;
  }
  function unpacked() {
    var stream = new Blob([bytes()]).stream();
    return new Response(stream.pipeThrough(new DecompressionStream("deflate"))).text();
  }
  /** @param {string} text */
  function run(text) {
    var isRead = true;
    /** @param {ErrorEvent} event */
    function hear(event) {
      if (event.error instanceof SyntaxError) isRead = false;
    }
    var script = document.createElement("script");
    script.textContent = text;
    addEventListener("error", hear);
    document.head.append(script); // it is read, and runs, at once
    removeEventListener("error", hear);
    if (!isRead) stop(OLD + CANNOT_READ + RECENT);
    else if (!STYLES.every(isThere)) tell(CANNOT_LAY_OUT + RECENT);
  }
  function failed() {
    stop(DAMAGED);
  }
  if (typeof DecompressionStream === "undefined") stop(OLD + CANNOT_UNPACK + RECENT);
  else Promise.resolve().then(unpacked).then(run, failed);
})();
