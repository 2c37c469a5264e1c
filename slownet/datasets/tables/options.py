"""What a user says about a table, and how messages call these options."""

from __future__ import annotations

import codecs
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from slownet.checks import check_bool, did_you_mean, short
from slownet.errors import InvalidTypeError, InvalidValueError

MISSING = ("error", "drop", "mean")
DECIMAL = (".", ",")
THOUSANDS = (".", ",", " ", "'")
NO_TEXT = ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7")  # codecs
IN_PANDAS: dict[object, str] = {
    "drop": "X.drop(columns={})",
    "decimal": "pandas.read_csv(decimal={})",
    "thousands": "pandas.read_csv(thousands={})",
    ("missing", "drop"): "X.dropna()",
    ("missing", "mean"): "slownet.preprocessing with missing='mean'",
}
MOST_NAMES = 20  # of columns in a message


@dataclass(frozen=True)
class TableOptions:
    """What a user says about a table.

    Attributes
    ----------
    target : str or None
        The column to predict.
    columns : tuple of str or None
        The columns to predict it from; None for all others.
    drop : tuple of str
        Columns to leave out.
    decimal, thousands : str or None
        The mark before the decimals of a number, and the one between its thousands; None where they are
        recognised.
    missing : str
        What happens to rows with empty cells: "error", "drop" or "mean".
    header : bool or None
        Whether the first line has the names of the columns; None where that is recognised.
    encoding : str or None
        The encoding of a text file; None for UTF-8, or what a byte order mark says.
    had_commas : bool
        Whether a net has learned from a table with decimal commas: in new rows, too, 1.234 may be 1234.
    is_command : bool
        Whether messages call the options as the command line does.
    is_frame : bool
        Whether they are of a table that pandas has read.
    """

    target: str | None = None
    columns: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()
    decimal: str | None = None
    thousands: str | None = None
    missing: str = "error"
    header: bool | None = None
    encoding: str | None = None
    had_commas: bool = False
    is_command: bool = False
    is_frame: bool = False

    @classmethod
    def checked(cls, *, is_command: bool = False, **given: Any) -> TableOptions:
        """Return options that a user has given.

        Raises
        ------
        TypeError, ValueError
            If one cannot be used; the message says what can.
        """
        said = cls(is_command=is_command)
        columns = given.get("columns")
        chosen: dict[str, Any] = {
            "target": given.get("target"),
            "columns": None if columns is None else _names(said.name("columns"), columns),
            "drop": _names(said.name("drop"), given.get("drop") or ()),
        }
        for option, known in ("decimal", DECIMAL), ("thousands", THOUSANDS), ("missing", MISSING):
            chosen[option] = _one_of(said.name(option), given.get(option), known)
        if chosen["missing"] is None:
            chosen["missing"] = "error"
        if chosen["decimal"] is not None and chosen["decimal"] == chosen["thousands"]:
            raise InvalidValueError(
                f"{said.name('decimal')} and {said.name('thousands')} must be different marks, not both "
                f"{chosen['decimal']!r}"
            )
        chosen["encoding"] = _encoding(said.name("encoding"), given.get("encoding"))
        header = given.get("header")
        if header is not None:
            chosen["header"] = check_bool(said.name("header"), header)
        if chosen["columns"] == ():
            raise InvalidValueError(f"{said.name('columns')} must name at least one column")
        return cls(**chosen, is_command=is_command)

    def name(self, option: str) -> str:
        """Return what an option is called."""
        return f"--{option}" if self.is_command else option

    def says(self, option: str, value: object) -> str:
        """Return how an option is given a value: `drop='date'`, or `--drop date`."""
        if self.is_frame:
            return IN_PANDAS.get((option, value)) or IN_PANDAS[option].format(short(value))
        if not self.is_command:
            return f"{option}={short(value)}"
        text = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
        return f"--{option} {shlex.quote(str(text)) if len(str(text)) < 60 else short(text)}"

    def leaving_out(self, names: list[str]) -> str:
        """Return how columns are left out: `--drop date id leaves the columns out`."""
        says = self.says("drop", names[0])
        if len(names) == 1:
            return f"{says} leaves the column out"
        shown = names[:MOST_NAMES]
        if self.is_command:
            says = " ".join([says, *map(shlex.quote, shown[1:])])
        else:
            says = says.replace(short(names[0]), f"[{', '.join(map(short, shown))}]")
        more = f" and {len(names) - len(shown):,} more" if len(names) > len(shown) else ""
        return f"{says}{more} leaves the columns out"

    @property
    def point(self) -> str | None:
        """The mark before decimals, as far as these options decide it."""
        if self.decimal is None and self.thousands in DECIMAL:
            return "," if self.thousands == "." else "."
        return self.decimal


def place_of(option: str, name: object, names: list[str], where: str) -> int:
    """Return where a column that a user names is; TypeError or ValueError if there is none."""
    known = names_text(names)
    if not isinstance(name, str):
        raise InvalidTypeError(
            f"{option} must be a column name, not {type(name).__name__}; {where} has {known}"
        )
    if name not in names:
        raise InvalidValueError(
            f"{option} {short(name)} is not a column of {where}, which has {known}"
            f"{did_you_mean(name, names[:1000])}"
        )
    return names.index(name)


def names_text(names: list[str]) -> str:
    """Return the names of columns for a message."""
    more = [f"{len(names) - MOST_NAMES:,} more"] if len(names) > MOST_NAMES else []
    return ", ".join([*map(short, names[:MOST_NAMES]), *more])


def _names(option: str, given: object) -> tuple[str, ...]:
    listed = [given] if isinstance(given, str) else given
    found = tuple(listed) if isinstance(listed, Iterable) else ()
    if not all(isinstance(each, str) for each in found) or not isinstance(listed, Iterable):
        raise InvalidTypeError(f"{option} must be names of columns, not {short(given)}")
    return found


def _text(option: str, given: object) -> str | None:
    if given is None or isinstance(given, str):
        return given
    raise InvalidTypeError(f"{option} must be a text, not {type(given).__name__}")


def _encoding(option: str, given: object) -> str | None:
    """Return the name of an encoding; ValueError unless Python knows it and it is one of texts."""
    encoding = _text(option, given)
    if encoding is None:
        return None
    try:
        "a".encode(encoding)
        is_text = codecs.lookup(encoding).name not in NO_TEXT
    except (LookupError, ValueError):
        is_text = False
    if not is_text:
        raise InvalidValueError(
            f"{option} must be an encoding of texts that Python knows, such as 'cp1252', 'latin-1' or "
            f"'utf-8', not {short(encoding)}"
        )
    return encoding


def _one_of(option: str, given: object, known: tuple[str, ...]) -> str | None:
    given = _text(option, given)
    if given is not None and given not in known:
        listed = ", ".join(map(repr, known))
        raise InvalidValueError(
            f"{option} must be one of {listed}, not {short(given)}{did_you_mean(given, known)}"
        )
    return given
