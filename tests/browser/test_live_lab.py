"""The live view in a real JupyterLab: on the screen during training, and in the notebook ever after."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from lab import OUTSIDE, lab, wait_until
from opened import DRAWN
from slow import crossed
from watching import PATIENCE

pytestmark = pytest.mark.long
if not os.environ.get("CI"):
    pytest.importorskip("jupyterlab", reason="pip install slownet[test]")

FIRST_STEPS = Path(__file__).parents[2] / "examples" / "first_steps.ipynb"

# a training that waits, after its first pictures, until the test has looked at them, and for the second
CELL = """
import time
from pathlib import Path
from slownet import LiveView, NetFactory
from slownet.datasets import {source}

class Waiting:
    looks = updates = 0
    def on_progress(self, training):
        if live.updates > self.updates and self.looks < 2:
            self.looks, self.updates = self.looks + 1, live.updates
            Path(f"{name}-shown-{{self.looks}}").write_text(f"{{training.step:,}}")
            while not Path(f"{name}-go-{{self.looks}}").exists():
                time.sleep(0.02)
        elif self.looks == 1:  # where a picture takes long, the next one is not due before the end
            time.sleep(1.0)

X, y = {data}
net = NetFactory({sizes}, seed=1).new()
live = LiveView(rate=8, widget={widget})
history = net.fit(X, y, epochs={epochs}, batch_size=4, learning_rate=0.02, callbacks=[live, Waiting()])
"""
PLANE = {
    "source": "moons",
    "data": "moons(400, noise=0.15, seed=0)",
    "sizes": [2, 8, 8, 1],
    "epochs": 3000,
}
IMAGES = {
    "source": "load_mnist",
    "data": 'load_mnist("train", 8000)',
    "sizes": [784, 30, 10],
    "epochs": 20,
}
FRAME = ".jp-OutputArea-output iframe[title='a net that learns']"
PICTURE = ".jp-OutputArea-output:has([aria-label$=' net'], img[alt$=' net'])"
STATUS = f'() => document.querySelector("{PICTURE}")?.textContent ?? ""'
SAYS = f'words => document.querySelector("{PICTURE}")?.textContent.includes(words)'
ALL_ENDED = """() => [...document.querySelectorAll(".jp-CodeCell .jp-InputArea-prompt")]
    .every(prompt => /^\\[\\d+\\]:$/.test(prompt.textContent.trim()))"""
ENDED = "() => /^\\[\\d+\\]:$/.test(document.querySelector('.jp-InputArea-prompt').textContent.trim())"
# what is cut off, or does not stand beside or below the others
ROOM = f"""() => {{
    const output = document.querySelector("{PICTURE}");
    const room = output.getBoundingClientRect();
    const boxes = [...output.querySelectorAll("svg, img")].map(each => each.getBoundingClientRect());
    return {{
        width: room.width,
        count: boxes.length,
        beside: boxes.filter(box => box.top === boxes[0].top).length,
        isWhole: output.scrollWidth <= output.clientWidth
            && boxes.every(box => box.left >= room.left && box.right <= room.right && box.width > 300),
    }};
}}"""
# how far the page reaches beyond its frame: down, to the right
CUT = """() => [
    document.documentElement.scrollHeight - innerHeight,
    document.documentElement.scrollWidth - innerWidth,
]"""
# how the notebook itself looks
LOOKS = """() => ["body", ".jp-Notebook", ".jp-CodeCell .cm-content", ".jp-Toolbar"].map(name => {
    const { font, color, backgroundColor, display, margin } =
        getComputedStyle(document.querySelector(name));
    return [font, color, backgroundColor, display, margin];
})"""
# how many colours the images have: a picture that is not drawn has one
COLOURS = f"""async () => {{
    const counts = [];
    for (const image of document.querySelectorAll("{PICTURE} img")) {{
        await image.decode();
        const copy = document.createElement("canvas");
        [copy.width, copy.height] = [image.naturalWidth, image.naturalHeight];
        const paper = copy.getContext("2d");
        paper.drawImage(image, 0, 0);
        const bytes = paper.getImageData(0, 0, copy.width, copy.height).data;
        counts.push(new Set(new Uint32Array(bytes.buffer)).size);
    }}
    return counts;
}}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def page(browser):
    opened = browser.new_page(viewport={"width": 1280, "height": 800})
    yield opened
    opened.close()


