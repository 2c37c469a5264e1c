"""Everything that a net and a history hold, by its bits."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterable
from typing import Any

from slownet import Callback, Net, SlownetError


def bits(numbers: Any) -> list[bytes]:
    """Floats by their bits: -0 is not 0, and every nan is itself."""
    return [struct.pack("d", number) for number in numbers]


def numbers(net: Net) -> tuple[list[bytes], list[bytes]]:
    """What a net has learned."""
    return bits(weight.value for weight in net.weights()), bits(neuron.bias for neuron in net.neurons())


def state(net: Net) -> dict[str, list[bytes]]:
    """Everything that the objects of a net hold."""
    weights, neurons = list(net.weights()), list(net.neurons())
    found = {f"weight {name}": bits(getattr(w, name) for w in weights) for name in ("value", "grad")}
    for name in ("bias", "bias_grad", "z", "value", "delta", "keep"):
        found[f"neuron {name}"] = bits(getattr(neuron, name) for neuron in neurons)
    found["samples"] = [bytes(net.samples), *bits((net.weight_sum, net.sample_weight))]
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
                sorted(s.state.frozen),
                [remembered and bits(remembered) for remembered in (s.state.first, s.state.second)],
                (s.state.epoch_loss_sum, s.state.epoch_correct),
            )
            for s in history.snapshots
        ],
        "watched": [(str(s.watch_loss), s.watch_accuracy) for s in history.snapshots],
    }


class Witness(Callback):
    """Notes everything at every hook."""

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


def train(
    net: Net, engine: str, hooks: set[str], X: Any, y: Any, callbacks: Iterable[Any] = (), **options: Any
) -> dict[str, Any]:
    """Train a net; return all there is to see of it, an error included."""
    witness = Witness(hooks)
    callbacks = [*callbacks, witness] if hooks else [*callbacks]
    result: dict[str, Any] = {"seen": witness.seen}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            history = net.fit(X, y, engine=engine, progress=False, callbacks=callbacks, **options)
            result["history"] = record(history)
        except (SlownetError, ArithmeticError) as error:
            result["error"] = repr(error)
            if getattr(error, "history", None) is not None:
                result["history"] = record(error.history)
    return {"net": state(net), "warnings": [str(each.message) for each in caught], **result}
