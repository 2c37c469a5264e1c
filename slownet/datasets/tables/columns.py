"""The columns of a table: what stands in their cells, and which inputs of a net they become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slownet.errors import InvalidValueError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

NUMBER, BOOLEAN, CATEGORY = "number", "boolean", "category"


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
    """

    name: str
    kind: str
    categories: tuple[str, ...] = ()
    fill: float | str | None = None

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
        """Return it as plain values, for a file."""
        known: dict[str, Any] = {"name": self.name, "kind": self.kind}
        if self.kind == CATEGORY:
            known["categories"] = list(self.categories)
        return known if self.fill is None else {**known, "fill": self.fill}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Column:
        """Return the column that `plain` has described; ValueError for anything else."""
        try:
            name, kind, fill = plain["name"], plain["kind"], plain.get("fill")
            categories = tuple(plain["categories"]) if kind == CATEGORY else ()
        except (KeyError, TypeError):
            raise InvalidValueError(f"expected a column of a table, not {plain!r:.200}") from None
        texts = (name, *categories)
        fits = fill is None or (fill in categories if kind == CATEGORY else type(fill) in (float, int))
        is_known = kind in (NUMBER, BOOLEAN) or (kind == CATEGORY and categories)
        if not (is_known and fits and all(type(text) is str for text in texts)):
            raise InvalidValueError(f"expected a column of a table, not {dict(plain)!r:.200}")
        return cls(name, kind, categories, fill)
