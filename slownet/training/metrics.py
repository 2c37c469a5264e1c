"""How right predictions are, in numbers: plain functions of targets and predictions."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, inf
from typing import TYPE_CHECKING, Any

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
