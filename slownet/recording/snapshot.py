"""Snapshots: copies of every weight and bias, and of every z and value for the watched samples."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import compress
from math import isnan, nan
from typing import TYPE_CHECKING, SupportsIndex

from slownet.checks import check_integer, short
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.functions import power
from slownet.passes import forward
from slownet.recording.graph import Graph

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from slownet.graph_checks import WeightId
    from slownet.objects import Net, Neuron, Weight


@dataclass(frozen=True, eq=False)
class TrainingState:
    """The state of a training beside weights and biases, from which it can be continued.

    Attributes
    ----------
    frozen : frozenset of int
        What is frozen, by its index among the weights and then the biases, as in `first`.
    first, second : array of float or None
        The two numbers that the optimizer keeps for every weight, then for every bias; nan where it has
        made no update yet. None for an optimizer without a state.
    epoch_loss_sum : float
        The sum of the losses of this epoch's samples so far; after its last step, of all its samples.
    epoch_correct : int
        The number of correct predictions among them.
    """

    frozen: frozenset[int] = frozenset()
    first: array[float] | None = None
    second: array[float] | None = None
    epoch_loss_sum: float = 0.0
    epoch_correct: int = 0


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A copy of a net's numbers after a step of training.

    Attributes
    ----------
    step : int
        How many updates had been made.
    epoch : float
        How many times training had gone through the samples.
    graph : Graph
        The graph of the net.
    weights : array of float
        Every weight, in the order of `net.weights()`.
    biases : array of float
        The bias of every neuron after the input layer, in the order of `net.neurons()`.
    zs, values : list of array of float
        For each watched sample, the z and the value of every neuron after the input layer.
    watch_loss, watch_accuracy : float or None
        Over the watched samples.
    state : TrainingState or None
        What else training needs to continue from here.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> history = net.fit(X, y, epochs=3, snapshots=5, watch=(X[:5], y[:5]))
    >>> snapshot = history.at(2)
    >>> snapshot.step, snapshot.weight(2, (0, 0)) == net.weight(2, (0, 0)).value
    (2, False)
    >>> z, value = snapshot.neuron(1, 0, sample=3)
    >>> snapshot.restore(net)
    Net(2-3-1, relu, sigmoid, 9 weights)
    >>> snapshot.weight(2, (0, 0)) == net.weight(2, (0, 0)).value
    True
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
    state: TrainingState | None = field(default=None, repr=False)

    def weight(self, layer: int, weight_id: WeightId) -> float:
        """Return one weight by the layer it goes to and its id; ValueError if there was none."""
        end = weight_id[1]
        ids = self.graph.neuron(layer, end[1] if isinstance(end, tuple) else end).weights
        if weight_id not in ids:
            raise InvalidValueError(
                f"no weight {weight_id} goes to layer {layer}: to that neuron go {short([*ids])}"
            )
        return self.weights[ids[weight_id]]

    def bias(self, layer: int, neuron: int) -> float:
        """Return the bias of a neuron after the input layer."""
        found = self.graph.neuron(layer, neuron)
        if layer == self.graph.inputs.id:
            raise InvalidValueError("the input layer has no biases")
        return self.biases[found.place]

    def neuron(self, layer: int, neuron: int, sample: int = 0) -> tuple[float, float]:
        """Return the (z, value) of a neuron after the input layer, for one watched sample."""
        found = self.graph.neuron(layer, neuron)
        if layer == self.graph.inputs.id:
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
                raise InvalidValueError(
                    f"no layer {short(layer)}: there are {sorted(self.graph.layers)}"
                )
        column = {(source_layer, i): k for k, i in enumerate(self.graph.layers[source_layer].neurons)}
        targets = self.graph.layers[target_layer].neurons.values()
        result = np.full((len(targets), len(column)), np.nan)
        numbers = np.frombuffer(self.weights) if self.weights else np.zeros(0)
        for row, target in zip(result, targets, strict=True):
            for source, place in zip(target.sources, target.weights.values(), strict=True):
                if source in column:
                    row[column[source]] = numbers[place]
        return result

    def restore(self, net: Net | None = None) -> Net:
        """Set the weights and biases of a net, or build a new net with them.

        Returns
        -------
        Net
            The net; a new one has the graph of the snapshot, with what was frozen frozen.

        Raises
        ------
        ValueError
            If the net has other weights or neurons than it had at the snapshot.
        """
        if net is None:
            net = self.graph.new_net(self.weights, self.biases)
            freeze_places(net, self.state.frozen if self.state else ())
            return net
        if not self.graph.is_of(net):
            raise InvalidValueError(f"{net} has another graph than the snapshot of step {self.step}")
        for weight, number in zip(net.weights(), self.weights, strict=True):
            weight.value = number
        for neuron, number in zip(_biased(net), self.biases, strict=True):
            neuron.bias = number
        return net

    def memory(self, net: Net) -> dict[Weight | Neuron, tuple[float, float]]:
        """Return the optimizer's state for each weight and bias, for a net of the same graph."""
        if self.state is None or self.state.first is None or self.state.second is None:
            return {}
        things: list[Weight | Neuron] = [*net.weights(), *_biased(net)]
        pairs = zip(self.state.first, self.state.second, strict=True)
        return {thing: pair for thing, pair in zip(things, pairs, strict=True) if not isnan(pair[0])}


