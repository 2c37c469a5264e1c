"""Tables of a user's own: CSV files with a header line."""

from __future__ import annotations

import csv
import io
import math
import re
from array import array
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from slownet.checks import check_path, short
from slownet.errors import FormatError, InvalidTypeError, InvalidValueError
from slownet.files import opened

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from typing import BinaryIO

    import numpy as np
    import numpy.typing as npt

INTEGER = re.compile(r"[+-]?[0-9]+")
LONGEST_LINE = 1 << 24  # bytes
MOST_NAMES = 20  # of columns in a message
MOST_KNOWN = 10_000  # different targets that are kept once


class Table(NamedTuple):
    """What a CSV file holds, ready to learn from; unpacks as `X, y, features`."""

    X: npt.NDArray[np.float64]
    """One sample per row, one feature per column: shape (n, number of features)."""
    y: npt.NDArray[Any]
    """The target of each sample, shape (n,): int64, float64 or text."""
    features: list[str]
    """The names of X's columns."""


def read_csv(path: str | os.PathLike[str], target: str | None = None) -> Table:
    """Read a CSV file: numeric features and one target column.

    The first line has the column names. Cells are separated by commas, semicolons or tabs,
    whichever that line has most of; the text is UTF-8, with or without a byte order mark. Spaces
    around a cell and empty lines do not matter.

    Parameters
    ----------
    path : str or path-like
        The file.
    target : str
        The name of the column to predict. All others are features.

    Returns
    -------
    Table
        `X` float64 of shape (n, number of features); `y` of shape (n,): int64 if every target is
        written as a whole number, float64 if every one is a number, otherwise the texts themselves,
        the names of classes; `features`, the names of X's columns.

    Raises
    ------
    FormatError
        What is wrong with the file, in which line and which column: a cell that is missing or not a
        finite number, too few or too many cells, column names that are missing or stand twice, no
        lines of data, broken quotes, or bytes that are not UTF-8. A target column in which texts
        stand among decimal fractions counts as damaged, not as names of classes.
    InvalidTypeError, InvalidValueError
        `target` is not the name of a column; the message lists the columns.
    FileError
        The file cannot be read; a MissingFileError where there is none.
    """
    import numpy as np

    path = check_path(path)
    records = _records(path)
    header_line, columns = next(records, (0, []))
    if not columns:
        raise FormatError(f"{path}: expected a line of column names, found an empty file")
    _check_columns(columns, f"{path}, line {header_line}")
    place = _target_place(target, columns, path)
    features = columns[:place] + columns[place + 1 :]

    numbers, lines = array("d"), array("q")
    targets: list[str] = []
    known: dict[str, str] = {}  # equal texts are kept once
    for line, cells in records:
        where = f"{path}, line {line}"
        if len(cells) != len(columns):
            raise FormatError(
                f"{where}: expected {len(columns)} cells, one for each column, found {len(cells)}"
            )
        cell = cells.pop(place)
        targets.append(known.setdefault(cell, cell) if len(known) < MOST_KNOWN else cell)
        lines.append(line)
        numbers.extend(_floats(cells, features, where))
    if not targets:
        raise FormatError(f"{path}: expected lines of data after the column names, found none")
    X = np.array(numbers).reshape(len(targets), len(features))
    return Table(X, _target(targets, lines, columns[place], path), features)


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the number of the line it starts in; blank lines are passed over."""
    with opened(path) as file:
        texts = _texts(file, path)
        before = []
        for text in texts:
            before.append(text)
            if text.strip():
                break
        unquoted = re.sub(r'"[^"]*"', "", "".join(before[-1:]))
        delimiter = max(",;\t", key=unquoted.count)
        yield from _cells(chain(before, texts), delimiter, path)


def _texts(file: BinaryIO, path: Path) -> Iterator[str]:
    """Yield the lines of a file."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        where = f"{path}, line {number}"
        if len(line) > LONGEST_LINE:
            raise FormatError(f"{where}: expected at most {LONGEST_LINE:,} bytes, found more")
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise FormatError(
                f"{where}: expected UTF-8 text, found the byte {line[error.start]:02x} there; save the "
                "file as UTF-8"
            ) from error
        yield from io.StringIO(text, newline="") if "\r" in text[:-2] else (text,)


