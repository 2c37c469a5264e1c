"""Trainings for the tests of the page, and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from graphs import attach

from slownet import (
    Activation,
    Callback,
    History,
    Loss,
    Net,
    NetFactory,
    functions,
    verify,
)
from slownet.datasets import moons

X, Y = moons(60, 0.1, 0)
X = np.round(X, 6)  # somebody's own: pages hold them only when they are asked to
XY = (X, Y)


def without_source() -> Any:
    known: dict[str, Any] = {}
    exec("def gone(z):\n    return 2 * z\n", known)
    return known["gone"]


def trained(
    sizes: tuple[int, ...] = (2, 4, 1),
    data: tuple[Any, Any] = XY,
    watch: bool = True,
    net: Net | None = None,
    factory: dict[str, Any] | None = None,
    **options: Any,
) -> History:
    net = net or NetFactory(list(sizes), seed=3, **(factory or {})).new()
    defaults = {"epochs": 3, "batch_size": 10, "learning_rate": 0.2, "snapshots": 8, "progress": False}
    return net.fit(*data, watch=data if watch else None, **{**defaults, **options})


class Changing(Callback):
    """Changes the graph on the way: weights go, come and freeze, a neuron goes, another comes."""

    def on_epoch_end(self, training: Any) -> None:
        net, last = training.net, training.net.outputs.id
        weights = [weight for weight in net.weights() if weight.incoming.layer.id == last]
        if training.epoch == 1 and weights:
            weights[0].frozen = True
            if len(weights[-1].incoming.weights["in"]) > 1:
                weights[-1].remove()
        hidden = list(net)[1]
        if training.epoch == 2 and hidden.id != last and len(hidden.neurons) > 1:
            hidden.neurons[min(hidden.neurons)].remove()
        if training.epoch == 3 and len(net) > 2:
            attach(next(iter(net.inputs)), next(iter(net.outputs)), 0.125)


ZS = np.random.default_rng(1).normal(size=(40, 3))
NUMBERS = (ZS, ZS[:, 0] - ZS[:, 1])
SEVERAL = (ZS, np.stack([ZS[:, 0], ZS[:, 1] * ZS[:, 2]], axis=1))
SIGNS = (X, np.where(Y > 0, 1, -1))
CLASSES = (ZS, ZS.argmax(axis=1))
COLOURS = (ZS, [["red", "green", "blue"][k] for k in ZS.argmax(axis=1)])
SOFT = Activation(
    "soft", lambda z: z / (1.0 + abs(z)), lambda z: 1.0 / ((1.0 + abs(z)) * (1.0 + abs(z)))
)
CUBE = Loss(
    "cube",
    lambda value, target: abs(value - target) * abs(value - target) * abs(value - target),
    lambda value, target: 3.0 * (value - target) * abs(value - target),
)
DECAY = functions.Schedule("own", lambda rate, epoch, epochs: rate / (1.0 + epoch + epochs))
HALF = (X[:20], Y[:20])
TRAININGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "adam": {"optimizer": "adam", "schedule": "cosine", "l2": 0.01, "seed": 5},
    "dropout": {"dropout": 0.3, "dropconnect": 0.2, "l1": 0.001, "optimizer": "rmsprop"},
    "momentum": {"optimizer": functions.sgd(0.9, nesterov=True), "schedule": functions.step(1, 0.3)},
    "early": {"early_stopping": 1, "epochs": 9, "learning_rate": 4.0, "validation_data": HALF},
    "tested": {"test_data": (X[20:], Y[20:]), "schedule": "cosine"},
    "early and tested": {
        "early_stopping": 1,
        "epochs": 9,
        "learning_rate": 4.0,
        "validation_data": HALF,
        "test_data": (X[20:], Y[20:]),
    },
    "unshuffled": {"shuffle": False, "snapshots": [1, 7], "batch_size": 7},
    "scalar": {"engine": "scalar"},
    "compiled": {"engine": "compiled", "threads": 2},
    "unwatched": {"watch": False},
    "no biases": {"factory": {"bias": False, "initializer": "he_uniform"}},
    "deep": {"sizes": (2, 5, 4, 3, 1), "factory": {"hidden_activation": ["tanh", "elu", "softplus"]}},
    "shallow": {"sizes": (2, 1)},
    "numbers": {
        "sizes": (3, 4, 1),
        "data": NUMBERS,
        "factory": {"output_activation": "linear"},
        "test_data": NUMBERS,
    },
    "several": {"sizes": (3, 4, 2), "data": SEVERAL, "factory": {"output_activation": "linear"}},
    "signs": {"loss": "hinge", "data": SIGNS, "factory": {"output_activation": "tanh"}},
    "classes": {"sizes": (3, 4, 3), "data": CLASSES},
    "names": {"sizes": (3, 4, 3), "data": COLOURS},
    "own": {
        "sizes": (3, 4, 1),
        "data": NUMBERS,
        "loss": CUBE,
        "learning_rate": 0.01,
        "schedule": DECAY,
        "factory": {"hidden_activation": SOFT, "output_activation": "linear"},
    },
}
OWN = [SOFT, CUBE, DECAY]


def checked(path: Path, options: dict[str, Any], **more: Any) -> Any:
    data = options.get("data", XY)
    watch = data if options.get("watch", True) else None
    given = options.get("validation_data"), options.get("test_data")
    return verify(path, data, watch, *given, formulas=OWN, **more)


class Stopping(Callback):
    """Stops after a step, in one way or another."""

    def __init__(self, step: int, error: type[BaseException] | None = None) -> None:
        self.step, self.error = step, error

    def on_step_end(self, training: Any) -> bool:
        if training.step == self.step and self.error:
            self.history = training.history
            raise self.error
        return training.step == self.step
