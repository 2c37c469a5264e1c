"""Preparations of data: numbers brought to one scale, texts as columns of 0 and 1, gaps filled in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from slownet.checks import as_float, short, unknown_name
from slownet.datasets.tables import Table, frame_columns, is_frame, made_up
from slownet.datasets.tables.columns import NUMBER, Column, Target
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.samples import Preparation, Samples, as_list
from slownet.samples.plain import as_array, shape_of

__all__ = ["encode", "min_max", "standardise"]

CELLS_AT_ONCE = 1 << 20  # bounds the memory that sums need


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
        Whether a missing cell is refused, or filled in: with the mean of its column, of texts with the
        most frequent one. New rows are filled in with the same. A Table says it itself.

    Returns
    -------
    Preparation
        For `fit(..., prepare=...)`, or to be set as `net.preparation`; its `inputs` are the names of the
        inputs.

    Raises
    ------
    TypeError, ValueError
        If X or y cannot be used, or sums of the numbers overflow.

    Examples
    --------
    >>> from slownet import preprocessing
    >>> preparation = preprocessing.standardise([[20.0, 1.0], [30.0, 1.0], [40.0, 1.0]])
    >>> preparation.prepared([[30.0, 1.0]]).tolist()
    [[0.0, 0.0]]
    """
    return _scaled(X, y, missing, _standard)[0]


def min_max(X: Any, y: Any = None, *, missing: str = "error") -> Preparation:
    """Return what brings every column of numbers to the range from 0 to 1.

    Parameters, returns, raises as for `standardise`. New rows may lie outside of that range.

    Examples
    --------
    >>> from slownet import preprocessing
    >>> preparation = preprocessing.min_max([[20.0], [30.0], [40.0]], [100, 200, 500])
    >>> preparation.prepared([[20.0], [25.0], [50.0]]).tolist()
    [[0.0], [0.25], [1.5]]
    >>> preparation.targets
    (Target(name='', centre=100.0, scale=400.0),)
    """
    return _scaled(X, y, missing, _range)[0]


def encode(X: Any, y: Any = None, *, missing: str = "error") -> Preparation:
    """Return what makes inputs of texts and fills in what is missing, and leaves numbers as they are.

    Parameters, returns, raises as for `standardise`; y only gives the names of the targets.

    Examples
    --------
    >>> import pandas as pd
    >>> from slownet import preprocessing
    >>> frame = pd.DataFrame({"km": [3, None, 5, 4], "sky": ["sun", "rain", "sun", None]})
    >>> preparation = preprocessing.encode(frame, missing="mean")
    >>> preparation.inputs
    ['km', 'sky=rain', 'sky=sun']
    >>> preparation.own(frame).tolist()
    [[3.0, 0.0, 1.0], [4.0, 1.0, 0.0], [5.0, 0.0, 1.0], [4.0, 0.0, 1.0]]
    """
    return _scaled(X, y, missing, _same)[0]


def check_prepare(name: str, value: object) -> Preparation | str | None:
    """Return the argument `prepare` of `fit`; TypeError or ValueError if it cannot be used."""
    if value is None or isinstance(value, Preparation):
        return value
    if not isinstance(value, str):
        raise InvalidTypeError(
            f"{name} must be one of {', '.join(PREPARATIONS)}, or a Preparation, not {short(value)}"
        )
    if value not in PREPARATIONS:
        raise unknown_name(name, value, PREPARATIONS)
    return value


def preparation_of(
    X: Any, y: Any, prepare: str | None, is_number: bool, chosen: Any = None
) -> Preparation | None:
    """Return the preparation of the data that a net is to learn from; see `rows_prepared`."""
    return rows_prepared(X, y, prepare, is_number, chosen)[0]


