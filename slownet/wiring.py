"""What the passes walk over: a net's layers in order, its neurons in groups, without products with 0.

Neurons of a layer that are connected to the same others in the same order form a `Group`. It finds out
once for all of them which numbers are exactly 0, so that their weights are not visited. That changes no
bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, repeat
from math import hypot
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from slownet.objects import Layer, Net, Neuron, Weight

    Parameters = tuple[Neuron, Sequence[Weight]]


class Group:
    """Neurons of one layer whose weights lead to the same neurons in the same order.

    Attributes
    ----------
    ends : tuple of Neuron
        The neurons at the other end of the weights.
    whole_layer : LayerPass or None
        The layer that they are, where they are exactly one whole layer.
    rows : list of (Neuron, weights)
        Every neuron with its weights, one an end.
    nonzero_rows : list of (Neuron, weights)
        The same for the last sample, without the weights to ends whose number is 0.
    nonzero_numbers : list of float
        The numbers of the last sample that are not 0.
    places : sequence of int
        The places of their ends in `ends`.
    per_neuron : iterable of list of float
        What each neuron multiplies its weights with: `nonzero_numbers` for all, unless dropconnect
        leaves out some.
    touched : set of int
        The places of the ends whose weights have gradients in this batch.
    """

    __slots__ = (
        "ends",
        "nonzero_numbers",
        "nonzero_rows",
        "per_neuron",
        "places",
        "rows",
        "touched",
        "whole_layer",
    )

    def __init__(self, ends: tuple[Neuron, ...]) -> None:
        self.ends = ends
        self.whole_layer: LayerPass | None = None
        self.rows: list[Parameters] = []
        self.nonzero_rows: list[Parameters] = []
        self.nonzero_numbers: list[float] = []
        self.per_neuron: Iterable[list[float]] = ()
        self.places: Sequence[int] = ()
        self.touched: set[int] = set()

    def values(self) -> list[float]:
        """Return the values of the ends."""
        return self.whole_layer.values if self.whole_layer else [end.value for end in self.ends]

    def deltas(self) -> list[float]:
        """Return the deltas of the ends."""
        return self.whole_layer.deltas if self.whole_layer else [end.delta for end in self.ends]

    def nonzero(
        self, numbers: list[float], dropconnect: bool
    ) -> Iterator[tuple[Parameters, list[float]]]:
        """Take one number an end; iterate over the neurons, without weights whose number is 0.

        Yields
        ------
        (Neuron, weights), numbers
            As many numbers as weights.
        """
        if 0.0 in numbers:
            self.places = list(compress(range(len(numbers)), numbers))
            self.nonzero_numbers = list(compress(numbers, numbers))
            self.nonzero_rows = self.rows_at(self.places)
        else:
            self.places, self.nonzero_numbers = range(len(numbers)), numbers
            self.nonzero_rows = self.rows
        self.per_neuron = repeat(self.nonzero_numbers)
        if dropconnect:
            kept = [_kept(weights, self.nonzero_numbers) for _, weights in self.nonzero_rows]
            neurons = [neuron for neuron, _ in self.nonzero_rows]
            self.nonzero_rows = list(zip(neurons, [weights for weights, _ in kept]))
            self.per_neuron = [numbers for _, numbers in kept]
        return zip(self.nonzero_rows, self.per_neuron)

    def touch(self) -> Iterator[tuple[Parameters, list[float]]]:
        """Iterate over the neurons once more, noting that their weights now have gradients."""
        self.touched.update(self.places)
        return zip(self.nonzero_rows, self.per_neuron)

    def rows_at(self, places: Sequence[int]) -> list[Parameters]:
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
    activation : Activation
        From z to value.
    neurons : list of Neuron
        By id.
    incoming, outgoing : list of Group
        The neurons with their incoming weights, and with their outgoing ones.
    zs, values, deltas : list of float
        What the neurons hold of the last sample: weighted input, f(z), and dL/dz.
    """

    __slots__ = ("activation", "deltas", "incoming", "neurons", "outgoing", "values", "zs")

    def __init__(self, layer: Layer) -> None:
        self.activation = layer.function
        self.neurons = list(layer)
        self.incoming = _groups(self.neurons, "in")
        self.outgoing = _groups(self.neurons, "out")
        self.zs: list[float] = []
        self.values: list[float] = []
        self.deltas: list[float] = []

    def set_values(self, values: list[float]) -> None:
        """Give every neuron its value."""
        self.values = values
        for neuron, value in zip(self.neurons, values):
            neuron.value = value

    def set_deltas(self, deltas: list[float]) -> None:
        """Give every neuron its delta."""
        self.deltas = deltas
        for neuron, delta in zip(self.neurons, deltas):
            neuron.delta = delta

    def gradient_bound(self) -> float:
        """Return a bound for what the last sample has added to any gradient of this layer.

        The norm of the deltas times the norm of what they were multiplied with (1 for the biases).
        """
        values = 1.0
        for group in self.incoming:
            values += hypot(*group.nonzero_numbers)
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
        every = [LayerPass(layer) for layer in net]
        self.inputs, *self.layers = every
        whole = {tuple(layer.neurons): layer for layer in every}
        for layer in every:
            for group in (*layer.incoming, *layer.outgoing):
                group.whole_layer = whole.get(group.ends)

    @property
    def output(self) -> LayerPass:
        """The last layer."""
        return self.layers[-1]

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
        self.inputs.set_values(inputs)
        begin = 0
        for layer in self.layers:
            part = slice(begin, begin + len(layer.neurons))
            layer.zs = list(zs[part])
            for neuron, z in zip(layer.neurons, layer.zs):
                neuron.z = z
            layer.set_values(list(values[part]))
            if deltas is not None:
                layer.set_deltas(list(deltas[part]))
            begin = part.stop
        for layer in self.layers:
            for group in layer.incoming:
                group.nonzero(group.values(), dropconnect)

    def gradient_bound(self) -> float:
        """Return a bound for what the last sample has added to any gradient."""
        bound = 0.0
        for layer in self.layers:
            bound += layer.gradient_bound()
        return bound

    def parameters(self) -> Iterator[Parameters]:
        """Every neuron after the input layer with all its incoming weights."""
        for layer in self.layers:
            for group in layer.incoming:
                yield from group.rows

    def touched(self) -> Iterator[Parameters]:
        """Every neuron with those incoming weights that can have a gradient in this batch."""
        for layer in self.layers:
            for group in layer.incoming:
                yield from group.rows_at(sorted(group.touched))

    def forget_touched(self) -> None:
        """Start a new batch."""
        for layer in self.layers:
            for group in layer.incoming:
                group.touched.clear()


def _groups(neurons: list[Neuron], direction: Literal["in", "out"]) -> list[Group]:
    groups: dict[tuple[Neuron, ...], Group] = {}
    other_end = attrgetter("outgoing" if direction == "in" else "incoming")
    group: Group | None = None
    for neuron in neurons:
        weights = tuple(neuron.weights[direction].values())
        ends = tuple(map(other_end, weights))
        if group is None or group.ends != ends:  # usually the same as the previous neuron's
            group = groups.setdefault(ends, Group(ends))
        group.rows.append((neuron, weights))
    return list(groups.values())


def _kept(weights: Sequence[Weight], numbers: list[float]) -> tuple[list[Weight], list[float]]:
    """Dropconnect: leave the dropped weights out, and let the kept ones count more."""
    kept = [(weight, number * weight.keep) for weight, number in zip(weights, numbers) if weight.keep]
    return [weight for weight, _ in kept], [number for _, number in kept]
