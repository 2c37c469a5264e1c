"""The passes over a graph that somebody may have changed: they convert numbers that are no floats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slownet import passes

if TYPE_CHECKING:
    from slownet.functions import Loss
    from slownet.wiring import Wiring


def forward(
    wiring: Wiring, inputs: list[float], dropout: bool = False, dropconnect: bool = False
) -> list[float]:
    """Run `passes.forward`, with the weights and biases that it meets as floats.

    Raises
    ------
    TypeError, ValueError
        If one is no number; see `slownet.checks.as_float`.
    """
    failure: Exception | None = None
    values: list[float] = []
    try:
        values = passes.forward(wiring, inputs, dropout, dropconnect)
        if {type(neuron.bias) for neuron in wiring.after_inputs} == {float}:
            for layer in wiring.layers:
                if type(sum(layer.zs)) is not float:
                    break
            else:
                return values
    except Exception as error:  # a text or a Decimal cannot be multiplied by a float
        failure = error
    if _have_changed(wiring, failure):
        return forward(wiring, inputs, dropout, dropconnect)
    return values


def backward(
    wiring: Wiring,
    targets: list[float],
    loss: Loss,
    dropout: bool = False,
    dropconnect: bool = False,
    sample_weight: float = 1.0,
) -> float:
    """Run `passes.backward`, with the weights that it meets as floats; errors as for `forward`."""
    failure: Exception | None = None
    result = 0.0
    try:
        result = passes.backward(wiring, targets, loss, dropout, dropconnect, sample_weight)
        for layer in wiring.layers:
            if type(sum(layer.deltas)) is not float:
                break
        else:
            return result
    except Exception as error:
        failure = error
    if _have_changed(wiring, failure):
        return backward(wiring, targets, loss, dropout, dropconnect, sample_weight)
    return result


def _have_changed(wiring: Wiring, failure: Exception | None) -> bool:
    """Convert the numbers of a net that are not floats, after a pass failed or gave others."""
    if wiring.make_floats_where_possible():
        return True
    wiring.make_floats()  # raises the error for one that is no number
    if failure is not None:
        raise failure
    return False
