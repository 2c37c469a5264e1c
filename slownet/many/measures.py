"""Measures by which runs are compared, and what they come to over several runs."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING

from slownet.sums import added_in_order

if TYPE_CHECKING:
    from slownet.recording import History

OF_EPOCHS = ("loss", "accuracy", "validation_loss", "validation_accuracy")
OF_TEST = ("test_loss", "test_accuracy", "test_error")
MEASURES = (*OF_EPOCHS, *OF_TEST)


def final(history: History | None, name: str) -> float | None:
    """Return a measure at the end of a training: of its test, or of the last epoch; None without one."""
    if history is None:
        return None
    if name in OF_TEST:
        return (history.test or {}).get(name.removeprefix("test_"))
    return getattr(history.epochs[-1], name) if history.epochs else None


def curve(history: History | None, name: str) -> list[tuple[int, float]]:
    """Return (epoch, measure) for each epoch that has it."""
    records = history.epochs if history is not None else []
    return [(each.epoch, getattr(each, name)) for each in records if getattr(each, name) is not None]


def mean(numbers: Sequence[float]) -> float | None:
    """Return the mean, None of nothing."""
    return added_in_order(numbers) / len(numbers) if numbers else None


def deviation(numbers: Sequence[float]) -> float | None:
    """Return the standard deviation of a sample (divided by n - 1), None of fewer than two numbers."""
    if len(numbers) < 2:
        return None
    centre = added_in_order(numbers) / len(numbers)
    return sqrt(added_in_order((number - centre) ** 2 for number in numbers) / (len(numbers) - 1))
