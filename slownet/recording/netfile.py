"""Net files: a net as JSON that people can read and diff, without the loss of a bit.

Every neuron has a line. `schemas/net.schema.json` describes the format. Floats are written with
the fewest digits that give the same bits back, and nothing in a file is ever executed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING, Any

from slownet import graph_checks
from slownet.checks import as_float, check_integer, check_path, check_type, short
from slownet.errors import FormatError, InvalidTypeError, InvalidValueError
from slownet.functions import Optimizer
from slownet.functions.description import Formula, describe, kind_of
from slownet.objects import Net, Neuron, Weight
from slownet.recording import json_head
from slownet.recording.atomic import replacing
from slownet.recording.graph import Graph, GraphLayer, GraphNeuron
from slownet.recording.graph_reading import GraphReader, formula_from_plain, read_layer
from slownet.recording.graph_writing import HEAD, head_to_plain, layer_lines
from slownet.recording.json_head import JsonHead
from slownet.recording.json_stream import JsonStream, open_json
from slownet.recording.json_text import encoded, to_text
from slownet.recording.json_values import (
    ascending,
    boolean,
    fail,
    integer,
    listed,
    listed_numbers,
    mapping,
    number,
    numbers,
)
from slownet.recording.snapshot import freeze_places
from slownet.version import ARITHMETIC

if TYPE_CHECKING:
    import os
    from pathlib import Path


FORMAT = "slownet net"
VERSION = 1
KEYS = (*json_head.HEAD, "arithmetic", *HEAD, "optimizer", "layers")
# keys of a neuron that are not part of the graph
NUMBERS = ("bias", "weights", "frozen", "bias_frozen", "memory")
Pair = tuple[float, float]


@dataclass(frozen=True, eq=False)
class OptimizerState:
    """The state of an optimizer, with which it continues as if training had never stopped.

    Attributes
    ----------
    optimizer : Optimizer
        The rule, with its settings.
    step : int
        How many updates it has made.
    memory : mapping
        {Weight or Neuron: (first, second)}: the two numbers that it keeps for a weight or for a neuron's
        bias, without those that it has never updated. `Snapshot.memory` returns such a mapping.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> history = net.fit(X, y, optimizer="adam", warm_start=True)
    >>> net.optimizer_state.step
    2
    >>> first, second = net.optimizer_state.memory[net.weight(2, (0, 0))]
    """

    optimizer: Optimizer
    step: int = 0
    memory: Mapping[Weight | Neuron, Pair] = field(default_factory=dict, repr=False)

    def checked_memory(self) -> dict[Weight | Neuron, Pair]:
        """Return the numbers as floats; TypeError or ValueError, naming the weight, if one is none."""
        if set(map(type, chain.from_iterable(self.memory.values()))) <= {float}:
            return dict(self.memory)
        memory: dict[Weight | Neuron, Pair] = {}
        for thing, (first, second) in self.memory.items():
            what = f"what the optimizer remembers of {_name(thing)}"
            memory[thing] = as_float(what, first), as_float(what, second)
        return memory

    def moved(self, things: Mapping[Any, Any]) -> OptimizerState:
        """Return the same state for other objects, {old: new}; those that are not in it are left out."""
        memory = {things[old]: pair for old, pair in self.memory.items() if old in things}
        return OptimizerState(self.optimizer, self.step, memory)


def save(net: Net, path: str | os.PathLike[str], optimizer_state: OptimizerState | None = None) -> Path:
    """Write a net to a file; an existing file is replaced atomically.

    Parameters
    ----------
    net : Net
        The net: its graph, weights, biases, what is frozen, classes, loss and seed. Values and gradients
        of the last sample are not kept.
    path : str or path-like
        The file, for example `net.json`.
    optimizer_state : OptimizerState, optional
        The optimizer's state; by default `net.optimizer_state`.

    Returns
    -------
    pathlib.Path
        Where it is.

    Raises
    ------
    ValueError
        If a number is nan or infinite (the message names the weight), or the net is incomplete.
    TypeError
        If a weight or bias is no number, or a class label neither text nor number nor bool.
    FileError
        If the file cannot be written; an OSError too.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> import slownet
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> path = net.save("net.json")
    >>> slownet.load(path).weight(2, (0, 0)).value == net.weight(2, (0, 0)).value
    True
    """
    state = net.optimizer_state if optimizer_state is None else optimizer_state
    if state is not None:
        check_type("optimizer_state", state, OptimizerState)
    file = check_path(path, "JSON")
    with replacing(file) as stream:
        for line in _lines(net, state):
            stream.write(encoded(line))
    return file


def load(path: str | os.PathLike[str], formulas: Formula | Iterable[Formula] = ()) -> Net:
    """Read a net from a file that `Net.save` wrote.

    Nothing in the file is executed, and memory is allocated only for what the file contains.

    Parameters
    ----------
    path : str or path-like
        The file.
    formulas : formula or iterable of formulas
        Activations, losses and optimizers of your own that the net uses: a file holds only their names.

    Returns
    -------
    Net
        The same net, to the last bit; with `net.optimizer_state` set, where the file has one.

    Raises
    ------
    FormatError
        If the file does not hold a net; the message says what is wrong and where, as in
        `net.json, layers[1].neurons[3].weights[7]`.
    FileError
        If it cannot be read; an OSError too, and a FileNotFoundError where there is none.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> import slownet
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> slownet.load(net.save("net.json"))
    Net(2-3-1, relu, sigmoid, 9 weights)
    """
    return read(path, formulas)[0]


def read(path: str | os.PathLike[str], formulas: Formula | Iterable[Formula] = ()) -> tuple[Net, int]:
    """Read a net and the mark of its file's arithmetic, 0 where there is none; see `load`."""
    own = _listed_formulas(formulas)
    with open_json(path) as stream:
        reader = _NetReader(stream, own)
        return reader.net(), reader.arithmetic


