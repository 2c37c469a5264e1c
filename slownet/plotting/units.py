"""The numbers and names of a table beside those of a net: what figures show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from slownet.datasets.tables import is_frame
from slownet.datasets.tables.columns import Target
from slownet.errors import InvalidValueError
from slownet.samples import Preparation, Samples
from slownet.training.data import read_samples

if TYPE_CHECKING:
    from slownet.objects import Net

Floats = npt.NDArray[np.float64]


class Units:
    """What turns the table's own numbers into those of a net, and outputs back; and their names.

    Parameters
    ----------
    preparation : Preparation or None
        That of the net. Without one, or with one of another number of inputs, numbers are the net's.
    inputs, outputs : int
        How many neurons there are.
    target_kind : str
        The kind of target.

    Attributes
    ----------
    preparation : Preparation or None
        As above.
    names : list of str or None
        The names of the inputs, where they have some of their own.
    targets : list of Target
        For numbers to predict one for each output, otherwise that of all; without a name where there
        is none.
    """

    def __init__(
        self, preparation: Preparation | None, inputs: int, outputs: int, target_kind: str
    ) -> None:
        if preparation is not None and len(preparation.inputs) != inputs:
            preparation = None
        self.preparation = preparation
        self.names = preparation.inputs if preparation and preparation.is_named else None
        known = list(preparation.targets) if preparation else []
        count = outputs if target_kind == "number" else 1
        self.targets = known if len(known) == count else [Target()] * count
        self._is_number = target_kind == "number"

    @property
    def scales_inputs(self) -> bool:
        """Whether the net gets other numbers than those of the table."""
        return self.preparation is not None and any(
            scale != (0.0, 1.0) for scale in self.preparation.scales
        )

    @property
    def scales_outputs(self) -> bool:
        """Whether outputs are other numbers than those of the table."""
        return self._is_number and any(
            (target.centre, target.scale) != (0.0, 1.0) for target in self.targets
        )

    @property
    def has_texts(self) -> bool:
        """Whether some inputs are made of texts, or of true and false."""
        columns = self.preparation.columns if self.preparation else ()
        return any(column.kind != "number" for column in columns)

    def input_name(self, place: int) -> str:
        """Return the name of an input: x1, x2 and so on, unless it has one of its own."""
        return f"x{place + 1}" if self.names is None else self.names[place]

    def scaled(self, rows: Floats) -> Floats:
        """Return rows in the table's own units, (n, inputs), as the numbers that the net gets."""
        found = None if self.preparation is None else self.preparation.scaled(rows)
        return rows if found is None else found

    def of_outputs(self, values: Sequence[Any] | Floats) -> Floats:
        """Return output values, or targets, (..., outputs), in the table's own units."""
        numbers: Floats = np.asarray(values, dtype=np.float64)
        if self.scales_outputs:
            centre, scale = np.array([(target.centre, target.scale) for target in self.targets]).T
            numbers = numbers * scale + centre
        return numbers


def unscaled(preparation: Preparation, rows: Any) -> Floats:
    """Return numbers that a net gets, (n, inputs), in the table's own units, to a rounding."""
    centre, scale = np.array(preparation.scales).T
    found: Floats = np.asarray(rows, np.float64) * scale + centre
    return found


def as_table(row: Any, preparation: Preparation | None) -> Any:
    """Return one sample as a table of one row; a row of a DataFrame keeps its names."""
    if is_frame(row):
        if len(row) != 1:
            raise InvalidValueError(f"sample must be one row, not {len(row):,} of them")
        return row
    if preparation is not None and preparation.is_named and hasattr(row, "to_frame"):
        return row.to_frame().T.infer_objects()
    return [row]


def own_and_prepared(net: Net, X: Any, name: str = "X") -> tuple[Floats, Samples]:
    """Return rows of a user's in the table's own units, and as the numbers that the net gets.

    Raises
    ------
    TypeError, ValueError
        If they do not fit the net, or its preparation.
    """
    if net.preparation is not None:
        X = net.preparation.own(X, name)
    samples = read_samples(net, X, net.preparation, name)
    samples.check()
    own = Samples(X, samples.width, name)
    return own.block(0, len(own)), samples
