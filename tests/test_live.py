"""The live view: what it shows, that it stays small, and that training does not notice it."""

from __future__ import annotations

import json
import math
import re
from base64 import b64decode
from contextlib import suppress
from html import escape
from types import SimpleNamespace
from xml.dom.minidom import parseString

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from slow import crossed, mostly_long

from slownet import Activation, LiveView, NetFactory
from slownet.datasets import load_mnist, moons
from slownet.live import curves, svg, view
from slownet.plotting.images import diverging_levels, diverging_palette, png
from slownet.plotting.style import SYMBOLS

HOSTILE = [
    "<script>alert(1)</script>",
    "</text></svg><img src=x onerror=alert(2)>",
    "&amp;lt;\"'>",
    "a\x00\x0b\ud800\ufffeb",
    "x" * 5000,
]


class Every(LiveView):
    """Renews its picture at every chance, as if the training took long."""

    def on_progress(self, training):
        self._next = 0.0
        super().on_progress(training)


@pytest.fixture
def shown(monkeypatch):
    """Pretend to be in a notebook without anywidget; return what was displayed."""
    bundles = []

    def display(bundle, **options):
        assert options == {"raw": True, "display_id": True}
        bundles.append(bundle)
        return SimpleNamespace(update=lambda bundle, raw: bundles.append(bundle))

    monkeypatch.setattr(view, "in_notebook", lambda: True)
    monkeypatch.setattr(view, "is_installed", lambda _: False)
    monkeypatch.setattr("IPython.display.display", display)
    return bundles


def drawings(bundle):
    """The drawings of a picture, as documents, by what they show."""
    html = bundle["text/html"]
    found = dict(re.findall(r'<img src="data:image/svg\+xml;base64,([^"]*)" alt="([^"]*)"', html))
    texts = [b64decode(each).decode() for each in found] or re.findall("<svg.*?</svg>", html)
    names = list(found.values()) or re.findall('aria-label="([^"]*)"', html)
    return dict(zip(names, map(parseString, texts), strict=True))


def texts(document):
    return [node.firstChild.data for node in document.getElementsByTagName("text")]


def points(document):
    """The numbers of each line that has many."""
    paths = [node.getAttribute("d") for node in document.getElementsByTagName("path")]
    lines = [re.findall("[ML]([-0-9.]+) ([-0-9.]+)", path) for path in paths]
    return [np.array(line, dtype=float) for line in lines if len(line) > 2]


def numbers(net):
    kept = [(neuron.bias, neuron.z, neuron.value, neuron.delta) for neuron in net.neurons()]
    return [(weight.value, weight.grad) for weight in net.weights()], kept


def digits(count=300):
    return load_mnist("train", count)


