"""Descriptions of layers, for `NetFactory(layers=[Input(784), ReLU(20), ...])`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from slownet.checks import check_integer, short
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.functions import Activation, AnyActivation, Initializer, get_activation, get_initializer

MOST = {"layers": 10_000, "neurons": 200_000, "weights": 100_000_000}  # of a net that a file can hold


@dataclass(frozen=True)
class Dense:
    """A layer for `NetFactory(layers=[...])` that is joined to every neuron of the one before.

    Parameters
    ----------
    size : int
        How many neurons.
    activation : str or Activation
        The function from z to value.
    initializer : str or Initializer, optional
        The initial weights; by default the one that suits the activation.
    bias : bool
        Whether its neurons have biases.

    Examples
    --------
    >>> from slownet import Dense, Input, NetFactory
    >>> NetFactory(layers=[Input(2), Dense(3, "elu", bias=False), Dense(1, "sigmoid")], seed=0).new()
    Net(2-3-1, elu, sigmoid, 9 weights)
    """

    size: int
    activation: str | AnyActivation = "linear"
    initializer: str | Initializer | None = None
    bias: bool = True


@dataclass(frozen=True)
class Input:
    """The input layer for `NetFactory(layers=[...])`: how many numbers a sample has.

    Examples
    --------
    >>> from slownet import Input, NetFactory, Sigmoid
    >>> NetFactory(layers=[Input(2), Sigmoid(1)], seed=0).new()
    Net(2-1, sigmoid, 2 weights)
    """

    size: int


@dataclass(frozen=True)
class Linear(Dense):
    """A Dense layer without an activation function.

    Examples
    --------
    >>> from slownet import Input, Linear, NetFactory
    >>> NetFactory(layers=[Input(2), Linear(1)], seed=0).new()
    Net(2-1, linear, 2 weights)
    """


@dataclass(frozen=True)
class ReLU(Dense):
    """A Dense layer of rectified linear units.

    Examples
    --------
    >>> from slownet import Input, NetFactory, ReLU, Sigmoid
    >>> NetFactory(layers=[Input(2), ReLU(3), Sigmoid(1)], seed=0).new()
    Net(2-3-1, relu, sigmoid, 9 weights)
    """

    activation: str | AnyActivation = "relu"


@dataclass(frozen=True)
class Sigmoid(Dense):
    """A Dense layer of sigmoids.

    Examples
    --------
    >>> from slownet import Input, NetFactory, Sigmoid
    >>> NetFactory(layers=[Input(2), Sigmoid(1)], seed=0).new()
    Net(2-1, sigmoid, 2 weights)
    """

    activation: str | AnyActivation = "sigmoid"


@dataclass(frozen=True)
class Tanh(Dense):
    """A Dense layer of hyperbolic tangents.

    Examples
    --------
    >>> from slownet import Input, NetFactory, Sigmoid, Tanh
    >>> NetFactory(layers=[Input(2), Tanh(3), Sigmoid(1)], seed=0).new()
    Net(2-3-1, tanh, sigmoid, 9 weights)
    """

    activation: str | AnyActivation = "tanh"


@dataclass(frozen=True)
class Softmax(Dense):
    """A Dense layer whose values are class probabilities.

    Examples
    --------
    >>> from slownet import Input, NetFactory, Softmax
    >>> NetFactory(layers=[Input(2), Softmax(3)], seed=0).new()
    Net(2-3, softmax, 6 weights)
    """

    activation: str | AnyActivation = "softmax"


def dense_layers(
    layer_dims: object,
    hidden: str | AnyActivation | Sequence[str | AnyActivation] | None,
    output: str | AnyActivation | None,
    bias: bool,
) -> list[Input | Dense]:
    """Return the layers that `NetFactory([784, 16, 10], ...)` means."""
    if not isinstance(layer_dims, Sequence) or isinstance(layer_dims, str):
        raise InvalidTypeError(
            f"layer_dims must be a list of sizes such as [784, 16, 10], not {short(layer_dims)}"
        )
    if len(layer_dims) < 2:
        raise InvalidValueError(f"layer_dims needs an input and an output size, not {short(layer_dims)}")
    count = len(layer_dims) - 2
    if hidden is None or isinstance(hidden, (str, Activation)) or not isinstance(hidden, Sequence):
        activations = ["relu" if hidden is None else hidden] * count
    elif len(hidden) != count:
        raise InvalidValueError(
            f"got {len(hidden)} hidden activations for {count} hidden layers: give one a layer, or a "
            "single one for all"
        )
    else:
        activations = list(hidden)
    usual = "sigmoid" if layer_dims[-1] == 1 else "softmax"
    activations.append(usual if output is None else output)
    return [
        Input(layer_dims[0]),
        *(
            Dense(size, activation, bias=bias)
            for size, activation in zip(layer_dims[1:], activations, strict=True)
        ),
    ]


def check_layers(layers: list[Input | Dense]) -> None:
    """Raise an error for layers that no net can be built from."""
    if len(layers) < 2 or not isinstance(layers[0], Input):
        raise InvalidValueError(f"layers must be Input(...) and at least one more, not {short(layers)}")
    for layer in layers[1:]:
        if not isinstance(layer, Dense):
            raise InvalidTypeError(f"after Input, every layer must be a Dense, not {short(layer)}")
        get_activation(layer.activation)
        if layer.initializer is not None:
            get_initializer(layer.initializer)
    sizes = [check_integer("the size of a layer", layer.size, minimum=1) for layer in layers]
    check_integer("the number of weights of a net", weight_count(sizes), maximum=MOST["weights"])


def weight_count(sizes: Sequence[int]) -> int:
    """Return the number of weights of a net whose layers are joined one to the next."""
    return sum(before * after for before, after in pairwise(sizes))
