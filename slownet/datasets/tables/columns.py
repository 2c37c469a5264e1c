"""The columns of a table: what stands in their cells, and which inputs of a net they become."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from slownet.errors import InvalidValueError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

NUMBER, BOOLEAN, CATEGORY = "number", "boolean", "category"
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
    """

    name: str
    kind: str
    categories: tuple[str, ...] = ()
    fill: float | str | None = None
    centre: float = 0.0
    scale: float = 1.0

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
        known = {name: value for name, value in vars(self).items() if value != usual.get(name, "")}
        return {**known, "categories": list(self.categories)} if self.categories else known

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Column:
        """Return the column that `plain` has described; ValueError for anything else."""
        try:
            categories = plain.get("categories", [])
            column = cls(**{**plain, "categories": tuple(categories)})
            fits = type(categories) is list and column._is_possible()
        except (AttributeError, TypeError):
            fits = False
        if not fits:
            raise InvalidValueError(f"expected a column of a table, not {plain!r:.200}")
        return column

    def _is_possible(self) -> bool:
        texts = (self.name, *self.categories)
        if self.kind == CATEGORY:
            fits = self.fill is None or self.fill in self.categories
            fits = fits and len(set(self.categories)) == len(self.categories) > 0
        else:
            fits = self.kind in (NUMBER, BOOLEAN) and not self.categories
            fits = fits and (self.fill is None or is_finite(self.fill))
        is_scaled = (self.centre, self.scale) != (0.0, 1.0)
        fits = fits and not (is_scaled and self.kind != NUMBER)
        return fits and is_scale(self.centre, self.scale) and all(type(text) is str for text in texts)


@dataclass(frozen=True)
class Target:
    """What a net learns to predict.

    Attributes
    ----------
    name : str
        Its name in the table, "" where it has none.
    centre, scale : float
        Of a number: what an output is compared with is (number - centre) / scale.
    """

    name: str = ""
    centre: float = 0.0
    scale: float = 1.0

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
        try:
            target = cls(**plain)
        except TypeError:
            raise InvalidValueError(f"expected a target, not {plain!r:.200}") from None
        if type(target.name) is not str or not is_scale(target.centre, target.scale):
            raise InvalidValueError(f"expected a target, not {dict(plain)!r:.200}")
        return target


def is_finite(number: object) -> bool:
    """Whether a value is a number, and a finite one."""
    return type(number) in (float, int) and isfinite(number)  # type: ignore[arg-type]


def is_scale(centre: object, scale: object) -> bool:
    """Whether numbers can be brought to a scale by these two, and back."""
    return is_finite(centre) and is_finite(scale) and scale > 0  # type: ignore[operator]
