"""JSON text as files hold it: UTF-8, every number finite."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import NoReturn

from slownet.errors import InvalidTypeError, InvalidValueError

to_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def encoded(text: str) -> bytes:
    """Return a text in UTF-8, whatever characters it has."""
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a surrogate pair in a text: JSON can hold it, UTF-8 cannot
        return "".join(
            f"\\u{ord(mark):04x}" if 0xD800 <= ord(mark) <= 0xDFFF else mark for mark in text
        ).encode()


def items(lines: Iterable[str], indent: str) -> Iterator[str]:
    """Yield each line with a comma after the one before."""
    mark = f"\n{indent}"
    for line in lines:
        yield mark + line
        mark = f",\n{indent}"


def json_text(value: object, where: str = "steps") -> str:
    """Return the JSON of a value; ValueError or TypeError, naming the place, if it has none."""
    try:
        return to_text(value)
    except ValueError:
        fail_number(where)
    except TypeError as error:
        raise InvalidTypeError(f"{where}: {error}: a file holds texts, numbers and bool") from None


def fail_number(where: str) -> NoReturn:
    """Raise ValueError for a number that is not finite."""
    raise InvalidValueError(
        f"{where}: a number is nan or infinite, which JSON cannot hold; a run file can"
    )
