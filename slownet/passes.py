"""The passes: how a sample goes forward through the objects, and its error back.

These are the loops of the textbook, over Weight objects. What stands around them saves work without
changing a bit: neurons that are joined to the same others in the same order form a `Group`, which finds
out once for all of them which far ends are silent (exactly 0), so that their weights are not visited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, repeat
from math import hypot
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Literal

from slownet.functions import linear

if TYPE_CHECKING:
    from slownet.functions import Loss
    from slownet.objects import Layer, Net, Neuron, Weight

    Parameters = tuple[Neuron, Sequence[Weight]]


class Group:
    """Neurons of one layer whose weights lead to the same far ends in the same order.

    Attributes
    ----------
    ends : tuple of Neuron
        The far ends.
    whole_layer : LayerPass or None
        The layer that they are, where they are exactly one whole layer.
    rows : list of (Neuron, weights)
        Every neuron with its weights, one an end.
    active : list of (Neuron, weights)
        The same for the last sample, without the weights to silent ends.
    heard : list of float
        What was heard from the ends that were not silent.
    shares : iterable of list of float
        What each neuron made of it: `heard` for all of them, unless dropconnect came between.
    touched : set of int
        The places of the ends whose weights have gradients in this batch.
    """

    __slots__ = ("active", "ends", "heard", "places", "rows", "shares", "touched", "whole_layer")

    def __init__(self, ends: tuple[Neuron, ...]) -> None:
        self.ends = ends
        self.whole_layer: LayerPass | None = None
        self.rows: list[Parameters] = []
        self.active: list[Parameters] = []
        self.heard: list[float] = []
        self.shares: Iterable[list[float]] = ()
        self.places: Sequence[int] = ()
        self.touched: set[int] = set()

    def listen(self, numbers: list[float], dropconnect: bool) -> None:
        """Take one number an end; note those that are not 0, and the weights that lead to them."""
        if 0.0 in numbers:
            self.places = list(compress(range(len(numbers)), numbers))
            self.heard = list(compress(numbers, numbers))
            self.active = self.pick(self.places)
        else:
            self.places, self.heard, self.active = range(len(numbers)), numbers, self.rows
        self.shares = repeat(self.heard)
        if dropconnect:
            kept = [_kept(weights, self.heard) for _, weights in self.active]
            self.active = [(line[0], weights) for line, (weights, _) in zip(self.active, kept)]
            self.shares = [share for _, share in kept]

    def pick(self, places: Sequence[int]) -> list[Parameters]:
        """Return every neuron with its weights to the ends at these places."""
        if len(places) == len(self.ends):
            return self.rows
        if len(places) > 1:
            pick = itemgetter(*places)
            return [(neuron, pick(weights)) for neuron, weights in self.rows]
        return [(neuron, [weights[place] for place in places]) for neuron, weights in self.rows]


class LayerPass:
    """A layer made ready for the passes.

    Attributes
    ----------
    neurons : list of Neuron
        By id.
    zs, values, deltas : list of float
        What the neurons hold of the last sample: weighted input, f(z), and dL/dz.
    """

    __slots__ = ("activation", "deltas", "incoming", "neurons", "outgoing", "values", "zs")

    def __init__(self, layer: Layer) -> None:
        self.activation = layer.activation or linear
        self.neurons = [neuron for _, neuron in sorted(layer.neurons.items())]
        self.incoming = _groups(self.neurons, "in")
        self.outgoing = _groups(self.neurons, "out")
        self.zs: list[float] = []
        self.values: list[float] = []
        self.deltas: list[float] = []

    def forward(self, dropout: bool, dropconnect: bool) -> None:
        """Weighted input: z = bias + sum of weight * source value. Then value = f(z)."""
        for fan in self.incoming:
            sources = (
                fan.whole_layer.values if fan.whole_layer else [source.value for source in fan.ends]
            )
            fan.listen(sources, dropconnect)
            for (neuron, weights), values in zip(fan.active, fan.shares):
                z = neuron.bias
                for weight, value in zip(weights, values):
                    z += weight.value * value
                neuron.z = z
        self.zs = [neuron.z for neuron in self.neurons]
        self.values = self.activation.values(self.zs)
        if dropout:
            self.values = [value * neuron.keep for neuron, value in zip(self.neurons, self.values)]
        for neuron, value in zip(self.neurons, self.values):
            neuron.value = value

    def backward(self, dropout: bool, dropconnect: bool) -> None:
        """Slope: dL/dvalue = sum of weight * target delta. Then delta = dL/dz = slope * f'(z)."""
        for fan in self.outgoing:
            targets = (
                fan.whole_layer.deltas if fan.whole_layer else [target.delta for target in fan.ends]
            )
            fan.listen(targets, dropconnect)
            for (neuron, weights), deltas in zip(fan.active, fan.shares):
                slope = 0.0
                for weight, delta in zip(weights, deltas):
                    slope += weight.value * delta
                neuron._slope = slope
        slopes = [neuron._slope for neuron in self.neurons]
        values = self.values
        if dropout:  # f' needs f(z) as it was before it was dropped or scaled
            slopes = [slope * neuron.keep for neuron, slope in zip(self.neurons, slopes)]
            values = self.activation.values(self.zs)
        self.deltas = self.activation.deltas(self.zs, values, slopes)
        for neuron, delta in zip(self.neurons, self.deltas):
            neuron.delta = delta

    def no_error(self) -> None:
        """Set every delta to 0: what backward comes to where those of the outputs are."""
        self.deltas = [0.0] * len(self.neurons)
        for neuron in self.neurons:
            neuron.delta = 0.0

    def add_gradients(self) -> None:
        """Gradients: dL/dweight = delta * source value, dL/dbias = delta."""
        for fan in self.incoming:
            fan.touched.update(fan.places)
            for (neuron, weights), values in zip(fan.active, fan.shares):
                delta = neuron.delta
                if delta:
                    neuron.bias_grad += delta
                    for weight, value in zip(weights, values):
                        weight.grad += delta * value

    def steepest(self) -> float:
        """Return a bound for what the last sample has added to any gradient of this layer.

        The norm of the deltas times the norm of what they were multiplied with (1 for the biases).
        """
        values = 1.0
        for fan in self.incoming:
            values += hypot(*fan.heard)
        return values * hypot(*self.deltas)


