"""Checks of values parsed from JSON; each error has the place, the expected and the found value."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable
from itertools import pairwise
from math import isfinite, nan
from typing import Any, NoReturn

from slownet.errors import FormatError


def short_text(value: object) -> str:
    """Return the text of a value for a message: a short one, whatever the value is."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str) and len(value) > 40:
        return f"{value[:40]!r}..."
    return repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:60]}..."


def fail(where: str, expected: str, found: object) -> NoReturn:
    """Raise FormatError with the place, the expected and the found value."""
    raise FormatError(f"{where}: expected {expected}, found {short_text(found)}")


def mapping(
    value: object, where: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return an object that has all the required keys and none but those and the optional ones."""
    found = any_mapping(value, where)
    for key in required:
        if key not in found:
            raise FormatError(f"{where}: expected the key {key!r}, found none")
    for key in found:
        if key not in required and key not in optional:
            fail(where, f"only the keys {', '.join((*required, *optional))}", key)
    return found


def any_mapping(value: object, where: str) -> dict[str, Any]:
    """Return an object, whatever its keys are."""
    if not isinstance(value, dict):
        fail(where, "an object", value)
    return value


def listed(value: object, where: str) -> list[Any]:
    """Return a list."""
    if not isinstance(value, list):
        fail(where, "a list", value)
    return value


def text(value: object, where: str) -> str:
    """Return a text."""
    if not isinstance(value, str):
        fail(where, "a text", value)
    return value


def boolean(value: object, where: str) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        fail(where, "true or false", value)
    return value


def integer(value: object, where: str, minimum: int = 0, maximum: int | None = None) -> int:
    """Return an integer within bounds."""
    if type(value) is not int or value < minimum or (maximum is not None and value > maximum):
        bounds = f"of at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
        fail(where, f"an integer {bounds}", value)
    return value


def number(value: object, where: str) -> float:
    """Return a finite number as a float."""
    if type(value) not in (float, int) or not isfinite(value):  # type: ignore[arg-type]
        fail(where, "a finite number", value)
    return float(value)  # type: ignore[arg-type]


def numbers(value: object, where: str, size: int) -> array[float]:
    """Return a list of so many finite numbers, in an array."""
    return array("d", listed_numbers(value, where, size))


def listed_numbers(value: object, where: str, size: int) -> list[float]:
    """Return a list of so many finite numbers."""
    found = listed(value, where)
    if len(found) != size:
        raise FormatError(f"{where}: expected {size} numbers, found {len(found)}")
    types = set(map(type, found))
    if not types <= {float, int} or not all(map(isfinite, found)):
        for place, one in enumerate(found):
            number(one, f"{where}[{place}]")
    return found if types <= {float} else list(map(float, found))


def numbers_or_nulls(value: object, where: str, size: int) -> array[float]:
    """Return a list of so many finite numbers; null becomes nan."""
    found = listed(value, where)
    if None not in found:
        return numbers(found, where, size)
    result = numbers([0.0 if one is None else one for one in found], where, size)
    for place, one in enumerate(found):
        if one is None:
            result[place] = nan
    return result


def check_finite(value: object, where: str) -> None:
    """Refuse nan and infinities anywhere in a value."""
    if isinstance(value, float):
        number(value, where)
    waiting = [(value, where)] if isinstance(value, (dict, list)) else []
    while waiting:
        whole, here = waiting.pop()
        if isinstance(whole, dict):
            inside: Iterable[tuple[str, Any]] = (
                (f".{short_text(key)[1:-1]}", whole[key]) for key in whole
            )
        else:
            inside = ((f"[{place}]", part) for place, part in enumerate(whole))
        for step, part in inside:
            if isinstance(part, float):
                number(part, here + step)
            elif isinstance(part, (dict, list)) and part:
                waiting.append((part, here + step))


def ascending(value: object, where: str, below: int) -> list[int]:
    """Return a list of different integers from 0 to less than a bound, the smallest first."""
    found = listed(value, where)
    for place, one in enumerate(found):
        integer(one, f"{where}[{place}]", maximum=below - 1)
    for place, (one, next_one) in enumerate(pairwise(found), start=1):
        if next_one <= one:
            fail(f"{where}[{place}]", f"an integer above {one}", next_one)
    return found
