"""Checks of arguments, for every package: what was given, what was expected."""

from __future__ import annotations

from math import inf, isfinite
from pathlib import Path
from typing import SupportsIndex

from slownet.errors import InvalidTypeError, InvalidValueError


def printable(text: str) -> str:
    """Return a text for a terminal: control characters, which may move or hide others, are escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def check_type(name: str, thing: object, kind: type) -> None:
    """Raise TypeError unless an argument is of a type."""
    if not isinstance(thing, kind):
        raise InvalidTypeError(f"{name} must be of type {kind.__name__}, not {type(thing).__name__}")


def check_bool(name: str, value: object) -> bool:
    """Return an argument as a bool, Python's or NumPy's; TypeError otherwise."""
    if type(value).__name__ in ("bool", "bool_"):
        return bool(value)
    raise InvalidTypeError(f"{name} must be True or False, not {value!r}")


def check_integer(name: str, value: object, minimum: int = 0, maximum: int | None = None) -> int:
    """Return an argument as an int within bounds; TypeError or ValueError otherwise."""
    if type(value) is int:  # fast path: SupportsIndex takes microseconds
        number = value
    elif isinstance(value, bool) or not isinstance(value, SupportsIndex):
        raise InvalidTypeError(f"{name} must be an integer, not {type(value).__name__}")
    else:
        number = value.__index__()
    if number < minimum:
        raise InvalidValueError(f"{name} must be at least {minimum}, not {_shown(number)}")
    if maximum is not None and number > maximum:
        raise InvalidValueError(f"{name} must be at most {maximum}, not {_shown(number)}")
    return number


def _shown(number: int) -> str:
    """Return an integer for a message: Python itself writes no more than 4300 digits."""
    return str(number) if number.bit_length() <= 128 else f"one of {number.bit_length()} bits"


def check_number(name: str, value: object, minimum: float = 0.0, below: float = inf) -> float:
    """Return an argument as a finite float of at least `minimum`; TypeError or ValueError otherwise."""
    if isinstance(value, (bool, str)) or not hasattr(value, "__float__"):
        raise InvalidTypeError(f"{name} must be a number, not {type(value).__name__}")
    number = float(value)
    if not isfinite(number):
        raise InvalidValueError(f"{name} must be finite, not {number}")
    if number < minimum:
        raise InvalidValueError(f"{name} must be at least {minimum:g}, not {number}")
    if number >= below:
        raise InvalidValueError(f"{name} must be less than {below:g}, not {number}")
    return number


def check_path(path: object) -> Path:
    """Return an argument as a Path; TypeError if it is none."""
    try:
        return Path(path)  # type: ignore[arg-type]
    except TypeError:
        raise InvalidTypeError(f"path must be a path, not {path!r}") from None
