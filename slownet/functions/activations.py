"""Activation functions: each formula with its derivative and its LaTeX.

Derivatives take both the weighted input z and the value f(z): most are shortest in one of the two.
"""

from __future__ import annotations

from collections.abc import Callable, MutableSequence, Sequence
from dataclasses import dataclass, field
from math import inf, nan
from operator import mul
from typing import Any

from slownet.checks import as_float, check_number, short
from slownet.errors import InvalidValueError
from slownet.functions.elementary import exp, expm1, log1p, tanh
from slownet.functions.pickling import Pickled
from slownet.functions.table import Table, made_once, not_a_number, require_callables

FAR = 800.0  # e^-z is 0 from here on, and infinity times 0 would be nan
SQRT_8_PI, CUBIC = 1.5957691216057308, 0.044715  # of GELU
# of SELU: lambda and lambda alpha, from the constants to all digits in the authors' code
SELU_SCALE, SELU_LIMIT = 1.0507009873554805, 1.7580993408473769


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

    Raises
    ------
    TypeError
        If function or derivative cannot be called.
    ValueError
        If the range is not two numbers, the smaller one first.
    """

    name: str
    function: Callable[[float], float] = field(repr=False)
    derivative: Callable[..., float] = field(repr=False)
    latex: str = ""
    derivative_latex: str = ""
    range: tuple[float, float] = (-inf, inf)
    initializer: str = "glorot_uniform"
    settings: dict[str, float] = field(default_factory=dict, repr=False, compare=False)

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


def _sigmoid(z: float) -> float:
    e = exp(-abs(z))
    return (1.0 if z >= 0.0 else e) / (1.0 + e)


def softplus_value(z: float) -> float:
    """Return ln(1 + e^z) without overflow. Error: below 4 ulp."""
    return max(z, 0.0) + log1p(exp(-abs(z)))


def _silu(z: float) -> float:
    """Return z / (1 + e^-z). Error: below 3 ulp for z from -700 on."""
    return 0.0 if z < -FAR else z * _sigmoid(z)


def _silu_slope(z: float, value: float) -> float:
    if abs(z) > FAR:
        return 1.0 if z > 0.0 else 0.0
    e = exp(-abs(z))
    return (1.0 + value * e if z >= 0.0 else e + value) / (1.0 + e)


def _gelu(z: float) -> float:
    """Return z / (1 + e^-v), v = sqrt(8/pi) (z + 0.044715 z^3): 1 + tanh(v/2) would cancel below 0.

    Error: below 4 ulp for z from 0 on, and below 4 + 3 |v| ulp down to z = -20.
    """
    return 0.0 if z < -FAR else z * _sigmoid(SQRT_8_PI * (z + CUBIC * z * z * z))


def _gelu_slope(z: float, value: float) -> float:
    if abs(z) > FAR:
        return 1.0 if z > 0.0 else 0.0
    e = exp(-abs(SQRT_8_PI * (z + CUBIC * z * z * z)))
    rise = value * SQRT_8_PI * (1.0 + 3.0 * CUBIC * z * z)
    return (1.0 + rise * e if z >= 0.0 else e + rise) / (1.0 + e)


def _mish(z: float) -> float:
    """Return z tanh(ln(1 + e^z)) as a fraction of powers of e^-|z|, without cancellation.

    Error: below 4 ulp for z from -700 on.
    """
    if z < -FAR:
        return 0.0
    e = exp(-abs(z))
    top = 1.0 + 2.0 * e if z >= 0.0 else e * (e + 2.0)
    return z * (top / (top + (2.0 * e * e if z >= 0.0 else 2.0)))


def _mish_slope(z: float, value: float) -> float:
    if abs(z) > FAR:
        return 1.0 if z > 0.0 else 0.0
    e = exp(-abs(z))
    top = 1.0 + 2.0 * e if z >= 0.0 else e * (e + 2.0)
    whole = top + (2.0 * e * e if z >= 0.0 else 2.0)
    bend = e * e if z >= 0.0 else e
    return (top + 4.0 * z * bend * (1.0 + e) / whole) / whole


@made_once
def leaky_relu(slope: float = 0.01) -> Activation:
    """Return a ReLU that lets `slope` of a negative z through (Maas, Hannun and Ng 2013)."""
    slope = check_number("slope", slope, minimum=-inf)
    return Activation(
        "leaky_relu",
        lambda z: z if z > 0.0 else slope * z,
        lambda z, value: 1.0 if z > 0.0 else slope,
        rf"\max(z, {slope:g} z)",
        rf"1 \text{{ if }} z > 0 \text{{ else }} {slope:g}",
        initializer="he_normal",
        settings={"slope": slope},
    )


@made_once
def elu(alpha: float = 1.0) -> Activation:
    """Return the exponential linear unit (Clevert, Unterthiner and Hochreiter 2016)."""
    alpha = check_number("alpha", alpha, minimum=-inf)
    return Activation(
        "elu",
        lambda z: z if z > 0.0 else alpha * expm1(z),
        lambda z, value: 1.0 if z > 0.0 else value + alpha,
        rf"z \text{{ if }} z > 0 \text{{ else }} {alpha:g} (e^z - 1)",
        rf"1 \text{{ if }} z > 0 \text{{ else }} a + {alpha:g}",
        range=(-abs(alpha), inf),
        initializer="he_normal",
        settings={"alpha": alpha},
    )


linear = Activation("linear", lambda z: z, lambda z, value: 1.0, "z", "1")
sigmoid = Activation(
    "sigmoid",
    _sigmoid,
    lambda z, value: value * (1.0 - value),
    r"\frac{1}{1 + e^{-z}}",
    r"a (1 - a)",
    range=(0.0, 1.0),
)
hyperbolic_tangent = Activation(
    "tanh",
    tanh,
    lambda z, value: 1.0 - value * value,
    r"\tanh(z)",
    r"1 - a^2",
    range=(-1.0, 1.0),
)
relu = Activation(
    "relu",
    lambda z: 0.0 if z <= 0.0 else z,  # in this order, so that nan stays nan
    lambda z, value: 0.0 if z <= 0.0 else 1.0,
    r"\max(0, z)",
    r"1 \text{ if } z > 0 \text{ else } 0",
    range=(0.0, inf),
    initializer="he_normal",
)
softplus = Activation(
    "softplus",
    softplus_value,
    lambda z, value: _sigmoid(z),
    r"\ln(1 + e^z)",
    r"\frac{1}{1 + e^{-z}}",
    range=(0.0, inf),
)
# with the Poisson loss, whose output is an expected count
exponential = Activation("exponential", exp, lambda z, value: value, "e^z", "a", range=(0.0, inf))
# S. Elfwing, E. Uchibe and K. Doya 2018; "swish" of P. Ramachandran, B. Zoph and Q. Le 2017
silu = Activation(
    "silu",
    _silu,
    _silu_slope,
    r"\frac{z}{1 + e^{-z}}",
    r"\frac{1 + a e^{-z}}{1 + e^{-z}}",
    range=(-0.2784645427610739, inf),
    initializer="he_normal",
)
# D. Hendrycks and K. Gimpel 2016, section 2: the form with tanh
gelu = Activation(
    "gelu",
    _gelu,
    _gelu_slope,
    r"\tfrac12 z \left(1 + \tanh\left(\sqrt{2 / \pi} (z + 0.044715 z^3)\right)\right)",
    r"\frac{1 + a \sqrt{8 / \pi} (1 + 0.134145 z^2) e^{-\sqrt{8 / \pi} (z + 0.044715 z^3)}}"
    r"{1 + e^{-\sqrt{8 / \pi} (z + 0.044715 z^3)}}",
    range=(-0.1700407505712542, inf),
    initializer="he_normal",
)
# G. Klambauer, T. Unterthiner, A. Mayr and S. Hochreiter 2017, equations 2 and 14
selu = Activation(
    "selu",
    lambda z: SELU_SCALE * z if z > 0.0 else SELU_LIMIT * expm1(z),
    lambda z, value: SELU_SCALE if z > 0.0 else value + SELU_LIMIT,
    rf"{SELU_SCALE:g} z \text{{ if }} z > 0 \text{{ else }} {SELU_LIMIT:g} (e^z - 1)",
    rf"{SELU_SCALE:g} \text{{ if }} z > 0 \text{{ else }} a + {SELU_LIMIT:g}",
    range=(-SELU_LIMIT, inf),
    initializer="lecun_normal",
)
# D. Misra 2020, equation 1
mish = Activation(
    "mish",
    _mish,
    _mish_slope,
    r"z \tanh(\ln(1 + e^z))",
    r"\tanh(\ln(1 + e^z)) + \frac{z}{1 + e^{-z}} \left(1 - \tanh^{2}(\ln(1 + e^z))\right)",
    range=(-0.3088434130172505, inf),
    initializer="he_normal",
)
softmax = SoftmaxActivation()

ACTIVATIONS: Table[AnyActivation] = Table(
    "activation",
    (Activation, SoftmaxActivation),
    linear,
    sigmoid,
    hyperbolic_tangent,
    relu,
    leaky_relu,
    elu,
    softplus,
    exponential,
    silu,
    gelu,
    selu,
    mish,
    softmax,
    synonyms={"swish": "silu", "identity": "linear", "logistic": "sigmoid", "exp": "exponential"},
)


def get_activation(which: str | AnyActivation) -> AnyActivation:
    """Return the activation of that name, or the one that is given; see `Table.find` for the errors."""
    return ACTIVATIONS.find(which)
