"""Checks of the arguments that several readers and generators share."""

from __future__ import annotations

import math
import numbers

from slownet.errors import InvalidTypeError, InvalidValueError


def check_count(name: str, value: object) -> int:
    """Return `value` as an int of at least 1, or raise an error that names the argument."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise InvalidTypeError(f"{name} must be an integer, not {type(value).__name__}")
    number = int(value.__index__())
    if number < 1:
        raise InvalidValueError(f"{name} must be at least 1, not {number}")
    return number


def check_noise(value: object) -> float:
    """Return `value` as a finite float of at least 0, or raise an error that says what noise is."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise InvalidTypeError(f"noise must be a number, not {type(value).__name__}")
    number = float(value)
    if not 0.0 <= number < math.inf:
        raise InvalidValueError(f"noise must be finite and at least 0, not {number}")
    return number
