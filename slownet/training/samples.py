"""Reading a user's X and y: checked as a whole, then handed out one sample at a time.

X is never converted as a whole: a row becomes a list of floats when it is visited.
"""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING, Any

from slownet.errors import InvalidTypeError, InvalidValueError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from slownet.functions import Loss
    from slownet.objects import Net

ROWS_AT_ONCE = 4096  # to need little memory


class Samples:
    """The rows of X as lists of floats.

    Parameters
    ----------
    X : (n, width) list, tuple, NumPy array or pandas DataFrame
        What the user gave.
    width : int
        How many numbers a sample has.
    name : str
        What to call it in errors.
    check : bool
        Whether to look for numbers that are not finite, which `check` does later otherwise.

    Attributes
    ----------
    width : int
        How many numbers a sample has.

    Raises
    ------
    TypeError
        If X is none of these.
    ValueError
        If X has another shape, or holds what is not a finite number; the message says where.
    """

    def __init__(self, X: Any, width: int, name: str = "X", check: bool = True) -> None:
        self.width, self._name = width, name
        if hasattr(X, "__array__"):
            self._rows: Any = _check_array(X, width, name)
            self._plain = False
            if check:
                self.check()
        elif isinstance(X, (list, tuple)):
            self._rows = X
            self._plain = _check_lists(X, width, name)  # lists of floats serve as they are
        else:
            raise InvalidTypeError(
                f"{name} must be a list, tuple, NumPy array or pandas DataFrame of samples, "
                f"not {type(X).__name__}"
            )
        if not len(self._rows):
            raise InvalidValueError(f"{name} has no samples")

    def check(self) -> None:
        """Raise ValueError if a number is not finite, and say where; lists were checked before."""
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

    def block(self, first: int, last: int) -> npt.NDArray[np.float64]:
        """Return some of the rows as an array, row after row; a view of X where that is one."""
        import numpy as np

        return np.require(self._rows[first:last], np.float64, ["C", "W"])


def _check_array(X: Any, width: int, name: str) -> Any:
    import numpy as np

    array = np.asarray(X)
    if array.ndim == 1:
        raise InvalidValueError(
            f"{name} must be a list of samples, one row each, but has shape {array.shape}; a single "
            f"sample goes in a list: [x]"
        )
    if array.ndim != 2 or array.shape[1] != width:
        raise InvalidValueError(
            f"{name} has shape {array.shape}, but this net takes samples of {width} numbers: "
            f"expected (n, {width})"
        )
    if array.dtype.kind == "O":  # columns of different types: one copy, as float64
        bad = next((cell for cell in array.flat if not isinstance(cell, numbers.Real)), None)
        if bad is not None:
            raise InvalidTypeError(
                f"{name} must hold numbers, but has {bad!r}: make every column numeric"
            )
        array = array.astype(np.float64)
    if array.dtype.kind not in "biuf":
        raise InvalidTypeError(f"{name} must hold numbers, not {array.dtype}")
    return array


def _check_finite(array: npt.NDArray[Any], name: str) -> None:
    import numpy as np

    for start in range(0, len(array), ROWS_AT_ONCE):
        rows = array[start : start + ROWS_AT_ONCE]
        with np.errstate(all="ignore"):
            if np.isfinite(rows.sum()):  # the quickest way to see that all are finite
                continue
        fine = np.isfinite(rows)
        if not fine.all():
            row, column = map(int, np.argwhere(~fine)[0])
            raise _not_finite(name, start + row, column, array[start + row, column])


def _check_lists(X: Sequence[Any], width: int, name: str) -> bool:
    """Check every row; return whether all are lists of floats already."""
    plain = True
    for index, row in enumerate(X):
        if not hasattr(row, "__getitem__") or isinstance(row, (str, bytes, dict)):
            raise InvalidValueError(
                f"{name}[{index}] must be a sample of {width} numbers, not {row!r}; a single sample "
                "goes in a list: [x]"
            )
        if len(row) != width:
            raise InvalidValueError(
                f"{name}[{index}] has {len(row)} numbers, but this net takes samples of {width}"
            )
        try:
            fine = all(map(isfinite, row))
        except (TypeError, OverflowError):
            raise InvalidTypeError(f"{name}[{index}] must hold numbers only, but is {row!r}") from None
        if not fine:
            column = next(place for place, number in enumerate(row) if not isfinite(number))
            raise _not_finite(name, index, column, row[column])
        plain = plain and isinstance(row, list) and set(map(type, row)) == {float}
    return plain


