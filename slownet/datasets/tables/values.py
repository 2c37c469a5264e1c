"""What the cells of a table mean, once it is decided what its columns are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from slownet.checks import short
from slownet.datasets.tables import kinds as k
from slownet.datasets.tables.collecting import Cells
from slownet.datasets.tables.columns import CATEGORY, NUMBER, TRUTH, Column
from slownet.datasets.tables.options import TableOptions
from slownet.datasets.tables.sources import Source
from slownet.errors import FormatError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

ROWS_AT_ONCE = 4096


class Values:
    """What the cells of a table mean.

    Parameters
    ----------
    source : Source
        The file.
    cells : Cells
        Its cells.
    kinds : mapping of int to str
        What the columns are whose cells are texts.
    options : TableOptions
        What the user says about it.

    Attributes
    ----------
    matrix : array
        The columns that are numbers throughout, NaN where a cell is missing.
    places : dict of int to int
        Which column of the matrix has which column of the table.
    """

    def __init__(
        self, source: Source, cells: Cells, kinds: Mapping[int, str], options: TableOptions
    ) -> None:
        self._source, self._cells, self._kinds, self._options = source, cells, kinds, options
        self.matrix, self.places = cells.matrix(), cells.places()

    def numbers(self, place: int) -> npt.NDArray[np.float64]:
        """Return the cells of a column of numbers or booleans; NaN where one is missing."""
        import numpy as np

        if place in self.places:
            return self.matrix[:, self.places[place]]
        column = self._cells.texts[place]
        if self._kinds[place] == NUMBER:
            return column.numbers()
        return np.array([TRUTH.get(text.lower(), np.nan) for text in column.texts])[column.codes]

    def codes(self, place: int, categories: Sequence[str]) -> npt.NDArray[Any]:
        """Return which category each cell of a column is; -1 where it is none."""
        import numpy as np

        known = {text: number for number, text in enumerate(categories)}
        texts = self._cells.texts[place]
        return np.array([known.get(text, -1) for text in texts.texts])[texts.codes]

    def of(self, place: int, column: Column) -> npt.NDArray[Any]:
        """Return the cells of a column in the form that `Column.write` takes."""
        return self.codes(place, column.categories) if column.kind == CATEGORY else self.numbers(place)

    def missing(self, places: Sequence[int]) -> npt.NDArray[np.bool_]:
        """Return in which rows a cell of one of these columns is missing."""
        import numpy as np

        missing = np.zeros(self._cells.count, bool)
        chosen = [self.places[place] for place in places if place in self.places]
        every = len(chosen) == self.matrix.shape[1]
        for first in range(0, len(missing) if chosen else 0, ROWS_AT_ONCE):
            rows = self.matrix[first : first + ROWS_AT_ONCE]
            missing[first : first + ROWS_AT_ONCE] = np.isnan(rows if every else rows[:, chosen]).any(
                axis=1
            )
        for place in places:
            if place in self._kinds:
                missing |= self._missing_texts(place)
        return missing

    def _missing_texts(self, place: int) -> npt.NDArray[np.bool_]:
        import numpy as np

        column = self._cells.texts[place]
        if not column.has_texts:
            return np.isnan(column.numbers())
        gaps = (k.GAP, k.MARK) if self._kinds[place] == NUMBER else (k.GAP,)
        return np.array([kind in gaps for _, kind in column.kinds()], bool)[column.codes]

    def refusal(self, missing: npt.NDArray[np.bool_], places: Sequence[int], hint: str) -> FormatError:
        """Return the error for the first cell that is missing."""
        row = int(missing.argmax())
        place = next(place for place in sorted(places) if self._is_missing(row, place))
        text = self._source.cell(row, place)
        found = short(text) if text else "an empty cell"
        name = short(self._source.names[place])
        return FormatError(
            f"{self._source.where(row)}, column {name}: expected a value, found {found}; {hint}"
        )

    def _is_missing(self, row: int, place: int) -> bool:
        if place in self.places:
            number = self.matrix[row, self.places[place]]
            return bool(number != number)  # NaN
        return place in self._kinds and bool(self._missing_texts(place)[row])

    def check_filled(self, places: Sequence[int]) -> None:
        """Raise FormatError if all cells of a column of numbers are missing."""
        import numpy as np

        for place in places:
            if place in self.places and np.isnan(self.numbers(place)).all():
                raise self.empty(place)

    def empty(self, place: int) -> FormatError:
        """Return the error for a column of which all cells are missing."""
        name = self._source.names[place]
        return FormatError(
            f"{self._source.path}, column {short(name)}: expected cells, found an empty column; "
            f"{self._options.leaving_out([name])}"
        )


def inputs_of(
    values: Values,
    columns: Sequence[Column],
    places: Sequence[int],
    count: int,
    keep: npt.NDArray[np.bool_] | None = None,
) -> npt.NDArray[np.float64]:
    """Return the inputs of rows, of all `count` or of those that are kept."""
    import numpy as np

    if list(values.places) == list(places) and len(places) == values.matrix.shape[1]:
        X = values.matrix if keep is None else values.matrix[keep]
        return filled(X, columns)
    rows = count if keep is None else int(keep.sum())
    X = np.empty((rows, sum(len(column.inputs) for column in columns)))
    first = 0
    for place, column in zip(places, columns, strict=True):
        cells = values.of(place, column)
        last = first + len(column.inputs)
        column.write(cells if keep is None else cells[keep], X[:, first:last])
        first = last
    return X


def filled(X: npt.NDArray[np.float64], columns: Sequence[Column]) -> npt.NDArray[np.float64]:
    """Write what fills in missing numbers into X, which has a column for each of `columns`."""
    import numpy as np

    fills = np.array([np.nan if column.fill is None else column.fill for column in columns], np.float64)
    if not np.isnan(fills).all():
        for first in range(0, len(X), ROWS_AT_ONCE):
            rows = X[first : first + ROWS_AT_ONCE]
            np.copyto(rows, fills, where=np.isnan(rows))
    return X
