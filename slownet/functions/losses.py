"""Losses: how wrong the outputs for one sample are, each with its derivative and its LaTeX.

Every formula is for one output value a and its target y; a sample's loss is their sum over the output
neurons or, for losses with `mean=True`, their mean. Near 0 and 1 a value is rounded, and the loss lost:
that of cross-entropy with softmax, and of binary cross-entropy with sigmoid, is computed from z.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Literal

from slownet.checks import check_number, unknown_name
from slownet.errors import InvalidValueError
from slownet.functions.activations import AnyActivation, sigmoid, softmax, softplus_value
from slownet.functions.elementary import log, log1p
from slownet.functions.pickling import Pickled
from slownet.functions.table import Table, made_once, not_a_number, require_callables

SMALLEST = 5e-324  # the smallest positive float64, so that log(0) is never taken
SMALLEST_DIVISOR = 2.0**-1022  # 1 / a is finite from here on: inf times a derivative of 0 would be nan
HALF_ULP = 2.0**-53  # the smallest 1 - a that is not zero


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
    partner : Activation or None
        The output activation with which dL/dz is simply `value - target`; not with `mean`.
    partner_function : callable or None
        `partner_function(zs, values, targets) -> loss` of a sample's outputs with that activation, from
        their weighted inputs; None if it is the sum of `function` there, too.
    partner_latex : str
        Its formula: the sum over the outputs.
    settings : dict
        The arguments that a built-in formula was made with, where it takes any.
    """

    name: str
    function: Callable[[float, float], float] = field(repr=False)
    derivative: Callable[[float, float], float] = field(repr=False)
    latex: str = ""
    derivative_latex: str = ""
    target_kind: Literal["class", "binary", "sign", "number"] = "number"
    mean: bool = False
    domain: tuple[float, float] = (-inf, inf)
    partner: AnyActivation | None = None
    partner_function: OfSample | None = field(default=None, repr=False)
    partner_latex: str = ""
    settings: dict[str, float] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_callables(self, "function", "derivative")
        if self.target_kind not in TARGET_KINDS:
            raise unknown_name("kind of target", self.target_kind, TARGET_KINDS)
        if self.mean and self.partner is not None:
            raise InvalidValueError(
                f"loss {self.name!r} has a partner, with which dL/dz is value - target: that is the "
                "slope of a sum over the outputs, so mean must be False"
            )

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
        if low < self.domain[0] or high > self.domain[1]:
            raise InvalidValueError(
                f"loss {self.name!r} needs output values from {self.domain[0]:g} to "
                f"{self.domain[1]:g}, but the output activation {activation.name!r} gives "
                f"{low:g} to {high:g}: use a softmax or sigmoid output, or another loss"
            )
        if self.target_kind == "sign" and low >= 0.0:
            raise InvalidValueError(
                f"loss {self.name!r} needs output values of both signs, but the output activation "
                f"{activation.name!r} gives none below {low:g}: use a linear or tanh output"
            )


def _cross_entropy(value: float, target: float) -> float:
    return -target * log(max(value, SMALLEST)) if target else 0.0


def _cross_entropy_slope(value: float, target: float) -> float:
    return -target / max(value, SMALLEST_DIVISOR) if target else 0.0


def _softmax_cross_entropy(
    zs: Sequence[float], values: Sequence[float], targets: Sequence[float]
) -> float:
    """Return sum_i y_i ((m - z_i) + ln sum_j e^(z_j - m)), where m is the largest z.

    Softmax has added up these exponentials: the value of m's neuron is 1 over their sum. The sum of the
    other values says how far it is from 1.

    Error: below 3 n + |ln L| + 6 ulp for n outputs and a loss L; mostly below 4 ulp for 10 outputs. The
    logarithm matters near 0 alone, where e^(z_j - m) has the rounding of the difference.
    """
    top = 0
    for i in range(len(zs)):
        if zs[i] > zs[top]:
            top = i
    others = 0.0
    for i in range(len(values)):
        if i != top:
            others += values[i]
    log_sum = -log1p(-others) if others < 0.5 else -log(values[top])
    total = 0.0
    for i in range(len(zs)):
        if targets[i]:
            total += targets[i] * ((zs[top] - zs[i]) + log_sum)
    return total


