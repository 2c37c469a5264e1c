"""What turns the rows of a table into the inputs of a net, and its outputs into the target's unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from math import isfinite
from typing import TYPE_CHECKING, Any

from slownet.checks import did_you_mean, short
from slownet.datasets.tables import Table, frame_rows, is_frame
from slownet.datasets.tables.columns import CATEGORY, NUMBER, Column, Target
from slownet.datasets.tables.options import names_text
from slownet.errors import InvalidTypeError, InvalidValueError, TableWarning, warn
from slownet.samples.inputs import Samples
from slownet.samples.plain import as_array

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

PARTS = ("columns", "targets", "is_named")


@dataclass(frozen=True, init=False, repr=False)
class Preparation:
    """What turns the rows of a table into the inputs of a net, and its outputs into the target's unit.

    A number becomes (number - centre) / scale; true and false become 1 and 0; a text becomes one input
    for each category, 1 for its own and 0 for the others; what is missing is filled in first. An output
    is brought back as output * scale + centre. `slownet.preprocessing` makes one of data; a net keeps it
    as `net.preparation`, and files keep it with the net.

    Parameters
    ----------
    columns : iterable of Column
        What the columns are, in the order of the inputs.
    targets : iterable of Target
        What is predicted: one for each output where these are numbers, otherwise one at most.
    is_named : bool
        Whether the columns have names of their own, by which those of a table are found. Otherwise their
        order decides.

    Attributes
    ----------
    columns, targets, is_named
        As above; the first two as tuples.

    Raises
    ------
    TypeError, ValueError
        If these are no columns and targets, or two columns have the same name.

    Examples
    --------
    >>> from slownet import Preparation
    >>> from slownet.datasets import Column
    >>> size = Column("size (cm)", "number", centre=170.0, scale=10.0)
    >>> preparation = Preparation([size, Column("eyes", "category", ("blue", "brown"))])
    >>> preparation.inputs
    ['size (cm)', 'eyes=blue', 'eyes=brown']
    >>> preparation.prepared([[185.0, "brown"]]).tolist()
    [[1.5, 0.0, 1.0]]
    """

    columns: tuple[Column, ...]
    targets: tuple[Target, ...]
    is_named: bool

    def __init__(
        self, columns: Iterable[Column], targets: Iterable[Target] = (), is_named: bool = True
    ) -> None:
        vars(self).update(columns=tuple(columns), targets=tuple(targets), is_named=is_named)
        for kind, parts in (Column, self.columns), (Target, self.targets):
            for part in parts:
                if not isinstance(part, kind):
                    raise InvalidTypeError(
                        f"a preparation is made of Columns and Targets, not of {short(part)}"
                    )
        if not self.columns:
            raise InvalidValueError("a preparation must have at least one column")
        seen: set[str] = set()
        for column in self.columns:
            if column.name in seen:
                raise InvalidValueError(f"a preparation cannot have two columns {short(column.name)}")
            seen.add(column.name)

    @cached_property
    def inputs(self) -> list[str]:
        """The names of the inputs: that of the column, or "weather=rain" for a category."""
        return [name for column in self.columns for name in column.inputs]

    @cached_property
    def scales(self) -> list[tuple[float, float]]:
        """The (centre, scale) of every input."""
        return [(column.centre, column.scale) for column in self.columns for _ in column.inputs]

    @property
    def scales_numbers(self) -> bool | None:
        """Whether numbers are brought to another scale; None if no column has any."""
        scales = [(each.centre, each.scale) for each in self.columns if each.kind == NUMBER]
        return any(scale != (0.0, 1.0) for scale in scales) if scales else None

    def with_targets(self, targets: Iterable[Target]) -> Preparation:
        """Return the same one for other targets."""
        return Preparation(self.columns, targets, self.is_named)

    def __repr__(self) -> str:
        names = ", ".join(short(column.name)[1:-1] for column in self.columns[:6])
        more = ", ..." if len(self.columns) > 6 else ""
        predicts = ", ".join(short(target.name)[1:-1] for target in self.targets[:3] if target.name)
        return (
            f"Preparation({len(self.columns)} columns ({names}{more}), {len(self.inputs)} inputs"
            f"{f', predicts {predicts}' if predicts else ''})"
        )

    def _repr_html_(self) -> str:
        from slownet import display

        return display.html(self)

    # rows

    def own(self, X: Any, name: str = "X") -> Any:
        """Return the inputs of rows in the table's own units: filled in, with 0 and 1 for texts.

        Parameters
        ----------
        X : DataFrame, Table, (n, columns) or (n, inputs) array or lists
            The rows. The columns of a DataFrame are found by their names.
        name : str
            What errors call X.

        Returns
        -------
        (n, inputs) array of float64, or X itself
            X itself where there is nothing to do.

        Raises
        ------
        TypeError, ValueError
            If a column is missing, a text is no known category, or a value is missing.

        Warns
        -----
        TableWarning
            If a table has columns that the net does not use.

        Examples
        --------
        >>> import pandas as pd
        >>> from slownet import preprocessing
        >>> frame = pd.DataFrame({"km": [3, 5, 4, 4], "sky": ["sun", "rain", "sun", "rain"]})
        >>> preparation = preprocessing.standardise(frame)
        >>> preparation.own(frame[:2]).tolist()
        [[3.0, 0.0, 1.0], [5.0, 1.0, 0.0]]
        """
        if isinstance(X, Table):
            return self._of_table(X, name)
        if is_frame(X):
            return self._of_frame(X, name)
        if not (self._has_fill or self._has_texts):
            return X
        return self._of_array(X, name)

    def scaled(self, rows: Any, name: str = "X") -> npt.NDArray[np.float64] | None:
        """Return rows in the table's own units, as `own` returns them, as the numbers that a net gets.

        None where these are the same numbers. ValueError if one becomes too large for a float.
        """
        import numpy as np

        if all(scale == (0.0, 1.0) for scale in self.scales):
            return None
        centre, scale = np.array(self.scales).T
        found = np.empty((len(rows), len(self.inputs)))
        found[:] = rows
        with np.errstate(all="ignore"):  # WebAssembly has no flags that tell an overflow
            np.subtract(found, centre, out=found)
            np.divide(found, scale, out=found)
        if not np.isfinite(found).all():
            self._check_size(rows, name)
        return found

    def _check_size(self, rows: Any, name: str) -> None:
        """Raise the error for the first number that overflows when it is scaled."""
        for index, row in enumerate(rows):
            for place, (centre, scale) in enumerate(self.scales):
                number = float(row[place])
                if isfinite(number) and not isfinite((number - centre) / scale):
                    raise InvalidValueError(
                        f"{name}[{index}][{place}] is {number!r}, and overflows when net.preparation "
                        f"scales it: ({number!r} - {centre!r}) / {scale!r}"
                    )

    def prepared(self, X: Any, name: str = "X") -> npt.NDArray[np.float64]:
        """Return rows as the numbers that a net gets, for example for `net.forward`.

        Parameters and errors are those of `own`.

        Returns
        -------
        (n, inputs) array of float64

        Examples
        --------
        >>> from slownet import NetFactory, preprocessing
        >>> net = NetFactory([2, 1], output_activation="linear", seed=0).new()
        >>> net.preparation = preprocessing.min_max([[0.0, 10.0], [4.0, 30.0]])
        >>> net.preparation.prepared([[1.0, 15.0]]).tolist()
        [[0.25, 0.25]]
        >>> net.forward([0.25, 0.25]) == net.predict([[1.0, 15.0]]).tolist()
        True
        """
        import numpy as np

        samples = Samples(X, len(self.inputs), name, preparation=self)
        return np.array(samples.block(0, len(samples)))

    @property
    def _has_fill(self) -> bool:
        return any(column.fill is not None for column in self.columns)

    @property
    def _has_texts(self) -> bool:
        return any(column.kind == CATEGORY for column in self.columns)

    def _of_array(self, X: Any, name: str) -> Any:
        """Return the inputs of rows without names: a cell for each column, or for each input."""
        import numpy as np

        rows = as_array(name, X) if hasattr(X, "__array__") else _cells(X)
        if rows is None or rows.ndim != 2:
            return X
        width, is_numbers = rows.shape[1], rows.dtype.kind in "biuf"
        if width == len(self.columns) and not (is_numbers and width == len(self.inputs)):
            return self._of_columns(rows, name)
        if not (is_numbers and self._has_fill and np.isnan(rows).any()):
            return X
        fills = [
            column.fill if column.kind != CATEGORY else np.nan
            for column in self.columns
            for _ in column.inputs
        ]
        return np.where(np.isnan(rows), np.array(fills, np.float64), rows)

    def _of_columns(self, rows: npt.NDArray[Any], name: str) -> npt.NDArray[np.float64]:
        import pandas as pd

        names = [column.name for column in self.columns]
        return frame_rows(pd.DataFrame(rows, columns=names).infer_objects(), self.columns, name)

    def _of_frame(self, frame: Any, name: str) -> Any:
        if not self.is_named:
            return self._of_array(frame, name)
        found = frame_rows(frame, self.columns, name)
        self._warn_of_others(frame.columns, name)
        return found

    def _warn_of_others(self, names: Iterable[object], name: str) -> None:
        known = {column.name for column in self.columns} | {target.name for target in self.targets}
        others = [each for each in map(str, names) if each not in known]
        if others:
            warn(f"{name} has columns that the net does not use: {names_text(others)}", TableWarning)

    def _of_table(self, table: Table, name: str) -> npt.NDArray[np.float64]:
        """Return the inputs of a table, which may have other columns, and other categories."""
        import numpy as np

        if not self.is_named or [*_parts(table.columns)] == [*_parts(self.columns)]:
            return table.X
        have = {column.name: column for column in table.columns}
        for column in self.columns:
            other = have.get(column.name)
            if other is None or other.kind != column.kind:
                there = f"one of the kind {other.kind!r}" if other else names_text([*have])
                raise InvalidValueError(
                    f"{name}: expected a column {short(column.name)} of the kind {column.kind!r}, from "
                    f"which the net predicts, found {there}{did_you_mean(column.name, have)}"
                )
            if unknown := [text for text in other.categories if text not in column.categories]:
                raise InvalidValueError(
                    f"{name}, column {short(column.name)}: expected one of "
                    f"{names_text([*column.categories])}, which the net knows, found {short(unknown[0])}"
                )
        self._warn_of_others(have, name)
        places = {each: place for place, each in enumerate(_parts(table.columns))}
        zeros = np.zeros(len(table.X))
        found = [table.X[:, places[each]] if each in places else zeros for each in _parts(self.columns)]
        return np.stack(found, axis=1)

    # targets

    @cached_property
    def target_scales(self) -> list[tuple[float, float]]:
        """The (centre, scale) of every target; empty where all are used as they are."""
        scales = [(target.centre, target.scale) for target in self.targets]
        return [] if all(scale == (0.0, 1.0) for scale in scales) else scales

    # files

    def plain(self) -> dict[str, Any]:
        """Return it as plain values, for a file."""
        return {
            "columns": [column.plain() for column in self.columns],
            "targets": [target.plain() for target in self.targets],
            "is_named": self.is_named,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Preparation:
        """Return what `plain` has described; ValueError for anything else."""
        found = dict(plain) if isinstance(plain, Mapping) else {}
        columns, targets, is_named = map(found.pop, PARTS, repeat(None))
        are_lists = isinstance(columns, list) and isinstance(targets, list)
        if found or not are_lists or type(is_named) is not bool:
            raise InvalidValueError(f"expected the preparation of a table, not {short(plain)}")
        return cls(map(Column.from_plain, columns), map(Target.from_plain, targets), is_named)


def _parts(columns: Iterable[Column]) -> Iterator[tuple[str, str | None]]:
    """Yield the column and the category of each input; a column may have the name of another's input."""
    for column in columns:
        for category in column.categories or (None,):
            yield column.name, category


def _cells(X: Any) -> npt.NDArray[Any] | None:
    """Return rows of lists as an array, of objects where texts are among them; None for other rows."""
    import numpy as np

    if not isinstance(X, (list, tuple)) or len({*map(len, filter(_is_list, X))}) != 1:
        return None
    if not all(map(_is_list, X)):
        return None
    if any(isinstance(cell, str) for row in X for cell in row):
        cells = np.empty((len(X), len(X[0])), object)
        cells[:] = X
        return cells
    with suppress(TypeError, ValueError, OverflowError):
        return np.asarray(X, np.float64)
    return None


def _is_list(row: object) -> bool:
    return isinstance(row, (list, tuple))
