"""The forms in files of the fields of snapshots, epochs and histories, by the annotation of the field.

Every field of those classes is a column of a run file and a key of a training file.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Callable, Sequence
from dataclasses import fields
from io import BytesIO
from math import isnan
from typing import Any, NamedTuple

from slownet.errors import FormatError
from slownet.recording.json_stream import JsonStream
from slownet.recording.json_values import any_mapping, integer, listed, number, short_text, text


class FieldType(NamedTuple):
    """Writing, reading and checking of the values of one type.

    Attributes
    ----------
    sql : str
        The type of a column.
    stored : type
        The type that SQLite returns for it.
    to_sql : callable
        `to_sql(value)` returns the stored value.
    from_sql : callable
        `from_sql(stored, where)` returns the value; FormatError if the stored value is invalid.
    from_json : callable
        `from_json(parsed, where)` checks and returns a value that was parsed from JSON.
    is_optional : bool
        Whether the value may be None.
    """

    sql: str
    stored: type
    to_sql: Callable[[Any], Any]
    from_sql: Callable[[Any, str], Any]
    from_json: Callable[[Any, str], Any]
    is_optional: bool = False

    @property
    def is_number(self) -> bool:
        """Whether a value is one number."""
        return self.sql in ("INTEGER", "REAL")

    def read_json(self, parsed: object, where: str) -> Any:
        """Check and return a value that was parsed from JSON."""
        return None if parsed is None and self.is_optional else self.from_json(parsed, where)

    def read_sql(self, stored: Any, where: str) -> Any:
        """Return the value of a stored value."""
        if stored is None and self.is_optional:
            return None
        if type(stored) is not self.stored:
            found = type(stored).__name__
            raise FormatError(f"{where}: expected {self.stored.__name__}, found {found}")
        return self.from_sql(stored, where)

    def write_sql(self, value: Any) -> Any:
        """Return the stored value; SQLite has no nan, so that None takes its place."""
        is_nan = isinstance(value, float) and isnan(value)
        return None if self.is_optional and (value is None or is_nan) else self.to_sql(value)


def parse(stored: str, where: str) -> Any:
    """Parse JSON from a row, in bounded memory."""
    stream = JsonStream(BytesIO(stored.encode("utf-8", "replace")), where)
    value = stream.value(where)
    stream.end()
    return value


def blob_of(numbers: Sequence[float]) -> bytes:
    """Return float64 numbers as little-endian bytes."""
    kept = numbers if isinstance(numbers, array) else array("d", numbers)
    if sys.byteorder == "big":
        kept = array("d", kept)
        kept.byteswap()
    return kept.tobytes()


def numbers_of(blob: bytes, where: str) -> array[float]:
    """Return the float64 numbers of a blob."""
    if len(blob) % 8:
        raise FormatError(f"{where}: expected whole float64 numbers, found {len(blob)} bytes")
    numbers = array("d")
    numbers.frombytes(blob)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _blob_of_all(arrays: Sequence[Sequence[float]]) -> bytes:
    return b"".join(map(blob_of, arrays))


def _unchanged(stored: Any, _where: str) -> Any:
    return stored


def _json_of_set(places: frozenset[int]) -> str:
    return json.dumps(sorted(places))


def _texts(value: object, where: str) -> dict[str, Any]:
    for name, one in any_mapping(value, where).items():
        text(one, f"{where}.{short_text(name)[1:-1]}")
    return any_mapping(value, where)


INTEGER = FieldType("INTEGER", int, int, _unchanged, integer)
REAL = FieldType("REAL", float, float, _unchanged, number)
TEXT = FieldType("TEXT", str, str, _unchanged, text)
JSON = FieldType("TEXT", str, json.dumps, parse, _unchanged)
NUMBERS = FieldType("BLOB", bytes, blob_of, numbers_of, listed)
TYPES = {  # by annotation; "... | None" may be None
    "int": INTEGER,
    "float": REAL,
    "str": TEXT,
    "dict[str, Any]": JSON._replace(from_json=any_mapping),
    "dict[str, str]": JSON._replace(from_json=_texts),
    "list[Any]": JSON._replace(from_json=listed),
    "frozenset[int]": JSON._replace(to_sql=_json_of_set),
    "array[float]": NUMBERS,
    "list[array[float]]": NUMBERS._replace(to_sql=_blob_of_all),  # one array after the other
    "Graph": INTEGER,  # its id in the table `graphs`
}


def types_of(kept: type, besides: Sequence[str] = ()) -> dict[str, FieldType]:
    """Return the types of the fields of a dataclass, without those named in `besides`."""
    return {field.name: type_of(str(field.type)) for field in fields(kept) if field.name not in besides}


def type_of(annotation: str) -> FieldType:
    """Return the type of fields with an annotation."""
    known = TYPES[annotation.removesuffix(" | None")]
    return known._replace(is_optional=annotation.endswith(" | None"))
