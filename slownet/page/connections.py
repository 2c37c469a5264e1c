"""The neurons and weights of graphs, numbered as in the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from slownet.page.encoding import Writer
from slownet.recording import Graph

Ints = npt.NDArray[np.int32]


class Connections:
    """All neurons and weights that graphs have, each with its number.

    Neurons are numbered layer by layer, those of the input layer first; weights by the neuron that they
    go to, in the order of attachment there.

    Parameters
    ----------
    graphs : sequence of Graph
        At least one.
    neurons : mapping, optional
        {layer id: ids of the neurons} of all graphs; by default those of the only graph.

    Attributes
    ----------
    start : (neurons + 1,) array of int
        Where the weights into each neuron after the input layer begin.
    source : (weights,) array of int
        The neuron that each weight comes from.
    places : list of array
        For each graph, the place of each weight in its snapshots; -1 where it has no such weight.
    flat : dict
        The number of each neuron, by layer and id.
    """

    def __init__(
        self, graphs: Sequence[Graph], neurons: Mapping[int, Sequence[int]] | None = None
    ) -> None:
        self.graphs = graphs
        if neurons is None:
            (graph,) = graphs
            neurons = {layer.id: [*layer.neurons] for layer in graph.layers.values()}
        self.layers = sorted(neurons)
        keys = [(layer, neuron) for layer in self.layers for neuron in neurons[layer]]
        self.flat = {key: number for number, key in enumerate(keys)}
        self.inputs = len(neurons[self.layers[0]])
        self._neuron_ids = neurons
        self.start, self.source, self.places = self._find_weights()

    def write(self, writer: Writer) -> None:
        """Write which weights there are; differences, because most are 1, which compresses well."""
        writer.plain("start", np.diff(self.start), "int32")
        writer.plain("source", np.diff(self.source, prepend=0), "int32")
        if (leaving := self.leaving()) is not None:
            writer.plain("leaving", leaving, "int32")

    def leaving(self) -> Ints | None:
        """Return all weights, those out of each neuron in the order in which they were attached there.

        None where that is the order in which the weights are numbered.
        """
        unusual = [
            {
                (layer.id, entry.id): entry.targets
                for layer in graph.layers.values()
                for entry in layer.neurons.values()
                if entry.targets is not None
            }
            for graph in self.graphs
        ]
        if not any(unusual):
            return None
        order = np.arange(len(self.source), dtype=np.int32)
        target = np.repeat(np.arange(len(self.start) - 1) + self.inputs, np.diff(self.start))
        for neuron in set().union(*unusual):
            out = np.flatnonzero(self.source == self.flat[neuron]).tolist()
            number = dict(zip(target[out].tolist(), out, strict=True))
            found: dict[int, None] = {}
            for targets, places in zip(unusual, self.places, strict=True):
                if neuron in targets:
                    found |= dict.fromkeys(number[self.flat[each]] for each in targets[neuron])
                else:
                    found |= dict.fromkeys(w for w in out if places[w] >= 0)
            order[out] = list(found)
        return order

    def _find_weights(self) -> tuple[Ints, Ints, list[npt.NDArray[np.int64]]]:
        flat = self.flat
        numbers: dict[int, Ints] = {}  # by the id of a tuple of sources, which many neurons share
        starts, sources = [0], []
        places: list[list[npt.NDArray[np.int64]]] = [[] for _ in self.graphs]
        for layer in self.layers[1:]:
            for neuron in self._neuron_ids[layer]:
                plans = [
                    graph.layers[layer].neurons.get(neuron) if layer in graph.layers else None
                    for graph in self.graphs
                ]
                found = []
                for plan in plans:
                    ends = plan.sources if plan else ()
                    if id(ends) not in numbers or len(ends) == 0:
                        numbers[id(ends)] = np.array([flat[end] for end in ends], np.int32)
                    found.append(numbers[id(ends)])
                union = found[0]
                for other in found[1:]:
                    if other is not union:
                        union = np.concatenate([union, other[~np.isin(other, union)]])
                for each, plan, had in zip(places, plans, found, strict=True):
                    stands = np.full(len(union), -1, np.int64)
                    if plan is not None and len(had):
                        own = np.fromiter(plan.weights.values(), np.int64, len(had))
                        if had is union:
                            stands = own
                        else:
                            order = np.argsort(union, kind="stable")
                            stands[order[np.searchsorted(union, had, sorter=order)]] = own
                    each.append(stands)
                sources.append(union)
                starts.append(starts[-1] + len(union))
        joined = [np.concatenate([*each, np.zeros(0, np.int64)]) for each in places]
        source = np.concatenate([*sources, np.zeros(0, np.int32)])
        return np.array(starts, np.int32), source, joined

    @cached_property
    def neurons(self) -> list[tuple[Ints, Ints]]:
        """For each graph, the numbers of its neurons after the inputs: of the page, of its snapshots."""
        return [self._neurons_of(graph) for graph in self.graphs]

    def _neurons_of(self, graph: Graph) -> tuple[Ints, Ints]:
        pairs = [
            (self.flat[layer.id, plan.id], plan.place)
            for layer in graph.layers.values()
            if layer.id != self.layers[0]
            for plan in layer.neurons.values()
        ]
        ours, theirs = np.array(pairs, np.int32).reshape(-1, 2).T
        return ours, theirs