def run(page) -> None:
    """Run the first cell, as a reader does."""
    page.click(".jp-CodeCell .cm-content")
    page.keyboard.press("Shift+Enter")


def look(page) -> bytes:
    """Return the pixels of the first drawing."""
    return page.locator(f"{PICTURE} svg").first.screenshot()


def train(server, page, name: str, see) -> tuple[bytes, bytes]:
    """Run the cell, look at it twice on the way with `see(step)`, and let it end."""
    run(page)
    looks = []
    for number in (1, 2):
        shown = server.folder / f"{name}-shown-{number}"
        wait_until(lambda shown=shown: shown.exists() or page.evaluate(ENDED))
        assert shown.exists(), page.inner_text(".jp-Notebook")
        step = wait_until(shown.read_text)
        looks.append(see(step))
        assert not page.evaluate(ENDED)
        (server.folder / f"{name}-go-{number}").touch()
    page.wait_for_function(ENDED)
    page.wait_for_selector(f"{PICTURE} img")
    return looks[0], looks[1]


def see_pictures(page):
    """Return what looks at the still pictures that are renewed."""

    def see(step: str) -> bytes:
        page.wait_for_function(SAYS, arg=f"step {step} of ")
        room = page.evaluate(ROOM)
        assert room["isWhole"], room
        return look(page)

    return see


def see_widget(page):
    """Return what looks at the page in its widget."""

    def see(step: str) -> bytes:
        frame = page.wait_for_selector(FRAME).content_frame()
        at = int(step.replace(",", ""))
        frame.wait_for_function("step => window.slownet?.state().step === step", arg=at)
        frame.wait_for_function(f"() => ({CUT})().every(over => over <= 0.5)")
        assert min(frame.evaluate(DRAWN)) > 20
        return frame.locator("#canvas").screenshot()

    return see


@pytest.mark.parametrize(
    ("net", "front_end"), crossed([PLANE, IMAGES], ["as it is", "slow", "without extensions"])
)
def test_it_moves_while_the_cell_runs(server, page, net, front_end):
    name = f"{net['source']}-{front_end.replace(' ', '-')}"
    has_widgets = front_end != "without extensions"
    server.write(f"{name}.ipynb", CELL.format(**net, name=name, widget=has_widgets))
    if not has_widgets:  # the scripts of widgets and of plotly never come
        page.route("**/lab/extensions/**", lambda route: route.abort())
    server.open(page, f"{name}.ipynb")
    looks = page.evaluate(LOOKS)
    if front_end == "slow":
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    first, second = train(server, page, name, (see_widget if has_widgets else see_pictures)(page))
    assert first != second
    words = page.evaluate(STATUS)
    assert "step 300,000 of 300,000" in words or "step 40,000 of 40,000" in words
    assert min(page.evaluate(COLOURS)) > 20
    room = page.evaluate(ROOM)
    assert (room["beside"], room["isWhole"]) == (2, True), room  # also beside the file browser
    assert page.locator(FRAME).count() == 0
    assert page.evaluate(LOOKS) == looks
    assert "Error" not in page.inner_text(".jp-Notebook")


