"""The layers and neurons of a net in the order in which the passes visit them, without products with 0.

Neurons of a layer that are connected to the same other neurons in the same order form a `Group`. The
group finds once for all of them which numbers are exactly 0, so that the weights to these are skipped.
A product with 0 changes no bit of a sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import compress, repeat
from math import hypot
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Literal

from slownet.errors import SlownetError
from slownet.graph_checks import make_float, make_floats, make_gradients_floats

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
        The layer whose neurons the ends are, where they are all neurons of one layer.
    rows : list of (Neuron, weights)
        Every neuron with its weights, one for each end.
    nonzero_rows : list of (Neuron, weights)
        The same without the weights that the last sample skips: those to ends whose number is 0.
    nonzero_numbers : list of float
        The numbers of the last sample that are not 0.
    places : sequence of int
        The indices in `ends` of the neurons with these numbers.
    per_neuron : iterable of list of float
        The factors of each neuron's weights: `nonzero_numbers` for all neurons, without dropconnect.
    touched : set of int
        The indices of the ends whose weights have gradients in this batch.
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
        """Iterate over the neurons, without the weights whose number is 0.

        Parameters
        ----------
        numbers : list of float
            The value or the delta of each end.
        dropconnect : bool
            Whether weights whose `keep` is 0 are skipped too.

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

    def nonzero_again(self) -> Iterator[tuple[Parameters, list[float]]]:
        """Repeat the last `nonzero`, and mark its weights: they have gradients from now on."""
        self.touched.update(self.places)
        return zip(self.nonzero_rows, self.per_neuron)

    def rows_at(self, places: Sequence[int]) -> list[Parameters]:
        """Return every neuron with its weights to the ends at these indices."""
        if len(places) == len(self.ends):
            return self.rows
        if len(places) > 1:
            pick = itemgetter(*places)
            return [(neuron, pick(weights)) for neuron, weights in self.rows]
        return [(neuron, [weights[place] for place in places]) for neuron, weights in self.rows]


class LayerPass:
    """A layer as the passes visit it.

    Attributes
    ----------
    activation : Activation
        The function from z to value.
    neurons : list of Neuron
        By id.
    incoming, outgoing : list of Group
        The neurons with their incoming weights, and with their outgoing ones.
    zs, values, deltas : list of float
        The numbers of the neurons for the last sample: weighted input, f(z), and dL/dz.
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
        """Set the value of every neuron."""
        self.values = values
        for neuron, value in zip(self.neurons, values):
            neuron.value = value

    def set_deltas(self, deltas: list[float]) -> None:
        """Set the delta of every neuron."""
        self.deltas = deltas
        for neuron, delta in zip(self.neurons, deltas):
            neuron.delta = delta

    def gradient_bound(self) -> float:
        """Return a number that no gradient of the last sample in this layer exceeds.

        It is the norm of the deltas times the norm of their factors: the source values, and 1 for the
        biases.
        """
        values = 1.0
        for group in self.incoming:
            values += hypot(*group.nonzero_numbers)
        return values * hypot(*self.deltas)


class Wiring:
    """A net as the passes visit it; when its graph changes, the net makes a new one.

    Attributes
    ----------
    inputs : LayerPass
        The input layer.
    layers : list of LayerPass
        The other layers, in order.
    after_inputs : list of Neuron
        All of their neurons.
    make_float : callable
        Converts a number that is no float; see `slownet.graph_checks.make_float`. Set another function
        with the same arguments to have the passes calculate with a type of number of your own.
    """

    __slots__ = ("after_inputs", "inputs", "layers", "make_float")

    def __init__(self, net: Net) -> None:
        self.make_float: Callable[[Any, str], bool] = make_float
        every = [self._pass_of(layer) for layer in net]
        self.inputs, *self.layers = every
        self.after_inputs = [neuron for layer in self.layers for neuron in layer.neurons]
        whole = {tuple(layer.neurons): layer for layer in every}
        for layer in every:
            for group in (*layer.incoming, *layer.outgoing):
                group.whole_layer = whole.get(group.ends)

    def _pass_of(self, layer: Layer) -> LayerPass:
        return LayerPass(layer)

    @property
    def output(self) -> LayerPass:
        """The last layer."""
        return self.layers[-1]

    def make_floats(self) -> bool:
        """Convert every weight and bias that is no float; return whether there was one."""
        return make_floats(self.parameters(), self.make_float)

    def make_floats_where_possible(self) -> bool:
        """Do the same without an error for what is no number: it may be that no product needs it."""

        def convert(thing: Any, name: str) -> bool:
            with suppress(SlownetError):
                return self.make_float(thing, name)
            return False

        return make_floats(self.parameters(), convert)

    def make_gradients_floats(self) -> None:
        """Convert every gradient that is no float."""
        make_gradients_floats(self.parameters(), self.make_float)

    def restore_state(
        self,
        inputs: list[float],
        zs: Sequence[float],
        values: Sequence[float],
        deltas: Sequence[float] | None = None,
        dropconnect: bool = False,
    ) -> None:
        """Set every neuron to the state that a sample left it in, without a forward pass.

        Parameters
        ----------
        inputs : list of float
            The sample.
        zs, values, deltas : sequence of float
            One number for each neuron after the input layer; None leaves the deltas as they are.
        dropconnect : bool
            Whether the sample skipped the weights whose `keep` is 0.
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
        """Return a number that no gradient of the last sample exceeds."""
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
        """Unmark all weights, for a new batch."""
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
    """Leave out the dropped weights (dropconnect), and scale the numbers of the others up."""
    kept = [(weight, number * weight.keep) for weight, number in zip(weights, numbers) if weight.keep]
    return [weight for weight, _ in kept], [number for _, number in kept]
