"""Tables of formulas: finding one by name, and making one with settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from slownet.checks import short, unknown_name
from slownet.errors import InvalidTypeError, InvalidValueError, SlownetError

Formula = TypeVar("Formula")
Arguments = ParamSpec("Arguments")


class Table(dict[str, Formula]):
    """The built-in formulas of one kind by their names.

    Parameters
    ----------
    kind : str
        What they are called in messages: "activation".
    types : tuple of type
        What a formula of this kind is.
    *entries : formula or function
        The formulas. A function, such as `elu(alpha=1.0)`, makes formulas of one name: the table has the
        one with its default settings.
    synonyms : mapping of str to str, optional
        {another name: the name here}, for errors that say which formula is meant.
    """

    def __init__(
        self,
        kind: str,
        types: tuple[type, ...],
        *entries: Any,
        synonyms: Mapping[str, str] | None = None,
    ) -> None:
        self.kind, self.types, self.synonyms = kind, types, synonyms or {}
        self.makers: dict[str, Callable[..., Formula]] = {}
        for entry in entries:
            formula: Any = entry if isinstance(entry, types) else entry()
            self[formula.name] = formula
            if formula is not entry:
                self.makers[formula.name] = entry

    def find(self, which: object) -> Formula:
        """Return the formula of a name; a formula of the right type passes through.

        Raises
        ------
        ValueError
            If the name is unknown; the message lists the known ones.
        TypeError
            If it is neither a name nor a formula of this kind.
        """
        if isinstance(which, self.types):
            return which  # type: ignore[return-value]
        if not isinstance(which, str):
            raise InvalidTypeError(
                f"{self.kind} must be a name or of type {self.types[0].__name__}, "
                f"not {type(which).__name__}"
            )
        if which not in self:
            raise unknown_name(self.kind, which, self, self.synonyms)
        return self[which]

    def make(self, name: object, settings: Mapping[str, Any]) -> Formula:
        """Return the formula of a name, made with these settings if there are any.

        Raises
        ------
        ValueError
            If there is no such formula, or it cannot be made with such settings.
        """
        if not isinstance(name, str) or name not in self:
            raise unknown_name(self.kind, name, self)
        if not settings:
            return self[name]
        try:
            return self.makers[name](**settings)
        except (KeyError, TypeError):
            raise InvalidValueError(
                f"{self.kind} {name!r} cannot be made with {short(settings)}"
            ) from None


def made_once(make: Callable[Arguments, Formula]) -> Callable[Arguments, Formula]:
    """Let a function return the same formula whenever the settings are the same.

    So formulas that do the same are equal, and the engines compile each of them once.
    """
    made: dict[str, Formula] = {}

    @wraps(make)
    def make_once(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Formula:
        formula = make(*args, **kwargs)
        return made.setdefault(repr(formula.settings), formula)  # type: ignore[attr-defined]

    return make_once


def require_callables(formula: object, *attributes: str) -> None:
    """Raise TypeError unless these attributes of a formula can be called."""
    for attribute in attributes:
        if not callable(getattr(formula, attribute)):
            kind = type(formula).__name__
            raise InvalidTypeError(
                f"{attribute} of {kind} {getattr(formula, 'name', '')!r} must be callable"
            )


def not_a_number(formula: str, error: Exception, what: str = "a number") -> SlownetError:
    """Return the error for a formula of the user's that fails, or does not return `what` it should."""
    kind = InvalidTypeError if isinstance(error, TypeError) else InvalidValueError
    return kind(f"{formula} must return {what} wherever a net calls it, but: {error}")
