"""The passes over a graph that somebody may have changed: they convert numbers that are no floats."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from slownet import passes

if TYPE_CHECKING:
    from slownet.functions import Loss
    from slownet.wiring import Wiring

Result = TypeVar("Result")


def forward(
    wiring: Wiring, inputs: list[float], dropout: bool = False, dropconnect: bool = False
) -> list[float]:
    """Run `passes.forward`, with the weights and biases that it meets as floats.

    Raises
    ------
    TypeError, ValueError
        If one is no number; see `slownet.checks.as_float`.
    """

    def are_floats() -> bool:
        return all(
            {*map(type, layer.zs), *[type(neuron.bias) for neuron in layer.neurons]} == {float}
            for layer in wiring.layers
        )

    return _with_floats(wiring, lambda: passes.forward(wiring, inputs, dropout, dropconnect), are_floats)


def backward(
    wiring: Wiring,
    targets: list[float],
    loss: Loss,
    dropout: bool = False,
    dropconnect: bool = False,
) -> float:
    """Run `passes.backward`, with the weights that it meets as floats; errors as for `forward`."""

    def are_floats() -> bool:
        return all({*map(type, layer.deltas)} == {float} for layer in wiring.layers)

    return _with_floats(
        wiring, lambda: passes.backward(wiring, targets, loss, dropout, dropconnect), are_floats
    )


def _with_floats(wiring: Wiring, run: Callable[[], Result], are_floats: Callable[[], bool]) -> Result:
    """Run a pass; if its sums are no floats, convert the numbers of the net and run it again."""
    failure: Exception | None = None
    try:
        result = run()
        if are_floats():
            return result
    except Exception as error:  # a text or a Decimal cannot be multiplied by a float
        failure = error
    if wiring.make_floats_where_possible():
        return _with_floats(wiring, run, are_floats)
    wiring.make_floats()  # raises the error for one that is no number
    if failure is not None:
        raise failure
    return result
