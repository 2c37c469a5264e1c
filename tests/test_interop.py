"""Exchange with other libraries: NumPy, scikit-learn, safetensors, tables; and what is missing."""

from __future__ import annotations

import csv
import io
import json
import math
import struct
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from bits import bits, numbers
from commands import python
from exports import exported_net
from graphs import NAIVE, SOFT
from hypothesis import given, settings
from hypothesis import strategies as st

from slownet import Layer, Net, NetFactory, SlownetError, Weight
from slownet.errors import FormatError
from slownet.interop import from_numpy, to_numpy
from slownet.interop.numpy import to_named
from slownet.interop.table import to_csv

BROKEN = (math.nan, math.inf)


def same_net(found: Net, net: Net) -> bool:
    """Whether two nets are the same but for the state of an optimizer."""
    sample = [0.37 * (place + 1) for place in range(len(net.inputs))]
    return (
        numbers(found) == numbers(net)
        and [each.frozen for each in found.weights()] == [each.frozen for each in net.weights()]
        and bits(found.forward(sample)) == bits(net.forward(sample))
        and [neuron.has_bias for neuron in found.neurons()][len(net.inputs) :]
        == [neuron.has_bias for neuron in net.neurons()][len(net.inputs) :]
    )


def small_net() -> Net:
    net = NetFactory([2, 3, 2], "elu", seed=0).new()
    net.classes = ["a", "b"]
    Weight(((0, 0), (2, 1)), net.layers[2].neurons[1], net.layers[0].neurons[0], 0.5)
    net.weight(1, (0, 2)).remove()
    net.weight(1, (1, 1)).frozen = True
    net.layers[2].neurons[0].bias_frozen = True
    return net


# NumPy


@pytest.mark.parametrize("seed", range(60))
def test_nets_go_through_arrays_to_the_last_bit(seed: int) -> None:
    net = exported_net(seed)
    found = from_numpy(to_numpy(net))
    assert same_net(found, net)
    assert (found.classes, found.preparation, found.loss) == (net.classes, net.preparation, net.loss)


def test_arrays_are_matrices_of_targets_and_sources() -> None:
    net = small_net()
    arrays = to_numpy(net)
    assert repr(arrays) == "NetArrays(3 layers, weights 0-1: (3, 2), 0-2: (2, 2), 1-2: (2, 3))"
    assert arrays.weights[0, 1][1, 0] == net.weight(1, (0, 1)).value
    assert arrays.weights[0, 2].tolist() == [[0.0, 0.0], [0.5, 0.0]]
    assert arrays.exists((0, 1)).tolist() == [[True, True], [True, True], [False, True]]
    assert arrays.frozen_weights[0, 1].sum() == 1
    assert arrays.frozen_biases[2].tolist() == [True, False]
    with pytest.raises(ValueError, match="leads from layer 0 to layer 2, past others"):
        arrays.coefs_  # noqa: B018


@pytest.mark.parametrize("seed", range(20))
def test_files_of_numpy_hold_the_net(seed: int, tmp_path: Path) -> None:
    net = exported_net(seed)
    np.savez(tmp_path / "net.npz", **to_named(net))
    with np.load(tmp_path / "net.npz", allow_pickle=False) as named:
        assert same_net(from_numpy(named), net)


