"""Optimizers: how a weight moves, given its gradient. Each is one function of floats, with its LaTeX.

An optimizer keeps two numbers for every weight and bias, `first` and `second`; both start at 0.
"""

from __future__ import annotations

from math import sqrt

from slownet.checks import check_bool, check_number
from slownet.errors import InvalidValueError
from slownet.functions.elementary import exp, expm1, log, power
from slownet.functions.optimizer import Constants, Optimizer
from slownet.functions.table import Table, made_once


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


def _rate_in_velocity(
    value: float, gradient: float, first: float, second: float, rate: float, constants: Constants
) -> tuple[float, float, float]:
    velocity = constants[0] * first + rate * gradient
    return value - velocity, velocity, second


def _nesterov_with_rate_in_velocity(
    value: float, gradient: float, first: float, second: float, rate: float, constants: Constants
) -> tuple[float, float, float]:
    velocity = constants[0] * first + rate * gradient
    return value - (rate * gradient + constants[0] * velocity), velocity, second


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


def _adamw(
    value: float, gradient: float, first: float, second: float, rate: float, constants: Constants
) -> tuple[float, float, float]:
    decayed = (1.0 - rate * constants[5]) * value
    return _adam(decayed, gradient, first, second, rate, constants[:5])


def _adagrad(
    value: float, gradient: float, first: float, second: float, rate: float, constants: Constants
) -> tuple[float, float, float]:
    square = second + gradient * gradient
    return value - rate * gradient / (sqrt(square) + constants[0]), first, square


def _nadam(
    value: float, gradient: float, first: float, second: float, rate: float, constants: Constants
) -> tuple[float, float, float]:
    beta1, beta2, epsilon, of_gradient, of_mean, unbias2 = constants
    mean = beta1 * first + (1.0 - beta1) * gradient
    square = beta2 * second + (1.0 - beta2) * gradient * gradient
    ahead = of_gradient * gradient + of_mean * mean
    return value - rate * ahead / (unbias2 * sqrt(square) + epsilon), mean, square


def _momentum_of(beta1: float, momentum_decay: float, step: int) -> float:
    """Return Nadam's momentum of a step: beta1 (1 - 0.96^(momentum_decay step) / 2)."""
    return beta1 * (1.0 - 0.5 * power(0.96, momentum_decay * step))


def _momentum_product(beta1: float, momentum_decay: float, step: int) -> float:
    """Return the product of Nadam's momenta of steps 1 to `step`; 0 where 1 minus it is 1.

    Its logarithm is `step` ln(beta1) + sum_i ln(1 - x^i / 2) with x = 0.96^momentum_decay. The series of
    the logarithm, sum_k -(x^i / 2)^k / k, is summed over i first: those are geometric series.
    """
    logarithm = step * log(beta1)
    if logarithm < -40.0:
        return 0.0
    log_of_x = momentum_decay * log(0.96)
    x, share = exp(log_of_x), 1.0
    for k in range(1, 55):
        share *= 0.5 * x
        c = k * log_of_x
        logarithm -= share / k * (expm1(c * step) / expm1(c) if c else step)
    return exp(logarithm)


def _check_betas(beta1: float, beta2: float, epsilon: float) -> tuple[float, float, float]:
    return (
        check_number("beta1", beta1, below=1.0),
        check_number("beta2", beta2, below=1.0),
        check_number("epsilon", epsilon, above=0.0),
    )


def _means_latex(beta1: float, beta2: float) -> str:
    """Return the running means of Adam and its relatives."""
    return (
        rf"m \leftarrow {beta1:g} m + {1.0 - beta1:g} g,\quad "
        rf"s \leftarrow {beta2:g} s + {1.0 - beta2:g} g^2,\quad "
    )


def _adam_constants(beta1: float, beta2: float, epsilon: float, step: int) -> Constants:
    unbias1, unbias2 = 1.0 / (1.0 - power(beta1, step)), 1.0 / sqrt(1.0 - power(beta2, step))
    return beta1, beta2, epsilon, unbias1, unbias2


plain_sgd = Optimizer(
    "sgd",
    _descend,
    r"w \leftarrow w - \eta g",
    source='H. Robbins and S. Monro, "A Stochastic Approximation Method", 1951; D. Rumelhart, G. Hinton '
    'and R. Williams, "Learning representations by back-propagating errors", 1986, equation 8',
)
MOMENTUM = (
    'I. Sutskever, J. Martens, G. Dahl and G. Hinton, "On the importance of initialization and momentum '
    'in deep learning", 2013, equations 1 to 4'
)
RATE_OUTSIDE = ", with the learning rate taken out of the velocity, as PyTorch does it"


