"""The columns of a table: what stands in their cells, and which inputs of a net they become."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar

from slownet.checks import as_float, short
from slownet.errors import InvalidValueError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

NUMBER, BOOLEAN, CATEGORY = "number", "boolean", "category"
TRUTH = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0, "1.0": 1.0, "0.0": 0.0}  # of new rows
T = TypeVar("T")
UNIT = re.compile(r".*\S\s*(?:\((?P<round>[^()]{1,30})\)|\[(?P<square>[^\[\]]{1,30})\])")


@dataclass(frozen=True)
class Column:
    """A column of a table: what stands in its cells, and which inputs of a net it becomes.

    Attributes
    ----------
    name : str
        Its name in the table.
    kind : str
        "number" and "boolean" (true is 1, false is 0) become one input, "category" becomes one for each
        category, which is 1 where a row has it and 0 elsewhere.
    categories : tuple of str
        The different texts of a category column, sorted.
    fill : float, str or None
        What stands in for a cell that is missing: the mean, or the most frequent text. None: nothing
        does, and it is refused.
    centre, scale : float
        Of a number: what enters a net is (number - centre) / scale.

    Raises
    ------
    ValueError
        If there can be no such column.

    Examples
    --------
    >>> from slownet.datasets import Column
    >>> Column("weather", "category", ("rain", "sun")).inputs
    ['weather=rain', 'weather=sun']
    """

    name: str
    kind: str
    categories: tuple[str, ...] = ()
    fill: float | str | None = None
    centre: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        _make_floats(self, "centre", "scale", *([] if type(self.fill) in (str, NoneType) else ["fill"]))
        fault = self._fault()
        if fault is not None:
            raise InvalidValueError(f"{fault}, not as in {short(self.plain())}")

    @property
    def inputs(self) -> list[str]:
        """The names of its inputs."""
        if self.kind != CATEGORY:
            return [self.name]
        return [f"{self.name}={category}" for category in self.categories]

    def write(self, values: npt.NDArray[Any], X: npt.NDArray[np.float64]) -> None:
        """Write the inputs of rows into columns of X.

        Parameters
        ----------
        values : array of float64 or of integers
            A number for each row, NaN where it is missing; or the place of its category, -1 where it is
            missing. Nothing is missing unless there is a `fill`.
        X : (n, inputs) array
            Where they are written.
        """
        import numpy as np

        if self.kind != CATEGORY:
            X[:, 0] = values
            if isinstance(self.fill, (int, float)):
                np.copyto(X[:, 0], self.fill, where=np.isnan(values))
            return
        if isinstance(self.fill, str):
            values = np.where(values < 0, self.categories.index(self.fill), values)
        X[:] = 0.0
        X[np.arange(len(values)), values] = 1.0

    def plain(self) -> dict[str, Any]:
        """Return it as plain values, for a file: what is as usual is left out."""
        usual = {"categories": (), "fill": None, "centre": 0.0, "scale": 1.0}
        known = {name: value for name, value in vars(self).items() if value != usual.get(name, ...)}
        return {**known, "categories": list(self.categories)} if self.categories else known

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Column:
        """Return the column that `plain` has described; ValueError for anything else."""
        return _from_plain(cls, plain, "a column of a table")

    def _fault(self) -> str | None:
        """Return what it should be and is not."""
        if type(self.categories) is not tuple:
            return "the categories of a column must be a tuple"
        texts = (self.name, *self.categories)
        if not all(type(text) is str for text in texts):
            return "the name and the categories of a column must be texts"
        if self.kind not in (NUMBER, BOOLEAN, CATEGORY):
            return f"the kind of a column must be one of {', '.join((NUMBER, BOOLEAN, CATEGORY))}"
        if not is_scale(self.centre, self.scale):
            return "centre and scale must be finite numbers, and the scale above 0"
        if self.kind != NUMBER and (self.centre, self.scale) != (0.0, 1.0):
            return "only a column of numbers has a centre and a scale"
        if self.kind == CATEGORY:
            if not 0 < len(set(self.categories)) == len(self.categories):
                return "the categories of a column must be different texts, at least one"
            is_known = self.fill is None or self.fill in self.categories
            return None if is_known else "what fills in a missing text must be one of the categories"
        if self.categories:
            return "only a column of texts has categories"
        is_number = self.fill is None or (type(self.fill) is float and isfinite(self.fill))
        return None if is_number else "what fills in a missing number must be a finite number"


@dataclass(frozen=True)
class Target:
    """What a net learns to predict.

    Attributes
    ----------
    name : str
        Its name in the table, "" where it has none.
    centre, scale : float
        Of a number: what an output is compared with is (number - centre) / scale.

    Raises
    ------
    ValueError
        If there can be no such target.

    Examples
    --------
    >>> from slownet.datasets import Target
    >>> Target("price (EUR)", centre=250_000.0, scale=50_000.0).unit
    'EUR'
    """

    name: str = ""
    centre: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        _make_floats(self, "centre", "scale")
        if type(self.name) is not str:
            raise InvalidValueError(f"the name of a target must be a text, not {short(self.name)}")
        if not is_scale(self.centre, self.scale):
            raise InvalidValueError(
                "centre and scale must be finite numbers, and the scale above 0, not "
                f"{short(self.centre)} and {short(self.scale)}"
            )

    @property
    def unit(self) -> str | None:
        """Its unit, if its name ends with one in brackets: "EUR" for "price (EUR)"."""
        found = UNIT.fullmatch(self.name)
        return (found["round"] or found["square"]) if found else None

    def plain(self) -> dict[str, Any]:
        """Return it as plain values, for a file: what is as usual is left out."""
        return {name: value for name, value in vars(self).items() if value != getattr(Target, name)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Target:
        """Return the target that `plain` has described; ValueError for anything else."""
        return _from_plain(cls, plain, "a target")


def _from_plain(kind: type[T], plain: Any, what: str) -> T:
    with suppress(AttributeError, TypeError, ValueError):
        texts = {name: tuple(value) for name, value in plain.items() if type(value) is list}
        if not any(type(value) in (bool, tuple) for value in plain.values()):
            return kind(**{**plain, **texts})
    raise InvalidValueError(f"expected {what}, not {short(plain)}")


def is_scale(centre: float, scale: float) -> bool:
    """Whether numbers can be brought to a scale by these two, and back."""
    return isfinite(centre) and isfinite(scale) and scale > 0


def _make_floats(part: object, *names: str) -> None:
    """Make floats of numbers of other types."""
    for name in names:
        object.__setattr__(part, name, as_float(name, getattr(part, name)))
