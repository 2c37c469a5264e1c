"""Certificates: true for what is the net, false for whatever differs in one number."""

from __future__ import annotations

import math
import re
import shutil
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from commands import python, run
from exports import exported_net
from slow import crossed, some

from slownet import Activation, Net, NetFactory, Preparation, Weight
from slownet.datasets import Column, Target
from slownet.functions import elementary
from slownet.interop import Certificate, certify, running, to_numpy, to_source
from slownet.interop.numpy import to_named


def house_net() -> Net:
    """A net with gaps, texts, scales; one hidden neuron is never active."""
    net = NetFactory([5, 4, 3, 2], ["tanh", "relu"], "linear", seed=3).new()
    size = Column("size", "number", (), 80.0, 75.0, 20.0)
    place = Column("place", "category", ("north", "south"), "south")
    columns = [size, Column("rooms", "number"), place, Column("new", "boolean", (), 0.25)]
    net.preparation = Preparation(columns, [Target("price", 2e5, 4e4), Target("rent", 900.0, 300.0)])
    net.layers[2].neurons[1].bias = -50.0
    net.layers[1].neurons[0].freeze()
    net.weight(2, (1, 2)).remove()
    return net


def has(*packages: str) -> bool:
    return all(find_spec(each) for each in packages)


def write_source(language: str) -> Callable[[Net, Path], Path]:
    def write(net: Net, path: Path) -> Path:
        path.write_text(to_source(net, language), encoding="utf-8")
        return path

    return write


def write_numpy(net: Net, path: Path) -> Path:
    np.savez(path, **to_named(net))
    return path


def write(kind: str, net: Net, folder: Path) -> Any:
    """Export a net in one of the ways; skip the test where what it needs is missing."""
    needs = {"onnx": ("onnx", "onnxruntime"), "torch": ("torch",), "pt2": ("torch",)}
    if not has(*needs.get(kind, ("safetensors",) if kind == "safetensors" else ())):
        pytest.skip(f"a package for {kind} is not installed")
    if kind == "c" and not shutil.which("gcc"):
        pytest.skip("gcc is not installed")
    import slownet.interop as exchange

    path = folder / f"net.{kind}"
    match kind:
        case "torch":
            return exchange.to_torch(net)
        case "arrays":
            return to_numpy(net)
        case "pt2":
            return exchange.to_torch_program(net, path)
        case "onnx":
            return exchange.to_onnx(net, path)
        case "safetensors":
            return exchange.to_safetensors(net, path)
        case "npz":
            return write_numpy(net, path)
        case "json":
            return net.save(path)
    return write_source({"py": "python", "c": "c", "js": "javascript"}[kind])(net, path)


pytestmark = pytest.mark.long  # each certificate starts a process
KINDS = ("torch", "arrays", "pt2", "onnx", "safetensors", "npz", "json", "py", "c", "js")
EXACT = {"arrays", "safetensors", "npz", "json", "py", "c", "js"}


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_is_the_net(kind: str, tmp_path: Path) -> None:
    net = house_net()
    before = [(each.z, each.value) for each in net.neurons()]
    found = certify(net, write(kind, net, tmp_path))
    assert found, str(found)
    assert (found.tolerance == 0.0) == (kind in EXACT)
    if kind in EXACT:
        assert (found.largest_difference, found.largest_relative) == (0.0, 0.0)
    assert found.largest_relative < 1e-13
    assert (found.gradients is not None) == (kind == "torch")
    assert found.weights == net.parameter_count + (kind in GAPPY)
    assert found.inputs["random"] == 60
    assert found.inputs["gaps"] == 12
    assert {"slownet", "Python"} < set(found.versions)
    assert [(each.z, each.value) for each in net.neurons()] == before


GAPPY = ("torch", "arrays", "onnx", "safetensors", "npz", "json")  # their matrices have the gap, too


@pytest.mark.parametrize("place", [(2, (0, 1)), (1, (2, 1))])  # the first of a neuron that is 0
@pytest.mark.parametrize("kind", KINDS)
def test_one_changed_weight_is_found(kind: str, place: Any, tmp_path: Path) -> None:
    net = house_net()
    other = net.copy()
    other.weight(*place).value += 1e-10
    found = certify(net, write(kind, other, tmp_path))
    assert not found
    assert found.faults
    assert "another net" in str(found)


