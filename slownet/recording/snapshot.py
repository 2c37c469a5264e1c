"""A snapshot: copies of every weight and bias, and of what watched samples did to every neuron."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, SupportsIndex

from slownet.checks import check_integer
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.functions import AnyActivation, linear

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from slownet.objects import Net, WeightId


@dataclass(frozen=True)
class GraphNeuron:
    """Where a neuron stands in the graph, and where its numbers stand in a snapshot.

    Attributes
    ----------
    id : int
        Its id in the layer.
    has_bias : bool
        Whether it has a bias.
    weights : dict
        {weight id: its place in `Snapshot.weights`}, in the order of attachment.
    sources : tuple of (int, int)
        The (layer, neuron) that each of them comes from.
    place : int
        Its place in `Snapshot.biases` and in each array of `zs` and `values`.
    """

    id: int
    has_bias: bool
    weights: dict[WeightId, int]
    sources: tuple[tuple[int, int], ...]
    place: int


@dataclass(frozen=True)
class GraphLayer:
    """A layer of the graph: its id, its activation (linear where it has none), its neurons by id."""

    id: int
    activation: AnyActivation
    neurons: dict[int, GraphNeuron]


class Graph:
    """The structure of a net at some moment, without its numbers; snapshots share it.

    Attributes
    ----------
    layers : dict
        {layer id: GraphLayer}, input layer first.
    """

    def __init__(self, net: Net) -> None:
        self.layers: dict[int, GraphLayer] = {}
        first = min(net.layers)
        weight_count = neuron_count = 0
        for layer_id, layer in sorted(net.layers.items()):
            neurons = {}
            for neuron_id, neuron in sorted(layer.neurons.items()):
                incoming = neuron.weights["in"]
                ids = dict(zip(incoming, range(weight_count, weight_count + len(incoming)), strict=True))
                sources = tuple(
                    (weight.outgoing.layer.id, weight.outgoing.id)
                    for weight in incoming.values()
                    if weight.outgoing is not None and weight.outgoing.layer is not None
                )
                has_bias = neuron.has_bias and layer_id != first
                neurons[neuron_id] = GraphNeuron(neuron_id, has_bias, ids, sources, neuron_count)
                weight_count += len(incoming)
                neuron_count += layer_id != first
            self.layers[layer_id] = GraphLayer(layer_id, layer.activation or linear, neurons)

    @cached_property
    def sizes(self) -> list[int]:
        """The number of neurons of each layer."""
        return [len(layer.neurons) for layer in self.layers.values()]

    @property
    def output(self) -> GraphLayer:
        """The last layer."""
        return self.layers[max(self.layers)]

    def neuron(self, layer: int, neuron: int) -> GraphNeuron:
        """Find a neuron; ValueError if there is none."""
        if layer not in self.layers or neuron not in self.layers[layer].neurons:
            raise InvalidValueError(f"no neuron {neuron} in layer {layer}; layers have {self.sizes}")
        return self.layers[layer].neurons[neuron]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A net's numbers after some step of training. All are copies: later training changes none.

    Attributes
    ----------
    step : int
        How many updates had been made.
    epoch : float
        How many times training had gone through the samples.
    graph : Graph
        What the numbers belong to.
    weights : array of float
        Every weight, in the order of `net.weights()`.
    biases : array of float
        The bias of every neuron after the input layer, in the order of `net.neurons()`.
    zs, values : list of array of float
        One array a watched sample: the z and the value of every neuron after the input layer.
    watch_loss, watch_accuracy : float or None
        How right the net was about the watched samples.
    """

    step: int
    epoch: float
    graph: Graph = field(repr=False)
    weights: array[float] = field(repr=False)
    biases: array[float] = field(repr=False)
    zs: list[array[float]] = field(default_factory=list, repr=False)
    values: list[array[float]] = field(default_factory=list, repr=False)
    watch_loss: float | None = None
    watch_accuracy: float | None = None

    def weight(self, layer: int, weight_id: WeightId) -> float:
        """Return one weight by the layer it goes to and its id; ValueError if there was none."""
        end = weight_id[1]
        ids = self.graph.neuron(layer, end[1] if isinstance(end, tuple) else end).weights
        if weight_id not in ids:
            raise InvalidValueError(f"no weight {weight_id} goes to layer {layer}")
        return self.weights[ids[weight_id]]

    def bias(self, layer: int, neuron: int) -> float:
        """Return the bias of a neuron after the input layer."""
        found = self.graph.neuron(layer, neuron)
        if layer == min(self.graph.layers):
            raise InvalidValueError("the input layer has no biases")
        return self.biases[found.place]

    def neuron(self, layer: int, neuron: int, sample: int = 0) -> tuple[float, float]:
        """Return the (z, value) of a neuron after the input layer, for one watched sample."""
        found = self.graph.neuron(layer, neuron)
        if layer == min(self.graph.layers):
            raise InvalidValueError("the input layer has no z: its values are the sample's own numbers")
        if not 0 <= sample < len(self.zs):
            raise InvalidValueError(f"no watched sample {sample}: there are {len(self.zs)}")
        return self.zs[sample][found.place], self.values[sample][found.place]

    def layer_values(self, layer: int, sample: int = 0) -> list[float]:
        """Return the values of all neurons of a layer for one watched sample."""
        return [self.neuron(layer, neuron, sample)[1] for neuron in self.graph.layers[layer].neurons]

    def matrix(self, source_layer: int, target_layer: int) -> npt.NDArray[np.float64]:
        """Return the weights from one layer to another: (targets, sources), nan where there is none."""
        import numpy as np

        for layer in (source_layer, target_layer):
            if layer not in self.graph.layers:
                raise InvalidValueError(f"no layer {layer!r}: there are {sorted(self.graph.layers)}")
        column = {(source_layer, i): k for k, i in enumerate(self.graph.layers[source_layer].neurons)}
        targets = self.graph.layers[target_layer].neurons.values()
        result = np.full((len(targets), len(column)), np.nan)
        numbers = np.frombuffer(self.weights) if self.weights else np.zeros(0)
        for row, target in zip(result, targets, strict=True):
            for source, place in zip(target.sources, target.weights.values(), strict=True):
                if source in column:
                    row[column[source]] = numbers[place]
        return result

    def restore(self, net: Net) -> None:
        """Give a net of the same graph these weights and biases.

        Raises
        ------
        ValueError
            If the net has other weights or neurons than it had at the snapshot.
        """
        same = [
            (layer.id, neuron.id, neuron.has_bias, list(neuron.weights))
            for layer in self.graph.layers.values()
            for neuron in layer.neurons.values()
        ] == [
            (
                layer.id,
                neuron.id,
                neuron.has_bias and layer.id != min(net.layers),
                list(neuron.weights["in"]),
            )
            for neuron in net.neurons()
            if (layer := neuron.layer) is not None
        ]
        if not same:
            raise InvalidValueError(f"{net} has another graph than the snapshot of step {self.step}")
        for weight, number in zip(net.weights(), self.weights, strict=True):
            weight.value = number
        first = min(net.layers)
        biased = (neuron for neuron in net.neurons() if neuron.layer is not net.layers[first])
        for neuron, number in zip(biased, self.biases, strict=True):
            neuron.bias = number


