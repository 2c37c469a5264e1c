"""Checks of a graph: ids, the two ends of a weight, a whole net; and names of its parts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain, pairwise, repeat
from math import isfinite
from operator import attrgetter, eq
from typing import TYPE_CHECKING, Any, SupportsIndex

from slownet.checks import as_float, short
from slownet.errors import DivergedError, InvalidTypeError, InvalidValueError
from slownet.samples import as_list
from slownet.samples.plain import plain_list

if TYPE_CHECKING:
    from slownet.objects import Layer, Net, Neuron, Weight

    Parameters = tuple[Neuron, Collection[Weight]]
    Converter = Callable[[Any, str], bool]

WeightId = tuple[int, int] | tuple[tuple[int, int], tuple[int, int]]
_SOURCE, _ID = attrgetter("outgoing"), attrgetter("id")


def where(thing: Weight | Neuron | Layer | None) -> str:
    """Return the name of a part of a net by its place, as in "neuron 3 of layer 1"."""
    if thing is None:
        return "nowhere"
    if hasattr(thing, "neurons"):
        return f"layer {thing.id}"
    if hasattr(thing, "incoming"):
        target = thing.incoming
        return f"weight {thing.id}" + (f" into {where(target.layer)}" if target else "")
    return f"neuron {thing.id}" + (f" of {where(thing.layer)}" if thing.layer else "")


def make_float(thing: Weight | Neuron, name: str) -> bool:
    """Convert a number that somebody put into the graph to a float; return whether it was another.

    Every pass over a net converts with `net.wiring.make_float`, which is this function until it is
    replaced: by one that leaves another type of number as it is, and returns False for it. A change of
    the graph and a training make a new wiring, with this function.

    Parameters
    ----------
    thing : Weight or Neuron
        Whose number it is.
    name : str
        Which one: "value" or "grad" of a weight, "bias", "bias_grad", "z", "value" or "delta" of a
        neuron.

    Raises
    ------
    TypeError, ValueError
        If it cannot be converted; see `slownet.checks.as_float`.
    """
    number = getattr(thing, name)
    if type(number) is float:
        return False
    setattr(thing, name, as_float(f"the {name} of {where(thing)}", number))
    return True


def make_floats(parameters: Iterable[Parameters], convert: Converter = make_float) -> bool:
    """Convert every weight and bias that is no float; return whether there was one."""
    found = False
    for neuron, weights in parameters:
        if type(neuron.bias) is not float:
            found = convert(neuron, "bias") or found
        for weight in weights:
            if type(weight.value) is not float:
                found = convert(weight, "value") or found
    return found


def make_gradients_floats(parameters: Iterable[Parameters], convert: Converter = make_float) -> None:
    """Convert every gradient that is no float."""
    for neuron, weights in parameters:
        if type(neuron.bias_grad) is not float:
            convert(neuron, "bias_grad")
        for weight in weights:
            if type(weight.grad) is not float:
                convert(weight, "grad")


def parameters_of(net: Net) -> Iterator[Parameters]:
    """Iterate over the neurons after the input layer, each with the weights into it."""
    for neuron in chain.from_iterable(list(net)[1:]):
        yield neuron, neuron.weights["in"].values()


def check_weight_id(weight_id: object) -> WeightId:
    """Return the id of a weight with plain integers in it; TypeError if it is none."""
    if type(weight_id) is tuple and list(map(type, weight_id)) == [int, int]:
        return weight_id  # the same as below, quickly
    match weight_id:
        case (SupportsIndex() as i, SupportsIndex() as j):
            return i.__index__(), j.__index__()
        case (
            (SupportsIndex() as source_layer, SupportsIndex() as i),
            (SupportsIndex() as target_layer, SupportsIndex() as j),
        ):
            return (
                (source_layer.__index__(), i.__index__()),
                (target_layer.__index__(), j.__index__()),
            )
    raise InvalidTypeError(
        "a weight id must be (i, j), from neuron i to neuron j of the next layer, or ((l, i), (m, j)) "
        f"between other layers, not {short(weight_id)}"
    )


def check_classes(labels: object) -> list[Any]:
    """Return class labels as a list of Python's values.

    Raises
    ------
    TypeError, ValueError
        If they are not different labels.
    """
    if isinstance(labels, (str, bytes, set, frozenset)) or not isinstance(labels, Iterable):
        raise InvalidTypeError(f"classes must be a list of labels in order, not {short(labels)}")
    ordered = as_list(labels, "classes") if hasattr(labels, "__array__") else plain_list(labels)
    for place, label in enumerate(ordered):
        try:
            hash(label)
            is_equal = bool(label == label)  # nan, which no target equals, is not
        except TypeError:
            raise InvalidTypeError(
                f"classes[{place}] is {short(label)}: a class label is a text, a number or a bool"
            ) from None
        if not is_equal:
            raise InvalidValueError(f"classes[{place}] is {short(label)}, which equals no target")
    if len(set(ordered)) < len(ordered):
        raise InvalidValueError(f"classes must be different labels, not {short(ordered)}")
    return ordered


def check_graph(net: Net) -> None:
    """Refuse a net without inputs or outputs, and weights that are not where they should be."""
    layers = list(net)
    if len(layers) < 2 or not all(layer.neurons for layer in layers):
        raise InvalidValueError(
            f"a net needs an input and an output layer with neurons in them; this one is {net!r}"
        )
    make_floats(parameters_of(net))
    for previous, layer in pairwise(layers):
        sources = list(previous)
        ids = [source.id for source in sources]
        for neuron in layer.neurons.values():
            weights = neuron.weights["in"].values()
            # fast path: fully connected to the previous layer
            if list(map(_SOURCE, weights)) != sources or (
                not all(map(eq, map(_ID, weights), zip(ids, repeat(neuron.id))))
            ):
                for weight in weights:
                    check_ends(weight, complete=True)
    both = [(neuron.weights["in"], neuron.weights["out"]) for neuron in net.neurons()]
    if sum(len(incoming) for incoming, _ in both) != sum(len(outgoing) for _, outgoing in both):
        for members in chain.from_iterable(both):
            for weight in members.values():
                check_ends(weight, complete=True)


def check_finite(net: Net) -> None:
    """Raise DivergedError, naming the first, if a weight or bias is infinite or not a number."""
    for neuron, weights in parameters_of(net):
        total = neuron.bias
        for weight in weights:
            total += weight.value
        if isfinite(total):  # then all of them are
            continue
        for weight in weights:
            if not isfinite(weight.value):
                raise DivergedError(f"{weight} is not finite", weight=weight)
        if not isfinite(neuron.bias):
            first = next(iter(weights), None)
            raise DivergedError(f"the bias of {where(neuron)} is not finite", weight=first)


def check_ends(weight: Weight, complete: bool = False) -> None:
    """Refuse a weight that runs backwards, leaves its net or has the id of other neurons.

    A weight under construction is judged only by the ends that are known so far.
    """
    source, target = weight.outgoing, weight.incoming
    start, end = source and source.layer, target and target.layer
    if not (source and target and start and end and start.net and end.net):
        if complete:
            raise InvalidValueError(
                f"{weight} is not attached to the net at both ends: attach it there, or remove() it"
            )
        return
    if start.net is not end.net:
        raise InvalidValueError(f"{weight} would join two nets: attach it to neurons of one")
    if start.id >= end.id:
        raise InvalidValueError(
            f"{weight} must go from an earlier to a later layer, not from layer {start.id} to "
            f"layer {end.id}"
        )
    ids: list[WeightId] = [(source.id, target.id), ((start.id, source.id), (end.id, target.id))]
    if complete:
        ids = ids[1:] if are_apart(start, end) else ids[:1]
    if weight.id not in ids:
        raise InvalidValueError(f"{weight} must have the id {' or '.join(map(str, ids))}")


def are_apart(start: Layer, end: Layer) -> bool:
    """Return whether there is a layer between two layers of a net."""
    layers = start.net.layers if start.net else ()
    return end.id - start.id > 1 and any(start.id < other < end.id for other in layers)
