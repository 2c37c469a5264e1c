"""Snapshots and history: exact copies, at the right steps, that nothing later changes."""

from __future__ import annotations

import os
import shutil
from array import array
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from commands import python
from hypothesis import given
from hypothesis import strategies as st
from strategies import batch_for, nets

import slownet
from slownet import Callback, FormatError, History, Net, NetFactory, Weight
from slownet.datasets import moons
from slownet.recording import snapshot_steps, take

X, Y = moons(40, noise=0.1, seed=2)


class Keep(Callback):
    """Copies the net after every step by other means."""

    def __init__(self) -> None:
        self.nets: dict[int, Net] = {}

    def on_fit_begin(self, training):
        self.nets[0] = training.net.copy()

    def on_step_end(self, training):
        self.nets[training.step] = training.net.copy()


def test_snapshots_are_exact_and_never_alias() -> None:
    net, keep = NetFactory([2, 5, 1], seed=1).new(), Keep()
    history = net.fit(X, Y, epochs=6, batch_size=8, snapshots=10, watch=(X[:3], Y[:3]), callbacks=[keep])
    assert history.snapshots[0].step == 0
    assert history.snapshots[-1].step == 30 == len(history.loss)
    net.fit(X, Y, epochs=3)  # later training must change none of them
    for snapshot in history.snapshots:
        then = keep.nets[snapshot.step]
        assert list(snapshot.weights) == [w.value for w in then.weights()]
        assert snapshot.weight(1, (1, 4)) == then.weight(1, (1, 4)).value
        assert snapshot.bias(1, 3) == then.layers[1].neurons[3].bias
        for index, x in enumerate(X[:3]):
            then.forward(x)
            for layer in (1, 2):
                for neuron in then.layers[layer].neurons.values():
                    assert snapshot.neuron(layer, neuron.id, index) == (neuron.z, neuron.value)
        assert (snapshot.watch_loss, snapshot.watch_accuracy) == then.evaluate(X[:3], Y[:3])[:2]
        assert snapshot.epoch == snapshot.step / 5
    assert history.at(30) is history.snapshots[-1]


def test_watched_samples_are_copies() -> None:
    watched = X[:2].copy()
    net = NetFactory([2, 3, 1], seed=1).new()
    history = net.fit(X, Y, snapshots=2, watch=(watched, Y[:2]))
    watched += 1.0
    assert history.watch.samples == X[:2].tolist()
    assert history.watch.labels == Y[:2].tolist()
    assert history.watch.targets == [[float(y)] for y in Y[:2]]


def test_snapshots_do_not_disturb_training() -> None:
    plain, seen = NetFactory([2, 5, 1], seed=1).new(), NetFactory([2, 5, 1], seed=1).new()
    plain.fit(X, Y, epochs=2, batch_size=5, dropout=0.2, optimizer="adam")
    seen.fit(X, Y, epochs=2, batch_size=5, dropout=0.2, optimizer="adam", snapshots=9, watch=(X, Y))
    assert [w.value for w in plain.weights()] == [w.value for w in seen.weights()]


def test_history_says_which_snapshots_there_are() -> None:
    net = NetFactory([2, 1], seed=1).new()
    history = net.fit(X, Y, epochs=5, batch_size=4, snapshots=[7, 20])
    assert [snapshot.step for snapshot in history.snapshots] == [0, 7, 20, 50]
    with pytest.raises(ValueError, match="no snapshot of step 9: the nearest is of step 7"):
        history.at(9)
    with pytest.raises(ValueError, match="snapshots=100"):
        net.fit(X, Y).at(0)
    assert repr(history).startswith("History(50 steps, 5 epochs, 4 snapshots, loss ")
    assert history.options["batch_size"] == 4
    assert history.options["loss"] == "binary_cross_entropy"


