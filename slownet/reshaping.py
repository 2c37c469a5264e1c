"""Fewer weights and more neurons: changes of a net's graph as a whole."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from slownet import building
from slownet.checks import check_integer, check_number, short
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.functions import get_initializer
from slownet.functions.randomness import Use, key
from slownet.objects import Layer, Net, Neuron, Weight

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_PARTS = 1_000_000  # the denominator of a share: 0.29 of 100 weights are 29, not 28


def prune(net: Net, share: float | None = None, below: float | None = None) -> list[Weight]:
    """Remove the weights of a net that are nearest to 0.

    Biases stay, and so do frozen weights. Neurons stay, too, even without any weight.

    Parameters
    ----------
    net : Net
        The net, which is changed.
    share : float
        Which share of those that are not frozen is removed, from 0 to 1, rounded down; of equal ones the
        first.
    below : float
        Instead of that: all weights are removed whose size, without the sign, is below this number.

    Returns
    -------
    list of Weight
        The weights that were removed, smallest first; they belong to no net any more.

    Raises
    ------
    TypeError, ValueError
        Unless exactly one of `share` and `below` is given, as such a number.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([4, 5, 2], seed=0).new()
    >>> len(net.prune(share=0.5))
    15
    >>> net
    Net(4-5-2, relu, softmax, 15 weights)
    """
    if (share is None) == (below is None):
        given = "none of them" if share is None else "both"
        raise InvalidTypeError(f"prune takes either share=0.5 or below=0.01, not {given}")
    net.wiring.make_floats()
    weights = [weight for weight in net.weights() if not weight.frozen]
    weights.sort(key=lambda weight: abs(weight.value))
    if share is not None:
        count = int(_share(share) * len(weights))
    else:
        bound = check_number("below", below)
        count = sum(abs(weight.value) < bound for weight in weights)
    for weight in weights[:count]:
        weight.remove()
    return weights[:count]


def _share(share: float) -> Fraction:
    number = check_number("share", share)
    if number > 1.0:
        raise InvalidValueError(f"share must be from 0 to 1, not {number}")
    return Fraction(number).limit_denominator(MOST_PARTS)


def grow(net: Net, layer: Layer | int, neurons: int = 1) -> list[Neuron]:
    """Add neurons to a hidden layer, which change no output until they learn.

    Every new neuron is joined to all neurons of the layers before and after. Its incoming weights are
    drawn as a factory draws them, from the net's seed. Its outgoing weights are 0, so that the outputs
    are what they were; training moves these first. (T. Chen, I. Goodfellow and J. Shlens, "Net2Net",
    2016, keep the function of a net that grows by copies of its neurons.)

    Parameters
    ----------
    net : Net
        The net, which is changed.
    layer : Layer or int
        A hidden layer of it, or the id of one.
    neurons : int
        How many neurons.

    Returns
    -------
    list of Neuron
        The new neurons.

    Raises
    ------
    TypeError, ValueError
        If it is no hidden layer of the net, or the number is none from 1 on.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> before = net.forward([1.0, 2.0])
    >>> [neuron.id for neuron in net.grow(1, neurons=2)]
    [3, 4]
    >>> net
    Net(2-5-1, relu, sigmoid, 15 weights)
    >>> net.forward([1.0, 2.0]) == before
    True
    """
    count = check_integer("neurons", neurons, minimum=1)
    before, here, after = _around(net, layer)
    known = list(here)
    has_bias = any(neuron.has_bias for neuron in known) or not known
    first = max((neuron.id for neuron in known), default=-1) + 1
    new = [
        Neuron(number, here, bias=0.0 if has_bias else None) for number in range(first, first + count)
    ]
    _connect(list(before), new, [_drawn(net, before, neuron) for neuron in new])
    _connect(new, list(after), [[0.0] * count for _ in after])
    net.rewire()
    return new


def _around(net: Net, layer: Layer | int) -> tuple[Layer, Layer, Layer]:
    """Return the layers before and after a hidden one, and between them that one."""
    layers = list(net)
    found = next((each for each in layers[1:-1] if each is layer or each.id == layer), None)
    if found is None:
        hidden = ", ".join(str(each.id) for each in layers[1:-1]) or "none"
        raise InvalidValueError(
            f"layer must be a hidden layer of this net, not {short(layer)}: their ids are {hidden}"
        )
    place = layers.index(found)
    return layers[place - 1], found, layers[place + 1]


def _drawn(net: Net, before: Layer, neuron: Neuron) -> list[float]:
    """Return initial weights from a layer to a new neuron, by the initializer that the layer had."""
    layer: Layer = neuron.layer  # type: ignore[assignment]
    place = sorted(net.layers).index(layer.id) - 1
    names = net.initializers or []
    suitable = names[place] if place < len(names) else layer.function.initializer
    own = key(net.seed or 0, Use.INITIAL_WEIGHT, before.id, layer.id, neuron.id)
    return get_initializer(suitable).draw(own, len(before), len(layer))[0]


def _connect(sources: list[Neuron], targets: list[Neuron], values: Sequence[Sequence[float]]) -> None:
    ids = [building.weight_ids(sources, target) for target in targets]
    building.connect(Weight, sources, targets, ids, values)
