"""`slownet export`: the net of a run for other programs."""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from test_cli_predict import TABLES, TRAIN, error_of, said

from slownet import cli, load, packages
from slownet.cli.exporting import EXPORTS
from slownet.interop import certify

NAMES = {
    "json": "net.json",
    "onnx": "net.onnx",
    "torch": "net.pt2",
    "safetensors": "net.safetensors",
    "numpy": "net.npz",
    "python": "net.py",
    "c": "net.c",
    "javascript": "net.js",
    "csv": "net.csv",
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    name, (text, options) = "people.csv", TABLES["people.csv"]
    (folder / name).write_text(text, encoding="utf-8")
    command = ["train", str(folder / name), *options, *TRAIN, "--run", str(folder / "people.run")]
    assert cli.main(command) == 0
    return folder / "people.run"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def available(kind: str) -> bool:
    return not EXPORTS[kind].needs or find_spec(EXPORTS[kind].needs) is not None


@pytest.mark.parametrize(
    "kind",
    [
        *(each for each in EXPORTS if each not in ("csv", "torch")),
        pytest.param("torch", marks=pytest.mark.long),
    ],
)
def test_an_export_is_the_net(kind: str, trained: Path, capsys: Any) -> None:
    if not available(kind):
        pytest.skip(f"{EXPORTS[kind].needs} is not installed")
    name = NAMES[kind]
    assert said(capsys, "export", str(trained), "--to", kind, "-o", name) == (f"Net: {name}\n", "")
    said(capsys, "export", str(trained), "-o", "the.json")
    found = certify(load("the.json"), name)
    assert found, str(found)
    if kind not in ("torch", "safetensors"):  # whose bytes have no order
        said(capsys, "export", "the.json", "-o", f"again.{name}")  # the ending says the kind
        assert Path(f"again.{name}").read_bytes() == Path(name).read_bytes()


def test_csv_has_all_numbers(trained: Path, capsys: Any) -> None:
    said(capsys, "export", str(trained), "-o", "net.csv")
    said(capsys, "export", str(trained), "-o", "net.json")
    with Path("net.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    net = load("net.json")
    values = [float(row["value"]) for row in rows if row["source_layer"]]
    assert values == [weight.value for weight in net.weights()]
    biases = [float(row["value"]) for row in rows if not row["source_layer"]]
    assert biases == [neuron.bias for neuron in net.neurons() if neuron.has_bias]


@pytest.mark.parametrize("kind", ["onnx", pytest.param("torch", marks=pytest.mark.long)])
def test_numbers_of_half_the_size(kind: str, trained: Path, capsys: Any) -> None:
    if not available(kind):
        pytest.skip(f"{kind} is not installed")
    said(capsys, "export", str(trained), "-o", "net.json")
    said(capsys, "export", "net.json", "--to", kind, "--float32", "-o", NAMES[kind])
    found = certify(load("net.json"), NAMES[kind])
    assert found, str(found)
    assert found.tolerance == 1e-4


def test_the_kinds_are_listed(capsys: Any) -> None:
    assert list(NAMES) == list(EXPORTS)
    told = said(capsys, "export", "--help")[0]
    for kind in EXPORTS:
        assert f"\n  {kind} " in f"{told} " or f"\n  {kind}\n" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--to", "c", "-o", "net.py"],
            "-o: 'net.py': this is written as C, so give it a name",
        ),
        (["-o", "net.pkl"], "-o: 'net.pkl': expected a name that ends in .json, .onnx, .pt2, "),
        (["-o", "-"], "-o: '-': expected a name that ends in .json, .onnx, .pt2, "),
        (["--to", "onnx", "-o", "net.pkl"], "it ends as that of arrays or objects"),
        (["--to", "python", "--float32", "-o", "net.py"], "--float32: python always has all bits"),
        (["--to", "hdf5", "-o", "net.h5"], "--to: invalid choice: 'hdf5' (choose from"),
    ],
)
def test_what_cannot_be_written_is_said(
    arguments: list[str], message: str, trained: Path, capsys: Any
) -> None:
    assert message in error_of(capsys, "export", str(trained), *arguments)


@pytest.mark.parametrize("kind", [kind for kind, each in EXPORTS.items() if each.needs])
def test_a_missing_package_is_an_error_with_the_command(
    kind: str, trained: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(package: str, extra: str = "") -> None:
        if extra:
            raise packages.missing(package, extra)

    monkeypatch.setattr(packages, "require", missing)
    error = error_of(capsys, "export", str(trained), "--to", kind, "-o", NAMES[kind])
    assert error.endswith(f'which is not installed: pip install "slownet[{EXPORTS[kind].needs}]"\n')


def test_own_formulas_are_named_before_anything_is_left_behind(capsys: Any) -> None:
    from slownet import Activation, NetFactory
    from slownet.functions import elementary

    own = Activation("own", lambda z: elementary.tanh(z), lambda z: 1.0)
    NetFactory([2, 2, 1], own, seed=0).new().save("net.json")
    error = error_of(capsys, "export", "net.json", "-o", "net.py")
    assert "activation 'own' is a formula of your own" in error
