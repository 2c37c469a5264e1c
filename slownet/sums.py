"""Sums of floats with the same bits on every Python: from 3.12 on, `sum` compensates for rounding."""

from collections.abc import Iterable
from functools import reduce
from operator import add


def added_in_order(numbers: Iterable[float]) -> float:
    """Return the sum of floats, added from the first to the last; each addition is rounded."""
    return reduce(add, numbers, 0.0)
