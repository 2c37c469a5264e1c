"""Measures by which runs are compared, and what they come to over several runs."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING

from slownet.sums import added_in_order
from slownet.training import EarlyStopping

if TYPE_CHECKING:
    from slownet.recording import History

OF_EPOCHS = ("loss", "accuracy", "validation_loss", "validation_accuracy")
OF_TEST = ("test_loss", "test_accuracy", "test_error")
MEASURES = (*OF_EPOCHS, *OF_TEST)


def final(history: History | None, name: str, stopping: EarlyStopping | None = None) -> float | None:
    """Return a measure of the net at the end of a training: of its test, or of its epoch.

    That is the last epoch, or the best one where early stopping has restored it. None without one.
    """
    if history is None:
        return None
    if name in OF_TEST:
        return (history.test or {}).get(name.removeprefix("test_"))
    if not history.epochs:
        return None
    best = None
    if stopping is not None and stopping.restore_best:
        best = EarlyStopping(**stopping.settings).best_of(history.epochs)
    number: float | None = getattr(best or history.epochs[-1], name)
    return number


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
