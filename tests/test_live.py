"""The live view: what it shows, what it sends, and that training does not notice it."""

from __future__ import annotations

from types import SimpleNamespace

import nbformat
import numpy as np
import plotly.graph_objects as go
import plotly.io
import pytest
from nbclient import NotebookClient

from slownet import LiveView, NetFactory, live, plotting
from slownet.datasets import load_mnist, moons


class Every(LiveView):
    """Renews its picture at every chance, as if the training took long."""

    def on_progress(self, training):
        self._next = 0.0
        super().on_progress(training)


@pytest.fixture
def notebook(monkeypatch):
    """Pretend to be in a notebook; return what was displayed."""
    shown = []

    def display(thing, **options):
        shown.append(thing)
        return SimpleNamespace(update=lambda thing, **_: shown.append(thing))

    monkeypatch.setattr(live, "in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", display)
    return shown


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


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_training_does_not_notice(notebook, case, engine, optimizer):
    sizes, data, options = CASES[case]
    options = {**options, "optimizer": optimizer, "engine": engine, "dropout": 0.2}
    X, y = data()
    net, watched = (NetFactory(sizes, seed=3).new() for _ in range(2))
    wanted = net.fit(X, y, **options)
    view = Every()
    found = watched.fit(X, y, callbacks=view, **options)
    assert numbers(watched) == numbers(net)
    assert (found.loss, found.accuracy) == (wanted.loss, wanted.accuracy)
    assert view.updates > 1


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


def test_what_is_shown_is_the_net(notebook):
    X, y = digits()
    net = NetFactory([784, 6, 10], seed=3).new()
    view = Every()
    history = net.fit(X, y, epochs=2, batch_size=10, validation_data=(X[:50], y[:50]), callbacks=view)
    assert isinstance(view.figure, go.FigureWidget)
    assert notebook == [view.figure]
    seen = next(trace for trace in view.figure.data if "weight of" in (trace.hovertemplate or ""))
    for text, shown in zip(seen.text, seen.marker.color, strict=True):
        source, target = text.split(" → output ")
        weight = net.weight(2, (int(source.split()[-1]), int(target)))
        assert shown == np.float32(weight.value)
    curves = {trace.name: trace for trace in view.figure.data if trace.name}
    assert list(curves["training batches of 10"].x) == history.steps
    assert list(curves["training batches of 10"].y) in (history.loss, history.accuracy)
    valid = [record.validation_accuracy for record in history.epochs]
    assert list(curves["validation (50 samples)"].y) == valid
    texts = [str(text) for trace in view.figure.data for text in (trace.text or ())]
    assert any(
        "step <b>60</b> of 60" in text and f"{history.epochs[-1].loss:.3f}" in text for text in texts
    )
    tiles = view.figure.layout.images[0].source
    assert tiles == plotting.network(net).layout.images[0].source


def test_a_message_holds_only_what_has_changed(notebook):
    messages = []
    X, y = digits()
    view = Every()
    net = NetFactory([784, 6, 10], seed=3).new()

    class Listening:
        def on_progress(self, training):
            view.figure._send_update_msg = lambda restyle_data, relayout_data, **_: messages.append(
                (restyle_data, relayout_data)
            )

    net.fit(X, y, epochs=5, batch_size=10, callbacks=[Listening(), view])
    assert len(messages) == view.updates - 1 > 1  # nothing is new at the end of fit
    for restyle, relayout in messages:
        assert {"x", "y", "text", "marker.color"} >= restyle.keys() >= {"y", "marker.color"}
        assert "images[0].source" in relayout
        assert not any(key.startswith(("width", "xaxis.", "template")) for key in relayout)


def test_curves_are_short_and_right():
    X, y = moons(40, seed=0)
    view = LiveView()
    history = NetFactory([2, 3, 1], seed=0).new().fit(X, y, epochs=101, batch_size=4, callbacks=view)
    (loss,) = [
        t for t in view.figure.data if t.name == "training, mean of 3 batches of 4" and t.yaxis == "y2"
    ]
    assert len(loss.x) == 337
    assert list(loss.x[-2:]) == [1008, 1010]
    assert loss.y[0] == pytest.approx(np.mean(history.loss[:3]))
    assert loss.y[-1] == pytest.approx(np.mean(history.loss[1008:]))


def test_a_graph_may_change_on_the_way(notebook):
    class Pruning:
        def on_epoch_end(self, training):
            training.net.layers[1].neurons[training.epoch].remove()

    X, y = moons(40, seed=0)
    net = NetFactory([2, 5, 1], seed=0).new()
    view = Every()
    net.fit(X, y, epochs=3, callbacks=[view, Pruning()])
    assert any("2 neurons" in text for trace in view.figure.data for text in (trace.text or ()))


def test_without_a_notebook_there_is_a_figure(capsys):
    X, y = moons(40, seed=0)
    view = LiveView()
    assert view.figure is None
    NetFactory([2, 3, 1], seed=0).new().fit(X, y, epochs=2, callbacks=view)
    assert type(view.figure) is go.Figure
    assert view.figure.data
    assert capsys.readouterr() == ("", "")


def test_without_anywidget_still_pictures_are_shown(notebook, monkeypatch):
    monkeypatch.setattr(go, "FigureWidget", Missing)
    monkeypatch.setattr(plotly.io.renderers, "default", "plotly_mimetype")
    X, y = moons(40, seed=0)
    view = Every()
    with pytest.warns(UserWarning, match=r"pip install anywidget.*slownet\[notebook\]"):
        NetFactory([2, 3, 1], seed=0).new().fit(X, y, epochs=2, callbacks=view)
    assert len(notebook) == 1 + view.updates >= 3
    assert all("application/vnd.plotly.v1+json" in bundle for bundle in notebook)
    assert notebook[0] != notebook[-1]


class Missing:
    def __init__(self, figure):
        raise ImportError("Please install anywidget to use the FigureWidget class")


@pytest.mark.parametrize("rate", [0, 9, -1, "fast", None])
def test_rates_that_cannot_be(rate):
    with pytest.raises((TypeError, ValueError), match="rate"):
        LiveView(rate)


NOTEBOOK = """
from slownet import LiveView, NetFactory
from slownet.datasets import moons

X, y = moons(200, seed=0)
live = LiveView()
net = NetFactory([2, 8, 1], seed=0).new()
net.fit(X, y, epochs=1000, batch_size=8, callbacks=live, progress=False);
print(type(live.figure).__name__, live.updates)
"""


@pytest.mark.parametrize("installed", [True, pytest.param(False, marks=pytest.mark.long)])
def test_in_a_real_kernel(installed, tmp_path):
    hide = "" if installed else "import sys; sys.modules['anywidget'] = None\n"
    cell = nbformat.v4.new_code_cell(hide + NOTEBOOK)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
    seen = []
    process = client.process_message

    def listen(message, *rest):
        seen.append(message)
        return process(message, *rest)

    client.process_message = listen
    client.execute()
    kinds = [message["msg_type"] for message in seen]
    printed = "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stdout")
    kind, updates = printed.split()
    warned = "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr")
    assert int(updates) >= 1
    if installed:
        assert (kind, warned) == ("FigureWidget", "")
        (shown,) = [o.data for o in cell.outputs if o.output_type == "display_data"]
        assert "application/vnd.jupyter.widget-view+json" in shown
        sent = [m for m in seen if m["msg_type"] == "comm_msg" and "_py2js_update" in str(m["content"])]
        assert len(sent) >= int(updates)
    else:
        assert kind == "Figure"
        assert "pip install anywidget" in warned
        assert kinds.count("update_display_data") == int(updates)
