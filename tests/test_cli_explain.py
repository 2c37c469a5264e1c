"""`slownet explain`: a number of a recorded training, derived."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slownet import History, NetFactory, cli
from slownet.datasets import moons


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "moons.run"
    arguments = ["train", "moons", "--samples", "60", "--epochs", "3", "--run", str(path)]
    assert cli.main([*arguments, "--no-html", "--quiet"]) == 0
    return path


def printed(capsys: Any, *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert cli.main(["explain", *arguments]) == code
    found = capsys.readouterr()
    return str(found.out if code == 0 else found.err)


def test_a_weight_in_a_step(recorded: Path, capsys: Any) -> None:
    history = History.open(recorded)
    last = history.last_step
    text = printed(capsys, str(recorded), "--step", str(last), "--weight", "1:(0,2)")
    assert text.startswith("gradient of the weight from neuron 0 of layer 0 to neuron 2 of layer 1\n")
    assert f"step {last} of the training: the " in text
    loss = printed(capsys, str(recorded), "--quantity", "loss", "--depth", "1")
    assert f"= {history.loss[-1]:.6g}" in loss
    name = f"new_weight_1_0_2 = {history.snapshots[-1].weight(1, (0, 2)):.6g}"[:-1]
    update = printed(capsys, str(recorded), "--weight", "1:(0,2)", "--quantity", "update")
    assert name.split(" = ")[1] in update


def test_a_sample_alone_and_a_program(recorded: Path, capsys: Any, tmp_path: Path) -> None:
    arguments = str(recorded), "--step", "5", "--sample", "7", "--neuron", "1:2"
    text = printed(capsys, *arguments, "--quantity", "delta")
    assert "step 5 of the training, with sample 7 of the data alone" in text
    program = printed(capsys, *arguments, "--quantity", "delta", "--python")
    space: dict[str, Any] = {}
    exec(program, space)
    assert f"= {space['delta_1_2']:.6g}" in text
    assert program.endswith("print(delta_1_2)\n")  # the program says what it has computed
    page = tmp_path / "why.html"
    assert "Written" in printed(capsys, *arguments, "--html", str(page))
    assert page.read_text("utf-8").count("<details") == 2
    assert "exists" in printed(capsys, *arguments, "--html", str(page), code=2)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--step", "999999"], "--step must be from 1 to"),
        (["--weight", "3"], "--weight must be LAYER:(I,J)"),
        (["--weight", "1:(99,2)"], "no weight (99, 2) goes to layer 1"),
        (["--weight", "1:(0,2)", "--quantity", "z"], 'of a weight can be explained: "grad"'),
        (["--neuron", "1"], "--neuron must be LAYER:ID"),
        (["--neuron", f"1:{'9' * 5000}"], "--neuron must be LAYER:ID"),
        (["--weight", f"1:({'9' * 5000},2)"], "--weight must be LAYER:(I,J)"),
        (["--weight", "1:(-0,-2)"], "--weight must be LAYER:(I,J)"),
        (["--neuron", "1:99"], "--neuron 1:99 is not in this net: it has 0:0 to 1, 1:0 to "),
        (["--quantity", "delta_1_2_s999999"], "sample 999,999 is not among those of this step (step "),
        (["--sample", "999"], "--sample must be"),
        (["--quantity", "nonsense"], "is no number of a step"),
        (["--depth", "0"], "--depth must be"),
    ],
)
def test_what_cannot_be_explained(recorded: Path, capsys: Any, arguments: list[str], error: str) -> None:
    assert error in printed(capsys, str(recorded), *arguments, code=2)


def test_data_that_only_a_program_knows(tmp_path: Path, capsys: Any) -> None:
    X, y = moons(20, 0.1, 0)
    path = tmp_path / "own.run"
    NetFactory([2, 2, 1], seed=0).new().fit(X, y, record=path, progress=False)
    error = printed(capsys, str(path), code=2)
    assert "history.explain(step, quantity, (X, y))" in error
