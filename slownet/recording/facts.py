"""The facts of a training: its history without the steps, epochs and snapshots.

They are the fields of `History` that are marked with `FACT`. Run files and training files hold all of
them. A value is checked by the annotation of the field and, where that is not enough, by `CHECKS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from slownet.functions.loss import TARGET_KINDS
from slownet.recording.field_types import type_of
from slownet.recording.graph_reading import labels_from_plain
from slownet.recording.history import FACT, History
from slownet.recording.json_values import fail, integer, listed, mapping, number, text

ADDED = {"arithmetic": 0, "test": None}  # facts that older files do not hold, and their values there
FACTS = {field.name: type_of(str(field.type)) for field in fields(History) if field.metadata == FACT}


def facts_of(history: History) -> dict[str, Any]:
    """Return the facts of a history by name."""
    return {name: getattr(history, name) for name in FACTS}


def check_fact(name: str, value: object, where: str) -> None:
    """Raise FormatError for a value that a fact cannot have."""
    FACTS[name].read_json(value, where)
    if name in CHECKS and value is not None:
        CHECKS[name](value, where)


def check_labels(labels: object, where: str) -> list[Any]:
    """Return the labels of watched samples: texts, numbers, bool or null, or lists of those."""
    for place, label in enumerate(found := listed(labels, where)):
        for part in label if isinstance(label, list) else [label]:
            if isinstance(part, (list, dict)):
                fail(f"{where}[{place}]", "texts and numbers", part)
    return found


def _check_parent(value: object, where: str) -> None:
    parent = mapping(value, where, ("id", "step"))
    text(parent["id"], f"{where}.id")
    integer(parent["step"], f"{where}.step")


def _check_test(value: object, where: str) -> None:
    test = mapping(value, where, ("step", "samples", "loss", "accuracy", "error"))
    integer(test["step"], f"{where}.step")
    integer(test["samples"], f"{where}.samples", minimum=1)
    for name in ("loss", "accuracy", "error"):
        if name == "loss" or test[name] is not None:
            number(test[name], f"{where}.{name}")


def _check_target_kind(value: object, where: str) -> None:
    if value not in TARGET_KINDS:
        fail(where, f"one of {', '.join(TARGET_KINDS)}", value)


CHECKS: dict[str, Callable[[object, str], object]] = {
    "parent": _check_parent,
    "test": _check_test,
    "target_kind": _check_target_kind,
    "classes": labels_from_plain,
}