def _cells(texts: Iterator[str], delimiter: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(texts, delimiter=delimiter, skipinitialspace=True, strict=True)
    line = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if stripped not in ([], [""]):
                yield line, stripped
            line = reader.line_num + 1
    except csv.Error as error:
        raise FormatError(f"{path}, line {line}: expected cells of a CSV file, but {error}") from error


def _check_columns(columns: list[str], where: str) -> None:
    known: dict[str, int] = {}
    for number, name in enumerate(columns, start=1):
        if not name:
            raise FormatError(
                f"{where}: expected a name for column {number}, found none "
                "(from pandas: to_csv(path, index=False))"
            )
        if known.setdefault(name, number) != number:
            raise FormatError(
                f"{where}: expected different column names, found {short(name)} in columns "
                f"{known[name]} and {number}"
            )
    if len(columns) < 2:
        raise FormatError(
            f"{where}: expected the names of a target and of at least one feature, separated by commas, "
            "semicolons or tabs, found one cell"
        )


def _target_place(target: object, columns: list[str], path: Path) -> int:
    more = [f"{len(columns) - MOST_NAMES:,} more"] if len(columns) > MOST_NAMES else []
    names = ", ".join([*map(short, columns[:MOST_NAMES]), *more])
    if target is None:
        raise InvalidValueError(f"target must name the column to predict; {path} has {names}")
    if not isinstance(target, str):
        raise InvalidTypeError(
            f"target must be a column name, not {type(target).__name__}; {path} has {names}"
        )
    if target not in columns:
        raise InvalidValueError(f"target {short(target)} is not a column of {path}, which has {names}")
    return columns.index(target)


def _floats(cells: list[str], names: list[str], where: str) -> list[float]:
    try:
        values = list(map(float, cells))
    except ValueError:
        values = []
    if values and all(map(math.isfinite, values)) and "_" not in "".join(cells):
        return values
    return [_finite(cell, name, where) for cell, name in zip(cells, names, strict=True)]


def _finite(cell: str, name: str, where: str) -> float:
    value = _number(cell)
    if value is None:
        found = short(cell) if cell else "an empty cell"
        raise FormatError(f"{where}, column {short(name)}: expected a number such as 1.5, found {found}")
    if not math.isfinite(value):
        raise FormatError(
            f"{where}, column {short(name)}: expected a finite number, found {short(cell)}"
        )
    return value


def _number(cell: str) -> float | None:
    try:
        return None if "_" in cell else float(cell)  # Python's own 1_000 is no number elsewhere
    except ValueError:
        return None


def _target(cells: list[str], lines: array[int], name: str, path: Path) -> npt.NDArray[Any]:
    import numpy as np

    values = [_number(cell) for cell in cells]
    fractions = any(
        value is not None and not INTEGER.fullmatch(cell)
        for value, cell in zip(values, cells, strict=True)
    )
    for cell, line in zip(cells, lines, strict=True):
        where = f"{path}, line {line}"
        if not cell:
            raise FormatError(f"{where}, column {short(name)}: expected a target, found an empty cell")
        if fractions:
            _finite(cell, name, where)
    if None in values:
        return np.array(cells)
    if fractions:
        return np.array(values, dtype=np.float64)
    for cell, line in zip(cells, lines, strict=True):
        if len(cell) > 20 or not -(2**63) <= int(cell) < 2**63:
            raise FormatError(
                f"{path}, line {line}, column {short(name)}: expected a whole number of at most 64 "
                f"bits, found {short(cell)[1:-1]}"
            )
    return np.array([int(cell) for cell in cells], dtype=np.int64)
