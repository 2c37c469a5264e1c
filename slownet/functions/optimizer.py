"""What an optimizer is: a rule that moves one weight, given its gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from slownet.functions.pickling import Pickled
from slownet.functions.table import require_callables

Constants = tuple[float, ...]
Rule = Callable[[float, float, float, float, float, Constants], tuple[float, float, float]]


def _no_constants(step: int) -> Constants:
    """Return nothing: plain gradient descent needs no constants."""
    return ()


@dataclass(frozen=True)
class Optimizer(Pickled):
    r"""A rule that moves one weight.

    Parameters
    ----------
    name : str
        Its name, in messages and pictures; the built-in ones are found by it.
    function : callable
        `function(value, gradient, first, second, learning_rate, constants) -> (value, first, second)`:
        the weight before and after the step, with the two numbers that are kept for it.
    latex : str
        The formulas, with w for the weight, g for the gradient and \eta for the learning rate.
    constants : callable
        `constants(step) -> tuple of floats`, worked out once for each step (counted from 1) and given
        to `function`.
    settings : dict
        The arguments that a built-in formula was made with, where it takes any.
    learning_rate : float
        A learning rate that suits it: the default of `slownet train`.
    source : str
        Where the formula comes from: authors, title, year, equation.

    Examples
    --------
    >>> from slownet import Optimizer
    >>> def half(value, gradient, first, second, rate, constants):
    ...     return value - 0.5 * rate * gradient, first, second
    >>> Optimizer("half", half).function(1.0, 2.0, 0.0, 0.0, 0.1, ())
    (0.9, 0.0, 0.0)
    """

    name: str
    function: Rule = field(repr=False)
    latex: str = ""
    constants: Callable[[int], Constants] = _no_constants
    settings: dict[str, float] = field(default_factory=dict, repr=False, compare=False)
    learning_rate: float = field(default=0.1, repr=False)
    source: str = field(default="", repr=False, compare=False)

    def __post_init__(self) -> None:
        require_callables(self, "function", "constants")
