"""A small training with most of the options, and what stops one."""

from __future__ import annotations

from typing import Any

from slownet import Callback, Net, NetFactory
from slownet.datasets import moons

X, Y = moons(60, noise=0.2, seed=1)
OPTIONS: dict[str, Any] = {
    "epochs": 3,
    "batch_size": 7,
    "optimizer": "adam",
    "dropout": 0.2,
    "dropconnect": 0.1,
    "schedule": "cosine",
    "seed": 3,
    "progress": False,
}


class StopAt(Callback):
    """Interrupts a training, as Ctrl-C does."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_step_end(self, training):
        if training.step == self.step:
            raise KeyboardInterrupt


def new_net() -> Net:
    return NetFactory([2, 5, 4, 1], seed=1).new()
