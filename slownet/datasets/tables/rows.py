"""New rows for a net that has learned from a table: the same columns, in any order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from slownet.checks import check_path, did_you_mean, short
from slownet.datasets.tables.collecting import Cells
from slownet.datasets.tables.columns import CATEGORY, NUMBER, TRUTH, Column
from slownet.datasets.tables.deciding import Decider
from slownet.datasets.tables.frames import source_of
from slownet.datasets.tables.kinds import GAP
from slownet.datasets.tables.opening import open_source
from slownet.datasets.tables.options import MOST_NAMES, TableOptions, names_text
from slownet.datasets.tables.sources import Source
from slownet.datasets.tables.values import Values, filled, inputs_of
from slownet.errors import FormatError, file_errors
from slownet.packages import require

if TYPE_CHECKING:
    import os

    import numpy as np
    import numpy.typing as npt


class NewRows:
    """A file with new rows for a net: of any kind that `read_csv` reads, maybe with other columns too.

    Parameters
    ----------
    path : str or path-like
        The file.
    options : TableOptions
        How numbers are written in it, and whether it has a line of names.

    Raises
    ------
    FormatError, FileError
        What is wrong with the file.
    """

    def __init__(self, path: str | os.PathLike[str], options: TableOptions) -> None:
        require("pandas")
        self._path, self._options = check_path(path), options
        with file_errors(self._path):
            self._source = open_source(self._path, options)

    @property
    def names(self) -> list[str]:
        """The names of its columns."""
        return self._source.names

    def inputs(self, columns: Sequence[Column], progress: bool = False) -> npt.NDArray[np.float64]:
        """Return the inputs of every row, as they were made of the rows that a net has learned from.

        Parameters
        ----------
        columns : sequence of Column
            The columns, as a `Table` describes them.
        progress : bool
            Whether to show a bar while a large file is read.

        Raises
        ------
        FormatError
            If a column is missing; if a cell is no number where one is expected, a category that the net
            does not know, or missing where nothing fills it in.
        """
        with file_errors(self._path):
            return _Reading(self._source, columns, self._options, progress).inputs()

    def tested(
        self, columns: Sequence[Column], target: str, labels: Sequence[Any], progress: bool = False
    ) -> tuple[npt.NDArray[np.float64], list[Any], int]:
        """Return the inputs and the targets of the rows that have one, and how many have none.

        Parameters
        ----------
        columns, progress
            As for `inputs`.
        target : str
            The column of the targets.
        labels : list
            The classes that the net knows, all texts or all numbers; empty where it predicts numbers.

        Raises
        ------
        FormatError
            As by `inputs`, and if a target is no number, or a class that the net does not know.
        """
        texts = tuple(label for label in labels if isinstance(label, str))
        column = Column(target, CATEGORY if texts else NUMBER, texts)
        _place(target, self._source, "with the targets")
        with file_errors(self._path):
            reading = _Reading(self._source, [*columns, column], self._options, progress)
            y, known = reading.targets(labels)
            if not known.any():
                raise FormatError(
                    f"{self._path}: every cell of the column {short(target)} is missing: nothing can be "
                    "compared with it"
                )
            return reading.inputs(known), y, int((~known).sum())

    def cells(self, names: Sequence[str]) -> Iterator[list[str]]:
        """Yield the cells of some columns of every row, as they stand in the file."""
        places = [_place(name, self._source, "to be kept") for name in names]
        with file_errors(self._path):
            yield from self._source.cells(places)


def frame_rows(frame: Any, columns: Sequence[Column], name: str) -> npt.NDArray[np.float64]:
    """Return the inputs of the rows of a table of pandas, which errors call `name`: see NewRows."""
    found = numbers_of(frame, columns)
    if found is not None:
        return found
    return _Reading(source_of(frame, name), columns, TableOptions(), False).inputs()


def numbers_of(frame: Any, columns: Sequence[Column]) -> npt.NDArray[np.float64] | None:
    """Return the inputs quickly, if all of these columns are there and hold numbers throughout."""
    import numpy as np

    names = [column.name for column in columns]
    if any(column.kind != NUMBER for column in columns):
        return None
    chosen = frame
    if [*frame.columns] != names:
        if not set(names) <= set(frame.columns):
            return None
        chosen = frame[names]
    if any(not isinstance(dtype, np.dtype) or dtype.kind not in "biuf" for dtype in chosen.dtypes):
        return None
    X = np.require(chosen, np.float64, "C")
    with np.errstate(all="ignore"):
        if X.shape[1] == len(names) and np.isfinite(X.sum()):  # the quickest way to see that all are
            return X
    if X.shape[1] != len(names) or np.isinf(X).any():
        return None
    X = filled(X.copy(), columns)
    return None if np.isnan(X).any() else X


class _Reading:
    """The cells of the columns that are known, checked."""

    def __init__(
        self, source: Source, columns: Sequence[Column], options: TableOptions, progress: bool
    ) -> None:
        self._source, self._columns = source, columns
        there = {name: place for place, name in enumerate(source.names)}
        places = self._places = [
            there[column.name] if column.name in there else _place(column.name, source)
            for column in columns
        ]
        known = dict(zip(places, columns, strict=True))
        others = [place for place, column in known.items() if column.kind != NUMBER]
        cells = self._cells = Cells(source, places, None, options, progress, others)
        kinds = {place: known[place].kind for place in cells.texts}
        decider = Decider(source, options, cells.point)
        decider.check_numbers({place: cells.texts[place] for place in kinds if kinds[place] == NUMBER})
        for place in others:
            _check_known(source, cells, place, known[place])
        self._values = Values(source, cells, kinds, options)

    def inputs(self, keep: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.float64]:
        """Return the inputs of all rows; or of some, where the last column is the target."""
        count = len(self._columns) - (keep is not None)
        columns, places = self._columns[:count], self._places[:count]
        unfilled = [place for place, column in zip(places, columns, strict=True) if column.fill is None]
        missing = self._values.missing(unfilled)
        if keep is not None:
            missing &= keep
        if missing.any():
            hint = "the net was trained with nothing to fill it in"
            raise self._values.refusal(missing, unfilled, hint)
        return inputs_of(self._values, columns, places, self._cells.count, keep)

    def targets(self, labels: Sequence[Any]) -> tuple[list[Any], npt.NDArray[np.bool_]]:
        """Return the targets of the last column that are not missing, and which rows have one."""
        import numpy as np

        place, column = self._places[-1], self._columns[-1]
        known = ~self._values.missing([place])
        found = self._values.of(place, column)
        if column.kind == CATEGORY:
            return [column.categories[code] for code in found[known].tolist()], known
        strange = known & ~np.isin(found, labels) if len(labels) else np.zeros(len(known), bool)
        if strange.any():
            row = int(strange.argmax())
            raise _unknown(self._source, row, column, list(map(repr, labels)), repr(found[row].item()))
        return found[known].tolist(), known


def _place(name: str, source: Source, use: str = "from which the net predicts") -> int:
    if name in source.names:
        return source.names.index(name)
    hint = did_you_mean(name, source.names[:1000])
    if not source.has_names:
        hint = "; its first line was taken for data, not for names"
    raise FormatError(
        f"{source.path}: expected a column {short(name)}, {use}, found {names_text(source.names)}{hint}"
    )


def _check_known(source: Source, cells: Cells, place: int, column: Column) -> None:
    """Refuse texts that are none of a column's categories, or neither true nor false."""
    texts = cells.texts[place]
    known = column.categories or ("true", "false")
    for text, kind in texts.kinds():
        is_known = text in known if column.categories else text.lower() in TRUTH
        if kind != GAP and not is_known:
            row = int((texts.codes == texts.texts[text]).argmax())
            raise _unknown(source, row, column, list(map(short, known)), short(text))
    if not texts.has_texts:
        raise FormatError(
            f"{source.path}, column {short(column.name)}: expected {len(known)} different texts, found "
            f"more than 10,000"
        )


def _unknown(source: Source, row: int, column: Column, known: list[str], found: str) -> FormatError:
    listed = ", ".join(known[:MOST_NAMES] + [f"{len(known):,} in all"] * (len(known) > MOST_NAMES))
    return FormatError(
        f"{source.where(row)}, column {short(column.name)}: expected one of {listed}, which the net "
        f"knows, found {found}"
    )
