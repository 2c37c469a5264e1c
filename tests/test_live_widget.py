"""The live view in a widget: what is sent to the page, and what stays in the notebook."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow import mostly_long

from slownet import Activation, LiveView, NetFactory, preprocessing
from slownet.datasets import load_mnist, moons
from slownet.live import feed, view
from slownet.live.feed import Means
from slownet.page.modules import asset
from slownet.plotting.lines import running_mean

pytest.importorskip("anywidget", reason='pip install "slownet[notebook]"')

VIEW = "application/vnd.jupyter.widget-view+json"


class Every(LiveView):
    """Sends at every chance, and keeps what it sent."""

    def on_fit_begin(self, training: Any) -> None:
        super().on_fit_begin(training)
        assert self._feed is not None
        self.widget_shown = self._feed.widget
        self.moments, self.pages = [self.widget_shown.moment], [self.widget_shown.page]

    def on_progress(self, training: Any) -> None:
        self._next = 0.0
        super().on_progress(training)
        self.moments.append(self.widget_shown.moment)
        if self.widget_shown.page != self.pages[-1]:
            self.pages.append(self.widget_shown.page)


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Pretend to be in a notebook; return what was displayed, and what is called after a cell."""
    found = SimpleNamespace(bundles=[], after=[])

    def display(bundle: Any, **options: Any) -> Any:
        assert options == {"raw": True, "display_id": True}
        found.bundles.append(bundle)
        return SimpleNamespace(update=lambda bundle, raw: found.bundles.append(bundle))

    events = SimpleNamespace(
        register=lambda name, act: found.after.append((name, act)),
        unregister=lambda name, act: found.after.remove((name, act)),
    )
    monkeypatch.setattr(view, "in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(events=events))
    return found


def numbers(net: Any) -> Any:
    kept = [(neuron.bias, neuron.z, neuron.value, neuron.delta) for neuron in net.neurons()]
    return [(weight.value, weight.grad) for weight in net.weights()], kept


CASES: dict[str, Any] = {
    "plane": ([2, 5, 1], lambda: moons(60, seed=0), {"epochs": 20}),
    "images": ([784, 6, 10], lambda: load_mnist("train", 300), {"epochs": 3, "batch_size": 10}),
    "numbers": (
        [3, 4, 2],
        lambda: (np.eye(3), np.eye(3)[:, :2]),
        {"epochs": 30, "loss": "squared_error", "validation_data": (np.eye(3), np.eye(3)[:, :2])},
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("how", mostly_long(["compiled adam", "scalar adam", "compiled sgd"]))
def test_training_does_not_notice(notebook: Any, case: str, how: str) -> None:
    sizes, data, options = CASES[case]
    engine, optimizer = how.split()
    options = {**options, "optimizer": optimizer, "engine": engine, "dropout": 0.2, "progress": False}
    X, y = data()
    net, watched = (NetFactory(sizes, seed=3).new() for _ in range(2))
    wanted = net.fit(X, y, **options)
    live = Every()
    found = watched.fit(X, y, callbacks=live, **options)
    assert numbers(watched) == numbers(net)
    assert (found.loss, found.accuracy) == (wanted.loss, wanted.accuracy)
    assert live.updates > 1


def test_the_page_gets_every_bit_and_the_saved_notebook_a_picture(notebook: Any) -> None:
    X, y = moons(60, seed=0)
    net, live = NetFactory([2, 5, 3, 1], seed=3).new(), Every()
    states = []

    class Looking:
        def on_progress(self, training: Any) -> None:
            states.append(training.state())

    history = net.fit(X, y, epochs=8, batch_size=10, callbacks=[live, Looking()], progress=False)
    first, *_, last = notebook.bundles
    assert set(first) == {VIEW, "text/html", "text/plain"}
    assert first[VIEW]["model_id"]
    assert set(last) == {"text/html", "text/plain"}
    assert "<img" in last["text/html"]
    assert len(last["text/html"]) < 200_000
    assert len(notebook.bundles) == 2
    assert notebook.after == []
    for moment, state in zip(live.moments[1:], states, strict=True):
        assert moment["step"] == state.step
        assert sorted(np.frombuffer(moment["weights"])) == sorted(state.weights)
        assert np.frombuffer(moment["biases"]).tolist() == list(state.biases)
    steps = [moment["step"] for moment in live.moments]
    assert all(before <= after for before, after in pairwise(steps))
    (line,) = live.moments[-1]["lines"]["loss"]
    done = len(np.frombuffer(line["x"]))
    assert np.frombuffer(line["x"])[-1] == live.moments[-1]["step"]
    assert done <= 400
    assert live.moments[-1]["measures"][0]["size"] == 10
    assert history.last_step == 48


def test_weights_are_in_the_order_of_the_page(notebook: Any) -> None:
    """They are by the neuron that they go to; a net that was changed has another order."""
    net = NetFactory([2, 3, 1], seed=0).new()
    net.weight(1, (0, 1)).remove()
    wanted = [
        weight.value
        for layer in net.layers.values()
        for neuron in layer.neurons.values()
        for weight in neuron.weights["in"].values()
    ]
    X, y = moons(20, seed=0)
    live = Every()
    net.fit(X, y, epochs=1, learning_rate=1e-300, callbacks=live, progress=False)
    assert np.frombuffer(live.moments[0]["weights"]).tolist() == wanted


def test_another_graph_is_another_page(notebook: Any) -> None:
    class Growing:
        def on_epoch_end(self, training: Any) -> None:
            if training.epoch == 2:
                training.net.grow(1)

    X, y = moons(30, seed=0)
    live = Every()
    NetFactory([2, 3, 1], seed=0).new().fit(
        X, y, epochs=5, callbacks=[Growing(), live], progress=False, engine="scalar"
    )
    assert len(live.pages) == 2
    sizes = [len(moment["biases"]) // 8 for moment in live.moments]
    assert (sizes[0], sizes[-1]) == (4, 5)


def test_a_training_that_fails_leaves_a_picture(notebook: Any) -> None:
    class Failing:
        def on_epoch_end(self, training: Any) -> None:
            if training.epoch == 3:
                raise RuntimeError("on purpose")

    X, y = moons(30, seed=0)
    live = Every()
    with pytest.raises(RuntimeError, match="on purpose"):
        NetFactory([2, 3, 1], seed=0).new().fit(
            X, y, epochs=5, callbacks=[live, Failing()], progress=False
        )
    assert VIEW in notebook.bundles[-1]
    ((name, act),) = notebook.after
    assert name == "post_run_cell"
    act(None)
    assert set(notebook.bundles[-1]) == {"text/html", "text/plain"}
    assert notebook.after == []
    assert live.widget_shown.comm is None  # closed


@pytest.mark.parametrize("way", ["widget=False", "own formula", "many weights", "no anywidget"])
def test_without_a_widget_the_picture_is_renewed(
    notebook: Any, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    activation: Any = None
    if way == "own formula":
        table = {0: 1.0}
        activation = Activation("own", lambda z: table[0] * z, lambda z, v: table[0])
    if way == "many weights":
        monkeypatch.setattr(feed, "MOST_WEIGHTS", 8)
    if way == "no anywidget":
        monkeypatch.setattr(view, "is_installed", lambda _: False)
    X, y = moons(30, seed=0)
    live = LiveView(widget=way != "widget=False")
    net = NetFactory([2, 3, 1], activation, seed=0).new()
    net.fit(X, y, epochs=3, callbacks=live, progress=False, engine="scalar")
    assert all(set(bundle) == {"text/html", "text/plain"} for bundle in notebook.bundles)
    assert live.updates == len(notebook.bundles) - 1
    assert notebook.after == []


def test_a_large_net_is_sent_less_often(notebook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Jupyter server drops what is more than it lets through."""
    now = [0.0]
    monkeypatch.setattr(view, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    X, y = load_mnist("train", 10)
    live = LiveView(rate=8)

    class Slow:
        def on_progress(self, training: Any) -> None:
            now[0] += 0.1

    net = NetFactory([784, 60, 10], seed=0).new()
    net.fit(X, y, epochs=12, batch_size=5, callbacks=[live, Slow()], progress=False, engine="scalar")
    size = 8 * sum(1 for _ in net.weights())
    assert 1 < live.updates <= now[0] * view.BYTES_A_SECOND / size + 2


def test_a_net_that_changes_all_the_time_is_sent_less_often(
    notebook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time it is another page."""
    now = [0.0]
    monkeypatch.setattr(view, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    X, y = moons(10, seed=0)

    class Growing:
        def on_epoch_end(self, training: Any) -> None:
            training.net.grow(1)
            now[0] += 0.1
            assert live._feed is not None
            sizes.append(len(live._feed.widget.page))

    sizes: list[int] = []
    live = LiveView(rate=8)
    net = NetFactory([2, 3, 1], seed=0).new()
    net.fit(X, y, epochs=40, callbacks=[Growing(), live], progress=False, engine="scalar")
    assert 1 < live.updates <= now[0] * view.BYTES_A_SECOND / min(sizes) + 2


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.data())
def test_the_running_mean_is_that_of_the_figures(values: list[float], data: Any) -> None:
    means, done = Means(), 0
    while done < len(values):
        done = data.draw(st.integers(done + 1, len(values)))
        window = data.draw(st.integers(1, done))
        ends, found = means.running(values[:done], window)
        assert ends[-1] == done
        wanted = running_mean(values[:done], window)[ends - 1]
        np.testing.assert_allclose(found, wanted, atol=1e-6 * max(map(abs, values), default=1.0))


def test_samples_are_shown_where_none_are_watched(notebook: Any) -> None:
    """With the names of their classes, or in the units of their table."""
    X, y = moons(40, seed=0)
    labels = [("no", "yes")[int(each)] for each in y]
    live = Every()
    NetFactory([2, 3, 1], seed=0).new().fit(X, labels, epochs=1, callbacks=live, progress=False)
    assert '"name":"yes"' in live.pages[0]
    preparation = preprocessing.standardise(rows := [[20.0, 1.0], [30.0, 5.0], [45.0, 9.0]], [1, 2, 4])
    live = Every()
    net = NetFactory([2, 3, 1], None, "linear", seed=0).new()
    net.fit(rows, [1, 2, 4], epochs=1, prepare=preparation, callbacks=live, progress=False)
    assert [each for each in ('"name":"2"', '"name":"4"') if each in live.pages[0]]


def test_the_module_loads_nothing() -> None:
    text = asset("notebook/widget.js")
    assert "export default" in text
    assert "import " not in text.replace("@typedef {import", "")
