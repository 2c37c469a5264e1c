"""The structure of a net without its numbers, and nets built from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby, repeat
from operator import itemgetter
from typing import Any, NamedTuple

from slownet import building
from slownet.errors import InvalidValueError
from slownet.functions import AnyActivation, Loss, linear
from slownet.graph_checks import WeightId
from slownet.objects import Layer, Net, Neuron, Weight
from slownet.samples import Preparation

NeuronKey = tuple[int, int]  # (layer id, neuron id)
_layer_of, _neuron_of = itemgetter(0), itemgetter(1)


@dataclass(frozen=True)
class GraphNeuron:
    """A neuron of a graph, and the places of its numbers in a snapshot.

    A net can have millions of weights: their ids are kept, or made, only where they are looked at.

    Attributes
    ----------
    id : int
        Its id in the layer.
    has_bias : bool
        Whether it has a bias that training may change; input neurons have none.
    sources : tuple of (int, int)
        The (layer, neuron) that each weight into it comes from, in the order of attachment.
    first : int
        The place of the first of them in `Snapshot.weights`; the others follow.
    place : int
        Its place in `Snapshot.biases` and in each array of `zs` and `values`.
    targets : tuple of (int, int) or None
        The (layer, neuron) that each weight out of it goes to, in the order of attachment; None where
        the order is by layer, then by neuron.
    layers : (int, int)
        The id of the layer before its layer, and that of its layer.
    ids : tuple of weight ids or None
        The ids of the weights into it; None where they follow from sources and layers.
    """

    id: int
    has_bias: bool
    sources: tuple[NeuronKey, ...]
    first: int
    place: int
    targets: tuple[NeuronKey, ...] | None = None
    layers: tuple[int, int] = field(default=(0, 0), compare=False, repr=False)
    ids: tuple[WeightId, ...] | None = field(default=None, compare=False, repr=False)

    @cached_property
    def weights(self) -> dict[WeightId, int]:
        """{weight id: its place in `Snapshot.weights`}, in the order of attachment."""
        ids = self.weight_ids()
        return dict(zip(ids, range(self.first, self.first + len(ids)), strict=True))

    def weight_ids(self) -> Sequence[WeightId]:
        """Return the ids of the weights into it."""
        if self.ids is not None:
            return self.ids
        before, layer = self.layers
        if set(map(_layer_of, self.sources)) == {before}:
            return list(zip(map(_neuron_of, self.sources), repeat(self.id)))
        return [
            (source[1], self.id) if source[0] == before else (source, (layer, self.id))
            for source in self.sources
        ]


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
        before = entries[index - 1].id if index else -1
        for neuron_id, has_bias, sources, targets in inside:
            made[neuron_id] = GraphNeuron(
                neuron_id, has_bias, sources, weights, neurons, targets, (before, layer_id)
            )
            weights += len(sources)
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
    preparation : Preparation or None
        What turns the rows of a table into the inputs; see `Net`.

    Parameters
    ----------
    layers : sequence of GraphLayer
        Input layer first.
    loss, classes, seed, initializers, preparation
        As above.
    """

    def __init__(
        self,
        layers: Iterable[GraphLayer],
        loss: Loss | None = None,
        classes: list[Any] | None = None,
        seed: int | None = None,
        initializers: list[str] | None = None,
        preparation: Preparation | None = None,
    ) -> None:
        self.layers = {layer.id: layer for layer in layers}
        self.loss, self.classes, self.seed, self.initializers = loss, classes, seed, initializers
        self.preparation = preparation

    def __reduce__(self) -> tuple[Any, ...]:
        entries = [
            LayerEntry(
                layer.id,
                layer.activation if layer.has_activation else None,
                [NeuronEntry(n.id, n.has_bias, n.sources, n.targets) for n in layer.neurons.values()],
            )
            for layer in self.layers.values()
        ]
        head = self.loss, self.classes, self.seed, self.initializers, self.preparation
        return _graph, (entries, *head)

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
                    sources[neuron],
                    weight_count,
                    neuron_count,
                    targets.get(neuron),
                    ids=tuple(ids),
                )
                weight_count += len(ids)
                neuron_count += layer_pass is not wiring.inputs
            layers.append(GraphLayer(layer.id, layer.function, neurons, layer.activation is not None))
        head = net.explicit_loss, net.classes, net.seed, net.initializers, net.preparation
        return cls(layers, *head)

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
        net.seed, net.initializers, net.preparation = self.seed, self.initializers, self.preparation
        neurons: dict[NeuronKey, Neuron] = {}
        first = self.inputs.id
        layers = self.layers.values()
        for layer in layers:
            new_layer = Layer(layer.id, net, layer.activation if layer.has_activation else None)
            for entry in layer.neurons.values():
                neurons[layer.id, entry.id] = neuron = Neuron(entry.id, new_layer)
                neuron.has_bias = entry.has_bias
                if layer.id != first:
                    neuron.bias = biases[entry.place]
        # many new tuples are examined once, and many new weights only after all have been made
        ids = {layer.id: [n.weight_ids() for n in layer.neurons.values()] for layer in layers}
        with building.uncollected():
            for layer in layers:
                _connect(neurons, layer, ids[layer.id], weights)
        for layer in layers:
            for entry in layer.neurons.values():
                if entry.targets is not None:
                    ends = [neurons[key] for key in entry.targets]
                    building.order_out(neurons[layer.id, entry.id], ends)
        net.classes = self.classes
        if self.loss is not None:
            net.loss = self.loss
        return net


def _graph(entries: Sequence[LayerEntry], *head: Any) -> Graph:
    return Graph(layers_of(entries), *head)


def _connect(
    neurons: dict[NeuronKey, Neuron],
    layer: GraphLayer,
    ids: Sequence[Sequence[WeightId]],
    weights: Sequence[float],
) -> None:
    """Make the weights into a layer, for neurons with the same sources at once."""
    done = 0
    for _, group in groupby(layer.neurons.values(), lambda entry: id(entry.sources)):
        entries = list(group)
        sources = [neurons[key] for key in entries[0].sources]
        targets = [neurons[layer.id, entry.id] for entry in entries]
        values = [weights[entry.first : entry.first + len(sources)] for entry in entries]
        building.connect(Weight, sources, targets, ids[done : done + len(entries)], values)
        done += len(entries)


def _keys(neurons: Iterable[Neuron]) -> tuple[NeuronKey, ...]:
    return tuple((neuron.layer.id, neuron.id) for neuron in neurons if neuron.layer is not None)
