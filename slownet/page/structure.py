"""All neurons and weights that a net had in any snapshot, and a forward pass over arrays of them."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from slownet.functions import Activation, AnyActivation, Loss, loss_for
from slownet.functions.description import describe
from slownet.page.connections import Connections
from slownet.page.encoding import Floats
from slownet.plotting.scene import Scene
from slownet.translation import UntranslatableError

Ints = npt.NDArray[np.int32]


class Structure:
    """The neurons and weights of a scene, numbered as in the page.

    Attributes
    ----------
    graphs : list of Graph
        Of the snapshots: one, unless the net was changed during training.
    activations : list
        Of each layer after the inputs.
    ends : (layers,) array of int
        The number of neurons up to the end of each layer.
    connections : Connections
        The numbers of neurons and weights.
    start, source, places
        Of the connections.

    Parameters
    ----------
    scene : Scene
        With at least one snapshot.

    Raises
    ------
    UntranslatableError
        If a layer has had several activations.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.graphs = list({id(each.graph): each.graph for each in scene.snapshots}.values())
        self.activations = [self._activation(layer) for layer in scene.layers[1:]]
        self.ends = np.cumsum([len(scene.neurons[layer]) for layer in scene.layers])
        found = self.connections = Connections(self.graphs, scene.neurons)
        self.start, self.source, self.places = found.start, found.source, found.places

    @property
    def inputs(self) -> int:
        """The number of inputs."""
        return int(self.ends[0])

    @property
    def loss(self) -> Loss:
        """The loss that was trained with."""
        graph = self.graphs[-1]
        return graph.loss if graph.loss is not None else loss_for(self.activations[-1])

    @property
    def is_constant(self) -> bool:
        """Whether all snapshots are of the same neurons and weights; graphs of a file are read anew."""
        if len(self.graphs) == 1:
            return True
        every = np.arange(len(self.source))
        neurons = np.arange(len(self.start) - 1)
        return self.connections.leaving() is None and all(
            np.array_equal(places, every) and np.array_equal(theirs, neurons)
            for places, (_, theirs) in zip(
                self.connections.places, self.connections.neurons, strict=True
            )
        )

    @property
    def is_dense(self) -> bool:
        """Whether each layer is fully connected to the one before it, and to no other."""
        ends = [0, *self.ends.tolist()]
        return all(
            dense is not None and dense.tolist() == list(range(begin, end))
            for dense, (begin, end) in zip(self._dense, pairwise(ends[:-1]), strict=True)
        )

    @property
    def spans(self) -> list[tuple[int, slice]]:
        """The ids of the layers after the inputs, each with the places of the weights into it."""
        starts = [int(self.start[end - self.inputs]) for end in self.ends]
        return [
            (layer, slice(*ends))
            for layer, ends in zip(self.scene.layers[1:], pairwise(starts), strict=True)
        ]

    def graph_of(self, frame: int) -> int:
        """Return the place in `graphs` of a snapshot's graph."""
        graph = self.scene.snapshots[frame].graph
        return next(k for k, each in enumerate(self.graphs) if each is graph)

    def numbers(self) -> tuple[Floats, Floats, npt.NDArray[np.bool_] | None]:
        """Return weights (frames, weights), biases (frames, neurons), and which weights are missing.

        Missing weights are 0, and so are the biases of missing neurons.
        """
        snapshots = self.scene.snapshots
        weights = np.zeros((len(snapshots), len(self.source)))
        biases = np.zeros((len(snapshots), len(self.start) - 1))
        gone = np.zeros(weights.shape, bool) if len(self.graphs) > 1 else None
        for frame, snapshot in enumerate(snapshots):
            which = self.graph_of(frame)
            places = self.places[which]
            if gone is not None:
                gone[frame] = places < 0
            numbers = np.frombuffer(snapshot.weights or b"")
            if gone is None:
                weights[frame] = numbers[places]
            else:
                weights[frame, places >= 0] = numbers[places[places >= 0]]
            ours, theirs = self.connections.neurons[which]
            biases[frame, ours - self.inputs] = np.frombuffer(snapshot.biases or b"")[theirs]
        return weights, biases, gone if gone is not None and gone.any() else None

    def removed(self) -> npt.NDArray[np.bool_] | None:
        """Return which neurons after the inputs each snapshot lacks, (frames, neurons); or None."""
        removed = np.ones((len(self.scene.snapshots), len(self.start) - 1), bool)
        for frame in range(len(removed)):
            ours, _ = self.connections.neurons[self.graph_of(frame)]
            removed[frame, ours - self.inputs] = False
        return removed if removed.any() else None

    def frozen(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Return which weights and which biases are frozen in each snapshot, each (frames, n)."""
        snapshots = self.scene.snapshots
        weights = np.zeros((len(snapshots), len(self.source)), bool)
        biases = np.zeros((len(snapshots), len(self.start) - 1), bool)
        for frame, snapshot in enumerate(snapshots):
            if snapshot.state is None or not snapshot.state.frozen:
                continue
            which, graph = self.graph_of(frame), snapshot.graph
            marks = np.zeros(graph.weight_count + graph.neuron_count, bool)
            marks[list(snapshot.state.frozen)] = True
            places, (ours, theirs) = self.places[which], self.connections.neurons[which]
            weights[frame, places >= 0] = marks[places[places >= 0]]
            biases[frame, ours - self.inputs] = marks[graph.weight_count + theirs]
        return weights, biases & ~self.without_bias()

    def without_bias(self) -> npt.NDArray[np.bool_]:
        """Return which neurons after the inputs have no bias in a snapshot, (frames, neurons)."""
        found = np.zeros((len(self.scene.snapshots), len(self.start) - 1), bool)
        lacking = [
            [
                self.connections.flat[layer.id, neuron.id] - self.inputs
                for layer in graph.layers.values()
                if layer.id != self.scene.inputs
                for neuron in layer.neurons.values()
                if not neuron.has_bias
            ]
            for graph in self.graphs
        ]
        for frame in range(len(found)):
            found[frame, lacking[self.graph_of(frame)]] = True
        return found

    def forward(
        self,
        weights: Floats,
        biases: Floats,
        samples: Floats,
        removed: npt.NDArray[np.bool_] | None = None,
    ) -> tuple[Floats, Floats]:
        """Return the z and value of every neuron after the input layer, (samples, neurons).

        Neurons that are `removed` have no part in the activation of a whole layer.
        """
        present = np.ones(len(self.start) - 1, bool) if removed is None else ~removed
        first = self.inputs
        known = np.zeros((len(samples), int(self.ends[-1])))
        known[:, :first] = samples
        zs = np.zeros((len(samples), int(self.ends[-1]) - first))
        for k, (activation, (_, span)) in enumerate(zip(self.activations, self.spans, strict=True)):
            begin, end = int(self.ends[k]), int(self.ends[k + 1])
            into, sources, dense = weights[span], self.source[span], self._dense[k]
            z = np.tile(biases[begin - first : end - first], (len(samples), 1))
            if dense is not None:
                rows = into.reshape(-1, len(dense))
                z += np.einsum("sn,mn->sm", known[:, dense], rows)  # avoids starting BLAS threads
            else:
                starts = self.start[begin - first : end - first + 1] - span.start
                for j, (a, b) in enumerate(pairwise(starts)):
                    z[:, j] += known[:, sources[a:b]] @ into[a:b]
            zs[:, begin - first : end - first] = z
            there = present[begin - first : end - first]
            known[:, begin:end][:, there] = _activated(activation, z[:, there])
        return zs, known[:, first:]

    @cached_property
    def _dense(self) -> list[Ints | None]:
        """For each layer after the inputs, the common sources of its neurons; None if they differ."""
        first = self.inputs
        found: list[Ints | None] = []
        for k, (_, span) in enumerate(self.spans):
            counts = np.diff(self.start[int(self.ends[k]) - first : int(self.ends[k + 1]) - first + 1])
            rows = None
            if len(counts) and counts[0] and (counts == counts[0]).all():
                rows = self.source[span].reshape(-1, int(counts[0]))
            found.append(rows[0] if rows is not None and (rows == rows[0]).all() else None)
        return found

    def _activation(self, layer: int) -> AnyActivation:
        found = {
            repr(describe(graph.layers[layer].activation)): graph.layers[layer].activation
            for graph in self.graphs
            if layer in graph.layers
        }
        if len(found) > 1:
            raise UntranslatableError(f"layer {layer} has had several activations: {', '.join(found)}")
        return next(iter(found.values()))


def _activated(activation: AnyActivation, z: Floats) -> Floats:
    """Return an activation of (samples, neurons)."""
    if isinstance(activation, Activation):
        return np.array(activation.values(z.ravel().tolist())).reshape(z.shape)
    return np.array([activation.values(row) if row else row for row in z.tolist()])
