"""What the generated sets of points are made with: random numbers and geometry, the same everywhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from slownet.checks import check_integer, check_number
from slownet.datasets.known import remember
from slownet.functions.randomness import Use, check_seed, key, normals, permutation, uniforms

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

MOST = 10**9  # samples: an array of more has no room in memory


class Sampler:
    """The random numbers of one set: a key for each quantity, so that none depends on another."""

    def __init__(self, which: int, n: object, noise: object, seed: object) -> None:
        self.which = which
        self.n = check_integer("n", n, minimum=1, maximum=MOST)
        self.noise = check_number("noise", noise)
        self.seed = check_seed(seed)
        self.quantities = 0

    def uniform(self, low: float, high: float) -> Floats:
        """Draw one number from [low, high) for each sample."""
        return low + (high - low) * uniforms(self._next_key(), self.n)

    def normal(self) -> Floats:
        """Draw one number from the standard normal distribution for each sample."""
        return normals(self._next_key(), self.n)

    def shuffled(self, x0: Floats, x1: Floats, y: npt.NDArray[Any]) -> tuple[Floats, Any]:
        """Put the samples in random order, as (X, y)."""
        import numpy as np

        order = permutation(self._next_key(), self.n)
        X = np.column_stack([x0, x1])[order]
        remember(X)
        return X, y[order]

    def classes(self) -> Ints:
        """Return 0, 1, 0, 1, ...: as many of one class as of the other."""
        import numpy as np

        return np.arange(self.n, dtype=np.int64) % 2

    def _next_key(self) -> int:
        self.quantities += 1
        return key(self.seed, Use.DATASET, self.which, self.quantities)


def points_in_square(draw: Sampler) -> tuple[Floats, Floats, Floats, Floats]:
    """Draw points in [-6, 6] x [-6, 6] and the places that noise moves them to."""
    x0, x1 = draw.uniform(-6.0, 6.0), draw.uniform(-6.0, 6.0)
    moved0 = x0 + draw.noise * draw.uniform(-6.0, 6.0)
    moved1 = x1 + draw.noise * draw.uniform(-6.0, 6.0)
    return x0, x1, moved0, moved1


def within_class(y: Ints) -> tuple[Floats, Floats]:
    """Return each sample's number within its class and the size of the class; classes alternate."""
    import numpy as np

    n = len(y)
    size = np.where(y == 0, (n + 1) // 2, n // 2).astype(np.float64)
    return (np.arange(n) // 2).astype(np.float64), size


def distance(x0: Floats, x1: Floats) -> Floats:
    """Return the distance from the origin."""
    import numpy as np

    return np.sqrt(x0 * x0 + x1 * x1)


def direction(turns: Floats) -> tuple[Floats, Floats]:
    """Return cosine and sine of an angle in turns, from IEEE operations: maths libraries differ."""
    import numpy as np

    quarter = np.rint(4.0 * turns)
    angle = (turns - quarter / 4.0) * (2.0 * math.pi)  # within an eighth of a turn of 0
    square = angle * angle
    cosine, sine = np.ones_like(angle), np.ones_like(angle)
    for order in range(18, 0, -2):  # 1 - a^2/2 (1 - a^2/12 (1 - ...)), the series of both
        cosine = 1.0 - square / (order * (order - 1.0)) * cosine
        sine = 1.0 - square / (order * (order + 1.0)) * sine
    sine = angle * sine
    quadrant = quarter.astype(np.intp) % 4
    return (
        np.choose(quadrant, [cosine, -sine, -cosine, sine]),
        np.choose(quadrant, [sine, cosine, -sine, -cosine]),
    )
