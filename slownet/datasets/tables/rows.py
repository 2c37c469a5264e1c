"""New rows for a net that has learned from a table: the same columns, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from slownet.checks import check_path, did_you_mean, short
from slownet.datasets.tables.collecting import Cells
from slownet.datasets.tables.columns import NUMBER, TRUTH, Column
from slownet.datasets.tables.deciding import Decider
from slownet.datasets.tables.frames import source_of
from slownet.datasets.tables.kinds import GAP
from slownet.datasets.tables.opening import open_source
from slownet.datasets.tables.options import TableOptions, names_text
from slownet.datasets.tables.sources import Source
from slownet.datasets.tables.values import Values, filled, inputs_of
from slownet.errors import FormatError, file_errors
from slownet.packages import require

if TYPE_CHECKING:
    import os

    import numpy as np
    import numpy.typing as npt


def read_rows(
    path: str | os.PathLike[str],
    columns: Sequence[Column],
    options: TableOptions,
    progress: bool = False,
) -> npt.NDArray[np.float64]:
    """Read the inputs of new rows, as they were made of the rows that a net has learned from.

    Parameters
    ----------
    path : str or path-like
        A file of any kind that `read_csv` reads. It may have other columns as well.
    columns : sequence of Column
        The columns, as a `Table` describes them.
    options : TableOptions
        How numbers are written in it, and whether it has a line of names.
    progress : bool
        Whether to show a bar while a large file is read.

    Returns
    -------
    array of float64
        The inputs of every row, in the order of `columns`.

    Raises
    ------
    FormatError
        If a column is missing; if a cell is no number where one is expected, a category that the net
        does not know, or missing where nothing fills it in.
    """
    require("pandas")
    path = check_path(path)
    with file_errors(path):
        return rows_of(open_source(path, options), columns, options, progress)


def frame_rows(frame: Any, columns: Sequence[Column], name: str) -> npt.NDArray[np.float64]:
    """Return the inputs of the rows of a table of pandas, as `read_rows` does; errors call it `name`."""
    found = numbers_of(frame, columns)
    if found is not None:
        return found
    return rows_of(source_of(frame, name), columns, TableOptions(), False)


def numbers_of(frame: Any, columns: Sequence[Column]) -> npt.NDArray[np.float64] | None:
    """Return the inputs quickly, if all of these columns are there and hold numbers throughout."""
    import numpy as np

    names = [column.name for column in columns]
    if any(column.kind != NUMBER for column in columns) or not set(names) <= set(frame.columns):
        return None
    chosen = frame[names]
    if any(not isinstance(dtype, np.dtype) or dtype.kind not in "biuf" for dtype in chosen.dtypes):
        return None
    X = np.array(chosen, np.float64, order="C")
    if X.shape[1] != len(names) or np.isinf(X).any():
        return None
    X = filled(X, columns)
    return None if np.isnan(X).any() else X


def rows_of(
    source: Source, columns: Sequence[Column], options: TableOptions, progress: bool
) -> npt.NDArray[np.float64]:
    """Return the inputs of the rows of a source; see `read_rows`."""
    places = [_place(column.name, source) for column in columns]
    known = dict(zip(places, columns, strict=True))
    others = [place for place, column in known.items() if column.kind != NUMBER]
    cells = Cells(source, places, None, options, progress, others)
    kinds = {place: known[place].kind for place in cells.texts}
    decider = Decider(source, options)
    decider.check_numbers({place: cells.texts[place] for place in kinds if kinds[place] == NUMBER})
    for place in others:
        _check_known(source, cells, place, known[place])
    values = Values(source, cells, kinds, options)
    unfilled = [place for place, column in known.items() if column.fill is None]
    missing = values.missing(unfilled)
    if missing.any():
        raise values.refusal(missing, unfilled, "the net was trained with nothing to fill it in")
    return inputs_of(values, columns, places, cells.count)


def _place(name: str, source: Source) -> int:
    if name not in source.names:
        raise FormatError(
            f"{source.path}: expected a column {short(name)}, from which the net predicts, found "
            f"{names_text(source.names)}{did_you_mean(name, source.names[:1000])}"
        )
    return source.names.index(name)


def _check_known(source: Source, cells: Cells, place: int, column: Column) -> None:
    """Refuse texts that are none of a column's categories, or neither true nor false."""
    texts = cells.texts[place]
    known = column.categories or ("true", "false")
    for text, kind in texts.kinds():
        is_known = text in known if column.categories else text.lower() in TRUTH
        if kind != GAP and not is_known:
            row = int((texts.codes == texts.texts[text]).argmax())
            raise FormatError(
                f"{source.where(row)}, column {short(column.name)}: expected one of "
                f"{names_text(list(known))}, which the net knows, found {short(text)}"
            )
    if not texts.has_texts:
        raise FormatError(
            f"{source.path}, column {short(column.name)}: expected {len(known)} different texts, found "
            f"more than 10,000"
        )
