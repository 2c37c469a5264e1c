"""Training files: the same history back, whole files or none, and errors that say what and where."""

from __future__ import annotations

import copy
import gzip
import json
import sys
import tracemalloc
from dataclasses import replace
from importlib import resources
from math import inf, nan
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import referencing
from bits import bits, record, state
from hostile import MANY, check_refused_quickly, mutated_bytes, mutated_values, put, written
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import nets
from test_netfile import rich_net
from test_replaying import OPTIONS, StopAt, X, Y, new_net, trainings

from slownet import (
    Activation,
    Callback,
    DivergedError,
    FileError,
    FormatError,
    History,
    InvalidTypeError,
    InvalidValueError,
    Loss,
    MissingFileError,
    NetFactory,
    Optimizer,
)
from slownet.recording import Watch, json_stream, take
from slownet.recording.graph_writing import graph_to_plain

SCHEMAS = resources.files("slownet.recording") / "schemas"
NET, TRAINING = (
    json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    for name in ("net", "training")
)
VALIDATOR = jsonschema.Draft202012Validator(
    TRAINING,
    registry=referencing.Registry().with_resource(NET["$id"], referencing.Resource.from_contents(NET)),
)
NAMES = (
    "config",
    "classes",
    "target_kind",
    "data",
    "start",
    "id",
    "parent",
    "source",
    "versions",
    "ended",
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trainings") / "training.json"


def whole(history: History) -> dict[str, Any]:
    """Everything that a file keeps of a history."""
    graphs: list[Any] = []
    for snapshot in history.snapshots:
        if not graphs or snapshot.graph is not graphs[-1][1]:
            graphs.append((graph_to_plain(snapshot.graph), snapshot.graph, snapshot.step))
    names = {name: getattr(history, name) for name in (*NAMES, "created")}
    return {
        **record(history),
        **json.loads(json.dumps(names)),
        "seconds": bits(epoch.seconds for epoch in history.epochs),
        "graphs": [(graph, step) for graph, _, step in graphs],
        "samples": [bits(sample) for sample in history.watch.samples],
        "targets": [bits(target) for target in history.watch.targets],
        "labels": [(type(label), label) for label in history.watch.labels],
    }


def there_and_back(history: History, file: Path, formulas: Any = ()) -> History:
    """Write a history, validate the file against the schema, and read it."""
    assert history.to_json(file) == file
    VALIDATOR.validate(json.loads(file.read_text(encoding="utf-8")))
    again = History.from_json(file, formulas)
    assert whole(again) == whole(history)
    text = file.read_bytes()
    again.to_json(file)
    assert file.read_bytes() == text
    return again


# The same history back


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


@settings(max_examples=50)
@given(training=trainings(), data=st.data())
def test_rewind_from_a_file_gives_the_same_bits(training: Any, data: Any, file: Path) -> None:
    net, X, y, options = training
    try:
        history = net.fit(X, y, **{**options, "snapshots": 4})
    except DivergedError:
        return
    again = there_and_back(history, file)
    step = data.draw(st.integers(0, history.last_step))
    assert state(again.rewind(step, (X, y))) == state(history.rewind(step, (X, y)))


@given(net=nets(), seed=st.integers(0, 2**32), data=st.data())
def test_every_float_comes_back(net: Any, seed: int, data: st.DataObject, file: Path) -> None:
    finite = st.floats(allow_nan=False, allow_infinity=False)
    for weight in net.weights():
        weight.value = data.draw(finite)
    inputs = len(net.layers[min(net.layers)])
    remembered = {w: (data.draw(finite), data.draw(finite)) for w in list(net.weights())[::2]}
    snapshot = take(net, 3, data.draw(finite), [[0.5] * inputs], memory=remembered)
    outputs = len(net.layers[max(net.layers)])
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
    assert whole(History.from_json(packed)) == whole(history)
    assert packed.read_bytes()[3:8] == bytes(5)  # no name and no time
    packed.rename(tmp_path / "odd")  # what it is, not what it is called
    assert whole(History.from_json(tmp_path / "odd")) == whole(history)


def test_files_that_other_programs_wrote_again_are_read(file: Path) -> None:
    history = new_net().fit(X, Y, snapshots=3, watch=(X[:2], Y[:2]), **OPTIONS)
    history.to_json(file)
    values = json.loads(file.read_text(encoding="utf-8"))
    for text in (
        json.dumps(values, sort_keys=True),
        "\ufeff" + json.dumps(values, indent=1).replace("\n", "\r\n"),
        json.dumps(values, separators=(",", ":")).replace("-0.0,", "-0,"),
    ):
        file.write_bytes(text.encode())
        assert whole(History.from_json(file)) == whole(history)


def test_values_larger_than_what_is_read_at_a_time(file: Path, monkeypatch) -> None:
    history = new_net().fit(X, Y, snapshots=2, watch=(X[:2], Y[:2]), **OPTIONS)
    history.to_json(file)
    for size in (1, 7, 50):
        monkeypatch.setattr(json_stream, "PIECE", size)
        assert whole(History.from_json(file)) == whole(history)


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


def test_paths(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        History.from_json(tmp_path / "none.json")
    for call in (History.from_json, History().to_json):
        with pytest.raises(FileError, match="directory"):
            call(tmp_path)
        with pytest.raises(InvalidTypeError, match="path must be a path"):
            call(3)


# What it takes


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


def small() -> dict[str, Any]:
    """A small training file as plain values: two graphs, a gap, memory, a frozen weight, a branch."""
    graph = {
        "seed": 3,
        "loss": {"name": "huber", "delta": 2.0},
        "classes": None,
        "layers": [
            {"id": 0, "activation": None, "neurons": [{"id": 0}, {"id": 2}]},
            {
                "id": 1,
                "activation": {"name": "relu"},
                "neurons": [
                    {"id": 0, "sources": {"layer": 0}},
                    {"id": 1, "sources": [[0, 2]], "has_bias": False},
                ],
            },
            {
                "id": 2,
                "activation": {"name": "linear"},
                "neurons": [{"id": 0, "sources": [[1, 0], [0, 2], [1, 1]]}],
            },
        ],
    }
    other = copy.deepcopy(graph)
    other["layers"][1]["neurons"][1]["sources"] = {"layer": 0}
    first = {
        "step": 4, "epoch": 2.0, "watch_loss": 0.5, "watch_accuracy": None,
        "epoch_loss_sum": 0.25, "epoch_correct": 0,
        "graph": graph,
        "layers": [
            {"id": 1, "biases": [0.5, 0.0], "first": [0.5, None], "second": [0.25, None]},
            {"id": 2, "biases": [-1.5], "first": [None], "second": [None]},
        ],
        "synapses": [
            {
                "between": [0, 1],
                "weights": [[1.0, 2.0], [None, 3.0]],
                "first": [[0.5, None], [None, 1.5]],
                "second": [[0.5, None], [None, 1.5]],
                "frozen": [[], [1]],
            },
            {"between": [1, 2], "weights": [[1.0, 2.0]], "first": [[0.0, None]],
             "second": [[0.0, None]]},
            {"between": [0, 2], "weights": [[None, 5.0]], "first": [[None, None]],
             "second": [[None, None]]},
        ],
        "neurons": [
            [{"layer": 1, "pairs": [[1.0, 1.0], [-2.0, 0.0]]}, {"layer": 2, "pairs": [[0.5, 0.5]]}]
        ],
    }  # fmt: skip
    second = copy.deepcopy(first)
    second |= {"step": 6, "graph": other}
    for matrix in second["synapses"]:
        for name in ("first", "second", "frozen"):
            matrix.pop(name, None)
    for layer in second["layers"]:
        del layer["first"], layer["second"]
    second["synapses"][0]["weights"][1][0] = 0.125
    third = {**copy.deepcopy(second), "step": 7}
    del third["graph"]
    epoch = {"epoch": 2, "step": 4, "loss": 0.5, "accuracy": None, "seconds": 0.5}
    return {
        "format": "slownet training",
        "version": 1,
        "slownet": "0.1.0",
        "id": "abc",
        "parent": {"id": "abd", "step": 4},
        "created": "",
        "versions": {"python": "3.11"},
        "ended": "finished",
        "source": None,
        "config": {"epochs": 3, "optimizer": {"name": "adam", "beta1": 0.9}, "regularizers": []},
        "data": {"samples": 4},
        "target_kind": "number",
        "start": 4,
        "classes": None,
        "labels": [[0.5]],
        "steps": [{"first": 5, "loss": [0.5, 0.25]}, {"first": 7, "loss": [0.125]}],
        "epochs": [{**epoch, "validation_loss": 0.5, "validation_accuracy": None}],
        "input_neurons": [
            {"layer": 0, "id": 0, "values": [0.5]},
            {"layer": 0, "id": 2, "values": [-1.5]},
        ],
        "training_states": [first, second, third],
        "output_neurons": [{"layer": 2, "id": 0, "targets": [0.5]}],
    }


def test_the_small_file_is_good(file: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(TRAINING)
    VALIDATOR.validate(small())
    history = History.from_json(written(file, small()))
    first, second, third = history.snapshots
    assert list(first.weights) == [1.0, 2.0, 3.0, 1.0, 5.0, 2.0]
    assert first.state.frozen == {2}
    assert str(list(first.state.first)) == "[0.5, nan, 1.5, 0.0, nan, nan, 0.5, nan, nan]"
    assert list(second.weights) == [1.0, 2.0, 0.125, 3.0, 1.0, 5.0, 2.0]
    assert second.state.first is None
    assert third.graph is second.graph is not first.graph
    assert third.neuron(1, 1) == (-2.0, 0.0)
    history.to_json(file)
    expected = small()
    expected["steps"] = [{"first": 5, "loss": [0.5, 0.25, 0.125]}]
    assert json.loads(file.read_text()) == expected


STATE = "training_states[0]"
WRONG = [  # where, what to put there, where the message says it is, what it says
    ("format", "png", "training.json: ", '"format": "slownet training", found \'png\''),
    ("format", ..., "training.json: ", "'format'"),
    ("version", 2, "version: ", "a newer slownet reads it"),
    ("version", 0, "version: ", "an integer of at least 1, found 0"),
    ("slownet", 1, "slownet: ", "a text, found 1"),
    ("extra", 1, "training.json: ", "found 'extra'"),
    ("id", 3, "id: ", "a text, found 3"),
    ("id", ..., "training.json: ", "the key 'id'"),
    ("parent", {"id": "a"}, "parent: ", "the key 'step'"),
    ("parent.step", 1.5, "parent.step: ", "found 1.5"),
    ("versions.python", 3, "versions.python: ", "a text, found 3"),
    ("config", [], "config: ", "an object, found a list"),
    ("config.optimizer.beta1", nan, "config.optimizer.beta1: ", "found nan"),
    ("config.regularizers", [[{}, -inf]], "config.regularizers[0][1]: ", "found -inf"),
    ("target_kind", "aim", "target_kind: ", "one of class"),
    ("start", True, "start: ", "an integer of at least 0, found true"),
    ("start", -1, "start: ", "at least 0, found -1"),
    ("start", 5, "steps[0].first: ", "from 6 to 6, found 5"),
    ("classes", ["a", "a"], "classes: ", "different class labels"),
    ("labels", [{}], "labels[0]: ", "found an object"),
    ("labels", [inf], "labels[0]: ", "found inf"),
    ("labels", [], f"{STATE}.neurons: ", "0 watched samples, found more"),
    ("labels", [1, 2], f"{STATE}.neurons: ", "2 watched samples, found 1"),
    ("steps.1.first", 8, "steps[1].first: ", "from 7 to 7, found 8"),
    ("steps.0.loss.1", None, "steps[0].loss[1]: ", "found null"),
    ("steps.1.accuracy", [1.0], "steps[1]: ", "for all steps or for none"),
    ("epochs.0.step", "4", "epochs[0].step: ", "found '4'"),
    ("epochs.0.seconds", None, "epochs[0].seconds: ", "found null"),
    ("epochs.0.more", 1, "epochs[0]: ", "found 'more'"),
    ("input_neurons.1.id", 0, "input_neurons[1].id: ", "at least 1, found 0"),
    ("input_neurons.1.id", 3, "input_neurons: ", "the 2 neurons of layer 0"),
    ("input_neurons.1.values", [], "input_neurons[1].values: ", "1 numbers, found 0"),
    ("input_neurons", ..., "training.json: ", "the key 'input_neurons'"),
    ("input_neurons", [], "input_neurons: ", "the 2 neurons of layer 0"),
    ("output_neurons.0.layer", 1, "output_neurons: ", "neurons of layer 2"),
    ("output_neurons.0.targets.0", nan, "output_neurons[0].targets[0]: ", "found nan"),
    ("training_states.0.step", 3, f"{STATE}.step: ", "at least 4, found 3"),
    ("training_states.1.step", 4, "training_states[1].step: ", "at least 5, found 4"),
    ("training_states.0.epoch_loss_sum", inf, f"{STATE}.epoch_loss_sum: ", "found inf"),
    ("training_states.0.epoch_correct", 1.0, f"{STATE}.epoch_correct: ", "found 1.0"),
    ("training_states.0.watch_loss", "a", f"{STATE}.watch_loss: ", "found 'a'"),
    ("training_states.0.extra", 1, f"{STATE}: ", "found 'extra'"),
    ("training_states.0.graph", ..., f"{STATE}: ", "expected 'graph' before 'layers'"),
    ("training_states.0.graph.layers", [], f"{STATE}.graph.layers: ", "at least two layers"),
    ("training_states.0.graph.loss", {"name": "x"}, f"{STATE}.graph, loss: ", "unknown loss"),
    ("training_states.0.graph.layers.1.id", 0, f"{STATE}.graph.layers[1].id: ", "at least 1"),
    ("training_states.0.graph.layers.1.neurons.0.bias", 0,
     f"{STATE}.graph.layers[1].neurons[0]: ", "found 'bias'"),
    ("training_states.1.graph", ..., "training_states[1].synapses[0].weights[1]: ", "expected null"),
    ("training_states.0.layers.0.id", 2, f"{STATE}.layers[0].id: ", "from 1 to 1, found 2"),
    ("training_states.0.layers.1", ..., f"{STATE}.layers: ", "expected 2 layers, found 1"),
    ("training_states.0.layers.0.biases.1", None, f"{STATE}.layers[0].biases[1]: ", "found null"),
    ("training_states.0.layers.1.first", ..., f"{STATE}.layers[1]: ", "the same keys as before"),
    ("training_states.0.synapses.0.between", [0, 5], f"{STATE}.synapses[0].between: ", "two layers"),
    ("training_states.0.synapses.1.between", [0, 1], f"{STATE}.synapses[1].between: ", "two layers"),
    ("training_states.0.synapses.0.between", ..., f"{STATE}.synapses[0]: ", "'between' before"),
    ("training_states.0.synapses.2", ..., f"{STATE}.synapses: ", "the layers (0, 2) too"),
    ("training_states.0.synapses.0.weights.1", ..., f"{STATE}.synapses[0].weights: ", "2 rows, found 1"),
    ("training_states.0.synapses.0.weights.0", [1], f"{STATE}.synapses[0].weights[0]: ", "2 numbers"),
    ("training_states.0.synapses.0.weights.0.1", None, f"{STATE}.synapses[0].weights[0]: ", "a number"),
    ("training_states.0.synapses.0.weights.1.0", 1, f"{STATE}.synapses[0].weights[1]: ", "null"),
    ("training_states.0.synapses.0.weights.1.1", nan,
     f"{STATE}.synapses[0].weights[1][1]: ", "found nan"),
    ("training_states.0.synapses.0.weights", ..., f"{STATE}: ", "expected 'weights' in all"),
    ("training_states.0.synapses.0.first", ..., f"{STATE}: ", "expected 'first' in all"),
    ("training_states.0.synapses.0.first.0.0", None, f"{STATE}: ", "null at the same places"),
    ("training_states.1.synapses.0.first", [[1, 1], [1, 1]], "training_states[1]: ", "'first' in none"),
    ("training_states.0.synapses.0.frozen.1", [0], f"{STATE}.synapses[0].frozen[1][0]: ", "the column"),
    ("training_states.0.synapses.0.frozen", [], f"{STATE}.synapses[0].frozen: ", "2 rows, found 0"),
    ("training_states.0.neurons.0", [], f"{STATE}.neurons[0]: ", "2 layers, found 0"),
    ("training_states.0.neurons.0.0.pairs.1", [1.0], f"{STATE}.neurons[0][0].pairs[1]: ", "2 numbers"),
    ("training_states.0.neurons.0.0.pairs", [], f"{STATE}.neurons[0][0].pairs: ", "2 neurons, found 0"),
    ("training_states.0.neurons.0.0.pairs.1.0", inf,
     f"{STATE}.neurons[0][0].pairs[1][0]: ", "found inf"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "new", "where", "what"), WRONG, ids=lambda part: str(part)[:50])
def test_errors_say_what_is_wrong_and_where(path, new, where, what, file: Path) -> None:
    with pytest.raises(FormatError) as caught:
        History.from_json(written(file, put(small(), path, new)))
    message = str(caught.value)
    assert message.startswith(str(file))
    assert where in message
    assert what in message
    assert len(message) < len(str(file)) + 700


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda text: text + b" {}", "(line 1): expected the end of the file"),
        (lambda text: b"\x89PNG", "found the byte 89"),
        (lambda text: text.replace(b'"format"', b'"id"', 1), "the key 'id' stands there twice"),
        (lambda text: text.replace(b'"step": 6', b'"step": 6, "step": 6'), "'step' stands there twice"),
        (lambda text: text.replace(b"0.125", b"1e999"), "found inf"),
        (lambda text: text.replace(b"0.125", b"9" * 400), "found one of 400 digits"),
        (lambda text: gzip.compress(text) + b"more", "the compressed file is damaged"),
        (lambda text: gzip.compress(text)[:-8] + bytes(8), "the compressed file is damaged"),
    ],
)
def test_texts_that_are_no_training_files(change, what, file: Path) -> None:
    file.write_bytes(change(json.dumps(small()).encode()))
    with pytest.raises(FormatError) as caught:
        History.from_json(file)
    assert what in str(caught.value)


