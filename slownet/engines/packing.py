"""A net's numbers in arrays: reading them from the objects, and writing them back."""

from __future__ import annotations

from array import array
from itertools import compress
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from slownet.engines.bounds import OutOfBoundsError
from slownet.engines.kernel_records import NONE
from slownet.engines.layout import Layout
from slownet.engines.machine.jit import aligned
from slownet.errors import SlownetError
from slownet.recording import TrainingState

if TYPE_CHECKING:
    from slownet.engines.protocol import Memory

Array = npt.NDArray[Any]
CHANGING = (  # arrays that an update changes
    "weights",
    "backward_weights",
    "first",
    "second",
    "bias",
    "bias_first",
    "bias_second",
)


class PackedNet:
    """A net's weights, biases, gradients and the state of its optimizer in arrays.

    Attributes
    ----------
    layout : Layout
        The indices of weights and neurons in the arrays.
    layers : array of LAYER
        The record of each layer.
    in_bounds : bool
        Whether the kernels give the bits of the object loops. They do not with weights that are infinite
        or not a number, nor with a bias of -0, which adding 0 would change.

    Parameters
    ----------
    layout : Layout
        The layout of the net as it is now.
    has_memory : bool
        Whether the optimizer has a state.
    dropconnect : bool
        Whether weights are dropped.
    """

    def __init__(self, layout: Layout, has_memory: bool = False, dropconnect: bool = False) -> None:
        self.layout, self._has_memory = layout, has_memory
        memory = layout.size if has_memory else max(layout.widths)
        self.weights, self.gradient = aligned(layout.size), aligned(layout.size)
        self.backward_weights = aligned(layout.backward_size)
        self.first, self.second = aligned(memory), aligned(memory)
        self.bias, self.bias_gradient, self.bias_first, self.bias_second = (
            aligned(layout.stride) for _ in range(4)
        )
        self.layers, self._fields = layout.layers(), layout.fields(dropconnect)
        self._learning = np.zeros(0, bool), np.zeros(0, bool)
        self._bias_frozen = np.zeros(0, bool)
        self._learned = np.zeros(len(layout.weights), bool), np.zeros(len(layout.neurons), bool)

    def load(self, memory: Memory | None = None) -> None:
        """Read every weight and bias, whether it is frozen, and if given the state of the optimizer.

        Errors as for `load_numbers`.
        """
        layout = self.layout
        self.load_numbers()
        learning = (
            np.array([not weight.frozen for weight in layout.weights], bool),
            np.array([neuron.learns_bias for neuron in layout.neurons], bool),
        )
        self._bias_frozen = np.array([neuron.bias_frozen for neuron in layout.neurons], bool)
        if memory is not None and (memory or self._learned[1].any()):
            self._load_memory(memory)
        if not all(map(np.array_equal, learning, self._learning)):
            self._learning = learning
            self._find_frozen()
        self._transpose()

    def load_numbers(self) -> None:
        """Read every weight and bias: what a forward pass needs.

        Numbers of a type that changes a sum are converted in the objects, too.

        Raises
        ------
        OutOfBoundsError
            If one cannot be converted.
        """
        layout = self.layout
        layout.compile(self.layers)
        weights, biases = self._numbers()
        self.weights[layout.places] = np.frombuffer(array("d", weights))
        self.bias[layout.columns] = biases
        minus_zero = np.signbit(self.bias) & (self.bias == 0.0)
        finite = np.isfinite(self.weights).all() and np.isfinite(self.bias).all()
        self.in_bounds = bool(finite and not minus_zero.any())

    def fields(self) -> dict[str, Any]:
        """Return the fields of a record that describe it."""
        frozen = self._fields["frozen_places"]
        return {
            **self.forward_fields(),
            **{name: getattr(self, name) for name in CHANGING},
            "gradient": self.gradient,
            "bias_gradient": self.bias_gradient,
            "frozen_values": self.weights[frozen],
            "frozen_first": self.first[frozen] if self._has_memory else self.first,
            "frozen_second": self.second[frozen] if self._has_memory else self.second,
            "frozen_bias": self.bias.copy(),
            "frozen_bias_first": self.bias_first.copy(),
            "frozen_bias_second": self.bias_second.copy(),
        }

    def forward_fields(self) -> dict[str, Any]:
        """Return those that a forward pass needs."""
        return {**self._fields, "weights": self.weights, "bias": self.bias}

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

    def restore(self, backup: list[Array]) -> None:
        """Return to the numbers of a backup."""
        for name, kept in zip(CHANGING, backup, strict=True):
            getattr(self, name)[:] = kept

    def note_update(self) -> None:
        """Record that an update has changed every weight and bias that is not frozen."""
        for learned, learning in zip(self._learned, self._learning, strict=True):
            learned |= learning

    def memory(self) -> Memory:
        """Return the state of the optimizer for every weight and bias that it has updated."""
        layout = self.layout
        memory: dict[Any, tuple[float, float]] = {}
        for things, learned, places, first, second in (
            (layout.weights, self._learned[0], layout.places, self.first, self.second),
            (layout.neurons, self._learned[1], layout.columns, self.bias_first, self.bias_second),
        ):
            pairs = zip(first[places].tolist(), second[places].tolist(), strict=True)
            memory |= dict(compress(zip(things, pairs, strict=True), learned.tolist()))
        return memory

    def state(self, has_memory: bool) -> TrainingState:
        """Return what training needs, besides weights and biases, to continue from here."""
        layout = self.layout
        frozen_numbers = np.concatenate([~self._learning[0], self._bias_frozen])
        frozen = frozenset(np.flatnonzero(frozen_numbers).tolist())
        if not has_memory:
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

    def _numbers(self) -> tuple[list[float], list[float]]:
        """Return the weights and the biases, once all are floats."""
        layout = self.layout
        weights = [weight.value for weight in layout.weights]
        biases = [neuron.bias for neuron in layout.neurons]
        if _are_floats(biases) and (_add_up_to_float(weights) or _are_floats(weights)):
            return weights, biases
        try:
            layout.wiring.make_floats()
        except SlownetError as error:
            raise OutOfBoundsError from error
        return [weight.value for weight in layout.weights], [neuron.bias for neuron in layout.neurons]

    def _load_memory(self, memory: Memory) -> None:
        layout = self.layout
        nothing = (0.0, 0.0)
        for things, learned, places, first, second in (
            (layout.weights, self._learned[0], layout.places, self.first, self.second),
            (layout.neurons, self._learned[1], layout.columns, self.bias_first, self.bias_second),
        ):
            learned[:] = [thing in memory for thing in things]
            if self._has_memory and things:
                pairs = np.array([memory.get(thing, nothing) for thing in things]).reshape(-1, 2)
                first[places], second[places] = pairs[:, 0], pairs[:, 1]

    def _find_frozen(self) -> None:
        """Find the indices in `weights` that updates must not change: frozen weights and padding."""
        layout = self.layout
        frozen = np.ones(layout.size, bool)
        for matrix in layout.incoming:
            rows = frozen[matrix.begin : matrix.end].reshape(-1, matrix.pitch)
            rows[:, matrix.size :] = False
            rows[len(matrix.columns) :] = False
        frozen[layout.places] = ~self._learning[0]
        places = np.flatnonzero(frozen)
        learns = np.zeros(layout.stride, np.uint8)
        learns[layout.columns] = self._learning[1]
        self._fields |= {
            "frozen_count": len(places),
            "frozen_places": places.astype(np.uint32),
            "frozen_begin": np.searchsorted(places, layout.row_begins()).astype(np.uint64),
            "bias_learns": learns,
        }

    def _transpose(self) -> None:
        """Copy the weights to `backward_weights`."""
        layout = self.layout
        self.backward_weights[self._fields["copy_to"]] = self.weights[self._fields["copy_from"]]
        for matrix, later in zip(layout.outgoing, self.layers["transposed"].tolist(), strict=False):
            if later != NONE:
                source = layout.incoming[later]
                rows = self.weights[source.begin : source.end].reshape(-1, source.pitch)
                columns = self.backward_weights[matrix.begin : matrix.end].reshape(-1, matrix.pitch)
                columns[:, : len(rows)] = rows[:, : len(columns)].T


def _are_floats(numbers: list[float]) -> bool:
    return {*map(type, numbers)} <= {float}


def _add_up_to_float(numbers: list[float]) -> bool:
    """Whether the sum is a finite float: then `array` converts each number as `make_float` does."""
    try:
        total = sum(numbers, 0.0)
        return type(total) is float and isfinite(total)
    except Exception:  # a text cannot be added
        return False
