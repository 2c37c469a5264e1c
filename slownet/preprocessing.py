"""Preparations of data: numbers brought to one scale, texts as columns of 0 and 1, gaps filled in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from slownet.checks import short, unknown_name
from slownet.datasets.tables import Table, frame_columns, is_frame, made_up
from slownet.datasets.tables.columns import NUMBER, Column, Target
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.samples import Preparation, Samples, as_list
from slownet.samples.plain import as_array, shape_of

__all__ = ["encode", "min_max", "standardise"]

ROWS_AT_ONCE = 4096


def standardise(X: Any, y: Any = None, *, missing: str = "error") -> Preparation:
    """Return what brings every column of numbers to the mean 0 and the standard deviation 1.

    Texts become one input of 0 and 1 for each category; true and false become 1 and 0. A column whose
    smallest and largest value are equal is only moved to 0.

    Parameters
    ----------
    X : Table, DataFrame, or (n, inputs) array or lists
        The rows to learn from, never those to test with.
    y : (n,) or (n, outputs), optional
        Numbers to predict, which are brought to the same scale; leave out classes. A Table has its own.
    missing : "error" or "mean"
        Whether a missing cell of a DataFrame is refused, or filled in: with the mean of its column, of
        texts with the most frequent one. A Table says it itself.

    Returns
    -------
    Preparation
        For `fit(..., prepare=...)`, or to be set as `net.preparation`; its `inputs` are the names of the
        inputs.

    Raises
    ------
    TypeError, ValueError
        If X or y cannot be used, or squares of the numbers overflow.

    Examples
    --------
    >>> from slownet import preprocessing
    >>> preparation = preprocessing.standardise([[20.0, 1.0], [30.0, 1.0], [40.0, 1.0]])
    >>> preparation.prepared([[30.0, 1.0]]).tolist()
    [[0.0, 0.0]]
    """
    return _scaled(X, y, missing, _standard)


def min_max(X: Any, y: Any = None, *, missing: str = "error") -> Preparation:
    """Return what brings every column of numbers to the range from 0 to 1.

    Parameters, returns, raises as for `standardise`.
    """
    return _scaled(X, y, missing, _range)


def encode(X: Any, y: Any = None, *, missing: str = "error") -> Preparation:
    """Return what makes inputs of texts and fills in what is missing, and leaves numbers as they are.

    Parameters, returns, raises as for `standardise`; y only gives the names of the targets.
    """
    return _scaled(X, y, missing, _same)


def check_prepare(name: str, value: object) -> Preparation | str | None:
    """Return the argument `prepare` of `fit`; TypeError or ValueError if it cannot be used."""
    if value is None or isinstance(value, Preparation):
        return value
    if not isinstance(value, str):
        raise InvalidTypeError(
            f"{name} must be one of {', '.join(SCALES)}, or a Preparation, not {short(value)}"
        )
    if value not in SCALES:
        raise unknown_name(name, value, SCALES)
    return value


def preparation_of(
    X: Any, y: Any, prepare: str | None, is_number: bool, rows: Any = None
) -> Preparation | None:
    """Return the preparation of the data that a net is to learn from, which `fit` makes.

    Parameters
    ----------
    X, y
        The arguments of `fit`.
    prepare : str or None
        How; None for data that are used as they are, whose names are kept.
    is_number : bool
        Whether the targets are numbers, and no classes.
    rows : array of int, optional
        The rows to learn the scales from: those that are not held out for a validation. The categories
        of texts are those of all rows.

    Returns
    -------
    Preparation or None
        None for data without names that are used as they are.
    """
    if prepare is None:
        if isinstance(X, Table) or (is_frame(X) and all(type(name) is str for name in X.columns)):
            return encode(X).with_targets(_named_targets(X, y))
        return None
    if is_number:
        return _scaled(X, y, "error", SCALES[prepare], rows)
    return _scaled(X, None, "error", SCALES[prepare], rows).with_targets(_named_targets(X, y))


# columns and targets

Scale = Callable[[Any], tuple[Any, Any]]  # the centre and the scale of each column of an array


def _scaled(X: Any, y: Any, missing: str, scale: Scale, rows: Any = None) -> Preparation:
    if missing not in ("error", "mean"):
        raise InvalidValueError(f'missing must be "error" or "mean", not {short(missing)}')
    is_named = isinstance(X, Table) or is_frame(X)
    columns, own = _columns(X, missing)
    chosen = slice(None) if rows is None else rows
    if y is None and isinstance(X, Table) and X.classes is None:
        y = X.y
    targets = _named_targets(X, y)
    if y is not None:
        scales = _scales_of(_numbers(y)[chosen], scale)
        targets = [
            Target(name, *numbers) for name, numbers in zip(_target_names(X, y), scales, strict=True)
        ]
    return Preparation(_with_scales(columns, own[chosen], scale), targets, is_named)


def _columns(X: Any, missing: str) -> tuple[Sequence[Column], Any]:
    """Return what the columns of X are, and its rows in their own units."""
    if isinstance(X, Table):
        return X.columns, X.X
    if is_frame(X):
        return frame_columns(X, missing)
    shape = shape_of(X)
    if len(shape) != 2:
        raise InvalidValueError(f"X must have a row for each sample, but has the shape {shape}")
    columns = [Column(name, NUMBER) for name in made_up(shape[1])]
    samples = Samples(X, shape[1])
    return columns, samples.block(0, len(samples))


def _with_scales(columns: Sequence[Column], own: Any, scale: Scale) -> list[Column]:
    places, first = [], 0
    for column in columns:
        places += [first] if column.kind == NUMBER else []
        first += len(column.inputs)
    found = iter(_scales_of(own if len(places) == own.shape[1] else own[:, places], scale))
    return [
        replace(column, centre=numbers[0], scale=numbers[1])
        if column.kind == NUMBER and (numbers := next(found))
        else column
        for column in columns
    ]


def _named_targets(X: Any, y: Any) -> list[Target]:
    """Return the targets without scales, if they have names."""
    names = _target_names(X, y)
    return [Target(name) for name in names] if any(names) else []


def _target_names(X: Any, y: Any) -> list[str]:
    if isinstance(X, Table):
        return [X.target]
    names = [*y.columns] if is_frame(y) else [getattr(y, "name", "")]
    if not is_frame(y) and y is not None:
        names *= max(1, len(_numbers(y)[0])) if len(shape_of(y)) == 2 else 1
    return [name if type(name) is str else "" for name in names]


def _numbers(y: Any) -> Any:
    """Return targets as [sample, target]; TypeError if they are no numbers."""
    import numpy as np

    targets = as_array("y", as_list(y, "y"))
    if targets.dtype.kind not in "biuf":
        raise InvalidTypeError(f"y must hold numbers to predict, not {short(targets.flat[0])}")
    found = targets.astype(np.float64).reshape(len(targets), -1)
    if not np.isfinite(found).all():
        raise InvalidValueError("y must hold finite numbers: leave out the rows whose target is missing")
    return found


def _scales_of(numbers: Any, scale: Scale) -> list[tuple[float, float]]:
    """Return the (centre, scale) of each column of an array."""
    import numpy as np

    if not numbers.shape[1]:
        return []
    with np.errstate(all="ignore"):
        centre, size = scale(numbers)
    if not (np.isfinite(centre).all() and np.isfinite(size).all()):
        raise InvalidValueError(
            "the numbers are too large to be scaled: sums of them, or of their squares, overflow"
        )
    is_constant = (numbers.min(axis=0) == numbers.max(axis=0)) | (size == 0.0)
    return list(zip(centre.tolist(), np.where(is_constant, 1.0, size).tolist(), strict=True))


def _standard(numbers: Any) -> tuple[Any, Any]:
    """Return the mean and the standard deviation; that of a constant column is exact."""
    import numpy as np

    low, high = numbers.min(axis=0), numbers.max(axis=0)
    mean = np.where(low == high, low, _sums(numbers) / len(numbers))
    return mean, np.sqrt(_sums(numbers, mean) / len(numbers))


def _range(numbers: Any) -> tuple[Any, Any]:
    low = numbers.min(axis=0)
    return low, numbers.max(axis=0) - low


def _same(numbers: Any) -> tuple[Any, Any]:
    import numpy as np

    width = numbers.shape[1]
    return np.zeros(width), np.ones(width)


def _sums(numbers: Any, mean: Any = None) -> Any:
    """Return the sum of each column, or of its squares about a mean, added up row by row.

    NumPy's own sums are in an order that depends on its version.
    """
    import numpy as np

    total = np.zeros(numbers.shape[1])
    for first in range(0, len(numbers), ROWS_AT_ONCE):
        part = numbers[first : first + ROWS_AT_ONCE]
        if mean is not None:
            part = (part - mean) ** 2
        total = np.add.accumulate(np.vstack([total, part]), axis=0)[-1]
    return total


SCALES: dict[str, Scale] = {"standardise": _standard, "min-max": _range, "encode": _same}
