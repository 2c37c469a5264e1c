"""Workbooks and Parquet files, as pieces like those of text files."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from slownet.checks import short
from slownet.datasets.tables.layout import check_names, has_names, made_up, named
from slownet.datasets.tables.options import TableOptions
from slownet.errors import FormatError, InvalidTypeError, MissingPackageError, file_errors
from slownet.files import most_unpacked, opened
from slownet.packages import installing

if TYPE_CHECKING:
    import pandas as pd

ROWS_AT_ONCE = 50_000
SAMPLE = 1000
LEAST_CELL = 20  # bytes of a cell in the XML of a workbook
DAMAGE = (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, SyntaxError)
CELLS_ANYWAY = 1_000_000  # that any workbook may have


class FrameSource:
    """A table that has been read as a whole.

    Parameters
    ----------
    path : Path or str
        The file, or what an error calls a table that is in none.
    frame : DataFrame
        Its rows; the columns are numbered.
    names : list of str
        What they are called.
    numbers : sequence
        The number of each row in messages.
    in_file : bool
        Whether the names stand in the file.
    point : str
        The mark before decimals that the user has said: numbers beside texts are written with it.
    """

    has_types = True

    def __init__(
        self,
        path: Path | str,
        frame: pd.DataFrame,
        names: list[str],
        numbers: Sequence[Any],
        in_file: bool = True,
        point: str = ".",
    ) -> None:
        self.path, self.names, self.has_names = path, names, in_file
        self._frame, self._numbers, self._point = frame, numbers, point

    def pieces(
        self, texts: Collection[int], only: list[int] | None, point: str, progress: bool
    ) -> Iterator[pd.DataFrame]:
        """Yield the rows, piece by piece."""
        frame = self._frame if only is None else self._frame[only]
        for start in range(0, len(frame), ROWS_AT_ONCE):
            piece = frame.iloc[start : start + ROWS_AT_ONCE]
            for place in texts:
                self._check_cells(place, piece[place])
            yield _with_texts(piece, texts, self._point)

    def sample(self, point: str, texts: Collection[int] = ()) -> pd.DataFrame:
        """Return the first rows; columns of other things than numbers are texts."""
        found = self._frame.iloc[:SAMPLE]
        texts = [place for place in found if found[place].dtype.kind not in "iuf"]
        return _with_texts(found, texts, self._point)

    def _check_cells(self, place: int, cells: pd.Series[Any]) -> None:
        """Refuse a column whose first cell is a list, bytes or the like."""
        first = cells.dropna().iloc[:1]
        if len(first) and not isinstance(first.iloc[0], str) and isinstance(first.iloc[0], Collection):
            raise FormatError(
                f"{self.path}, column {short(self.names[place])}: expected numbers or texts, found "
                f"{short(first.iloc[0])}; leave the column out"
            )

    def may_have_codes(self) -> bool:
        """Return False: texts are texts here."""
        return False

    def where(self, row: int) -> str:
        """Return where a row stands, for a message."""
        return f"{self.path}, row {self._numbers[row]}"

    def cell(self, row: int, place: int) -> str:
        """Return what stands in a cell."""
        return _text(self._frame.iat[row, place])

    def cells(self, places: list[int]) -> Iterator[list[str]]:
        """Yield what stands in some cells of every row."""
        for start in range(0, len(self._frame), ROWS_AT_ONCE):
            rows = self._frame.iloc[start : start + ROWS_AT_ONCE, places]
            yield from map(list, rows.map(_text).itertuples(index=False))

    def expect_empty(self, place: int, error: FormatError) -> None:
        """Raise an error if not all cells of a column are empty."""
        if any(map(_text, self._frame[place])):
            raise error

    def check(self) -> None:
        """Do nothing: no row is too short."""


def is_frame(table: object) -> bool:
    """Whether something is a DataFrame of pandas."""
    return hasattr(table, "columns") and hasattr(table, "set_axis")


def source_of(frame: pd.DataFrame, name: str) -> FrameSource:
    """Return a table of pandas as a source; `name` is what errors call it.

    Raises
    ------
    TypeError, ValueError
        If its columns have no names, or the same ones.
    """
    names = [*frame.columns]
    for label in names:
        if not isinstance(label, str):
            raise InvalidTypeError(f"{name}: the names of columns must be texts, not {short(label)}")
    check_names(names, name)
    return FrameSource(name, frame.set_axis(range(len(names)), axis=1), names, frame.index)


def open_workbook(path: Path, options: TableOptions) -> FrameSource:
    """Read the first sheet of a workbook.

    Raises
    ------
    FormatError
        If it is none, or unpacks to very much.
    MissingPackageError
        If openpyxl is not installed.
    """
    import pandas as pd

    with opened(path) as file:
        rows, sheet = _rows(path, file)
    numbers = [number for number, row in enumerate(rows, 1) if row]
    if not numbers:
        raise FormatError(f"{path}: expected a row of column names, found an empty {sheet}")
    width = max(map(len, rows))
    cells = [[*row, *[None] * (width - len(row))] for row in rows if row]
    first, *others = ([_text(cell) for cell in row] for row in cells[:50])
    in_file = has_names(first, others) if options.header is None else options.header
    if in_file:
        first = named(first, f"{path}, row {numbers[0]}")
        del numbers[0], cells[0]
    if not cells:
        raise FormatError(
            f"{path}: expected rows of data after the column names, found none in the {sheet}"
        )
    frame = pd.DataFrame(cells, columns=range(width), dtype=object).infer_objects()
    for place in frame:
        if frame[place].dtype.kind == "f" and _are_whole(frame[place].dropna()):  # beside empty cells
            frame[place] = frame[place].astype("Int64")
    names = first if in_file else made_up(width)
    return FrameSource(path, frame, names, numbers, in_file, options.point or ".")


def open_parquet(path: Path, options: TableOptions) -> FrameSource:
    """Read a Parquet file.

    Raises
    ------
    FormatError
        If it is none, or unpacks to very much.
    MissingPackageError
        If pyarrow is not installed.
    """
    import pandas as pd

    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise missing("pyarrow", "a Parquet file", "parquet") from None
    with opened(path) as file, file_errors(path, pa.ArrowException, ValueError):
        if file.read(4) != b"PAR1":
            raise FormatError(
                f"{path}: expected a Parquet file, found another, in spite of its name: rename it"
            )
        facts = parquet.ParquetFile(file).metadata
        most = most_unpacked(file)
        if 8 * facts.num_rows * facts.num_columns > most:
            raise FormatError(
                f"{path}: expected at most {most:,} bytes of numbers in a file of this size, found "
                f"{facts.num_rows:,} rows of {facts.num_columns:,}: save it as CSV"
            )
        file.seek(0)
        frame = pd.read_parquet(file, engine="pyarrow")
    names = list(map(str, frame.columns))
    check_names(names, str(path))
    frame = frame.set_axis(range(len(names)), axis=1)
    return FrameSource(path, frame, names, range(1, len(frame) + 1), point=options.point or ".")


def missing(package: str, what: str, extra: str) -> MissingPackageError:
    """Return the error for a package that is not installed."""
    by = installing(package, f"slownet[{extra}]")
    return MissingPackageError(
        f"{what} is read by {package}, which is not installed: {by}", name=package
    )


def _rows(path: Path, file: BinaryIO) -> tuple[list[tuple[Any, ...]], str]:
    """Return the rows of the first sheet, without empty cells at their ends, and what it is called."""
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise missing("openpyxl", "an .xlsx workbook", "excel") from None
    with file_errors(path, *DAMAGE):
        if not zipfile.is_zipfile(file):
            raise FormatError(
                f"{path}: expected a workbook, found another file, in spite of its name: rename it"
            )
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(each.file_size for each in archive.infolist())
        if unpacked > (most := most_unpacked(file)):
            raise FormatError(
                f"{path}: expected at most {most:,} bytes in a file of this size, found more: "
                "save it as CSV"
            )
        left = CELLS_ANYWAY + unpacked // LEAST_CELL
        book = load_workbook(file, read_only=True, data_only=True)
        rows, sheet = [], book.worksheets[0]
        for row in sheet.iter_rows(values_only=True):
            left -= len(row) + 1
            if left < 0:
                raise FormatError(
                    f"{path}: expected a table, found a sheet with very many empty cells: delete them"
                )
            filled = len(row)
            while filled and row[filled - 1] in (None, ""):
                filled -= 1
            rows.append(row[:filled])
        alone = len(book.sheetnames) == 1
        return rows, "sheet" if alone else f"first sheet, {short(sheet.title)}; move the right one there"


def _are_whole(numbers: pd.Series[Any]) -> bool:
    return bool((numbers % 1 == 0).all() and (numbers.abs() < 2**53).all())


def _with_texts(piece: pd.DataFrame, texts: Collection[int], point: str) -> pd.DataFrame:
    """Return a piece in which the cells of some columns are texts, numbers of them with `point`."""
    import numpy as np
    import pandas as pd

    def read(place: int) -> Any:
        column = piece[place]
        if place in texts:
            cells = np.empty(len(piece), object)
            cells[:] = [_text(cell, point) for cell in column]
            return cells
        kind = column.dtype.kind
        if isinstance(column.dtype, np.dtype) or kind not in "iuf":
            return column
        if column.isna().any():
            return column.to_numpy(np.float64, na_value=np.nan)
        return column.to_numpy(np.dtype(f"{kind}8"))

    if not texts and all(isinstance(dtype, np.dtype) for dtype in piece.dtypes):
        return piece
    return pd.DataFrame({place: read(place) for place in piece}, index=piece.index)


def _text(cell: Any, point: str = ".") -> str:
    """Return a cell as a text, a number with `point` before its decimals; "" where it is missing."""
    is_number = isinstance(cell, (Real, Decimal))
    is_missing = cell is None or type(cell).__name__ in ("NAType", "NaTType")
    if is_missing or (is_number and cell != cell):
        return ""
    return str(cell).replace(".", point) if is_number else " ".join(str(cell).split())
