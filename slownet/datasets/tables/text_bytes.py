"""The bytes of a text file: unpacked, checked and counted while pandas reads them."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import Any, BinaryIO, cast

from slownet.bars import is_watched, new_bar
from slownet.datasets.tables.options import TableOptions
from slownet.errors import FormatError, file_errors
from slownet.files import Unpacked, opened

PIECE = 1 << 18
LONGEST_LINE = 1 << 24  # bytes
LONGEST_READING = 1 << 26  # bytes that one call of pandas may take: more is a quote that does not end
LOOKED_AHEAD = 1 << 22  # bytes whose lines are counted before pandas reads them
WITH_BAR = 1 << 24  # bytes from which on a file is read with a progress bar
ENCODINGS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # begins with the next
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
OTHER_FILES = {  # what a file that is no text begins with
    b"PK\x03\x04": "a zip archive: unpack it",
    b"\xd0\xcf\x11\xe0": "a workbook of old Excel: save it as .xlsx or CSV",
    b"PAR1": "a Parquet file: give it a name that ends in .parquet",
    b"\xfd7zXZ\0": "an xz archive: unpack it",
    b"BZh": "a bzip2 archive: unpack it",
    b"7z\xbc\xaf": "a 7z archive: unpack it",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive: unpack it",
    b"\x89PNG": "a picture",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "a SQLite database",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy array",
    b"ARROW1": "a Feather file",
    b'{"': "JSON",
    b"[{": "JSON",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
    b"<?xml": "XML",
}


class EndlessRowError(FormatError):
    """A row is so long that one of its quotes does not end."""


class TextBytes(io.RawIOBase):
    """A text file as UTF-8 bytes without a byte order mark, for as long as it is open.

    Parameters
    ----------
    file : binary file
        The file; gzip is unpacked.
    name : str
        Its name in messages.
    options : TableOptions
        What the user says about it.
    start : int
        How many bytes to pass over.
    bar : tqdm bar, optional
        Moved with the bytes of the file.

    Raises
    ------
    FormatError
        While it is read, if its bytes are not of its encoding, it holds zeros or a very long line, or is
        another kind of file.
    """

    def __init__(
        self, file: BinaryIO, name: str, options: TableOptions, start: int = 0, bar: Any = None
    ) -> None:
        super().__init__()
        self._file, self._name, self._options, self._bar = file, name, options, bar
        first = file.read(64)
        file.seek(0)
        self._source: Any = file
        if first[:2] == b"\x1f\x8b":
            self._source = Unpacked(gzip.GzipFile(fileobj=file), file, name)
        self._lines, self._length = 1, 0  # which line is being read, and its bytes so far
        self._is_first, self._is_marked, self._encoding = True, False, "utf-8"
        self._decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder(self._encoding)()
        self._ahead = bytearray()
        self._allowed: float = inf
        self.error: BaseException | None = None
        while start > 0:
            start -= len(self.read(min(start, PIECE)) or b"" or self._cut_off())

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read bytes into a buffer; return how many, 0 at the end."""
        if not self._ahead:
            self._ahead += self._piece()
        count = min(len(buffer), len(self._ahead))
        buffer[:count] = self._ahead[:count]
        del self._ahead[:count]
        return count

    def read(self, size: int = -1) -> bytes | None:
        """Read up to so many bytes; an error is kept, as pandas may hide it."""
        try:
            found = super().read(size)
        except BaseException as error:
            self.error = error
            raise
        self._allowed -= len(found or b"")
        if self._allowed < 0:
            self.error = EndlessRowError(
                f"{self._name}, about line {self._lines}: expected rows of at most "
                f"{LONGEST_READING:,} bytes, found more: a quote does not end"
            )
            raise self.error
        return found

    def lines_ahead(self, least: int) -> int:
        """Return how many lines end within the next bytes, at least so many; allow to read on."""
        while len(self._ahead) < max(LOOKED_AHEAD, least) and (piece := self._piece()):
            self._ahead += piece
        self._allowed = LONGEST_READING + len(self._ahead)
        return _line_ends(self._ahead)

    def shows_encoding(self) -> bool:
        """Whether it has a byte order mark or letters beyond ASCII; it is read to its end."""
        found = [self._is_marked or not piece.isascii() for piece in iter(self._piece, b"")]
        return any(found)

    def _piece(self) -> bytes:
        with file_errors(self._name, EOFError, zlib.error, gzip.BadGzipFile):
            raw = self._source.read(PIECE)
        if self._bar is not None:
            self._bar.update(self._file.tell() - self._bar.n)
        if self._is_first:
            raw = self._begin(raw)
        try:
            text = self._decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            raise self._undecodable(error) from None
        piece = raw if self._encoding == "utf-8" else text.encode()
        self._check(piece)
        return piece or (self._piece() if raw else b"")

    def _begin(self, raw: bytes) -> bytes:
        """Choose the decoder by the first bytes; return them without the byte order mark."""
        for begin, kind in OTHER_FILES.items():
            if raw.startswith(begin) or raw[:100].lstrip().lower().startswith(begin):
                if b"opendocument" in raw[:100]:
                    kind = "an OpenDocument sheet: save it as .xlsx or CSV"
                elif b"xl/workbook.bin" in raw:
                    kind = "a binary workbook of Excel: save it as .xlsx or CSV"
                elif begin[:2] == b"PK" and (b"xl/" in raw or b"[Content_Types].xml" in raw):
                    kind = "an Excel workbook: give it a name that ends in .xlsx"
                raise FormatError(f"{self._name}: expected a table as text, found {kind}")
        mark = next((mark for mark in ENCODINGS if raw.startswith(mark)), b"")
        self._encoding = self._chosen(ENCODINGS.get(mark)) if raw else "utf-8"
        self._decoder = codecs.getincrementaldecoder(self._encoding)()
        self._is_first, self._is_marked = False, bool(mark)
        return raw[len(mark) :]

    def _chosen(self, marked: str | None) -> str:
        """Return the encoding: the one that a byte order mark shows, the one that is given, or UTF-8."""
        options = self._options
        if not options.encoding:
            return marked or "utf-8"
        given = codecs.lookup(options.encoding).name.removesuffix("-sig")
        if marked and given not in (marked, marked[:6]):  # utf-16 is either of two
            raise FormatError(
                f"{self._name}, line 1: expected {given.upper()} text, found the first bytes of "
                f"{marked.upper()}; leave {options.name('encoding')} out"
            )
        if not marked and given in ("utf-16", "utf-32"):
            either = (options.says("encoding", f"{given}-{end}") for end in ("le", "be"))
            raise FormatError(
                f"{self._name}, line 1: expected the byte order mark of {given.upper()}, found none; "
                f"{' or '.join(either)} reads files without one"
            )
        return marked or given

    def _undecodable(self, error: UnicodeDecodeError) -> FormatError:
        """Return the error for bytes that are not of the encoding."""
        before = error.object[: error.start].decode(self._encoding, "ignore").encode()
        what = "save the file as UTF-8"
        if self._encoding != "utf-8":
            what = "it is damaged, or has another encoding"
        elif not self._options.encoding:
            says = self._options.says("encoding", "cp1252")
            what += f", or name its encoding ({says} for CSV files of Excel in western Europe)"
        where = f"{self._name}, line {self._lines + _line_ends(before)}"
        found = f"{self._encoding.upper()} text, found the byte {error.object[error.start]:02x} there"
        return FormatError(f"{where}: expected {found}; {what}")

    def _check(self, piece: bytes) -> None:
        """Refuse zeros and a line that is too long; count lines."""
        last = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        self._length = self._length + len(piece) if last < 0 else len(piece) - 1 - last
        if self._length > LONGEST_LINE:
            raise FormatError(
                f"{self._name}, line {self._lines}: expected at most {LONGEST_LINE:,} bytes, found more"
            )
        if (zero := piece.find(b"\0")) >= 0 and self._length <= LONGEST_LINE:
            line = self._lines + _line_ends(piece[:zero])
            hint = ""
            if line == 1 and not self._options.encoding and self._encoding == "utf-8":
                hint = f"; {self._options.says('encoding', 'utf-16-le')} reads UTF-16 without its mark"
            raise FormatError(f"{self._name}, line {line}: expected text, found a byte of zeros{hint}")
        self._lines += _line_ends(piece)

    def _cut_off(self) -> bytes:
        raise FormatError(
            f"{self._name}: it has changed while it was read: read it again when no program writes it"
        )


def _line_ends(piece: bytes | bytearray) -> int:
    return piece.count(b"\n") or piece.count(b"\r")


@contextmanager
def opened_text(
    path: Path, options: TableOptions, start: int = 0, progress: bool = False
) -> Iterator[TextBytes]:
    """Open a text file, from a byte on; show a bar for a large one, if somebody looks on."""
    with opened(path) as file:
        size = path.stat().st_size
        bar = None
        if progress and size >= WITH_BAR and is_watched():
            bar = new_bar(size, "B", unit_scale=True, desc=f"reading {path.name}")
        try:
            yield TextBytes(file, str(path), options, start, bar)
        finally:
            if bar is not None:
                bar.close()


@contextmanager
def opened_lines(
    path: Path, options: TableOptions, start: int = 0, progress: bool = False
) -> Iterator[Iterator[str]]:
    """Open the lines of a text file, from a byte on, with their ends."""
    with opened_text(path, options, start, progress) as stream:
        yield io.TextIOWrapper(io.BufferedReader(cast(Any, stream), PIECE), "utf-8", newline="")
