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
from contextlib import suppress
from importlib import resources
from itertools import pairwise
from math import inf, nan
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hostile import MANY, check_refused_quickly, mutated_bytes, mutated_values, put, written
from hypothesis import given
from hypothesis import strategies as st
from strategies import batch_for, nets

import slownet
from slownet import (
    Activation,
    FileError,
    FormatError,
    InvalidTypeError,
    InvalidValueError,
    Layer,
    Loss,
    MissingFileError,
    Net,
    NetFactory,
    Neuron,
    OptimizerState,
    Weight,
    functions,
)
from slownet.datasets import moons
from slownet.functions.description import describe
from slownet.recording import Graph, atomic, graph_reading, graph_writing, json_stream, take

SCHEMA = json.loads(
    (resources.files("slownet.recording") / "schemas" / "net.schema.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nets") / "net.json"


def everything(net: Net) -> list[object]:
    """All that a net is, with floats as their exact digits."""
    return [
        (
            net.seed,
            net.classes,
            [*map(type, net.classes or [])],
            net.explicit_loss and net.explicit_loss.name,
        ),
        [
            (layer.id, layer.activation and describe(layer.activation))
            for _, layer in sorted(net.layers.items())
        ],
        [
            (
                neuron.layer.id,
                neuron.id,
                neuron.has_bias and neuron.layer.id != min(net.layers),
                neuron.bias.hex(),
                [(w.id, w.value.hex(), bool(w.frozen)) for w in neuron.weights["in"].values()],
                [(w.id, w.incoming.layer.id) for w in neuron.weights["out"].values()],
            )
            for neuron in net.neurons()
        ],
    ]


def rich_net() -> Net:
    """Gaps between ids, a skip, a frozen and a removed weight, odd orders, texts, settings, no bias."""
    net = Net()
    net.seed = 2**64 - 1
    layers = [Layer(0, net), Layer(3, net, functions.elu(0.1)), Layer(7, net), Layer(8, net, "softmax")]
    for layer, ids in zip(layers, ([0, 2, 5], [1, 4], [0, 9], [0, 1]), strict=True):
        for neuron_id in ids:
            Neuron(neuron_id, layer, bias=-0.0 if layer.id and neuron_id != 4 else None)
    for before, layer in pairwise(layers):
        for target in layer.neurons.values():
            for source in before.neurons.values():
                Weight((source.id, target.id), target, source, 0.1 * source.id - 1 / (3 + target.id))
    Weight(((0, 5), (8, 1)), layers[3].neurons[1], layers[0].neurons[5], 5e-324)
    late = Weight((9, 0), value=-1.7976931348623157e308)
    net.weight(8, (9, 0)).remove()
    late.attach_to_outgoing(layers[2].neurons[9])
    late.attach_to_incoming(layers[3].neurons[0])
    net.weight(3, (2, 4)).remove()
    net.weight(7, (1, 0)).frozen = net.weight(7, (4, 9)).frozen = True
    net.loss = functions.huber(0.5)
    net.classes = ["größe", "\ud800 [\u2028"]
    return net


def remembered(net: Net) -> OptimizerState:
    rng = random.Random(1)
    things = [*net.weights(), *(n for n in net.neurons() if n.layer.id != min(net.layers))]
    memory = {thing: (rng.gauss(0, 1), rng.random()) for thing in things if rng.random() < 0.7}
    return OptimizerState(functions.adam(0.8), 17, memory)


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


@given(net=nets(), seed=st.integers(0, 1000))
def test_a_loaded_net_thinks_and_learns_with_the_same_bits(net: Net, seed: int, file: Path) -> None:
    net.save(file)
    jsonschema.validate(json.loads(file.read_text(encoding="utf-8")), SCHEMA)
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
    "label", [None, (1, 2), b"a", nan, inf, np.datetime64("2020-01-01"), 10**400], ids=str
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
    jsonschema.validate(json.loads(file.read_text(encoding="utf-8")), SCHEMA)
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
        '  "seed": 5,',
        '  "loss": null,',
        '  "classes": null,',
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


def test_files_that_other_programs_wrote_again_are_read(file: Path) -> None:
    net = rich_net()
    net.save(file, remembered(net))
    plain_values = json.loads(file.read_text(encoding="utf-8"))
    for text in (
        json.dumps(plain_values, sort_keys=True),
        "\ufeff" + json.dumps(plain_values, indent=1).replace("\n", "\r\n"),
        json.dumps(plain_values, separators=(",", ":")).replace("-0.0,", "-0,"),
        json.dumps(plain_values) + " " * 70_000,
    ):
        file.write_bytes(text.encode())
        assert everything(slownet.load(file)) == everything(net)


def test_values_larger_than_what_is_read_at_a_time(file: Path, monkeypatch) -> None:
    net = rich_net()
    net.save(file, remembered(net))
    for size in (1, 2, 3, 7, 50, 1000):
        monkeypatch.setattr(json_stream, "PIECE", size)
        assert everything(slownet.load(file)) == everything(net)


@given(net=nets())
def test_graphs_come_back_from_plain_values(net: Net) -> None:
    graph = Graph.of(net)
    values = json.loads(json.dumps(graph_writing.graph_to_plain(graph)))
    again = graph_reading.graph_from_plain(values, "here", weight_count=graph.weight_count)
    assert graph_writing.graph_to_plain(again) == graph_writing.graph_to_plain(graph)
    for layer in graph.layers.values():
        assert again.layers[layer.id].neurons == layer.neurons
    twin = again.new_net(take(net).weights, take(net).biases)
    for one, other in zip(twin.weights(), net.weights(), strict=True):
        one.frozen = other.frozen
    assert everything(twin) == everything(net)
    with pytest.raises(FormatError, match="here: expected"):
        graph_reading.graph_from_plain(values, "here", weight_count=graph.weight_count + 1)


def test_a_short_text_cannot_ask_for_millions_of_weights() -> None:
    sources = [{"id": place} for place in range(5_000)]
    targets = [{"id": place, "sources": {"layer": 0}} for place in range(5_000)]
    layers = [{"id": 0, "neurons": sources}, {"id": 1, "neurons": targets}]
    with pytest.raises(FormatError, match="expected 10 weights, found 25000000"):
        graph_reading.graph_from_plain({"layers": layers}, "here", weight_count=10)


# What is wrong with a file, and where


def small() -> dict:
    """A small net file as plain values."""
    layers = [
        {"id": 0, "activation": None, "neurons": [{"id": 0}, {"id": 1}]},
        {
            "id": 1,
            "activation": {"name": "relu"},
            "neurons": [
                {"id": 0, "sources": {"layer": 0}, "bias": 0.5, "weights": [1.0, 2.0], "frozen": [1]},
                {"id": 1, "sources": [[0, 1]], "bias": 0.5, "weights": [1.0], "has_bias": False},
            ],
        },
        {
            "id": 2,
            "activation": {"name": "elu", "alpha": 0.5},
            "neurons": [
                {
                    "id": 0,
                    "sources": [[1, 0], [1, 1], [0, 1]],
                    "bias": 0.5,
                    "weights": [1.0, 2.0, 3.0],
                    "memory": {"weights": [[0.5, 0.25], None, None], "bias": [0.5, 0.25]},
                }
            ],
        },
    ]
    layers[0]["neurons"][1]["targets"] = [[2, 0], [1, 0], [1, 1]]
    return {
        "format": "slownet net",
        "version": 1,
        "slownet": "0.1.0",
        "seed": 3,
        "loss": {"name": "huber", "delta": 2.0},
        "classes": ["a", 1, 2.5, False],
        "optimizer": {"name": "adam", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "step": 4},
        "layers": layers,
    }


def test_the_small_file_is_good(file: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(small(), SCHEMA)
    net = slownet.load(written(file, small()))
    assert [(w.id, w.frozen) for w in net.weights()] == [
        ((0, 0), False),
        ((1, 0), True),
        ((1, 1), False),
        ((0, 0), False),
        ((1, 0), False),
        (((0, 1), (2, 0)), False),
    ]
    assert len(net.optimizer_state.memory) == 2


WRONG = [  # where, what to put there, where the message says it is, what it says
    ("format", "png", "net.json: ", '"format": "slownet net", found \'png\''),
    ("format", ..., "net.json: ", "'format'"),
    ("version", 2, "version: ", "a newer slownet reads it"),
    ("version", True, "version: ", "an integer of at least 1, found true"),
    ("version", ..., "net.json: ", "the key 'version'"),
    ("slownet", 1, "slownet: ", "a text, found 1"),
    ("extra", 1, "net.json: ", "found 'extra'"),
    ("seed", -1, "seed: ", "an integer from 0 to 18446744073709551615, found -1"),
    ("seed", inf, "seed: ", "found inf"),
    ("seed", 1.5, "seed: ", "found 1.5"),
    ("seed", "x" * 5000, "seed: ", "found 'xxx"),
    ("loss", "huber", "loss: ", "the name of the loss"),
    ("loss", {"name": "hubris"}, "loss: ", "unknown loss 'hubris'"),
    ("loss", {"name": "huber", "delta": -1}, "loss: ", "delta"),
    ("loss", {"name": "huber", "delta": [1]}, "loss.delta: ", "a finite number, found a list of 1"),
    ("loss", {"name": "cross_entropy"}, "loss: ", "cross_entropy"),
    ("classes", "ab", "classes: ", "a list"),
    ("classes", ["a", "a"], "classes: ", "different class labels"),
    ("classes", [1, None], "classes[1]: ", "found null"),
    ("classes", [nan], "classes[0]: ", "found nan"),
    ("optimizer", None, "optimizer: ", "expected the optimizer"),
    ("optimizer.step", ..., "optimizer: ", "an optimizer with its step"),
    ("optimizer.step", -4, "optimizer.step: ", "found -4"),
    ("optimizer.beta1", 2, "optimizer: ", "beta1 must be less than 1"),
    ("optimizer.gamma", 2, "optimizer: ", "cannot be made with"),
    ("layers", ..., "net.json: ", "the key 'layers'"),
    ("layers", 3, "layers (line 1): ", "expected '[', found '3'"),
    ("layers", [], "layers: ", "at least two layers, found 0"),
    ("layers.0", [], "layers[0] (line 1): ", "expected '{'"),
    ("layers.1.id", 0, "layers[1].id: ", "at least 1, found 0"),
    ("layers.1.id", ..., "layers[1]: ", "the key 'id'"),
    ("layers.1.neurons", [], "layers[1].neurons: ", "at least one neuron"),
    ("layers.1.neurons", ..., "layers[1]: ", "the key 'neurons'"),
    ("layers.1.size", 3, "layers[1]: ", "found 'size'"),
    ("layers.1.activation", 3, "layers[1].activation: ", "the name of the activation"),
    ("layers.1.activation.name", "rleu", "layers[1].activation: ", "unknown activation 'rleu'"),
    ("layers.1.activation.name", 1, "layers[1].activation.name: ", "a text, found 1"),
    ("layers.2.activation.alpha", nan, "layers[2].activation.alpha: ", "found nan"),
    ("layers.0.neurons.1", 3, "layers[0].neurons[1]: ", "an object, found 3"),
    ("layers.0.neurons.1.id", 0, "layers[0].neurons[1].id: ", "at least 1, found 0"),
    ("layers.0.neurons.1.bias", 0, "layers[0].neurons[1]: ", "found 'bias'"),
    ("layers.0.neurons.1.targets", [[1, 0]], "layers[0].neurons[1].targets: ", "found ((1, 0),)"),
    ("layers.1.neurons.0.id", True, "layers[1].neurons[0].id: ", "found true"),
    ("layers.1.neurons.0.id", ..., "layers[1].neurons[0]: ", "the key 'id'"),
    ("layers.1.neurons.0.has_bias", 1, "layers[1].neurons[0].has_bias: ", "true or false, found 1"),
    ("layers.1.neurons.0.bias", ..., "layers[1].neurons[0]: ", "the key 'bias'"),
    ("layers.1.neurons.0.bias", "0.5", "layers[1].neurons[0].bias: ", "found '0.5'"),
    ("layers.1.neurons.0.bias", inf, "layers[1].neurons[0].bias: ", "found inf"),
    ("layers.1.neurons.0.biass", 1, "layers[1].neurons[0]: ", "found 'biass'"),
    ("layers.1.neurons.0.sources", 0, "layers[1].neurons[0].sources: ", "a list, found 0"),
    ("layers.1.neurons.0.sources.layer", 1, "layers[1].neurons[0].sources.layer: ", "earlier layer"),
    ("layers.1.neurons.0.sources.layer", [], "layers[1].neurons[0].sources.layer: ", "earlier layer"),
    ("layers.1.neurons.1.sources.0", [0], "layers[1].neurons[1].sources[0]: ", "[layer, neuron]"),
    ("layers.1.neurons.1.sources.0", [1, 0], "layers[1].neurons[1].sources[0]: ", "found (1, 0)"),
    ("layers.2.neurons.0.sources.1", [1, 0], "layers[2].neurons[0].sources[1]: ", "not in the list yet"),
    ("layers.1.neurons.0.weights", [1.0], "layers[1].neurons[0].weights: ", "2 numbers, found 1"),
    ("layers.1.neurons.0.weights", ..., "layers[1].neurons[0].weights: ", "2 numbers, found 0"),
    ("layers.1.neurons.0.weights.1", nan, "layers[1].neurons[0].weights[1]: ", "found nan"),
    ("layers.1.neurons.0.weights.1", None, "layers[1].neurons[0].weights[1]: ", "found null"),
    ("layers.1.neurons.0.weights.1", 10**400, "layers[1].neurons[0] (line 1): ", "401 digits"),
    ("layers.1.neurons.0.frozen", [2], "layers[1].neurons[0].frozen[0]: ", "from 0 to 1, found 2"),
    ("layers.1.neurons.0.frozen", [1, 1], "layers[1].neurons[0].frozen[1]: ", "above 1, found 1"),
    ("layers.2.neurons.0.memory", [], "layers[2].neurons[0].memory: ", "an object"),
    (
        "layers.2.neurons.0.memory.weights",
        [],
        "layers[2].neurons[0].memory.weights: ",
        "3 pairs, found 0",
    ),
    (
        "layers.2.neurons.0.memory.weights.2",
        [1.0, nan],
        "layers[2].neurons[0].memory.weights[2][1]: ",
        "found nan",
    ),
    ("layers.2.neurons.0.memory.bias", [1], "layers[2].neurons[0].memory.bias: ", "2 numbers, found 1"),
]


@pytest.mark.parametrize(("path", "new", "where", "what"), WRONG, ids=lambda part: str(part)[:50])
def test_errors_say_what_is_wrong_and_where(path, new, where, what, file: Path) -> None:
    with pytest.raises(FormatError) as caught:
        slownet.load(written(file, put(small(), path, new)))
    message = str(caught.value)
    assert message.startswith(str(file))
    assert where in message
    assert what in message
    assert len(message) < len(str(file)) + 700


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"", "expected '{', found the end of the file"),
        (b"[]", "expected '{', found '['"),
        (b'{"a": 1}', "found the key 'a'"),
        (b"\x89PNG", "found the byte 89"),
        (b'{"format": "slownet net", "format": "slownet net"}', "the key 'format' stands there twice"),
        (b'{"format": "slownet net",}', "expected JSON, found '}'"),
        (b'{"format": "slownet net"} {}', "expected the end of the file"),
        (b'{"format": "slownet net", "version": 1,\n"layers": [{"neurons": [{"id": 0, "id": 0}]}]}',
         "layers[0].neurons[0] (line 2): the key 'id' stands there twice"),
        (b'{"format": "slownet net",\n\n"seed": "abc', "seed (line 3): expected more"),
    ],
)  # fmt: skip
def test_texts_that_are_no_net_files(text: bytes, what: str, file: Path) -> None:
    file.write_bytes(text)
    with pytest.raises(FormatError) as caught:
        slownet.load(file)
    assert what in str(caught.value)


