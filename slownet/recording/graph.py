"""The structure of a net without its numbers, and nets built from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from slownet import building
from slownet.errors import InvalidValueError
from slownet.functions import AnyActivation, Loss, linear
from slownet.graph_checks import WeightId
from slownet.objects import Layer, Net, Neuron, Weight

NeuronKey = tuple[int, int]  # (layer id, neuron id)


@dataclass(frozen=True)
class GraphNeuron:
    """A neuron of a graph, and the places of its numbers in a snapshot.

    Attributes
    ----------
    id : int
        Its id in the layer.
    has_bias : bool
        Whether it has a bias that training may change; input neurons have none.
    weights : dict
        {weight id: its place in `Snapshot.weights`}, in the order of attachment.
    sources : tuple of (int, int)
        The (layer, neuron) that each of them comes from.
    place : int
        Its place in `Snapshot.biases` and in each array of `zs` and `values`.
    targets : tuple of (int, int) or None
        The (layer, neuron) that each weight out of it goes to, in the order of attachment; None where
        the order is by layer, then by neuron.
    """

    id: int
    has_bias: bool
    weights: dict[WeightId, int]
    sources: tuple[NeuronKey, ...]
    place: int
    targets: tuple[NeuronKey, ...] | None = None


@dataclass(frozen=True)
class GraphLayer:
    """A layer of the graph: its id, its activation (linear where it has none), its neurons by id."""

    id: int
    activation: AnyActivation
    neurons: dict[int, GraphNeuron]
    has_activation: bool = True


class NeuronEntry(NamedTuple):
    """A neuron without what follows from its place in the graph."""

    id: int
    has_bias: bool
    sources: tuple[NeuronKey, ...]  # shared by all that come from the same whole layer
    targets: tuple[NeuronKey, ...] | None


class LayerEntry(NamedTuple):
    """A layer with such neurons."""

    id: int
    activation: AnyActivation | None
    neurons: list[NeuronEntry]


def layers_of(entries: Sequence[LayerEntry]) -> list[GraphLayer]:
    """Return the layers of a graph, the input layer first."""
    layers: list[GraphLayer] = []
    weights = neurons = 0
    for index, (layer_id, activation, inside) in enumerate(entries):
        made = {}
        before = entries[index - 1].id if index else None
        for neuron_id, has_bias, sources, targets in inside:
            ids = [
                (source[1], neuron_id) if source[0] == before else (source, (layer_id, neuron_id))
                for source in sources
            ]
            places = dict(zip(ids, range(weights, weights + len(ids)), strict=True))
            made[neuron_id] = GraphNeuron(neuron_id, has_bias, places, sources, neurons, targets)
            weights += len(ids)
            neurons += index > 0
        layers.append(GraphLayer(layer_id, activation or linear, made, activation is not None))
    return layers


class Graph:
    """The structure of a net at some moment, without its numbers; snapshots share it.

    Attributes
    ----------
    layers : dict
        {layer id: GraphLayer}, input layer first.
    loss : Loss or None
        The loss that was set; None for the one that belongs to the output activation.
    classes : list or None
        The class labels, where they are not simply 0, 1, 2, ...
    seed : int or None
        The seed of the initial weights.
    initializers : list of str or None
        What a factory drew the initial weights with; see `Net`.

    Parameters
    ----------
    layers : sequence of GraphLayer
        Input layer first.
    loss, classes, seed, initializers
        As above.
    """

    def __init__(
        self,
        layers: Iterable[GraphLayer],
        loss: Loss | None = None,
        classes: list[Any] | None = None,
        seed: int | None = None,
        initializers: list[str] | None = None,
    ) -> None:
        self.layers = {layer.id: layer for layer in layers}
        self.loss, self.classes, self.seed, self.initializers = loss, classes, seed, initializers

    def __reduce__(self) -> tuple[Any, ...]:
        entries = [
            LayerEntry(
                layer.id,
                layer.activation if layer.has_activation else None,
                [NeuronEntry(n.id, n.has_bias, n.sources, n.targets) for n in layer.neurons.values()],
            )
            for layer in self.layers.values()
        ]
        return _graph, (entries, self.loss, self.classes, self.seed, self.initializers)

    @classmethod
    def of(cls, net: Net) -> Graph:
        """Read the structure of a net."""
        wiring = net.wiring
        layers: list[GraphLayer] = []
        weight_count = neuron_count = 0
        for layer_pass, layer in zip((wiring.inputs, *wiring.layers), net, strict=True):
            sources: dict[Neuron, tuple[NeuronKey, ...]] = {}
            for group in layer_pass.incoming:
                sources |= dict.fromkeys((neuron for neuron, _ in group.rows), _keys(group.ends))
            targets: dict[Neuron, tuple[NeuronKey, ...]] = {}
            for group in layer_pass.outgoing:
                keys = _keys(group.ends)
                if list(keys) != sorted(keys):
                    targets |= dict.fromkeys((neuron for neuron, _ in group.rows), keys)
            neurons = {}
            for neuron in layer_pass.neurons:
                ids = neuron.weights["in"]
                neurons[neuron.id] = GraphNeuron(
                    neuron.id,
                    neuron.has_bias and layer_pass is not wiring.inputs,
                    dict(zip(ids, range(weight_count, weight_count + len(ids)), strict=True)),
                    sources[neuron],
                    neuron_count,
                    targets.get(neuron),
                )
                weight_count += len(ids)
                neuron_count += layer_pass is not wiring.inputs
            layers.append(GraphLayer(layer.id, layer.function, neurons, layer.activation is not None))
        return cls(layers, net.explicit_loss, net.classes, net.seed, net.initializers)

    @cached_property
    def sizes(self) -> list[int]:
        """The number of neurons of each layer."""
        return [len(layer.neurons) for layer in self.layers.values()]

    @property
    def inputs(self) -> GraphLayer:
        """The first layer."""
        return self.layers[min(self.layers)]

    @property
    def outputs(self) -> GraphLayer:
        """The last layer."""
        return self.layers[max(self.layers)]

    @cached_property
    def weight_count(self) -> int:
        """How many weights there are."""
        return sum(
            len(neuron.sources) for layer in self.layers.values() for neuron in layer.neurons.values()
        )

    @cached_property
    def neuron_count(self) -> int:
        """How many neurons there are after the input layer."""
        return sum(self.sizes[1:])

    def neuron(self, layer: int, neuron: int) -> GraphNeuron:
        """Find a neuron; ValueError if there is none."""
        if layer not in self.layers or neuron not in self.layers[layer].neurons:
            raise InvalidValueError(f"no neuron {neuron} in layer {layer}; layers have {self.sizes}")
        return self.layers[layer].neurons[neuron]

    def is_of(self, net: Net) -> bool:
        """Whether a net has these neurons and these weights, in the same order of attachment."""
        first = net.inputs if net.layers else None
        return [
            (layer.id, neuron.id, neuron.has_bias, list(neuron.weights))
            for layer in self.layers.values()
            for neuron in layer.neurons.values()
        ] == [
            (layer.id, neuron.id, neuron.has_bias and layer is not first, list(neuron.weights["in"]))
            for neuron in net.neurons()
            if (layer := neuron.layer) is not None
        ]

    def new_net(self, weights: Sequence[float], biases: Sequence[float]) -> Net:
        """Build a net of this structure with these numbers, in the order of `Snapshot`'s."""
        net = Net()
        net.seed, net.initializers = self.seed, self.initializers
        neurons: dict[NeuronKey, Neuron] = {}
        first = self.inputs.id
        with building.uncollected():
            for layer in self.layers.values():
                new_layer = Layer(layer.id, net, layer.activation if layer.has_activation else None)
                for entry in layer.neurons.values():
                    neurons[layer.id, entry.id] = neuron = Neuron(entry.id, new_layer)
                    neuron.has_bias = entry.has_bias
                    if layer.id != first:
                        neuron.bias = biases[entry.place]
            leaving: dict[NeuronKey, dict[NeuronKey, Weight]] = {key: {} for key in neurons}
            for layer in self.layers.values():
                for entry in layer.neurons.values():
                    sources = [neurons[key] for key in entry.sources]
                    numbers = [weights[place] for place in entry.weights.values()]
                    made = building.new_weights(
                        Weight, neurons[layer.id, entry.id], sources, list(entry.weights), numbers
                    )
                    for key, weight in zip(entry.sources, made, strict=True):
                        leaving[key][layer.id, entry.id] = weight
            for layer in self.layers.values():
                for entry in layer.neurons.values():
                    out = leaving[layer.id, entry.id]
                    ordered = [out[key] for key in entry.targets or out]
                    building.attach_out(neurons[layer.id, entry.id], [w.id for w in ordered], ordered)
        net.classes = self.classes
        if self.loss is not None:
            net.loss = self.loss
        return net


def _graph(entries: Sequence[LayerEntry], *head: Any) -> Graph:
    return Graph(layers_of(entries), *head)


def _keys(neurons: Iterable[Neuron]) -> tuple[NeuronKey, ...]:
    return tuple((neuron.layer.id, neuron.id) for neuron in neurons if neuron.layer is not None)
