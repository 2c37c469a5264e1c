"""Nets as ONNX files, run by onnxruntime."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exports import exported_net
from graphs import SOFT
from test_interop_source import table_net

from slownet import NetFactory, Preparation
from slownet.datasets import Column, Target
from slownet.functions import ACTIVATIONS
from slownet.interop.trials import Trials

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")

from slownet.interop import to_onnx  # noqa: E402
from slownet.interop.onnx import FORMULAS, given_by_name, model_of  # noqa: E402


def run(model: Any, **given: Any) -> Any:
    path = model if isinstance(model, Path) else model.SerializeToString()
    return runtime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, given)[0]


@pytest.mark.parametrize(
    "seed", [*range(20), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(20, 60))]
)
def test_runtimes_give_the_outputs_of_the_net(seed: int) -> None:
    net = exported_net(seed)
    trials = Trials.of(net, seed, [])
    model = model_of(net)
    onnx.checker.check_model(model, full_check=True)
    found = run(model, **given_by_name(net.preparation, trials.cells))
    scales = net.encoder(preparation=net.preparation).scales or [(0.0, 1.0)] * len(net.outputs)
    for row, expected in enumerate(trials.own_outputs):
        for place, (centre, scale) in enumerate(scales):
            size = max(abs(expected[place]), trials.sizes[row] * scale + abs(centre))
            assert abs(found[row][place] - expected[place]) <= 1e-12 * size


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_agree_to_twelve_digits(name: str) -> None:
    """Relative to the value itself, however small it is."""
    net = NetFactory([1, 1, 1], name, "linear", seed=0).new()
    net.weight(1, (0, 0)).value = net.weight(2, (0, 0)).value = 1.0
    zs = [*np.linspace(-30.0, 30.0, 301), 1e-9, -1e-9, 1e-300, 0.0, -700.0, 700.0, 5e-324]
    found = run(model_of(net), inputs=np.array(zs)[:, None])[:, 0]
    expected = [net.forward([float(z)])[0] for z in zs]
    assert np.allclose(found, expected, rtol=1e-12, atol=1e-300)
    assert set(FORMULAS) == set(ACTIVATIONS)


def test_a_file_says_what_it_takes_and_gives(tmp_path: Path) -> None:
    net = table_net()
    path = to_onnx(net, tmp_path / "net.onnx")
    model = onnx.load(path)
    shapes = {
        each.name: [d.dim_param or d.dim_value for d in each.type.tensor_type.shape.dim]
        for each in (*model.graph.input, *model.graph.output)
    }
    assert shapes == {"numbers": ["batch", 2], "texts": ["batch", 1], "outputs": ["batch", 2]}
    about = {each.key: json.loads(each.value) for each in model.metadata_props}
    assert about == {"columns": ["km", "on"], "texts": ["sky"], "classes": ["few", "many"]}
    rows = [[3.5, "sun", 1.0], [None, "rain", 0.0]]
    found = run(
        path, numbers=np.array([[3.5, 1.0], [math.nan, 0.0]]), texts=np.array([["sun"], ["rain"]])
    )
    assert np.allclose(found, net.predict_proba(rows), rtol=1e-12)


def test_rows_that_the_net_refuses_give_nan() -> None:
    net = NetFactory([4, 3, 1], "relu", "linear", seed=0).new()
    columns = [Column("a", "number"), Column("b", "category", ("x", "y"), "y"), Column("c", "boolean")]
    net.preparation = Preparation(columns, [Target("price", 100.0, 10.0)])
    numbers = np.array([[1.0, 0.0], [math.nan, 0.0], [1.0, 1.0], [1.0, 1.0]])
    texts = np.array([["x"], ["x"], ["z"], [""]])
    found = run(model_of(net), numbers=numbers, texts=texts)[:, 0]
    assert np.isnan(found).tolist() == [False, True, True, False]
    last = [node.op_type for node in model_of(net).graph.node][-3:]
    assert last == ["IsNaN", "Where", "Identity"]  # not every runtime passes nan through Relu
    expected = net.predict([[1.0, "x", 0.0], [1.0, "y", 1.0]])
    assert np.allclose(found[[0, 3]], expected, rtol=1e-12)


def test_numbers_of_half_the_size(tmp_path: Path) -> None:
    net = NetFactory([3, 4, 1], "gelu", seed=0).new()
    path = to_onnx(net, tmp_path / "net.onnx", "float32")
    found = run(path, inputs=np.ones((2, 3), np.float32))
    assert found.dtype == np.float32
    assert found[1].tolist() == pytest.approx(net.forward([1.0] * 3), rel=1e-5)
    assert len(path.read_bytes()) < len(to_onnx(net, path).read_bytes())


def test_wrong_arguments_are_said(tmp_path: Path) -> None:
    net = NetFactory([1, 1, 1], SOFT, seed=0).new()
    with pytest.raises(ValueError, match="activation 'soft' is a formula of your own: ONNX has no"):
        to_onnx(net, tmp_path / "net.onnx")
    net.layers[1].activation = "relu"
    with pytest.raises(ValueError, match="unknown dtype 'float16': known are float64, float32"):
        to_onnx(net, tmp_path / "net.onnx", "float16")
    for key, message in (("scale", "scales: one is too small"), ("centre", "1e[+]39 is too large for")):
        column = Column("a", "number", **{key: 1e-50 if key == "scale" else 1e39})
        net.preparation = Preparation([column])
        with pytest.raises(ValueError, match=message):
            to_onnx(net, tmp_path / "net.onnx", "float32")
    with pytest.raises(ValueError, match="this is written as ONNX"):
        to_onnx(net, tmp_path / "net.json")
    with pytest.raises(OSError, match="directory"):
        to_onnx(net, tmp_path / "none" / "net.onnx")
    assert list(tmp_path.iterdir()) == []
