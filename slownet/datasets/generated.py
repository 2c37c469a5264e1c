"""Small sets of points in the plane, made on the spot: one seed gives the same bits everywhere.

The ideas and constants are those of TensorFlow Playground (D. Smilkov and S. Carter,
https://playground.tensorflow.org, dataset.ts) and, for the moons, of scikit-learn's `make_moons`.
"""

from __future__ import annotations

import math
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from slownet.datasets.sampling import Sampler, direction, distance, points_in_square, within_class

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]


class _Set(IntEnum):
    XOR = 0
    MOONS = 1
    CIRCLES = 2
    GAUSSIANS = 3
    SPIRALS = 4
    PLANE = 5
    MULTI_GAUSSIAN = 6


def xor(n: int = 200, noise: float = 0.0, seed: int = 0) -> tuple[Floats, Ints]:
    """Make points in four quadrants; the class is the exclusive or of their signs.

    A point is of class 1 if exactly one of its coordinates is positive. It stays 0.3 away from both
    axes and within 5.3 of them. No straight line separates the classes.

    Parameters
    ----------
    n : int
        How many points.
    noise : float
        The class is that of the point moved by up to 5 * `noise` in each direction, while the point
        itself stays where it is: near the axes, classes mix. 0 to 0.5 is usual.
    seed : int
        Where the random numbers come from.

    Returns
    -------
    X : numpy.ndarray of float64, shape (n, 2)
    y : numpy.ndarray of int64, shape (n,)
        0 or 1; without noise as many of each, give or take one.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        `n` is not an integer from 1 to 10**9, `noise` not a finite number of at least 0, or `seed`
        not an integer from 0 to 2**64 - 1.

    Notes
    -----
    Source: TensorFlow Playground, "Exclusive or", which calls positive what is class 0 here.

    Examples
    --------
    >>> from slownet.datasets import xor
    >>> X, y = xor(100, seed=1)
    >>> X.shape, y[:6].tolist()
    ((100, 2), [1, 1, 0, 1, 0, 1])
    """
    import numpy as np

    draw = Sampler(_Set.XOR, n, noise, seed)
    quadrant = np.arange(draw.n) % 4  # counted around the origin, so that classes alternate
    x0 = np.where((quadrant == 0) | (quadrant == 3), 1.0, -1.0) * draw.uniform(0.3, 5.3)
    x1 = np.where(quadrant < 2, 1.0, -1.0) * draw.uniform(0.3, 5.3)
    moved0 = x0 + draw.noise * draw.uniform(-5.0, 5.0)
    moved1 = x1 + draw.noise * draw.uniform(-5.0, 5.0)
    return draw.shuffled(x0, x1, ((moved0 > 0.0) != (moved1 > 0.0)).astype(np.int64))


def moons(n: int = 200, noise: float = 0.1, seed: int = 0) -> tuple[Floats, Ints]:
    """Make two half circles that reach into each other.

    Class 0 is the upper half of the unit circle, class 1 the lower half of a unit circle around
    (1, 0.5). The points of each are evenly spaced.

    Parameters
    ----------
    n : int
        How many points.
    noise : float
        The standard deviation of what is added to each coordinate.
    seed : int
        Where the random numbers come from.

    Returns
    -------
    X : numpy.ndarray of float64, shape (n, 2)
    y : numpy.ndarray of int64, shape (n,)
        0 or 1, as many of each, give or take one.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        As for `xor`.

    Notes
    -----
    Source: scikit-learn, `sklearn.datasets.make_moons`.

    Examples
    --------
    >>> from slownet.datasets import moons
    >>> X, y = moons(100, seed=1)
    >>> X.shape, y[:6].tolist()
    ((100, 2), [0, 0, 1, 0, 1, 1])
    """
    import numpy as np

    draw = Sampler(_Set.MOONS, n, noise, seed)
    y = draw.classes()
    step, size = within_class(y)
    cosine, sine = direction(0.5 * step / np.maximum(size - 1.0, 1.0))
    x0 = np.where(y == 0, cosine, 1.0 - cosine)
    x1 = np.where(y == 0, sine, 0.5 - sine)
    return draw.shuffled(x0 + draw.noise * draw.normal(), x1 + draw.noise * draw.normal(), y)