@pytest.mark.parametrize("kind", ["onnx", "py"])
def test_a_changed_preparation_is_found(kind: str, tmp_path: Path) -> None:
    net = house_net()
    for change in ({"columns": []}, {"targets": []}):
        other = net.copy()
        columns, targets = list(net.preparation.columns), list(net.preparation.targets)
        if "columns" in change:
            columns[0] = Column("size", "number", (), 80.0, 75.0, 20.000001)
        else:
            targets[1] = Target("rent", 900.001, 300.0)
        other.preparation = Preparation(columns, targets)
        assert not certify(net, write(kind, other, tmp_path))


@pytest.mark.parametrize("kind", ["onnx", "json", "py", "c", "js"])
def test_other_classes_are_found(kind: str, tmp_path: Path) -> None:
    net = NetFactory([2, 3, 3], "tanh", "softmax", seed=0).new()
    other = net.copy()
    net.classes, other.classes = ["dog", "cat", "it's"], ["cat", "dog", "it's"]
    found = certify(net, write(kind, other, tmp_path))
    assert len(found.faults) == 1
    assert "classes" in found.faults[0]
    assert certify(other, write(kind, other, tmp_path))


def test_the_preparation_and_what_is_frozen_are_compared() -> None:
    net = house_net()
    other = net.copy()
    other.preparation = Preparation(net.preparation.columns, [Target("a"), Target("b")])
    other.layers[1].unfreeze()
    found = certify(net, to_numpy(other))
    assert [fault[:12] for fault in found.faults] == ["preparation:", "other biases", "other weight"]


def test_what_is_frozen_in_torch_is_compared(tmp_path: Path) -> None:
    net = NetFactory([2, 3, 1], seed=0).new()
    module = write("torch", net, tmp_path)
    module.requires_grad_(False)
    assert certify(net, module).faults == [
        "other biases of layer 1 are frozen",
        "other biases of layer 2 are frozen",
        "other weights from layer 0 to layer 1 are frozen",
        "other weights from layer 1 to layer 2 are frozen",
    ]
    with pytest.raises(ValueError, match="expected a module of float64 or float32, not bfloat16"):
        certify(net, module.bfloat16())
    torch = pytest.importorskip("torch")
    path = tmp_path / "net.pt2"
    sizes = ({0: torch.export.Dim("batch")},)
    rows = torch.zeros(2, 2, dtype=torch.float16)
    torch.export.save(torch.export.export(module.half(), (rows,), dynamic_shapes=sizes), path)
    with pytest.raises(ValueError, match="expected a program of float64 or float32, not float16"):
        certify(net, path)


@pytest.mark.parametrize("seed", some(range(20), 6))
def test_random_nets_in_torch(seed: int, tmp_path: Path) -> None:
    net = exported_net(seed + 100)
    module = write("torch", net, tmp_path)
    assert certify(net, module)
    draw, weights = Random(seed), list(net.weights())
    if weights:
        draw.choice(weights).value += 1e-9
        assert not certify(net, module)


def test_gradients_are_compared() -> None:
    pytest.importorskip("torch")
    from slownet.interop import to_torch
    from slownet.interop.certify import _Comparison
    from slownet.interop.trials import Trials

    net = NetFactory([2, 3, 1], "tanh", "linear", seed=0).new()
    made = certify(net, to_torch(net))
    assert made.gradients is not None
    assert made.gradients[1] < 1e-13
    trials = Trials.of(net, 0, [])
    wrong = {"0 weight 0 1": np.full((3, 2), 0.123)}  # what no gradient is
    _Comparison(net, None, 0, [])._gradients(made, trials, wrong)
    assert made.faults[0].startswith("a gradient into layer 1: expected ")
    assert not made


