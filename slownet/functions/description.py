"""Formulas as plain values, for files: built-in ones by name and settings, a user's own by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from slownet.errors import InvalidValueError, MissingFormulaError
from slownet.functions.activation import AnyActivation
from slownet.functions.activations import ACTIVATIONS
from slownet.functions.initializers import INITIALIZERS
from slownet.functions.loss import Loss
from slownet.functions.losses import LOSSES
from slownet.functions.optimizer import Optimizer
from slownet.functions.optimizers import OPTIMIZERS
from slownet.functions.regularizers import REGULARIZERS, Regularizer
from slownet.functions.schedules import SCHEDULES, Schedule
from slownet.functions.table import Table

Formula = AnyActivation | Loss | Optimizer | Regularizer | Schedule

TABLES: dict[str, Table[Any]] = {
    table.kind: table for table in (ACTIVATIONS, LOSSES, OPTIMIZERS, REGULARIZERS, SCHEDULES)
}
MADE: dict[str, Table[Any]] = {**TABLES, "initializer": INITIALIZERS}
KINDS: dict[type, str] = {type_: kind for kind, table in TABLES.items() for type_ in table.types}


def kind_of(formula: object) -> str:
    """Return which kind of formula something is, a subclass included; "" if it is none."""
    return next((kind for kind, table in TABLES.items() if isinstance(formula, table.types)), "")


def describe(formula: Formula) -> dict[str, Any]:
    """Return a formula as plain values: `{"name": "elu", "alpha": 1.0}`.

    A formula that is not built in has `"own": True` instead of settings.
    """
    known = built_in(formula)
    return {"name": formula.name, "own": True} if known is None else {"name": known[1], **known[2]}


def built_in(formula: Any) -> tuple[str, str, dict[str, Any]] | None:
    """Return the arguments with which `make` makes a formula; None if it is not built in."""
    name, settings = formula.name, getattr(formula, "settings", {})
    for kind, table in MADE.items():
        with suppress(InvalidValueError, TypeError):
            if isinstance(formula, table.types) and table.make(name, settings) == formula:
                return kind, name, settings
    return None


def make(kind: str, name: object, settings: Mapping[str, Any]) -> Any:
    """Return a built-in formula or initializer; ValueError if there is none."""
    return MADE[kind].make(name, settings)


def from_description(kind: str, description: Mapping[str, Any], own: Iterable[Any] = ()) -> Any:
    """Return the formula that was described.

    Parameters
    ----------
    kind : {"activation", "loss", "optimizer", "regularizer", "schedule"}
        Which table it stands in.
    description : mapping
        What `describe` returned.
    own : iterable of formulas
        Where formulas that are not built in are looked for, by their names.

    Raises
    ------
    ValueError
        If there is no such formula; the message says what to give.
    """
    name = description.get("name")
    if not description.get("own"):
        settings = {key: value for key, value in description.items() if key != "name"}
        return TABLES[kind].make(name, settings)
    for formula in own:
        if kind_of(formula) == kind and formula.name == name:
            return formula
    raise MissingFormulaError(
        f"{kind} {name!r} is a formula of your own, which no file can hold: give it as formulas=[{name}]"
    )