@made_once
def sgd(momentum: float = 0.0, nesterov: bool = False, rate_in_velocity: bool = False) -> Optimizer:
    """Return gradient descent, with or without momentum.

    Momentum in the form of Sutskever, Martens, Dahl and Hinton 2013, equations 1 to 4: with the learning
    rate taken out of the velocity, as PyTorch has it, or in it, as they, Keras and scikit-learn do.

    Parameters
    ----------
    momentum : float
        How much of the last step's velocity stays, from 0 to less than 1.
    nesterov : bool
        Whether to look ahead along the velocity.
    rate_in_velocity : bool
        Whether each gradient is multiplied by the rate of its own step before it joins the velocity.
        Otherwise the velocity is a sum of gradients, and is multiplied by the rate of each step. As long
        as the rate does not change, both are the same, apart from rounding.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.sgd(momentum=0.9).settings
    {'momentum': 0.9}
    """
    momentum = check_number("momentum", momentum, below=1.0)
    nesterov = check_bool("nesterov", nesterov)
    rate_in_velocity = check_bool("rate_in_velocity", rate_in_velocity)
    if momentum == 0.0:
        if nesterov:
            raise InvalidValueError("nesterov needs a momentum above 0, such as momentum=0.9, not 0")
        return plain_sgd
    gradient, rate, rule = ("g", r"\eta ", _nesterov if nesterov else _momentum)
    if rate_in_velocity:
        gradient, rate = r"\eta g", ""
        rule = _nesterov_with_rate_in_velocity if nesterov else _rate_in_velocity
    change = f"({gradient} + {momentum:g} v)" if nesterov else "v"
    return Optimizer(
        "sgd",
        rule,
        rf"v \leftarrow {momentum:g} v + {gradient},\quad w \leftarrow w - {rate}{change}",
        lambda step: (momentum,),
        settings={
            "momentum": momentum,
            **({"nesterov": True} if nesterov else {}),
            **({"rate_in_velocity": True} if rate_in_velocity else {}),
        },
        source=MOMENTUM + ("" if rate_in_velocity else RATE_OUTSIDE),
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

    Examples
    --------
    >>> from slownet import functions
    >>> functions.rmsprop(decay=0.99).settings
    {'decay': 0.99, 'epsilon': 1e-08}
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
        source='T. Tieleman and G. Hinton, "Neural Networks for Machine Learning", lecture 6e, 2012',
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

    Examples
    --------
    >>> from slownet import functions
    >>> functions.adam(beta1=0.8).settings
    {'beta1': 0.8, 'beta2': 0.999, 'epsilon': 1e-08}
    """
    beta1, beta2, epsilon = _check_betas(beta1, beta2, epsilon)
    return Optimizer(
        "adam",
        _adam,
        _means_latex(beta1, beta2) + rf"w \leftarrow w - \eta \frac{{m / (1 - {beta1:g}^t)}}"
        rf"{{\sqrt{{s / (1 - {beta2:g}^t)}} + \epsilon}}",
        lambda step: _adam_constants(beta1, beta2, epsilon, step),
        learning_rate=0.01,
        settings={"beta1": beta1, "beta2": beta2, "epsilon": epsilon},
        source='D. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1',
    )


@made_once
def adamw(
    beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, weight_decay: float = 0.01
) -> Optimizer:
    r"""Return AdamW (I. Loshchilov and F. Hutter, "Decoupled Weight Decay Regularization", 2019).

    Algorithm 2, with the decay multiplied by the learning rate, as PyTorch does it: beside the step of
    Adam, w shrinks by \eta times `weight_decay` of itself. So do biases, as in PyTorch; the penalties
    `l1` and `l2` of `fit` leave them alone.

    Parameters
    ----------
    beta1, beta2, epsilon : float
        As for `adam`.
    weight_decay : float
        How much of a weight or bias is taken off in a step with the learning rate 1.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.adamw(weight_decay=0.1).settings
    {'beta1': 0.9, 'beta2': 0.999, 'epsilon': 1e-08, 'weight_decay': 0.1}
    """
    beta1, beta2, epsilon = _check_betas(beta1, beta2, epsilon)
    weight_decay = check_number("weight_decay", weight_decay)
    return Optimizer(
        "adamw",
        _adamw,
        _means_latex(beta1, beta2)
        + rf"w \leftarrow w - \eta \cdot {weight_decay:g} w - \eta \frac{{m / (1 - {beta1:g}^t)}}"
        rf"{{\sqrt{{s / (1 - {beta2:g}^t)}} + \epsilon}}",
        lambda step: (*_adam_constants(beta1, beta2, epsilon, step), weight_decay),
        learning_rate=0.01,
        settings={"beta1": beta1, "beta2": beta2, "epsilon": epsilon, "weight_decay": weight_decay},
        source='I. Loshchilov and F. Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm '
        "2, with the decay multiplied by the learning rate, as PyTorch does it",
    )


@made_once
def adagrad(epsilon: float = 1e-10) -> Optimizer:
    """Return Adagrad (J. Duchi, E. Hazan and Y. Singer 2011, figure 1, with a diagonal matrix).

    Parameters
    ----------
    epsilon : float
        Keeps the division away from 0.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.adagrad(epsilon=1e-8).settings
    {'epsilon': 1e-08}
    """
    epsilon = check_number("epsilon", epsilon, above=0.0)
    return Optimizer(
        "adagrad",
        _adagrad,
        r"s \leftarrow s + g^2,\quad w \leftarrow w - \eta \frac{g}{\sqrt{s} + \epsilon}",
        lambda step: (epsilon,),
        learning_rate=0.05,
        settings={"epsilon": epsilon},
        source='J. Duchi, E. Hazan and Y. Singer, "Adaptive Subgradient Methods for Online Learning and '
        'Stochastic Optimization", 2011, figure 1, with a diagonal matrix',
    )


@made_once
def nadam(
    beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, momentum_decay: float = 0.004
) -> Optimizer:
    """Return Nadam (T. Dozat, "Incorporating Nesterov Momentum into Adam", 2016, algorithm 2).

    With the momentum of each step as there, and as in PyTorch: it rises from about half of `beta1` to
    `beta1`.

    Parameters
    ----------
    beta1, beta2, epsilon : float
        As for `adam`.
    momentum_decay : float
        How fast the momentum rises: it is beta1 (1 - 0.96^(momentum_decay t) / 2) in step t.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.nadam(momentum_decay=0.01).settings
    {'beta1': 0.9, 'beta2': 0.999, 'epsilon': 1e-08, 'momentum_decay': 0.01}
    """
    beta1, beta2, epsilon = _check_betas(beta1, beta2, epsilon)
    momentum_decay = check_number("momentum_decay", momentum_decay)

    def constants(step: int) -> Constants:
        product = _momentum_product(beta1, momentum_decay, step)
        following = _momentum_of(beta1, momentum_decay, step + 1)
        return (
            *(beta1, beta2, epsilon),
            (1.0 - _momentum_of(beta1, momentum_decay, step)) / (1.0 - product),
            following / (1.0 - product * following),
            1.0 / sqrt(1.0 - power(beta2, step)),
        )

    return Optimizer(
        "nadam",
        _nadam,
        _means_latex(beta1, beta2)
        + rf"\mu_t = {beta1:g} (1 - \tfrac12 \cdot 0.96^{{{momentum_decay:g} t}}),\quad "
        r"\hat m = \frac{(1 - \mu_t) g}{1 - \prod_{i=1}^t \mu_i} "
        r"+ \frac{\mu_{t+1} m}{1 - \prod_{i=1}^{t+1} \mu_i},\quad "
        rf"w \leftarrow w - \eta \frac{{\hat m}}{{\sqrt{{s / (1 - {beta2:g}^t)}} + \epsilon}}",
        constants,
        learning_rate=0.01,
        settings={"beta1": beta1, "beta2": beta2, "epsilon": epsilon, "momentum_decay": momentum_decay},
        source='T. Dozat, "Incorporating Nesterov Momentum into Adam", 2016, algorithm 2',
    )


OPTIMIZERS: Table[Optimizer] = Table(
    "optimizer", (Optimizer,), sgd, rmsprop, adagrad, adam, adamw, nadam
)


def get_optimizer(which: str | Optimizer) -> Optimizer:
    """Return the optimizer of that name, or the one that is given; see `Table.find` for the errors.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.get_optimizer("adam") is functions.adam()
    True
    """
    return OPTIMIZERS.find(which)
