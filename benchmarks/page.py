"""The page that plays a training beside nnscope's HTML replay of the same training.

The same nets learn MNIST; what they keep is written as one file by `history.write_html`, and logged to
nnscope snapshot by snapshot and written by its `save_html`. Both are opened in a headless Chromium.
nnscope gets weights, biases, watched values, loss and accuracy of each snapshot. As it comes it keeps
and draws at most 32 neurons a layer, with four digits of each number; asked to, it keeps all weights.

    python benchmarks/page.py            all of it, about ten minutes
    python benchmarks/page.py --quick    the smallest net on a tenth of the images, for a look
    python benchmarks/page.py --only 784-16-10|784-30-10|784-128-64-10
    python benchmarks/page.py --only training    the engine of the page; see page_training.py

nnscope is not needed to use slownet: pip install nnscope. Chromium is found on the path or in CHROMIUM.
"""

from __future__ import annotations

import argparse
import inspect
import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import page_training
from playwright.sync_api import Browser, Page, sync_playwright

from slownet import History, NetFactory
from slownet.cli import data_sets

NETS = {  # dimensions, activation, learning rate, snapshots
    "784-16-10": ((784, 16, 10), "sigmoid", 0.2, 100),
    "784-30-10": ((784, 30, 10), "sigmoid", 0.2, 100),
    "784-128-64-10": ((784, 128, 64, 10), "relu", 0.1, 50),
}
EPOCHS, WRITES, LOADS, SECONDS = 2, 3, 5, 3.0
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
ARGUMENTS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]

# counts frames from a start until some seconds have passed, or until it has stopped by itself
COUNT = """async ([seconds, start, count, playing]) => {
  const counted = eval(count), isPlaying = eval(playing);
  eval(start)();
  const first = counted(), started = performance.now();
  let now = started;
  while (now - started < 1000 * seconds && isPlaying()) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    now = performance.now();
  }
  return [counted() - first, (now - started) / 1000];
}"""
OURS = (
    "() => { slownet.pause(); slownet.setSpeed(SPEED); slownet.show(0); slownet.play(); }",
    "() => slownet.painted",
    "() => slownet.state().playing",
)
THEIRS = (
    "() => { UI.cur = 0; togglePlay(true); }",
    "() => window.drawn",
    "() => UI.playing",
)
WATCH_THEIRS = (
    "() => { const own = draw; window.drawn = 0; draw = () => { own(); window.drawn += 1; }; }"
)
MARK_THEIRS = """
const own = CanvasRenderingContext2D.prototype.arc;
CanvasRenderingContext2D.prototype.arc = function (...given) {
  CanvasRenderingContext2D.prototype.arc = own;
  queueMicrotask(() => performance.mark("painted"));
  return own.apply(this, given);
};"""


@dataclass
class Found:
    """What was measured of one page: None where it has no such thing."""

    write: float | None = None  # milliseconds, as all times
    file: float | None = None  # MB, as all sizes
    data: float | None = None
    contentful: float | None = None
    net: float | None = None
    fps: float | None = None
    fps_2x: float | None = None
    script: float | None = None
    task: float | None = None


TITLES = {
    "write": "write ms",
    "file": "file MB",
    "data": "data MB",
    "contentful": "paint ms",
    "net": "net ms",
    "fps": "frames/s",
    "fps_2x": "at 2x",
    "script": "script ms",
    "task": "task ms",
}


def train(name: str, quick: bool) -> History:
    dims, hidden, rate, snapshots = NETS[name]
    data = data_sets.load(data_sets.Source("mnist", samples=6_000 if quick else None))
    net = NetFactory(list(dims), hidden, seed=1).new()
    return net.fit(
        *data.train,
        epochs=EPOCHS,
        batch_size=32,
        learning_rate=rate,
        engine="compiled",
        snapshots=snapshots,
        watch=data.watched(),
        progress=False,
    )


def best(write: Callable[[], object]) -> float:
    times = []
    for _ in range(WRITES):
        started = time.perf_counter()
        write()
        times.append(time.perf_counter() - started)
    return 1e3 * min(times)


def payload_size(path: Path) -> int:
    """Return how many characters of the page are the run itself."""
    text = path.read_text(encoding="utf-8")
    ours = re.search(r'<script[^>]*\bid="payload"[^>]*>(.*?)</script>', text, re.DOTALL)
    theirs = re.search(r"<script>(window\.NNSCOPE = .*?)</script>", text, re.DOTALL)
    found = ours or theirs
    return len(found[1].strip()) if found else 0


def logs(history: History, name: str) -> list[tuple[int, dict[str, Any]]]:
    """Return every snapshot as what nnscope is given."""
    dims, hidden, *_ = NETS[name]
    ends = np.cumsum([0, *dims[1:]])
    activations = [type(each, (), {})() for each in (*[hidden] * (len(dims) - 2), "softmax")]
    found = []
    for snapshot in history.snapshots:
        biases, values = np.array(snapshot.biases), np.array(snapshot.values)
        layers = [
            Dense(snapshot.matrix(source, source + 1).T.copy(), biases[a:b])
            for source, (a, b) in enumerate(pairwise(ends), min(snapshot.graph.layers))
        ]
        given = {
            "model": Model([each for pair in zip(layers, activations) for each in pair]),
            "loss": snapshot.watch_loss,
            "metrics": {"accuracy": snapshot.watch_accuracy},
            "activations": [values[:, a:b] for a, b in pairwise(ends)],
        }
        found.append((snapshot.step, given))
    return found


def save(name: str, entries: list[tuple[int, dict[str, Any]]], neurons: int, path: Path) -> None:
    """Let nnscope write its page."""
    import nnscope

    scope = nnscope.Scope(name, live=False, quiet=True, max_neurons=neurons)
    for step, given in entries:
        scope.log(step, **given, snapshot=True)
    scope.save_html(str(path))


