"""Initializers: where the weights between two layers start, each as a spread times a standard draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING, Literal

from slownet.checks import unknown_name
from slownet.errors import InvalidValueError
from slownet.functions import randomness
from slownet.functions.pickling import Pickled
from slownet.functions.table import Table, made_once, require_callables

if TYPE_CHECKING:
    from slownet.functions.randomness import Floats

Spread = Callable[[int, int], float]
BOOK = 'I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", 2016, section 8.4'


@dataclass(frozen=True)
class Initializer(Pickled):
    """Initial weights: `centre + spread(fan_in, fan_out) * draw`.

    Parameters
    ----------
    name : str
        Its name, in messages and pictures; the built-in ones are found by it.
    spread : callable
        `spread(fan_in, fan_out) -> float`: the standard deviation of normal weights, the half width of
        uniform ones. `fan_in` is the number of weights into a neuron of the layer, `fan_out` the number
        out of a neuron of the layer before.
    distribution : "normal", "uniform" or "constant"
        What a draw is: standard normal, uniform over [-1, 1), or always 1.
    latex : str
        The formula of the distribution.
    centre : float
        The mean of the weights.
    settings : dict
        The arguments that a built-in initializer was made with, where it takes any.
    source : str
        Where the formula comes from: authors, title, year, equation.

    Examples
    --------
    >>> from slownet import Initializer, NetFactory
    >>> small = Initializer("small", lambda fan_in, fan_out: 0.1, "uniform")
    >>> net = NetFactory([2, 3, 1], initializer=small, seed=0).new()
    >>> max(abs(weight.value) for weight in net.weights()) <= 0.1
    True
    """

    name: str
    spread: Spread = field(repr=False)
    distribution: Literal["normal", "uniform", "constant"] = "normal"
    latex: str = ""
    centre: float = 0.0
    settings: dict[str, float] = field(default_factory=dict, repr=False, compare=False)
    source: str = field(default="", repr=False, compare=False)

    def __post_init__(self) -> None:
        require_callables(self, "spread")
        if self.distribution not in ("normal", "uniform", "constant"):
            raise unknown_name("distribution", self.distribution, ("normal", "uniform", "constant"))

    def draw(self, place: int, fan_in: int, fan_out: int) -> list[list[float]]:
        """Return initial weights for a random key: fan_out rows, each the fan_in weights of a neuron.

        The weight from source i to target j takes draw i * fan_out + j of the key.
        """
        count, spread = fan_in * fan_out, float(self.spread(fan_in, fan_out))
        if self.distribution == "constant":
            return [[self.centre + spread] * fan_in for _ in range(fan_out)]
        draws: Floats
        if self.distribution == "normal":
            draws = randomness.normals(place, count)
        else:
            draws = 2.0 * randomness.uniforms(place, count) - 1.0
        weights = self.centre + spread * draws
        rows: list[list[float]] = weights.reshape(fan_in, fan_out).T.tolist()
        return rows


@made_once
def constant(value: float = 0.1) -> Initializer:
    """Return an initializer that gives every weight the same value.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.constant(0.5).draw(0, fan_in=2, fan_out=1)
    [[0.5, 0.5]]
    """
    return Initializer(
        "constant",
        lambda fan_in, fan_out: value,
        "constant",
        f"{value:g}",
        settings={"value": value},
        source=BOOK,
    )


@made_once
def uniform(low: float = -0.05, high: float = 0.05) -> Initializer:
    """Return an initializer that spreads the weights evenly over [low, high).

    Examples
    --------
    >>> from slownet import functions
    >>> (row,) = functions.uniform(0.0, 0.1).draw(0, fan_in=3, fan_out=1)
    >>> all(0.0 <= weight < 0.1 for weight in row)
    True
    """
    if not low <= high:
        raise InvalidValueError(f"low must be at most high, not {low} with a high of {high}")
    half = 0.5 * (high - low)
    return Initializer(
        "uniform",
        lambda fan_in, fan_out: half,
        "uniform",
        rf"U({low:g}, {high:g})",
        centre=0.5 * (low + high),
        settings={"low": low, "high": high},
        source=BOOK,
    )


@made_once
def normal(std: float = 0.01, mean: float = 0.0) -> Initializer:
    """Return an initializer with normally distributed weights.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.normal(std=0.1).latex
    'N(0, 0.1^2)'
    """
    return Initializer(
        "normal",
        lambda fan_in, fan_out: std,
        "normal",
        rf"N({mean:g}, {std:g}^2)",
        centre=mean,
        settings={"std": std, "mean": mean},
        source=BOOK,
    )


zeros = Initializer("zeros", lambda fan_in, fan_out: 0.0, "constant", "0", source=BOOK)
he_normal = Initializer(
    "he_normal",
    lambda fan_in, fan_out: sqrt(2.0 / fan_in),
    "normal",
    r"N\left(0, \frac{2}{n_\text{in}}\right)",
    source='K. He, X. Zhang, S. Ren and J. Sun, "Delving Deep into Rectifiers", 2015, equation 10',
)
he_uniform = Initializer(
    "he_uniform",
    lambda fan_in, fan_out: sqrt(6.0 / fan_in),
    "uniform",
    r"U\left(\pm\sqrt{\frac{6}{n_\text{in}}}\right)",
    source='K. He, X. Zhang, S. Ren and J. Sun, "Delving Deep into Rectifiers", 2015, equation 10: '
    "the same variance",
)
glorot_normal = Initializer(
    "glorot_normal",
    lambda fan_in, fan_out: sqrt(2.0 / (fan_in + fan_out)),
    "normal",
    r"N\left(0, \frac{2}{n_\text{in} + n_\text{out}}\right)",
    source='X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural '
    'networks", 2010, equation 12',
)
glorot_uniform = Initializer(
    "glorot_uniform",
    lambda fan_in, fan_out: sqrt(6.0 / (fan_in + fan_out)),
    "uniform",
    r"U\left(\pm\sqrt{\frac{6}{n_\text{in} + n_\text{out}}}\right)",
    source='X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural '
    'networks", 2010, equation 16',
)
lecun_normal = Initializer(
    "lecun_normal",
    lambda fan_in, fan_out: sqrt(1.0 / fan_in),
    "normal",
    r"N\left(0, \frac{1}{n_\text{in}}\right)",
    source='Y. LeCun, L. Bottou, G. Orr and K. Müller, "Efficient BackProp", 1998, equation 16',
)

INITIALIZERS: Table[Initializer] = Table(
    "initializer",
    (Initializer,),
    zeros,
    constant,
    uniform,
    normal,
    he_normal,
    he_uniform,
    glorot_normal,
    glorot_uniform,
    lecun_normal,
)


def get_initializer(which: str | Initializer) -> Initializer:
    """Return the initializer of that name, or the one that is given; see `Table.find` for the errors.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.get_initializer("he_normal").spread(8, 4)
    0.5
    """
    return INITIALIZERS.find(which)