CASES = {
    "images": ([784, 6, 10], digits, {"epochs": 3, "batch_size": 10}),
    "plane": ([2, 5, 1], lambda: moons(60, seed=0), {"epochs": 20}),
    "numbers": (
        [3, 4, 2],
        lambda: (np.eye(3), np.eye(3)[:, :2]),
        {"epochs": 30, "loss": "squared_error"},
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("engine", ["scalar", "compiled"])
@pytest.mark.parametrize("case", mostly_long(CASES))
@pytest.mark.parametrize("optimizer", mostly_long(["sgd", "adam"]))
def test_training_does_not_notice(shown, case, engine, optimizer):
    sizes, data, options = CASES[case]
    options = {**options, "optimizer": optimizer, "engine": engine, "dropout": 0.2}
    X, y = data()
    net, watched = (NetFactory(sizes, seed=3).new() for _ in range(2))
    wanted = net.fit(X, y, **options)
    live = Every()
    found = watched.fit(X, y, callbacks=live, **options)
    assert numbers(watched) == numbers(net)
    assert (found.loss, found.accuracy) == (wanted.loss, wanted.accuracy)
    assert live.updates == len(shown) - 1 > 1


def test_the_compiled_engine_is_not_stopped_at_every_step():
    """Nor does it write its numbers into the objects: only `state` has those of the moment."""
    seen = []

    class Looking:
        def on_progress(self, training):
            seen.append(
                (training.step, training.state().weights[0], training.net.weight(1, (0, 0)).value)
            )

    X, y = moons(100, seed=0)
    net = NetFactory([2, 4, 1], seed=0).new()
    before = net.weight(1, (0, 0)).value
    net.fit(X, y, epochs=300, batch_size=10, engine="compiled", callbacks=[LiveView(), Looking()])
    steps, moved, written = zip(*seen, strict=True)
    assert steps[-1] == 3000
    assert len(set(steps)) == len(set(moved)) == len(seen) < 1500
    assert set(written) == {before}
    assert moved[-1] == net.weight(1, (0, 0)).value


def test_the_last_picture_is_the_net(shown):
    X, y = digits()
    net = NetFactory([784, 6, 10], seed=3).new()
    history = net.fit(X, y, epochs=2, batch_size=10, validation_data=(X[:50], y[:50]), callbacks=Every())
    drawn = drawings(shown[-1])
    assert list(drawn) == ["a 784-6-10 net", "Loss and Accuracy"]
    weights = np.array([[w.value for w in n.weights["in"].values()] for n in net.layers[1]])
    levels = diverging_levels(weights, float(np.quantile(np.abs(weights), 0.997)))
    tiles = [png(tile, diverging_palette()) for tile in levels.reshape(-1, 28, 28)]
    images = drawn["a 784-6-10 net"].getElementsByTagName("image")
    assert [image.getAttribute("href") for image in images] == tiles
    assert {"6", "relu", "softmax", *"0123456789"} <= set(texts(drawn["a 784-6-10 net"]))
    assert "— validation (50 samples)" in texts(drawn["Loss and Accuracy"])
    record = history.epochs[-1]
    text = shown[-1]["text/plain"]
    assert text.startswith(f"step 60 of 60 · epoch 2.00 · training loss in epoch 2 {record.loss:.3f}")
    assert text.endswith(f"training accuracy {record.accuracy:.1%} of 300")
    assert text in svg.plain(shown[-1]["text/html"])


def test_lines_are_the_weights(shown):
    """Each weight is a line of its colour, between its neurons; the largest one is the widest."""
    net = NetFactory([3, 4, 2], "tanh", "linear", seed=5).new()
    net.fit(np.eye(3), np.eye(3)[:, :2], loss="squared_error", callbacks=Every())
    paths = drawings(shown[-1])["a 3-4-2 net"].getElementsByTagName("path")
    lines = [
        (tuple(map(float, ends)), path.getAttribute("stroke"), float(path.getAttribute("stroke-width")))
        for path in paths
        for ends in re.findall("M([-0-9.]+) ([-0-9.]+)L([-0-9.]+) ([-0-9.]+)", path.getAttribute("d"))
    ]
    for layer in (1, 2):
        weights = [weight for neuron in net.layers[layer] for weight in neuron.weights["in"].values()]
        place = sorted({ends[0] for ends, _, _ in lines})[layer - 1]
        mine = sorted(line for line in lines if line[0][0] == place)
        assert len(mine) == len(weights)
        heights = sorted({ends[1] for ends, _, _ in mine}), sorted({ends[3] for ends, _, _ in mine})
        for weight in weights:
            source, target = heights[0][weight.source.id], heights[1][weight.target.id]
            ((_, colour, width),) = [line for line in mine if line[0][1::2] == (source, target)]
            assert colour == ("#0b5fa5" if weight.value > 0 else "#d1670a")
            if weight is max(weights, key=lambda each: abs(each.value)):
                assert width == max(each[2] for each in mine)


def test_curves_are_short_and_right():
    X, y = moons(40, seed=0)
    seen = []

    class Looking:
        def on_fit_begin(self, training):
            self.curves = curves.Curves(training)

        def on_fit_end(self, training):
            seen[:] = self.curves.lines(training, "loss")

    history = (
        NetFactory([2, 3, 1], seed=0)
        .new()
        .fit(X, y, epochs=1010, batch_size=40, validation_data=(X, y), callbacks=Looking())
    )
    loss, validation = seen
    assert loss["name"] == "training, mean of 3 batches of 40"
    assert len(loss["x"]) == 337
    assert list(loss["x"][-2:]) == [1008, 1010]
    assert loss["y"][0] == pytest.approx(np.mean(history.loss[:3]))
    assert loss["y"][-1] == pytest.approx(np.mean(history.loss[1008:]))
    assert len(validation["x"]) <= 400
    assert validation["y"][-1] == history.epochs[-1].validation_loss


def test_a_curve_stands_where_its_axes_say(shown):
    X, y = moons(40, seed=0)
    history = NetFactory([2, 3, 1], seed=0).new().fit(X, y, epochs=20, batch_size=4, callbacks=Every())
    plot = drawings(shown[-1])["Accuracy"]
    (line,) = [each for each in points(plot) if len(each) == 200]
    at = {
        node.firstChild.data: (float(node.getAttribute("x")), float(node.getAttribute("y")) - 4)
        for node in plot.getElementsByTagName("text")
    }
    zero, full = at["0%"][1], at["100%"][1]
    found = (line[:, 1] - zero) / (full - zero)
    assert found == pytest.approx(history.accuracy, abs=0.01)
    left, right = at["0"][0], at["200"][0]
    assert (line[:, 0] - left) / (right - left) * 200 == pytest.approx(history.steps, abs=0.5)


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), 0.0, -1.0])
def test_a_loss_that_has_no_logarithm_leaves_a_gap(loss):
    xs, ys = np.arange(4.0), np.array([1.0, loss, 2.0, 3.0])
    area = curves.Area([{"y": ys}], "loss", 3, 400, 160, 0.0)
    drawn = svg.polyline(area.x(xs), area.y(ys))
    assert drawn.count("M") == 2
    assert drawn.count("L") == 1