def test_what_others_depend_on_stands_first(file: Path) -> None:
    values = small()
    for key, needed in (("steps", "start"), ("training_states", "labels")):
        wrong = {name: values[name] for name in ("format", key)}
        with pytest.raises(FormatError, match=f"expected '(start|{needed})' before '{key}'"):
            History.from_json(written(file, wrong))
    first = values["training_states"][0]
    first["graph"] = first.pop("graph")
    with pytest.raises(FormatError, match="expected 'graph' before 'layers'"):
        History.from_json(written(file, values))


def load_or_refuse(file: Path) -> None:
    """A file is either a history, whole and written alike again, or a FormatError."""
    try:
        history = History.from_json(file)
    except FormatError as error:
        assert str(error).startswith(str(file))  # noqa: PT017
        return
    for snapshot in history.snapshots:
        snapshot.restore().copy()
    again = file.with_name("again.json")
    history.to_json(again)
    VALIDATOR.validate(json.loads(again.read_text(encoding="utf-8")))
    assert whole(History.from_json(again)) == whole(history)


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_cut_off_at_any_byte_is_refused(packed: bool, tmp_path: Path) -> None:
    path = tmp_path / ("small.json.gz" if packed else "small.json")
    History.from_json(written(path, small())).to_json(path)
    text = path.read_bytes()
    for size in range(len(text) - (0 if packed else 2)):  # without the last line break it is whole
        path.write_bytes(text[:size])
        with pytest.raises(FormatError) as caught:
            History.from_json(path)
        assert str(caught.value).startswith(str(path))


