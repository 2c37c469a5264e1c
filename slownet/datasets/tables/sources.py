"""Files with tables, as pieces that pandas has read, and where their cells stand."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from slownet.datasets.tables.kinds import GAPS
from slownet.datasets.tables.layout import Layout, recognise, records
from slownet.datasets.tables.options import TableOptions
from slownet.datasets.tables.text_bytes import EndlessRowError, TextBytes, opened_lines, opened_text
from slownet.datasets.tables.wide import WIDE, wide_pieces
from slownet.errors import FormatError

if TYPE_CHECKING:
    import pandas as pd

CELLS = 500_000  # that are read at once
CODE = re.compile(rb"(?<![0-9.,])0[0-9]{3}")
SEARCHED = 1 << 18  # bytes in which it is looked for
SAMPLE = 1000  # rows by which columns are expected to be numbers or texts


class Source(Protocol):
    """A table, mostly in a file.

    Attributes
    ----------
    names : list of str
        Its columns.
    has_names : bool
        Whether these stand in the file.
    has_types : bool
        Whether whole numbers are told from others.
    """

    names: list[str]
    has_names: bool
    has_types: bool

    @property
    def path(self) -> Path | str:
        """The file, or what errors call the table."""

    def pieces(
        self, texts: Collection[int], only: list[int] | None, point: str, progress: bool
    ) -> Iterator[pd.DataFrame]:
        """Yield the rows, piece by piece.

        Parameters
        ----------
        texts : collection of int
            The columns to read as texts; others are numbers where all cells of the piece are.
        only : list of int, optional
            The columns to read, in their order.
        point : str
            The mark before decimals.
        progress : bool
            Whether to show a bar, for a large file.
        """

    def sample(self, point: str, texts: Collection[int] = ()) -> pd.DataFrame:
        """Return the first rows, some columns of them as texts."""

    def may_have_codes(self) -> bool:
        """Whether numbers in the first rows may be written like codes: 01234."""

    def where(self, row: int) -> str:
        """Return where a row stands, for a message."""

    def cell(self, row: int, place: int) -> str:
        """Return what stands in a cell."""

    def cells(self, places: list[int]) -> Iterator[list[str]]:
        """Yield what stands in some cells of every row."""

    def expect_empty(self, place: int, error: FormatError) -> None:
        """Raise an error, now or while the rows are read, if not all cells of a column are empty."""

    def check(self) -> None:
        """Raise FormatError if a row is too short."""


class TextSource:
    """A text file with a table: CSV and its relatives."""

    def __init__(self, path: Path, options: TableOptions) -> None:
        self.path, self._options = path, options
        self._layout: Layout = recognise(path, options)
        self.names, self.has_names = self._layout.names, self._layout.has_names
        self.has_types = len(self.names) <= WIDE
        self._row_size = self._check_first_row()
        self._may_be_short = False
        self._empty: dict[int, FormatError] = {}

    def pieces(
        self, texts: Collection[int], only: list[int] | None, point: str, progress: bool
    ) -> Iterator[pd.DataFrame]:
        """Yield the rows, piece by piece."""
        for piece in self._pieces(texts, only, point, progress):
            for place, error in self._empty.items() if only is None else ():
                if piece[place].dropna().astype(str).str.strip().any():
                    raise error
            yield piece

    def _pieces(
        self, texts: Collection[int], only: list[int] | None, point: str, progress: bool
    ) -> Iterator[pd.DataFrame]:
        if not self.has_types:
            yield from self._wide(texts, point, progress)
            return
        last = len(self.names) - 1
        with opened_text(self.path, self._options, self._layout.start, progress) as stream:
            for piece in self._read(stream, texts, only, point):
                if only is None and piece[last].isna().any():
                    self._may_be_short = True
                yield piece

    def sample(self, point: str, texts: Collection[int] = ()) -> pd.DataFrame:
        """Return the first rows, some columns of them as texts."""
        if not self.has_types:
            return next(self._wide(texts, point, False))
        with opened_text(self.path, self._options, self._layout.start) as stream:
            return next(self._read(stream, texts, None, point, SAMPLE))

    def may_have_codes(self) -> bool:
        """Whether a zero that numbers do not have stands in the first rows: 01234."""
        with opened_text(self.path, self._options, self._layout.start) as stream:
            return self.has_types and CODE.search(stream.read(SEARCHED) or b"") is not None

    def where(self, row: int) -> str:
        """Return where a row stands, for a message."""
        return f"{self.path}, line {self._record(row)[0]}"

    def cell(self, row: int, place: int) -> str:
        """Return what stands in a cell."""
        return self._record(row)[1][place]

    def cells(self, places: list[int]) -> Iterator[list[str]]:
        """Yield what stands in some cells of every row."""
        for _, cells in self._lines():
            yield [cells[place] for place in places]

    def expect_empty(self, place: int, error: FormatError) -> None:
        """Raise an error while the rows are read if not all cells of a column are empty."""
        self._empty[place] = error

    def check(self) -> None:
        """Raise FormatError if a row is too short: pandas fills it up."""
        if self._may_be_short:
            self._check_sizes()

    def _read(
        self,
        stream: TextBytes,
        texts: Collection[int],
        only: list[int] | None,
        point: str,
        most: int = CELLS,
    ) -> Iterator[pd.DataFrame]:
        import pandas as pd

        exact = {"float_precision": "round_trip"} if _version(pd) < (3, 1) else {}
        width = len(self.names)
        least = 10 * self._row_size  # bytes
        lines = stream.lines_ahead(least)
        try:
            reader = pd.read_csv(
                _Reading(stream),
                sep=self._layout.separator,
                header=None,
                names=range(width),
                index_col=False,
                usecols=only,
                dtype=dict.fromkeys(texts, object),
                decimal=point,
                keep_default_na=False,
                na_values=list(GAPS),
                skipinitialspace=True,
                low_memory=False,
                iterator=True,
                **exact,
            )
            while True:
                yield reader.get_chunk(max(1, min(lines, most, CELLS // width)))
                lines = stream.lines_ahead(least) or lines  # pandas has read the last ones already
        except StopIteration:
            return
        except pd.errors.EmptyDataError:
            raise self._no_rows() from None
        except (pd.errors.ParserError, EndlessRowError) as error:
            known = stream.error if type(stream.error) is not EndlessRowError else None
            raise known or self._broken(error) from None

    def _wide(self, texts: Collection[int], point: str, progress: bool) -> Iterator[pd.DataFrame]:
        width = len(self.names)
        rows = (self._check_size(line, cells) for line, cells in self._lines(progress))
        yield from wide_pieces(rows, width, texts, point)

    def _lines(self, progress: bool = False) -> Iterator[tuple[int, list[str]]]:
        layout = self._layout
        with opened_lines(self.path, self._options, layout.start, progress) as lines:
            yield from records(lines, layout.separator, self.path, layout.line)

    def _record(self, row: int) -> tuple[int, list[str]]:
        found = next(islice(self._lines(), row, None), None)
        if found is None:
            raise FormatError(f"{self.path}: expected cells of a CSV file, found broken quotes")
        return found

    def _check_first_row(self) -> int:
        """Check how many cells the first row has, which pandas does not; return its letters."""
        first = next(self._lines(), None)
        if first is None:
            raise self._no_rows()
        self._check_size(*first)
        return sum(map(len, first[1])) + len(first[1])

    def _check_size(self, line: int, cells: list[str]) -> list[str]:
        if len(cells) != len(self.names):
            count = "1 cell" if len(self.names) == 1 else f"{len(self.names)} cells"
            raise FormatError(
                f"{self.path}, line {line}: expected {count}, as line {self._layout.counted} has, found "
                f"{len(cells)}"
            )
        return cells

    def _check_sizes(self) -> None:
        for line, cells in self._lines():
            self._check_size(line, cells)

    def _no_rows(self) -> FormatError:
        return FormatError(f"{self.path}: expected lines of data after the column names, found none")

    def _broken(self, error: Exception) -> FormatError:
        """Return the error for rows that pandas cannot read, with their place."""
        try:
            if "EOF inside string" in str(error) or isinstance(error, EndlessRowError):
                self._check_quotes()
            self._check_sizes()
        except FormatError as found:
            return found
        return FormatError(f"{self.path}: expected cells of a CSV file, but {error}")

    def _check_quotes(self) -> None:
        layout = self._layout
        with opened_lines(self.path, self._options, layout.start) as lines:
            reader = csv.reader(lines, delimiter=layout.separator, skipinitialspace=True, strict=True)
            line = layout.line
            try:
                for _ in reader:
                    line = layout.line + reader.line_num
            except csv.Error as error:
                raise FormatError(
                    f"{self.path}, line {line}: expected cells of a CSV file, but {error}"
                ) from None


class _Reading:
    """What pandas reads bytes from; it would decode a stream of `io` once more."""

    def __init__(self, stream: TextBytes) -> None:
        self.read: Callable[[int], bytes | None] = stream.read

    def __iter__(self) -> Iterator[bytes]:  # which pandas asks for, and does not use
        return iter(lambda: self.read(CELLS) or b"", b"")


def _version(package: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in package.__version__.split(".")[:2])
