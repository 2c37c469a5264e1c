"""Whether a program is the one that `to_source` writes, but for its format."""

from __future__ import annotations

import re
from typing import Any

from slownet.objects import Net

CLASSES = re.compile(r"^(export const |const char \*const )?CLASSES\b.*= [\[{].*", re.MULTILINE)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def differences(expected: str, text: str) -> list[str]:
    """Return in words what a program lacks of the expected one: its numbers and its classes."""
    found = []
    missing = _first_missing(expected, text)
    if missing is not None:
        found.append(f"the number {missing!r} of the net is not where it was in the text")
    if _unformatted(_classes_in(expected)) not in _unformatted(text):
        found.append("the classes are not where they were in the text")
    return found


def cells_for(language: str, net: Net, rows: list[list[Any]]) -> list[list[Any]]:
    """Return rows as a program takes them: C has numbers alone."""
    if language != "c" or net.preparation is None:
        return rows
    columns = net.preparation.columns
    return [
        [
            float("nan")
            if cell is None
            else float(column.categories.index(cell))
            if column.categories
            else cell
            for column, cell in zip(columns, row, strict=True)
        ]
        for row in rows
    ]


def _first_missing(expected: str, text: str) -> float | None:
    """Return the first number of a program that does not come in another one in the same order."""
    others = map(float, NUMBER.findall(text))
    for number in map(float, NUMBER.findall(expected)):
        if not any(number == other for other in others):  # goes on from the one before
            return number
    return None


def _classes_in(program: str) -> str:
    """Return the line of a program of `to_source` that has the classes; "" if there is none."""
    found = CLASSES.search(program)
    return found[0] if found else ""


def _unformatted(text: str) -> str:
    """Return a text without what programs that format code change."""
    return re.sub(r"[\s'\",;]", "", text)
