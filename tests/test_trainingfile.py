"""Training files: the same history back, whole files or none, and errors that say what and where."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from dataclasses import replace
from math import inf, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bits import bits, record, state
from hostile import written
from hypothesis import given, settings
from hypothesis import strategies as st
from json_files import TRAINING, everything_of_history, rich_net, small_training
from small_trainings import OPTIONS, StopAt, X, Y, new_net
from strategies import MAY_HARDLY_LEARN, given_data, nets, trainings

from slownet import (
    Activation,
    Callback,
    DivergedError,
    FormatError,
    History,
    InvalidTypeError,
    InvalidValueError,
    Loss,
    NetFactory,
    Optimizer,
)
from slownet.recording import Watch, take
from slownet.recording.graph_writing import graph_to_plain


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trainings") / "training.json"


def there_and_back(history: History, file: Path, formulas: Any = ()) -> History:
    """Write a history, validate the file against the schema, and read it."""
    assert history.to_json(file) == file
    TRAINING.validator.validate(json.loads(file.read_text(encoding="utf-8")))
    again = History.from_json(file, formulas)
    assert everything_of_history(again) == everything_of_history(history)
    text = file.read_bytes()
    again.to_json(file)
    assert file.read_bytes() == text
    return again


# The same history back


def test_a_loss_that_was_added_by_hand_is_noticed(tmp_path: Path) -> None:
    file, run = tmp_path / "a.json", tmp_path / "a.run"
    trained = new_net().fit(X, Y, **{**OPTIONS, "record": run})
    trained.to_json(file)
    for history in (trained, History.open(run), History.from_json(file)):
        last = history.last_step
        history.loss.append(1.0)
        history.accuracy.append(1.0)
        assert history.last_step == last
        with pytest.raises(InvalidValueError, match=f"{last + 1} numbers for {last} steps: it has been"):
            history.to_json(tmp_path / "b.json")


@pytest.mark.long
@MAY_HARDLY_LEARN
@given(training=trainings())
def test_every_training_comes_back(training: Any, file: Path) -> None:
    net, X, y, options = training
    try:
        history = net.fit(X, y, **options)
    except DivergedError:
        return
    again = there_and_back(history, file)
    assert (again.net, again.path) == (None, None)
    if history.snapshots:
        twin = again.snapshots[-1].restore()
        assert bits(w.value for w in twin.weights()) == bits(w.value for w in net.weights())
        assert [w.frozen for w in twin.weights()] == [w.frozen for w in net.weights()]
        after = [[n.bias_frozen for layer in list(each)[1:] for n in layer] for each in (twin, net)]
        assert after[0] == after[1]


@MAY_HARDLY_LEARN
@settings(max_examples=max(50, settings.default.max_examples // 4))
@given(training=trainings(), data=st.data())
def test_rewind_from_a_file_gives_the_same_bits(training: Any, data: Any, file: Path) -> None:
    net, X, y, options = training
    try:
        history = net.fit(X, y, **{**options, "snapshots": 4})
    except DivergedError:
        return
    again = there_and_back(history, file)
    step = data.draw(st.integers(0, history.last_step))
    whole = given_data(X, y, options)
    assert state(again.rewind(step, whole)) == state(history.rewind(step, whole))


@pytest.mark.long
@given(net=nets(), seed=st.integers(0, 2**32), data=st.data())
def test_every_float_comes_back(net: Any, seed: int, data: st.DataObject, file: Path) -> None:
    finite = st.floats(allow_nan=False, allow_infinity=False)
    for weight in net.weights():
        weight.value = data.draw(finite)
    inputs = len(net.inputs)
    remembered = {w: (data.draw(finite), data.draw(finite)) for w in list(net.weights())[::2]}
    snapshot = take(net, 3, data.draw(finite), [[0.5] * inputs], memory=remembered)
    outputs = len(net.outputs)
    history = History(
        snapshots=[replace(snapshot, zs=[snapshot.biases], values=[snapshot.biases])],
        watch=Watch([[data.draw(finite)] * inputs], [1], [[data.draw(finite)] * outputs]),
        start=3,
        loss=[data.draw(finite)],
    )
    there_and_back(history, file)


def test_graphs_of_every_kind_come_back(file: Path) -> None:
    net = rich_net()
    snapshot = take(net, memory=dict.fromkeys(list(net.weights())[:4], (0.5, -0.0)))
    inputs, outputs = [[1.0, 2.0, -0.0]], [[0.0, 1.0]]
    watched = replace(snapshot, zs=[snapshot.biases], values=[snapshot.biases])
    again = there_and_back(
        History(snapshots=[watched], watch=Watch(inputs, ["größe \ud800"], outputs)), file
    )
    assert graph_to_plain(again.snapshots[0].graph) == graph_to_plain(snapshot.graph)
    assert "größe" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
def test_a_graph_that_changes_during_training(engine: str, file: Path) -> None:
    class Prune(Callback):
        def on_step_end(self, training):
            if training.step in (4, 20):
                next(iter(training.net.weights())).remove()
                next(iter(training.net.weights())).frozen = True

    history = new_net().fit(X, Y, callbacks=Prune(), engine=engine, **OPTIONS, snapshots=9)
    again = there_and_back(history, file)
    assert [len(s.weights) for s in again.snapshots][:: len(again.snapshots) - 1] == [34, 32]
    assert file.read_text(encoding="utf-8").count('"graph"') == 3
    assert file.read_text(encoding="utf-8").count('"frozen"') > 3


@pytest.mark.parametrize("more", [{}, {"snapshots": 2}, {"snapshots": [3], "watch": (X[:2], Y[:2])}])
def test_what_was_not_kept_is_not_there(more: dict[str, Any], file: Path) -> None:
    history = new_net().fit(X, Y, **OPTIONS, **more)
    again = there_and_back(history, file)
    assert len(again.snapshots) == len(history.snapshots)
    assert len(again.watch.samples) == (2 if "watch" in more else 0)


def test_the_smallest_histories(file: Path) -> None:
    there_and_back(History(), file)
    there_and_back(History(watch=Watch([[1.0, 2.0]], ["a"], [[0.0]])), file)
    there_and_back(History(start=5, loss=[0.5], parent={"id": "x", "step": 5}), file)


def test_many_steps_stand_on_several_lines(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slownet.recording.training_writing.AT_ONCE", 10)
    history = new_net().fit(X, Y, **OPTIONS)
    there_and_back(history, file)
    assert [line["first"] for line in json.loads(file.read_text())["steps"]] == [1, 11, 21]


def test_text_classes_and_regression(file: Path) -> None:
    labels = ["left" if y else "rechts ↯" for y in Y]
    history = (
        NetFactory([2, 3, 2], seed=1)
        .new()
        .fit(X, labels, snapshots=3, watch=(X[:4], labels[:4]), **OPTIONS)
    )
    again = there_and_back(history, file)
    assert again.classes == ["left", "rechts ↯"]
    assert again.snapshots[0].restore().classes == again.classes
    net = NetFactory([2, 3, 2], output_activation="linear", seed=1).new()
    history = net.fit(X, X, snapshots=3, watch=(X[:4], X[:4]), **OPTIONS)
    again = there_and_back(history, file)
    assert again.accuracy == []
    assert again.watch.labels == X[:4].tolist()


def test_own_formulas_must_be_given_again(file: Path) -> None:
    squash = Activation(
        "squash", lambda z: z / (1.0 + abs(z)), lambda z, a: (1.0 - abs(a)) * (1.0 - abs(a))
    )
    halving = Optimizer("halving", lambda v, g, first, second, rate, c: (v - 0.5 * rate * g, g, second))
    gap = Loss("gap", lambda a, y: (a - y) * (a - y), lambda a, y: 2.0 * (a - y))
    net = NetFactory([2, 3, 1], squash, seed=1).new()
    options = {**OPTIONS, "optimizer": halving, "loss": gap, "engine": "scalar", "snapshots": 3}
    history = net.fit(X, Y, **options)
    again = there_and_back(history, file, [squash, halving, gap])
    assert state(again.rewind(5, (X, Y))) == state(history.rewind(5, (X, Y)))
    with pytest.raises(
        FormatError, match=r"\.graph, layers\[1\].*give it as formulas=\[squash\]|squash"
    ):
        History.from_json(file)


def test_runs_branches_and_interruptions(tmp_path: Path) -> None:
    run, file = tmp_path / "a.run", tmp_path / "a.json"
    options = {**OPTIONS, "snapshots": 9, "watch": (X[:4], Y[:4]), "validation_data": (X[:9], Y[:9])}
    options["source"] = {"name": "moons", "noise": 0.2}
    history = new_net().fit(X, Y, record=run, **options)
    opened = History.open(run)
    again = there_and_back(opened, file)
    assert record(again) == record(history)
    assert again.data == history.data
    assert set(again.versions) >= {"slownet", "python"}
    assert again.created
    for step in (1, 13, 27):
        assert state(again.rewind(step, (X, Y))) == state(history.rewind(step, (X, Y)))
    branch = again.branch(10, (X, Y), record=tmp_path / "b.run", validation_data=(X[:9], Y[:9]))
    for each in (branch, History.open(tmp_path / "b.run")):
        found = there_and_back(each, file)
        assert (found.start, found.parent) == (10, {"id": history.id, "step": 10})
    cut = new_net().fit(X, Y, record=tmp_path / "c.run", callbacks=StopAt(11), **options)
    assert cut.ended == "interrupted"
    assert there_and_back(cut, file).ended == "interrupted"
    there_and_back(History.open(tmp_path / "c.run"), file)


def test_gzip(tmp_path: Path) -> None:
    history = new_net().fit(X, Y, snapshots=9, watch=(X, Y), **OPTIONS)
    plain, packed = tmp_path / "a.json", tmp_path / "a.json.gz"
    history.to_json(plain)
    history.to_json(packed)
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    assert packed.stat().st_size < plain.stat().st_size / 2
    assert everything_of_history(History.from_json(packed)) == everything_of_history(history)
    assert packed.read_bytes()[3:8] == bytes(5)  # no name and no time
    packed.rename(tmp_path / "odd")  # what it is, not what it is called
    assert everything_of_history(History.from_json(tmp_path / "odd")) == everything_of_history(history)


# What cannot be written, and what is there then


def snapshot_with(**changes: Any) -> History:
    snapshot = take(new_net(), 7, samples=[[0.5, 0.5]], memory={})
    for name, number in changes.items():
        owner = snapshot.state if name in ("first", "second") else snapshot
        array = getattr(owner, name)
        (array[0] if name in ("zs", "values") else array)[1] = number
    return History(snapshots=[snapshot], start=7)


@pytest.mark.parametrize("number", [nan, inf, -inf])
@pytest.mark.parametrize("name", ["weights", "biases", "zs", "values", "first", "second"])
def test_what_is_not_finite_is_refused_and_the_old_file_stays(name, number, tmp_path: Path) -> None:
    path = tmp_path / "training.json"
    if name in ("first", "second") and number != number:
        return  # that is what is not remembered
    path.write_text("old")
    with pytest.raises(InvalidValueError, match="the snapshot of step 7.* nan or infinite"):
        snapshot_with(**{name: number}).to_json(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("history", "where"),
    [
        (History(loss=[nan]), "steps: "),
        (History(config={"l1": inf}), "config: "),
        (History(watch=Watch([[nan]], [1], [[1.0]])), "values: "),
        (History(watch=Watch([[1.0]], [1], [[inf]])), "targets: "),
        (History(classes=[1.0, nan]), r"classes\[1\]"),
    ],
)
def test_other_numbers_that_are_not_finite_are_refused(history, where, tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match=where):
        history.to_json(tmp_path / "a.json.gz")
    assert not list(tmp_path.iterdir())


def test_labels_that_no_file_can_hold_are_refused(tmp_path: Path) -> None:
    for history in (History(classes=[(1, 2), 3]), History(watch=Watch([[1.0]], [b"a"], [[1.0]]))):
        with pytest.raises(InvalidTypeError, match=r"classes\[0\]|labels: .*bytes"):
            history.to_json(tmp_path / "a.json")
    history = History(classes=[np.int64(3), np.str_("a")])
    assert History.from_json(history.to_json(tmp_path / "a.json")).classes == [3, "a"]


# What it takes


@pytest.mark.long
def test_a_large_run_is_never_held_as_a_whole(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 200)), rng.integers(0, 10, 30)
    net = NetFactory([200, 50, 10], seed=0).new()
    options = {**OPTIONS, "epochs": 9, "snapshots": 24, "watch": (X[:9], y[:9])}
    net.fit(X, y, record=tmp_path / "a.run", **options)
    history = History.open(tmp_path / "a.run")
    snapshot = history.snapshots[-1]
    size = 8 * (len(snapshot.weights) * 3 + len(snapshot.biases) * (3 + 9 * 2))
    there_and_back(history, tmp_path / "b.json")  # what is loaded only once is loaded
    for name in ("a.json", "a.json.gz"):
        tracemalloc.start()
        history.to_json(tmp_path / name)
        written_with = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert written_with < 3 * size + 2_500_000 < 24 * size  # 2.5 MB for the graph
    tracemalloc.start()
    found = History.from_json(tmp_path / "a.json")
    read_with = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read_with < 1.1 * 24 * size + 6_000_000 < 2.5 * 24 * size
    assert len(found.snapshots) == 24


# What is wrong with a file, and where


def test_the_small_file_is_good(file: Path) -> None:
    history = History.from_json(written(file, small_training()))
    first, second, third = history.snapshots
    assert list(first.weights) == [1.0, 2.0, 3.0, 1.0, 5.0, 2.0]
    assert first.state.frozen == {2, 6 + 2}
    assert str(list(first.state.first)) == "[0.5, nan, 1.5, 0.0, nan, nan, 0.5, nan, nan]"
    assert list(second.weights) == [1.0, 2.0, 0.125, 3.0, 1.0, 5.0, 2.0]
    assert second.state.first is None
    assert third.graph is second.graph is not first.graph
    assert third.neuron(1, 1) == (-2.0, 0.0)
    history.to_json(file)
    expected = small_training()
    expected["steps"] = [{"first": 5, "loss": [0.5, 0.25, 0.125]}]
    assert json.loads(file.read_text()) == expected


def test_what_others_depend_on_stands_first(file: Path) -> None:
    values = small_training()
    for key, needed in (("steps", "start"), ("training_states", "labels")):
        wrong = {name: values[name] for name in ("format", key)}
        with pytest.raises(FormatError, match=f"expected '(start|{needed})' before '{key}'"):
            History.from_json(written(file, wrong))
    first = values["training_states"][0]
    first["graph"] = first.pop("graph")
    with pytest.raises(FormatError, match="expected 'graph' before 'layers'"):
        History.from_json(written(file, values))
