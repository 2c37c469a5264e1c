"""The compiled engine: the same bits as the object loops, wherever anybody can look."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from strategies import batch_for, nets

from slownet import Callback, Net, SlownetError, functions

OPTIMIZERS = [
    "sgd",
    "rmsprop",
    "adam",
    functions.sgd(0.9),
    functions.sgd(0.5, nesterov=True),
    functions.rmsprop(0.5, 1e-3),
    functions.adam(0.5, 0.9, 1e-4),
]
SCHEDULES = [None, "step", "exponential", "cosine", functions.step(1, 0.3)]


def bits(numbers: Any) -> list[bytes]:
    """Floats by their bits: -0 is not 0, and every nan is itself."""
    return [struct.pack("d", number) for number in numbers]


def state(net: Net) -> dict[str, list[bytes]]:
    """Everything that the objects of a net hold."""
    weights, neurons = list(net.weights()), list(net.neurons())
    found = {f"weight {name}": bits(getattr(w, name) for w in weights) for name in ("value", "grad")}
    for name in ("bias", "bias_grad", "z", "value", "delta", "keep"):
        found[f"neuron {name}"] = bits(getattr(neuron, name) for neuron in neurons)
    found["samples"] = [bytes(net.samples)]
    return found


def record(history: Any) -> dict[str, Any]:
    """Everything that a history holds, but for the time it took."""
    return {
        "loss": bits(history.loss),
        "accuracy": history.accuracy,
        "epochs": [
            [
                str(x)
                for x in (e.loss, e.accuracy, e.validation_loss, e.validation_accuracy, e.epoch, e.step)
            ]
            for e in history.epochs
        ],
        "snapshots": [
            (
                s.step,
                s.epoch,
                bits(s.weights),
                bits(s.biases),
                [*map(bits, s.zs)],
                [*map(bits, s.values)],
            )
            for s in history.snapshots
        ],
        "watched": [(str(s.watch_loss), s.watch_accuracy) for s in history.snapshots],
    }


class Witness(Callback):
    """Notes everything at every occasion."""

    def __init__(self, hooks: set[str]) -> None:
        self.seen: list[Any] = []
        for hook in hooks:
            setattr(self, hook, self._note)

    def _note(self, training: Any) -> None:
        memory = [
            bits(training.engine.memory.get(thing, (-1.0,)))
            for thing in (*training.net.weights(), *training.net.neurons())
        ]
        self.seen.append((training.step, training.learning_rate, state(training.net), memory))


def train(net: Net, engine: str, hooks: set[str], X: Any, y: Any, **options: Any) -> dict[str, Any]:
    """Train a copy of a net; return all there is to see of it, an error included."""
    twin, witness, result = net.copy(), Witness(hooks), {}
    try:
        history = twin.fit(
            X, y, engine=engine, progress=False, callbacks=[witness] if hooks else [], **options
        )
        result["history"] = record(history)
    except SlownetError as error:
        result["error"] = repr(error)
        if getattr(error, "history", None) is not None:
            result["history"] = record(error.history)
    return {"net": state(twin), "seen": witness.seen, **result}


HOOKS = ["on_fit_begin", "on_epoch_begin", "on_step_end", "on_epoch_end", "on_fit_end"]


@given(data=st.data())
def test_every_net_and_option_gives_the_same_bits(data: st.DataObject) -> None:
    """The heart of the promise: nets, data and options at random, everything compared by its bits."""
    draw = data.draw
    net = draw(nets())
    count, seed = draw(st.integers(1, 40)), draw(st.integers(0, 2**32))
    X, y, _ = batch_for(net, count, seed)
    if draw(st.booleans()):
        X = np.array(X) * (np.random.default_rng(seed).random((count, len(X[0]))) < 0.3)
    options = {
        "epochs": draw(st.integers(1, 4)),
        "batch_size": draw(st.sampled_from([1, 2, 3, 4, 5, 8, 13, 32])),
        "learning_rate": draw(st.sampled_from([0.01, 0.3, 1.0, 30.0])),
        "optimizer": draw(st.sampled_from(OPTIMIZERS)),
        "schedule": draw(st.sampled_from(SCHEDULES)),
        "l1": draw(st.sampled_from([0.0, 0.0, 0.01])),
        "l2": draw(st.sampled_from([0.0, 0.0, 0.1])),
        "dropout": draw(st.sampled_from([0.0, 0.0, 0.4])),
        "dropconnect": draw(st.sampled_from([0.0, 0.0, 0.0, 0.3])),
        "shuffle": draw(st.booleans()),
        "seed": draw(st.integers(0, 2**32)),
    }
    if draw(st.booleans()):
        options["snapshots"] = draw(st.sampled_from([2, 5, [1, 3]]))
        options["watch"] = draw(st.sampled_from([None, (X[:3], y[:3])]))
    if draw(st.booleans()):
        options["validation_data"] = X[:5], y[:5]
    hooks = draw(st.sets(st.sampled_from(HOOKS), max_size=2))
    total = options["epochs"] * -(-count // options["batch_size"])
    if isinstance(options.get("snapshots"), list):
        options["snapshots"] = [step for step in options["snapshots"] if step <= total]
    wanted = train(net, "scalar", hooks, X, y, **options)
    threads = draw(st.sampled_from([1, 1, 2, 3]))
    found = train(net, "compiled", hooks, X, y, threads=threads, **options)
    for part in wanted:
        assert found[part] == wanted[part], part
    assert found.keys() == wanted.keys()
