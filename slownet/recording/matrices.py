"""The weights of a graph as matrices, one between every two layers that are joined."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from slownet.recording.graph import Place
from slownet.recording.plain import Linked

Ends = tuple[int, int]  # (source layer, target layer)


class Part(NamedTuple):
    """The weights that a neuron has from one layer.

    Attributes
    ----------
    columns : sequence of int
        Which neurons of that layer they come from, counted from 0.
    offsets : sequence of int
        Which of the neuron's weights they are.
    is_whole : bool
        Whether they come from every neuron of the layer, one after the other.
    """

    columns: Sequence[int]
    offsets: Sequence[int]
    is_whole: bool

    def select(self, row: array[float]) -> array[float]:
        """Return the numbers of a row of the matrix that stand for weights."""
        return row if self.is_whole else array("d", [row[column] for column in self.columns])


class Row(NamedTuple):
    """A row of a matrix: where the neuron's weights begin in a snapshot, and what they are."""

    start: int
    part: Part

    def take(self, numbers: array[float]) -> Sequence[float]:
        """Return the weights of the row, without the gaps."""
        start, (_, offsets, is_whole) = self
        if is_whole:
            return numbers[start + offsets[0] : start + offsets[-1] + 1]
        return [numbers[start + offset] for offset in offsets]

    def put(self, numbers: array[float], found: array[float]) -> None:
        """Set the weights of the row."""
        start, (_, offsets, is_whole) = self
        if is_whole:
            numbers[start + offsets[0] : start + offsets[-1] + 1] = found
            return
        for offset, number in zip(offsets, found, strict=True):
            numbers[start + offset] = number


@dataclass
class Matrix:
    """The weights from one layer to another: a row a target neuron, a column a source neuron.

    Attributes
    ----------
    height, width : int
        How many neurons the two layers have.
    rows : dict
        {index: Row}, without the rows that have no weights.
    """

    height: int
    width: int
    rows: dict[int, Row] = field(default_factory=dict)


def matrices(layers: Iterable[tuple[int, Sequence[Linked]]]) -> tuple[dict[Ends, Matrix], int]:
    """Return the matrices of a graph, by their layers, and how many weights are in them.

    Parameters
    ----------
    layers : iterable of (int, sequence of neurons)
        Each layer's id and neurons, the input layer first.
    """
    found: dict[Ends, Matrix] = {}
    columns: dict[Place, int] = {}
    sizes: dict[int, int] = {}
    start = 0
    for target, neurons in layers:
        known: dict[int, dict[int, Part]] = {}  # neurons of a layer mostly share one tuple of sources
        for index, neuron in enumerate(neurons):
            sources = neuron.sources
            if id(sources) not in known:
                known[id(sources)] = _parts(sources, columns, sizes)
            for source, part in known[id(sources)].items():
                if (source, target) not in found:
                    found[source, target] = Matrix(len(neurons), sizes[source])
                found[source, target].rows[index] = Row(start, part)
            start += len(sources)
        columns |= {(target, neuron.id): place for place, neuron in enumerate(neurons)}
        sizes[target] = len(neurons)
    return found, start


def _parts(
    sources: tuple[Place, ...], columns: dict[Place, int], sizes: dict[int, int]
) -> dict[int, Part]:
    """Return the sources of a neuron by their layers."""
    found: dict[int, tuple[array[int], array[int]]] = {}
    for offset, place in enumerate(sources):
        both = found.setdefault(place[0], (array("q"), array("q")))
        both[0].append(columns[place])
        both[1].append(offset)
    return {
        source: Part(range(sizes[source]), range(offsets[0], offsets[-1] + 1), True)
        if list(places) == list(range(sizes[source])) and offsets[-1] - offsets[0] == len(offsets) - 1
        else Part(places, offsets, False)
        for source, (places, offsets) in found.items()
    }