NAIVE = Activation("naive", lambda z: 1.0 / (1.0 + math.exp(-z)), lambda z, a: a * (1.0 - a))


@pytest.mark.parametrize(
    ("weight", "size", "hidden"),
    crossed(
        [5e-324, -1e-310, 1e150, 1e300],
        [1e-320, 1e308, 1e-9, 1e12, 1e150],
        ["tanh", "softplus", NAIVE],
        always=(4, 1, 3),
    ),
)
def test_no_number_ends_a_training(shown, weight, size, hidden):
    """Neither numbers beyond those that floats can subtract, nor formulas that raise an error there."""
    X = np.array([[1.0, 0.5], [1.0, -0.5]]) * size
    for outputs, y in (("linear", [0.0, 1e308]), ("softmax", [0, 1])):
        net = NetFactory([2, 3, 1 + (outputs == "softmax")], hidden, outputs, seed=0).new()
        for neuron in net[1]:
            neuron.weights["in"][0, neuron.id].value = weight
        with suppress(ArithmeticError):  # of the training itself
            net.fit(X, y, learning_rate=1e-300, callbacks=Every(), progress=False)
        for bundle in shown:
            for document in drawings(bundle).values():
                places = re.sub('base64,[^"]*', "", document.toxml())
                assert not re.search(r'"[^"]*\b(nan|inf)\b', places)
        assert shown


def test_a_formula_need_not_be_real_beyond_the_samples(shown):
    root = Activation("root", lambda z: z**0.5, lambda z, value: 0.5 / value)
    net = NetFactory([2, 3, 1], root, "linear", seed=0).new()
    for neuron in net[1]:
        neuron.bias = 0.01
        for weight in neuron.weights["in"].values():
            weight.value = 1.0
    history = net.fit([[0.0, 0.0], [1.0, 1.0]], [0.0, 1.0], learning_rate=1e-6, callbacks=Every())
    assert history.ended == "finished"
    assert len(shown) > 1


@pytest.mark.parametrize("last", [1, 2, 3, 7, 10, 99, 400, 12_345, 10**7])
def test_round_steps(last):
    steps = curves._round_steps(last)
    assert steps[0] == 0
    assert 2 <= len(steps) <= 6
    assert steps[-1] <= last < steps[-1] + steps[1]


def test_a_graph_may_change_on_the_way(shown):
    class Pruning:
        def on_epoch_end(self, training):
            training.net.layers[1].neurons[training.epoch].remove()

    X, y = moons(40, seed=0)
    NetFactory([2, 5, 1], seed=0).new().fit(X, y, epochs=3, callbacks=[Every(), Pruning()])
    assert next(iter(drawings(shown[0]))) == "a 2-5-1 net"
    assert next(iter(drawings(shown[-1]))) == "a 2-2-1 net"


@pytest.mark.parametrize("progress", [False, "always"])
def test_a_script_gets_one_line(progress, capsys):
    X, y = moons(40, seed=0)
    live = LiveView()
    net = NetFactory([2, 3, 1], seed=0).new()
    net.fit(X, y, epochs=50, callbacks=live, progress=progress)
    printed = capsys.readouterr()
    assert printed.out == ""
    line, _, bar = printed.err.partition("\n")
    assert line == view.ELSEWHERE
    assert live.updates == 0
    assert ("100%" in bar and "100/100" in bar) == bool(progress)


@pytest.mark.long
def test_a_bar_is_drawn_for_time_and_not_for_epochs(capsys):
    """JupyterLab drops what goes beyond 1,000 messages a second."""
    X, y = moons(4, seed=0)
    net = NetFactory([2, 2, 1], seed=0).new()
    net.fit(X, y, epochs=5000, engine="compiled", validation_data=(X, y), progress="always")
    bars = capsys.readouterr().err.split("\r")
    assert len(bars) < 2500
    assert re.search(r"epoch 5000/5000: 100%.* 5000/5000 \[.*training accuracy", bars[-1])


NETS = {
    "one layer": [784, 10],
    "large layers": [784, 128, 64, 10],
    "large images": [9216, 40, 10],
    "plane": [2, 30, 30, 30, 10],
    "deep": [4, *[6] * 30, 10],
}