def circles(n: int = 200, noise: float = 0.0, seed: int = 0) -> tuple[Floats, Ints]:
    """Make a disc inside a ring.

    Class 1 has radius 0 to 2.5, class 0 radius 3.5 to 5; radius and angle are spread evenly.

    Parameters
    ----------
    n : int
        How many points.
    noise : float
        The class is that of the point moved by up to 5 * `noise` in each direction (1 if it is then
        closer than 2.5 to the centre), while the point itself stays where it is. 0 to 0.5 is usual.
    seed : int
        Where the random numbers come from.

    Returns
    -------
    X : numpy.ndarray of float64, shape (n, 2)
    y : numpy.ndarray of int64, shape (n,)
        0 or 1; without noise as many of each, give or take one.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        As for `xor`.

    Notes
    -----
    Source: TensorFlow Playground, "Circle".

    Examples
    --------
    >>> from slownet.datasets import circles
    >>> X, y = circles(100, seed=1)
    >>> X.shape, y[:6].tolist()
    ((100, 2), [0, 0, 1, 1, 0, 0])
    """
    import numpy as np

    draw = Sampler(_Set.CIRCLES, n, noise, seed)
    outside = draw.classes() == 0
    along = draw.uniform(0.0, 1.0)
    radius = np.where(outside, 3.5 + 1.5 * along, 2.5 * along)
    cosine, sine = direction(draw.uniform(0.0, 1.0))
    x0, x1 = radius * cosine, radius * sine
    moved = distance(
        x0 + draw.noise * draw.uniform(-5.0, 5.0), x1 + draw.noise * draw.uniform(-5.0, 5.0)
    )
    return draw.shuffled(x0, x1, (moved < 2.5).astype(np.int64))


def gaussians(n: int = 200, noise: float = 0.0, seed: int = 0) -> tuple[Floats, Ints]:
    """Make two round clouds: class 1 around (2, 2), class 0 around (-2, -2).

    Parameters
    ----------
    n : int
        How many points.
    noise : float
        The variance of each coordinate is 0.5 + 7 * `noise`: 0.5 without noise, 4 for 0.5.
    seed : int
        Where the random numbers come from.

    Returns
    -------
    X : numpy.ndarray of float64, shape (n, 2)
    y : numpy.ndarray of int64, shape (n,)
        0 or 1, as many of each, give or take one.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        As for `xor`.

    Notes
    -----
    Source: TensorFlow Playground, "Gaussian".

    Examples
    --------
    >>> from slownet.datasets import gaussians
    >>> X, y = gaussians(100, seed=1)
    >>> X.shape, y[:6].tolist()
    ((100, 2), [1, 1, 1, 0, 1, 1])
    """
    import numpy as np

    draw = Sampler(_Set.GAUSSIANS, n, noise, seed)
    y = draw.classes()
    centre = np.where(y == 1, 2.0, -2.0)
    spread = math.sqrt(0.5 + 7.0 * draw.noise)
    return draw.shuffled(centre + spread * draw.normal(), centre + spread * draw.normal(), y)


def spirals(n: int = 200, noise: float = 0.0, seed: int = 0) -> tuple[Floats, Ints]:
    """Make two arms that wind around each other, one and three quarter turns from radius 0 to 5.

    Class 0 is class 1 turned by half a circle. The points of an arm are evenly spaced in radius and
    angle and begin half a step from the centre, so that the arms have no point in common.

    Parameters
    ----------
    n : int
        How many points.
    noise : float
        Each coordinate is moved by up to this much.
    seed : int
        Where the random numbers come from.

    Returns
    -------
    X : numpy.ndarray of float64, shape (n, 2)
    y : numpy.ndarray of int64, shape (n,)
        0 or 1, as many of each, give or take one.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        As for `xor`.

    Notes
    -----
    Source: TensorFlow Playground, "Spiral".

    Examples
    --------
    >>> from slownet.datasets import spirals
    >>> X, y = spirals(100, seed=1)
    >>> X.shape, y[:6].tolist()
    ((100, 2), [0, 0, 0, 0, 0, 1])
    """
    import numpy as np

    draw = Sampler(_Set.SPIRALS, n, noise, seed)
    y = draw.classes()
    step, size = within_class(y)
    along = (step + 0.5) / size
    cosine, sine = direction(1.75 * along + np.where(y == 1, 0.0, 0.5))
    x0 = 5.0 * along * sine + draw.noise * draw.uniform(-1.0, 1.0)
    x1 = 5.0 * along * cosine + draw.noise * draw.uniform(-1.0, 1.0)
    return draw.shuffled(x0, x1, y)


