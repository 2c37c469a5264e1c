"""The samples X of a user: checked as a whole, then read one at a time.

X is never converted as a whole: a row becomes a list of floats when it is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from copy import copy
from math import isfinite
from typing import TYPE_CHECKING, Any

from slownet.checks import as_float, short
from slownet.datasets.tables import Table
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.samples.plain import as_array, check_flat, refuse_masked, shape_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from slownet.samples.preparation import Preparation

ROWS_AT_ONCE = 4096  # bounds the memory that checking and hashing need


class Samples:
    """The rows of X as lists of floats.

    Parameters
    ----------
    X : (n, width) list, tuple, NumPy array or pandas DataFrame
        The user's samples.
    width : int
        How many numbers a sample has.
    name : str
        The name of X in errors.
    check : bool
        Whether to look for numbers that are not finite at once; otherwise `check` must be called later.
    preparation : Preparation, optional
        What turns X, in the units of its table, into the numbers that the net gets.

    Attributes
    ----------
    width : int
        How many numbers a sample has.

    Raises
    ------
    TypeError
        If X is none of these.
    ValueError
        If X has another shape, or holds a number that is not finite; the message names the place.
    """

    def __init__(
        self,
        X: Any,
        width: int,
        name: str = "X",
        check: bool = True,
        preparation: Preparation | None = None,
    ) -> None:
        self.width, self._name = width, name
        if preparation is not None:
            X = preparation.own(X, name)
        elif isinstance(X, Table):
            X = X.X
        if hasattr(X, "__array__"):
            self._rows: Any = _check_array(X, width, name)
            self._plain = False
            if check:
                self.check()
        elif isinstance(X, (list, tuple)):
            self._rows = X
            self._plain = _check_lists(X, width, name)  # lists of floats are used without a copy
        else:
            raise InvalidTypeError(
                f"{name} must be a list, tuple, NumPy array or pandas DataFrame of samples, "
                f"not {type(X).__name__}"
            )
        if not len(self._rows):
            raise InvalidValueError(f"{name} has no samples: give at least one")
        scaled = None if preparation is None else preparation.scaled(self._rows, name)
        if scaled is not None:
            self._rows, self._plain = scaled, False

    def check(self) -> None:
        """Raise ValueError, naming the place, if a number is not finite; lists were checked before."""
        if getattr(getattr(self._rows, "dtype", None), "kind", "") == "f":
            _check_finite(self._rows, self._name)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> list[float]:
        row: Any = self._rows[index]
        if self._plain:
            return row  # type: ignore[no-any-return]
        return list(map(float, row.tolist() if hasattr(row, "tolist") else row))

    def __iter__(self) -> Iterator[list[float]]:
        for index in range(len(self)):
            yield self[index]

    def at(self, rows: npt.NDArray[np.int64]) -> Samples:
        """Return a copy that has only some of the rows."""
        found = copy(self)
        is_array = hasattr(self._rows, "dtype")
        found._rows = self._rows[rows] if is_array else [self._rows[row] for row in rows.tolist()]
        return found

    def block(self, first: int, last: int) -> npt.NDArray[np.float64]:
        """Return some of the rows as a C-contiguous float64 array: a view of X where X is one."""
        import numpy as np

        return np.require(self._rows[first:last], np.float64, ["C", "W"])


def read_sample(inputs: Any, width: int) -> list[float]:
    """Return one sample as floats.

    Raises
    ------
    TypeError, ValueError
        If it is not one number for each input neuron.
    """
    numbers: list[float] = []
    if not isinstance(inputs, (str, bytes)):
        refuse_masked("inputs", inputs)
        listed = inputs.tolist() if hasattr(inputs, "tolist") else inputs
        try:
            numbers = [as_float("one of the inputs", number) for number in listed]
        except InvalidValueError:  # beyond the largest float
            raise
        except (TypeError, ValueError):
            pass
    if not numbers:
        check_flat("inputs", inputs, width)
        raise InvalidTypeError(f"inputs must be one number an input neuron, not {short(inputs)}")
    if len(numbers) != width:
        raise InvalidValueError(f"got {len(numbers)} inputs for {width} input neurons")
    return numbers


def _check_array(X: Any, width: int, name: str) -> Any:
    array = as_array(name, X)
    if array.ndim < 2:
        raise InvalidValueError(
            f"{name} must be a list of samples, one row each, but has shape {array.shape}; a single "
            f"sample goes in a list: [x]"
        )
    if array.ndim > 2:
        check_flat(f"{name}[0]", array[0] if len(array) else array, width)
    if array.shape[1] != width:
        raise InvalidValueError(
            f"{name} has shape {array.shape}, but this net takes samples of {width} numbers: "
            f"expected (n, {width})"
        )
    if array.dtype.kind == "O":
        array = _as_floats(array, name)
    if array.dtype.kind not in "biuf":
        raise InvalidTypeError(f"{name} must hold numbers, not {array.dtype}")
    return array


def _as_floats(array: npt.NDArray[Any], name: str) -> npt.NDArray[np.float64]:
    """Return a float64 copy of numbers of different types."""
    import numpy as np

    if all(map(_is_number, map(type, array.flat))):
        with suppress(OverflowError):  # for an int beyond all floats
            return array.astype(np.float64)
    numbers = np.empty(array.shape)
    try:
        for row, column in np.ndindex(array.shape):
            numbers[row, column] = as_float(f"{name}[{row}][{column}]", array[row, column])
    except InvalidTypeError as error:
        raise InvalidTypeError(f"{error}: make every column numeric") from None
    return numbers


def _check_finite(array: npt.NDArray[Any], name: str) -> None:
    import numpy as np

    for start in range(0, len(array), ROWS_AT_ONCE):
        rows = array[start : start + ROWS_AT_ONCE]
        with np.errstate(all="ignore"):
            if np.isfinite(rows.sum()):  # the quickest way to see that all are finite
                continue
        finite = np.isfinite(rows)
        if not finite.all():
            row, column = map(int, np.argwhere(~finite)[0])
            raise _not_finite(name, start + row, column, array[start + row, column])


def _check_lists(X: Sequence[Any], width: int, name: str) -> bool:
    """Check every row; return whether all are lists of floats already."""
    plain = True
    for index, row in enumerate(X):
        is_plain = type(row) is list and len(row) == width and set(map(type, row)) == {float}
        if not (is_plain and all(map(isfinite, row))):  # mostly all are
            _check_row(name, index, row, width)
        plain = plain and is_plain
    return plain


def _check_row(name: str, index: int, row: Any, width: int) -> None:
    """Refuse what is no sample of `width` finite numbers."""
    here = f"{name}[{index}]"
    if hasattr(row, "__array__"):
        as_array(here, row)
    is_list = hasattr(row, "__getitem__") and hasattr(row, "__len__") and shape_of(row) != ()
    if not is_list or isinstance(row, (str, bytes, dict)):
        raise InvalidValueError(
            f"{here} must be a sample of {width} numbers, not {short(row)}; a single sample "
            "goes in a list: [x]"
        )
    check_flat(here, row, width)
    if len(row) != width:
        raise InvalidValueError(f"{here} has {len(row)} numbers, but this net takes samples of {width}")
    types = set(map(type, row)) if isinstance(row, (list, tuple)) else set()
    try:
        finite = all(map(_is_number, types)) and all(map(isfinite, row))
    except (TypeError, OverflowError):  # a text in an array, an int beyond all floats
        finite = False
    numbers = () if finite else row
    for column, number in enumerate(numbers):
        if not isfinite(as_float(f"{here}[{column}]", number)):
            raise _not_finite(name, index, column, number)


def _is_number(kind: type) -> bool:
    """Whether values of a type are numbers of Python or NumPy, which `float` converts quickly."""
    name = kind.__name__.rstrip("0123456789_")
    is_numpys = kind.__module__ == "numpy" and name in ("float", "int", "uint", "bool", "longdouble")
    return issubclass(kind, (float, int)) or is_numpys


def _not_finite(name: str, row: int, column: int, number: object) -> InvalidValueError:
    return InvalidValueError(
        f"{name}[{row}][{column}] is {short(number)}: fill in or leave out what is missing before "
        "training"
    )