def _not_finite(name: str, row: int, column: int, number: object) -> InvalidValueError:
    return InvalidValueError(
        f"{name}[{row}][{column}] is {number}: fill in or leave out what is missing before training"
    )


class Encoder:
    """Turns what a user calls a target into one number an output neuron, as the loss wants them.

    Parameters
    ----------
    outputs : int
        How many output neurons there are.
    loss : Loss
        Says what kind of target it takes.
    classes : list, optional
        The class labels, where they are not simply 0, 1, 2, ...
    """

    def __init__(self, outputs: int, loss: Loss, classes: Sequence[Any] | None = None) -> None:
        self.outputs, self.loss, self.classes = outputs, loss, classes
        low = -1.0 if loss.target == "sign" else 0.0
        codes: list[list[float]] = []
        if loss.target == "class":
            codes = [[float(i == k) for i in range(outputs)] for k in range(outputs)]
        elif loss.target in ("binary", "sign") and outputs == 1:
            codes = [[low], [1.0]]
        labels: Sequence[Any] = range(len(codes)) if loss.target == "class" else (low, 1.0)
        if codes and classes is not None:
            if len(classes) != len(codes):
                raise InvalidValueError(
                    f"there are {len(classes)} classes {list(classes)!r}, but this net tells "
                    f"{len(codes)} apart: give it an output neuron for each (one for two classes), or "
                    "set net.classes to the full list"
                )
            labels = classes
        self._codes: dict[Hashable, list[float]] = dict(zip(labels, codes, strict=False))
        self._allowed = (low, 1.0) if loss.target in ("binary", "sign") else ()

    def encode(self, target: Any, name: str = "target") -> list[float]:
        """Return the numbers for one target.

        Raises
        ------
        TypeError, ValueError
            If it is no target for this loss; the message says what would be.
        """
        if hasattr(target, "tolist"):
            target = target.tolist()
        if self._codes:
            if isinstance(target, list) and len(target) == 1 == self.outputs:
                target = target[0]
            try:
                return self._codes[target]
            except (KeyError, TypeError):
                raise self._refusal(target, name) from None
        numbers = list(target) if isinstance(target, (list, tuple)) else [target]
        if len(numbers) != self.outputs:
            raise InvalidValueError(
                f"{name} must have {self.outputs} number(s), one an output neuron, not {target!r}"
            )
        for number in numbers:
            if isinstance(number, str) or not hasattr(number, "__float__"):
                raise InvalidTypeError(f"{name} must be a number for {self.loss.name}, not {number!r}")
            if not isfinite(number) or (self._allowed and number not in self._allowed):
                raise self._refusal(number, name)
        return list(map(float, numbers))

    def encode_all(self, y: Any, count: int, name: str = "y") -> list[list[float]]:
        """Return the numbers for every target of y, which must have `count`."""
        targets = as_list(y, name)
        if len(targets) != count:
            raise InvalidValueError(f"got {count} samples but {len(targets)} targets in {name}")
        if self._codes:
            try:
                return [self._codes[target] for target in targets]
            except (KeyError, TypeError):
                pass  # then say which it is
        return [self.encode(target, f"{name}[{index}]") for index, target in enumerate(targets)]

    def is_right(self, values: list[float], targets: list[float]) -> bool:
        """Whether the output values mean the class (for several yes/no outputs: all) of the targets."""
        kind = self.loss.target
        return decided(kind, values) == decided(kind, targets)

    @property
    def has_classes(self) -> bool:
        """Whether predictions are right or wrong rather than near or far."""
        return self.loss.target != "number"

    def _refusal(self, target: object, name: str) -> InvalidValueError:
        if self.loss.target == "number":
            wanted = "a finite number"
        elif self._codes and len(self._codes) > 12:
            wanted = f"a class from {min(self._codes)} to {max(self._codes)}"  # type: ignore[type-var]
        else:
            wanted = "one of " + ", ".join(map(repr, self._codes or self._allowed))
        hint = "; net.classes = [...] sets the labels" if self._codes else ""
        if isinstance(target, (list, tuple)):
            hint = "; rows of 0 and 1 become class indices with y.argmax(axis=1)"
        elif self.loss.target == "sign" and target == 0:
            hint = "; 0 and 1 become -1 and +1 with 2 * y - 1"
        return InvalidValueError(f"{name} must be {wanted} for {self.loss.name}, not {target!r}{hint}")


