"""Packing: where every number of a net lies in flat arrays, and carrying them there and back."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cached_property
from itertools import chain, compress
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from slownet.engines import formulas
from slownet.engines.formula_checks import NotCompiledError
from slownet.engines.machine.jit import aligned
from slownet.engines.records import DIRECT, LAYER, LISTED, NONE, TILED
from slownet.recording import TrainingState

if TYPE_CHECKING:
    from slownet.engines.protocol import Memory
    from slownet.objects import Neuron, Weight
    from slownet.wiring import Group, LayerPass, Wiring

Array = npt.NDArray[Any]
CHANGING = ("weights", "back", "first", "second", "bias", "bias_first", "bias_second")  # in an update


def padded(count: int) -> int:
    """Round up to a multiple of 8."""
    return -(-count // 8) * 8


class Matrix:
    """The weights into (or, for the way back, out of) the neurons of a layer: one row a far end.

    The rows stand in an order in which every neuron finds its far ends in the order of attachment. In a
    layer that is joined to all of another one, these are simply the neurons of that; elsewhere a far end
    may have several rows, and a row holds 0 where there is no weight.

    Attributes
    ----------
    columns : list of int
        The column of each row's far end.
    contiguous : bool
        Whether they are the neurons of one layer.
    places : array of int
        Where each weight stands, neuron by neuron in the order of attachment.
    """

    def __init__(
        self, stage: LayerPass, fans: list[Group], columns: dict[Neuron, int], begin: int, lavish: bool
    ) -> None:
        self.begin = begin
        self.size, self.width = len(stage.neurons), padded(len(stage.neurons))
        wanted = [[columns[end] for end in fan.ends] for fan in fans]
        self.columns: list[int] = []
        ends = len(set(chain.from_iterable(wanted)))
        for sequence in wanted:
            _merge(self.columns, sequence)
            if len(self.columns) > 4 * ends + 64 and not lavish:
                raise NotCompiledError(
                    "weights were attached to the neurons of a layer in too many different orders"
                )
        self.contiguous = len(fans) == 1 and fans[0].whole_layer is not None
        lines: dict[Neuron, Array] = {}
        number = {neuron: j for j, neuron in enumerate(stage.neurons)}
        for fan, sequence in zip(fans, wanted, strict=True):
            rows = begin + self.width * np.array(_find(self.columns, sequence), np.int64)
            for neuron, _ in fan.rows:
                lines[neuron] = rows + number[neuron]
        self.places: Array = np.concatenate([lines[neuron] for neuron in stage.neurons])

    @property
    def kind(self) -> int:
        """How kernels find the far ends."""
        return int(TILED if self.contiguous else LISTED)

    @property
    def end(self) -> int:
        """Where the next matrix can begin."""
        return self.begin + self.width * padded(len(self.columns))


class Layout:
    """Where a net's numbers lie.

    Attributes
    ----------
    weights : list of Weight
        All of them, in the order of `net.weights()`.
    neurons : list of Neuron
        Those after the input layer.
    columns : array of int
        The column of each of these neurons.
    stride : int
        How many columns the neurons after the inputs take.
    needs_inputs : bool
        Whether a sample's row must hold its inputs.
    """

    def __init__(self, wiring: Wiring, sparse: bool, lavish: bool = True) -> None:
        stages, inputs = wiring.layers, wiring.inputs
        self.inputs = len(inputs.neurons)
        widths = [padded(len(stage.neurons)) for stage in stages]
        begins = [sum(widths[:layer]) for layer in range(len(stages))]
        self.stride = sum(widths)
        if self.stride % 64 == 0:
            self.stride += 8  # rows a multiple of 512 bytes apart get in each other's way in the cache
        self.neurons = [neuron for stage in stages for neuron in stage.neurons]
        columns = {neuron: self.stride + i for i, neuron in enumerate(inputs.neurons)}
        for stage, begin in zip(stages, begins, strict=True):
            columns.update((neuron, begin + j) for j, neuron in enumerate(stage.neurons))
        self.columns = np.array([columns[neuron] for neuron in self.neurons])
        self.weights = [
            weight
            for stage in stages
            for neuron in stage.neurons
            for weight in neuron.weights["in"].values()
        ]
        forth: list[Matrix] = []
        for stage in stages:
            forth.append(Matrix(stage, stage.incoming, columns, forth[-1].end if forth else 0, lavish))
        back: list[Matrix] = []
        for stage in stages[:-1]:
            back.append(Matrix(stage, stage.outgoing, columns, back[-1].end if back else 0, lavish))
        self.forth, self.back = forth, back
        self.places = np.concatenate([matrix.places for matrix in forth])
        self.size, self.back_size = forth[-1].end, back[-1].end if back else 0
        direct = [sparse and m.contiguous and m.columns[0] == self.stride for m in forth]
        self.needs_inputs = any(
            not straight and max(matrix.columns, default=0) >= self.stride
            for straight, matrix in zip(direct, forth, strict=True)
        )
        self.widths = widths
        self.begins = begins
        self._wiring, self._direct = wiring, direct

    def __contains__(self, thing: Weight | Neuron) -> bool:
        return thing in self._things

    @cached_property
    def _things(self) -> set[Weight | Neuron]:
        return {*self.weights, *self.neurons}

    def layers(self) -> Array:
        """Describe every layer after the inputs, and what its activation compiles to."""
        layers = np.zeros(len(self.forth), LAYER)
        row = back_row = 0
        for number, matrix in enumerate(self.forth):
            layer = layers[number]
            layer["size"], layer["width"] = matrix.size, matrix.width
            layer["column"] = self.begins[number]
            layer["kind"] = DIRECT if self._direct[number] else matrix.kind
            layer["rows"], layer["row"], layer["weight"] = len(matrix.columns), row, matrix.begin
            row += len(matrix.columns)
            layer["turned"] = NONE
            if number < len(self.back):
                back = self.back[number]
                layer["back_kind"], layer["back_rows"] = back.kind, len(back.columns)
                layer["back_row"], layer["back_weight"] = back_row, back.begin
                back_row += len(back.columns)
                layer["turned"] = self._turned(number)
        self.compile(layers)
        return layers

    def compile(self, layers: Array) -> None:
        """Compile the activations, and those anew that read a number which has changed since."""
        for layer, stage in zip(layers, self._wiring.layers, strict=True):
            layer["values"] = formulas.values_of(stage.activation)
            layer["deltas"] = formulas.deltas_of(stage.activation)
            layer["tested"] = formulas.tested_up_to(stage.activation)

    def fields(self, dropconnect: bool) -> dict[str, Any]:
        """Return what the kernels must know of the graph besides."""
        to, source = self._turns()
        number, back_number = self._numbers() if dropconnect else (to, to)
        return {
            "layers": len(self.forth),
            "source": np.array([c for matrix in self.forth for c in matrix.columns], np.uint32),
            "back_source": np.array([c for matrix in self.back for c in matrix.columns], np.uint32),
            "turns": len(to),
            "turn_to": to,
            "turn_from": source,
            "number": number,
            "back_number": back_number,
            "output": self.begins[-1],
            "outputs": self.forth[-1].size,
            "stride": self.stride,
        }

    def row_begins(self) -> Array:
        """Return where every row begins, and where the last one ends."""
        begins = [m.begin + m.width * np.arange(len(m.columns)) for m in self.forth]
        return np.concatenate([*begins, [self.size]]).astype(np.int64)

    def _turned(self, number: int) -> int:
        """Return the layer whose matrix, transposed, holds all that goes out of this one; or NONE."""
        stages = self._wiring.layers
        if self.back[number].contiguous:
            for target, stage in enumerate(stages):
                if stage is stages[number].outgoing[0].whole_layer:
                    whole = self.forth[target].contiguous
                    return target if whole and stage.incoming[0].whole_layer is stages[number] else NONE
        return NONE

    def _turns(self) -> tuple[Array, Array]:
        """Return where all other outgoing weights stand, on the way back and forth."""
        others = [number for number in range(len(self.back)) if self._turned(number) == NONE]
        if not others:
            return np.zeros(0, np.uint32), np.zeros(0, np.uint32)
        place = dict(zip(self.weights, self.places.tolist(), strict=True))
        to = np.concatenate([self.back[number].places for number in others])
        source = [place[weight] for number in others for weight in self._outgoing(number)]
        return to.astype(np.uint32), np.array(source, np.uint32)

    def _outgoing(self, number: int) -> list[Weight]:
        neurons = self._wiring.layers[number].neurons
        return [weight for neuron in neurons for weight in neuron.weights["out"].values()]

    def _numbers(self) -> tuple[Array, Array]:
        number, back_number = (
            np.full(self.size, NONE, np.uint32),
            np.full(self.back_size, NONE, np.uint32),
        )
        number[self.places] = np.arange(len(self.weights))
        order = {weight: k for k, weight in enumerate(self.weights)}
        for layer, matrix in enumerate(self.back):
            back_number[matrix.places] = [order[weight] for weight in self._outgoing(layer)]
        return number, back_number


class Packed:
    """A net's numbers in arrays, and the way there and back.

    Attributes
    ----------
    layout : Layout
        Where they lie.
    layers : array of LAYER
        What the kernels must know of the layers.
    fine : bool
        Whether the kernels give the bits of the object loops: not with weights that are infinite or not
        a number, nor with a bias of -0, to which adding 0 makes a difference.

    Parameters
    ----------
    layout : Layout
        Made from the net as it is now.
    remembers : bool
        Whether the optimizer needs room to remember things.
    dropconnect : bool
        Whether weights are dropped.
    """

    def __init__(self, layout: Layout, remembers: bool = False, dropconnect: bool = False) -> None:
        self.layout, self._remembers = layout, remembers
        memory = layout.size if remembers else max(layout.widths)
        self.weights, self.back, self.gradient = map(
            aligned, (layout.size, layout.back_size, layout.size)
        )
        self.first, self.second = aligned(memory), aligned(memory)
        self.bias, self.bias_gradient, self.bias_first, self.bias_second = (
            aligned(layout.stride) for _ in range(4)
        )
        self.layers, self._fields = layout.layers(), layout.fields(dropconnect)
        self._learning = np.zeros(0, bool), np.zeros(0, bool)
        self._learned = np.zeros(len(layout.weights), bool), np.zeros(len(layout.neurons), bool)

    def load(self, memory: Memory | None = None) -> None:
        """Read every weight and bias, which of them learn, and if given what the optimizer remembers."""
        layout = self.layout
        layout.compile(self.layers)
        learning = (
            np.array([not weight.frozen for weight in layout.weights], bool),
            np.array([neuron.has_bias for neuron in layout.neurons], bool),
        )
        self.weights[layout.places] = [weight.value for weight in layout.weights]
        self.bias[layout.columns] = [neuron.bias for neuron in layout.neurons]
        if memory is not None and (memory or self._learned[1].any()):
            self._load_memory(memory)
        if not all(map(np.array_equal, learning, self._learning)):
            self._learning = learning
            self._fix()
        self._turn()
        minus_zero = np.signbit(self.bias) & (self.bias == 0.0)
        finite = np.isfinite(self.weights).all() and np.isfinite(self.bias).all()
        self.fine = bool(finite and not minus_zero.any())

    def fields(self) -> dict[str, Any]:
        """Return everything of it that kernels must find."""
        fixed = self._fields["fixed"]
        return {
            **self._fields,
            **{name: getattr(self, name) for name in CHANGING},
            "gradient": self.gradient,
            "bias_gradient": self.bias_gradient,
            "held": self.weights[fixed],
            "held_first": self.first[fixed] if self._remembers else self.first,
            "held_second": self.second[fixed] if self._remembers else self.second,
            "held_bias": self.bias.copy(),
            "held_bias_first": self.bias_first.copy(),
            "held_bias_second": self.bias_second.copy(),
        }

    def store(self) -> None:
        """Write every weight and bias into its object."""
        layout = self.layout
        for weight, value in zip(layout.weights, self.weights[layout.places].tolist(), strict=True):
            weight.value = value
        for neuron, bias in zip(layout.neurons, self.bias[layout.columns].tolist(), strict=True):
            neuron.bias = bias

    def store_gradients(self) -> None:
        """Write every gradient into its object."""
        layout = self.layout
        for weight, gradient in zip(layout.weights, self.gradient[layout.places].tolist(), strict=True):
            weight.grad = gradient
        gradients = self.bias_gradient[layout.columns].tolist()
        for neuron, gradient in zip(layout.neurons, gradients, strict=True):
            neuron.bias_grad = gradient

    def backup(self) -> list[Array]:
        """Copy everything that an update changes."""
        return [getattr(self, name).copy() for name in CHANGING]

    def go_back(self, backup: list[Array]) -> None:
        """Return to a copy."""
        for name, kept in zip(CHANGING, backup, strict=True):
            getattr(self, name)[:] = kept

    def has_learned(self) -> None:
        """Note that an update has moved everything that learns."""
        for learned, learning in zip(self._learned, self._learning, strict=True):
            learned |= learning

    def memory(self) -> Memory:
        """Return what the optimizer remembers of every weight and bias that it has moved."""
        layout = self.layout
        memory: dict[Any, tuple[float, float]] = {}
        for things, learned, places, first, second in (
            (layout.weights, self._learned[0], layout.places, self.first, self.second),
            (layout.neurons, self._learned[1], layout.columns, self.bias_first, self.bias_second),
        ):
            pairs = zip(first[places].tolist(), second[places].tolist(), strict=True)
            memory |= dict(compress(zip(things, pairs, strict=True), learned.tolist()))
        return memory

    def state(self, remembers: bool) -> TrainingState:
        """Return what a snapshot needs beside weights and biases for training to go on from it."""
        layout = self.layout
        frozen = frozenset(np.flatnonzero(~self._learning[0]).tolist())
        if not remembers:
            return TrainingState(frozen)
        learned = np.concatenate(self._learned)
        first, second = (
            array("d", np.where(learned, np.concatenate(pair), np.nan).tobytes())
            for pair in (
                (self.first[layout.places], self.bias_first[layout.columns]),
                (self.second[layout.places], self.bias_second[layout.columns]),
            )
        )
        return TrainingState(frozen, first, second)

    def _load_memory(self, memory: Memory) -> None:
        layout = self.layout
        fresh = (0.0, 0.0)
        for things, learned, places, first, second in (
            (layout.weights, self._learned[0], layout.places, self.first, self.second),
            (layout.neurons, self._learned[1], layout.columns, self.bias_first, self.bias_second),
        ):
            learned[:] = [thing in memory for thing in things]
            if self._remembers and things:
                pairs = np.array([memory.get(thing, fresh) for thing in things]).reshape(-1, 2)
                first[places], second[places] = pairs[:, 0], pairs[:, 1]

    def _fix(self) -> None:
        """Find the places where no weight learns: it is frozen, or there is none."""
        layout = self.layout
        fixed = np.ones(layout.size, bool)
        for matrix in layout.forth:
            rows = fixed[matrix.begin : matrix.end].reshape(-1, matrix.width)
            rows[:, matrix.size :] = False
            rows[len(matrix.columns) :] = False
        fixed[layout.places] = ~self._learning[0]
        places = np.flatnonzero(fixed)
        learns = np.zeros(layout.stride, np.uint8)
        learns[layout.columns] = self._learning[1]
        self._fields |= {
            "fixes": len(places),
            "fixed": places.astype(np.uint32),
            "fixed_row": np.searchsorted(places, layout.row_begins()).astype(np.uint64),
            "learns": learns,
        }

    def _turn(self) -> None:
        """Copy the weights to where the way back reads them."""
        layout = self.layout
        self.back[self._fields["turn_to"]] = self.weights[self._fields["turn_from"]]
        for matrix, target in zip(layout.back, self.layers["turned"].tolist(), strict=False):
            if target != NONE:
                forth = layout.forth[target]
                rows = self.weights[forth.begin : forth.end].reshape(-1, forth.width)
                self.back[matrix.begin : matrix.end].reshape(-1, matrix.width)[:] = rows.T


def _merge(columns: list[int], sequence: Sequence[int]) -> None:
    """Make `columns` hold `sequence` too, in its order, whatever else stands between."""
    if not columns:
        columns.extend(sequence)
        return
    at = 0
    for column in sequence:
        try:
            at = columns.index(column, at) + 1
        except ValueError:
            columns.insert(at, column)
            at += 1


def _find(columns: list[int], sequence: Sequence[int]) -> list[int]:
    """Return where the members of `sequence` stand in `columns`, each behind the one before."""
    found, at = [], 0
    for column in sequence:
        at = columns.index(column, at) + 1
        found.append(at - 1)
    return found