class Wiring:
    """A net made ready for the passes; made anew when its graph has changed.

    Attributes
    ----------
    inputs : LayerPass
        The input layer.
    layers : list of LayerPass
        The other layers, in order.
    """

    __slots__ = ("inputs", "layers")

    def __init__(self, net: Net) -> None:
        every = [LayerPass(layer) for _, layer in sorted(net.layers.items())]
        self.inputs, *self.layers = every
        whole = {tuple(stage.neurons): stage for stage in every}
        for stage in every:
            for fan in (*stage.incoming, *stage.outgoing):
                fan.whole_layer = whole.get(fan.ends)

    @property
    def output(self) -> LayerPass:
        """The last layer."""
        return self.layers[-1]

    def forward(
        self, inputs: list[float], dropout: bool = False, dropconnect: bool = False
    ) -> list[float]:
        """Send a sample from the first layer to the last; return the output values."""
        self.inputs.values = inputs
        for neuron, number in zip(self.inputs.neurons, inputs):
            neuron.value = number
        for stage in self.layers[:-1]:
            stage.forward(dropout, dropconnect)
        self.output.forward(False, dropconnect)
        return self.output.values

    def backward(
        self, targets: list[float], loss: Loss, dropout: bool = False, dropconnect: bool = False
    ) -> float:
        """Send the error of the last sample back, add its gradients, and return its loss."""
        output = self.output
        output.deltas = loss.deltas(output.activation, output.zs, output.values, targets)
        for neuron, delta in zip(output.neurons, output.deltas):
            neuron.delta = delta
        if any(output.deltas):
            for stage in reversed(self.layers[:-1]):
                stage.backward(dropout, dropconnect)
            for stage in self.layers:
                stage.add_gradients()
        else:  # no error, no gradient: hinge is content with most samples
            for stage in self.layers[:-1]:
                stage.no_error()
        return loss.of_sample(output.values, targets)

    def restore_state(
        self,
        inputs: list[float],
        zs: Sequence[float],
        values: Sequence[float],
        deltas: Sequence[float] | None = None,
        dropconnect: bool = False,
    ) -> None:
        """Put the neurons into the state in which a sample has left them, without sending it.

        Parameters
        ----------
        inputs : list of float
            The sample.
        zs, values, deltas : sequence of float
            Of every neuron after the input layer; without deltas, these stay as they are.
        dropconnect : bool
            Whether the sample went without some weights: those whose `keep` is 0.
        """
        self.inputs.values = inputs
        for neuron, number in zip(self.inputs.neurons, inputs):
            neuron.value = number
        begin = 0
        for stage in self.layers:
            end = begin + len(stage.neurons)
            stage.zs, stage.values = list(zs[begin:end]), list(values[begin:end])
            for neuron, z, value in zip(stage.neurons, stage.zs, stage.values):
                neuron.z, neuron.value = z, value
            if deltas is not None:
                stage.deltas = list(deltas[begin:end])
                for neuron, delta in zip(stage.neurons, stage.deltas):
                    neuron.delta = delta
            begin = end
        for stage in self.layers:
            for fan in stage.incoming:
                values = fan.whole_layer.values if fan.whole_layer else [end.value for end in fan.ends]
                fan.listen(values, dropconnect)

    def steepest(self) -> float:
        """Return a bound for what the last sample has added to any gradient."""
        steepest = 0.0
        for stage in self.layers:
            steepest += stage.steepest()
        return steepest

    def parameters(self) -> Iterator[Parameters]:
        """Every neuron after the input layer with all its incoming weights."""
        for stage in self.layers:
            for fan in stage.incoming:
                yield from fan.rows

    def touched(self) -> Iterator[Parameters]:
        """Every neuron with those incoming weights that can have a gradient in this batch."""
        for stage in self.layers:
            for fan in stage.incoming:
                yield from fan.pick(sorted(fan.touched))

    def forget_touched(self) -> None:
        """Start a new batch."""
        for stage in self.layers:
            for fan in stage.incoming:
                fan.touched.clear()