def take(
    net: Net,
    step: int = 0,
    epoch: float = 0.0,
    samples: Iterable[list[float]] = (),
    graph: Graph | None = None,
) -> Snapshot:
    """Take a snapshot of a net, sending the watched samples through it."""
    after = [neuron for layer in net._wired.stages for neuron in layer.neurons]
    zs, values = [], []
    for sample in samples:
        net._forward(sample)
        zs.append(array("d", [neuron.z for neuron in after]))
        values.append(array("d", [neuron.value for neuron in after]))
    return Snapshot(
        step,
        epoch,
        graph or Graph(net),
        array("d", [weight.value for weight in net.weights()]),
        array("d", [neuron.bias for neuron in after]),
        zs,
        values,
    )


def snapshot_steps(wanted: int | Iterable[int] | None, total: int) -> list[int]:
    """Return the steps of a training of `total` updates at which to keep snapshots.

    Parameters
    ----------
    wanted : int, iterable of int, or None
        A number spaces that many logarithmically, the steps themselves are taken as they are; the
        first and the last state always belong to them. None keeps none.
    total : int
        How many updates there will be.
    """
    if wanted is None:
        return []
    if not isinstance(wanted, SupportsIndex):
        if isinstance(wanted, (str, bytes)) or not isinstance(wanted, Iterable):
            raise InvalidTypeError(f"snapshots must be a number or a list of steps, not {wanted!r}")
        listed = {check_integer("a step in snapshots", step, maximum=total) for step in wanted}
        return sorted(listed | {0, total})
    wanted = check_integer("snapshots", wanted, minimum=2)
    if total < wanted:
        return list(range(total + 1))
    steps = [0]
    for k in range(1, wanted):
        step = round(total ** (k / (wanted - 1)))  # equal ratios, where whole steps allow them
        steps.append(min(max(step, steps[-1] + 1), total - (wanted - 1 - k)))
    return steps
