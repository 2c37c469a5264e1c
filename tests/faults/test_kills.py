"""Trainings that are killed at any moment: nothing that was committed is lost, and no bit differs."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import trainings
from bits import numbers, record
from commands import ENVIRONMENT, TESTS
from trainings import ENGINES, KILLED, SEED, THOROUGH

from slownet import FormatError, History, MissingFileError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills children that are made by fork")

KILLS = 300 if THOROUGH else 12  # at least, of each kind on each engine


class Driver:
    """Starts trainings in processes of their own, and kills them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, TESTS / "faults" / "driver.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )

    def run(self, path: Path, **work: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        defaults = {"step": None, "seconds": None, "resumes": False, "holds": False}
        self._process.stdin.write(json.dumps({**defaults, **work, "path": str(path)}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    made = Driver()
    yield made
    made.close()


@pytest.fixture(scope="module")
def undisturbed() -> dict[tuple[str, str], tuple[Any, Any]]:
    trained = {(kind, engine): trainings.train(kind, engine) for kind in KILLED for engine in ENGINES}
    return {which: (record(history), numbers(history.net)) for which, history in trained.items()}


def moment(chance: random.Random, first: int, last: int) -> dict[str, Any]:
    """When to kill: anywhere, and often while the file is made, or while the run is closed."""
    if (draw := chance.random()) < 0.2:
        return {"step": None, "seconds": chance.uniform(0.0, 0.03), "holds": True}
    if draw < 0.35:
        return {"step": last, "seconds": chance.uniform(0.0, 0.01)}
    step = first + int((last - first) * chance.random() ** 2)
    return {"step": step, "seconds": chance.uniform(0.0, 0.01), "holds": True}


def begins_like(part: Any, whole: Any) -> bool:
    """Whether what a file holds is the beginning of what an undisturbed training keeps."""
    return all(part[name] == whole[name][: len(part[name])] for name in whole)


def open_or_none(path: Path) -> History | None:
    """Open a run; None if it was killed before its first commit."""
    try:
        return History.open(path)
    except MissingFileError:
        return None
    except FormatError as error:
        if re.search("before its first commit|before anything was recorded", str(error)):
            return None
        raise


@pytest.mark.long
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", KILLED)
def test_what_was_committed_before_a_kill_is_there_and_going_on_gives_the_same_bits(
    kind: str,
    engine: str,
    driver: Driver,
    undisturbed: dict[tuple[str, str], tuple[Any, Any]],
    tmp_path: Path,
) -> None:
    wanted, net = undisturbed[kind, engine]
    last = len(wanted["loss"])
    chance = random.Random(f"{SEED} {kind} {engine}")
    kills = reopened = went_on = 0
    for number in count():
        if kills >= KILLS and went_on >= KILLS // 6:
            break
        path = tmp_path / f"{number}.run"
        committed = None
        for attempt in range(1 + number % 3):
            when = moment(chance, committed or 0, last)
            result = driver.run(path, kind=kind, engine=engine, resumes=attempt > 0, **when)
            kills += result["killed"]
            committed = committed if result["committed"] is None else result["committed"]
            if (history := open_or_none(path)) is None:
                break
            assert history.last_step >= (committed or 0)
            assert begins_like(record(history), wanted)
            reopened += 1
        if history is None:
            assert committed is None
            continue
        was_finished = history.ended == "finished"
        went_on += not was_finished
        history = trainings.go_on(kind, path)
        assert record(history) == wanted
        assert numbers(history.net) == net
        assert record(History.open(path)) == wanted
        assert was_finished or [each.name for each in tmp_path.glob(f"{number}.*")] == [path.name]
        path.unlink()
    print(f"{kind}, {engine}: {kills} kills, {reopened} reopened, {went_on} went on")  # noqa: T201