def plane(n: int = 200, noise: float = 0.0, seed: int = 0) -> tuple[Floats, Floats]:
    """Make a regression that one neuron can learn: a plane.

    y = (x0 + x1) / 10, for points in [-6, 6] x [-6, 6].

    Parameters
    ----------
    n : int
        How many points.
    noise : float
        The target is that of the point moved by up to 6 * `noise` in each direction, while the
        point itself stays where it is. 0 to 0.5 is usual.
    seed : int
        Where the random numbers come from.

    Returns
    -------
    X : numpy.ndarray of float64, shape (n, 2)
    y : numpy.ndarray of float64, shape (n,)
        From -1.2 to 1.2 without noise.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        As for `xor`.

    Notes
    -----
    Source: TensorFlow Playground, "Plane".

    Examples
    --------
    >>> from slownet.datasets import plane
    >>> X, y = plane(100, seed=1)
    >>> X.shape, y.shape
    ((100, 2), (100,))
    """
    draw = Sampler(_Set.PLANE, n, noise, seed)
    x0, x1, moved0, moved1 = points_in_square(draw)
    return draw.shuffled(x0, x1, (moved0 + moved1) / 10.0)


def multi_gaussian(n: int = 200, noise: float = 0.0, seed: int = 0) -> tuple[Floats, Floats]:
    """Make a regression on three hills and three hollows.

    Points are in [-6, 6] x [-6, 6]. At the centre of a hill y is 1, of a hollow -1; it goes
    linearly to 0 at a distance of 2. Hills are at (-4, 2.5), (4, 2.5) and (0, -2.5), hollows at
    (0, 2.5), (-4, -2.5) and (4, -2.5).

    Parameters
    ----------
    n : int
        How many points.
    noise : float
        The target is that of the point moved by up to 6 * `noise` in each direction, while the
        point itself stays where it is. 0 to 0.5 is usual.
    seed : int
        Where the random numbers come from.

    Returns
    -------
    X : numpy.ndarray of float64, shape (n, 2)
    y : numpy.ndarray of float64, shape (n,)
        From -1 to 1.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        As for `xor`.

    Notes
    -----
    Source: TensorFlow Playground, "Multi gaussian".

    Examples
    --------
    >>> from slownet.datasets import multi_gaussian
    >>> X, y = multi_gaussian(100, seed=1)
    >>> X.shape, y.shape
    ((100, 2), (100,))
    """
    import numpy as np

    draw = Sampler(_Set.MULTI_GAUSSIAN, n, noise, seed)
    x0, x1, moved0, moved1 = points_in_square(draw)
    y = np.zeros(draw.n)
    for row, centre1 in ((1.0, 2.5), (-1.0, -2.5)):
        for column, centre0 in ((1.0, -4.0), (-1.0, 0.0), (1.0, 4.0)):
            height = np.maximum(1.0 - distance(moved0 - centre0, moved1 - centre1) / 2.0, 0.0)
            y += row * column * height  # no two reach into each other: centres are 4 or more apart
    return draw.shuffled(x0, x1, y)


class Classification(Protocol):
    """A function that makes points of two classes."""

    def __call__(self, n: int = ..., noise: float = ..., seed: int = ...) -> tuple[Floats, Ints]:
        """Return X of shape (n, 2) and y of shape (n,), 0 or 1."""


class Regression(Protocol):
    """A function that makes points with a number to predict."""

    def __call__(self, n: int = ..., noise: float = ..., seed: int = ...) -> tuple[Floats, Floats]:
        """Return X of shape (n, 2) and y of shape (n,)."""


CLASSIFICATION: Mapping[str, Classification] = MappingProxyType(
    {"xor": xor, "moons": moons, "circles": circles, "gaussians": gaussians, "spirals": spirals}
)
REGRESSION: Mapping[str, Regression] = MappingProxyType(
    {"plane": plane, "multi_gaussian": multi_gaussian}
)
