"""Random nets and data for the property tests: those of `graphs.py`, drawn by hypothesis."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from graphs import OPTIMIZERS, SCHEDULES, random_data, random_net
from hypothesis import strategies as st

from slownet import Net

MAY_LACK_PATHS = pytest.mark.filterwarnings("ignore:no path of weights:slownet.TrainingWarning")


# of the tests that train random nets with random data, with which a training can hardly succeed
MAY_HARDLY_LEARN = pytest.mark.filterwarnings("ignore::slownet.TrainingWarning")


@st.composite
def nets(draw: st.DrawFn) -> Net:
    """A random net of built-in formulas: its graph, activations, numbers, frozen weights, biases."""
    return random_net(draw(st.randoms(use_true_random=False)), layers=5, neurons=5)


def batch_for(
    net: Net, count: int, seed: int
) -> tuple[list[list[float]], list[object], list[list[float]]]:
    """Random samples, their targets as a user gives them, and as one number an output neuron."""
    X, y = random_data(Random(seed), net, count)
    return X, y, net.encoder().encode_all(y, count)


@st.composite
def trainings(draw: st.DrawFn) -> tuple[Net, Any, Any, dict[str, Any]]:
    """A net, data, and options of `fit`."""
    net, count, seed = draw(nets()), draw(st.integers(1, 30)), draw(st.integers(0, 2**32))
    X, y, _ = batch_for(net, count, seed)
    options = {
        "epochs": draw(st.integers(1, 4)),
        "batch_size": draw(st.sampled_from([1, 3, 8, 32])),
        "learning_rate": draw(st.sampled_from([0.01, 0.3])),
        "optimizer": draw(st.sampled_from(OPTIMIZERS)),
        "schedule": draw(st.sampled_from(SCHEDULES)),
        "l1": draw(st.sampled_from([0.0, 0.01])),
        "l2": draw(st.sampled_from([0.0, 0.1])),
        "dropout": draw(st.sampled_from([0.0, 0.4])),
        "dropconnect": draw(st.sampled_from([0.0, 0.0, 0.3])),
        "shuffle": draw(st.booleans()),
        "seed": draw(st.integers(0, 2**32)),
        "engine": draw(st.sampled_from(["scalar", "compiled"])),
        "progress": False,
    }
    if draw(st.booleans()):
        options["snapshots"] = draw(st.sampled_from([2, 5]))
        options["watch"] = draw(st.sampled_from([None, (X[:3], y[:3])]))
    if draw(st.booleans()):
        options["validation_data"] = X[:5], y[:5]
    elif count > 1 and draw(st.booleans()):
        options["validation_split"] = draw(st.sampled_from([0.1, 0.5]))
    limit = draw(st.sampled_from([None, None, "clip_norm", "clip_value"]))
    if limit is not None:
        options[limit] = draw(st.sampled_from([0.01, 0.5]))
    options["alpha"] = draw(st.sampled_from([0.0, 0.0, 0.3]))
    if net.encoder().labels and draw(st.booleans()):
        labels = net.encoder().labels
        options["class_weight"] = draw(st.sampled_from(["balanced", {labels[-1]: 0.3}]))
    if draw(st.booleans()):
        pool = [2.0, 1.0, 0.3] if "validation_split" in options else [0.0, 0.0, 0.3]
        some = st.lists(st.sampled_from(pool), min_size=count - 1, max_size=count - 1)
        options["sample_weight"] = [1.0, *draw(some)]
    return net, X, y, options


def given_data(X: Any, y: Any, options: dict[str, Any]) -> tuple[Any, ...]:
    """The data of a training as `rewind`, `resume` and `branch` take them."""
    return (X, y, options["sample_weight"]) if "sample_weight" in options else (X, y)
