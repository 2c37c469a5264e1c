"""KeyboardInterrupt at every line and at any moment: nothing is lost, and nothing written twice."""

from __future__ import annotations

import gc
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import trainings
from bits import record
from commands import python
from slow import mostly_long
from trainings import SEED, THOROUGH

from slownet import Callback, History
from slownet.recording import recorder as recorders
from slownet.training import in_training

TRACED = {  # every line of these files; not callbacks.py, where it may be a callback's own
    f"{Path('slownet', *name)}"
    for name in (
        *(("recording", file) for file in ("recorder.py", "run_writer.py", "history.py", "tables.py")),
        *(("training", file) for file in ("loop.py", "keeping.py", "emitting.py", "fingerprinting.py")),
        *(("training", file) for file in ("in_training.py", "start.py")),
    )
}


Line = tuple[str, int]


def place(code: Any) -> str:
    return str(Path(*Path(code.co_filename).parts[-3:]))


class Injection:
    """Raises KeyboardInterrupt the nth time that a line is executed; it counts the lines.

    A real one is not raised in `__del__`, where Python only prints an error.
    """

    def __init__(self, where: Line | None = None, nth: int = 0) -> None:
        self.where, self.nth, self.lines = where, nth, Counter[Line]()

    def __enter__(self) -> Injection:
        sys.settrace(self.call)
        return self

    def __exit__(self, *error: object) -> None:
        sys.settrace(None)

    def call(self, frame: FrameType, _event: str, _argument: object) -> Any:
        if threading.current_thread() is not threading.main_thread():
            return None
        inside = frame
        while inside is not None and inside.f_code.co_name != "__del__":
            inside = inside.f_back  # type: ignore[assignment]
        return self.line if inside is None and place(frame.f_code) in TRACED else None

    def line(self, frame: FrameType, event: str, _argument: object) -> Any:
        if event == "line":
            here = place(frame.f_code), frame.f_lineno
            self.lines[here] += 1
            if here == self.where and self.lines[here] == self.nth:
                raise KeyboardInterrupt
        return self.line


class Remember(Callback):
    """Keeps the training."""

    def on_fit_begin(self, training: Any) -> None:
        self.training = training


OPTIONS: dict[str, Any] = {"epochs": 2, "batch_size": 20, "snapshots": 3, "watch": None}


def chosen(lines: Counter[Line]) -> list[tuple[Line, int]]:
    """Each line the first time, and all later times; without `THOROUGH` a part of them."""
    chance = random.Random(SEED)
    first = [(line, 1) for line in lines]
    later = [(line, nth) for line, count in lines.items() for nth in range(2, count + 1)]
    if THOROUGH:
        return first + later
    marks = [each for each in first if each[0][0].endswith("in_training.py")]
    writing = ("recorder.py", "run_writer.py", "keeping.py")
    own = [each for each in first if each[0][0].endswith(writing)]
    return marks + chance.sample(own, 24) + chance.sample(first + later, 12)


def check_nothing_is_left(path: Path) -> None:
    gc.collect()
    latest = time.monotonic() + 30
    while any(thread.name.startswith("slownet") for thread in threading.enumerate()):
        assert time.monotonic() < latest
        time.sleep(0.001)
    assert not in_training._marked
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert [each.name for each in path.parent.iterdir()] in ([], [path.name])


@pytest.mark.long
def test_an_interrupt_at_any_line_writes_nothing_twice_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorders, "DUE", -1.0)
    wanted = record(trainings.train("full", "scalar", **OPTIONS))
    path = tmp_path / "a.run"
    with Injection() as whole:
        trainings.train("full", "scalar", path, **OPTIONS)
    path.unlink()
    missed = resumed = 0
    cases = chosen(whole.lines)
    for where, nth in cases:
        try:
            with Injection(where, nth) as injected:
                trainings.train("full", "scalar", path, callbacks=(remember := Remember()), **OPTIONS)
        except KeyboardInterrupt:
            pass
        else:
            assert injected.lines[where] < nth, where
            missed += 1  # how often threads are waited for, and the like, is not always the same
        steps = remember.training.history.last_step if hasattr(remember, "training") else 0
        del remember
        check_nothing_is_left(path)
        if path.exists():
            history = History.open(path)
            found = record(history)
            assert all(found[name] == wanted[name][: len(found[name])] for name in wanted), where
            assert history.last_step >= steps - 1, where  # the history may know one more than the file
            resumed += history.ended != "finished"
            assert record(trainings.go_on("full", path)) == wanted, where
            assert record(History.open(path)) == wanted, where
            path.unlink()
        else:
            assert steps == 0, where
    assert missed <= len(cases) // 5
    assert resumed > 10
    print(f"{resumed} interrupts, after which the training went on; {missed} were missed")  # noqa: T201


