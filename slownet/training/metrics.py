"""How right predictions are, in numbers: plain functions of targets and predictions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import fsum, inf, sqrt
from typing import TYPE_CHECKING, Any

from slownet.checks import short, unknown_name
from slownet.errors import InvalidTypeError, InvalidValueError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def confusion(
    y: Sequence[Any], predicted: Sequence[Any], classes: Sequence[Any]
) -> npt.NDArray[np.int64]:
    """Return how often each class was predicted for each.

    Parameters
    ----------
    y, predicted : (n,) labels
        The true class of each sample, and the predicted one.
    classes : list
        All labels.

    Returns
    -------
    (classes, classes) array of int64
        A row for each true class, a column for each predicted one.

    Raises
    ------
    KeyError
        If a label is none of the classes.
    """
    import numpy as np

    places = {label: place for place, label in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), np.int64)
    for true, other in zip(y, predicted, strict=True):
        counts[places[true], places[other]] += 1
    return counts


def mean_absolute_error(y: Sequence[float], predicted: Sequence[float]) -> float:
    """Return how far predictions are from their targets on average, in the unit of the targets."""
    return fsum(abs(value - true) / len(y) for true, value in zip(y, predicted, strict=True))


def mean(y: Sequence[float]) -> float:
    """Return the mean of targets; exactly their value where all are equal."""
    return y[0] if min(y) == max(y) else fsum(value / len(y) for value in y)


def r2(y: Sequence[float], predicted: Sequence[float]) -> float | None:
    """Return the coefficient of determination, R2: 1 - (squared errors) / (squared errors of the mean).

    1 is perfect, 0 as good as always predicting the mean of `y`, and worse is below 0. None if all
    targets are equal: then it is undefined. (Draper and Smith, Applied Regression Analysis, 3rd ed.,
    1998, section 1.3.)
    """
    middle = mean(y)
    unit = max(abs(true - middle) for true in y)  # divided by it, no square of a deviation overflows
    if min(y) == max(y):
        return None
    if unit == inf:
        return r2([true / 4.0 for true in y], [value / 4.0 for value in predicted])
    errors = [(value - true) / unit for true, value in zip(y, predicted, strict=True)]
    if max(map(abs, errors)) > 1e150:
        return -inf
    return 1.0 - fsum(error * error for error in errors) / fsum(
        ((true - middle) / unit) ** 2 for true in y
    )


def root_mean_squared_error(y: Sequence[float], predicted: Sequence[float]) -> float:
    """Return the root of the mean of the squared errors, in the unit of the targets."""
    errors = [abs(value - true) for true, value in zip(y, predicted, strict=True)]
    largest = max(errors)  # divided by it, no square overflows
    if largest in (0.0, inf):
        return largest
    return largest * sqrt(fsum((error / largest) ** 2 for error in errors) / len(errors))


def accuracy_per_class(counts: npt.NDArray[np.int64]) -> list[float | None]:
    """Return which share of each true class was predicted right; None for a class without samples."""
    totals = counts.sum(axis=1).tolist()
    return [int(counts[k, k]) / total if total else None for k, total in enumerate(totals)]


def top_k(places: Sequence[int], probabilities: npt.NDArray[np.float64], k: int) -> float:
    """Return the share of samples whose class is among the k most probable ones.

    Parameters
    ----------
    places : (n,) int
        The true class of each sample, by its place.
    probabilities : (n, classes) array
        Of equal ones, the class that comes first is the more probable one.
    k : int
        From 1 on.
    """
    import numpy as np

    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    return float((best == np.asarray(places)[:, None]).any(axis=1).mean())


# by their names


@dataclass(frozen=True)
class Judged:
    """What a net has predicted, as metrics need it.

    Attributes
    ----------
    y, predicted : list
        The targets and the predictions of the samples, in the units of the targets: labels, numbers, or
        a list of numbers for each.
    labels : list
        Those of the classes; empty where numbers are predicted.
    probabilities : callable
        Returns the probability of each class, [sample, class].
    """

    y: list[Any]
    predicted: list[Any]
    labels: list[Any]
    probabilities: Callable[[], npt.NDArray[np.float64]]


Metric = Callable[[Judged], Any]


def _of_numbers(function: Callable[[Sequence[float], Sequence[float]], float | None]) -> Metric:
    """Return a metric of numbers; of several outputs, the list of those of each."""

    def metric(judged: Judged) -> Any:
        if not (judged.y and isinstance(judged.y[0], list)):
            return function(judged.y, judged.predicted)
        columns = zip(zip(*judged.y, strict=True), zip(*judged.predicted, strict=True), strict=True)
        return [function(y, predicted) for y, predicted in columns]

    return metric


def _accuracy_per_class(judged: Judged) -> dict[Any, float | None]:
    counts = confusion(judged.y, judged.predicted, judged.labels)
    return dict(zip(judged.labels, accuracy_per_class(counts), strict=True))


def _top(k: int) -> Metric:
    def metric(judged: Judged) -> float:
        places = {label: place for place, label in enumerate(judged.labels)}
        return top_k([places[label] for label in judged.y], judged.probabilities(), k)

    return metric


NUMBERS: dict[str, Metric] = {
    "r2": _of_numbers(r2),
    "mae": _of_numbers(mean_absolute_error),
    "rmse": _of_numbers(root_mean_squared_error),
}
CLASSES: dict[str, Metric] = {"accuracy_per_class": _accuracy_per_class}
SYNONYMS = {"r2_score": "r2", "mean_absolute_error": "mae", "root_mean_squared_error": "rmse"}
TOP = re.compile(r"top_([1-9][0-9]{0,5})")


def find_metrics(wanted: object, predicts: str) -> dict[str, Metric]:
    """Return metrics by their names.

    Parameters
    ----------
    wanted : list of str or callable
        Names, and functions `metric(y, predicted)`, which are called by their own names. "loss" and
        "accuracy" may be among them, although every evaluation has these.
    predicts : "classes", "numbers" or "answers"
        What the net predicts: one of several classes, numbers, or yes or no for each output.

    Raises
    ------
    TypeError, ValueError
        If one is none, or is none for these predictions, or two have the same name.
    """
    if isinstance(wanted, str) or callable(wanted) or not isinstance(wanted, Iterable):
        raise InvalidTypeError(f'metrics must be a list such as ["r2", "mae"], not {short(wanted)}')
    found: dict[str, Metric] = {}
    always = ("loss",) if predicts == "numbers" else ("loss", "accuracy")  # of every evaluation
    for each in wanted:
        if isinstance(each, str) and each in always:
            continue
        name, metric = _found(each, predicts)
        if name in found:
            raise InvalidValueError(f"two metrics are called {name!r}: give functions other names")
        found[name] = metric
    return found


def _found(wanted: object, predicts: str) -> tuple[str, Metric]:
    if callable(wanted):
        name = getattr(wanted, "__name__", type(wanted).__name__)
        return name, lambda judged: wanted(judged.y, judged.predicted)
    if not isinstance(wanted, str):
        raise InvalidTypeError(
            f"a metric is a name or a function of (y, predicted), not {short(wanted)}"
        )
    known = {"classes": CLASSES, "numbers": NUMBERS}.get(predicts, {})
    best = TOP.fullmatch(wanted)
    if predicts == "classes" and best:
        return wanted, _top(int(best[1]))
    names = [*known, *(["top_3"] if predicts == "classes" else [])]
    if (wanted in {"accuracy": None, **CLASSES, **NUMBERS} and wanted not in known) or best:
        there_is = f"there is {', '.join(names)}" if names else "give a function of (y, predicted)"
        raise InvalidValueError(
            f"the metric {wanted!r} is not for a net that predicts {predicts}: {there_is}"
        )
    if wanted not in known:
        raise unknown_name("metric", wanted, names, SYNONYMS)
    return wanted, known[wanted]
