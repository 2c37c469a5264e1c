"""The weights of a graph as matrices, one between every two layers that are connected."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from slownet.recording.graph import Graph, NeuronKey

LayerPair = tuple[int, int]  # (source layer, target layer)


class HasSources(Protocol):
    """A neuron of a graph, or the entry of one in a file before the graph is made."""

    @property
    def id(self) -> int:
        """Its id in the layer."""

    @property
    def sources(self) -> tuple[NeuronKey, ...]:
        """The (layer, neuron) that each weight comes from."""


class RowLayout(NamedTuple):
    """The entries of a row of a matrix that are weights.

    Attributes
    ----------
    columns : sequence of int
        The indices of the source neurons in their layer.
    offsets : sequence of int
        The indices of these weights among those into the neuron.
    is_whole : bool
        Whether they come from all neurons of the layer, in order.
    """

    columns: Sequence[int]
    offsets: Sequence[int]
    is_whole: bool

    def select(self, row: array[float]) -> array[float]:
        """Return the numbers of a row of the matrix that stand for weights."""
        return row if self.is_whole else array("d", [row[column] for column in self.columns])


class MatrixRow(NamedTuple):
    """A row of a matrix: the index of the neuron's first weight in a snapshot, and the layout."""

    start: int
    layout: RowLayout

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
class WeightMatrix:
    """The weights from one layer to another: a row for each neuron of the second, a column of the first.

    Attributes
    ----------
    height, width : int
        How many neurons the two layers have.
    rows : dict
        {index: MatrixRow}, without the rows that have no weights.
    """

    height: int
    width: int
    rows: dict[int, MatrixRow] = field(default_factory=dict)


def matrices(
    layers: Iterable[tuple[int, Sequence[HasSources]]],
) -> tuple[dict[LayerPair, WeightMatrix], int]:
    """Return the matrices of a graph, by their layers, and how many weights are in them.

    Parameters
    ----------
    layers : iterable of (int, sequence of neurons)
        Each layer's id and neurons, the input layer first.
    """
    found: dict[LayerPair, WeightMatrix] = {}
    columns: dict[NeuronKey, int] = {}
    sizes: dict[int, int] = {}
    start = 0
    for target, neurons in layers:
        # by the id of a tuple of sources, which most neurons of a layer have in common
        known: dict[int, dict[int, RowLayout]] = {}
        for index, neuron in enumerate(neurons):
            sources = neuron.sources
            if id(sources) not in known:
                known[id(sources)] = _row_layouts(sources, columns, sizes)
            for source, layout in known[id(sources)].items():
                if (source, target) not in found:
                    found[source, target] = WeightMatrix(len(neurons), sizes[source])
                found[source, target].rows[index] = MatrixRow(start, layout)
            start += len(sources)
        columns |= {(target, neuron.id): column for column, neuron in enumerate(neurons)}
        sizes[target] = len(neurons)
    return found, start


def _row_layouts(
    sources: tuple[NeuronKey, ...], columns: dict[NeuronKey, int], sizes: dict[int, int]
) -> dict[int, RowLayout]:
    """Return the sources of a neuron by their layers."""
    found: dict[int, tuple[array[int], array[int]]] = {}
    for offset, key in enumerate(sources):
        both = found.setdefault(key[0], (array("q"), array("q")))
        both[0].append(columns[key])
        both[1].append(offset)
    return {
        layer: RowLayout(range(sizes[layer]), range(offsets[0], offsets[-1] + 1), True)
        if list(taken) == list(range(sizes[layer])) and offsets[-1] - offsets[0] == len(offsets) - 1
        else RowLayout(taken, offsets, False)
        for layer, (taken, offsets) in found.items()
    }


@dataclass(frozen=True)
class StateLayout:
    """The layout of the numbers of a state in a training file, for one graph.

    Attributes
    ----------
    sizes : dict
        {layer id: number of neurons}, of the layers after the input layer.
    matrices : dict
        {(source layer, target layer): WeightMatrix}.
    weight_count : int
        How many weights the matrices hold.
    """

    sizes: dict[int, int]
    matrices: dict[LayerPair, WeightMatrix]
    weight_count: int

    @classmethod
    def of(cls, layers: Iterable[tuple[int, Sequence[HasSources]]]) -> StateLayout:
        """Return the layout for layers, each an id and its neurons, the input layer first."""
        listed = list(layers)
        return cls({layer: len(neurons) for layer, neurons in listed[1:]}, *matrices(listed))

    @classmethod
    def of_graph(cls, graph: Graph) -> StateLayout:
        """Return the layout for a graph."""
        return cls.of((layer.id, list(layer.neurons.values())) for layer in graph.layers.values())

    def by_layer(self, values: Sequence[Any]) -> Iterator[tuple[int, Sequence[Any]]]:
        """Yield each layer's id and its part of the values of all neurons after the input layer."""
        start = 0
        for layer, size in self.sizes.items():
            yield layer, values[start : start + size]
            start += size
