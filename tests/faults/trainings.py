"""Trainings for the tests of faults, in this process and in others."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from slownet import Callback, History, Net, NetFactory, functions
from slownet.datasets import moons
from slownet.recording import recorder
from slownet.training import Training, resume

SEED = int(os.environ.get("SLOWNET_FAULTS_SEED", "0"))
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
ENGINES = ("scalar", "compiled")
X, Y = moons(60, noise=0.2, seed=1)
VALIDATION = X[:9], Y[:9]
PLAIN: dict[str, Any] = {"batch_size": 1, "seed": 3, "progress": False}
FULL: dict[str, Any] = {
    **PLAIN,
    "optimizer": "adam",
    "dropout": 0.2,
    "dropconnect": 0.1,
    "l2": 0.01,
    "schedule": "cosine",
    "validation_data": VALIDATION,
    "snapshots": 12,
    "watch": (X[:3], Y[:3]),
}
KINDS: dict[str, dict[str, Any]] = {
    "plain": PLAIN,
    "momentum": {**PLAIN, "optimizer": functions.sgd(0.9), "snapshots": 8, "batch_size": 7},
    "full": FULL,
    "large": {
        **FULL,
        "snapshots": 100,
        "watch": (X, Y),
    },  # more than a megabyte
}
KILLED = "plain", "momentum", "full"
EPOCHS = {  # so many that a training takes some tenths of a second
    ("plain", "scalar"): 40,
    ("momentum", "scalar"): 60,
    ("full", "scalar"): 16,
    ("large", "scalar"): 40,
    ("plain", "compiled"): 1500,
    ("momentum", "compiled"): 2500,
    ("full", "compiled"): 400,
}


def hurry() -> None:
    """Commit often, so that a kill falls between many commits."""
    recorder.DUE, recorder.STATE_DUE = 0.01, 0.05


def wait_for_commit(training: Training, step: int) -> None:
    """Wait in a callback until that step is safe in the run file; an error of the recorder ends it."""
    recorder = training.keeper.recorder
    assert recorder is not None
    while recorder.committed < step:
        recorder.commit()
        time.sleep(0.001)


class At(Callback):
    """Does something after a step."""

    def __init__(self, step: int, what: Callable[[Training], object]) -> None:
        self.step, self.what = step, what

    def on_step_end(self, training: Training) -> None:
        if training.step == self.step:
            self.what(training)


def new_net() -> Net:
    return NetFactory([2, 6, 4, 1], seed=1).new()


def train(kind: str, engine: str, path: Path | None = None, **more: Any) -> History:
    options = {**KINDS[kind], "epochs": EPOCHS[kind, engine], "engine": engine, "record": path, **more}
    return new_net().fit(X, Y, **options)


@cache
def whole(kind: str, engine: str = "scalar") -> History:
    """A training that nothing disturbs, and that no test changes."""
    return train(kind, engine)


def go_on(kind: str, path: Path, **more: Any) -> History:
    given = {"validation_data": KINDS[kind].get("validation_data"), "progress": False, **more}
    return resume(path, (X, Y), **given)