def decided(kind: str, values: list[float]) -> list[int]:
    """Return the class that output values mean or, for yes/no outputs, 0 or 1 for each of them.

    The largest value decides between classes; a yes is a value above 0.5, and above 0 for hinge.
    """
    if kind == "class":
        return [values.index(max(values))]
    middle = 0.0 if kind == "sign" else 0.5
    return [int(value > middle) for value in values]


def encoder_for(net: Net, loss: Loss | None = None, classes: Sequence[Any] | None = None) -> Encoder:
    """Return the encoder of a net's targets."""
    return Encoder(
        len(net._wired.output.neurons),
        net.loss if loss is None else loss,
        net.classes if classes is None else classes,
    )


def text_classes(y: Any, loss: Loss) -> list[Any] | None:
    """Return the sorted labels of y if they are text, which a net must remember."""
    if loss.target not in ("class", "binary", "sign"):
        return None
    if getattr(getattr(y, "dtype", None), "kind", "O") in "biuf":
        return None
    labels = as_list(y, "y")
    if not any(isinstance(label, str) for label in labels):
        return None
    for index, label in enumerate(labels):
        if not isinstance(label, str):
            raise InvalidTypeError(
                f"y[{index}] is {label!r} where other labels are text: give all as text or none"
            )
    return sorted(set(labels))


def as_list(y: Any, name: str) -> list[Any]:
    """Return the targets as a list of plain Python things."""
    if hasattr(y, "__array__"):
        import numpy as np

        array = np.asarray(y)
        if array.ndim == 2 and array.shape[1] == 1:
            array = array[:, 0]
        return list(array.tolist()) if array.ndim else [array.item()]
    if isinstance(y, (list, tuple, range)):
        return list(y)
    raise InvalidTypeError(
        f"{name} must be a list, tuple, NumPy array or pandas Series of targets, not {type(y).__name__}"
    )


def fingerprint(samples: Samples, targets: Iterable[list[float]]) -> dict[str, str]:
    """Return what tells data from other data: SHA-256 of the numbers, as float64, and of their shape."""
    import hashlib

    import numpy as np

    inputs = hashlib.sha256(f"{len(samples)}, {samples.width}".encode())
    for first in range(0, len(samples), ROWS_AT_ONCE):
        inputs.update(samples.block(first, first + ROWS_AT_ONCE).astype("<f8", copy=False).data)
    wanted = np.fromiter(chain.from_iterable(targets), "<f8")
    return {"X": inputs.hexdigest(), "y": hashlib.sha256(wanted.data).hexdigest()}


def column_names(X: Any) -> dict[str, list[str]]:
    """Return `{"names": ...}` for a table whose columns are named by texts, as pandas has them."""
    names = list(getattr(X, "columns", ()))
    return {"names": names} if names and all(type(name) is str for name in names) else {}


def check_recordable(name: str, labels: Iterable[Any] | None) -> None:
    """Raise TypeError for labels that a file cannot hold."""
    for label in labels or ():
        parts = label if isinstance(label, list) else [label]
        if not all(part is None or type(part) in (str, int, float, bool) for part in parts):
            raise InvalidTypeError(
                f"{name} can be recorded as text and numbers only, not as {type(label).__name__}: "
                f"{label!r}"
            )


def encode_target(net: Net, target: object) -> list[float]:
    """Return one target as one number an output neuron."""
    return encoder_for(net).encode(target)
