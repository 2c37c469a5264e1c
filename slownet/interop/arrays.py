"""A net as matrices and vectors, and nets made of them: what the other formats are written from."""

from __future__ import annotations

import io
import itertools
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from slownet import recording
from slownet.checks import check_type, short
from slownet.errors import DivergedError, FormatError, InvalidValueError
from slownet.functions import AnyActivation
from slownet.objects import Net
from slownet.recording import Graph, Snapshot, TrainingState
from slownet.recording.graph import LayerEntry, NeuronEntry, layers_of
from slownet.recording.graph_reading import GraphReader, read_graph
from slownet.recording.graph_writing import graph_to_plain
from slownet.recording.json_stream import JsonStream
from slownet.recording.json_text import encoded, to_text
from slownet.recording.matrices import LayerPair, StateLayout

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False, repr=False)
class NetArrays:
    """The numbers of a net as arrays, and its graph, with which they are a net again.

    Layers go by their ids. The formula of a layer is z = sum of W a over its source layers + b.

    Attributes
    ----------
    graph : Graph
        Which weights there are, and in which order they are added; activations, classes, preparation.
    weights : dict
        {(source layer, target layer): (targets, sources) array of float64}; 0 where there is no weight.
    biases : dict
        {layer: (neurons,) array of float64}, of the layers after the inputs.
    frozen_weights, frozen_biases : dict
        Arrays of bool of the same shapes: what training leaves as it is.
    """

    graph: Graph
    weights: dict[LayerPair, Array]
    biases: dict[int, Array]
    frozen_weights: dict[LayerPair, Array]
    frozen_biases: dict[int, Array]

    @classmethod
    def of(cls, net: Net) -> NetArrays:
        """Return copies of the numbers of a net; TypeError or ValueError if one is no number."""
        taken = recording.take(net)
        count = len(taken.weights)
        marks = array("d", bytes(8 * (count + len(taken.biases))))
        for place in taken.state.frozen if taken.state else ():
            marks[place] = 1.0
        return cls(
            taken.graph,
            matrices_of(taken.graph, taken.weights),
            vectors_of(taken.graph, taken.biases),
            {pair: each != 0.0 for pair, each in matrices_of(taken.graph, marks[:count]).items()},
            {layer: each != 0.0 for layer, each in vectors_of(taken.graph, marks[count:]).items()},
        )

    def net(self) -> Net:
        """Return a new net of these numbers."""
        layout = StateLayout.of_graph(self.graph)
        weights, biases = _flat(layout, self.weights, self.biases)
        marks = _flat(layout, self.frozen_weights, self.frozen_biases)
        frozen = [place for place, mark in enumerate([*marks[0], *marks[1]]) if mark]
        state = TrainingState(frozenset(frozen))
        return Snapshot(0, 0.0, self.graph, weights, biases, state=state).restore()

    def exists(self, pair: LayerPair) -> Array:
        """Return which weights there are between two layers: (targets, sources) of bool."""
        layout = StateLayout.of_graph(self.graph).matrices[pair]
        found = np.zeros((layout.height, layout.width), bool)
        for index, row in layout.rows.items():
            found[index, list(row.layout.columns)] = True
        return found

    def has_bias(self, layer: int) -> Array:
        """Return which neurons of a layer have a bias that training may change: (neurons,) of bool."""
        return np.array([neuron.has_bias for neuron in self.graph.layers[layer].neurons.values()])

    @property
    def layers(self) -> list[int]:
        """The ids of the layers after the inputs."""
        return [*self.graph.layers][1:]

    def sources(self, layer: int) -> list[int]:
        """Return the layers that weights into a layer come from, in their order."""
        return sorted(source for source, target in self.weights if target == layer)

    def activation(self, layer: int) -> AnyActivation:
        """Return the activation of a layer, linear where it has none."""
        return self.graph.layers[layer].activation

    @property
    def is_sequential(self) -> bool:
        """Whether all weights lead to the next layer, and are added in the order of its neurons."""
        ids = [*self.graph.layers]
        if not set(self.weights) <= set(itertools.pairwise(ids)):
            return False
        return all(
            list(neuron.sources) == sorted(neuron.sources)
            for layer in self.graph.layers.values()
            for neuron in layer.neurons.values()
        )

    @property
    def coefs_(self) -> list[Array]:
        """The matrices as scikit-learn's `MLPClassifier` has them: (sources, targets), one a layer.

        Raises
        ------
        ValueError
            If a weight skips a layer: scikit-learn has no place for it.
        """
        ids = [*self.graph.layers]
        pairs = list(itertools.pairwise(ids))
        for source, target in self.weights:
            if (source, target) not in pairs:
                raise InvalidValueError(
                    f"a weight leads from layer {source} to layer {target}, past others: coefs_ of "
                    "scikit-learn hold weights between neighbouring layers only"
                )
        sizes = self.graph.sizes
        empty = [np.zeros(shape) for shape in zip(sizes[1:], sizes, strict=False)]
        found = [self.weights.get(pair, none) for pair, none in zip(pairs, empty, strict=True)]
        return [np.ascontiguousarray(each.T) for each in found]

    @property
    def intercepts_(self) -> list[Array]:
        """The biases as scikit-learn has them, one vector a layer."""
        return [self.biases[layer].copy() for layer in self.layers]

    def __repr__(self) -> str:
        shapes = ", ".join(f"{a}-{b}: {each.shape}" for (a, b), each in self.weights.items())
        return f"NetArrays({len(self.graph.layers)} layers, weights {shapes or 'none'})"

    # files of arrays

    def named(self) -> dict[str, Array]:
        """Return the arrays by the names that files give them: "weight.0-1", "bias.1", ..."""
        frozen = {pair: each for pair, each in self.frozen_weights.items() if each.any()}
        return {
            **{f"weight.{a}-{b}": each for (a, b), each in self.weights.items()},
            **{f"bias.{layer}": each for layer, each in self.biases.items()},
            **{f"frozen_weight.{a}-{b}": each for (a, b), each in frozen.items()},
            **{f"frozen_bias.{layer}": m for layer, m in self.frozen_biases.items() if m.any()},
        }

    def description(self) -> str:
        """Return the graph as JSON, as it stands in net files, without numbers."""
        return encoded(to_text(graph_to_plain(self.graph))).decode()

    @classmethod
    def from_named(
        cls, named: Mapping[str, Array], description: str, where: str, formulas: Iterable[Any] = ()
    ) -> NetArrays:
        """Return the arrays of a file, all of which is checked.

        Raises
        ------
        FormatError
            If the description is none, or an array is missing, has another shape or other numbers.
        """
        stream = JsonStream(io.BytesIO(encoded(description)), where)
        reader = GraphReader(where, formulas)
        graph = reader.graph(read_graph(stream, reader, where))
        stream.end()
        layout = StateLayout.of_graph(graph)
        left = dict(named)

        def taken(name: str, shape: tuple[int, ...], kind: str) -> Array:
            default = np.zeros(shape, bool) if kind == "bool" else None
            return _checked(left.pop(name, default), shape, kind, f"{where}, {name}")

        pairs = {pair: (each.height, each.width) for pair, each in layout.matrices.items()}
        vectors = {layer: (size,) for layer, size in layout.sizes.items()}
        found = cls(
            graph,
            {(a, b): taken(f"weight.{a}-{b}", shape, "float64") for (a, b), shape in pairs.items()},
            {layer: taken(f"bias.{layer}", shape, "float64") for layer, shape in vectors.items()},
            {(a, b): taken(f"frozen_weight.{a}-{b}", s, "bool") for (a, b), s in pairs.items()},
            {layer: taken(f"frozen_bias.{layer}", shape, "bool") for layer, shape in vectors.items()},
        )
        if left:
            raise FormatError(
                f"{where}: expected the arrays of the net, found {short(next(iter(left)))}"
            )
        for (a, b), matrix in found.weights.items():
            if (matrix[~found.exists((a, b))] != 0.0).any():
                raise FormatError(f"{where}, weight.{a}-{b}: expected 0 where the net has no weight")
        return found