def rows_prepared(
    X: Any, y: Any, prepare: str | None, is_number: bool, chosen: Any = None
) -> tuple[Preparation | None, Any]:
    """Return the preparation of the data that a net is to learn from, which `fit` makes, and the rows.

    Parameters
    ----------
    X, y
        The arguments of `fit`.
    prepare : str or None
        How; None for data that are used as they are, whose names are kept.
    is_number : bool
        Whether the targets are numbers, and no classes.
    chosen : array of int, optional
        The rows to learn the scales from: those that are not held out for a validation. The categories
        of texts are those of all rows.

    Returns
    -------
    preparation : Preparation or None
        None for data without names that are used as they are.
    rows
        What `preparation.own` would return; X itself without a preparation.
    """
    if prepare is None:
        has_names = is_frame(X) and (_has_names(X) or not _are_numbers(X))
        if not (has_names or isinstance(X, Table)):
            return None, X
        return _scaled(X, y, "error", _same)
    if is_number:
        return _scaled(X, y, "error", PREPARATIONS[prepare], chosen=chosen)
    scale = PREPARATIONS[prepare]
    preparation, rows = _scaled(X, None, "error", scale, scales_targets=False, chosen=chosen)
    return preparation.with_targets(named_targets(X, y)), rows


def named_targets(X: Any, y: Any) -> list[Target]:
    """Return the targets of `fit` without scales, if they have names."""
    names = _target_names(X, y)
    return [Target(name) for name in names] if any(names) else []


# columns and targets

Scale = Callable[[Any], tuple[Any, Any]]  # the centre and the scale of each column of an array


def _scaled(
    X: Any,
    y: Any,
    missing: str,
    scale: Scale,
    scales_targets: bool = True,
    chosen: Any = None,
) -> tuple[Preparation, Any]:
    """Return a preparation of X and y, and the rows of X in their own units.

    The scales are those of the chosen rows, by default of all.
    """
    if missing not in ("error", "mean"):
        raise InvalidValueError(f'missing must be "error" or "mean", not {short(missing)}')
    columns, own = _columns(X, missing)
    chosen = slice(None) if chosen is None else chosen
    if y is None and isinstance(X, Table) and X.classes is None:
        y = X.y
    targets = named_targets(X, y)
    if y is not None and scales_targets and scale is not _same:
        names = _target_names(X, y)
        scales = _scales_of(_numbers(y)[chosen], [name or "y" for name in names], scale)
        targets = [Target(name, *numbers) for name, numbers in zip(names, scales, strict=True)]
    is_named = isinstance(X, Table) or (is_frame(X) and _has_names(X))
    return Preparation(_with_scales(columns, own[chosen], scale), targets, is_named), own


def _columns(X: Any, missing: str) -> tuple[Sequence[Column], Any]:
    """Return what the columns of X are, and its rows in their own units."""
    if isinstance(X, Table):
        return X.columns, X.X
    if not is_frame(X):
        shape = shape_of(X)
        if len(shape) != 2 or not all(shape):
            Samples(X, 1)  # says what is wrong with it
            raise InvalidValueError(f"X must have a row for each sample, but has the shape {shape}")
        if missing == "error" and not _has_texts(X):
            samples = Samples(X, shape[1])
            return [Column(name, NUMBER) for name in made_up(shape[1])], samples.block(0, len(samples))
        X = _as_frame(X)
    if not X.shape[1]:
        raise InvalidValueError("X must have at least one column")
    return frame_columns(X if _has_names(X) else X.set_axis(made_up(X.shape[1]), axis=1), missing)


def _as_frame(X: Any) -> Any:
    import pandas as pd

    rows = as_array("X", X) if hasattr(X, "__array__") else X
    try:
        return pd.DataFrame(rows).infer_objects()
    except (TypeError, ValueError) as error:
        raise InvalidValueError(f"X must have a row for each sample: {error}") from None


def _has_names(frame: Any) -> bool:
    return all(type(name) is str for name in frame.columns)


def _are_numbers(frame: Any) -> bool:
    return all(dtype.kind in "biuf" for dtype in frame.dtypes)


def _has_texts(X: Any) -> bool:
    """Whether texts are among the cells of an array or of lists."""
    if hasattr(X, "__array__"):
        cells = as_array("X", X)
        return cells.dtype.kind in "US" or (
            cells.dtype.kind == "O" and any(isinstance(cell, str) for cell in cells.flat)
        )
    return any(isinstance(cell, str) for row in X if isinstance(row, (list, tuple)) for cell in row)


def _with_scales(columns: Sequence[Column], own: Any, scale: Scale) -> list[Column]:
    numbers = [column for column in columns if column.kind == NUMBER]
    places, first = [], 0
    for column in columns:
        places += [first] if column.kind == NUMBER else []
        first += len(column.inputs)
    chosen = own if len(places) == own.shape[1] else own[:, places]
    found = iter(_scales_of(chosen, [column.name for column in numbers], scale))
    scales = (next(found) if column.kind == NUMBER else (0.0, 1.0) for column in columns)
    return [
        replace(column, centre=centre, scale=size)
        for column, (centre, size) in zip(columns, scales, strict=True)
    ]


