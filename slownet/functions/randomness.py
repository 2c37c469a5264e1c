"""Random numbers that depend on a seed and on where they are used, and on nothing else.

SplitMix64 in counter mode (G. Steele, D. Lea and C. Flood, "Fast splittable pseudorandom number
generators", OOPSLA 2014): number i of a key is `mix(key + (i + 1) * GAMMA)`. No state is kept, so any
number can be drawn again without drawing the ones before it. Beyond the integers only +, -, *, / and
square roots are used, which IEEE 754 fixes to the last bit: every platform gives the same numbers.
"""

from __future__ import annotations

import enum
import os
from typing import TYPE_CHECKING, Any, TypeVar

from slownet.checks import check_integer

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

GAMMA = 0x9E3779B97F4A7C15
MASK = 0xFFFFFFFFFFFFFFFF

Bits = TypeVar("Bits", int, "npt.NDArray[np.uint64]")


class Use(enum.IntEnum):
    """What a random number is for: the first part of where it is used."""

    INITIAL_WEIGHT = 0
    SHUFFLE = 1
    DROPOUT = 2
    DROPCONNECT = 3
    DATASET = 4
    VALIDATION = 5
    TASK = 6
    NOISE = 7


def mix(z: Bits) -> Bits:
    """Scramble 64 bits: SplitMix64's output function, for an int or an array of uint64."""
    bits: Any = z
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB & MASK
    mixed: Bits = bits ^ (bits >> 31)
    return mixed


def key(seed: int, *where: int) -> int:
    """Return the 64-bit key of one place: the seed, then for example `Use.DROPOUT, step, sample`."""
    state = seed & MASK
    for position in where:
        state = mix((state + (position + 1) * GAMMA) & MASK)
    return state


def bits(place: int, count: int) -> npt.NDArray[np.uint64]:
    """Draw `count` integers of 64 random bits for a key."""
    import numpy as np

    counter = np.arange(1, count + 1, dtype=np.uint64)
    return mix(np.uint64(place) + counter * np.uint64(GAMMA))


def uniforms(place: int, count: int) -> Floats:
    """Draw `count` floats spread evenly over [0, 1), each a multiple of 2**-53."""
    import numpy as np

    return (bits(place, count) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normals(place: int, count: int) -> Floats:
    """Draw `count` floats from the standard normal distribution.

    The inverse of its cumulative distribution (M. Wichura, Algorithm AS 241, Applied Statistics 37,
    1988, routine PPND16) taken at evenly spread points.
    """
    import numpy as np

    p = uniforms(place, count) + 2.0**-54
    q = p - 0.5
    central = 0.180625 - q * q
    result = q * _ratio(CENTRE, np.maximum(central, 0.0))
    tail = np.abs(q) > 0.425
    r = np.sqrt(-_log(np.minimum(p[tail], 1.0 - p[tail])))
    size = np.where(r <= 5.0, _ratio(TAIL, r - 1.6), _ratio(FAR_TAIL, r - 5.0))
    result[tail] = np.where(q[tail] < 0.0, -size, size)
    return result


def permutation(place: int, count: int) -> npt.NDArray[np.int64]:
    """Return the numbers 0 to count - 1 in random order: the order of `count` random integers."""
    import numpy as np

    draws = bits(place, count)
    order = np.argsort(draws)
    ordered = draws[order]
    if (ordered[1:] == ordered[:-1]).any():  # then the first comes first
        order = np.argsort(draws, kind="stable")
    return order.astype(np.int64)


def new_seed() -> int:
    """Draw a seed from the operating system, short enough to be written down."""
    return int.from_bytes(os.urandom(4), "little")


def check_seed(seed: object) -> int:
    """Return the seed as an int, or raise an error that says what a seed is."""
    return check_integer("seed", seed, maximum=MASK)


def _log(x: Floats) -> Floats:
    """Natural logarithm from IEEE operations alone; maths libraries differ in the last bit."""
    import numpy as np

    mantissa, exponent = np.frexp(x)
    small = mantissa < 0.7071067811865476
    mantissa = np.where(small, 2.0 * mantissa, mantissa)
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square = s * s
    series = np.zeros_like(x)
    for odd in range(23, 0, -2):  # log(m) = 2 (s + s^3/3 + s^5/5 + ...)
        series = series * square + 1.0 / odd
    return (exponent - small) * 0.6931471805599453 + 2.0 * s * series


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], r: Floats) -> Floats:
    import numpy as np

    top, bottom = np.zeros_like(r), np.zeros_like(r)
    for a, b in zip(*coefficients, strict=True):
        top = top * r + a
        bottom = bottom * r + b
    return top / bottom


CENTRE = (
    (
        2.5090809287301226727e3,
        3.3430575583588128105e4,
        6.7265770927008700853e4,
        4.5921953931549871457e4,
        1.3731693765509461125e4,
        1.9715909503065514427e3,
        1.3314166789178437745e2,
        3.3871328727963666080e0,
    ),
    (
        5.2264952788528545610e3,
        2.8729085735721942674e4,
        3.9307895800092710610e4,
        2.1213794301586595867e4,
        5.3941960214247511077e3,
        6.8718700749205790830e2,
        4.2313330701600911252e1,
        1.0,
    ),
)
TAIL = (
    (
        7.74545014278341407640e-4,
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258e0,
        3.64784832476320460504e0,
        5.76949722146069140550e0,
        4.63033784615654529590e0,
        1.42343711074968357734e0,
    ),
    (
        1.05075007164441684324e-9,
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940e0,
        2.05319162663775882187e0,
        1.0,
    ),
)
FAR_TAIL = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
        2.96560571828504891230e-1,
        1.78482653991729133580e0,
        5.46378491116411436990e0,
        6.65790464350110377720e0,
    ),
    (
        2.04426310338993978564e-15,
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
        1.48753612908506148525e-2,
        1.36929880922735805310e-1,
        5.99832206555887937690e-1,
        1.0,
    ),
)
