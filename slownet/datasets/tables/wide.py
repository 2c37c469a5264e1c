"""Rows of very many cells, as pieces like those that pandas reads.

pandas makes an object of a kilobyte for each column of each piece: a table of 100,000 columns would
take it a minute.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from math import nan
from typing import TYPE_CHECKING, Any

from slownet.datasets.tables.kinds import GAPS

if TYPE_CHECKING:
    import pandas as pd

WIDE = 2_000  # columns
CELLS = 200_000  # that are read at once
MOST_MIXED = 100  # columns of texts that are put beside one array of numbers


def wide_pieces(
    rows: Iterable[list[str]], width: int, texts: Collection[int], point: str
) -> Iterator[pd.DataFrame]:
    """Yield rows of so many cells, piece by piece; columns in which all are numbers are float64."""
    remaining = iter(rows)
    while piece := list(islice(remaining, max(1, CELLS // width))):
        yield _frame(piece, texts, point)


def _frame(rows: list[list[str]], texts: Collection[int], point: str) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    numbers = np.empty((len(rows), len(rows[0])))
    others: set[int] = set(texts)
    for place, row in enumerate(rows):
        numbers[place] = _numbers(row, point, others)
    if len(others) > MOST_MIXED:
        return pd.DataFrame(np.array(rows, object))
    frame = pd.DataFrame(numbers)
    for column in others:
        frame[column] = np.array([row[column] for row in rows], object)
    return frame


def _numbers(row: list[str], point: str, others: set[int]) -> list[float]:
    """Return the cells of a row as numbers; add the places of those that are none to `others`."""
    if point == "." and "_" not in "".join(row):
        try:
            return list(map(float, row))
        except ValueError:
            pass
    numbers: list[Any] = [_number(cell, point) for cell in row]
    if None in numbers:
        others.update(place for place, number in enumerate(numbers) if number is None)
        return [nan if number is None else number for number in numbers]
    return numbers


def _number(cell: str, point: str) -> float | None:
    if cell in GAPS:
        return nan
    if "_" in cell or (point == "," and "." in cell):
        return None
    try:
        return float(cell.replace(",", ".") if point == "," else cell)
    except ValueError:
        return None
