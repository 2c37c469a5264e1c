"""Reading of preparations: column by column from JSON files, or made of plain values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from slownet.datasets.tables import Column, Target
from slownet.errors import FormatError, InvalidValueError
from slownet.layers import MOST
from slownet.recording.json_stream import MOST_MEMORY, JsonStream
from slownet.recording.json_values import boolean, fail, listed, mapping
from slownet.samples import Preparation
from slownet.samples.preparation import PARTS

LETTER = 4  # bytes that one takes at most


def read_preparation(stream: JsonStream, where: str) -> Preparation | None:
    """Read a preparation, or null.

    Raises
    ------
    FormatError
        If it is something else, or would take too much memory.
    """
    if not stream.begins("{"):
        return preparation_from_plain(stream.value(where), where)
    plain: dict[str, Any] = {}
    for key in stream.members(where):
        here = f"{where}.{key}"
        if key == "columns":
            plain[key] = _columns(((stream.value(each), each) for each in stream.items(here)), where)
        elif key in PARTS:
            plain[key] = stream.value(here)
        else:
            fail(where, f"only the keys {', '.join(PARTS)}", key)
    return _made(plain, where)


def preparation_from_plain(plain: Any, where: str) -> Preparation | None:
    """Return the preparation that `Preparation.plain` has described, or None; FormatError otherwise."""
    if plain is None:
        return None
    found = mapping(plain, where, PARTS)
    columns = listed(found["columns"], f"{where}.columns")
    places = ((column, f"{where}.columns[{place}]") for place, column in enumerate(columns))
    return _made({**found, "columns": _columns(places, where)}, where)


def _columns(plain: Iterable[tuple[Any, str]], where: str) -> list[Column]:
    columns: list[Column] = []
    inputs = letters = 0
    for value, here in plain:
        try:
            column = Column.from_plain(value)
        except InvalidValueError as error:
            raise FormatError(f"{here}: {error}") from None
        columns.append(column)
        inputs += len(column.inputs)
        letters += len(column.name) + sum(map(len, column.categories))
        if inputs > MOST["neurons"] or letters * LETTER > MOST_MEMORY:
            raise FormatError(f"{where}: expected at most {MOST['neurons']:,} inputs, found more")
    return columns


def _made(plain: dict[str, Any], where: str) -> Preparation:
    found = mapping(plain, where, PARTS)
    targets = listed(found["targets"], f"{where}.targets")
    is_named = boolean(found["is_named"], f"{where}.is_named")
    try:
        return Preparation(found["columns"], map(Target.from_plain, targets), is_named)
    except InvalidValueError as error:
        raise FormatError(f"{where}: {error}") from None