def load_or_refuse(file: Path) -> None:
    """A file is either a net, whole and saved alike again, or a FormatError."""
    try:
        net = slownet.load(file)
    except FormatError as error:
        assert str(error).startswith(str(file))  # noqa: PT017
        return
    net.copy()
    inputs = len(net.layers[min(net.layers)])
    with np.errstate(all="ignore"), suppress(OverflowError):
        net.forward([0.5] * inputs)
    net.save(file)
    assert everything(slownet.load(file)) == everything(net)


def test_a_file_cut_off_at_any_byte_is_refused(file: Path) -> None:
    net = slownet.load(written(file, small()))
    net.save(file)
    text = file.read_bytes()
    for size in range(len(text) - 2):  # without the last line break it is whole
        file.write_bytes(text[:size])
        with pytest.raises(FormatError):
            slownet.load(file)


@MANY
@given(data=st.data())
def test_mutated_values_are_a_net_or_refused(data: st.DataObject, file: Path) -> None:
    load_or_refuse(written(file, mutated_values(data, small())))


@MANY
@given(data=st.data())
def test_mutated_bytes_are_a_net_or_refused(data: st.DataObject, file: Path) -> None:
    text = json.dumps(small(), indent=data.draw(st.sampled_from([None, 1]))).encode()
    file.write_bytes(mutated_bytes(data, text))
    load_or_refuse(file)


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(file: Path, text: bytes) -> None:
    file.write_bytes(text)
    with pytest.raises(FormatError):
        slownet.load(file)


