"""Fewer weights, more neurons, other layers: changes of a net's graph as a whole."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from slownet import building
from slownet.checks import check_integer, check_number, short
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.functions import AnyActivation, Initializer, get_activation, get_initializer
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
    before, here, after = layers_around(net, layer)
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


def layers_around(net: Net, layer: Layer | int) -> tuple[Layer, Layer, Layer]:
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
    own = key(net.seed or 0, Use.INITIAL_WEIGHT, before.id, layer.id, neuron.id)
    return _initializer_of(net, layer).draw(own, len(before), len(layer))[0]


def _initializer_of(net: Net, layer: Layer) -> Initializer:
    """Return what the weights into a layer were drawn with, or what suits its activation."""
    names = net.initializers or []
    is_known = len(names) == len(net) - 1
    place = sorted(net.layers).index(layer.id) - 1
    return get_initializer(names[place] if is_known else layer.function.initializer)


def insert_layer(net: Net, after: Layer | int, neurons: int, activation: str | AnyActivation) -> Layer:
    """Add a hidden layer, joined to the layers before and after it in place of their own weights.

    Its weights are drawn as a factory draws them, from the net's seed. Weights that pass over its place
    stay. Ids of later layers rise by one where none is free.

    Parameters
    ----------
    net : Net
        The net, which is changed.
    after : Layer or int
        The layer before the new one, or its id: any but the output layer.
    neurons : int
        How many neurons it has.
    activation : str or Activation
        Its activation.

    Returns
    -------
    Layer
        The new layer.

    Raises
    ------
    TypeError, ValueError
        If the net has no such layer, or an argument cannot be used.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> net.insert_layer(1, 4, "tanh")
    Layer(2, 4 neurons, tanh, 12 incoming weights)
    >>> net
    Net(2-3-4-1, relu, tanh, sigmoid, 22 weights)
    """
    count = check_integer("neurons", neurons, minimum=1)
    function = get_activation(activation)
    layers = list(net)
    before = next((each for each in layers[:-1] if each is after or each.id == after), None)
    if before is None:
        known = ", ".join(str(each.id) for each in layers[:-1]) or "none"
        raise InvalidValueError(
            f"after must be a layer of this net before the last, not {short(after)}: their ids are "
            f"{known}"
        )
    place = layers.index(before)
    later = layers[place + 1 :]
    has_bias = any(neuron.has_bias for neuron in later[0])
    names = None if net.initializers is None else list(net.initializers)
    for neuron in before:
        for weight in list(neuron.weights["out"].values()):
            if weight.incoming is not None and weight.incoming.layer is later[0]:
                weight.remove()
    if later[0].id == before.id + 1:
        _raise_ids(net, later)
    here = Layer(before.id + 1, net, function)
    for number in range(count):
        Neuron(number, here, bias=0.0 if has_bias else None)
    if names is not None:
        names.insert(place, function.initializer)
        net.initializers = names
    _name_weights(net)
    _join(net, before, here)
    _join(net, here, later[0])
    net.rewire()
    return here


def remove_layer(net: Net, layer: Layer | int) -> Layer:
    """Remove a hidden layer and join the layers before and after it.

    Their weights are drawn as a factory draws them, from the net's seed, except between neurons that
    were joined already.

    Parameters
    ----------
    net : Net
        The net, which is changed.
    layer : Layer or int
        A hidden layer of it, or the id of one.

    Returns
    -------
    Layer
        The layer, which belongs to no net any more.

    Raises
    ------
    TypeError, ValueError
        If it is no hidden layer of the net.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 4, 1], seed=0).new()
    >>> net.remove_layer(2)
    Layer(2, 4 neurons, relu, 0 incoming weights)
    >>> net
    Net(2-3-1, relu, sigmoid, 9 weights)
    """
    before, here, after = layers_around(net, layer)
    if net.initializers is not None:
        place = list(net).index(here) - 1
        net.initializers = [name for k, name in enumerate(net.initializers) if k != place]
    here.remove()
    _name_weights(net)
    _join(net, before, after)
    net.rewire()
    return here


def _raise_ids(net: Net, layers: Sequence[Layer]) -> None:
    """Raise the ids of the last layers of a net by one."""
    for layer in layers:
        net.layers.discard(layer.id)
    for layer in layers:
        layer.id += 1
        net.layers.add(layer.id, layer, "layer id")


def _name_weights(net: Net) -> None:
    """Give every weight the id that follows from its ends, in the order of attachment."""
    for neuron in net.neurons():
        for weight in neuron.weights["in"].values():
            source: Neuron = weight.outgoing  # type: ignore[assignment]
            (weight.id,) = building.weight_ids([source], neuron)
    for neuron in net.neurons():
        for members in neuron.weights.values():
            weights = list(members.values())
            dict.clear(members)
            dict.update(members, {weight.id: weight for weight in weights})
    net.rewire()


def _join(net: Net, before: Layer, after: Layer) -> None:
    """Draw weights between the neurons of neighbouring layers that are not joined."""
    place = key(net.seed or 0, Use.INITIAL_WEIGHT, before.id, after.id)
    rows = _initializer_of(net, after).draw(place, len(before), len(after))
    for target, row in zip(after, rows, strict=True):
        joined = {weight.outgoing for weight in target.weights["in"].values()}
        new = [
            (source, value) for source, value in zip(before, row, strict=True) if source not in joined
        ]
        if new:
            sources, values = map(list, zip(*new, strict=True))
            _connect(sources, [target], [values])


def _connect(sources: list[Neuron], targets: list[Neuron], values: Sequence[Sequence[float]]) -> None:
    ids = [building.weight_ids(sources, target) for target in targets]
    building.connect(Weight, sources, targets, ids, values)
