"""What fills in missing cells, of all rows of a table or of some of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

from slownet.datasets.tables.columns import CATEGORY, Column

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Gaps = Mapping[int, npt.NDArray[np.bool_]]


def mean_of(numbers: Floats) -> float:
    """Return the mean of numbers, which are added up in order, as everywhere."""
    import numpy as np

    with np.errstate(over="ignore"):
        mean = float(np.add.accumulate(numbers)[-1] / len(numbers))
    return mean if isfinite(mean) else float(np.add.accumulate(numbers / len(numbers))[-1])


def most_frequent(counts: Mapping[str, int]) -> str:
    """Return the most frequent text; of several, the first in the alphabet."""
    return min(counts, key=lambda text: (-counts[text], text))


def fills_of(X: Floats, columns: Sequence[Column], gaps: Gaps) -> list[Column]:
    """Return columns with what fills them in by these rows alone.

    Parameters
    ----------
    X : (n, inputs) array
        The rows.
    columns : sequence of Column
        Those that have no `fill`, and those of which these rows know nothing, stay as they are.
    gaps : mapping
        {number of a column: in which rows it is filled in}.
    """
    return [
        column if column.fill is None else _with_fill(column, part, gaps.get(number))
        for number, (column, part) in enumerate(_parts(X, columns))
    ]


def fill(X: Floats, columns: Sequence[Column], gaps: Gaps) -> None:
    """Write what fills in the gaps of rows into X."""
    for number, (column, part) in enumerate(_parts(X, columns)):
        if number not in gaps:
            continue
        if column.kind != CATEGORY:
            part[gaps[number], 0] = column.fill
        else:
            part[gaps[number]] = [text == column.fill for text in column.categories]


def _with_fill(column: Column, part: Floats, gap: npt.NDArray[np.bool_] | None) -> Column:
    known = part if gap is None else part[~gap]
    if not len(known):
        return column
    if column.kind != CATEGORY:
        return replace(column, fill=mean_of(known[:, 0]))
    counts = dict(zip(column.categories, known.sum(axis=0).tolist(), strict=True))
    return replace(column, fill=most_frequent(counts))


def _parts(X: Floats, columns: Sequence[Column]) -> Iterator[tuple[Column, Floats]]:
    """Yield each column with its inputs: a view of X."""
    first = 0
    for column in columns:
        last = first + len(column.inputs)
        yield column, X[:, first:last]
        first = last
