"""An open page that many tests share, driven as a reader would, and the numbers of Python beside it."""

from __future__ import annotations

import pytest
from watching import PATIENCE, Watched

from slownet.functions import get_loss

RESET = """() => {
    const { player, net } = slownet;
    document.activeElement?.blur();
    player.pause();
    player.tour.end();
    player.setSpeed(1);
    player.setColours("weights");
    if (net.facts.samples.length) player.setSample(0);
    player.choose(null);
    localStorage.removeItem("slownet theme");
    document.documentElement.style.colorScheme = "";
    player.restyle();
    const last = net.layers.length - 1;
    player.state.focus = net.begins[net.facts.side > 0 ? 1 : last];
    player.show(0, true);
}"""
PIXELS = """const pixels = canvas => {
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const paper = copy.getContext("2d", { willReadFrequently: true });
    paper.drawImage(canvas, 0, 0);
    return paper.getImageData(0, 0, copy.width, copy.height).data;
};"""  # of a copy: Chromium complains when the canvas itself is read more than once

DRAWN = f"""() => {{ {PIXELS}
    return ["canvas", "chart-loss"].map(
        id => new Set(new Uint32Array(pixels(document.getElementById(id)).buffer)).size);
}}"""  # how many colours the net and the chart of the loss have

LINE_PIXELS = (
    f"name => {{ {PIXELS}"
    """
    const chart = slownet.painter.charts[name];
    const { canvas } = chart;
    const sharp = canvas.width / canvas.getBoundingClientRect().width;
    const all = pixels(canvas);
    return chart.lines.map(({ role, x, y }) => ({ role, points: Array.from(x, (step, k) => {
        const column = Math.floor(chart.x(step) * sharp);
        const row = Math.floor(chart.y(y[k]) * sharp);
        const from = 4 * (row * canvas.width + column);
        return [...all.subarray(from, from + 4)];
    }) }));
}"""
)  # the pixels of a chart where its lines have points


class Opened:
    """A page that many tests share, and the training it shows."""

    def __init__(self, watched, history) -> None:
        self.watched, self.page, self.history = watched, watched.page, history

    @property
    def state(self):
        return self.page.evaluate(
            """() => {
                const { sample, hovered, surfaces, digits, ...state } = slownet.state();
                return state;
            }"""
        )

    @property
    def frame(self) -> int:
        return self.state["frame"]

    @property
    def sample(self):
        return self.page.evaluate("() => [...slownet.state().sample]")

    def show(self, frame: int) -> None:
        self.page.evaluate("frame => slownet.show(frame)", frame)

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()

    def rows(self, selector: str) -> dict[str, list[str]]:
        """The rows of a table: what is in the cells beside each heading."""
        rows = self.page.eval_on_selector_all(
            f"{selector} tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
        )
        return {name: cells for name, *cells in rows}

    def value(self, frame: int, layer: int, neuron: int, sample=None):
        """The z and value of a neuron in the net as it was."""
        net = self.history.snapshots[frame].restore()
        net.forward(self.sample if sample is None else sample)
        found = net.layers[layer].neurons[neuron]
        return found.z, found.value

    def backward(self, frame: int, which: int, loss=None):
        """The net as it was, after the gradient of one watched sample."""
        net = self.history.snapshots[frame].restore()
        net.loss = get_loss(loss or self.page.evaluate("() => slownet.net.facts.loss"))
        net.forward(list(map(float, self.history.watch.samples[which])))
        net.zero_grad()
        net.backward(self.history.watch.labels[which])
        return net

    def click(self, selector: str, x: float, y: float) -> None:
        """Click at a place of an element with the mouse."""
        box = self.page.locator(selector).bounding_box()
        self.page.mouse.click(box["x"] + x, box["y"] + y)

    def place(self, kind: str, neuron: int):
        return self.page.evaluate(
            "([kind, neuron]) => slownet.painter.netView.places[kind].get(neuron)", [kind, neuron]
        )

    def curve(self):
        """What the chart of the chosen thing shows."""
        return self.page.evaluate(
            "() => slownet.painter.charts.chosen.lines.map(({x, y}) => [[...x], [...y]])[0]"
        )

    def until(self, condition: str, argument=None) -> None:
        self.page.wait_for_function(condition, arg=argument)


def number(text: str) -> float:
    """The number in a cell, as the page writes numbers."""
    text = text.replace("≈ ", "").replace("\u202f", "").replace("−", "-")
    head, _, power = text.partition("·10")
    return float(f"{head}e{power.translate(str.maketrans('⁰¹²³⁴⁵⁶⁷⁸⁹⁻', '0123456789-')) or 0}")


def last_place(text: str) -> float:
    """Half of the last digit's worth of a number as it is printed, a little more for rounding."""
    head, _, power = text.replace("≈ ", "").partition("·10")
    digits = len(head.partition(".")[2])
    power = int(power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")) or 0)
    return 0.501 * 10.0 ** (power - digits)


def check_number(text: str, wanted: float, ulps: float = 1.0) -> None:
    assert abs(number(text) - wanted) <= ulps * last_place(text) + 1e-12, (text, wanted)


def opened(browser, pages, history, **options):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(PATIENCE)
    watched = Watched(page)
    watched.play(pages(history, **options), "#step=0")
    return Opened(watched, history)


def ready(made):
    made.page.mouse.move(2, 2)
    made.page.evaluate(RESET)
    return made


def check_rounded(text: str, wanted: float, digits: int) -> None:
    """A tie, such as 0.125 with two digits, is rounded up by JavaScript and to even by Python."""
    assert len(text.partition(".")[2]) == digits, text
    assert abs(number(text) - wanted) <= 0.5 * 10**-digits + 1e-12, (text, wanted)


def check_bar(made, frame):
    snapshot = made.history.snapshots[frame]
    assert made.frame == frame
    assert made.text("#step").replace("\u202f", "") == str(snapshot.step)
    check_rounded(made.text("#epoch"), snapshot.epoch, 2)
    assert number(made.text("#loss")) == pytest.approx(snapshot.watch_loss, abs=0.000501)
    if snapshot.watch_accuracy is not None:
        assert made.text("#accuracy") == f"{100 * snapshot.watch_accuracy:.1f} %"
        count = len(made.history.watch.samples)
        right = round(snapshot.watch_accuracy * count)
        assert made.text("#accuracy-of") == f"{right} of {count} watched"
    assert made.page.input_value("#slider") == str(frame)
    assert made.page.get_attribute("#slider", "aria-valuetext") == f"step {snapshot.step}"


def check_spelled(made, frame, layer, neuron, which):
    """Every printed number is that of Python, in its last digit."""
    net = made.backward(frame, which)
    found = net.layers[layer].neurons[neuron]
    rows = made.rows("#terms table:first-of-type")
    assert f"{found.layer.activation.name}(z)" in rows
    check_number(rows["= z"][-1], found.z)
    check_number(rows["+ bias"][-1], found.bias)
    check_number(rows["sum"][-1], found.z - found.bias)
    check_number(rows[f"{found.layer.activation.name}(z)"][-1], found.value)
    terms = {
        weight.source.id: (weight.source.value, weight.value) for weight in found.weights["in"].values()
    }
    return rows, terms, net
