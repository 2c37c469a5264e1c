"""The weights of one layer in a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from slownet.engines.formula_keys import NotCompiledError
from slownet.engines.kernel_records import LISTED, TILED

if TYPE_CHECKING:
    from slownet.objects import Neuron
    from slownet.wiring import Group, LayerPass

Array = npt.NDArray[Any]
WIDE = 512  # a matrix with rows so long keeps them `apart`


def apart(width: int) -> int:
    """Return a distance between rows: a multiple of 512 bytes apart, they compete for cache lines."""
    return width + 8 if width % 64 == 0 else width


def padded(count: int) -> int:
    """Round up to a multiple of 8."""
    return -(-count // 8) * 8


class PackedMatrix:
    """The weights into the neurons of a layer or, for the backward pass, out of them.

    There is one row for each source, which is the neuron at the other end of a weight; on the backward
    pass that is the neuron that the weight goes to. The rows are in an order in which every neuron adds
    its sources in the order of attachment. Where a layer is connected to all of another one, the sources
    are the neurons of that layer. Elsewhere a source may have several rows, and a row is padded with 0
    where there is no weight.

    Attributes
    ----------
    begin, end : int
        The index of the first row, and the index where the next matrix can begin.
    size, width, pitch : int
        How many neurons the layer has, how long a row is, and how far it is from one to the next.
    columns : list of int
        The column of each row's source.
    contiguous : bool
        Whether the sources are the neurons of one layer.
    places : array of int
        The index of each weight, neuron by neuron in the order of attachment.

    Raises
    ------
    NotCompiledError
        If the matrix would be mostly padding, unless that is allowed.
    """

    def __init__(
        self,
        layer_pass: LayerPass,
        groups: list[Group],
        columns: dict[Neuron, int],
        begin: int,
        allow_padding: bool,
    ) -> None:
        self.begin = begin
        self.size, self.width = len(layer_pass.neurons), padded(len(layer_pass.neurons))
        self.pitch = apart(self.width) if self.width >= WIDE else self.width
        sequences = [[columns[end] for end in group.ends] for group in groups]
        self.columns: list[int] = []
        sources = len(set(chain.from_iterable(sequences)))
        for sequence in sequences:
            _merge(self.columns, sequence)
            if len(self.columns) > 4 * sources + 64 and not allow_padding:
                raise NotCompiledError(
                    "weights were attached to the neurons of a layer in too many different orders"
                )
        self.contiguous = len(groups) == 1 and groups[0].whole_layer is not None
        places: dict[Neuron, Array] = {}
        number = {neuron: j for j, neuron in enumerate(layer_pass.neurons)}
        for group, sequence in zip(groups, sequences, strict=True):
            rows = begin + self.pitch * np.array(_find(self.columns, sequence), np.int64)
            for neuron, _ in group.rows:
                places[neuron] = rows + number[neuron]
        self.places: Array = np.concatenate([places[neuron] for neuron in layer_pass.neurons])

    @property
    def kind(self) -> int:
        """How kernels find the sources."""
        return int(TILED if self.contiguous else LISTED)

    @property
    def end(self) -> int:
        """The index where the next matrix can begin."""
        return self.begin + self.pitch * padded(len(self.columns))


def _merge(columns: list[int], sequence: Sequence[int]) -> None:
    """Insert members of `sequence` into `columns` until it contains them all in their order."""
    if not columns:
        columns.extend(sequence)
        return
    at = 0
    for column in sequence:
        try:
            at = columns.index(column, at) + 1
        except ValueError:
            columns.insert(at, column)
            at += 1


def _find(columns: list[int], sequence: Sequence[int]) -> list[int]:
    """Return the indices in `columns` of the members of `sequence`, in ascending order."""
    found, at = [], 0
    for column in sequence:
        at = columns.index(column, at) + 1
        found.append(at - 1)
    return found
