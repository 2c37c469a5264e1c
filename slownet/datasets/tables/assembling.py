"""Inputs and targets, made of the cells of a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.checks import short
from slownet.datasets.tables import kinds as k
from slownet.datasets.tables.collecting import Cells
from slownet.datasets.tables.deciding import Decider
from slownet.datasets.tables.opening import chosen_places, open_source
from slownet.datasets.tables.options import TableOptions
from slownet.errors import FormatError
from slownet.samples.columns import CATEGORY, NUMBER, Column

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

ROWS_AT_ONCE = 4096


class Assembly:
    """The inputs and targets of a table.

    Parameters
    ----------
    path : Path
        The file.
    options : TableOptions
        What the user says about it.
    progress : bool
        Whether to show a bar, for a large file.

    Attributes
    ----------
    target_name : str
        The name of the target.
    classes : list of str or None
        The different texts of the target, sorted; None where it holds numbers.
    columns : list of Column
        What the columns are that the inputs come from.
    left_out : int
        How many rows were left out.
    notes : list of str
        What is odd in the file and was let in.
    """

    def __init__(self, path: Path, options: TableOptions, progress: bool) -> None:
        self._source, self._options = open_source(path, options), options
        self._inputs, self._target = chosen_places(self._source, options)
        self.target_name = self._source.names[self._target]
        self._cells = Cells(self._source, self._inputs, self._target, options, progress)
        decider = Decider(self._source, options)
        self._kinds = decider.kinds(self._cells.texts, self._target)
        self.notes = decider.notes
        self._numbers, self._places = self._cells.matrix(), self._cells.places()
        missing = self._missing()
        if options.missing == "error":
            self._refuse_missing(missing)
        keep = ~(missing if options.missing == "drop" else self._missing_in([self._target]))
        self._keep = None if keep.all() else keep
        self.left_out = int((~keep).sum())
        if self.left_out == len(keep):
            self._refuse_empty()
            raise FormatError(f"{path}: expected rows in which no cell is missing, found none")
        self.columns = [self._column(place) for place in self._inputs]
        self.classes: list[str] | None = None

    def samples(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[Any]]:
        """Return X and y."""
        return self._inputs_of_rows(), self._targets()

    # missing cells

    def _missing(self) -> npt.NDArray[np.bool_]:
        """Return which rows have a cell that is missing."""
        return self._missing_in([*self._inputs, self._target])

    def _missing_in(self, places: list[int]) -> npt.NDArray[np.bool_]:
        import numpy as np

        missing = np.zeros(self._cells.count, bool)
        chosen = [self._places[place] for place in places if place in self._places]
        if chosen:
            every = len(chosen) == self._numbers.shape[1]
            for first in range(0, len(missing), ROWS_AT_ONCE):
                rows = self._numbers[first : first + ROWS_AT_ONCE]
                block = rows if every else rows[:, chosen]
                missing[first : first + ROWS_AT_ONCE] = np.isnan(block).any(axis=1)
        for place in places:
            if place in self._kinds:
                missing |= self._missing_texts(place)
        return missing

    def _missing_texts(self, place: int) -> npt.NDArray[np.bool_]:
        import numpy as np

        column, is_number = self._cells.texts[place], self._kinds[place] == NUMBER
        gaps = (k.GAP, k.MARK) if is_number else (k.GAP,)
        if not column.has_texts:
            return np.isnan(column.numbers())
        return np.array([kind in gaps for _, kind in column.kinds()], bool)[column.codes]

    def _refuse_missing(self, missing: npt.NDArray[np.bool_]) -> None:
        """Raise FormatError with the place of the first cell that is missing."""
        if not missing.any():
            return
        if missing.all():
            self._refuse_empty()
        row = int(missing.argmax())
        place = next(
            place for place in sorted([*self._inputs, self._target]) if self._is_missing(row, place)
        )
        text = self._source.cell(row, place)
        found = short(text) if text else "an empty cell"
        drop, mean = (self._options.says("missing", how) for how in ("drop", "mean"))
        what = "a target" if place == self._target else "a value"
        fill = "" if place == self._target else f"; {mean} fills it in"
        raise FormatError(
            f"{self._source.where(row)}, column {short(self._source.names[place])}: expected {what}, "
            f"found {found}; {drop} leaves out such rows ({int(missing.sum()):,} of {len(missing):,})"
            f"{fill}"
        )

    def _refuse_empty(self) -> None:
        """Raise FormatError if all cells of a column are missing."""
        import numpy as np

        for place in self._inputs:
            is_number = place in self._places
            values = self._numbers[:, self._places[place]] if is_number else ()
            if is_number and np.isnan(values).all():
                raise self._empty(place)

    def _empty(self, place: int) -> FormatError:
        name = self._source.names[place]
        return FormatError(
            f"{self._source.path}, column {short(name)}: expected cells, found an empty column; "
            f"{self._options.says('drop', name)} leaves the column out"
        )

    def _is_missing(self, row: int, place: int) -> bool:
        if place in self._places:
            return bool(
                self._numbers[row, self._places[place]] != self._numbers[row, self._places[place]]
            )
        return place in self._kinds and bool(self._missing_texts(place)[row])

    # inputs

    def _column(self, place: int) -> Column:
        """Describe a column."""
        name = self._source.names[place]
        if place in self._places:
            return Column(name, NUMBER, fill=self._mean(self._numbers[:, self._places[place]], place))
        kind = self._kinds[place]
        if kind != CATEGORY:
            return Column(name, kind, fill=self._mean(self._values(place), place))
        column = self._cells.texts[place]
        counts = {
            text: count
            for (text, of), count in zip(column.kinds(), column.counts, strict=True)
            if of != k.GAP
        }
        most = min(counts, key=lambda text: (-counts[text], text))
        return Column(
            name, CATEGORY, tuple(sorted(counts)), most if self._options.missing == "mean" else None
        )

    def _mean(self, values: npt.NDArray[np.float64], place: int) -> float | None:
        """Return what fills in missing numbers, if that is wanted: added up in order, as everywhere."""
        import numpy as np

        known = values if self._keep is None else values[self._keep]
        known = known[~np.isnan(known)]
        if not len(known):
            raise self._empty(place)
        if self._options.missing != "mean":
            return None
        with np.errstate(all="ignore"):
            return float(np.add.accumulate(known)[-1] / len(known))

    def _values(self, place: int) -> npt.NDArray[np.float64]:
        """Return the numbers of a column of texts."""
        import numpy as np

        column = self._cells.texts[place]
        if self._kinds[place] == NUMBER:
            return column.numbers()
        known = {"true": 1.0, "false": 0.0}
        return np.array([known.get(text.lower(), np.nan) for text in column.texts])[column.codes]

    def _inputs_of_rows(self) -> npt.NDArray[np.float64]:
        import numpy as np

        if not self._kinds.keys() - {self._target} and self._places.keys() == set(self._inputs):
            X = self._numbers if self._keep is None else self._numbers[self._keep]
            return self._filled(X)
        count = self._cells.count - self.left_out
        X = np.empty((count, sum(len(column.inputs) for column in self.columns)))
        first = 0
        for place, column in zip(self._inputs, self.columns, strict=True):
            width = len(column.inputs)
            column.write(self._kept(self._cells_of(place, column)), X[:, first : first + width])
            first += width
        return X

    def _filled(self, X: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        import numpy as np

        if self._options.missing == "mean":
            means = np.array([column.fill for column in self.columns], np.float64)
            for first in range(0, len(X), ROWS_AT_ONCE):
                rows = X[first : first + ROWS_AT_ONCE]
                np.copyto(rows, means, where=np.isnan(rows))
        return X

    def _cells_of(self, place: int, column: Column) -> npt.NDArray[Any]:
        """Return the cells of an input column in the form that `Column.write` takes."""
        import numpy as np

        if place in self._places:
            return self._numbers[:, self._places[place]]
        if column.kind != CATEGORY:
            return self._values(place)
        places = {text: number for number, text in enumerate(column.categories)}
        texts = self._cells.texts[place]
        return np.array([places.get(text, -1) for text in texts.texts])[texts.codes]

    def _kept(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return values if self._keep is None else values[self._keep]

    # the target

    def _targets(self) -> npt.NDArray[Any]:
        import numpy as np

        if self._cells.target is not None:
            return self._kept(self._cells.target)
        column = self._cells.texts[self._target]
        if self._kinds[self._target] == CATEGORY:
            self.classes = sorted(text for text, kind in column.kinds() if kind != k.GAP)
            return self._kept(np.array(list(column.texts), object)[column.codes])
        is_whole = column.total(k.WHOLE) == column.filled - column.total(k.MARK)
        if not (is_whole and column.has_texts):
            return self._kept(column.numbers())
        for text, kind in column.kinds():
            if kind == k.WHOLE and (len(text) > 30 or not -(2**63) <= k.whole_number(text) < 2**63):
                raise self._too_large(text)
        return self._kept(np.array(column.whole_numbers(), np.int64))

    def _too_large(self, text: str) -> FormatError:
        column = self._cells.texts[self._target]
        row = int((column.codes == column.texts[text]).argmax())
        return FormatError(
            f"{self._source.where(row)}, column {short(self.target_name)}: expected a whole number of "
            f"at most 64 bits, found {short(text)[1:-1]}"
        )
