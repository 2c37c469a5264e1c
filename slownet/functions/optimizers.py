"""Optimizers: how a weight moves, given its gradient. Each is one function of floats, with its LaTeX.

An optimizer keeps two numbers for every weight and bias, `first` and `second`; both start at 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import sqrt

from slownet.checks import check_number
from slownet.errors import InvalidValueError
from slownet.functions.elementary import power
from slownet.functions.pickling import Pickled
from slownet.functions.table import Table, made_once, require_callables

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
    """

    name: str
    function: Rule = field(repr=False)
    latex: str = ""
    constants: Callable[[int], Constants] = _no_constants
    settings: dict[str, float] = field(default_factory=dict, repr=False, compare=False)
    learning_rate: float = field(default=0.1, repr=False)

    def __post_init__(self) -> None:
        require_callables(self, "function", "constants")


def _descend(
    value: float, gradient: float, first: float, second: float, rate: float, constants: Constants
) -> tuple[float, float, float]:
    return value - rate * gradient, first, second


def _momentum(
    value: float, gradient: float, first: float, second: float, rate: float, constants: Constants
) -> tuple[float, float, float]:
    velocity = constants[0] * first + gradient
    return value - rate * velocity, velocity, second


def _nesterov(
    value: float, gradient: float, first: float, second: float, rate: float, constants: Constants
) -> tuple[float, float, float]:
    velocity = constants[0] * first + gradient
    return value - rate * (gradient + constants[0] * velocity), velocity, second


def _rmsprop(
    value: float, gradient: float, first: float, second: float, rate: float, constants: Constants
) -> tuple[float, float, float]:
    decay, epsilon = constants
    square = decay * second + (1.0 - decay) * gradient * gradient
    return value - rate * gradient / (sqrt(square) + epsilon), first, square


def _adam(
    value: float, gradient: float, first: float, second: float, rate: float, constants: Constants
) -> tuple[float, float, float]:
    beta1, beta2, epsilon, unbias1, unbias2 = constants
    mean = beta1 * first + (1.0 - beta1) * gradient
    square = beta2 * second + (1.0 - beta2) * gradient * gradient
    return value - rate * (unbias1 * mean) / (unbias2 * sqrt(square) + epsilon), mean, square


plain_sgd = Optimizer("sgd", _descend, r"w \leftarrow w - \eta g")


@made_once
def sgd(momentum: float = 0.0, nesterov: bool = False) -> Optimizer:
    """Return gradient descent, with or without momentum.

    Momentum in the form of Sutskever, Martens, Dahl and Hinton 2013, equations 1 to 4, with the learning
    rate taken out of the velocity, as PyTorch does it.

    Parameters
    ----------
    momentum : float
        How much of the last step's velocity stays, from 0 to less than 1.
    nesterov : bool
        Whether to look ahead along the velocity.
    """
    momentum = check_number("momentum", momentum, below=1.0)
    if momentum == 0.0:
        if nesterov:
            raise InvalidValueError("nesterov needs a momentum above 0")
        return plain_sgd
    if nesterov:
        return Optimizer(
            "sgd",
            _nesterov,
            rf"v \leftarrow {momentum:g} v + g,\quad w \leftarrow w - \eta (g + {momentum:g} v)",
            lambda step: (momentum,),
            settings={"momentum": momentum, "nesterov": True},
        )
    return Optimizer(
        "sgd",
        _momentum,
        rf"v \leftarrow {momentum:g} v + g,\quad w \leftarrow w - \eta v",
        lambda step: (momentum,),
        settings={"momentum": momentum},
    )


@made_once
def rmsprop(decay: float = 0.9, epsilon: float = 1e-8) -> Optimizer:
    """Return RMSprop (T. Tieleman and G. Hinton, Neural Networks for Machine Learning, lecture 6e).

    Parameters
    ----------
    decay : float
        How much of the running mean of squared gradients stays, from 0 to less than 1.
    epsilon : float
        Keeps the division away from 0.
    """
    decay = check_number("decay", decay, below=1.0)
    epsilon = check_number("epsilon", epsilon, above=0.0)
    return Optimizer(
        "rmsprop",
        _rmsprop,
        rf"s \leftarrow {decay:g} s + {1.0 - decay:g} g^2,\quad "
        rf"w \leftarrow w - \eta \frac{{g}}{{\sqrt{{s}} + \epsilon}}",
        lambda step: (decay, epsilon),
        learning_rate=0.003,
        settings={"decay": decay, "epsilon": epsilon},
    )


@made_once
def adam(beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> Optimizer:
    """Return Adam (D. Kingma and J. Ba, "Adam", 2015, algorithm 1).

    Parameters
    ----------
    beta1, beta2 : float
        How much of the running means of gradients and squared gradients stays, from 0 to less than 1.
    epsilon : float
        Keeps the division away from 0.
    """
    beta1 = check_number("beta1", beta1, below=1.0)
    beta2 = check_number("beta2", beta2, below=1.0)
    epsilon = check_number("epsilon", epsilon, above=0.0)
    return Optimizer(
        "adam",
        _adam,
        rf"m \leftarrow {beta1:g} m + {1.0 - beta1:g} g,\quad "
        rf"s \leftarrow {beta2:g} s + {1.0 - beta2:g} g^2,\quad "
        rf"w \leftarrow w - \eta \frac{{m / (1 - {beta1:g}^t)}}"
        rf"{{\sqrt{{s / (1 - {beta2:g}^t)}} + \epsilon}}",
        lambda step: (
            *(beta1, beta2, epsilon),
            1.0 / (1.0 - power(beta1, step)),
            1.0 / sqrt(1.0 - power(beta2, step)),
        ),
        learning_rate=0.01,
        settings={"beta1": beta1, "beta2": beta2, "epsilon": epsilon},
    )


OPTIMIZERS: Table[Optimizer] = Table("optimizer", (Optimizer,), sgd, rmsprop, adam)


def get_optimizer(which: str | Optimizer) -> Optimizer:
    """Return the optimizer of that name, or the one that is given; see `Table.find` for the errors."""
    return OPTIMIZERS.find(which)