def test_numbers_of_half_the_size(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxruntime")
    from slownet.interop import to_onnx, to_torch

    net = NetFactory([3, 4, 1], "gelu", seed=0).new()
    for exported in to_torch(net, torch.float32), to_onnx(net, tmp_path / "net.onnx", "float32"):
        found = certify(net, exported)
        assert found
        assert found.tolerance == 1e-4
        assert 0.0 < found.largest_relative < 1e-5
        assert found.left_out == 3
        assert not certify(net, exported, tolerance=1e-12)


def test_what_overflows_is_left_out_and_counted(tmp_path: Path) -> None:
    net = NetFactory([2, 3, 1], "exponential", "linear", seed=0).new()
    found = certify(net, to_numpy(net))
    assert found
    assert found.left_out > 0
    assert f"{found.left_out} overflow and are left out" in str(found)
    own = Activation("own", lambda z: 1.0 / z, lambda z: -1.0 / (z * z))
    net.layers[1].activation = own  # an error at 0
    path = tmp_path / "net.py"
    path.write_text(to_source(net, "python"), encoding="utf-8")
    assert certify(net, path).left_out > 0


def test_a_net_that_always_overflows_has_no_certificate() -> None:
    net = NetFactory([2, 3, 1], seed=0).new()
    net.layers[2].neurons[0].bias = 1e300
    with pytest.raises(ValueError, match="all 90 inputs overflow in the net, so that nothing can be"):
        certify(net, to_numpy(net))


def test_other_activations_are_found_where_no_output_differs() -> None:
    net = NetFactory([2, 3, 1], seed=0).new()
    for weight in net.layers[2].neurons[0].weights["in"].values():
        weight.value = 0.0
    other = net.copy()
    other.layers[1].activation = "tanh"
    found = certify(net, to_numpy(other))
    assert found.largest_difference == 0.0
    assert [fault[:7] for fault in found.faults] == ["layers:"]


@pytest.mark.parametrize("kind", ["npz", "safetensors", "json", "onnx", "py", "js"])
def test_capitals_of_an_ending_do_not_count(kind: str, tmp_path: Path) -> None:
    net = house_net()
    path = write(kind, net, tmp_path)
    assert certify(net, path.rename(tmp_path / f"NET.{kind.upper()}"))


def test_arrays_need_no_safetensors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "safetensors.py").write_text("raise ImportError('safetensors')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    net = NetFactory([2, 3, 1], seed=0).new()
    assert certify(net, to_numpy(net))
    assert certify(net, net.save(tmp_path / "net.json"))


def test_more_samples_and_a_seed(tmp_path: Path) -> None:
    net = house_net()
    rows = [[90.0, 3.0, "north", 1.0], [None, 2.0, None, None]]
    found = certify(net, write("py", net, tmp_path), samples=rows, seed=5)
    assert found
    assert found.inputs["given"] == 2
    for kind in "py", "c", "onnx":
        gaps = [np.array([math.nan, 2, "", math.nan], object), [None, np.float32(2.0), math.nan, ""]]
        assert certify(net, write(kind, net, tmp_path), samples=gaps).inputs["given"] == 2
    with pytest.raises(ValueError, match="snow"):
        certify(net, write("py", net, tmp_path), samples=[[90.0, 3.0, "snow", 1.0]])


def test_own_exact_formulas_are_the_same_everywhere(tmp_path: Path) -> None:
    own = Activation("own", lambda z: elementary.tanh(0.5 * z), lambda z: 1.0)
    net = NetFactory([2, 3, 1], own, "linear", seed=0).new()
    for kind in "py", "c", "js":
        assert certify(net, write(kind, net, tmp_path))


@pytest.mark.parametrize(("kind", "sizes"), crossed(KINDS, [[2, 4, 1], [2, 3, 2, 1], [2, 1], [2, 3, 2]]))
def test_another_net_is_no_error(kind: str, sizes: list[int], tmp_path: Path) -> None:
    net, other = NetFactory([2, 3, 1], seed=0).new(), NetFactory(sizes, seed=0).new()
    assert certify(net, write(kind, other, tmp_path)).faults


@pytest.mark.parametrize("kind", [*GAPPY, "pt2"])  # a program may have more numbers
def test_one_weight_too_many_is_found(kind: str, tmp_path: Path) -> None:
    """Even where it changes no output, as nothing depends on the neuron that it leads to."""
    net = house_net()
    for weight in net.layers[2].neurons[1].weights["out"].values():
        weight.value = 0.0
    other = net.copy()
    Weight(((0, 0), (2, 1)), other.layers[2].neurons[1], other.layers[0].neurons[0], 1e-9)
    assert certify(net, write(kind, other, tmp_path)).faults


def test_what_is_all_frozen_has_no_gradients(tmp_path: Path) -> None:
    net = NetFactory([2, 3, 1], seed=0).new()
    for layer in net:
        layer.freeze()
    found = certify(net, write("torch", net, tmp_path))
    assert found
    assert found.gradients is None


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("net.py", "outputs = 1 +", "the Python program fails where it is run: SyntaxError"),
        ("net.py", "import os", "the Python program fails where it is run: KeyError"),
        ("net.py", "print(1)\ndef outputs(row): return [0.5]", "prints more than it should"),
        ("net.py", b"\xff", "damaged"),
        ("net.c", "int x;", "the C program fails"),
        ("net.js", "x", "the JavaScript program fails"),
        ("net.onnx", "x", "damaged"),
        ("net.npz", "x", "net file fails where it is run"),
        ("net.safetensors", "x", "net file fails where it is run"),
        ("net.json", "x", "net file fails where it is run"),
        ("net.pt2", "x", "torch program fails where it is run"),
        ("net.pt", "x", "expected a file that ends in .onnx, .pt2"),
        ("net", "x", "expected a file that ends in .onnx, .pt2"),
    ],
)
def test_broken_files_are_said(name: str, text: Any, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if name.endswith(".pt2") and not has("torch"):
        pytest.skip("torch is not installed")
    if name.endswith(".c") and not shutil.which("gcc"):
        pytest.skip("gcc is not installed")
    with pytest.raises(ValueError, match=re.escape(message)):
        certify(NetFactory([2, 1], seed=0).new(), path)


def test_wrong_arguments_are_said(tmp_path: Path) -> None:
    net = NetFactory([2, 1], seed=0).new()
    with pytest.raises(TypeError, match="exported must be a module of PyTorch, arrays of to_numpy or"):
        certify(net, 3)
    with pytest.raises(FileNotFoundError):
        certify(net, tmp_path / "none.py")
    with pytest.raises(TypeError, match="net must be of type Net"):
        certify("net", to_numpy(net))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="tolerance must be at least 0"):
        certify(net, to_numpy(net), tolerance=-1.0)
    net.weight(1, (0, 0)).value = math.nan
    with pytest.raises(ValueError, match="finite numbers only"):
        certify(net, tmp_path)


