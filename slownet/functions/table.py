"""What every table of formulas shares: looking one up by name, and refusing what is not a formula."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

from slownet.errors import InvalidTypeError, InvalidValueError

Formula = TypeVar("Formula")


def find(kind: str, which: object, table: Mapping[str, Formula], *types: type) -> Formula:
    """Return the formula of a name; a formula of the right type passes through.

    Raises
    ------
    ValueError
        If the name is unknown; the message lists the known ones.
    TypeError
        If it is neither a name nor a formula of this kind.
    """
    if isinstance(which, types):
        return which  # type: ignore[return-value]
    if not isinstance(which, str):
        raise InvalidTypeError(
            f"{kind} must be a name or of type {types[0].__name__}, not {type(which).__name__}"
        )
    if which not in table:
        raise unknown_name(kind, which, table)
    return table[which]


def unknown_name(kind: str, name: object, known: Iterable[str]) -> InvalidValueError:
    """Return the error for a name that is in no table: it lists the names that are."""
    names = list(known)
    near = difflib.get_close_matches(str(name), names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return InvalidValueError(f"unknown {kind} {name!r}: known are {', '.join(names)}{hint}")


def require_callables(formula: object, *attributes: str) -> None:
    """Raise TypeError unless these attributes of a formula can be called."""
    for attribute in attributes:
        if not callable(getattr(formula, attribute)):
            kind = type(formula).__name__
            raise InvalidTypeError(
                f"{attribute} of {kind} {getattr(formula, 'name', '')!r} must be callable"
            )
