"""What turns the rows of a table into the inputs of a net, and its outputs into the target's unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from slownet.checks import did_you_mean, short
from slownet.datasets.tables import Table, frame_rows, is_frame
from slownet.datasets.tables.columns import CATEGORY, Column, Target
from slownet.datasets.tables.options import names_text
from slownet.errors import InvalidTypeError, InvalidValueError, TableWarning, warn
from slownet.samples.inputs import Samples
from slownet.samples.plain import as_array

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

ROWS_AT_ONCE = 4096


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
    """

    def __init__(
        self, columns: Iterable[Column], targets: Iterable[Target] = (), is_named: bool = True
    ) -> None:
        self.columns, self.targets, self.is_named = tuple(columns), tuple(targets), is_named
        for kind, parts in (Column, self.columns), (Target, self.targets):
            for part in parts:
                if not isinstance(part, kind):
                    raise InvalidTypeError(
                        f"a preparation is made of Columns and Targets, not of {short(part)}"
                    )
        if len({column.name for column in self.columns}) < len(self.columns) or not self.columns:
            raise InvalidValueError("the columns of a preparation must have different names")

    @cached_property
    def inputs(self) -> list[str]:
        """The names of the inputs: that of the column, or "weather=rain" for a category."""
        return [name for column in self.columns for name in column.inputs]

    @cached_property
    def scales(self) -> list[tuple[float, float]]:
        """The (centre, scale) of every input."""
        return [(column.centre, column.scale) for column in self.columns for _ in column.inputs]

    def with_targets(self, targets: Iterable[Target]) -> Preparation:
        """Return the same one for other targets."""
        return Preparation(self.columns, targets, self.is_named)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Preparation) and self.plain() == other.plain()

    def __hash__(self) -> int:
        return hash((self.columns, self.targets, self.is_named))

    def __repr__(self) -> str:
        names = ", ".join(short(column.name)[1:-1] for column in self.columns[:6])
        more = ", ..." if len(self.columns) > 6 else ""
        predicts = ", ".join(target.name for target in self.targets[:3] if target.name)
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
        """
        import numpy as np

        if isinstance(X, Table):
            return self._of_table(X, name)
        if is_frame(X):
            return self._of_frame(X, name)
        rows = self._as_array(X, name)
        if isinstance(rows, np.ndarray) and rows.ndim == 2:
            if rows.shape[1] == len(self.columns) != len(self.inputs):
                return self._of_columns(rows, name)
            if self._has_fill and rows.dtype.kind == "f" and np.isnan(rows).any():
                return self._filled(rows)
        return rows

    def scaled(self, rows: Any) -> npt.NDArray[np.float64] | None:
        """Return rows in the table's own units, as `own` returns them, as the numbers that a net gets.

        None where these are the same numbers.
        """
        import numpy as np

        if all(scale == (0.0, 1.0) for scale in self.scales):
            return None
        centre, scale = np.array(self.scales).T
        found = np.empty((len(rows), len(self.inputs)))
        for first in range(0, len(rows), ROWS_AT_ONCE):
            part = found[first : first + ROWS_AT_ONCE]
            part[:] = rows[first : first + ROWS_AT_ONCE]
            np.subtract(part, centre, out=part)
            np.divide(part, scale, out=part)
        return found

    def unscaled(self, rows: Any) -> npt.NDArray[np.float64]:
        """Return numbers of a net, (n, inputs), in the table's own units, to a rounding."""
        import numpy as np

        centre, scale = np.array(self.scales).T
        found: npt.NDArray[np.float64] = np.asarray(rows, np.float64) * scale + centre
        return found

    def prepared(self, X: Any, name: str = "X") -> npt.NDArray[np.float64]:
        """Return rows as the numbers that a net gets, for example for `net.forward`.

        Parameters and errors are those of `own`.

        Returns
        -------
        (n, inputs) array of float64
        """
        samples = Samples(X, len(self.inputs), name, preparation=self)
        return samples.block(0, len(samples))

    @property
    def _has_fill(self) -> bool:
        return any(column.fill is not None for column in self.columns)

    def _as_array(self, X: Any, name: str) -> Any:
        """Return rows as an array where that is needed: they are one, have texts or may have gaps."""
        import numpy as np

        if hasattr(X, "__array__"):
            rows = as_array(name, X)
            if not (self._has_fill and rows.dtype.kind == "O"):
                return rows
        elif not (isinstance(X, (list, tuple)) and X):
            return X
        width = len(self.columns)
        if width != len(self.inputs) and all(
            isinstance(row, (list, tuple)) and len(row) == width for row in X
        ):
            cells = np.empty((len(X), width), object)
            cells[:] = X
            return cells
        if self._has_fill:
            with suppress(TypeError, ValueError, OverflowError):
                return np.asarray(X, np.float64)
        return X

    def _of_columns(self, rows: npt.NDArray[Any], name: str) -> npt.NDArray[np.float64]:
        import pandas as pd

        names = [column.name for column in self.columns]
        return frame_rows(pd.DataFrame(rows, columns=names).infer_objects(), self.columns, name)

    def _of_frame(self, frame: Any, name: str) -> Any:
        if self.is_named:
            self._warn_of_others(frame, name)
            return frame_rows(frame, self.columns, name)
        return self.own(as_array(name, frame), name)

    def _warn_of_others(self, frame: Any, name: str) -> None:
        known = {column.name for column in self.columns} | {target.name for target in self.targets}
        others = [each for each in map(str, frame.columns) if each not in known]
        if others:
            warn(f"{name} has columns that the net does not use: {names_text(others)}", TableWarning)

    def _of_table(self, table: Table, name: str) -> npt.NDArray[np.float64]:
        """Return the inputs of a table, which may have other columns, and other categories."""
        import numpy as np

        if table.columns == list(self.columns) or table.names == self.inputs:
            return table.X
        have, known = {column.name: column for column in table.columns}, set(self.inputs)
        places = {input_name: place for place, input_name in enumerate(table.names)}
        for column in self.columns:
            other = have.get(column.name)
            if other is None or other.kind != column.kind:
                raise InvalidValueError(
                    f"{name}: expected a column {short(column.name)} of the kind {column.kind!r}, found "
                    f"{'another kind' if other else 'none'}{did_you_mean(column.name, [*have])}"
                )
            if unknown := [text for text in other.inputs if text not in known]:
                raise InvalidValueError(f"{name}: the net does not know {short(unknown[0])}")
        zeros = np.zeros(len(table.X))
        found = [table.X[:, places[each]] if each in places else zeros for each in self.inputs]
        return np.stack(found, axis=1)

    def _filled(self, rows: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        import numpy as np

        fills = [
            column.fill if column.kind != CATEGORY else np.nan
            for column in self.columns
            for _ in column.inputs
        ]
        return np.where(np.isnan(rows), np.array(fills, np.float64), rows)

    # targets

    @cached_property
    def target_scales(self) -> list[tuple[float, float]]:
        """The (centre, scale) of every target."""
        return [(target.centre, target.scale) for target in self.targets]

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
        try:
            parts = plain["columns"], plain["targets"], plain["is_named"]
        except (KeyError, TypeError):
            parts = None, None, None
        columns, targets, is_named = parts
        if not (isinstance(columns, list) and isinstance(targets, list) and type(is_named) is bool):
            raise InvalidValueError(f"expected the preparation of a table, not {short(plain)}")
        return cls(map(Column.from_plain, columns), map(Target.from_plain, targets), is_named)
