"""Gradients against differences of the loss: a check that needs no derivative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from random import Random
from typing import TYPE_CHECKING, Any

from slownet import passes
from slownet.checks import check_integer
from slownet.errors import InvalidValueError
from slownet.explain.steps import given_step, make_floats
from slownet.explain.text import Printed
from slownet.graph_checks import where

if TYPE_CHECKING:
    from slownet.objects import Net

STEP = 2.0**-17  # near the cube root of the smallest distance of floats
MOST_ERROR = 1e-4
ROUNDING = 2.0**-50  # of a loss, beside its size
SHOWN = 8


@dataclass(frozen=True)
class CheckedGradient:
    """A gradient and the difference that it should be.

    Attributes
    ----------
    of : str
        Whose it is: "weight (0, 3) into layer 1".
    gradient, difference : float
        That of `backward`, and (loss(w + h) - loss(w - h)) / 2h.
    error : float
        How far they are apart, beside the larger of them.
    is_kink : bool
        Whether the loss has a kink there, where it has no derivative (a ReLU at 0).
    is_rounded : bool
        Whether they are no farther apart than the rounding of the loss may have moved the difference,
        so that it tells nothing.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], "tanh", seed=0).new()
    >>> net.check_gradients([[0.5, -1.0]], [1]).worst.error < 1e-6
    True
    """

    of: str
    gradient: float
    difference: float
    error: float
    is_kink: bool
    is_rounded: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the difference tells something of the gradient."""
        return not (self.is_kink or self.is_rounded)


@dataclass(frozen=True, repr=False)
class GradientCheck(Printed):
    """Gradients of a net beside differences of its loss, the worst first.

    Attributes
    ----------
    gradients : list of CheckedGradient
        Of each weight and bias that was looked at.
    left_out : int
        How many others there are.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], "tanh", seed=0).new()
    >>> check = net.check_gradients([[0.5, -1.0]], [1])
    >>> check.agrees, len(check.gradients)
    (True, 13)
    """

    gradients: list[CheckedGradient]
    left_out: int = 0

    @property
    def worst(self) -> CheckedGradient | None:
        """The gradient that is farthest off, kinks and what is rounded away aside."""
        return next((each for each in self.gradients if each.is_known), None)

    @property
    def agrees(self) -> bool:
        """Whether every gradient is its difference, to 1 in 10,000."""
        return self.worst is None or self.worst.error <= MOST_ERROR

    def __bool__(self) -> bool:
        return self.agrees

    def __str__(self) -> str:
        verdict = "agree with" if self.agrees else "DIFFER from"
        lines = [f"{len(self.gradients):,} gradients {verdict} the differences of the loss; the worst:"]
        if self.gradients and self.worst is None:
            lines = [f"none of {len(self.gradients):,} gradients can be told from the loss:"]
        lines.append(f"{'':33} {'gradient':>12} {'difference':>12} {'error':>7}")
        for each in self.gradients[:SHOWN]:
            why = " (at a kink)" if each.is_kink else " (rounded)" if each.is_rounded else ""
            numbers = f"{each.gradient:>12.6g} {each.difference:>12.6g} {each.error:>7.1e}"
            lines.append(f"  {each.of:31} {numbers}{why}")
        if self.left_out:
            lines.append(f"{self.left_out:,} other weights and biases were not looked at")
        return "\n".join(lines)


def check_gradients(net: Net, X: Any, y: Any = None, limit: int = 1000) -> GradientCheck:
    """Compare the gradient of every weight and bias with a central difference of the loss.

    Parameters
    ----------
    net : Net
        Any graph with any formulas; it is left alone.
    X, y
        Samples and their targets, as for `fit`: a few are enough.
    limit : int
        The most weights and biases to look at; of more, some are drawn.

    Returns
    -------
    GradientCheck
        True where all agree.

    Raises
    ------
    TypeError, ValueError
        If samples or targets do not fit the net.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], "tanh", seed=0).new()
    >>> net.check_gradients([[0.5, -1.0]], [1]).worst.error < 1e-6
    True
    """
    limit = check_integer("limit", limit, minimum=1)
    make_floats(net)
    last, _ = given_step(net, X, y, 1, {})
    if not last.targets:
        raise InvalidValueError("gradients come from targets: give y as well")
    twin = net.copy()
    samples: Any = last.samples
    twin.zero_grad()
    loss = _Loss(twin, samples, last.targets)
    loss.add_gradients()
    things = [(neuron, "bias", "bias_grad") for neuron in twin.wiring.after_inputs if neuron.has_bias]
    everything: list[Any] = [*((weight, "value", "grad") for weight in twin.weights()), *things]
    chosen = everything if len(everything) <= limit else Random(0).sample(everything, limit)  # noqa: S311
    found = [loss.checked(*each) for each in chosen]
    found.sort(key=lambda each: (not each.is_known, -each.error))
    return GradientCheck(found, len(everything) - len(chosen))


class _Loss:
    """The sum of the losses of some samples as a function of any number of a net."""

    def __init__(self, net: Net, samples: Sequence[Any], targets: Sequence[Any]) -> None:
        self.net, self.samples, self.targets = net, samples, targets

    def add_gradients(self) -> None:
        wiring, loss = self.net.wiring, self.net.loss
        for sample, target in zip(self.samples, self.targets, strict=True):
            passes.forward(wiring, sample)
            passes.backward(wiring, target, loss)
            passes.add_gradients(wiring)
        self.scale = max((abs(weight.grad) for weight in self.net.weights()), default=0.0)

    def __call__(self) -> float:
        wiring, loss = self.net.wiring, self.net.loss
        total = 0.0
        for sample, target in zip(self.samples, self.targets, strict=True):
            passes.forward(wiring, sample)
            output = wiring.output
            total += loss.of_sample(output.activation, output.zs, output.values, target)
        return total

    def at(self, thing: Any, name: str, number: float) -> float:
        """Return the loss with another number in the place of one."""
        before = getattr(thing, name)
        setattr(thing, name, number)
        try:
            return self()
        finally:
            setattr(thing, name, before)

    def checked(self, thing: Any, name: str, gradient_name: str) -> CheckedGradient:
        number, gradient = getattr(thing, name), getattr(thing, gradient_name)
        h = STEP * max(1.0, abs(number))
        low, middle, high = (self.at(thing, name, number + k * h) for k in (-1, 0, 1))
        difference = (high - low) / (2.0 * h)
        rounding = ROUNDING * max(abs(high), abs(low)) / h
        size = max(abs(gradient), abs(difference), 1e-4 * self.scale, 1e-8)
        sides = abs((high - middle) - (middle - low)) / h  # h f'' where it is smooth
        error = abs(gradient - difference) / size
        error = inf if error != error else error
        is_rounded = MOST_ERROR * size < abs(gradient - difference) <= rounding
        is_kink = error > MOST_ERROR and sides > 1e-3 * size and not is_rounded
        words = where(thing) if name == "value" else f"bias of {where(thing)}"
        return CheckedGradient(words, gradient, difference, error, is_kink, is_rounded)
