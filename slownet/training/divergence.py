"""The error for a training in which a number is infinite or not a number."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from slownet.errors import DivergedError

if TYPE_CHECKING:
    from slownet.objects import Net, Weight
    from slownet.recording import History


def divergence(
    error: ArithmeticError, net: Net, history: History, epoch: int, step: int
) -> DivergedError:
    """Return the error for the step in which `error` was raised."""
    weight = getattr(error, "weight", None) or first_weight_concerned(net)
    return DivergedError(
        f"training diverged in epoch {epoch}, step {step}: {error}; the first weight concerned is "
        f"{weight}. The net holds the state after step {step - 1}. A smaller learning_rate or inputs "
        "scaled to about 1 usually help.",
        weight=weight,
        epoch=epoch,
        step=step,
        history=history,
    )


def first_weight_concerned(net: Net) -> Weight | None:
    """Find the weight to name in the error.

    It is the first weight that is not finite; otherwise the one with the largest term in the first z or
    value that is not finite; otherwise the largest weight into the output layer.
    """
    largest: Weight | None = None
    for weight in net.weights():
        if not (isfinite(weight.value) and isfinite(weight.grad)):
            return weight
    for neuron in net.neurons():
        if not isfinite(neuron.z) or not isfinite(neuron.value):
            terms = {
                weight: abs(weight.value * weight.outgoing.value)
                for weight in neuron.weights["in"].values()
                if weight.outgoing is not None
            }
            return max(terms, key=lambda weight: terms[weight], default=largest)
    for neuron in net.outputs:
        weights = neuron.weights["in"].values()
        largest = max(weights, key=lambda weight: abs(weight.value), default=largest)
    return largest
