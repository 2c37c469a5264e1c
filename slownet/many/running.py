"""What a worker does: a group of trainings, one after the other, each with one thread."""

from __future__ import annotations

import functools
import multiprocessing
import os
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from slownet.engines import background, costs
from slownet.engines.machine import cache
from slownet.errors import DivergedError
from slownet.many.task import SharedData, Task, kept
from slownet.packages import is_installed
from slownet.recording import History
from slownet.threads import started


class Result(NamedTuple):
    """What became of a task.

    Attributes
    ----------
    key : str
        The key of the task.
    history : History or None
        The run, whose only snapshot is the net at the end; None if the task could not begin.
    error : str or None
        The error that ended it.
    seconds : float
        How long it took.
    """

    key: str
    history: History | None
    error: str | None
    seconds: float


class Group(NamedTuple):
    """What became of a group of tasks; `interrupted` says that Ctrl-C has ended it early."""

    results: list[Result]
    interrupted: bool


def run_group(tasks: Sequence[Task], data: SharedData, planned: float) -> Group:
    """Train tasks one after the other.

    Parameters
    ----------
    tasks : sequence of Task
        The tasks, without their data.
    data : SharedData
        The data of all of them.
    planned : float
        About how many seconds of object loops this worker has before it, by which the engine "auto"
        decides whether loading or compiling the compiled engine pays.
    """
    results: list[Result] = []
    try:
        _end_with_parent()
        _prepare_engine(planned)
        for task in tasks:
            result = _run(task, data)
            if result.history is not None and result.history.ended == "interrupted":
                return Group(results, True)
            results.append(result)
    except KeyboardInterrupt:
        return Group(results, True)
    finally:
        costs.plan(0.0)
    return Group(results, False)


@functools.cache
def _end_with_parent() -> None:
    """Let a process of joblib's end when its parent has died, which joblib does not see to."""
    if os.name != "posix" or not multiprocessing.current_process().name.startswith("LokyProcess"):
        return
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    started(threading.Thread(target=watch, name="slownet parent", daemon=True))


def _prepare_engine(planned: float) -> None:
    costs.plan(planned)
    if planned > costs.COMPILE and is_installed("numba") and cache.is_writable():
        background.fill()  # one process compiles, and all others on this machine wait for it


def _run(task: Task, data: SharedData) -> Result:
    """Train one task; an error is a result, too."""
    began = time.perf_counter()
    history, text = None, None
    try:
        net = task.new_net(data)
        try:
            history = task.fit(net, data)
        except DivergedError as error:
            history, text = error.history, _text_of(error)
        if history is not None:
            history = kept(history, net, task)
    except Exception as error:
        history, text = None, _text_of(error)
    return Result(task.key, history, text, time.perf_counter() - began)


def _text_of(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
