"""Columns whose cells are read as texts: how often each text occurs, and what kind it is."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from math import nan
from typing import TYPE_CHECKING, Any

from slownet.datasets.tables.kinds import GAP, WHOLE, Found, whole_number

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MOST_DIFFERENT = 10_000  # texts of a column that are kept; of more, only the numbers that they mean


class Tally:
    """How many cells are of a kind, and the first of them."""

    def __init__(self, row: int, text: str) -> None:
        self.count, self.row, self.text = 0, row, text

    def add(self, count: int, row: int, text: str) -> None:
        """Add cells with a text, the first of which is in a row."""
        self.count += count
        if row < self.row:
            self.row, self.text = row, text


class TextColumn:
    """The cells of a column, as texts.

    Parameters
    ----------
    find : function
        Says what a text is.

    Attributes
    ----------
    count : int
        How many cells there are.
    texts : dict of str to int
        Each different text and its number; emptied once there are more than can be kept.
    tallies : dict of str to Tally
        What kinds of cells there are.
    """

    def __init__(self, find: Callable[[str], Found]) -> None:
        self._find = find
        self.count = 0
        self.texts: dict[str, int] = {}
        self._values: list[float] = []  # what each different text means, if it is a number
        self._kinds: list[str] = []
        self.tallies: dict[str, Tally] = {}
        self._codes = array("i")  # the number of each cell's text
        self._numbers = array("d")  # what each cell means, once there are too many texts

    @property
    def has_texts(self) -> bool:
        """Whether all different texts are known."""
        return bool(self.texts) or not self._numbers

    @property
    def codes(self) -> npt.NDArray[np.int32]:
        """The number of each cell's text in `texts`."""
        import numpy as np

        return np.frombuffer(self._codes, np.int32) if self._codes else np.empty(0, np.int32)

    def numbers(self) -> npt.NDArray[np.float64]:
        """Return what each cell means as a number; NaN where it is none."""
        import numpy as np

        if not self.has_texts:
            return np.frombuffer(self._numbers, np.float64)
        return np.array(self._values, np.float64)[self.codes]

    def whole_numbers(self) -> list[int]:
        """Return what each cell means as a whole number, exactly; 0 where it is none."""
        whole = [whole_number(text) if kind == WHOLE else 0 for text, kind in self.kinds()]
        return [whole[code] for code in self._codes]

    def kinds(self) -> list[tuple[str, str]]:
        """Return each different text with its kind."""
        return list(zip(self.texts, self._kinds, strict=True))

    def add(self, cells: npt.NDArray[Any]) -> None:
        """Add cells: texts, and anything else where one is missing."""
        import numpy as np
        import pandas as pd

        local, texts = pd.factorize(cells, use_na_sentinel=True)
        if (local < 0).any():
            local, texts = np.where(local < 0, len(texts), local), np.append(texts, "")
        first = np.zeros(len(texts), np.int64)
        first[local[::-1]] = np.arange(len(local))[::-1]
        counts = np.bincount(local, minlength=len(texts))
        places = [
            self._place(str(text).strip(), int(count), self.count + int(row))
            for text, count, row in zip(texts, counts, first, strict=True)
        ]
        self.count += len(cells)
        if self.texts:
            self._codes.frombytes(np.array(places, np.int32)[local].tobytes())
            if len(self.texts) > MOST_DIFFERENT:
                self._keep_numbers()
        else:
            self._numbers.frombytes(np.array(places, np.float64)[local].tobytes())

    def _place(self, text: str, count: int, row: int) -> float:
        """Count cells with a text; return its number, or what it means once texts are not kept."""
        if self.has_texts and text in self.texts:
            place = self.texts[text]
            self.tallies[self._kinds[place]].add(count, row, text)
            return place
        kind, value = self._find(text)
        self.tallies.setdefault(kind, Tally(row, text)).add(count, row, text)
        number = nan if value is None else value
        if not self.has_texts:
            return number
        self.texts[text] = place = len(self.texts)
        self._values.append(number)
        self._kinds.append(kind)
        return place

    def _keep_numbers(self) -> None:
        self._numbers.frombytes(self.numbers().tobytes())
        self.texts.clear()
        self._values, self._kinds, self._codes = [], [], array("i")

    def total(self, *kinds: str) -> int:
        """Return how many cells are of these kinds."""
        return sum(self.tallies[kind].count for kind in kinds if kind in self.tallies)

    def first(self, *kinds: str) -> tuple[int, str]:
        """Return the row and the text of the first cell of these kinds."""
        found = [self.tallies[kind] for kind in kinds if kind in self.tallies]
        best = min(found, key=lambda tally: tally.row)
        return best.row, best.text

    @property
    def filled(self) -> int:
        """How many cells are not missing."""
        return self.count - self.total(GAP)
