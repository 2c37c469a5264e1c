"""Activation functions: each formula with its derivative and its LaTeX.

Derivatives take both the weighted input z and the value f(z): most are shortest in one of the two.
"""

from __future__ import annotations

from math import inf

from slownet.checks import check_number
from slownet.functions.activation import Activation, AnyActivation, SoftmaxActivation
from slownet.functions.elementary import exp, expm1, log1p, tanh
from slownet.functions.table import Table, made_once

FAR = 800.0  # e^-z is 0 from here on, and infinity times 0 would be nan
SQRT_8_PI, CUBIC = 1.5957691216057308, 0.044715  # of GELU
# of SELU: lambda and lambda alpha, from the constants to all digits in the authors' code
SELU_SCALE, SELU_LIMIT = 1.0507009873554805, 1.7580993408473769


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
    """Return a ReLU that lets `slope` of a negative z through (Maas, Hannun and Ng 2013).

    Examples
    --------
    >>> from slownet import functions
    >>> functions.leaky_relu(0.1).function(-2.0)
    -0.2
    """
    slope = check_number("slope", slope, minimum=-inf)
    return Activation(
        "leaky_relu",
        lambda z: z if z > 0.0 else slope * z,
        lambda z, value: 1.0 if z > 0.0 else slope,
        rf"z \text{{ if }} z > 0 \text{{ else }} {slope:g} z",
        rf"1 \text{{ if }} z > 0 \text{{ else }} {slope:g}",
        initializer="he_normal",
        settings={"slope": slope},
        source='A. Maas, A. Hannun and A. Ng, "Rectifier Nonlinearities Improve Neural Network '
        'Acoustic Models", 2013',
    )


@made_once
def elu(alpha: float = 1.0) -> Activation:
    """Return the exponential linear unit (Clevert, Unterthiner and Hochreiter 2016).

    Examples
    --------
    >>> from slownet import functions
    >>> functions.elu(alpha=0.5).function(-1.0)
    -0.31606027941427883
    """
    alpha = check_number("alpha", alpha, minimum=-inf)
    return Activation(
        "elu",
        lambda z: z if z > 0.0 else alpha * expm1(z),
        lambda z, value: 1.0 if z > 0.0 else value + alpha,
        rf"z \text{{ if }} z > 0 \text{{ else }} {alpha:g} (e^z - 1)",
        rf"1 \text{{ if }} z > 0 \text{{ else }} a {'+' if alpha >= 0.0 else '-'} {abs(alpha):g}",
        range=(-abs(alpha), inf),
        initializer="he_normal",
        settings={"alpha": alpha},
        source='D. Clevert, T. Unterthiner and S. Hochreiter, "Fast and Accurate Deep Network Learning '
        'by Exponential Linear Units (ELUs)", 2016',
    )


linear = Activation(
    "linear",
    lambda z: z,
    lambda z, value: 1.0,
    "z",
    "1",
    source='C. Bishop, "Pattern Recognition and Machine Learning", 2006, section 5.1',
)
sigmoid = Activation(
    "sigmoid",
    _sigmoid,
    lambda z, value: value * (1.0 - value),
    r"\frac{1}{1 + e^{-z}}",
    r"a (1 - a)",
    range=(0.0, 1.0),
    source='D. Rumelhart, G. Hinton and R. Williams, "Learning representations by back-propagating '
    'errors", 1986, equation 2',
)
hyperbolic_tangent = Activation(
    "tanh",
    tanh,
    lambda z, value: 1.0 - value * value,
    r"\tanh(z)",
    r"1 - a^2",
    range=(-1.0, 1.0),
    source='Y. LeCun, L. Bottou, G. Orr and K. Müller, "Efficient BackProp", 1998, section 4.4',
)
relu = Activation(
    "relu",
    lambda z: 0.0 if z <= 0.0 else z,  # in this order, so that nan stays nan
    lambda z, value: 0.0 if z <= 0.0 else 1.0,
    r"\max(0, z)",
    r"1 \text{ if } z > 0 \text{ else } 0",
    range=(0.0, inf),
    initializer="he_normal",
    source='V. Nair and G. Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", 2010',
)
softplus = Activation(
    "softplus",
    softplus_value,
    lambda z, value: _sigmoid(z),
    r"\ln(1 + e^z)",
    r"\frac{1}{1 + e^{-z}}",
    range=(0.0, inf),
    source='C. Dugas, Y. Bengio, F. Bélisle, C. Nadeau and R. Garcia, "Incorporating Second-Order '
    'Functional Knowledge for Better Option Pricing", 2001',
)
exponential = Activation(
    "exponential",
    exp,
    lambda z, value: value,
    "e^z",
    "a",
    range=(0.0, inf),
    source='P. McCullagh and J. Nelder, "Generalized Linear Models", 1989, chapter 6: the expected '
    "count of a Poisson model",
)
silu = Activation(
    "silu",
    _silu,
    _silu_slope,
    r"\frac{z}{1 + e^{-z}}",
    r"\frac{1 + a e^{-z}}{1 + e^{-z}}",
    range=(-0.2784645427610739, inf),
    initializer="he_normal",
    source='S. Elfwing, E. Uchibe and K. Doya, "Sigmoid-Weighted Linear Units for Neural Network '
    'Function Approximation in Reinforcement Learning", 2018; "swish" in P. Ramachandran, B. Zoph and '
    'Q. Le, "Searching for Activation Functions", 2017',
)
gelu = Activation(
    "gelu",
    _gelu,
    _gelu_slope,
    r"\tfrac12 z \left(1 + \tanh\left(\sqrt{2 / \pi} (z + 0.044715 z^3)\right)\right)",
    r"\frac{1 + a \sqrt{8 / \pi} (1 + 0.134145 z^2) e^{-\sqrt{8 / \pi} (z + 0.044715 z^3)}}"
    r"{1 + e^{-\sqrt{8 / \pi} (z + 0.044715 z^3)}}",
    range=(-0.1700407505712542, inf),
    initializer="he_normal",
    source='D. Hendrycks and K. Gimpel, "Gaussian Error Linear Units (GELUs)", 2016, section 2: the '
    "form with tanh",
)
selu = Activation(
    "selu",
    lambda z: SELU_SCALE * z if z > 0.0 else SELU_LIMIT * expm1(z),
    lambda z, value: SELU_SCALE if z > 0.0 else value + SELU_LIMIT,
    rf"{SELU_SCALE:.10g} z \text{{ if }} z > 0 \text{{ else }} {SELU_LIMIT:.10g} (e^z - 1)",
    rf"{SELU_SCALE:.10g} \text{{ if }} z > 0 \text{{ else }} a + {SELU_LIMIT:.10g}",
    range=(-SELU_LIMIT, inf),
    initializer="lecun_normal",
    source='G. Klambauer, T. Unterthiner, A. Mayr and S. Hochreiter, "Self-Normalizing Neural '
    'Networks", 2017, equations 2 and 14',
)
mish = Activation(
    "mish",
    _mish,
    _mish_slope,
    r"z \tanh(\ln(1 + e^z))",
    r"\tanh(\ln(1 + e^z)) + \frac{z}{1 + e^{-z}} \left(1 - \tanh^{2}(\ln(1 + e^z))\right)",
    range=(-0.3088434130172505, inf),
    initializer="he_normal",
    source='D. Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2020, equation 1',
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
    """Return the activation of that name, or the one that is given; see `Table.find` for the errors.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.get_activation("relu").function(-1.0)
    0.0
    """
    return ACTIVATIONS.find(which)
