"""The bounds within which the kernels give the bits of the object loops.

The object loops take a step in which a number is out of bounds, and raise the error if there is one.
"""

from __future__ import annotations

LIMIT = 1e100  # for weights times values: below it, neither a product nor a sum overflows
LARGEST = 1.7976931348623157e308  # the largest float64
LARGEST_RATE = 1e80  # with LIMIT for the other factors, no product of an update overflows
TESTED = 500.0  # a user's formula is tested, and compiled code used, up to this distance from 0


class OutOfBoundsError(Exception):
    """A number is out of bounds."""