def descend(parameters: Iterable[Parameters], learning_rate: float, samples: int) -> None:
    """Gradient descent: every weight and bias goes down its mean gradient, `grad / samples`."""
    share = 1.0 / samples
    for neuron, weights in parameters:
        for weight in weights:
            if not weight.frozen:
                weight.value -= learning_rate * (share * weight.grad)
        if neuron.has_bias:
            neuron.bias -= learning_rate * (share * neuron.bias_grad)


def _groups(neurons: list[Neuron], direction: Literal["in", "out"]) -> list[Group]:
    fans: dict[tuple[Neuron, ...], Group] = {}
    far_end = attrgetter("outgoing" if direction == "in" else "incoming")
    fan: Group | None = None
    for neuron in neurons:
        weights = tuple(neuron.weights[direction].values())
        ends = tuple(map(far_end, weights))
        if fan is None or fan.ends != ends:  # mostly they are those of the neuron before
            fan = fans.setdefault(ends, Group(ends))
        fan.rows.append((neuron, weights))
    return list(fans.values())


def _kept(weights: Sequence[Weight], numbers: list[float]) -> tuple[list[Weight], list[float]]:
    """Dropconnect: leave the dropped weights out, and let the kept ones count more."""
    kept = [(weight, number * weight.keep) for weight, number in zip(weights, numbers) if weight.keep]
    return [weight for weight, _ in kept], [number for _, number in kept]