def _target_names(X: Any, y: Any) -> list[str]:
    if isinstance(X, Table) and (y is None or y is X.y):
        return [X.target]
    if is_frame(y):
        names = [*y.columns]
    else:
        names = [getattr(y, "name", "")]
        shape = () if y is None else shape_of(y)
        names *= shape[1] if len(shape) == 2 else 1
    return [name if type(name) is str else "" for name in names]


def _numbers(y: Any) -> Any:
    """Return targets as [sample, target]; TypeError or ValueError if they are no finite numbers."""
    import numpy as np

    targets: Any = as_list(y, "y")
    if not targets:
        raise InvalidValueError("y has no targets")
    if {int, float, bool}.issuperset(map(type, targets)):
        with suppress(OverflowError):  # for an int beyond all floats
            targets = np.array(targets, np.float64)[:, None]
    if isinstance(targets, list):
        rows = [
            [row] if isinstance(row, str) or not hasattr(row, "__len__") else [*row] for row in targets
        ]
        if len(set(map(len, rows))) != 1:
            raise InvalidValueError("y must have the same number of targets for each sample")
        targets = np.array([[as_float(f"y[{k}]", each) for each in row] for k, row in enumerate(rows)])
    are_finite = np.isfinite(targets)
    if not are_finite.all():
        place, which = np.argwhere(~are_finite)[0]
        raise InvalidValueError(
            f"y[{place}] must be finite, not {targets[place, which]}: leave out the rows whose target "
            "is missing"
        )
    return targets


def _scales_of(numbers: Any, names: Sequence[str], scale: Scale) -> list[tuple[float, float]]:
    """Return the (centre, scale) of each column of an array."""
    import numpy as np

    if not numbers.shape[1]:
        return []
    with np.errstate(all="ignore"):
        centre, size = scale(numbers)
    are_finite = np.isfinite(centre) & np.isfinite(size)
    if not are_finite.all():
        name = names[int(are_finite.argmin())]
        raise InvalidValueError(
            f"the numbers of {short(name)} are too large to be scaled: their sum, or the difference "
            "between the largest and the smallest, overflows"
        )
    return list(zip(centre.tolist(), np.where(size > 0.0, size, 1.0).tolist(), strict=True))


def _standard(numbers: Any) -> tuple[Any, Any]:
    """Return the mean and the standard deviation; of a constant column its value, and 0."""
    import numpy as np

    low, size = _range(numbers)
    mean = np.where(size == 0.0, low, _sums(numbers) / len(numbers))
    # squares of numbers that were multiplied by a power of 2 do not overflow
    is_finite = np.isfinite(size)  # `frexp` of infinity is every machine's own
    unit = np.ldexp(1.0, np.clip(-np.frexp(np.where(is_finite, size, 1.0))[1], -1000, 1000))
    deviation = np.sqrt(_sums(numbers, mean, unit) / len(numbers)) / unit
    return mean, np.where(is_finite, deviation, size)


def _range(numbers: Any) -> tuple[Any, Any]:
    low = numbers.min(axis=0)
    return low, numbers.max(axis=0) - low


def _same(numbers: Any) -> tuple[Any, Any]:
    import numpy as np

    width = numbers.shape[1]
    return np.zeros(width), np.ones(width)


def _sums(numbers: Any, mean: Any = None, unit: Any = 1.0) -> Any:
    """Return the sum of each column, or of its squares about a mean, added up row by row.

    NumPy's own sums are in an order that depends on its version.
    """
    import numpy as np

    total = np.zeros(numbers.shape[1])
    rows = max(1, CELLS_AT_ONCE // len(total))
    for first in range(0, len(numbers), rows):
        part = numbers[first : first + rows]
        part = part.copy() if mean is None else ((part - mean) * unit) ** 2
        part[0] = total + part[0]
        total = np.add.accumulate(part, axis=0, out=part)[-1]
    return total


PREPARATIONS: dict[str, Scale] = {"standardise": _standard, "min-max": _range, "encode": _same}
