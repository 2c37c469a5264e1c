"""Everything that a net and a history hold, by its bits."""

from __future__ import annotations

import struct
from typing import Any

from slownet import Net


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
                sorted(s.state.frozen),
                [remembered and bits(remembered) for remembered in (s.state.first, s.state.second)],
                (s.state.epoch_loss_sum, s.state.epoch_correct),
            )
            for s in history.snapshots
        ],
        "watched": [(str(s.watch_loss), s.watch_accuracy) for s in history.snapshots],
    }