def test_errors_name_what_is_missing_from_a_snapshot() -> None:
    net = NetFactory([2, 3, 1], seed=1, bias=False).new()
    snapshot = net.fit(X, Y, snapshots=2).snapshots[-1]
    with pytest.raises(ValueError, match="no neuron 9 in layer 1"):
        snapshot.neuron(1, 9)
    with pytest.raises(ValueError, match="no watched sample 0: there are 0"):
        snapshot.neuron(1, 0)
    with pytest.raises(ValueError, match="goes to layer 1"):
        snapshot.weight(1, (5, 0))
    with pytest.raises(ValueError, match="the input layer has no biases"):
        snapshot.bias(0, 0)
    with pytest.raises(TypeError, match="step must be an integer"):
        net.fit(X, Y, snapshots=2).at("1")
    with pytest.raises(ValueError, match="the input layer has no z"):
        snapshot.neuron(0, 0)


@given(net=nets(), seed=st.integers(0, 1000))
def test_restore_gives_the_same_bits_back(net: Net, seed: int) -> None:
    samples, _, _ = batch_for(net, 1, seed)
    values = list(net.forward(samples[0]))
    snapshot = take(net)
    for weight in net.weights():
        weight.value = 0.5
    for neuron in net.neurons():
        neuron.bias = 0.5 if neuron.has_bias else 0.0
    snapshot.restore(net)
    assert net.forward(samples[0]) == values


def test_restore_refuses_another_graph() -> None:
    net = NetFactory([2, 3, 1], seed=1).new()
    snapshot = take(net)
    net.weight(1, (0, 0)).remove()
    with pytest.raises(ValueError, match="another graph than the snapshot of step 0"):
        snapshot.restore(net)


@given(net=nets())
def test_matrices_hold_every_weight_once(net: Net) -> None:
    snapshot = take(net)
    layers = sorted(net.layers)
    order = {neuron: k for layer in net for k, neuron in enumerate(layer)}
    found = 0
    for source in layers:
        for target in layers:
            if source >= target:
                continue
            matrix = snapshot.matrix(source, target)
            assert matrix.shape == (len(net.layers[target]), len(net.layers[source]))
            found += np.isfinite(matrix).sum()
    assert found == len(list(net.weights()))
    for weight in net.weights():
        matrix = snapshot.matrix(weight.outgoing.layer.id, weight.incoming.layer.id)
        assert matrix[order[weight.incoming], order[weight.outgoing]] == weight.value


def test_the_graph_of_a_snapshot_is_that_of_its_moment() -> None:
    class Grow(Callback):
        def on_epoch_begin(self, training):
            if training.epoch == 2:
                net = training.net
                Weight(((0, 0), (2, 0)), net.layers[2].neurons[0], net.layers[0].neurons[0], 0.5)

    net = NetFactory([2, 3, 1], seed=1).new()
    history = net.fit(X, Y, epochs=2, batch_size=40, snapshots=3, callbacks=[Grow()])
    assert [len(snapshot.weights) for snapshot in history.snapshots] == [9, 10, 10]
    assert history.snapshots[1].weight(2, ((0, 0), (2, 0))) == 0.5
    assert history.snapshots[1].graph is history.snapshots[2].graph
    with pytest.raises(ValueError, match="goes to layer 2"):
        history.snapshots[0].weight(2, ((0, 0), (2, 0)))


@given(wanted=st.integers(2, 300), total=st.integers(1, 20000))
def test_logarithmic_steps(wanted: int, total: int) -> None:
    steps = snapshot_steps(wanted, total)
    assert steps == sorted(set(steps))
    assert (steps[0], steps[-1]) == (0, total)
    assert len(steps) == min(wanted, total + 1)
    gaps = np.diff(steps)
    assert (gaps[1:-1] >= gaps[:-2] - 1).all()  # never denser later on, but for rounding


def test_listed_steps() -> None:
    assert snapshot_steps([3, 3, 1], 9) == [0, 1, 3, 9]
    assert snapshot_steps(None, 9) == []


def test_snapshots_hold_float64_arrays() -> None:
    snapshot = take(NetFactory([3, 2], seed=0).new())
    assert isinstance(snapshot.weights, array)
    assert snapshot.weights.typecode == "d"