@dataclass
class Dense:
    W: np.ndarray
    b: np.ndarray


@dataclass
class Model:
    layers: list[Any]


def entry(page: Page, name: str) -> float | None:
    return page.evaluate("name => performance.getEntriesByName(name)[0]?.startTime ?? null", name)


def loaded(browser: Browser, path: Path, ours: bool) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(60_000)
    if not ours:
        page.add_init_script(MARK_THEIRS)
    page.goto(path.as_uri())
    mark = "slownet:paint" if ours else "painted"
    has_marks = not ours or page.evaluate("() => 'slownet' in window")
    for name in ("first-contentful-paint", *([mark] if has_marks else ())):
        page.wait_for_function("name => performance.getEntriesByName(name).length", arg=name)
    return page


def middle(times: list[float | None]) -> float | None:
    known = [each for each in times if each is not None]
    return median(known) if known else None


def shown(browser: Browser, path: Path, ours: bool, found: Found) -> None:
    """Open a page some times, then play it."""
    contentful, net = [], []
    for _ in range(LOADS):
        page = loaded(browser, path, ours)
        contentful.append(entry(page, "first-contentful-paint"))
        net.append(entry(page, "slownet:paint" if ours else "painted"))
        page.close()
    found.contentful, found.net = map(middle, (contentful, net))
    page = loaded(browser, path, ours)
    if not ours:
        page.evaluate(WATCH_THEIRS)
        found.fps, found.script, found.task = played(page, THEIRS)
    elif page.evaluate("() => 'slownet' in window"):
        start, count, playing = OURS
        found.fps, found.script, found.task = played(page, (start.replace("SPEED", "1"), count, playing))
        found.fps_2x = played(page, (start.replace("SPEED", "2"), count, playing))[0]
    page.close()


def played(page: Page, codes: tuple[str, str, str]) -> tuple[float, float, float]:
    """Return frames a second; milliseconds a frame of scripts, and of all that the main thread did."""
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable")

    def spent() -> dict[str, float]:
        metrics = client.send("Performance.getMetrics")["metrics"]
        return {each["name"]: each["value"] for each in metrics}

    page.wait_for_timeout(500)
    before = spent()
    frames, seconds = page.evaluate(COUNT, [SECONDS, *codes])
    after = spent()
    client.detach()
    script, task = (1e3 * (after[each] - before[each]) for each in ("ScriptDuration", "TaskDuration"))
    return frames / seconds, script / max(frames, 1), task / max(frames, 1)


def measure(browser: Browser, name: str, quick: bool, with_nnscope: bool) -> dict[str, Found]:
    history = train(name, quick)
    found: dict[str, Found] = {}
    with tempfile.TemporaryDirectory() as folder:
        pages: dict[str, tuple[Path, bool]] = {}

        def write(who: str, ours: bool, writer: Callable[[Path], object]) -> None:
            path = Path(folder, f"{len(pages)}.html")
            found[who] = Found(write=best(lambda: writer(path)))
            found[who].file = path.stat().st_size / 1e6
            found[who].data = payload_size(path) / 1e6 or None
            pages[who] = path, ours

        write("slownet", True, history.write_html)
        if "exact" in inspect.signature(history.write_html).parameters:
            write("slownet, exact", True, lambda path: history.write_html(path, exact=True))
        if with_nnscope:
            entries = logs(history, name)
            write("nnscope", False, lambda path: save(name, entries, 32, path))
            write(
                "nnscope, all neurons", False, lambda path: save(name, entries, max(NETS[name][0]), path)
            )
        for who, (path, ours) in pages.items():
            shown(browser, path, ours, found[who])
    return found


def table(name: str, found: dict[str, Found]) -> None:
    snapshots = NETS[name][-1]
    print(f"\n{name}, {snapshots} snapshots")
    print(f"{'':26}" + "".join(f"{title:>11}" for title in TITLES.values()))
    for who, numbers in found.items():
        print(f"{who:26}" + "".join(cell(getattr(numbers, each)) for each in TITLES))
    for who in [each for each in found if not each.startswith("slownet")]:
        pairs = [(getattr(found[who], each), getattr(found["slownet"], each)) for each in TITLES]
        ratios = [theirs / ours if theirs is not None and ours else None for theirs, ours in pairs]
        print(f"{who + ' / ours':26}" + "".join(cell(each) for each in ratios))


def cell(number: float | None) -> str:
    if number is None:
        return f"{'-':>11}"
    return f"{number:11.0f}" if number >= 1000 else f"{number:11.2f}"


def chromium() -> str:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise SystemExit(f"found none of {', '.join(NAMES)}: install one, or name it in CHROMIUM")
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=[*NETS, "training"])
    given = parser.parse_args()
    with_nnscope = find_spec("nnscope") is not None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        packages = ", ".join(
            f"{each} {version(each)}" for each in ("numpy", *(["nnscope"] * with_nnscope))
        )
        print(
            f"Python {platform.python_version()}, {packages}, Chromium {browser.version}; "
            f"{os.cpu_count()} cores, {platform.machine()}\n"
            f"write: best of {WRITES}, nnscope's with its log; paint: first contentful one, net: the "
            "net itself, each since navigation began, "
            f"medians of {LOADS}; script and task: of the main thread, a frame"
        )
        if not with_nnscope:
            print("nnscope is not installed, so only slownet is measured: pip install nnscope")
        nets = [given.only] if given.only else list(NETS)[: 1 if given.quick else None]
        for name in nets:
            if name in NETS:
                table(name, measure(browser, name, given.quick, with_nnscope))
        if given.only in (None, "training"):
            page_training.report(browser, given.quick)
        browser.close()


if __name__ == "__main__":
    main()