@pytest.fixture(scope="module")
def saved(server, browser):
    """A notebook that was run, saved and closed; its kernel is gone."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    path = server.write("saved.ipynb", CELL.format(**PLANE, name="saved", widget=True))
    server.open(page, path.name)
    train(server, page, "saved", see_widget(page))
    page.keyboard.press("Control+s")
    wait_until(lambda: "data:image/svg+xml" in path.read_text())
    page.close()
    server.shut_kernels_down()
    return path


def test_it_is_there_when_the_notebook_is_opened_again(server, saved, page):
    server.open(page, saved.name)
    page.wait_for_selector(f"{PICTURE} img")
    assert "step 300,000 of 300,000" in page.evaluate(STATUS)
    colours = page.evaluate(COLOURS)
    assert len(colours) == 4
    assert min(colours) > 20
    assert page.evaluate(ROOM)["isWhole"]
    assert "epoch 3000/3000: 100%" in page.inner_text(".jp-Notebook")
    assert page.locator("progress").evaluate("bar => bar.value === bar.max")
    assert "Error" not in page.inner_text(".jp-Notebook")
    assert saved.stat().st_size < 200_000


@pytest.mark.parametrize("width", [400, 500, 700])
def test_it_fits_a_narrow_cell(server, saved, page, width):
    server.open(page, saved.name)
    page.wait_for_selector(f"{PICTURE} img")
    found = page.evaluate(ROOM)["width"]
    page.set_viewport_size({"width": int(1280 - found + width), "height": 800})
    page.wait_for_function(f"width => Math.abs(({ROOM})().width - width) < 2", arg=width)
    room = page.evaluate(ROOM)
    assert room["isWhole"], room
    assert room["count"] == 4


def test_it_is_there_in_a_notebook_of_somebody_else(server, saved, page):
    """JupyterLab takes out of it what could run, and SVG."""
    notebook = nbformat.read(saved, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("Made elsewhere"))
    nbformat.write(notebook, server.folder / "foreign.ipynb")
    server.open(page, "foreign.ipynb")
    page.wait_for_selector(f"{PICTURE} img")
    assert page.locator(".jp-OutputArea-output.jp-mod-trusted").count() == 0
    assert min(page.evaluate(COLOURS)) > 20


def test_it_is_there_as_a_web_page(saved, page, tmp_path):
    command = [sys.executable, "-m", "nbconvert", "--to", "html", f"--output-dir={tmp_path}", str(saved)]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE / 1000)
    page.set_default_timeout(PATIENCE)
    page.route(OUTSIDE, lambda route: route.abort())
    page.goto(Path(tmp_path / "saved.html").as_uri())
    page.wait_for_selector(f"{PICTURE} img")
    assert min(page.evaluate(COLOURS)) > 20


PLAYER = """
import slownet
from slownet.datasets import moons

X, y = moons(100, noise=0.15, seed=0)
net = slownet.NetFactory([2, 4, 1], seed=1).new()
history = net.fit(X, y, epochs=20, snapshots=20, watch=(X, y), progress=False)
player = history.animate()
player
"""
HANDED_BACK = """
def numbers(net):
    return [weight.value for weight in net.weights()], [neuron.bias for neuron in net.neurons()]

wanted = slownet.replay(history, "30_rate_0.5", step=50)
print(player.experiment, player.step, numbers(player.net) == numbers(wanted))
"""
SAID = "() => document.querySelectorAll('.jp-CodeCell')[1].innerText.includes('30_rate_0.5 50 True')"


def test_the_page_hands_the_net_back(server, page):
    path = server.write("back.ipynb", PLAYER, HANDED_BACK)
    server.open(page, path.name)
    run(page)
    frame = page.wait_for_selector(FRAME).content_frame()
    frame.wait_for_function("() => window.slownet?.opened.then(() => true)")
    for act in ("show(30)", "player.change('rate', 0.5)", "show(50)"):
        frame.evaluate(f"() => slownet.{act}")
        step = 50 if act == "show(50)" else 30
        frame.wait_for_function("step => slownet.state().step === step", arg=step)
    weights = frame.evaluate("() => [...slownet.net.weights(50)]")
    page.click("[data-command='notebook:run-cell-and-select-next']")  # the next cell is selected
    page.wait_for_function(SAID)
    page.keyboard.press("Control+s")
    wait_until(lambda: "30_rate_0.5 50 True" in path.read_text(encoding="utf-8"))
    page.goto("about:blank")
    server.shut_kernels_down()
    server.open(page, path.name)  # the page is in the saved notebook, and works
    frame = page.wait_for_selector(FRAME).content_frame()
    frame.wait_for_function("() => window.slownet?.opened.then(() => true)")
    assert "Error" not in page.inner_text(".jp-Notebook")
    assert frame.evaluate("() => [...slownet.net.weights(slownet.state().step)]") != weights


def saved_with_pictures(page, path: Path, count: int) -> str | None:
    """Save a notebook; return its text if it is whole and has so many still pictures of figures."""
    page.keyboard.press("Control+s")
    text = path.read_text(encoding="utf-8")
    whole = text.endswith("}\n") and text.count('"image/png": ') == count
    return text if whole else None


@pytest.mark.parametrize("width", [1280, 1920])
def test_the_first_steps_stay_small_when_they_are_saved(server, page, width):
    """The still pictures are larger in a wider window."""
    path = server.folder / f"first-steps-{width}.ipynb"
    shutil.copyfile(FIRST_STEPS, path)
    page.set_viewport_size({"width": width, "height": 800})
    server.open(page, path.name)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(ALL_ENDED)
    text = wait_until(lambda: saved_with_pictures(page, path, 3))
    assert len(text.encode()) < 1_000_000
