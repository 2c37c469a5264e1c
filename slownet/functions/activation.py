"""What an activation is: a formula of one neuron with its derivative, or softmax of a layer."""

from __future__ import annotations

from collections.abc import Callable, MutableSequence, Sequence
from dataclasses import dataclass, field
from math import inf, nan
from operator import mul
from typing import Any

from slownet.checks import as_float, short
from slownet.errors import InvalidValueError
from slownet.functions.elementary import exp
from slownet.functions.pickling import Pickled
from slownet.functions.table import not_a_number, require_callables


@dataclass(frozen=True)
class Activation(Pickled):
    """A function from a neuron's weighted input z to its value, one neuron at a time.

    Parameters
    ----------
    name : str
        Its name, in messages and pictures; the built-in ones are found by it.
    function : callable
        `function(z) -> value`, floats.
    derivative : callable
        `derivative(z, value) -> f'(z)`; `derivative(z)` works, too.
    latex : str
        The formula, with z as its variable.
    derivative_latex : str
        The derivative's formula, with z, and a for the value.
    range : (float, float)
        The smallest and largest value it can give: `Loss.check` compares it with the domain, and the
        colours of pictures span it.
    initializer : str
        The initial weights that suit it.
    settings : dict
        The arguments that a built-in formula was made with, where it takes any.
    source : str
        Where the formula comes from: authors, title, year, equation.

    Raises
    ------
    TypeError
        If function or derivative cannot be called.
    ValueError
        If the range is not two numbers, the smaller one first.

    Examples
    --------
    >>> from slownet import Activation, NetFactory
    >>> square = Activation("square", lambda z: z * z, lambda z, value: 2.0 * z, latex="z^2")
    >>> NetFactory([2, 3, 1], square, "linear", seed=0).new()
    Net(2-3-1, square, linear, 9 weights)
    """

    name: str
    function: Callable[[float], float] = field(repr=False)
    derivative: Callable[..., float] = field(repr=False)
    latex: str = ""
    derivative_latex: str = ""
    range: tuple[float, float] = (-inf, inf)
    initializer: str = "glorot_uniform"
    settings: dict[str, float] = field(default_factory=dict, repr=False, compare=False)
    source: str = field(default="", repr=False, compare=False)

    def __post_init__(self) -> None:
        require_callables(self, "function", "derivative")
        object.__setattr__(self, "range", _ends(self.name, self.range))
        self._adapt_derivative()

    def _adapt_derivative(self) -> None:
        """Let a derivative of z alone take the value, too."""
        if _needed(self.derivative) == 1:
            of_z = self.derivative
            object.__setattr__(self, "derivative", lambda z, value: of_z(z))
            object.__setattr__(self, "_of_z", of_z)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "derivative": vars(self).get("_of_z", self.derivative)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._adapt_derivative()

    def values(self, zs: list[float]) -> list[float]:
        """Return the value of every neuron of a layer from their weighted inputs."""
        try:
            return list(map(float, map(self.function, zs)))
        except (TypeError, ValueError) as error:
            raise not_a_number(f"the function of activation {self.name!r}", error) from error

    def deltas(self, zs: list[float], values: list[float], slopes: list[float]) -> list[float]:
        """Return dL/dz of every neuron of a layer from dL/dvalue (the slopes)."""
        try:
            return list(map(mul, slopes, map(float, map(self.derivative, zs, values))))
        except (TypeError, ValueError) as error:
            raise not_a_number(f"the derivative of activation {self.name!r}", error) from error


@dataclass(frozen=True)
class SoftmaxActivation(Pickled):
    """The one activation of a whole layer: its values are positive and sum to 1."""

    name: str = "softmax"
    latex: str = r"\frac{e^{z_i}}{\sum_j e^{z_j}}"
    derivative_latex: str = r"\frac{\partial a_i}{\partial z_j} = a_i (\delta_{ij} - a_j)"
    range: tuple[float, float] = (0.0, 1.0)
    initializer: str = "glorot_uniform"
    source: str = (
        'J. Bridle, "Probabilistic Interpretation of Feedforward Classification Network Outputs", 1990; '
        'derivative: C. Bishop, "Pattern Recognition and Machine Learning", 2006, equation 4.106'
    )

    def values(self, zs: list[float]) -> list[float]:
        """Return e^z over its sum; the largest z is subtracted first, so that nothing overflows."""
        values = [0.0] * len(zs)
        softmax_values(zs, values)
        return values

    def deltas(self, zs: list[float], values: list[float], slopes: list[float]) -> list[float]:
        """Return dL/dz_i = a_i (dL/da_i - sum_j a_j dL/da_j)."""
        deltas = list(slopes)
        softmax_deltas(values, deltas)
        return deltas


def softmax_values(zs: Sequence[float], values: MutableSequence[float]) -> None:
    """Fill in e^z over its sum for every z of a layer."""
    top = zs[0]
    for i in range(len(zs)):
        if zs[i] > top:
            top = zs[i]
    total = 0.0
    for i in range(len(zs)):
        values[i] = exp(zs[i] - top)
        total += values[i]
    for i in range(len(zs)):
        values[i] /= total


def softmax_deltas(values: Sequence[float], slopes: MutableSequence[float]) -> None:
    """Turn dL/dvalue of every neuron of a layer into dL/dz, in place."""
    total = 0.0
    for i in range(len(values)):
        total += values[i] * slopes[i]
    for i in range(len(values)):
        slopes[i] = values[i] * (slopes[i] - total)


AnyActivation = Activation | SoftmaxActivation


def _ends(name: str, ends: object) -> tuple[float, float]:
    """Return the ends of a range as floats."""
    try:
        low, high = (as_float("an end", end) for end in ends)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        low = high = nan
    if low <= high:
        return low, high
    raise InvalidValueError(
        f"range of activation {name!r} must be two numbers, the smaller one first, such as (0.0, inf), "
        f"not {short(ends)}"
    )


def _needed(function: Callable[..., float]) -> int:
    """Return how many arguments a function needs; asks `inspect` only where that costs no import."""
    code = getattr(function, "__code__", None)
    if code is not None:
        optional = getattr(function, "__defaults__", None) or ()
        return int(code.co_argcount) - len(optional) - hasattr(function, "__self__")
    if hasattr(function, "nin"):  # a NumPy function
        return int(function.nin)
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # a builtin without a signature
        return 1
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(each.kind in positional and each.default is each.empty for each in parameters)
