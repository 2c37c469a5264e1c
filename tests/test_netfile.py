"""Net files: the same bits back, whole files or none, and errors that say what is wrong and where."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
from hostile import written
from hypothesis import given
from hypothesis import strategies as st
from json_files import NET, everything, remembered, rich_net, small_net
from strategies import MAY_HARDLY_LEARN, batch_for, nets

import slownet
from slownet import (
    Activation,
    FileError,
    FormatError,
    InvalidTypeError,
    InvalidValueError,
    Loss,
    Net,
    NetFactory,
    OptimizerState,
    functions,
)
from slownet.datasets import moons
from slownet.recording import Graph, atomic, graph_reading, graph_writing, take
from slownet.version import ARITHMETIC


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nets") / "net.json"


def test_everything_comes_back(file: Path) -> None:
    net = rich_net()
    assert net.save(file) == file
    again = slownet.load(file)
    assert everything(again) == everything(net)
    assert again.layers[3].activation.settings == {"alpha": 0.1}
    assert again.explicit_loss.settings == {"delta": 0.5}
    assert again.optimizer_state is None
    text = file.read_bytes()
    again.save(str(file))
    assert file.read_bytes() == text


@MAY_HARDLY_LEARN
@given(net=nets(), seed=st.integers(0, 1000))
def test_a_loaded_net_thinks_and_learns_with_the_same_bits(net: Net, seed: int, file: Path) -> None:
    net.save(file)
    NET.validator.validate(json.loads(file.read_text(encoding="utf-8")))
    again = slownet.load(file)
    assert everything(again) == everything(net)
    X, y, _ = batch_for(net, 6, seed)
    for one in (net, again):
        one.forward(X[0])
        one.backward(y[0])
    assert [w.grad for w in again.weights()] == [w.grad for w in net.weights()]
    for one in (net, again):
        one.zero_grad()
        one.fit(X, y, batch_size=2, learning_rate=0.01, dropout=0.2, optimizer="adam", engine="scalar")
    assert everything(again) == everything(net)


@given(st.data())
def test_every_float_comes_back(file: Path, data: st.DataObject) -> None:
    net = NetFactory([2, 3], seed=0).new()
    finite = st.floats(allow_nan=False, allow_infinity=False)
    for weight in net.weights():
        weight.value = data.draw(finite)
    net.layers[1].neurons[0].bias = data.draw(finite)
    net.save(file)
    assert everything(slownet.load(file)) == everything(net)


@pytest.mark.parametrize(
    "classes",
    [
        ["a", ""],
        [True, False],
        [1.5, -3],
        [10**300, 0],
        np.array([3, 4]),
        [np.int64(5), np.float64(0.5)],
    ],
    ids=str,
)
def test_class_labels_come_back(classes, file: Path) -> None:
    net = NetFactory([1, 2], seed=0).new()
    net.classes = classes
    net.save(file)
    assert slownet.load(file).classes == list(net.classes)


@pytest.mark.parametrize(
    "label", [None, (1, 2), b"a", inf, np.datetime64("2020-01-01"), 10**400], ids=str
)
def test_class_labels_that_no_file_can_hold_are_refused(label, tmp_path: Path) -> None:
    net = NetFactory([1, 2], seed=0).new()
    net.classes = [0, label]
    with pytest.raises((InvalidTypeError, InvalidValueError), match=r"classes\[1\]"):
        net.save(tmp_path / "net.json")
    assert not list(tmp_path.iterdir())


def test_own_formulas_come_back_by_name(file: Path) -> None:
    class Cube(Activation):
        pass

    cube = Cube("cube", lambda z: z * z * z, lambda z, value: 3.0 * z * z)
    gap = Loss("gap", lambda a, y: abs(a - y), lambda a, y: 1.0 if a > y else -1.0)
    net = NetFactory([2, 3, 1], cube, "linear", seed=1).new()
    net.loss = gap
    net.save(file, OptimizerState(functions.Optimizer("own", functions.sgd().function)))
    with pytest.raises(FormatError, match=r"layers\[1\]\.activation: .*give it as formulas=\[cube\]"):
        slownet.load(file)
    with pytest.raises(FormatError, match=r"optimizer: .*formulas=\[own\]"):
        slownet.load(file, [cube, gap])
    net.save(file)
    again = slownet.load(file, formulas=(formula for formula in (gap, cube)))
    assert again.layers[1].activation is cube
    assert again.loss is gap
    net.loss = None
    net.save(file)
    assert slownet.load(file, cube).forward([1.0, 2.0]) == net.forward([1.0, 2.0])
    with pytest.raises(InvalidTypeError, match="list of formulas"):
        slownet.load(file, formulas=["cube"])


def test_what_the_optimizer_remembers_comes_back(file: Path) -> None:
    net = rich_net()
    state = remembered(net)
    net.save(file, state)
    NET.validator.validate(json.loads(file.read_text(encoding="utf-8")))
    again = slownet.load(file)
    found = again.optimizer_state
    assert (found.step, found.optimizer.settings) == (17, state.optimizer.settings)
    twins = dict(
        zip([*net.weights(), *net.neurons()], [*again.weights(), *again.neurons()], strict=True)
    )
    assert found.memory == {twins[thing]: pair for thing, pair in state.memory.items()}
    text = file.read_bytes()
    again.save(file)  # what was loaded is kept
    assert file.read_bytes() == text
    again.copy().save(file)
    assert file.read_bytes() == text
    again.optimizer_state = None
    again.save(file)
    assert b"memory" not in file.read_bytes()


def test_the_state_of_a_snapshot_can_be_saved(file: Path) -> None:
    X, y = moons(20, seed=0)
    net = NetFactory([2, 3, 1], seed=0).new()
    snapshot = net.fit(X, y, optimizer="adam", snapshots=2).snapshots[-1]
    net.save(file, OptimizerState(functions.adam(), snapshot.step, snapshot.memory(net)))
    assert slownet.load(file).optimizer_state.step == snapshot.step


def test_an_optimizer_state_that_does_not_fit_is_refused(file: Path) -> None:
    net = NetFactory([2, 1], seed=0).new()
    with pytest.raises(InvalidValueError, match="of another one"):
        net.save(file, remembered(rich_net()))
    with pytest.raises(InvalidTypeError, match="optimizer_state must be of type OptimizerState"):
        net.save(file, "adam")
    memory = {net.weight(1, (1, 0)): (0.0, nan)}
    with pytest.raises(InvalidValueError, match=r"remembers of weight \(1, 0\) into layer 1 is nan"):
        net.save(file, OptimizerState(functions.adam(), 1, memory))


@pytest.mark.parametrize("number", [nan, inf, -inf])
def test_what_is_not_finite_is_refused_by_name_and_the_old_file_stays(number, tmp_path: Path) -> None:
    net, path = NetFactory([2, 3, 1], seed=0).new(), tmp_path / "net.json"
    net.save(path)
    before = path.read_bytes()
    net.weight(1, (1, 2)).value = number
    with pytest.raises(InvalidValueError, match=r"weight \(1, 2\) into layer 1 is (nan|-?inf)"):
        net.save(path)
    net.weight(1, (1, 2)).value = 0.0
    net.layers[2].neurons[0].bias = number
    with pytest.raises(InvalidValueError, match="the bias of neuron 0 of layer 2 is"):
        net.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_numbers_that_are_no_floats_are_saved_as_floats(file: Path) -> None:
    net = NetFactory([2, 1], seed=0).new()
    net.forward([1, 1])
    net.weight(1, (0, 0)).value, net.weight(1, (1, 0)).value = 3, np.float64(0.1)
    net.layers[1].neurons[0].bias = -1
    net.save(file)
    assert [w.value for w in slownet.load(file).weights()] == [3.0, 0.1]


def test_nets_that_are_not_whole_are_refused(file: Path) -> None:
    with pytest.raises(InvalidValueError, match="input and an output layer"):
        Net().save(file)
    net = NetFactory([2, 1], seed=0).new()
    net.seed = -1
    with pytest.raises(InvalidValueError, match="seed"):
        net.save(file)


def test_a_file_is_read_by_people(tmp_path: Path) -> None:
    net = NetFactory([2, 2, 1], output_activation="linear", seed=5).new()
    for place, weight in enumerate(net.weights()):
        weight.value = place / 4
    lines = net.save(tmp_path / "net.json").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if 'slownet":' not in line] == [
        "{",
        '  "format": "slownet net",',
        '  "version": 1,',
        f'  "arithmetic": {ARITHMETIC},',
        '  "seed": 5,',
        '  "initializers": ["he_normal", "glorot_uniform"],',
        '  "loss": null,',
        '  "classes": null,',
        '  "preparation": null,',
        '  "layers": [',
        '    {"id": 0, "activation": null, "neurons": [',
        '      {"id": 0},',
        '      {"id": 1}',
        "    ]},",
        '    {"id": 1, "activation": {"name": "relu"}, "neurons": [',
        '      {"id": 0, "sources": {"layer": 0}, "bias": 0.0, "weights": [0.0, 0.25]},',
        '      {"id": 1, "sources": {"layer": 0}, "bias": 0.0, "weights": [0.5, 0.75]}',
        "    ]},",
        '    {"id": 2, "activation": {"name": "linear"}, "neurons": [',
        '      {"id": 0, "sources": {"layer": 1}, "bias": 0.0, "weights": [1.0, 1.25]}',
        "    ]}",
        "  ]",
        "}",
    ]


@given(net=nets())
def test_graphs_come_back_from_plain_values(net: Net) -> None:
    graph = Graph.of(net)
    values = json.loads(json.dumps(graph_writing.graph_to_plain(graph)))
    again = graph_reading.graph_from_plain(values, "here", weight_count=graph.weight_count)
    assert graph_writing.graph_to_plain(again) == graph_writing.graph_to_plain(graph)
    for layer in graph.layers.values():
        assert again.layers[layer.id].neurons == layer.neurons
        for key, neuron in layer.neurons.items():
            found = again.layers[layer.id].neurons[key]
            assert list(found.weights.items()) == list(neuron.weights.items())
    twin = again.new_net(take(net).weights, take(net).biases)
    for one, other in zip(twin.weights(), net.weights(), strict=True):
        one.frozen = other.frozen
    for mine, its in zip(twin.neurons(), net.neurons(), strict=True):
        mine.bias_frozen = its.bias_frozen
    assert everything(twin) == everything(net)
    with pytest.raises(FormatError, match="here: expected"):
        graph_reading.graph_from_plain(values, "here", weight_count=graph.weight_count + 1)


def test_a_short_text_cannot_ask_for_millions_of_weights() -> None:
    sources = [{"id": place} for place in range(5_000)]
    targets = [{"id": place, "sources": {"layer": 0}} for place in range(5_000)]
    layers = [{"id": 0, "neurons": sources}, {"id": 1, "neurons": targets}]
    with pytest.raises(FormatError, match="expected 10 weights, found 25000000"):
        graph_reading.graph_from_plain({"layers": layers}, "here", weight_count=10)


def test_the_small_file_is_good(file: Path) -> None:
    net = slownet.load(written(file, small_net()))
    assert [(w.id, w.frozen) for w in net.weights()] == [
        ((0, 0), False),
        ((2, 0), True),
        ((2, 1), False),
        ((0, 0), False),
        (((0, 2), (2, 0)), False),
        ((1, 0), False),
    ]
    assert len(net.optimizer_state.memory) == 2


@pytest.mark.parametrize("what", ["layers", "neurons", "weights"])
def test_limits_hold_for_what_is_saved_and_what_is_loaded(what, file: Path, monkeypatch) -> None:
    net = NetFactory([2, 3, 1], seed=0).new()
    net.save(file)
    monkeypatch.setitem(graph_writing.MOST, what, 2)
    with pytest.raises(FormatError, match=f"expected at most 2 {what}, found more"):
        slownet.load(file)
    with pytest.raises(InvalidValueError, match=f"the number of {what} in a file must be at most 2"):
        net.save(file)


def test_a_number_limit_that_was_lifted_changes_nothing(file: Path) -> None:
    file.write_bytes(b'{"format": "slownet net", "seed": ' + b"1" * 5_000_000 + b"}")
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        with pytest.raises(FormatError, match="found one of .* digits"):
            slownet.load(file)
    finally:
        sys.set_int_max_str_digits(before)


# Files


@pytest.mark.skipif(os.name == "nt", reason="pipes, modes and links of POSIX")
def test_pipes_modes_and_links(tmp_path: Path) -> None:
    net = NetFactory([2, 1], seed=0).new()
    os.mkfifo(tmp_path / "pipe")
    for call in (slownet.load, net.save):
        with pytest.raises(FileError, match="Not a regular file"):
            call(tmp_path / "pipe")
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    net.save(real)
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(real.stat().st_mode) == 0o666 & ~umask
    real.chmod(0o640)
    link.symlink_to(real)
    net.weight(1, (0, 0)).value = 42.0
    net.save(link)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert slownet.load(real).weight(1, (0, 0)).value == 42.0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.json", "pipe", "real.json"]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, ValueError, OSError])
def test_an_error_while_writing_leaves_the_old_file(kind: type[BaseException], tmp_path: Path) -> None:
    path = tmp_path / ("n" * 200 + ".json")
    path.write_text("old")
    with pytest.raises(FileError if kind is OSError else kind):  # noqa: PT012, SIM117
        with atomic.replacing(path) as stream:
            stream.write(b"new")
            raise kind("full")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_on_the_disk_before_it_takes_the_name(tmp_path: Path, monkeypatch) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append("fsync"), fsync(handle)))
    monkeypatch.setattr(Path, "replace", lambda *a: (done.append("replace"), replace(*a)))
    NetFactory([2, 1], seed=0).new().save(tmp_path / "net.json")
    assert done[:2] == ["fsync", "replace"]
    assert done[2:] == ([] if os.name == "nt" else ["fsync"])


SAVE_ON_AND_ON = """
import sys, slownet
net = slownet.NetFactory([50, 40, 10], seed=0).new()
for value in range(1_000_000):
    for weight in net.weights():
        weight.value = float(value)
    net.save(sys.argv[1])
    if not value:
        print("saved", flush=True)
"""


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does")
def test_a_killed_save_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    rng = random.Random(0)
    interrupted = kills = 0
    while kills < 12 or not interrupted:
        kills += 1
        command = [sys.executable, "-c", SAVE_ON_AND_ON, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(rng.random() * 0.1)
            process.send_signal(signal.SIGKILL)
        values = {weight.value for weight in slownet.load(path).weights()}
        assert len(values) == 1
        for left in tmp_path.glob(".net.json.*.new"):
            interrupted += 1
            left.unlink()
