"""What a loss is: a formula of one output and its target, and what follows from it for a sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Literal

from slownet.checks import unknown_name
from slownet.errors import InvalidValueError
from slownet.functions.activation import AnyActivation
from slownet.functions.activations import ACTIVATIONS
from slownet.functions.pickling import Pickled
from slownet.functions.table import not_a_number, require_callables

TARGETS = {"class": (0.0, 1.0), "binary": (0.0, 1.0), "sign": (-1.0, 1.0)}  # of one output
TARGET_KINDS = (*TARGETS, "number")
OfSample = Callable[[Sequence[float], Sequence[float], Sequence[float]], float]


@dataclass(frozen=True)
class Loss(Pickled):
    """A measure of how far one sample's output values are from its targets.

    Parameters
    ----------
    name : str
        Its name, in messages and pictures; the built-in ones are found by it.
    function : callable
        `function(value, target) -> loss` of one output neuron, floats.
    derivative : callable
        `derivative(value, target) -> dloss/dvalue`.
    latex, derivative_latex : str
        The formulas, with a for the value and y for the target.
    target_kind : "class", "binary", "sign" or "number"
        What y holds: a class index, 0 or 1, -1 or +1, or any number.
    mean : bool
        Whether a sample's loss is the mean over the outputs instead of the sum.
    domain : (float, float)
        The values it is defined for; the range of the output activation must be within.
    target_domain : (float, float)
        The numbers that y may be. Where these are not all numbers, a preparation does not scale y.
    partner : Activation or None
        The output activation with which dL/dz is simply `value - target`; not with `mean`.
    partner_function : callable or None
        `partner_function(zs, values, targets) -> loss` of a sample's outputs with that activation, from
        their weighted inputs; None if it is the sum of `function` there, too.
    partner_latex : str
        Its formula: the sum over the outputs.
    words : str
        What it is of an output, in words.
    settings : dict
        The arguments that a built-in formula was made with, where it takes any.
    source : str
        Where the formula comes from: authors, title, year, equation.

    Examples
    --------
    >>> from slownet import Loss
    >>> quartic = Loss("quartic", lambda a, y: (a - y) ** 4, lambda a, y: 4.0 * (a - y) ** 3)
    >>> quartic.function(3.0, 1.0), quartic.derivative(3.0, 1.0)
    (16.0, 32.0)
    """

    name: str
    function: Callable[[float, float], float] = field(repr=False)
    derivative: Callable[[float, float], float] = field(repr=False)
    latex: str = ""
    derivative_latex: str = ""
    target_kind: Literal["class", "binary", "sign", "number"] = "number"
    mean: bool = False
    domain: tuple[float, float] = (-inf, inf)
    target_domain: tuple[float, float] = (-inf, inf)
    partner: AnyActivation | None = None
    partner_function: OfSample | None = field(default=None, repr=False)
    partner_latex: str = ""
    words: str = field(default="", repr=False)
    settings: dict[str, float] = field(default_factory=dict, repr=False, compare=False)
    source: str = field(default="", repr=False, compare=False)

    def __post_init__(self) -> None:
        require_callables(self, "function", "derivative")
        if self.target_kind not in TARGET_KINDS:
            raise unknown_name("kind of target", self.target_kind, TARGET_KINDS)
        if self.mean and self.partner is not None:
            raise InvalidValueError(
                f"loss {self.name!r} has a partner, with which dL/dz is value - target: that is the "
                "slope of a sum over the outputs, so mean must be False"
            )

    @property
    def text(self) -> str:
        """What it is of a sample, in words: "half the squared error, the sum over the outputs"."""
        if not self.words or self.target_kind == "class":
            return self.words
        return f"{self.words}, the {'mean' if self.mean else 'sum'} over the outputs"

    def function_of_z(self, activation: AnyActivation) -> OfSample | None:
        """Return the formula from the weighted inputs, if there is one for this output activation."""
        return self.partner_function if activation is self.partner else None

    def of_sample(
        self, activation: AnyActivation, zs: list[float], values: list[float], targets: list[float]
    ) -> float:
        """Return the loss of one sample from the z and value of each output, and its targets."""
        of_z = self.function_of_z(activation)
        if of_z is not None:
            return of_z(zs, values, targets)
        total = 0.0
        try:
            for value, target in zip(values, targets, strict=True):
                total += float(self.function(value, target))
        except (TypeError, ValueError) as error:
            raise not_a_number(f"the function of loss {self.name!r}", error) from error
        return total / len(values) if self.mean else total

    def slopes(self, values: list[float], targets: list[float]) -> list[float]:
        """Return dL/dvalue of every output neuron."""
        share = 1.0 / len(values) if self.mean else 1.0
        try:
            slopes = list(map(float, map(self.derivative, values, targets)))
        except (TypeError, ValueError) as error:
            raise not_a_number(f"the derivative of loss {self.name!r}", error) from error
        return [share * slope for slope in slopes]

    def deltas(
        self, activation: AnyActivation, zs: list[float], values: list[float], targets: list[float]
    ) -> list[float]:
        """Return dL/dz of every output neuron.

        `value - target` for softmax with cross-entropy and sigmoid with binary cross-entropy (C. Bishop,
        "Pattern Recognition and Machine Learning", section 4.3.6), the chain rule otherwise.
        """
        if activation is self.partner:
            return [value - target for value, target in zip(values, targets, strict=True)]
        return activation.deltas(zs, values, self.slopes(values, targets))

    def check(self, activation: AnyActivation) -> None:
        """Raise an error if the output activation gives values outside of the domain of this loss."""
        low, high = activation.range
        if not self._allows(activation):
            allowed = ", ".join(each.name for each in ACTIVATIONS.values() if self._allows(each))
            raise InvalidValueError(
                f"loss {self.name!r} needs output values from {self.domain[0]:g} to "
                f"{self.domain[1]:g}, but the output activation {activation.name!r} gives "
                f"{low:g} to {high:g}: use another output activation ({allowed}), or another loss"
            )
        if self.target_kind == "sign" and low >= 0.0:
            raise InvalidValueError(
                f"loss {self.name!r} needs output values of both signs, but the output activation "
                f"{activation.name!r} gives none below {low:g}: use a linear or tanh output"
            )

    def _allows(self, activation: AnyActivation) -> bool:
        """Whether an activation gives no values outside of the domain."""
        low, high = activation.range
        return self.domain[0] <= low and high <= self.domain[1]
