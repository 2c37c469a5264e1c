"""Slow tests that are repeated with many values.

Most of the repetitions run with the long tests; where a value is like many others, most run only with
`HYPOTHESIS_PROFILE=thorough`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

import pytest

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"


def mostly_long(values: Iterable[Any], always: int = 1, *, several: bool = False) -> list[Any]:
    """Return the values of a parameter; those after the first `always` are for the long tests.

    With `several`, each value is a tuple: a value for each of several parameters.
    """
    first, others = (listed := [*values])[:always], listed[always:]
    each = (value if several else (value,) for value in others)
    return [*first, *(pytest.param(*value, marks=pytest.mark.long) for value in each)]


def some(values: Iterable[Any], most: int) -> list[Any]:
    """Return at most so many values, evenly spread, the first one among them; all if thorough."""
    listed = [*values]
    kept = len(listed) if THOROUGH else min(most, len(listed))
    return [listed[k * len(listed) // kept] for k in range(kept)]


def in_groups(first: int, end: int, small: int) -> list[Any]:
    """Return numbers in a small group for all tests, and in large ones, all of which are long tests."""
    size = max(1, -(-(end - first - small) // (100 if THOROUGH else 5)))
    large = (range(k, min(k + size, end)) for k in range(first + small, end, size))
    return mostly_long([range(first, min(first + small, end)), *large])


def crossed(*values: Iterable[Any], always: Sequence[int] = ()) -> list[Any]:
    """Return combinations of the values of several parameters in which each has each of its values.

    Those of the first values of each, `always` so many, are for all tests, the others for the long ones:
    with three parameters or more, each two values of two parameters meet. All combinations if thorough.
    """
    lists = [[*each] for each in values]
    shortest = min(map(len, lists))
    found = []
    for places in product(*(range(len(each)) for each in lists)):
        combination = [each[place] for each, place in zip(lists, places, strict=True)]
        if always and all(place < most for place, most in zip(places, always, strict=True)):
            found.append(pytest.param(*combination))
        elif THOROUGH or sum(places) % shortest == 0:
            found.append(pytest.param(*combination, marks=pytest.mark.long))
    return found
