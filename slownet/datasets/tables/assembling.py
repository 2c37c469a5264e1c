"""Inputs and targets, made of the cells of a table."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.checks import short
from slownet.datasets.tables import kinds as k
from slownet.datasets.tables.collecting import Cells
from slownet.datasets.tables.columns import CATEGORY, NUMBER, Column
from slownet.datasets.tables.deciding import Decider
from slownet.datasets.tables.opening import chosen_places, open_source
from slownet.datasets.tables.options import TableOptions
from slownet.datasets.tables.values import Values, inputs_of
from slownet.errors import FormatError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


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
        source = open_source(path, options)
        self._source, self._options = source, options
        self._inputs, self._target = chosen_places(source, options)
        self.target_name = source.names[self._target]
        self._cells = Cells(source, self._inputs, self._target, options, progress)
        decider = Decider(source, options)
        self._kinds = decider.kinds(self._cells.texts, self._target)
        self.notes = decider.notes
        self._values = Values(source, self._cells, self._kinds, options)
        self._keep = self._kept_rows()
        self.left_out = 0 if self._keep is None else int((~self._keep).sum())
        self.columns = [self._column(place) for place in self._inputs]
        self.classes: list[str] | None = None

    def samples(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[Any]]:
        """Return X and y."""
        X = inputs_of(self._values, self.columns, self._inputs, self._cells.count, self._keep)
        return X, self._targets()

    def _kept_rows(self) -> npt.NDArray[np.bool_] | None:
        """Return which rows are kept, None for all of them."""
        places, how = [*self._inputs, self._target], self._options.missing
        missing = self._values.missing([self._target] if how == "mean" else places)
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
        most = min(counts, key=lambda text: (-counts[text], text))
        fill = most if self._options.missing == "mean" else None
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
        if self._options.missing != "mean":
            return None
        with np.errstate(over="ignore"):
            mean = float(np.add.accumulate(known)[-1] / len(known))
        return mean if isfinite(mean) else float(np.add.accumulate(known / len(known))[-1])

    def _kept(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return values if self._keep is None else values[self._keep]

    # the target

    def _targets(self) -> npt.NDArray[Any]:
        import numpy as np

        if self._cells.target is not None:
            return self._kept(self._cells.target)
        column = self._cells.texts[self._target]
        if self._kinds[self._target] == CATEGORY:
            self.classes = sorted(self._counts(self._target))
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
