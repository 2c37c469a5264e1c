"""The layout of a net in flat arrays: the index of every weight and the column of every neuron."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from slownet.engines import formulas
from slownet.engines.kernel_records import DIRECT, LAYER, NONE
from slownet.engines.matrix import PackedMatrix, apart, padded

if TYPE_CHECKING:
    from slownet.objects import Neuron, Weight
    from slownet.wiring import Wiring

Array = npt.NDArray[Any]


class Layout:
    """The indices of a net's weights and neurons in arrays.

    Attributes
    ----------
    inputs : int
        How many inputs the net has.
    weights : list of Weight
        All of them, in the order of `net.weights()`.
    neurons : list of Neuron
        Those after the input layer.
    incoming, outgoing : list of PackedMatrix
        The weights into each layer after the inputs, and out of each hidden layer.
    wiring : Wiring
        The wiring of the net.
    places : array of int
        The index of each weight in the incoming matrices.
    columns : array of int
        The column of each neuron.
    sparse : bool
        Whether only the nonzero inputs of samples are listed.
    size, backward_size : int
        The length of all incoming, and of all outgoing matrices.
    stride : int
        The number of columns of the neurons after the inputs.
    widths : list of int
        The number of columns of each layer.
    needs_inputs : bool
        Whether a sample's row must hold its inputs.

    Parameters
    ----------
    wiring, sparse
        As above.
    allow_padding : bool
        Whether a matrix may be mostly padding.

    Raises
    ------
    NotCompiledError
        If a matrix would be mostly padding and that is not allowed.
    """

    def __init__(self, wiring: Wiring, sparse: bool, allow_padding: bool = True) -> None:
        layers, inputs, self.sparse = wiring.layers, wiring.inputs, sparse
        self.inputs = len(inputs.neurons)
        self.widths = [padded(len(each.neurons)) for each in layers]
        self.begins = [sum(self.widths[:number]) for number in range(len(layers))]
        self.stride = apart(sum(self.widths))
        self.neurons = [neuron for each in layers for neuron in each.neurons]
        columns = {neuron: self.stride + i for i, neuron in enumerate(inputs.neurons)}
        for each, begin in zip(layers, self.begins, strict=True):
            columns.update((neuron, begin + j) for j, neuron in enumerate(each.neurons))
        self.columns = np.array([columns[neuron] for neuron in self.neurons])
        self.weights = [weight for neuron in self.neurons for weight in neuron.weights["in"].values()]
        self.incoming: list[PackedMatrix] = []
        for each in layers:
            begin = self.incoming[-1].end if self.incoming else 0
            self.incoming.append(PackedMatrix(each, each.incoming, columns, begin, allow_padding))
        self.outgoing: list[PackedMatrix] = []
        for each in layers[:-1]:
            begin = self.outgoing[-1].end if self.outgoing else 0
            self.outgoing.append(PackedMatrix(each, each.outgoing, columns, begin, allow_padding))
        self.places = np.concatenate([matrix.places for matrix in self.incoming])
        self.size = self.incoming[-1].end
        self.backward_size = self.outgoing[-1].end if self.outgoing else 0
        self.wiring = wiring
        self._direct = [
            sparse and matrix.contiguous and matrix.columns[0] == self.stride for matrix in self.incoming
        ]
        self.needs_inputs = any(
            not direct and max(matrix.columns, default=0) >= self.stride
            for direct, matrix in zip(self._direct, self.incoming, strict=True)
        )

    def __contains__(self, thing: Weight | Neuron) -> bool:
        return thing in self._things

    @cached_property
    def _things(self) -> set[Weight | Neuron]:
        return {*self.weights, *self.neurons}

    def layers(self) -> Array:
        """Describe every layer after the inputs, and compile its activation."""
        layers = np.zeros(len(self.incoming), LAYER)
        row = backward_row = 0
        for number, matrix in enumerate(self.incoming):
            layer = layers[number]
            layer["size"], layer["width"], layer["pitch"] = matrix.size, matrix.width, matrix.pitch
            layer["column"] = self.begins[number]
            layer["kind"] = DIRECT if self._direct[number] else matrix.kind
            layer["rows"], layer["row"], layer["weight"] = len(matrix.columns), row, matrix.begin
            row += len(matrix.columns)
            layer["transposed"] = NONE
            if number < len(self.outgoing):
                back = self.outgoing[number]
                layer["backward_kind"], layer["backward_rows"] = back.kind, len(back.columns)
                layer["backward_row"], layer["backward_weight"] = backward_row, back.begin
                backward_row += len(back.columns)
                layer["transposed"] = self._transposed(number)
        self.compile(layers)
        return layers

    def compile(self, layers: Array) -> None:
        """Compile the activations; one that reads a changed global number is compiled again."""
        for layer, each in zip(layers, self.wiring.layers, strict=True):
            layer["values_loop"] = formulas.values_of(each.activation)
            layer["deltas_loop"] = formulas.deltas_of(each.activation)

    def fields(self, dropconnect: bool) -> dict[str, Any]:
        """Return the fields of a record that describe the graph besides the layers."""
        copy_to, copy_from = self._copies()
        number, backward_number = self._weight_numbers() if dropconnect else (copy_to, copy_to)
        return {
            "layers": len(self.incoming),
            "source": _columns(self.incoming),
            "backward_source": _columns(self.outgoing),
            "copies": len(copy_to),
            "copy_to": copy_to,
            "copy_from": copy_from,
            "weight_number": number,
            "backward_weight_number": backward_number,
            "output": self.begins[-1],
            "outputs": self.incoming[-1].size,
            "stride": self.stride,
        }

    def row_begins(self) -> Array:
        """Return where every row begins, and where the last one ends."""
        begins = [m.begin + m.pitch * np.arange(len(m.columns)) for m in self.incoming]
        return np.concatenate([*begins, [self.size]]).astype(np.int64)

    def _transposed(self, number: int) -> int:
        """Return the layer whose matrix, transposed, holds all weights out of this one; or NONE."""
        layers = self.wiring.layers
        if self.outgoing[number].contiguous:
            for later, each in enumerate(layers):
                if each is layers[number].outgoing[0].whole_layer:
                    whole = self.incoming[later].contiguous
                    return later if whole and each.incoming[0].whole_layer is layers[number] else NONE
        return NONE

    def _copies(self) -> tuple[Array, Array]:
        """Return the indices of the other outgoing weights in the outgoing and incoming matrices."""
        others = [number for number in range(len(self.outgoing)) if self._transposed(number) == NONE]
        if not others:
            return np.zeros(0, np.uint32), np.zeros(0, np.uint32)
        place = dict(zip(self.weights, self.places.tolist(), strict=True))
        copy_to = np.concatenate([self.outgoing[number].places for number in others])
        copy_from = [place[weight] for number in others for weight in self._weights_out_of(number)]
        return copy_to.astype(np.uint32), np.array(copy_from, np.uint32)

    def _weights_out_of(self, number: int) -> list[Weight]:
        neurons = self.wiring.layers[number].neurons
        return [weight for neuron in neurons for weight in neuron.weights["out"].values()]

    def _weight_numbers(self) -> tuple[Array, Array]:
        numbers = np.full(self.size, NONE, np.uint32)
        backward_numbers = np.full(self.backward_size, NONE, np.uint32)
        numbers[self.places] = np.arange(len(self.weights))
        order = {weight: k for k, weight in enumerate(self.weights)}
        for number, matrix in enumerate(self.outgoing):
            backward_numbers[matrix.places] = [order[each] for each in self._weights_out_of(number)]
        return numbers, backward_numbers


def _columns(matrices: list[PackedMatrix]) -> Array:
    return np.array([column for matrix in matrices for column in matrix.columns], np.uint32)
