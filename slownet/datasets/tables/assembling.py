"""Inputs and targets, made of the cells of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slownet.checks import short
from slownet.datasets.tables import kinds as k
from slownet.datasets.tables.collecting import Cells
from slownet.datasets.tables.columns import CATEGORY, NUMBER, Column
from slownet.datasets.tables.deciding import Decider
from slownet.datasets.tables.filling import mean_of, most_frequent
from slownet.datasets.tables.frames import source_of
from slownet.datasets.tables.options import TableOptions
from slownet.datasets.tables.rows import numbers_of
from slownet.datasets.tables.sources import Source
from slownet.datasets.tables.text_columns import TextColumn
from slownet.datasets.tables.values import Values, inputs_of
from slownet.errors import FormatError, InvalidValueError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

EXACT = 2**53  # below it every whole number is a float


class Assembly:
    """The inputs and targets of a table.

    Parameters
    ----------
    source : Source
        The table.
    inputs : list of int
        Which columns become inputs.
    target : int or None
        Which one is to be predicted, if one is.
    options : TableOptions
        What the user says about it.
    progress : bool
        Whether to show a bar, for a large file.

    Attributes
    ----------
    classes : list of str or None
        The different texts of the target, sorted; None where it holds numbers.
    point : str
        The mark before decimals, as it was said or recognised.
    columns : list of Column
        What the columns are that the inputs come from.
    left_out : int
        How many rows were left out.
    notes : list of str
        What is odd in the file and was let in.
    """

    def __init__(
        self,
        source: Source,
        inputs: list[int],
        target: int | None,
        options: TableOptions,
        progress: bool,
    ) -> None:
        self._source, self._options, self._inputs, self._target = source, options, inputs, target
        self._cells = Cells(source, inputs, target, options, progress)
        self.point = self._cells.point
        decider = Decider(source, options, self.point)
        self._kinds = decider.kinds(self._cells.texts, target)
        self.notes = decider.notes
        self._values = Values(source, self._cells, self._kinds, options)
        self._keep = self._kept_rows()
        self.left_out = 0 if self._keep is None else int((~self._keep).sum())
        self.columns = [self._column(place) for place in inputs]
        self.classes: list[str] | None = None

    def inputs(self) -> npt.NDArray[np.float64]:
        """Return the inputs of the rows that are kept."""
        return inputs_of(self._values, self.columns, self._inputs, self._cells.count, self._keep)

    def gaps(self) -> dict[int, npt.NDArray[np.bool_]]:
        """Return in which of the kept rows a column, by its place among them, is filled in."""
        if self._options.missing != "mean":
            return {}
        found = (self._kept(self._values.missing([place])) for place in self._inputs)
        return {number: missing for number, missing in enumerate(found) if missing.any()}

    def _kept_rows(self) -> npt.NDArray[np.bool_] | None:
        """Return which rows are kept, None for all of them."""
        how, targets = self._options.missing, [] if self._target is None else [self._target]
        places = [*self._inputs, *targets]
        missing = self._values.missing(targets if how == "mean" else places)
        if missing.all():
            self._values.check_filled(self._inputs)
        if how == "error" and missing.any():
            drop, mean = (self._options.says("missing", way) for way in ("drop", "mean"))
            rows = f"({int(missing.sum()):,} of {len(missing):,})"
            raise self._values.refusal(
                missing, places, f"{drop} leaves out such rows {rows}; {mean} fills in inputs"
            )
        if missing.all():
            raise FormatError(
                f"{self._source.path}: expected rows in which no cell is missing, found none"
            )
        return ~missing if missing.any() else None

    # inputs

    def _column(self, place: int) -> Column:
        """Describe a column."""
        name, kind = self._source.names[place], self._kinds.get(place, NUMBER)
        if kind != CATEGORY:
            return Column(name, kind, fill=self._mean(place))
        counts = self._counts(place)
        fill = most_frequent(counts) if self._options.missing == "mean" else None
        return Column(name, CATEGORY, tuple(sorted(counts)), fill)

    def _counts(self, place: int) -> dict[str, int]:
        """Return how often each different text of a column occurs in the rows that are kept."""
        import numpy as np

        column = self._cells.texts[place]
        counts = np.bincount(self._kept(column.codes), minlength=len(column.texts)).tolist()
        found = {
            text: count
            for (text, kind), count in zip(column.kinds(), counts, strict=True)
            if count and kind != k.GAP
        }
        if not found:
            raise self._values.empty(place)
        return found

    def _mean(self, place: int) -> float | None:
        """Return what fills in missing numbers, if that is wanted: added up in order, as everywhere."""
        import numpy as np

        known = self._kept(self._values.numbers(place))
        known = known[~np.isnan(known)]
        if not len(known):
            raise self._values.empty(place)
        return mean_of(known) if self._options.missing == "mean" else None

    def _kept(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return values if self._keep is None else values[self._keep]

    # the target

    def targets(self) -> npt.NDArray[Any]:
        """Return the targets of the rows that are kept; sets `classes`."""
        import numpy as np

        if self._target is None:
            raise InvalidValueError("this table has no target: name it by target= when it is read")
        if self._cells.target is not None:
            return self._kept(self._cells.target)
        column = self._cells.texts[self._target]
        if self._kinds[self._target] == CATEGORY:
            self.classes = sorted(self._counts(self._target))
            return self._kept(np.array(list(column.texts), object)[column.codes])
        is_whole = column.total(k.WHOLE) == column.filled - column.total(k.MARK)
        if not (is_whole and column.has_texts):
            numbers = self._kept(column.numbers())
            is_exact = is_whole and np.abs(numbers).max() < EXACT
            return numbers.astype(np.int64) if is_exact else numbers
        for text, kind in column.kinds():
            if kind == k.WHOLE and (len(text) > 30 or not -(2**63) <= k.whole_number(text) < 2**63):
                raise self._too_large(text, column, self._target)
        return self._kept(np.array(column.whole_numbers(), np.int64))

    def _too_large(self, text: str, column: TextColumn, place: int) -> FormatError:
        row = int((column.codes == column.texts[text]).argmax())
        return FormatError(
            f"{self._source.where(row)}, column {short(self._source.names[place])}: expected a whole "
            f"number of at most 64 bits, found {short(text)[1:-1]}"
        )


def frame_columns(frame: Any, missing: str) -> tuple[list[Column], npt.NDArray[np.float64]]:
    """Return what the columns of a table of pandas are, and its rows as inputs in their own units."""
    options = TableOptions(missing=missing, is_frame=True)
    source = source_of(frame, "X")
    columns = [Column(name, NUMBER) for name in source.names]
    are_numbers = all(dtype.kind in "iuf" for dtype in frame.dtypes)
    found = numbers_of(frame, columns) if are_numbers else None
    if found is not None:  # nothing is to be decided
        return columns, found
    assembly = Assembly(source, [*range(len(source.names))], None, options, progress=False)
    return assembly.columns, assembly.inputs()
