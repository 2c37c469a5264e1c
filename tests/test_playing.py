"""Pages without a training first."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import slownet
from slownet import Net, NetFactory, cli, verify
from slownet.cli.training import Introduction
from slownet.datasets import load_housing, moons
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.page import Page, Player
from slownet.page.playing import SETS
from slownet.training import Training


def facts_of(player: Player) -> dict[str, Any]:
    return Page.parse(player.text).facts


def numbers_of(net: Net) -> list[float]:
    return [*(weight.value for weight in net.weights()), *(neuron.bias for neuron in net.neurons())]


def sizes_of(facts: dict[str, Any]) -> list[int]:
    return [len(layer["neurons"]) for layer in facts["layers"]]


@pytest.mark.parametrize("name", [name for name in SETS if name != "mnist"])
def test_data_sets_by_their_names(name: str) -> None:
    facts = facts_of(slownet.play(name, epochs=2))
    assert facts["frames"] == 0
    assert sizes_of(facts) == [2, 8, 8, 1]
    assert (facts["target_kind"] == "number") == (name in ("plane", "multi_gaussian"))
    assert facts["holds"] == {"data": [200, 200]}
    assert len(facts["samples"]) == 200


def test_own_data(tmp_path: Path) -> None:
    X, y = moons(50, 0.1, 0)
    X = np.round(X, 4)
    text = np.array(["a", "b"])[y]
    player = slownet.play(X, text, hidden=[5], epochs=3, seed=4)
    facts = facts_of(player)
    assert facts["holds"]["data"] == [50, 50]  # it stays in the notebook
    assert facts["training"]["classes"] == ["a", "b"]
    assert sizes_of(facts) == [2, 5, 1]
    assert verify(player.write(tmp_path / "page.html"))
    three = facts_of(slownet.play(X, np.arange(50) % 3 + 4, epochs=1))
    assert three["training"]["classes"] == [4, 5, 6]
    assert sizes_of(three)[-1] == 3
    numbers = facts_of(slownet.play(X, X[:, 0] * 0.37, epochs=1))
    assert numbers["target_kind"] == "number"
    several = facts_of(slownet.play(X, X * 0.37, epochs=1))
    assert sizes_of(several)[-1] == 2
    answers = facts_of(slownet.play(X, (X > 0.5).astype(int), epochs=1))
    assert (answers["target_kind"], sizes_of(answers)[-1]) == ("binary", 2)
    whole = np.arange(50)
    for prices in (whole, whole.astype(float), np.stack([whole, whole], axis=1)):  # they are no classes
        player = slownet.play(X, prices, epochs=1, learning_rate=1e-4)
        assert facts_of(player)["target_kind"] == "number"


def test_tables(tmp_path: Path) -> None:
    player = slownet.play(load_housing(), epochs=2, learning_rate=0.01)
    facts = facts_of(player)
    assert facts["preparation"]["columns"][0]["name"] == "crime"
    assert facts["preparation"]["columns"][0]["scale"] != 1.0
    assert verify(player.write(tmp_path / "page.html"))
    frame = pd.DataFrame({"size": [40.0, 50.5, 61.0] * 4, "town": ["Ulm", "Bonn", "Kiel"] * 4})
    facts = facts_of(slownet.play(frame, ["yes", "no", "yes"] * 4, epochs=1))
    assert sizes_of(facts) == [4, 8, 8, 1]


def test_a_net_stays_as_it_is() -> None:
    net = NetFactory([2, 3, 1], seed=0).new()
    before = [weight.value for weight in net.weights()]
    player = net.play(*moons(40), epochs=2, title="Mine", keep="none", height=400)
    assert [weight.value for weight in net.weights()] == before
    assert facts_of(player)["title"] == "Mine"
    assert facts_of(player)["holds"] == {}
    assert player.height == 400


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("moon",), InvalidValueError, "did you mean 'moons'"),
        (("moons", [1]), InvalidTypeError, "leave it out"),
        (([[1.0], [2.0]],), InvalidTypeError, "give y"),
        (([[1.0], [2.0]], [1, 1]), InvalidValueError, "one class only"),
        (([1.0, 2.0], [0, 1]), InvalidValueError, "a row of numbers for each sample"),
        ((np.zeros((2, 3, 4)), [0, 1]), InvalidValueError, "a row of numbers for each sample"),
        (([[1.0], [2.0, 3.0]], [0, 1]), InvalidValueError, "X\\[1\\]"),
        ((iter([[1.0], [2.0]]), [0, 1]), InvalidTypeError, "X must be a list.*, not list_iterator"),
        ((None, [0, 1]), InvalidTypeError, "X must be a list"),
        (("houses.csv",), InvalidValueError, "unknown data set.*; a table is read with .*read_csv"),
    ],
)
def test_what_cannot_be_played(arguments: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        slownet.play(*arguments)


@pytest.mark.parametrize("hidden", [3, "8-8", None])
def test_sizes_that_are_none(hidden: Any) -> None:
    with pytest.raises(InvalidTypeError, match="hidden must be a sequence of sizes"):
        slownet.play("moons", hidden=hidden)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("moons",), "slownet.play\\('moons'\\)"),
        ((None,), "y must be"),
        ((5, [0, 1]), "X must be"),
        ((iter([[1.0, 2.0]]), [0]), "X must be"),
    ],
)
def test_what_a_net_cannot_play(arguments: Any, words: str) -> None:
    with pytest.raises(InvalidTypeError, match=words):
        NetFactory([2, 3, 1]).new().play(*arguments)


def test_a_page_prints_what_it_is() -> None:
    player = slownet.play("moons", epochs=1, title="Two moons")
    assert repr(player).startswith("Player('Two moons', 0.")
    assert "write(PATH)" in repr(player)


def test_an_experiment_of_a_page_is_repeated(tmp_path: Path) -> None:
    """Also where the front end shows no widgets: its text is copied from the page."""
    X, y = moons(50, 0.1, 0)
    own = np.round(X, 4)
    player = slownet.play(own, y, epochs=3)
    wanted = slownet.replay(player.history, "2_rate_0.05", step=5)
    path = player.write(tmp_path / "page.html")
    for source in (player, path):
        net = slownet.replay(source, "2_rate_0.05", step=5)
        assert numbers_of(net) == numbers_of(wanted)
    with pytest.raises(InvalidValueError, match=r"slownet\.replay\(page, TEXT\)"):
        player.experiment  # noqa: B018  it reads what the page has said
    some = slownet.play(own, y, epochs=3, keep=20)  # it trains on from a snapshot
    path, text = some.write(tmp_path / "some.html"), "from=2&e=3_rate_0.5"
    assert numbers_of(slownet.replay(some, text, step=5)) == numbers_of(
        slownet.replay(path, text, step=5)
    )
    with pytest.raises(InvalidValueError, match="this page .*goes on from no snapshot"):
        slownet.replay(player, text)


def test_the_command_opens_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    opened: list[str] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(webbrowser, "open", lambda address: bool(opened.append(address)) or True)
    assert cli.main(["play"]) == 0
    assert opened == [(tmp_path / "moons.html").as_uri()]
    assert Page.open("moons.html").facts["frames"] == 0
    assert cli.main(["play", "spirals", "--no-open", "--epochs", "2", "-o", "s.html"]) == 0
    assert len(opened) == 1
    assert capsys.readouterr().out == "Page: moons.html\nPage: s.html\n"
    assert cli.main(["verify", "s.html"]) == 0
    Path("t.csv").write_text("a,b\n" + "".join(f"{k},{k * k % 7}\n" for k in range(40)), "utf-8")
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    assert cli.main(["play", "t.csv", "--target", "b", "--epochs", "2"]) == 0
    said = capsys.readouterr().out
    assert "No browser could be opened: open t.html" in said
    assert "It holds rows of t.csv, to train with them; --keep none leaves them out.\n" in said
    assert Page.open("t.html").facts["holds"]["data"] == [32, 32]
    for number in ("none", "auto"):
        command = ["play", "t.csv", "--target", "b", "--epochs", "2", "--no-open", "--keep", number]
        assert cli.main(command) == 0
        assert "It holds" not in capsys.readouterr().out
    assert cli.main(["play", "moon"]) == 2
    assert "moons" in capsys.readouterr().err


def test_a_training_that_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def stop(introduction: Introduction, training: Training) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Introduction, "on_epoch_end", stop, raising=False)
    assert cli.main(["play", "--no-open", "--epochs", "3"]) == 0
    assert capsys.readouterr().out == "Stopped after 25 of 75 steps.\nPage: moons.html\n"


@pytest.mark.long
def test_the_command_and_python_train_as_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    X, y = moons(60, 0.1, 0)
    epochs = facts_of(slownet.play(X, y, hidden=[2]))["training"]["config"]["epochs"]
    assert epochs == 1000
    assert cli.main(["play", "moons", "--samples", "60", "--hidden", "2", "--no-open"]) == 0
    assert Page.open("moons.html").facts["training"]["config"]["epochs"] == epochs


def test_digits_are_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["play", "mnist", "--no-open", "--samples", "300", "--epochs", "1"]) == 0
    facts = Page.open("mnist.html").facts
    assert facts["frames"] == 0
    assert facts["held_out"] == {"kind": "test", "count": 500, "all": 10000}
