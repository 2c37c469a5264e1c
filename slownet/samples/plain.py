"""What users hand over, as plain Python values and NumPy arrays."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import TYPE_CHECKING, Any

from slownet.checks import is_masked, short
from slownet.errors import InvalidTypeError, InvalidValueError

if TYPE_CHECKING:
    import numpy.typing as npt

PLAIN = frozenset((int, float, str, bool, type(None)))


def plain(value: Any) -> Any:
    """Return a number of NumPy, or an array without a dimension, as Python's; all else as it is."""
    if type(value) in PLAIN or getattr(value, "ndim", None) != 0 or is_masked(value):
        return value
    return value.item() if hasattr(value, "item") else value


def plain_list(values: Iterable[Any]) -> list[Any]:
    """Return values in a list, NumPy's numbers as Python's, in lists of them too."""
    found = list(values)
    if PLAIN.issuperset(map(type, found)):
        return found
    return [_plain_part(each) for each in found]


def _plain_part(value: Any) -> Any:
    if isinstance(value, list):
        return plain_list(value)
    return tuple(plain_list(value)) if type(value) is tuple else plain(value)


def refuse_masked(name: str, values: object) -> None:
    """Raise TypeError for a masked array of NumPy: its mask would be dropped."""
    if is_masked(values):
        raise InvalidTypeError(
            f"{name} is masked: fill in what is masked with filled(...), or leave those samples out"
        )


def as_array(name: str, values: Any) -> npt.NDArray[Any]:
    """Return a NumPy array, a table or a tensor as an array.

    Raises
    ------
    TypeError
        If it is a masked array, or a tensor that cannot be converted, as one that requires a gradient.
    """
    import numpy as np

    refuse_masked(name, values)
    try:
        return np.asarray(values)
    except Exception as error:  # whatever another library raises
        reason = " ".join(str(error).split())[:200]
        raise InvalidTypeError(
            f"{name}, of type {type(values).__name__}, is not converted to an array: {reason}"
        ) from error


def shape_of(row: Any) -> tuple[int, ...]:
    """Return the shape of an array, or of lists in lists, as that of the first of each."""
    shape = getattr(row, "shape", None)
    if isinstance(shape, tuple):
        return shape
    found: list[int] = []
    while isinstance(row, (list, tuple)) and len(found) < 8:
        found.append(len(row))
        row = row[0] if row else None
    return (*found, *getattr(row, "shape", ()))


def check_flat(name: str, row: Any, width: int) -> None:
    """Raise ValueError for a sample that has several dimensions; the message has its shape."""
    shape = shape_of(row)
    if len(shape) > 1:
        if len(shape) == 2 and shape[0] > 1 and shape[1] == width > 1:
            raise InvalidValueError(
                f"{name} has shape {short(shape)}: expected one sample of {width} numbers, not "
                f"{shape[0]} of them; predict takes many"
            )
        count = prod(shape)
        takes = "" if count == width else f", and this net takes samples of {width}"
        raise InvalidValueError(
            f"{name} has shape {short(shape)}: give its {count} numbers in a row{takes}"
        )