def _sigmoid_cross_entropy(
    zs: Sequence[float], values: Sequence[float], targets: Sequence[float]
) -> float:
    """Return sum_i y_i ln(1 + e^-z_i) + (1 - y_i) ln(1 + e^z_i).

    Error: below 4 ulp for one output with a target of 0 or 1.
    """
    total = 0.0
    for i in range(len(zs)):
        if targets[i]:
            total += targets[i] * softplus_value(-zs[i])
        if targets[i] != 1.0:
            total += (1.0 - targets[i]) * softplus_value(zs[i])
    return total


def _binary_cross_entropy(value: float, target: float) -> float:
    hit = -target * log(max(value, SMALLEST)) if target else 0.0
    miss = (target - 1.0) * log(max(1.0 - value, HALF_ULP)) if target != 1.0 else 0.0
    return hit + miss


def _binary_cross_entropy_slope(value: float, target: float) -> float:
    hit = -target / max(value, SMALLEST_DIVISOR) if target else 0.0
    miss = (1.0 - target) / max(1.0 - value, HALF_ULP) if target != 1.0 else 0.0
    return hit + miss


def _sign(x: float) -> float:
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0


@made_once
def huber(delta: float = 1.0) -> Loss:
    """Return Huber's loss: squared up to an error of `delta`, straight beyond (P. Huber 1964)."""
    delta = check_number("delta", delta, above=0.0)

    def function(value: float, target: float) -> float:
        error = abs(value - target)
        return 0.5 * error * error if error <= delta else delta * (error - 0.5 * delta)

    def derivative(value: float, target: float) -> float:
        return max(-delta, min(delta, value - target))

    return Loss(
        "huber",
        function,
        derivative,
        rf"\tfrac12 (a - y)^2 \text{{ if }} |a - y| \le {delta:g} "
        rf"\text{{ else }} {delta:g} (|a - y| - \tfrac12 \cdot {delta:g})",
        rf"\max(-{delta:g}, \min({delta:g}, a - y))",
        mean=True,
        settings={"delta": delta},
    )


cross_entropy = Loss(
    "cross_entropy",
    _cross_entropy,
    _cross_entropy_slope,
    r"-y \ln a",
    r"-\frac{y}{a}",
    target_kind="class",
    domain=(0.0, 1.0),
    partner=softmax,
    partner_function=_softmax_cross_entropy,
    partner_latex=r"\sum_i y_i \left(m - z_i + \ln \sum_j e^{z_j - m}\right), \quad m = \max_j z_j",
)
binary_cross_entropy = Loss(
    "binary_cross_entropy",
    _binary_cross_entropy,
    _binary_cross_entropy_slope,
    r"-y \ln a - (1 - y) \ln (1 - a)",
    r"-\frac{y}{a} + \frac{1 - y}{1 - a}",
    target_kind="binary",
    domain=(0.0, 1.0),
    partner=sigmoid,
    partner_function=_sigmoid_cross_entropy,
    partner_latex=r"\sum_i y_i \ln(1 + e^{-z_i}) + (1 - y_i) \ln(1 + e^{z_i})",
)
squared_error = Loss(
    "squared_error",
    lambda value, target: 0.5 * (value - target) * (value - target),
    lambda value, target: value - target,
    r"\tfrac12 (a - y)^2",
    "a - y",
)
mean_squared_error = Loss(
    "mean_squared_error",
    lambda value, target: (value - target) * (value - target),
    lambda value, target: 2.0 * (value - target),
    "(a - y)^2",
    "2 (a - y)",
    mean=True,
)
mean_absolute_error = Loss(
    "mean_absolute_error",
    lambda value, target: abs(value - target),
    lambda value, target: _sign(value - target),
    "|a - y|",
    r"\operatorname{sign}(a - y)",
    mean=True,
)
hinge = Loss(
    "hinge",
    lambda value, target: max(0.0, 1.0 - target * value),
    lambda value, target: -target if target * value < 1.0 else 0.0,
    r"\max(0, 1 - y a)",
    r"-y \text{ if } y a < 1 \text{ else } 0",
    target_kind="sign",
    mean=True,
)

LOSSES: Table[Loss] = Table(
    "loss",
    (Loss,),
    cross_entropy,
    binary_cross_entropy,
    squared_error,
    mean_squared_error,
    mean_absolute_error,
    huber,
    hinge,
)


def get_loss(which: str | Loss) -> Loss:
    """Return the loss of that name, or the one that is given; see `Table.find` for the errors."""
    return LOSSES.find(which)


def loss_for(activation: AnyActivation) -> Loss:
    """Return the loss that belongs to an output activation."""
    for loss in LOSSES.values():
        if loss.partner is activation:
            return loss
    return squared_error