def _lines(net: Net, state: OptimizerState | None) -> Iterator[str]:
    _ = net.loss  # raises an error for an incomplete net, or a loss that does not fit
    net.wiring.make_floats()
    graph = Graph.of(net)
    head = json_head.head_of(FORMAT, VERSION) | {"arithmetic": ARITHMETIC} | head_to_plain(graph)
    if state is not None:
        _check_memory(net, state)
        step = check_integer("the step of optimizer_state", state.step)
        head["optimizer"] = {**describe(state.optimizer), "step": step}
    memory, first = state.checked_memory() if state else {}, graph.inputs.id

    def numbers_of(layer: GraphLayer, entry: GraphNeuron) -> dict[str, Any]:
        if layer.id == first:
            return {}
        return _plain_numbers(net.layers[layer.id].neurons[entry.id], memory)

    yield "{\n"
    for key, value in head.items():
        yield f'  "{key}": {to_text(value)},\n'
    yield '  "layers": [\n'
    yield from layer_lines(graph, "    ", numbers_of)
    yield "  ]\n}\n"


def _plain_numbers(neuron: Neuron, memory: Mapping[Weight | Neuron, Pair]) -> dict[str, Any]:
    """Return the numbers of a neuron as plain values."""
    plain: dict[str, Any] = {"bias": _finite(neuron.bias, neuron)}
    weights = list(neuron.weights["in"].values())
    if weights:
        values = [weight.value for weight in weights]
        if not all(map(isfinite, values)):
            values = [_finite(weight.value, weight) for weight in weights]
        plain["weights"] = values
    frozen = [place for place, weight in enumerate(weights) if weight.frozen]
    if frozen:
        plain["frozen"] = frozen
    if neuron.bias_frozen:
        plain["bias_frozen"] = True
    if memory:
        pairs = [_pair(weight, memory) for weight in weights]
        remembered = {"weights": pairs} if any(pairs) else {}
        bias = _pair(neuron, memory)
        if bias or remembered:
            plain["memory"] = remembered | ({"bias": bias} if bias else {})
    return plain


def _pair(thing: Weight | Neuron, memory: Mapping[Weight | Neuron, Pair]) -> list[float] | None:
    pair = memory.get(thing)
    if pair is None:
        return None
    what = "what the optimizer remembers of "
    return [_finite(pair[0], thing, what), _finite(pair[1], thing, what)]


def _finite(value: float, thing: Weight | Neuron, what: str = "") -> float:
    """Return a number; ValueError, naming the weight or neuron, if it is not finite."""
    if not isfinite(value):
        raise InvalidValueError(f"{what}{_name(thing)} is {value}: a net file holds finite numbers only")
    return value


def _name(thing: Weight | Neuron) -> str:
    return ("" if isinstance(thing, Weight) else "the bias of ") + graph_checks.where(thing)


def _check_memory(net: Net, state: OptimizerState) -> None:
    """Refuse the state of another net; weights that were removed since do not matter."""
    memory = state.memory
    if memory and not any(thing in memory for thing in chain(net.weights(), net.neurons())):
        raise InvalidValueError("optimizer_state remembers nothing of this net: it is of another one")


def _listed_formulas(formulas: Formula | Iterable[Formula]) -> list[Formula]:
    own = list(formulas) if isinstance(formulas, Iterable) else [formulas]
    for formula in own:
        if not kind_of(formula):
            raise InvalidTypeError(f"formulas must be a list of formulas, not {short(formula)}")
    return own