def check_exportable(net: Net) -> None:
    """Refuse what is no net, an incomplete one, and numbers that are none or not finite.

    Raises
    ------
    TypeError, ValueError
        The message names the weight.
    """
    check_type("net", net, Net)
    try:
        net.check_finite()
    except DivergedError as error:
        raise InvalidValueError(f"{error}: what is exported has finite numbers only") from None


def as_precision(numbers: Array, dtype: str, name: str) -> Array:
    """Return numbers as float64 or float32; ValueError if one is too large for it."""
    with np.errstate(over="ignore", under="ignore"):
        found = numbers.astype(dtype)
    lost = np.isinf(found) & ~np.isinf(numbers)
    if lost.any():
        raise InvalidValueError(
            f"{name}: {float(numbers[lost][0])!r} is too large for {dtype}: write it in float64"
        )
    return found


def sequential(
    matrices: Sequence[Array],
    biases: Sequence[Array],
    activations: Sequence[AnyActivation],
    exists: Sequence[Array] | None = None,
    has_bias: Sequence[Array] | None = None,
) -> NetArrays:
    """Return the arrays of a net whose layers are joined one to the next, without anything frozen.

    Parameters
    ----------
    matrices, biases : sequence of array
        For each layer after the inputs (targets, sources) and (targets,).
    activations : sequence of Activation
        For each of them.
    exists, has_bias : sequence of array of bool, optional
        Which weights and biases there are; by default all.
    """
    width = matrices[0].shape[1]
    entries = [LayerEntry(0, None, [NeuronEntry(place, False, (), None) for place in range(width)])]
    for layer, (matrix, activation) in enumerate(zip(matrices, activations, strict=True), start=1):
        rows = np.ones(matrix.shape, bool) if exists is None else exists[layer - 1]
        biased = np.ones(len(matrix), bool) if has_bias is None else has_bias[layer - 1]
        whole = tuple((layer - 1, column) for column in range(matrix.shape[1]))
        neurons = [
            NeuronEntry(place, bool(own), _chosen(whole, row), None)
            for place, (row, own) in enumerate(zip(rows, biased, strict=True))
        ]
        entries.append(LayerEntry(layer, activation, neurons))
    graph = Graph(layers_of(entries))
    found = {
        (layer, layer + 1): matrix
        for layer, matrix in enumerate(matrices)
        if exists is None or exists[layer].any()
    }
    return NetArrays(
        graph,
        found,
        dict(enumerate(biases, start=1)),
        {pair: np.zeros(each.shape, bool) for pair, each in found.items()},
        {layer: np.zeros(len(each), bool) for layer, each in enumerate(biases, start=1)},
    )