@pytest.mark.parametrize("name", mostly_long(NETS, 2))
def test_pictures_are_small(shown, name):
    """Four or eight a second fit into the megabyte a second that JupyterLab lets through."""
    sizes = NETS[name]
    X = np.random.default_rng(0).normal(size=(300, sizes[0]))
    y = [f"<{k % 10}>" for k in range(300)]
    history = (
        NetFactory(sizes, seed=0)
        .new()
        .fit(X, y, batch_size=10, validation_data=(X[:5], y[:5]), callbacks=Every())
    )
    assert history.epochs
    assert max(len(json.dumps(bundle)) for bundle in shown) < 200_000
    for drawing in drawings(shown[-1]).values():
        assert texts(drawing)


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("text", HOSTILE)
def test_names_are_text(shown, text, last):
    X = np.random.default_rng(0).normal(size=(60, 2))
    y = [text if x > 0 else "b" for x in X[:, 0]]
    for width in (2, 3):
        NetFactory([width, 2, 2], seed=0).new().fit(np.resize(X, (60, width)), y, callbacks=Every())
        bundle = shown[-1] if last else shown[-2]
        assert "<script" not in bundle["text/html"]
        for drawing in drawings(bundle).values():
            assert {node.tagName for node in drawing.getElementsByTagName("*")} <= {
                *("svg", "text", "image", "rect", "path", "circle")
            }


def test_nothing_runs_and_nothing_is_loaded(shown):
    X, y = digits()
    NetFactory([784, 6, 10], seed=3).new().fit(X, y, batch_size=10, callbacks=Every())
    for bundle in shown:
        assert "<script" not in bundle["text/html"]
        assert not re.search(
            r' on\w+=|\bid="', bundle["text/html"]
        )  # an id would meet those of other cells
        for drawing in drawings(bundle).values():
            for image in drawing.getElementsByTagName("image"):
                assert image.getAttribute("href").startswith("data:image/png;base64,")


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_every_class_has_a_marker_of_about_one_size(symbol):
    found = svg.markers([(10.0, 20.0)], symbol, 4.0, "#000")
    x, y = 10.0, 20.0
    start, *moves = re.findall(r"[Mml]([-0-9.]+) ([-0-9.]+)", found)
    assert start == ("10.0", "20.0")
    for dx, dy in moves:
        x, y = x + float(dx), y + float(dy)
        assert 1 < np.hypot(x - 10, y - 20) < 5.5
    others = [svg.markers([(10.0, 20.0)], other, 4.0, "#000") for other in SYMBOLS if other != symbol]
    assert found not in others


@pytest.mark.parametrize("rate", [0, 9, -1, "fast", None])
def test_rates_that_cannot_be(rate):
    with pytest.raises((TypeError, ValueError), match="rate"):
        LiveView(rate)


NOTEBOOK = """
from slownet import LiveView, NetFactory
from slownet.datasets import moons

X, y = moons(200, seed=0)
live = LiveView(widget=WIDGET)
net = NetFactory([2, 8, 1], seed=0).new()
net.fit(X, y, epochs=1000, batch_size=8, callbacks=live)
print(live.updates)
"""


@pytest.mark.long
@pytest.mark.parametrize("widget", mostly_long([True, False]))
def test_in_a_real_kernel(tmp_path, widget):
    cell = nbformat.v4.new_code_cell(NOTEBOOK.replace("WIDGET", str(widget)))
    notebook = nbformat.v4.new_notebook(cells=[cell])
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
    seen = []
    process = client.process_message

    def listen(message, *rest):
        seen.append(message["msg_type"])
        return process(message, *rest)

    client.process_message = listen
    client.execute()
    shown, bar, printed = cell.outputs
    updates = int(printed.text)
    assert updates >= 1
    assert "epoch 1000/1000: 100%, 25000/25000" in bar.data["text/plain"]
    text = escape(bar.data["text/plain"])
    assert bar.data["text/html"] == f'<progress value="25000" max="25000"></progress> {text}'
    assert seen.count("update_display_data") < 1000
    comms = [kind for kind in seen if kind.startswith("comm")]
    if widget:
        assert comms.count("comm_msg") >= updates - 1  # the last one is the picture
        assert comms.count("comm_open") == comms.count("comm_close") > 0
    else:
        assert updates < seen.count("update_display_data")
        assert not comms
    assert set(shown.data) == {"text/html", "text/plain"}
    assert shown.data["text/plain"].startswith("step 25,000 of 25,000")
    assert list(drawings(shown.data)) == ["a 2-8-1 net", "its output over the plane", "Loss", "Accuracy"]
    assert len(nbformat.writes(notebook)) < 100_000
