"""A run file is opened once for what one call reads from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from slownet import History, NetFactory, compare, resume
from slownet.cli import main
from slownet.datasets import moons
from slownet.plotting import animation
from slownet.recording.opened_once import kept_connections, opened_once

X, Y = moons(60, noise=0.1, seed=1)
DATA = X, Y


def record(path: Path, seed: int) -> Path:
    net = NetFactory([2, 5, 1], "tanh", seed=seed).new()
    net.fit(*DATA, epochs=6, snapshots=20, watch=(X[:3], Y[:3]), record=path, progress=False)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("runs")
    return [record(folder / f"{name}.run", seed) for seed, name in enumerate(("one", "other"))]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The databases that have been opened, and none that was left open."""
    names: list[str] = []
    made: list[sqlite3.Connection] = []
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect

    def noted(name: str, **options: Any) -> sqlite3.Connection:
        names.append(name)
        made.append(connect(name, **options))
        return made[-1]

    monkeypatch.setattr(sqlite3, "connect", noted)
    yield names
    assert kept_connections() is None
    for connection in made:
        with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
            connection.total_changes  # noqa: B018


READS: dict[str, Callable[[History, Path], object]] = {
    "animation": lambda history, folder: animation(history),
    "page": lambda history, folder: history.write_html(folder / "page.html"),
    "notebook": lambda history, folder: history.animate(),
    "JSON": lambda history, folder: history.to_json(folder / "training.json"),
    "restore": lambda history, folder: history.restore(),
    "graph": lambda history, folder: history.graph,
    "rewind": lambda history, folder: history.rewind(4, DATA),
    "branch": lambda history, folder: history.branch(4, DATA, progress=False),
    "snapshots": lambda history, folder: list(history.snapshots),
    "some snapshots": lambda history, folder: history.snapshots[2:7],
    "weight": lambda history, folder: history.weight(1, (0, 0)),
    "neuron": lambda history, folder: history.neuron(1, 2),
    "figure": lambda history, folder: history._repr_html_(),
}


@pytest.mark.parametrize("what", READS)
def test_one_call_opens_the_file_once(
    what: str, files: list[Path], opened: list[str], tmp_path: Path
) -> None:
    history = History.open(files[0])
    assert len(history.snapshots) > 5
    assert len(opened) == 1
    READS[what](history, tmp_path)
    assert len(opened) <= 2


def test_a_comparison_opens_each_file_once(files: list[Path], opened: list[str], tmp_path: Path) -> None:
    compare(*files)
    assert len(opened) == len(set(opened)) == 2
    opened.clear()
    compare(*map(History.open, files))
    assert len(opened) == 4
    opened.clear()
    main(["compare", *map(str, files), "--html", str(tmp_path / "difference.html")])
    assert len(opened) == len(set(opened)) == 2


@pytest.mark.parametrize("command", ["info", "animate"])
def test_a_command_opens_the_file_once(
    command: str, files: list[Path], opened: list[str], tmp_path: Path
) -> None:
    page = ["-o", str(tmp_path / "page.html")] if command == "animate" else []
    main([command, str(files[0]), *page])
    assert len(opened) == 1


def test_to_resume_opens_it_once_to_read_and_twice_to_write(opened: list[str], tmp_path: Path) -> None:
    path = record(tmp_path / "a.run", 3)
    opened.clear()
    resume(path, DATA, epochs=8, progress=False)
    reading = [name for name in opened if name.endswith("mode=ro")]
    assert (len(reading), len(opened)) == (1, 3)


def test_within_another_it_is_opened_once_too(files: list[Path], opened: list[str]) -> None:
    with opened_once():
        history = History.open(files[0])
        animation(history)
        compare(history, files[0])
        list(History.open(files[0]).snapshots)
        assert len(opened) == 1
    History.open(files[0])
    assert len(opened) == 2


def test_a_file_that_is_damaged_is_told_once_more(tmp_path: Path, opened: list[str]) -> None:
    path = record(tmp_path / "a.run", 3)
    history = History.open(path)
    path.write_bytes(b"no database " * 100)
    for _ in range(2):
        with pytest.raises(Exception, match=r"a\.run"), opened_once():
            list(history.snapshots)
