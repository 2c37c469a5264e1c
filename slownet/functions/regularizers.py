"""Penalties on the size of a weight: each formula with its derivative and its LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from slownet.functions.pickling import Pickled
from slownet.functions.table import Table, require_callables


@dataclass(frozen=True)
class Regularizer(Pickled):
    """A penalty on one weight, added to the loss that training makes smaller.

    Parameters
    ----------
    name : str
        What it is called.
    function : callable
        `function(weight) -> penalty`, floats.
    derivative : callable
        `derivative(weight) -> dpenalty/dweight`, added to the weight's mean gradient.
    latex, derivative_latex : str
        The formulas, with w for the weight.
    source : str
        Where the formula comes from: authors, title, year, equation.

    Examples
    --------
    >>> from slownet import NetFactory, Regularizer
    >>> fourth = Regularizer("fourth", lambda w: 0.25 * w**4, lambda w: w**3)
    >>> net = NetFactory([1, 1], seed=0).new()
    >>> history = net.fit([[1.0]], [1], regularizers=[(fourth, 0.01)])
    """

    name: str
    function: Callable[[float], float] = field(repr=False)
    derivative: Callable[[float], float] = field(repr=False)
    latex: str = ""
    derivative_latex: str = ""
    source: str = field(default="", repr=False, compare=False)

    def __post_init__(self) -> None:
        require_callables(self, "function", "derivative")


l1 = Regularizer(
    "l1",
    abs,
    lambda weight: 1.0 if weight > 0.0 else -1.0 if weight < 0.0 else 0.0,
    "|w|",
    r"\operatorname{sign}(w)",
    source='R. Tibshirani, "Regression Shrinkage and Selection via the Lasso", 1996',
)
l2 = Regularizer(
    "l2",
    lambda weight: 0.5 * weight * weight,
    lambda weight: weight,
    r"\tfrac12 w^2",
    "w",
    source='A. Krogh and J. Hertz, "A Simple Weight Decay Can Improve Generalization", 1992',
)

REGULARIZERS: Table[Regularizer] = Table("regularizer", (Regularizer,), l1, l2)
