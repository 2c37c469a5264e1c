"""Slow tests that are repeated with many values: most of the repetitions run with the long tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def mostly_long(values: Iterable[Any], always: int = 1, *, several: bool = False) -> list[Any]:
    """Return the values of a parameter; those after the first `always` are for the long tests.

    With `several`, each value is a tuple: a value for each of several parameters.
    """
    first, others = (listed := [*values])[:always], listed[always:]
    each = (value if several else (value,) for value in others)
    return [*first, *(pytest.param(*value, marks=pytest.mark.long) for value in each)]
