"""Slow tests that are repeated with many values: most of the repetitions run with the long tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def mostly_long(values: Iterable[Any], always: int = 1) -> list[Any]:
    """Return the values of a parameter; those after the first `always` are for the long tests."""
    first, others = (listed := [*values])[:always], listed[always:]
    return [*first, *(pytest.param(value, marks=pytest.mark.long) for value in others)]