def _biased(net: Net) -> list[Neuron]:
    """Return the neurons after the input layer, in the order of `Snapshot.biases`."""
    inputs = net.inputs
    return [neuron for neuron in net.neurons() if neuron.layer is not inputs]


def freeze_places(net: Net, frozen: Collection[int]) -> None:
    """Freeze weights and biases of a net by their indices, as `TrainingState.frozen` has them."""
    if not frozen:
        return
    weights = list(net.weights())
    for place, weight in enumerate(weights):
        weight.frozen = place in frozen
    for place, neuron in enumerate(_biased(net), len(weights)):
        neuron.bias_frozen = place in frozen


def take(
    net: Net,
    step: int = 0,
    epoch: float = 0.0,
    samples: Iterable[list[float]] = (),
    graph: Graph | None = None,
    memory: Mapping[Weight | Neuron, tuple[float, float]] | None = None,
) -> Snapshot:
    """Take a snapshot of a net, sending the watched samples through it.

    `samples` are numbers of the net, as `forward` takes them: with `net.preparation`, prepared ones.
    `memory` is the state of the optimizer; None if it has none.

    Raises
    ------
    TypeError, ValueError
        If a weight or bias is no number.
    """
    net.wiring.make_floats()
    after = net.wiring.after_inputs
    zs, values = [], []
    for sample in samples:
        forward(net.wiring, sample)
        zs.append(array("d", [neuron.z for neuron in after]))
        values.append(array("d", [neuron.value for neuron in after]))
    weights = list(net.weights())
    marks = [*(weight.frozen for weight in weights), *(neuron.bias_frozen for neuron in after)]
    frozen = frozenset(compress(range(len(marks)), marks))
    first = second = None
    if memory is not None:
        things: list[Weight | Neuron] = [*weights, *after]
        pairs = [memory.get(thing, (nan, nan)) for thing in things]
        first, second = (array("d", numbers) for numbers in zip(*pairs, strict=True))
    return Snapshot(
        step,
        epoch,
        graph or Graph.of(net),
        array("d", [weight.value for weight in weights]),
        array("d", [neuron.bias for neuron in after]),
        zs,
        values,
        state=TrainingState(frozen, first, second),
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
            raise InvalidTypeError(f"snapshots must be a number or a list of steps, not {short(wanted)}")
        listed = {check_integer("a step in snapshots", step, maximum=total) for step in wanted}
        return sorted(listed | {0, total})
    wanted = check_integer("snapshots", wanted, minimum=2)
    if total < wanted:
        return list(range(total + 1))
    steps = [0]
    for k in range(1, wanted):
        step = round(power(total, k / (wanted - 1)))  # equal ratios, where whole steps allow them
        steps.append(min(max(step, steps[-1] + 1), total - (wanted - 1 - k)))
    return steps