class _NetReader:
    """Reads a net file: the graph and its numbers, neuron by neuron."""

    def __init__(self, stream: JsonStream, formulas: list[Formula]) -> None:
        self.stream, self.name, self.formulas = stream, stream.name, formulas
        self.reader = GraphReader(self.name, formulas)
        self.head = JsonHead(stream, "a net file", FORMAT, VERSION, KEYS)
        self.weights: list[float] = []
        self.biases: list[float] = []
        self.frozen: set[int] = set()
        self.frozen_biases: set[int] = set()
        self.memory: dict[int, Pair] = {}  # by the place of the weight
        self.bias_memory: dict[int, Pair] = {}
        self.arithmetic = 0

    def net(self) -> Net:
        """Read the file and build the net."""
        found_layers = False
        for key in self.stream.members(self.name):
            if key == "layers":
                found_layers = True
                for where in self.stream.items(f"{self.name}, layers"):
                    read_layer(self.stream, self.reader, where, self._neuron)
            else:
                self.head.take(key)
        self.stream.end()
        self.arithmetic = integer(self.head.found.get("arithmetic", 0), f"{self.name}, arithmetic")
        mapping(self.head.found | {"layers": found_layers}, self.name, ("format", "version"), KEYS)
        if not found_layers:
            raise FormatError(f"{self.name}: expected the key 'layers', found none")
        optimizer = self._optimizer()
        net = self.reader.graph(self.head.found).new_net(self.weights, self.biases)
        self._put_numbers(net, optimizer)
        return net

    def _neuron(self, plain: Any, where: str) -> None:
        first = self.reader.in_input_layer
        size = self.reader.add_neuron(plain, where, NUMBERS)
        if first:
            return
        if "bias" not in plain:
            raise FormatError(f"{where}: expected the key 'bias', found none")
        start = len(self.weights)
        if size or "weights" in plain:
            self.weights.extend(listed_numbers(plain.get("weights", []), f"{where}.weights", size))
        self.biases.append(number(plain["bias"], f"{where}.bias"))
        if "frozen" in plain:
            places = ascending(plain["frozen"], f"{where}.frozen", size)
            self.frozen.update(start + place for place in places)
        if boolean(plain.get("bias_frozen", False), f"{where}.bias_frozen"):
            self.frozen_biases.add(len(self.biases) - 1)
        if "memory" in plain:
            self._memory(plain["memory"], f"{where}.memory", start, size)

    def _memory(self, value: object, where: str, start: int, size: int) -> None:
        plain = mapping(value, where, (), ("weights", "bias"))
        pairs = listed(plain.get("weights", [None] * size), f"{where}.weights")
        if len(pairs) != size:
            raise FormatError(f"{where}.weights: expected {size} pairs, found {len(pairs)}")
        for place, pair in enumerate(pairs):
            if pair is not None:
                self.memory[start + place] = _read_pair(pair, f"{where}.weights[{place}]")
        if plain.get("bias") is not None:
            self.bias_memory[len(self.biases) - 1] = _read_pair(plain["bias"], f"{where}.bias")

    def _optimizer(self) -> OptimizerState | None:
        where = f"{self.name}, optimizer"
        plain = self.head.found.get("optimizer")
        if plain is None:
            if self.memory or self.bias_memory:
                raise FormatError(
                    f"{where}: expected the optimizer whose memory neurons have, found none"
                )
            return None
        if not isinstance(plain, dict) or "step" not in plain:
            fail(where, "an optimizer with its step", plain)
        settings = {key: value for key, value in plain.items() if key != "step"}
        optimizer = formula_from_plain("optimizer", settings, where, self.formulas)
        return OptimizerState(optimizer, integer(plain["step"], f"{where}.step"))

    def _put_numbers(self, net: Net, state: OptimizerState | None) -> None:
        """Freeze what is frozen, and map the optimizer's state to the objects."""
        count = len(self.weights)
        freeze_places(net, self.frozen | {count + place for place in self.frozen_biases})
        weights = list(net.weights()) if self.memory else []
        if state is not None:
            inputs = net.inputs
            after = [neuron for neuron in net.neurons() if neuron.layer is not inputs]
            memory: dict[Weight | Neuron, Pair] = {}
            memory |= {weights[place]: pair for place, pair in self.memory.items()}
            memory |= {after[place]: pair for place, pair in self.bias_memory.items()}
            net.optimizer_state = OptimizerState(state.optimizer, state.step, memory)


def _read_pair(value: object, where: str) -> Pair:
    if type(value) is list and list(map(type, value)) == [float, float]:
        first, second = value
        if isfinite(first) and isfinite(second):
            return first, second
    first, second = numbers(value, where, 2)
    return first, second