def absurd_files() -> dict[str, bytes]:
    """Files that ask for much more than they are worth."""
    size = 100_000_000
    head = b'{"format": "slownet net", "version": 1, "layers": ['
    first = head + b'{"id": 0, "neurons": [{"id": 0}]}, '
    neuron = first + b'{"id": 1, "neurons": [{"id": 0, "sources": {"layer": 0}, "bias": 0, "weights": '
    whole = b"".join(b'{"id":%d},' % place for place in range(100_000))
    fan = b"".join(b'{"id":%d,"bias":0,"sources":{"layer":0}},' % place for place in range(100_000))

    def of(text: bytes) -> bytes:
        return text * (size // len(text))

    return {
        "[[[[": of(b"["),
        '{"a":{"a":': of(b'{"a":'),
        "digits": of(b"7"),
        "white space": of(b" "),
        "zeros": of(b"\0"),
        "deep layers": head + of(b"["),
        "deep weights": neuron + of(b"["),
        "many ones": neuron + b"[" + of(b"1,"),
        "many floats": neuron + b"[" + of(b"0.1234567890123456, "),
        "many lists": neuron + b"[" + of(b"[],"),
        "many objects": neuron + b"[" + of(b"{},"),
        "many texts": neuron + b"[" + of(b'"ab",'),
        "a long integer": neuron + b"[" + of(b"1"),
        "a long fraction": neuron + b"[0." + of(b"1"),
        "a large exponent": neuron + b"[1e" + of(b"9"),
        "a long text": neuron + b'["' + of(b"a"),
        "wide characters": head[:-11] + b'"classes": ["' + of("\U0001f600".encode()),
        "layers without end": first
        + b"".join(b'{"id":%d,"neurons":[{"id":0,"bias":0}]},' % place for place in range(1, 50_000)),
        "equal neurons": head + b'{"id": 0, "neurons": [' + of(b'{"id":0},'),
        "all to all": head
        + b'{"id":0,"neurons":['
        + whole[:-1]
        + b']},{"id":1,"neurons":['
        + fan[:-1]
        + b"]}]}",
        "a key after the other": head
        + b'{"id":0,"neurons":[{'
        + b"".join(b'"%d":1,' % place for place in range(5_000_000)),
    }


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits memory as Linux does")
def test_absurd_files_are_refused_in_a_second_and_200_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "absurd.json"
    for name, text in absurd_files().items():
        path.write_bytes(text)
        check_refused_quickly(name, path, "slownet.load")


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


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    net = NetFactory([2, 1], seed=0).new()
    with pytest.raises(MissingFileError, match=r"No such file.*net\.json") as caught:
        slownet.load(tmp_path / "net.json")
    assert isinstance(caught.value, FileNotFoundError)
    with pytest.raises(FileError, match="directory"):
        slownet.load(tmp_path)
    with pytest.raises(FileError, match="directory"):
        net.save(tmp_path)
    with pytest.raises(MissingFileError):
        net.save(tmp_path / "folder" / "net.json")
    for call in (slownet.load, net.save):
        with pytest.raises(InvalidTypeError, match="path must be a path"):
            call(3)


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


@pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does")
def test_a_killed_save_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    rng = random.Random(0)
    interrupted = 0
    for _ in range(12):
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
    assert interrupted
