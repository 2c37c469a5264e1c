"""The engine of the page in Chromium's worker, beside the compiled one: for `benchmarks/page.py`.

Microseconds a sample, of 5,000 images in batches of 32, each the best of some rounds that take turns:
the compiled engine on one thread, the worker, and a net of objects in JavaScript (`objects.js`), which
is how TensorFlow Playground computes. Then frames a second while the worker trains and the page paints
the weights of the first hidden layer as images, and the samples a second meanwhile.
"""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from slownet import NetFactory, datasets
from slownet.page.modules import asset
from slownet.page.recipe import Recipe, engine_script
from slownet.training.options import Options

NETS = {"784-30-10": ([784, 30, 10], "sigmoid"), "784-128-64-10": ([784, 128, 64, 10], "relu")}
IMAGES, BATCH, ROUNDS, SECONDS = 5000, 32, 3, 3.0
WINDOWS, WINDOW = 5, 0.25  # so often each engine is measured in a round; seconds of the worker each time
EPOCHS = 10_000  # more than are trained
BOUNDS = {"784-30-10": (5.0, 60.0), "784-128-64-10": (9.0, 30.0)}  # times the compiled one; frames/s
HEAD = asset("page.html").partition("<title>")[0].replace("$version", "")
PAGE = "%s<title>training</title></head><body><div id='images'></div><script>%s</script></body></html>"
DRIVER = """
const script = document.currentScript.textContent;
let worker = null;
const answer = () => new Promise((done) => (worker.onmessage = ({ data }) => done(data)));
const ask = (message) => { const found = answer(); worker.postMessage(message); return found; };
const show = () => ask({ kind: "show", edits: [], step: 1e9 });
window.begin = async (recipe) => {
  worker = modules["engine/worker.js"].workerOf(script);
  const { facts, arrays } = await modules["engine/recipe.js"].read(JSON.parse(recipe), {});
  await ask({ kind: "begin", facts, arrays });
  await show();
};
window.end = () => worker.terminate();
window.sped = async (seconds) => { // steps, and milliseconds
  const before = (await show()).step, started = performance.now();
  let step = before;
  while (performance.now() - started < 1000 * seconds) ({ step } = await show());
  return [step - before, performance.now() - started];
};
window.painted = async (seconds, hidden) => { // frames, steps, milliseconds, the longest gap
  const papers = Array.from({ length: hidden }, () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [28, 28];
    document.getElementById("images").append(canvas);
    return canvas.getContext("2d");
  });
  const picture = new ImageData(28, 28), pixels = new Uint32Array(picture.data.buffer);
  const paint = ({ weights }) => papers.forEach((paper, n) => {
    for (let k = 0; k < 784; k += 1) {
      const share = Math.min(255, Math.abs(weights[784 * n + k]) * 400) | 0;
      pixels[k] = weights[784 * n + k] > 0 ? 0xff000000 | (share << 16) : 0xff000000 | share;
    }
    paper.putImageData(picture, 0, 0);
  });
  let frame = await show();
  const first = frame.step, started = performance.now();
  let [frames, longest, last] = [0, 0, started];
  while (performance.now() - started < 1000 * seconds) {
    const next = show(); // the next frame is on its way while this one is painted
    await new Promise(requestAnimationFrame);
    paint(frame);
    const now = performance.now();
    [frames, longest, last] = [frames + 1, Math.max(longest, now - last), now];
    frame = await next;
  }
  return [frames, frame.step - first, performance.now() - started, longest];
};
window.objects = (code, sizes, batch, seconds) => new Promise((done) => {
  const other = new Worker(URL.createObjectURL(new Blob([code])));
  other.onmessage = ({ data }) => { other.terminate(); done(data); };
  other.postMessage({ sizes, batch, seconds });
});
"""


@dataclass
class Times:
    """Microseconds a sample, and what was seen while the page painted."""

    compiled: float = float("inf")
    worker: float = float("inf")
    objects: float = float("inf")
    painted: dict[str, float] = field(default_factory=dict)


def measure(browser: Browser, name: str, quick: bool) -> Times:
    """Measure a net."""
    sizes, activation = NETS[name]
    X, y = datasets.load_mnist("train", IMAGES)
    options: dict[str, Any] = {"batch_size": BATCH, "learning_rate": 0.1, "seed": 1}
    net = NetFactory(sizes, activation, seed=1).new()
    recipe = Recipe(net.copy(), X, y, Options(**options, epochs=EPOCHS))
    compiled = {**options, "engine": "compiled", "threads": 1, "progress": False}
    net.fit(X, y, **compiled)  # compiles
    found, seconds = Times(), 1.0 if quick else SECONDS
    with tempfile.TemporaryDirectory() as folder:
        page = _opened(browser, Path(folder, "page.html"), recipe)
        for _ in range(1 if quick else ROUNDS):
            page.evaluate("recipe => begin(recipe)", json.dumps(recipe.plain()))
            page.evaluate("seconds => sped(seconds)", WINDOW)  # until the browser has compiled it
            for _ in range(WINDOWS):
                steps, spent = page.evaluate("seconds => sped(seconds)", WINDOW)
                found.worker = min(found.worker, 1e3 * spent / (steps * BATCH))
            page.evaluate("end()")
            for _ in range(WINDOWS):
                started = time.perf_counter()
                net.fit(X, y, epochs=10, **compiled)
                spent = time.perf_counter() - started
                found.compiled = min(found.compiled, 1e6 * spent / (10 * IMAGES))
            code = Path(__file__).with_name("objects.js").read_text(encoding="utf-8")
            given = [code, sizes, BATCH, seconds]
            times = page.evaluate("given => objects(...given)", given)
            found.objects = min(found.objects, times)
        page.evaluate("recipe => begin(recipe)", json.dumps(recipe.plain()))
        frames, steps, spent, longest = page.evaluate("given => painted(...given)", [seconds, sizes[1]])
        found.painted = {
            "frames": 1e3 * frames / spent,
            "samples": 1e3 * steps * BATCH / spent,
            "longest": longest,
        }
        page.close()
    return found


def _opened(browser: Browser, path: Path, recipe: Recipe) -> Page:
    text = PAGE % (HEAD, engine_script(recipe.translator, [recipe.formulas], DRIVER))
    path.write_text(text, encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(path.as_uri())
    return page


def report(browser: Browser, quick: bool) -> None:
    """Measure both nets, and print a table."""
    titles = (
        "compiled",
        "worker",
        "ratio",
        "at most",
        "objects",
        "frames/s",
        "at least",
        "samples/s",
        "gap ms",
    )
    print(f"\ntraining, us a sample in batches of {BATCH}")
    print(f"{'':16}" + "".join(f"{title:>11}" for title in titles))
    for name in NETS:
        found, (ratio, frames) = measure(browser, name, quick), BOUNDS[name]
        numbers = [found.compiled, found.worker, found.worker / found.compiled, ratio, found.objects]
        numbers += [found.painted["frames"], frames, found.painted["samples"], found.painted["longest"]]
        print(f"{name:16}" + "".join(f"{each:11.1f}" for each in numbers))
