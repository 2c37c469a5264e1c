"""The cells of a table, collected piece by piece: numbers as pandas reads them, others as texts."""

from __future__ import annotations

from array import array
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from slownet.datasets.tables import kinds as k
from slownet.datasets.tables.options import TableOptions
from slownet.datasets.tables.sources import Source
from slownet.datasets.tables.text_columns import TextColumn
from slownet.errors import FormatError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd


class Cells:
    """The cells of some columns of a table.

    Parameters
    ----------
    source : Source
        The table.
    inputs : list of int
        Which of its columns become inputs.
    target : int or None
        Which one is to be predicted, if one is.
    options : TableOptions
        What the user says about it.
    progress : bool
        Whether to show a bar, for a large file.
    as_texts : collection of int
        The inputs that are texts even where they are all numbers.

    Attributes
    ----------
    count : int
        How many rows there are.
    numbers : list of int
        The columns that are numbers throughout, in the order of the file; the target is none of them.
    texts : dict of int to TextColumn
        The others.
    point : str
        The mark before decimals, as it was said or recognised.
    target : array or None
        The numbers of the target, unless it is one of the others.
    """

    def __init__(
        self,
        source: Source,
        inputs: list[int],
        target: int | None,
        options: TableOptions,
        progress: bool,
        as_texts: Collection[int] = (),
    ) -> None:
        self._source, self._target, self._progress = source, target, progress
        self._find = k.kinds(options.point, options.thousands)
        wanted = inputs if target is None else [*inputs, target]
        self.point, others = self._recognised(options, wanted)
        self._read(inputs, {*others, *as_texts}, self.point)
        if options.point is None and self.point == ".":
            self.point = "," if self._have_commas() else "."
            if self.point == "," or options.had_commas:  # 1.234, which was read as a number, may be 1234
                self._read(inputs, {*self.texts, *as_texts}, ",")
        self.target = self._whole_target() if self._target_parts and target not in self.texts else None

    def matrix(self) -> npt.NDArray[np.float64]:
        """Return the numbers, a row for each row of the table; NaN where one is missing."""
        import numpy as np

        width = len(self._places)
        if not self._block:
            return np.empty((self.count, width))
        return np.frombuffer(self._block, np.float64).reshape(self.count, width)

    def places(self) -> dict[int, int]:
        """Return which column of the matrix has which column of the table."""
        numbers = set(self.numbers)
        return {place: column for column, place in enumerate(self._places) if place in numbers}

    def _read(self, inputs: list[int], texts: Collection[int], point: str) -> None:
        """Read all cells, of some columns as texts."""
        self.texts = {place: TextColumn(self._find) for place in sorted(texts)}
        self.numbers = [place for place in inputs if place not in self.texts]
        self.count = 0
        self._block = array("d")
        self._target_parts: list[npt.NDArray[Any]] = []
        self._turned: set[int] = set()  # columns in which other cells than numbers come later
        self._read_all(point)
        if self._turned:
            self._read_turned(point)

    def _have_commas(self) -> bool:
        """Whether decimal commas came later than in the first rows."""
        return any(map(_has_commas, self.texts.values()))

    def _recognised(self, options: TableOptions, wanted: list[int]) -> tuple[str, list[int]]:
        """Return the mark before decimals and the columns of texts, as the first rows tell."""
        point = options.point or "."
        sample = self._source.sample(point)
        texts = self._not_numbers(sample, wanted)
        if options.point is None and any(self._has_commas(sample[place]) for place in texts):
            point = ","
            sample = self._source.sample(point)
            texts = self._not_numbers(sample, wanted)
        return point, [*texts, *self._codes(sample, point, wanted)]

    def _codes(self, sample: pd.DataFrame, point: str, wanted: list[int]) -> list[int]:
        """Return which columns of whole numbers are written like codes: 01234."""
        if not self._source.may_have_codes():
            return []
        whole = [
            place
            for place in wanted
            if sample[place].dtype.kind in "if" and (sample[place].dropna() % 1 == 0).all()
        ]
        texts = self._source.sample(point, whole) if whole else sample
        return [place for place in whole if k.first_code(texts[place].dropna())]

    def _has_commas(self, cells: pd.Series[Any]) -> bool:
        column = TextColumn(self._find)
        column.add(cells.to_numpy(object))
        return _has_commas(column)

    def _not_numbers(self, piece: pd.DataFrame, wanted: list[int]) -> list[int]:
        kinds = [dtype.kind for dtype in piece.dtypes]
        target, has_types = self._target, self._source.has_types
        return [
            place
            for place in wanted
            if kinds[place] not in ("if" if place == target else "iuf")
            or (place == target and (not has_types or piece[place].isna().any()))
        ]

    def _read_all(self, point: str) -> None:
        self._places = list(self.numbers)
        texts = list(self.texts)
        for piece in self._source.pieces(texts, None, point, self._progress):
            for place, column in self.texts.items():
                column.add(piece[place].to_numpy(object))
            self._add_numbers(piece)
            self.count += len(piece)
        if not self.count:
            raise FormatError(f"{self._source.path}: expected rows of data, found none")
        self._source.check()

    def _add_numbers(self, piece: pd.DataFrame) -> None:
        import numpy as np

        target = None if self._target in self.texts else self._target
        places = self._places if target is None else [*self._places, target]
        turned = self._not_numbers(piece, places)
        if turned:
            self._turned.update(turned)
            piece = piece.copy()
            for place in turned:
                piece[place] = np.nan
        block = _block(piece, self._places)
        if block.size and np.isinf(block).any():
            columns = np.flatnonzero(np.isinf(block).any(axis=0))
            self._turned.update(self._places[column] for column in columns)
        if block.size:
            self._block.frombytes(np.ascontiguousarray(block).data.cast("B"))
        if target is not None and target not in self._turned:
            numbers = piece[target].to_numpy()
            if not np.isfinite(numbers).all():
                self._turned.add(target)
            self._target_parts.append(numbers)

    def _read_turned(self, point: str) -> None:
        """Read the columns in which other cells than numbers came later, as texts."""
        turned = sorted(self._turned)
        self.texts |= {place: TextColumn(self._find) for place in turned}
        self.numbers = [place for place in self.numbers if place not in self._turned]
        for piece in self._source.pieces(turned, turned, point, self._progress):
            for place in turned:
                self.texts[place].add(piece[place].to_numpy(object))
        if any(self.texts[place].count != self.count for place in turned):
            raise FormatError(
                f"{self._source.path}: it has changed while it was read: "
                "read it again when no program writes it"
            )

    def _whole_target(self) -> npt.NDArray[Any]:
        import numpy as np

        are_whole = all(part.dtype.kind == "i" for part in self._target_parts)
        return np.concatenate(self._target_parts).astype(np.int64 if are_whole else np.float64)


def _has_commas(column: TextColumn) -> bool:
    return bool(column.total(k.COMMA)) and not column.total(k.POINT)


def _block(piece: pd.DataFrame, places: list[int]) -> npt.NDArray[np.float64]:
    """Return some columns of a piece as an array; quickly where all of it are numbers."""
    import numpy as np

    if any(dtype.kind not in "iuf" for dtype in piece.dtypes):
        return np.asarray(piece.iloc[:, places], np.float64)
    whole = np.asarray(piece, np.float64)
    return whole if places == [*range(whole.shape[1])] else whole[:, places]