@MANY
@given(data=st.data())
def test_mutated_values_are_a_history_or_refused(data: st.DataObject, file: Path) -> None:
    load_or_refuse(written(file, mutated_values(data, small())))


@given(data=st.data())
def test_mutated_states_are_a_history_or_refused(data: st.DataObject, file: Path) -> None:
    values = small()
    mutated_values(data, values["training_states"])
    load_or_refuse(written(file, values))


@MANY
@given(data=st.data())
def test_mutated_bytes_are_a_history_or_refused(data: st.DataObject, file: Path) -> None:
    text = json.dumps(small(), indent=data.draw(st.sampled_from([None, 1]))).encode()
    file.write_bytes(mutated_bytes(data, text))
    load_or_refuse(file)


@given(data=st.data())
def test_mutated_packed_bytes_are_a_history_or_refused(data: st.DataObject, file: Path) -> None:
    text = gzip.compress(json.dumps(small()).encode(), mtime=0)
    file.write_bytes(mutated_bytes(data, text))
    load_or_refuse(file)


@given(data=st.data())
def test_mutated_lines_are_a_history_or_refused(data: st.DataObject, file: Path) -> None:
    History.from_json(written(file, small())).to_json(file)
    lines = file.read_bytes().splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 2))):
        place, other = data.draw(st.tuples(*[st.integers(0, len(lines) - 1)] * 2))
        match data.draw(st.sampled_from(["delete", "double", "swap"])):
            case "delete" if len(lines) > 1:
                del lines[place]
            case "double":
                lines.insert(other, lines[place])
            case _:
                lines[place], lines[other] = lines[other], lines[place]
    file.write_bytes(b"".join(lines))
    load_or_refuse(file)


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(file: Path, text: bytes) -> None:
    for start in (b"", b"\x1f\x8b\x08\0"):
        file.write_bytes(start + text)
        with pytest.raises(FormatError):
            History.from_json(file)


