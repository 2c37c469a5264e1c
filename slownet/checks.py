"""Checks of arguments, for every package: what was given, what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite, isinf
from numbers import Complex, Real
from pathlib import Path
from reprlib import repr as shortened
from typing import Any, SupportsIndex

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
        raise InvalidValueError(f"{name} must be at least {minimum}, not {_short(number)}")
    if maximum is not None and number > maximum:
        raise InvalidValueError(f"{name} must be at most {maximum}, not {_short(number)}")
    return number


def as_float(name: str, value: object) -> float:
    """Return a real number of any type as the nearest float; infinities and NaN stay what they are.

    Real numbers are int, bool, Fraction, Decimal, NumPy's numbers, arrays and tensors without a
    dimension, and whatever else has `__float__`.

    Raises
    ------
    TypeError
        If it is something else: a text, a complex number, None, an array with a dimension.
    ValueError
        If it is finite and beyond the largest float.
    """
    if type(value) is float:
        return value
    try:
        plain: Any = value.item() if getattr(value, "ndim", None) == 0 else value  # type: ignore[attr-defined]
        number = float(plain) if _is_real(plain) else None
        if number is not None and isinf(number) and plain != number:
            raise OverflowError
    except OverflowError:
        too_large = f"{name} must be a number whose size a float can hold, at most 1.8e308"
        raise InvalidValueError(f"{too_large}, not {_short(value)}") from None
    except Exception:  # whatever the `__float__` of another library raises
        number = None
    if number is None:
        raise InvalidTypeError(f"{name} must be a number, not {type(value).__name__} {_short(value)}")
    return number


def as_text(number: object) -> str:
    """Return six digits of a number, or a short text of what is none: it never raises."""
    try:
        return f"{number:.6g}"
    except Exception:  # a text, an array, 10**400
        return _short(number)


def _short(value: object) -> str:
    """Return a text of at most a few dozen letters."""
    try:
        return shortened(value)
    except Exception:  # Python refuses to write an int of more than 4300 digits
        return f"an {type(value).__name__}"


def _is_real(value: object) -> bool:
    """Whether `float(value)` converts a real number: it also takes texts, and drops imaginary parts."""
    if isinstance(value, Sequence) or getattr(value, "ndim", None):
        return False
    is_real = isinstance(value, Real) or not isinstance(value, Complex)
    return is_real and hasattr(value, "__float__")


def check_number(name: str, value: object, minimum: float = 0.0, below: float = inf) -> float:
    """Return an argument as a finite float of at least `minimum`; TypeError or ValueError otherwise."""
    if type(value).__name__ in ("bool", "bool_"):
        raise InvalidTypeError(f"{name} must be a number, not {type(value).__name__}")
    number = as_float(name, value)
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