def _chosen(whole: tuple[tuple[int, int], ...], row: Array) -> tuple[tuple[int, int], ...]:
    return whole if row.all() else tuple(whole[column] for column in np.flatnonzero(row).tolist())


def matrices_of(graph: Graph, numbers: array[float]) -> dict[LayerPair, Array]:
    """Return a number for each weight, in the order of a snapshot, as matrices."""
    found = {}
    layout = StateLayout.of_graph(graph).matrices
    for pair, matrix in sorted(layout.items(), key=lambda each: each[0][::-1]):
        found[pair] = np.zeros((matrix.height, matrix.width))
        for index, row in matrix.rows.items():
            found[pair][index, row.layout.columns] = row.take(numbers)
    return found


def vectors_of(graph: Graph, numbers: Sequence[float]) -> dict[int, Array]:
    """Return a number for each neuron after the inputs, in the order of a snapshot, as vectors."""
    layout = StateLayout.of_graph(graph)
    return {layer: np.array(each, np.float64) for layer, each in layout.by_layer(numbers)}


def _flat(
    layout: StateLayout, matrices: Mapping[LayerPair, Array], vectors: Mapping[int, Array]
) -> tuple[array[float], array[float]]:
    """Return the numbers in the order of a snapshot."""
    weights = array("d", bytes(8 * layout.weight_count))
    for pair, matrix in layout.matrices.items():
        for index, row in matrix.rows.items():
            line = array("d", matrices[pair][index].astype(np.float64).tobytes())
            row.put(weights, row.layout.select(line))
    biases = array("d", [float(each) for layer in layout.sizes for each in vectors[layer]])
    return weights, biases


def _checked(found: Array | None, shape: tuple[int, ...], kind: str, where: str) -> Array:
    """Return an array of a file; FormatError unless it is of this shape and kind, and finite."""
    if found is None:
        raise FormatError(f"{where}: expected an array of shape {shape}, found none")
    if found.dtype != kind or found.shape != shape:
        raise FormatError(
            f"{where}: expected {kind} of shape {shape}, found {found.dtype} of shape {found.shape}"
        )
    if not np.isfinite(found).all():
        raise FormatError(f"{where}: expected finite numbers, found nan or an infinity")
    return found