def test_nets_of_scikit_learn_come_and_go() -> None:
    networks = pytest.importorskip("sklearn.neural_network")
    datasets = pytest.importorskip("sklearn.datasets")
    X, y = datasets.load_iris(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    model = networks.MLPClassifier(
        (7, 5), activation="logistic", solver="lbfgs", max_iter=30, random_state=0
    )
    with pytest.warns(UserWarning, match="converge"):
        model.fit(X, y)
    kinds = model.activation, model.out_activation_
    net = from_numpy(model.coefs_, model.intercepts_, *kinds, classes=["x", "y", "z"])
    assert net.classes == ["x", "y", "z"]
    assert np.allclose(net.predict_proba(X), model.predict_proba(X), rtol=1e-10, atol=1e-14)
    arrays = to_numpy(net)
    assert all(map(np.array_equal, arrays.coefs_, model.coefs_))
    assert all(map(np.array_equal, arrays.intercepts_, model.intercepts_))
    model.coefs_, model.intercepts_ = arrays.coefs_, arrays.intercepts_
    assert model.score(X, y) == net.evaluate(X, [net.classes[each] for each in y]).accuracy


def test_a_net_without_biases_has_none() -> None:
    net = from_numpy([[[1.0], [2.0]]])
    assert not any(neuron.has_bias for neuron in net.neurons())
    assert net.outputs.function.name == "sigmoid"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "weights must have a matrix for each layer"),
        ((np.ones((2, 2)),), "weights must be a list of arrays"),
        (([[1.0, 2.0]],), r"weights\[0\] must be a matrix \(sources, targets\) of numbers"),
        (([[[1.0, 2.0], [1.0]]],), r"weights\[0\] must be a matrix"),
        (([[["a"]]],), r"weights\[0\] must be a matrix"),
        (([[[1.0, math.nan]]],), r"weights\[0\] must be finite numbers, and \(0, 1\) is nan"),
        (([[[1.0]], [[1.0], [2.0]]],), r"weights\[1\] has shape \(2, 1\), but weights\[0\] leads to 1"),
        (([[[1.0]]], [[1.0], [2.0]]), "got 2 biases for 1 weights"),
        (([[[1.0]]], [[1.0, 2.0]]), r"biases\[0\] has 2 numbers for 1 neurons"),
        (([[[1.0]]], [[[1.0]]]), r"biases\[0\] must be a vector"),
        (([[[1.0]]], [[1.0]], None, "nonsense"), "unknown activation 'nonsense'"),
        (({"a": np.ones(2)},), "the arrays: expected one named 'net'"),
        (({"net": np.ones(2)},), "the arrays: expected one named 'net'"),
        (({"net": np.array("{}")},), "the arrays: expected the key 'layers'"),
        (({"net": np.array("[")},), "the arrays"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(SlownetError, match=message):
        from_numpy(*arguments)


@pytest.mark.parametrize(
    "more", [{"biases": [[0.5]]}, {"output_activation": "linear"}, {"classes": ["a", "b"]}]
)
def test_whole_nets_come_with_nothing_beside_them(more: dict[str, Any]) -> None:
    for weights in to_numpy(small_net()), to_named(small_net()):
        with pytest.raises(ValueError, match=f"are a whole net: give no {next(iter(more))}"):
            from_numpy(weights, **more)


def changed(**changes: Any) -> dict[str, Any]:
    named = to_named(small_net()) | {
        name.replace("_", ".", 1).replace("_", "-"): each for name, each in changes.items()
    }
    return {name: each for name, each in named.items() if each is not None}


@pytest.mark.parametrize(
    ("named", "message"),
    [
        (changed(weight_0_1=None), r"weight.0-1: expected an array of shape \(3, 2\), found none"),
        (changed(weight_0_1=np.ones((2, 3))), r"expected float64 of shape \(3, 2\), found float64 of"),
        (changed(weight_0_1=np.ones((3, 2), "f4")), "expected float64 .*found float32"),
        (changed(bias_1=np.array([1.0, math.inf, 0.0])), "bias.1: expected finite numbers"),
        (changed(other=np.ones(1)), "expected the arrays of the net, found 'other'"),
        (changed(weight_0_1=np.ones((3, 2))), "weight.0-1: expected 0 where the net has no weight"),
        (changed(bias_1=np.array([None] * 3)), "expected float64 .*found object"),
    ],
)
def test_files_with_other_arrays_are_refused(named: dict[str, Any], message: str) -> None:
    with pytest.raises(SlownetError, match=message):
        from_numpy(named)


def test_damaged_files_of_numpy_are_refused() -> None:
    file = io.BytesIO()
    np.savez(file, **to_named(small_net()))
    content, draw = file.getvalue(), Random(0)
    refused = 0
    for _ in range(300):
        damaged = bytearray(content)
        damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        try:
            named = np.load(io.BytesIO(damaged))
        except Exception:  # of numpy's, before slownet sees it
            continue
        try:
            from_numpy(named)
        except FormatError:
            refused += 1
    assert refused > 50


# tables


def test_tables_have_all_numbers(tmp_path: Path) -> None:
    net = small_net()
    with to_csv(net, tmp_path / "net.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == net.parameter_count
    weights = [row for row in rows if row["source_layer"]]
    assert [float(row["value"]) for row in weights] == [weight.value for weight in net.weights()]
    assert {
        "layer": "2",
        "neuron": "1",
        "source_layer": "0",
        "source_neuron": "0",
        "value": "0.5",
        "frozen": "0",
    } in rows
    assert sum(row["frozen"] == "1" for row in rows) == 2


# safetensors


@pytest.mark.parametrize("seed", range(60))
def test_nets_go_through_safetensors_to_the_last_bit(seed: int, tmp_path: Path) -> None:
    files = pytest.importorskip("slownet.interop.safetensors")
    net = exported_net(seed)
    found = files.from_safetensors(files.to_safetensors(net, tmp_path / "net.safetensors"))
    assert same_net(found, net)
    assert (found.classes, found.preparation, found.loss) == (net.classes, net.preparation, net.loss)
    assert (found.seed, found.initializers) == (net.seed, net.initializers)


def test_safetensors_name_own_formulas(tmp_path: Path) -> None:
    files = pytest.importorskip("slownet.interop.safetensors")
    net = NetFactory([2, 2, 1], SOFT, seed=0).new()
    path = files.to_safetensors(net, tmp_path / "net.safetensors")
    with pytest.raises(ValueError, match="'soft' is a formula of your own"):
        files.from_safetensors(path)
    assert same_net(files.from_safetensors(path, [SOFT, NAIVE]), net)


def test_safetensors_are_read_by_others(tmp_path: Path) -> None:
    files = pytest.importorskip("slownet.interop.safetensors")
    from safetensors.numpy import load_file

    found = load_file(files.to_safetensors(small_net(), tmp_path / "net.safetensors"))
    assert found["weight.0-2"].tolist() == [[0.0, 0.0], [0.5, 0.0]]


def rewritten(path: Path, arrays: dict[str, Any] | None = None, **about: Any) -> Path:
    """Write a file again, with other arrays and other metadata."""
    from safetensors import safe_open
    from safetensors.numpy import load_file, save_file

    with safe_open(path, framework="numpy") as content:
        known = {**content.metadata(), **about}
    named = {**load_file(path), **(arrays or {})}
    save_file(
        {name: each for name, each in named.items() if each is not None},
        path,
        {name: each for name, each in known.items() if each is not None},
    )
    return path


@pytest.mark.parametrize(
    ("arrays", "about", "message"),
    [
        ({}, {"format": "pt"}, "expected a net of slownet"),
        ({}, {"net": None}, "expected a net of slownet"),
        ({}, {"version": "2"}, "is of version '2'"),
        ({}, {"net": "{"}, "net.safetensors"),
        ({}, {"net": '{"layers": []}'}, "expected at least two layers"),
        ({"bias.1": np.ones(3, "f4")}, {}, "bias.1: expected F64 or BOOL, found F32"),
        ({"bias.1": np.ones(4)}, {}, r"expected float64 of shape \(3,\)"),
        ({"bias.1": None}, {}, "found none"),
        ({"more": np.ones(4)}, {}, "found 'more'"),
        ({"frozen_bias.1": np.ones(3)}, {}, "expected bool"),
        ({"bias.1": np.full(3, math.nan)}, {}, "expected finite numbers"),
    ],
)
def test_safetensors_of_others_are_refused(
    arrays: dict[str, Any], about: dict[str, Any], message: str, tmp_path: Path
) -> None:
    files = pytest.importorskip("slownet.interop.safetensors")
    path = rewritten(files.to_safetensors(small_net(), tmp_path / "net.safetensors"), arrays, **about)
    with pytest.raises(ValueError, match=message):
        files.from_safetensors(path)


@settings(max_examples=150)
@given(data=st.data())
def test_damaged_safetensors_are_refused(data: st.DataObject, tmp_path_factory: Any) -> None:
    files = pytest.importorskip("slownet.interop.safetensors")
    path = tmp_path_factory.getbasetemp() / "damaged.safetensors"
    files.to_safetensors(small_net(), path)
    raw = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        raw = raw[: data.draw(st.integers(0, len(raw)))]
    for _ in range(data.draw(st.integers(0, 3))):
        if raw:
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    try:
        files.from_safetensors(path).forward([0.5, 1.0])
    except SlownetError as error:
        assert "damaged.safetensors" in str(error)  # noqa: PT017


def test_headers_that_lie_are_refused(tmp_path: Path) -> None:
    files = pytest.importorskip("slownet.interop.safetensors")
    path = tmp_path / "net.safetensors"
    for head in (b"", b"\xff" * 8, struct.pack("<Q", 1 << 60), struct.pack("<Q", 2) + b"{}"):
        path.write_bytes(head)
        with pytest.raises(ValueError, match=r"net\.safetensors"):
            files.from_safetensors(path)
    large = {"weight.0-1": {"dtype": "F64", "shape": [1 << 40, 8], "data_offsets": [0, 1 << 46]}}
    text = json.dumps(large).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    with pytest.raises(ValueError, match=r"net\.safetensors"):
        files.from_safetensors(path)
    with pytest.raises(OSError, match="directory"):
        files.from_safetensors(tmp_path)
    with pytest.raises(FileNotFoundError):
        files.from_safetensors(tmp_path / "none.safetensors")


# what is missing, and what is wrong


@pytest.mark.parametrize(
    ("function", "package"),
    [
        ("to_torch", "torch"),
        ("from_torch", "torch"),
        ("to_onnx", "onnx"),
        ("to_safetensors", "safetensors"),
    ],
)
def test_a_missing_package_is_named_with_its_extra(function: str, package: str) -> None:
    code = f"""
import sys
sys.modules[{package!r}] = None
try:
    from slownet.interop import {function}
except ImportError as error:
    print(type(error).__name__, error)
"""
    expected = f"MissingPackageError slownet needs the package {package}, which is not installed: "
    assert python(code).strip() == f'{expected}pip install "slownet[{package}]"'


def test_importing_loads_no_other_library() -> None:
    code = (
        "import sys, slownet.interop; print([n for n in ('numpy', 'torch', 'onnx') if n in sys.modules])"
    )
    assert python(code).strip() == "[]"


def test_only_finite_complete_nets_are_exported(tmp_path: Path) -> None:
    for number in BROKEN:
        net = small_net()
        net.weight(1, (0, 0)).value = number
        with pytest.raises(ValueError, match=r"Weight\(\(0, 0\).*finite numbers only"):
            to_numpy(net)
        with pytest.raises(ValueError, match=r"Weight\(\(0, 0\).*finite numbers only"):
            to_csv(net, tmp_path / "net.csv")
    net = Net()
    Layer(0, net)
    with pytest.raises(ValueError, match="layer"):
        to_numpy(net)
    with pytest.raises(TypeError, match="net must be of type Net, not str"):
        to_numpy("net")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="this is written as CSV"):
        to_csv(small_net(), tmp_path / "net.json")