def absurd_files() -> dict[str, bytes]:
    """Files that ask for much more than they are worth."""
    size = 50_000_000
    values = small()
    states = values.pop("training_states")
    del values["output_neurons"]
    head = json.dumps(values)[:-1].encode() + b', "training_states": ['
    top = json.dumps({key: values[key] for key in ("format", "version", "start", "labels")})[
        :-1
    ].encode()
    begin = (
        head
        + json.dumps(states[0])[: json.dumps(states[0]).index('"layers": [{"id": 1, "biases"')].encode()
    )
    row = begin + b'"synapses": [{"between": [0, 1], "weights": ['
    graph = head + b'{"step": 4, "graph": {"layers": ['

    def all_to_all(size: int) -> bytes:
        ids = b"".join(b'{"id":%d},' % place for place in range(size))[:-1]
        fan = b"".join(b'{"id":%d,"sources":{"layer":0}},' % place for place in range(size))[:-1]
        layers = b'{"id":0,"neurons":[' + ids + b']},{"id":1,"neurons":[' + fan + b"]}]}, "
        biases = b"0," * (size - 1) + b"0"
        return graph + layers + b'"layers": [{"id": 1, "biases": [' + biases + b']}], "synapses": ['

    def of(text: bytes) -> bytes:
        return text * (size // len(text))

    return {
        "[[[[": of(b"["),
        '{"a":{"a":': of(b'{"a":'),
        "digits": of(b"7"),
        "white space": of(b" "),
        "zeros": of(b"\0"),
        "deep config": b'{"format": "slownet training", "config": ' + of(b'{"a":['),
        "a long id": b'{"format": "slownet training", "id": "' + of(b"a"),
        "many classes": b'{"format": "slownet training", "classes": [' + of(b"1,"),
        "many labels": b'{"format": "slownet training", "labels": [' + of(b"[],"),
        "one line of losses": top + b', "steps": [{"first": 5, "loss": [' + of(b"1,"),
        "steps of nothing": top + b', "steps": [' + of(b"{},"),
        "epochs of nothing": top + b', "epochs": [' + of(b"{},"),
        "equal neurons": top + b', "input_neurons": [' + of(b'{"layer":0,"id":0,"values":[]},'),
        "states of nothing": head + of(b"{},"),
        "a billion layers": graph + of(b'{"id":0,"neurons":[{"id":0}]},'),
        "layers without end": graph
        + b'{"id":0,"neurons":[{"id":0}]},'
        + b"".join(b'{"id":%d,"neurons":[{"id":0}]},' % place for place in range(1, 50_000)),
        "deep weights": row + of(b"["),
        "many rows": row + of(b"[1.0,2.0],"),
        "a long row": row + b"[" + of(b"1,"),
        "a row of nulls": row + b"[" + of(b"null,"),
        "a long fraction": row + b"[0." + of(b"1"),
        "many pairs": begin + b'"neurons": [[{"layer": 1, "pairs": [' + of(b"[0.5,0.5],"),
        "many samples": begin + b'"neurons": [' + of(b"[],"),
        "many keys": begin + b"".join(b'"%d":1,' % place for place in range(5_000_000)),
        "more weights than there can be": all_to_all(100_000),
        "weights that are not there": all_to_all(9_999) + b'], "neurons": []',
        "one short row": all_to_all(9_999) + b'{"between": [0, 1], "weights": [[1], ' + of(b"1,"),
    }


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits memory as Linux does")
def test_absurd_files_are_refused_in_a_second_and_200_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "absurd.json"
    for name, text in absurd_files().items():
        path.write_bytes(text)
        check_refused_quickly(name, path, "trainingfile.from_json")
        if name in ("white space", "a long id", "many labels", "a row of nulls", "many rows"):
            path.write_bytes(gzip.compress(text, 1))
            assert path.stat().st_size < len(text) / 50
            check_refused_quickly(f"{name}, packed", path, "trainingfile.from_json")