ADDED = {  # one line each: a column of the states of a run, a fact of a run
    "snapshot.py": ("    epoch_correct: int = 0\n", "    extra: float | None = None\n"),
    "history.py": (
        "    classes: list[Any] | None = field(default=None, metadata=FACT)\n",
        '    note: str = field(default="", metadata=FACT)\n',
    ),
}
USE_ADDED = """
import sys
from dataclasses import replace
from pathlib import Path
from slownet import History, NetFactory, recording
from slownet.recording import database, runfile, tables

def check(again):
    assert again.note == "by hand"
    assert [snapshot.state.extra for snapshot in again.snapshots] == [None, 0.5]

net = NetFactory([2, 1], seed=0).new()
history = net.fit([[0.0, 1.0]], [1], snapshots=2, record="a.run", engine="scalar", progress=False)
last = history.snapshots[-1]
history.snapshots[-1] = changed = replace(last, state=replace(last.state, extra=0.5))
history.note = "by hand"
again = History.from_json(history.to_json("a.json"))
check(again)
connection = database.open_for_writing(Path("a.run").absolute())
connection.execute("DELETE FROM snapshots WHERE step = 1")
tables.insert("snapshots", runfile.snapshot_row(changed, 1), connection)
tables.put("note", "by hand", connection)
connection.close()
again = History.open("a.run")
check(again)
print(recording.__file__)
"""


def test_a_column_and_a_fact_of_a_run_are_added_in_one_line_each(tmp_path: Path) -> None:
    package = Path(slownet.__file__).parent
    shutil.copytree(package, tmp_path / "slownet", ignore=shutil.ignore_patterns("__pycache__"))
    for name, (before, line) in ADDED.items():
        module = tmp_path / "slownet" / "recording" / name
        text = module.read_text(encoding="utf-8")
        assert text.count(before) == 1
        module.write_text(text.replace(before, before + line), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    assert python(USE_ADDED, cwd=tmp_path, env=environment).startswith(str(tmp_path))


@pytest.mark.parametrize("open_file", [slownet.History.open, slownet.History.from_json, slownet.load])
def test_a_file_in_the_place_of_a_folder_is_not_missing(open_file, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1", encoding="utf-8")
    with pytest.raises(slownet.FileError, match="Not a directory") as caught:
        open_file(tmp_path / "a.csv" / "x")
    assert not isinstance(caught.value, slownet.MissingFileError)
    with pytest.raises(slownet.MissingFileError):
        open_file(tmp_path / "nowhere" / "x")


def test_snapshots_of_another_run_are_refused(tmp_path: Path) -> None:
    """Of one that has taken the place of the run since it was opened."""
    for name, rate in (("a", 0.1), ("b", 0.2)):
        net = NetFactory([2, 3, 1], seed=0).new()
        X, y = [[0.0, 1.0], [1.0, 0.5]], [0, 1]
        path = tmp_path / f"{name}.run"
        net.fit(X, y, epochs=4, learning_rate=rate, snapshots=3, record=path, progress=False)
    history = History.open(tmp_path / "a.run")
    (tmp_path / "b.run").replace(tmp_path / "a.run")
    for use in (lambda: history.snapshots[0], lambda: list(history.snapshots), history.restore):
        with pytest.raises(FormatError, match=r"a\.run: another run has taken its place"):
            use()


def test_a_run_that_is_opened_before_its_first_step_stays_open(tmp_path: Path) -> None:
    """Its snapshots are read when it goes on."""
    path = tmp_path / "a.run"

    class Reader(Callback):
        history: History | None = None

        def on_step_end(self, training: object) -> None:
            while self.history is None:
                with suppress(FormatError):  # before the first commit
                    self.history = History.open(path)

    reader = Reader()
    net = NetFactory([2, 3, 1], seed=0).new()
    options = {"epochs": 4, "snapshots": 3, "record": path, "callbacks": reader}
    net.fit([[0.0, 1.0], [1.0, 0.5]], [0, 1], progress=False, **options)
    assert reader.history is not None
    assert not reader.history.loss
    assert [snapshot.step for snapshot in reader.history.snapshots] == [0]
