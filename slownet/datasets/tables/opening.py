"""Which reader a file with a table gets, and which of its columns are read."""

from __future__ import annotations

from pathlib import Path

from slownet.checks import short
from slownet.datasets.tables.frames import open_parquet, open_workbook
from slownet.datasets.tables.layout import NAMELESS
from slownet.datasets.tables.options import TableOptions, names_text, place_of
from slownet.datasets.tables.sources import Source, TextSource
from slownet.datasets.tables.text_bytes import opened_text
from slownet.errors import FormatError, InvalidValueError

WORKBOOKS, PARQUET = (".xlsx", ".xlsm"), (".parquet", ".pq")


def open_source(path: Path, options: TableOptions) -> Source:
    """Return the reader of a file, by the end of its name."""
    ending = path.suffix.lower()
    if ending not in (*WORKBOOKS, *PARQUET):
        return TextSource(path, options)
    if options.encoding is not None:
        raise InvalidValueError(f"{options.name('encoding')} is for text files, not for {path}")
    return open_parquet(path, options) if ending in PARQUET else open_workbook(path, options)


def encoding_of(path: Path, known: str | None) -> str | None:
    """Return the encoding in which to read a file that may be written as another one, which had `known`.

    None where it can be no other: of a workbook, a Parquet file, and a text that has a byte order mark
    or has letters beyond ASCII, all of them UTF-8.
    """
    if known is None or path.suffix.lower() in (*WORKBOOKS, *PARQUET):
        return None
    try:
        with opened_text(path, TableOptions()) as text:
            return None if text.shows_encoding() else known
    except FormatError:
        return known


def chosen_places(source: Source, options: TableOptions) -> tuple[list[int], int]:
    """Return which columns are inputs, and which one is the target."""
    names, path = source.names, str(source.path)
    if len(names) == 1:
        raise FormatError(
            f"{path}: expected a target and at least one column to predict it from, found one cell in a "
            f"line, {short(names[0])} (cells of a text file are divided by a comma, semicolon, tab or |)"
        )
    target = _target_place(source, options)
    drop, columns = (
        {place_of(options.name(option), name, names, path) for name in given}
        for option, given in (("drop", options.drop), ("columns", options.columns or ()))
    )
    for option, places in ("drop", drop), ("columns", columns):
        if target in places:
            raise InvalidValueError(
                f"{options.name(option)} must not name {short(options.target)}, the target"
            )
    wanted = sorted(columns) if options.columns is not None else range(len(names))
    inputs = [place for place in wanted if place != target and place not in drop]
    if options.columns is None:
        nameless = {place for place in inputs if NAMELESS.fullmatch(names[place])}
        _expect_empty(source, nameless, options)
        inputs = [place for place in inputs if place not in nameless]
    if not inputs:
        raise FormatError(
            f"{path}: expected a target and at least one column to predict it from, found no other"
        )
    return inputs, target


def _expect_empty(source: Source, nameless: set[int], options: TableOptions) -> None:
    """Let columns without names be refused unless they are empty, as behind the last separator."""
    for place in nameless:
        says = options.leaving_out([source.names[place]])
        source.expect_empty(
            place,
            FormatError(
                f"{source.path}: expected a name for column {place + 1}, found none (row numbers of "
                f"pandas have none); {says}"
            ),
        )


def _target_place(source: Source, options: TableOptions) -> int:
    name, names, path = options.name("target"), source.names, str(source.path)
    if options.target is None:
        raise InvalidValueError(
            f"{name} must name the column to predict; {path} has {names_text(names)}"
        )
    if not source.has_names and options.target not in names:
        raise InvalidValueError(
            f"{name} {short(options.target)} is not a column of {path}, whose first line has no names "
            f"({options.says('header', True)} says that it has): its columns are {names_text(names)}"
        )
    return place_of(name, options.target, names, path)