PRESSES = """
import gc, os, random, signal, sys, threading, time
from pathlib import Path
import trainings
from bits import record
from slownet import Callback, History
folder, engine, handler, seed, times = sys.argv[1:]
chance = random.Random(seed)

def own(number, frame):
    raise KeyboardInterrupt

def press(first, second):
    for seconds in (first, second):
        time.sleep(seconds)
        os.kill(os.getpid(), signal.SIGINT)

class Remember(Callback):
    def on_fit_begin(self, training):
        self.training = training

signal.signal(signal.SIGINT, own if handler == "own" else signal.default_int_handler)
trainings.hurry()
kind, epochs = "momentum", 10 if engine == "scalar" else 100
wanted = record(trainings.train(kind, engine, epochs=epochs))
whole = trainings.train(kind, engine, Path(folder, "whole.run"), epochs=epochs).last_step
begun = time.perf_counter()
trainings.train(kind, engine, Path(folder, "again.run"), epochs=epochs)
takes = time.perf_counter() - begun
ends = dict.fromkeys(("finished", "interrupted", "raised", "no file"), 0)
for number in range(int(times)):
    path, remember, ended = Path(folder, f"{number}.run"), Remember(), None
    moments = chance.uniform(0, 1.1 * takes), chance.choice((0, 0.001, 0.01)) * chance.random()
    thread = threading.Thread(target=press, args=moments)
    try:
        try:
            thread.start()
            ended = trainings.train(kind, engine, path, epochs=epochs, callbacks=remember).ended
        finally:
            while thread.ident and thread.is_alive():
                time.sleep(0.001)
    except KeyboardInterrupt:
        pass
    while thread.ident and thread.is_alive():
        try:
            time.sleep(0.001)
        except KeyboardInterrupt:
            pass
    training = getattr(remember, "training", None)
    committed = training.keeper.recorder.committed if training and training.keeper.recorder else 0
    del training, remember
    gc.collect()
    latest = time.monotonic() + 60
    while any(each.name.startswith("slownet") for each in threading.enumerate()):
        assert time.monotonic() < latest, threading.enumerate()
        time.sleep(0.001)
    ends[ended or "raised"] += 1
    if not path.exists():
        assert not committed and ended is None
        ends["no file"] += 1
        assert not list(path.parent.glob(f"{number}.*"))
        continue
    history = History.open(path)
    found = record(history)
    if history.ended == "interrupted":  # its last epoch and snapshot may be of the step where it ended
        for names, step in ((("epochs",), -1), (("snapshots", "watched"), 0)):
            last = len(found[names[0]]) - 1
            if last >= 0 and found[names[0]][last][step] != wanted[names[0]][last][step]:
                for name in names:
                    found[name].pop()
    for name in wanted:
        assert found[name] == wanted[name][:len(found[name])], name
    assert history.last_step >= committed, (history.last_step, committed)
    assert ended is None or ended == history.ended
    assert record(trainings.go_on(kind, path)) == wanted
    assert record(History.open(path)) == wanted
    assert [each.name for each in path.parent.glob(f"{number}.*")] == [path.name]
    path.unlink()
assert ends["interrupted"] + ends["raised"], ends
print(ends)
"""


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("handler", mostly_long(["own", "default"]))
@pytest.mark.parametrize("engine", mostly_long(["scalar", "compiled"]))
def test_two_real_signals_at_any_moment(engine: str, handler: str, tmp_path: Path) -> None:
    times = 1000 if THOROUGH else 8
    ends = python(PRESSES, tmp_path, engine, handler, SEED, times, timeout=60 + 30 * times)
    print(engine, handler, ends)  # noqa: T201