def test_what_runs_programs_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net = NetFactory([2, 1], seed=0).new()
    monkeypatch.setattr(running.shutil, "which", lambda *_, **__: None)
    for kind, message in ("c", "compiled by gcc or clang"), ("js", "pip install deno"):
        path = write_source({"c": "c", "js": "javascript"}[kind])(net, tmp_path / f"net.{kind}")
        with pytest.raises(ImportError, match=message):
            certify(net, path)


@pytest.mark.parametrize("body", ["[]", "None", "['a']", "[0.5] * int(row[0] > 0)", "[0.5, 0.5]"])
def test_programs_that_return_something_else_are_no_export(body: str, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(f"def outputs(row): return {body}", encoding="utf-8")
    found = certify(NetFactory([2, 1], seed=0).new(), path)
    assert "an output: expected the shape" in found.faults[0]


def has_ended(process: int) -> bool:
    """Whether a process ends within seconds, if only as a zombie that nobody waits for."""
    for _ in range(100):
        state = run("ps", "-p", process, "-o", "stat=").stdout.strip()
        if not state or state.startswith("Z"):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(sys.platform == "win32", reason="has no groups of processes")
def test_programs_end_with_all_that_they_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "SECONDS", 1)
    path, left = tmp_path / "net.py", tmp_path / "left"
    start = f"""import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], stdout=-3, stderr=-3)
open({str(left)!r}, "w").write(str(child.pid))
"""
    path.write_text(f"{start}def outputs(row): return [0.0]", encoding="utf-8")
    assert not certify(NetFactory([2, 1], seed=0).new(), path)
    assert has_ended(int(left.read_text()))
    path.write_text(f"{start}while True: pass", encoding="utf-8")
    with pytest.raises(ValueError, match="the Python program has not ended after 1 seconds"):
        certify(NetFactory([2, 1], seed=0).new(), path)
    assert has_ended(int(left.read_text()))
    path.write_text("import os; os.abort()", encoding="utf-8")
    with pytest.raises(ValueError, match="it ended with code -"):
        certify(NetFactory([2, 1], seed=0).new(), path)
    path.write_text("import sys; sys.stderr.buffer.write(b'\\xff no'); sys.exit(1)", encoding="utf-8")
    with pytest.raises(ValueError, match="fails where it is run: .*no"):
        certify(NetFactory([2, 1], seed=0).new(), path)


def test_nan_is_no_agreement() -> None:
    found = Certificate("arrays", 1e-12)
    assert found.compare([1.0], [math.nan], 1.0, "an output") == (math.inf, math.inf)
    assert not found
    found = Certificate("arrays", 0.0)
    found.compare([0.0], [-0.0], 1.0, "an output")
    assert not found  # other bits
    assert Certificate("arrays", 0.0)


def test_certificates_say_what_was_compared() -> None:
    code = """
from slownet import NetFactory
from slownet.interop import certify, to_numpy
net = NetFactory([2, 3, 1], seed=0).new()
print(certify(net, to_numpy(net)))
"""
    lines = python(code).splitlines()
    assert lines[0] == "arrays: the same net, to the last bit"
    kinds = "60 random, 12 wide, 3 zeros, 3 ones, 3 tiny, 3 denormal, 3 large, 3 huge"
    assert lines[1] == f"inputs: 90 ({kinds}); 0 overflow and are left out"
    assert lines[2] == "outputs: largest difference 0, relative 0"
    assert lines[3] == "weights and biases: 13 compared"
