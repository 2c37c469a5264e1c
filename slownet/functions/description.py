"""Formulas as plain values, for files: built-in ones by name and settings, a user's own by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from types import FunctionType
from typing import Any

from slownet.errors import InvalidValueError, MissingFormulaError
from slownet.functions.activations import (
    ACTIVATIONS,
    Activation,
    AnyActivation,
    SoftmaxActivation,
    elu,
    leaky_relu,
)
from slownet.functions.losses import LOSSES, Loss, huber
from slownet.functions.optimizers import OPTIMIZERS, Optimizer, adam, rmsprop, sgd
from slownet.functions.regularizers import REGULARIZERS, Regularizer
from slownet.functions.schedules import SCHEDULES, Schedule, exponential, step

Formula = AnyActivation | Loss | Optimizer | Regularizer | Schedule

KINDS: dict[type, str] = {
    Activation: "activation",
    SoftmaxActivation: "activation",
    Loss: "loss",
    Optimizer: "optimizer",
    Regularizer: "regularizer",
    Schedule: "schedule",
}
TABLES: dict[str, Mapping[str, Any]] = {
    "activation": ACTIVATIONS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "regularizer": REGULARIZERS,
    "schedule": SCHEDULES,
}
MAKERS: dict[str, dict[str, Callable[..., Any]]] = {
    "activation": {"elu": elu, "leaky_relu": leaky_relu},
    "loss": {"huber": huber},
    "optimizer": {"sgd": sgd, "rmsprop": rmsprop, "adam": adam},
    "regularizer": {},
    "schedule": {"step": step, "exponential": exponential},
}


def kind_of(formula: object) -> str:
    """Return which kind of formula something is, a subclass included; "" if it is none."""
    return next((kind for type_, kind in KINDS.items() if isinstance(formula, type_)), "")


def describe(formula: Formula) -> dict[str, Any]:
    """Return a formula as plain values: `{"name": "elu", "alpha": 1.0}`.

    One that is none of the built-in ones has `"own": True` instead of settings.
    """
    kind = kind_of(formula)
    description = {"name": formula.name, **getattr(formula, "settings", {})}
    try:
        if _same(_made(kind, description), formula):
            return description
    except (InvalidValueError, TypeError):
        pass
    return {"name": formula.name, "own": True}


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
        return _made(kind, description)
    for formula in own:
        if kind_of(formula) == kind and formula.name == name:
            return formula
    raise MissingFormulaError(
        f"{kind} {name!r} is a formula of your own, which no file can hold: give it as formulas=[{name}]"
    )


def _made(kind: str, description: Mapping[str, Any]) -> Any:
    name, table, makers = description.get("name"), TABLES[kind], MAKERS[kind]
    settings = {key: value for key, value in description.items() if key != "name"}
    if not isinstance(name, str) or name not in table:
        raise InvalidValueError(f"unknown {kind} {name!r}: known are {', '.join(table)}")
    if not settings:
        return table[name]
    try:
        return makers[name](**settings)
    except (KeyError, TypeError):
        raise InvalidValueError(f"{kind} {name!r} cannot be made with {settings}") from None


def _same(one: Any, other: Any) -> bool:
    """Whether two formulas, or parts of them, do the same: functions are compared by their code."""
    if one is other:
        return True
    if type(one) is not type(other):
        return bool(one == other)
    if type(one) in KINDS:
        return all(_same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, FunctionType):
        return one.__code__ is other.__code__ and all(
            _same(a.cell_contents, b.cell_contents)
            for a, b in zip(one.__closure__ or (), other.__closure__ or (), strict=True)
        )
    return bool(one == other)
