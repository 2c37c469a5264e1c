"""What each edit does to a training; `page/assets/engine/applying.js` does the same."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from slownet.errors import InvalidValueError, SlownetError
from slownet.experiments.edits import MOST_NEURONS, Edit, End
from slownet.functions import get_optimizer
from slownet.functions.description import describe
from slownet.reshaping import layers_around

if TYPE_CHECKING:
    from slownet.experiments.state import State
    from slownet.objects import Net, Neuron, Weight

MOST_WEIGHTS = 1_000_000  # of a net that has grown
MOST_HIDDEN = 20  # layers of a net that got another one


def apply(state: State, edit: Edit) -> None:
    """Make an edit of a training that stands at its step.

    Raises
    ------
    ValueError
        If it cannot be made: the training then is of no more use.
    """
    try:
        ACTIONS[edit.kind](state, *edit.args)
    except SlownetError as error:
        raise InvalidValueError(f"{edit} cannot be done: {error}") from error


def _option(name: str) -> Callable[..., None]:
    def change(state: State, value: Any) -> None:
        state.change(**{name: value})

    return change


def _optimizer(state: State, name: str) -> None:
    optimizer = get_optimizer(name)
    if describe(optimizer) != describe(state.options.optimizer):
        state.change(optimizer=optimizer, steps_before=-state.step)
        state.memory = {}


def _activation(state: State, layer: int, name: str) -> None:
    hidden = list(state.net)[1:-1]
    if layer not in [each.id for each in hidden]:
        known = ", ".join(str(each.id) for each in hidden) or "none"
        raise InvalidValueError(f"layer {layer} is no hidden layer of the net: their ids are {known}")
    state.net.layers[layer].activation = name


def _add(state: State, layer: int) -> None:
    before, here, after = layers_around(state.net, layer)
    if len(here) >= MOST_NEURONS:
        raise InvalidValueError(f"edits give a layer at most {MOST_NEURONS} neurons")
    _check_weights(state.net, len(before) + len(after))
    state.net.grow(layer)


def _remove(state: State, layer: int, neuron: int) -> None:
    found = _neuron(state.net, (layer, neuron))
    if found.layer in (state.net.inputs, state.net.outputs):
        raise InvalidValueError("only hidden neurons can be removed")
    if found.layer is not None and len(found.layer) == 1:
        raise InvalidValueError("a layer keeps its last neuron")
    found.remove()


def _layer(state: State, after: int, size: int, name: str) -> None:
    layers = list(state.net)
    if len(layers) - 2 >= MOST_HIDDEN:
        raise InvalidValueError(f"edits give a net at most {MOST_HIDDEN} hidden layers")
    for before, following in pairwise(layers):  # that there is no such layer, `insert_layer` says
        if before.id == after:
            _check_weights(state.net, size * (len(before) + len(following)))
    state.net.insert_layer(after, size, name)


def _unlayer(state: State, layer: int) -> None:
    before, _, after = layers_around(state.net, layer)
    _check_weights(state.net, len(before) * len(after))
    state.net.remove_layer(layer)


def _freeze(state: State, source: End, target: End) -> None:
    _weight(state.net, source, target).frozen = True


def _thaw(state: State, source: End, target: End) -> None:
    _weight(state.net, source, target).frozen = False


def _set(state: State, source: End, target: End, value: float) -> None:
    _weight(state.net, source, target).value = value


def _cut(state: State, source: End, target: End) -> None:
    _weight(state.net, source, target).remove()


def _bias(state: State, end: End, value: float) -> None:
    neuron = _neuron(state.net, end)
    if neuron.layer is state.net.inputs:
        raise InvalidValueError("the input layer has no biases")
    neuron.bias = value


def _seed(state: State, seed: int) -> None:
    state.begin(seed)


def _noise(state: State, amount: float) -> None:
    state.rows = state.rows.with_noise(amount, state.options.seed)


def _data(state: State, name: str) -> None:
    if name not in state.sets:
        known = ", ".join(state.sets) or "none"
        raise InvalidValueError(f"there is no set of points {name!r} here, only {known}")
    state.rows = state.sets[name]


def _rows(method: str) -> Callable[..., None]:
    def change(state: State, *args: Any) -> None:
        state.rows = getattr(state.rows, method)(*args)

    return change


ACTIONS: dict[str, Callable[..., None]] = {
    "rate": _option("learning_rate"),
    "optimizer": _optimizer,
    "batch": _option("batch_size"),
    "l1": _option("l1"),
    "l2": _option("l2"),
    "dropout": _option("dropout"),
    "dropconnect": _option("dropconnect"),
    "activation": _activation,
    "add": _add,
    "remove": _remove,
    "layer": _layer,
    "unlayer": _unlayer,
    "cut": _cut,
    "freeze": _freeze,
    "thaw": _thaw,
    "set": _set,
    "bias": _bias,
    "seed": _seed,
    "point": _rows("with_point"),
    "move": _rows("with_moved"),
    "erase": _rows("without"),
    "noise": _noise,
    "data": _data,
    "digit": _rows("with_digit"),
    "undigit": _rows("without_digit"),
}


def _neuron(net: Net, end: End) -> Neuron:
    layer, neuron = end
    if layer not in net.layers or neuron not in net.layers[layer].neurons:
        raise InvalidValueError(f"there is no neuron {layer}.{neuron}")
    return net.layers[layer].neurons[neuron]


def _weight(net: Net, source: End, target: End) -> Weight:
    start = _neuron(net, source)
    for weight in _neuron(net, target).weights["in"].values():
        if weight.outgoing is start:
            return weight
    raise InvalidValueError("there is no weight from {}.{} to {}.{}".format(*source, *target))


def _check_weights(net: Net, more: int) -> None:
    """Refuse to join so many more neurons of a net."""
    if sum(1 for _ in net.weights()) + more > MOST_WEIGHTS:
        raise InvalidValueError(f"edits give a net at most {MOST_WEIGHTS:,} weights")
