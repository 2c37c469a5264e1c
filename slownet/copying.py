"""Copies and pickles of nets: the state of a net as plain data, and nets made from it.

In it neurons and weights are numbers, so that the depth of a net is not the depth of a recursion.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from copy import deepcopy
from itertools import chain, repeat
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from slownet import building
from slownet.checks import as_float
from slownet.errors import InvalidTypeError
from slownet.graph_checks import WeightId, where
from slownet.objects import Direction, Layer, Net, Neuron, Weight

OF_NET = (
    *("classes", "explicit_loss", "initializers", "preparation"),
    *("sample_weight", "samples", "seed", "weight_sum"),
)
OF_NEURON = ("has_bias", "bias", "bias_frozen", "bias_grad", "z", "value", "delta", "keep")
OF_WEIGHT = ("value", "grad", "frozen", "keep")

if TYPE_CHECKING:
    Column = array[float] | list[Any] | tuple[Any, int]  # or what all are, and how many

Ends = tuple[int | None, ...]  # the places of neurons; None for one that is not in the net


def copy(net: Net) -> Net:
    """Return a net of new objects with the same graph and the same numbers.

    Raises
    ------
    TypeError, ValueError
        If a weight, a bias or a gradient is no number.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> twin = net.copy()
    >>> twin[1][0].bias = 0.5
    >>> net[1][0].bias
    0.0
    """
    return _with_attributes(_twin(net), net.__getstate__())


def deep_copy(net: Net, memo: dict[int, Any]) -> Net:
    """Return such a net for `copy.deepcopy`, which copies what a subclass holds, too."""
    memo[id(net)] = twin = _twin(net)
    return _with_attributes(twin, deepcopy(net.__getstate__(), memo))


def reduced(net: Net) -> tuple[Any, ...]:
    """Return how pickle makes a net again: the graph first, of which a subclass may hold parts."""
    return restored, (type(net), state_of(net)), net.__getstate__() or None


def attributes_of(net: Net) -> dict[str, Any]:
    """Return what a subclass of Net holds, also in slots."""
    found: Any = object.__getstate__(net)
    attributes, slots = found if isinstance(found, tuple) else (found, {})
    own = {name: value for name, value in slots.items() if not hasattr(Net, name)}
    return own | (attributes or {})


def _twin(net: Net) -> Net:
    return restored(type(net), state_of(net))


def _with_attributes(net: Net, state: Any) -> Net:
    if state:
        net.__setstate__(state)
    return net


def state_of(net: Net) -> dict[str, Any]:
    """Return all that a Net holds; neurons and weights stand in the order in which they were attached.

    Returns
    -------
    dict
        What `OF_NET` names and `optimizer_state`, by the numbers of weights and neurons; the columns of
        `neurons` and `weights`; and the graph: `layers`, each an id, an activation and the ids of its
        neurons; `sources`, for each neuron those of its incoming weights; `loose`, the weights to no
        neuron of the net; and for neurons where they are not the usual ones, the `ids` of the incoming
        weights and the numbers of the `leaving` weights.

    Raises
    ------
    TypeError, ValueError
        If a weight, a bias or a gradient is no number.
    """
    neurons = list(chain.from_iterable(layer.neurons.values() for layer in net.layers.values()))
    places = {neuron: place for place, neuron in enumerate(neurons)}
    sources = _sources(neurons, places)
    rows = [(neuron.weights["in"], neuron.weights["out"].values()) for neuron in neurons]
    loose = [
        (weight, place)
        for place, (_, leaving) in enumerate(rows)
        for weight in leaving
        if weight.incoming not in places
    ]
    weights = [*chain.from_iterable(row.values() for row, _ in rows), *(weight for weight, _ in loose)]
    numbers: dict[Any, int] = {thing: number for number, thing in enumerate([*weights, *neurons])}
    usual = _leaving(weights, sources, [place for _, place in loose])
    state = net.optimizer_state
    return {
        **{name: getattr(net, name) for name in OF_NET},
        "optimizer_state": None if state is None else state.moved(numbers),
        "layers": [(layer.id, layer.activation, list(layer.neurons)) for layer in net.layers.values()],
        "sources": sources,
        "loose": [(weight.id, place) for weight, place in loose],
        "ids": {
            place: list(row)
            for place, (row, _) in enumerate(rows)
            if list(row) != _usual_ids(neurons, sources[place], neurons[place])
        },
        "leaving": {
            place: [numbers[weight] for weight in leaving]
            for place, (_, leaving) in enumerate(rows)
            if list(leaving) != usual[place]
        },
        "neurons": [_column(neurons, name) for name in OF_NEURON],
        "weights": [_column(weights, name) for name in OF_WEIGHT],
    }


def restored(kind: type[Net], state: dict[str, Any]) -> Net:
    """Return a net of this class that has a state of `state_of`."""
    net = kind.__new__(kind)
    Net.__init__(net)
    with building.uncollected():
        neurons = [
            Neuron(neuron_id, layer)
            for layer_id, activation, ids in state["layers"]
            for layer in [Layer(layer_id, net, activation)]
            for neuron_id in ids
        ]
        _set(neurons, OF_NEURON, state["neurons"])
        weights = _attached(neurons, state)
        _set(weights, OF_WEIGHT, state["weights"])
    for name in OF_NET:
        setattr(net, name, state[name])
    if state["optimizer_state"] is not None:
        net.optimizer_state = state["optimizer_state"].moved(dict(enumerate([*weights, *neurons])))
    return net


def _attached(neurons: Sequence[Neuron], state: dict[str, Any]) -> list[Weight]:
    """Attach new weights to neurons."""
    weights = list[Weight]()
    for place, (neuron, ends) in enumerate(zip(neurons, state["sources"], strict=True)):
        ids = state["ids"].get(place) or _usual_ids(neurons, ends, neuron)
        sources: Any = [None if end is None else neurons[end] for end in ends]
        weights += building.new_weights(Weight, neuron, sources, ids, [0.0] * len(ends))
    for weight_id, place in state["loose"]:
        weight = Weight(weight_id)
        weight.outgoing = neurons[place]
        weights.append(weight)
    usual = _leaving(weights, state["sources"], [place for _, place in state["loose"]])
    for place, (neuron, row) in enumerate(zip(neurons, usual, strict=True)):
        order = state["leaving"].get(place)
        leaving = row if order is None else [weights[number] for number in order]
        building.attach_out(neuron, [weight.id for weight in leaving], leaving)
    return weights


def _sources(neurons: Sequence[Neuron], places: dict[Neuron, int]) -> list[Ends]:
    """Return the places of the sources of each neuron: one tuple for all that have the same."""
    shared: dict[Ends, Ends] = {}
    found = []
    for neuron in neurons:
        ends = tuple(places.get(weight.outgoing) for weight in neuron.weights["in"].values())  # type: ignore[arg-type]
        found.append(shared.setdefault(ends, ends))
    return found


def _usual_ids(neurons: Sequence[Neuron], ends: Ends, target: Neuron) -> list[WeightId]:
    """Return the ids of weights from these neurons, if these are of one layer."""
    sources = [neurons[end] for end in ends if end is not None]
    return building.weight_ids(sources, target) if sources else []


def _leaving(
    weights: Sequence[Weight], sources: Sequence[Ends], loose: Sequence[int]
) -> list[list[Weight]]:
    """Return the weights out of each neuron, in the order of the neurons that they go to."""
    leaving: list[list[Weight]] = [[] for _ in sources]
    for weight, end in zip(weights, chain(*sources, loose), strict=True):
        if end is not None:
            leaving[end].append(weight)
    return leaving


def _column(things: Sequence[Any], name: str) -> Column:
    """Return one attribute of all, as floats where training changes it."""
    values = list(map(attrgetter(name), things))
    if not set(map(type, values)) <= {bool, float}:
        values = [_plain(thing, name, value) for thing, value in zip(things, values, strict=True)]
    if len(set(map(id, values))) == 1:
        return values[0], len(values)
    return array("d", values) if set(map(type, values)) == {float} else values


def _plain(thing: Weight | Neuron, name: str, value: object) -> object:
    if isinstance(thing, Weight):
        learns = name in ("value", "grad")
    else:
        layer: Any = thing.layer
        learns = name in ("bias", "bias_grad") and layer is not layer.net.inputs
    return as_float(f"the {name} of {where(thing)}", value) if learns else value


def _set(things: Sequence[Any], names: Sequence[str], columns: Sequence[Column]) -> None:
    """Set these attributes of all."""
    for name, column in zip(names, columns, strict=True):
        values = repeat(*column) if isinstance(column, tuple) else column
        for thing, value in zip(things, values, strict=True):
            setattr(thing, name, value)


# parts of a net


def path_to(part: Layer | Neuron | Weight) -> tuple[Any, ...]:
    """Return the net of a part, and the ids by which `find` finds the part in it.

    Raises
    ------
    TypeError
        If it belongs to no net.
    """
    owner: Net | Layer | Neuron | None
    key: tuple[Any, ...] = (part.id,)
    if isinstance(part, Weight):
        owner, direction = (part.incoming, "in") if part.incoming else (part.outgoing, "out")
        key = direction, part.id
    else:
        owner = part.layer if isinstance(part, Neuron) else part.net
    if owner is None:
        raise InvalidTypeError(f"{part} belongs to no net: a part is copied and pickled with its net")
    return (owner, *key) if isinstance(owner, Net) else (*path_to(owner), *key)


def find(
    net: Net,
    layer: int,
    neuron: int | None = None,
    direction: Direction = "in",
    weight: WeightId | None = None,
) -> Layer | Neuron | Weight:
    """Return a part of a net by its ids."""
    found = net.layers[layer]
    if neuron is None:
        return found
    return found.neurons[neuron] if weight is None else found.neurons[neuron].weights[direction][weight]
