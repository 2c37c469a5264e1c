"""How a text file is laid out: its separator, its line of names, where its rows begin."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

from slownet.checks import short
from slownet.datasets.tables.options import TableOptions
from slownet.datasets.tables.text_bytes import opened_lines
from slownet.errors import FormatError

SEPARATORS = "\t;|,"  # of those that divide all rows alike, the first is taken
LOOKED_AT = 50  # lines, and
LOOKED_AT_LETTERS = 1 << 16  # letters after the first line, from which the layout is recognised
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)  # the first line of some files of Excel
SIMPLE_NUMBER = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
YEARS = range(1800, 2101)
NAMELESS = re.compile(r"Unnamed: [0-9]+")  # what pandas calls a column without a name


class Layout(NamedTuple):
    """How a text file is laid out."""

    separator: str
    """What stands between the cells of a row."""
    names: list[str]
    """The names of the columns, made up where the file has none."""
    has_names: bool
    """Whether the file has a line of names."""
    start: int
    """How many bytes of the text stand before the first row."""
    line: int
    """The line of the first row, from 1."""
    counted: int
    """The line that says how many columns there are: that of the names, or of the first row."""


def recognise(path: Path, options: TableOptions) -> Layout:
    """Return how a text file is laid out.

    Raises
    ------
    FormatError
        If it is empty, or its names are missing or stand twice.
    """
    lines = _first_lines(path, options)
    begin = next((place for place, line in enumerate(lines) if line.strip()), None)
    if begin is None:
        raise FormatError(f"{path}: expected a line of column names, found an empty file")
    told = SEPARATOR_LINE.fullmatch(lines[begin])
    begin += told is not None
    after = begin  # the comments
    while after < len(lines) - 1 and lines[after].startswith("#"):
        after += 1
    separator = told[1] if told else _separator(lines[after:], path)
    if after > begin and _is_named_by_comment(lines[after - 1 :], separator, path):
        after -= 1
    found = list(islice(records(lines[after:], separator, path, 1 + after), LOOKED_AT))
    if not found:
        raise FormatError(f"{path}: expected a line of column names, found none")
    (line, first), rows = found[0], [cells for _, cells in found[1:]]
    is_named = has_names(first, rows) if options.header is None else options.header
    if not is_named:
        return Layout(separator, made_up(len(first)), False, _size(lines[:after]), 1 + after, line)
    first[0] = first[0].removeprefix("#").strip()
    first = named(first, f"{path}, line {line}")
    after += _line_after(lines[after:], separator) - 1
    return Layout(separator, first, True, _size(lines[:after]), 1 + after, line)


def records(
    lines: Iterable[str], separator: str, path: Path, first: int = 1
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with the number of its first line.

    Raises
    ------
    FormatError
        If a cell is so long that its quotes do not end.
    """
    read = ""  # the last line

    def kept() -> Iterator[str]:
        nonlocal read
        for line in lines:
            read = line
            yield line

    reader = csv.reader(kept(), delimiter=separator, skipinitialspace=True)
    line = 0
    try:
        for cells in reader:
            if len(cells) > 1 or read.strip(" \t\r\n"):  # what pandas takes for a row, too: also ""
                yield first + line, [cell.strip() for cell in cells]
            line = reader.line_num
    except csv.Error as error:
        raise FormatError(
            f"{path}, line {first + line}: expected cells of a CSV file, but {error}"
        ) from None


def made_up(count: int) -> list[str]:
    """Return names for the columns of a table that has none: x1, x2, ..."""
    return [f"x{number}" for number in range(1, count + 1)]


def named(names: list[str], where: str) -> list[str]:
    """Return the names of columns; those without one get the name that pandas gives them.

    Raises
    ------
    FormatError
        If one stands twice, or if there is only one: a title.
    """
    if len(names) > 2 and sum(map(bool, names)) == 1:
        title = next(filter(None, names))
        raise FormatError(
            f"{where}: expected the names of {len(names)} columns, found {short(title)} alone: leave "
            "out titles above the names"
        )
    found = [name or f"Unnamed: {number}" for number, name in enumerate(names)]
    check_names(found, where)
    return found


def check_names(names: list[str], where: str) -> None:
    """Raise FormatError if a name is missing, or stands twice."""
    known: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
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


def _first_lines(path: Path, options: TableOptions) -> list[str]:
    lines: list[str] = []
    filled = letters = 0
    with opened_lines(path, options) as stream:
        for line in stream:
            lines.append(line)
            letters += len(line) if filled else 0
            filled += bool(line.strip())
            if filled >= LOOKED_AT or letters > LOOKED_AT_LETTERS:
                break
    return lines


def _separator(lines: list[str], path: Path) -> str:
    """Return the separator that divides most rows into as many cells as the first."""

    def share(separator: str) -> float:
        try:
            sizes = [len(cells) for _, cells in records(lines, separator, path)]
        except FormatError:  # a line that it does not divide
            return 0.0
        return sizes.count(sizes[0]) / len(sizes) if sizes and sizes[0] > 1 else 0.0

    shares = {separator: share(separator) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: shares[separator])
    return best if shares[best] else ","


def _is_named_by_comment(lines: list[str], separator: str, path: Path) -> bool:
    """Whether a line that begins with # has a name for each column, as NumPy writes it."""
    sizes = [len(cells) for _, cells in islice(records(lines, separator, path), 2)]
    return sizes[0] > 1 and sizes[-1] == sizes[0]


def has_names(first: list[str], rows: list[list[str]]) -> bool:
    """Whether the first row has names, not cells: then no number stands in it, or others below it.

    A row in which only some cells are numbers belongs to the data if the others stand above texts.
    """
    numbers = [cell for cell in first if SIMPLE_NUMBER.fullmatch(cell)]
    if not numbers:
        return True
    whole = [int(cell) if cell.isdecimal() else -2 for cell in numbers]
    if all(right == left + 1 for left, right in pairwise(whole)):
        if len(numbers) == len(first) >= 3 and whole[0] == 0:  # the names that pandas gives
            return True
        if len(numbers) < len(first) and whole[0] in YEARS:
            return True
    return any(map(_is_above_others, first, _columns(rows, len(first))))


def _columns(rows: list[list[str]], count: int) -> list[list[str]]:
    return [[cells[place] for cells in rows if len(cells) > place] for place in range(count)]


def _is_above_others(cell: str, below: list[str]) -> bool:
    """Whether a cell is a number and none below it is, or the other way round."""
    are_numbers = {bool(SIMPLE_NUMBER.fullmatch(each)) for each in below if each}
    return are_numbers == {not SIMPLE_NUMBER.fullmatch(cell)}


def _size(lines: list[str]) -> int:
    return sum(len(line.encode()) for line in lines)


def _line_after(lines: list[str], separator: str) -> int:
    """Return the number of the line after the first row."""
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    for cells in reader:
        if "".join(cells).strip():
            break
    return reader.line_num + 1
