"""Losses: how wrong the outputs for one sample are, each with its derivative and its LaTeX.

Every formula is for one output value a and its target y; a sample's loss is their sum over the output
neurons or, for losses with `mean=True`, their mean. Near 0 and 1 a value is rounded, and the loss lost:
that of cross-entropy with softmax, and of binary cross-entropy with sigmoid, is computed from z.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from slownet.checks import check_number
from slownet.functions.activation import AnyActivation
from slownet.functions.activations import (
    exponential,
    sigmoid,
    softmax,
    softplus_value,
)
from slownet.functions.elementary import exp, expm1, log, log1p, tanh
from slownet.functions.loss import Loss
from slownet.functions.table import Table, made_once

SMALLEST = 5e-324  # the smallest positive float64, so that log(0) is never taken
SMALLEST_DIVISOR = 2.0**-1022  # 1 / a is finite from here on: inf times a derivative of 0 would be nan
HALF_ULP = 2.0**-53  # the smallest 1 - a that is not zero
LN_2 = 0.6931471805599453


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


def _log_cosh(value: float, target: float) -> float:
    """Return ln(cosh(a - y)) without overflow. Error: below 8 ulp, beside that of a - y."""
    size = abs(value - target)
    if size < 1.0:
        m = expm1(size)
        return log1p(0.5 * m * m / (1.0 + m))  # cosh(x) - 1 = (e^x - 1)^2 / (2 e^x)
    return size + (log1p(exp(-2.0 * size)) - LN_2)


def _poisson_value(value: float, target: float) -> float:
    """Return the value, or the smallest one with which y / a does not overflow."""
    return max(value, SMALLEST_DIVISOR * max(target, 1.0))


def _poisson(value: float, target: float) -> float:
    """Return a - y + y ln(y / a), which rounding does not make negative.

    Error: below 3 ulp of the largest of a, y and |y ln(y / a)|.
    """
    if target == 0.0:
        return value
    ratio = max(target / _poisson_value(value, target), SMALLEST)
    return max(target * log(ratio) - (target - value), 0.0)


def _poisson_slope(value: float, target: float) -> float:
    return 1.0 - target / _poisson_value(value, target)


def _exponential_poisson(
    zs: Sequence[float], values: Sequence[float], targets: Sequence[float]
) -> float:
    """Return sum_i e^z_i - y_i + y_i (ln y_i - z_i).

    Error: for one output, below 5 ulp of the largest of e^z, y, |y ln y| and |y z|.
    """
    total = 0.0
    for i in range(len(zs)):
        if targets[i]:
            total += max(targets[i] * (log(targets[i]) - zs[i]) - (targets[i] - values[i]), 0.0)
        else:
            total += values[i]
    return total


def _sign(x: float) -> float:
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0


@made_once
def huber(delta: float = 1.0) -> Loss:
    """Return Huber's loss: squared up to an error of `delta`, straight beyond (P. Huber 1964).

    Examples
    --------
    >>> from slownet import functions
    >>> functions.huber(delta=2.0).function(5.0, 0.0)
    8.0
    """
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
        words=f"half the squared error up to an error of {delta:g}, straight beyond",
        settings={"delta": delta},
        source='P. Huber, "Robust Estimation of a Location Parameter", 1964',
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
    words="minus the natural logarithm of the true class's probability",
    source='C. Bishop, "Pattern Recognition and Machine Learning", 2006, equation 4.108',
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
    words="minus the natural logarithm of the true answer's probability",
    source='C. Bishop, "Pattern Recognition and Machine Learning", 2006, equation 4.90',
)
squared_error = Loss(
    "squared_error",
    lambda value, target: 0.5 * (value - target) * (value - target),
    lambda value, target: value - target,
    r"\tfrac12 (a - y)^2",
    "a - y",
    words="half the squared error",
    source='D. Rumelhart, G. Hinton and R. Williams, "Learning representations by back-propagating '
    'errors", 1986, equation 3',
)
mean_squared_error = Loss(
    "mean_squared_error",
    lambda value, target: (value - target) * (value - target),
    lambda value, target: 2.0 * (value - target),
    "(a - y)^2",
    "2 (a - y)",
    mean=True,
    words="the squared error",
    source='I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", 2016, section 5.1.4',
)
mean_absolute_error = Loss(
    "mean_absolute_error",
    lambda value, target: abs(value - target),
    lambda value, target: _sign(value - target),
    "|a - y|",
    r"\operatorname{sign}(a - y)",
    mean=True,
    words="the absolute error",
    source='T. Hastie, R. Tibshirani and J. Friedman, "The Elements of Statistical Learning", 2009, '
    "section 10.6",
)
hinge = Loss(
    "hinge",
    lambda value, target: max(0.0, 1.0 - target * value),
    lambda value, target: -target if target * value < 1.0 else 0.0,
    r"\max(0, 1 - y a)",
    r"-y \text{ if } y a < 1 \text{ else } 0",
    target_kind="sign",
    mean=True,
    words="how far an output is from the right side of its margin",
    source='T. Hastie, R. Tibshirani and J. Friedman, "The Elements of Statistical Learning", 2009, '
    "equation 12.25",
)
log_cosh = Loss(
    "log_cosh",
    _log_cosh,
    lambda value, target: tanh(value - target),
    r"\ln \cosh(a - y)",
    r"\tanh(a - y)",
    mean=True,
    words="the logarithm of cosh of the error",
    source='R. Neuneier and H. Zimmermann, "How to Train Neural Networks", 1998',
)
# the negative log-likelihood without what does not depend on a, so that the best possible loss is 0
poisson = Loss(
    "poisson",
    _poisson,
    _poisson_slope,
    r"a - y + y \ln\frac{y}{a}",
    r"1 - \frac{y}{a}",
    domain=(0.0, inf),
    target_domain=(0.0, inf),
    partner=exponential,
    partner_function=_exponential_poisson,
    partner_latex=r"\sum_i e^{z_i} - y_i + y_i (\ln y_i - z_i)",
    words="the output minus the target, plus the target times the logarithm of target / output",
    source='P. McCullagh and J. Nelder, "Generalized Linear Models", 1989, section 2.3: half the '
    "deviance of the Poisson distribution",
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
    log_cosh,
    poisson,
    synonyms={
        "categorical_crossentropy": "cross_entropy",
        "sparse_categorical_crossentropy": "cross_entropy",
        "log_loss": "cross_entropy",
        "l1": "mean_absolute_error",
        "smooth_l1": "huber",
    },
)


def get_loss(which: str | Loss) -> Loss:
    """Return the loss of that name, or the one that is given; see `Table.find` for the errors.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.get_loss("squared_error").function(3.0, 1.0)
    2.0
    """
    return LOSSES.find(which)


def loss_for(activation: AnyActivation) -> Loss:
    """Return the loss that belongs to an output activation.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.loss_for(functions.get_activation("softmax")).name
    'cross_entropy'
    """
    for loss in LOSSES.values():
        if loss.partner is activation:
            return loss
    return squared_error
