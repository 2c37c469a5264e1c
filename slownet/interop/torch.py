"""Nets as modules of PyTorch, and nets made of modules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from slownet import packages
from slownet.checks import check_path, check_type, short
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.functions import (
    ACTIVATIONS,
    AnyActivation,
    elu,
    get_activation,
    leaky_relu,
    linear,
)
from slownet.functions.description import built_in
from slownet.interop.arrays import Array, NetArrays, sequential
from slownet.objects import Net
from slownet.recording import Graph
from slownet.recording.atomic import replacing

packages.require("torch", "slownet[torch]")

import torch  # noqa: E402  # the package is there
from torch import nn  # noqa: E402

if TYPE_CHECKING:
    import os
    from pathlib import Path

NEVER = 40.0  # beyond which z itself is the softplus of z, to the last bit


class Exponential(nn.Module):
    """e^z, which torch has only as a function."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Return e^z."""
        return torch.exp(z)


class MaskedLinear(nn.Module):
    """A linear layer some of whose weights and biases are missing, or frozen one by one.

    What an optimizer does to the parameters has no effect there: the numbers of `fixed` are used, 0 where
    there is no weight.

    Attributes
    ----------
    weight, bias : Parameter
        (outputs, inputs) and (outputs,); only what is free is used.
    exists, free : tensor of bool
        Which weights there are, and which of them training changes.
    has_bias, free_bias : tensor of bool
        The same of the biases.
    """

    weight: nn.Parameter
    bias: nn.Parameter
    exists: torch.Tensor
    free: torch.Tensor
    fixed: torch.Tensor
    has_bias: torch.Tensor
    free_bias: torch.Tensor
    fixed_bias: torch.Tensor

    def __init__(
        self,
        weight: torch.Tensor,
        bias: torch.Tensor,
        exists: torch.Tensor,
        frozen: torch.Tensor,
        has_bias: torch.Tensor,
        frozen_bias: torch.Tensor,
    ) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(bias)
        buffers = {
            **{"exists": exists, "free": exists & ~frozen, "fixed": weight.clone()},
            **{"has_bias": has_bias, "free_bias": has_bias & ~frozen_bias, "fixed_bias": bias.clone()},
        }
        for name, buffer in buffers.items():
            self.register_buffer(name, buffer)

    def numbers(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the weights and biases in use."""
        weight = torch.where(self.free, self.weight, self.fixed)
        return weight, torch.where(self.free_bias, self.bias, self.fixed_bias)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the weighted inputs."""
        return nn.functional.linear(inputs, *self.numbers())

    def extra_repr(self) -> str:
        """Describe the layer."""
        outputs, inputs = self.weight.shape
        there, free = int(self.exists.sum()), int(self.free.sum())
        frozen = f", {there - free} frozen" if there > free else ""
        return f"in_features={inputs}, out_features={outputs}, {there} weights{frozen}"


class GraphLayer(nn.Module):
    """A layer whose weights come from several layers before it."""

    def __init__(self, sources: list[int], linears: list[nn.Module], activation: nn.Module) -> None:
        super().__init__()
        self.sources, self.linears, self.activation = sources, nn.ModuleList(linears), activation

    def forward(self, values: list[torch.Tensor]) -> torch.Tensor:
        """Return the values of the layer from those of all layers before."""
        z = sum(each(values[place]) for place, each in zip(self.sources, self.linears, strict=True))
        found: torch.Tensor = self.activation(z)
        return found

    def extra_repr(self) -> str:
        """Describe where its weights come from."""
        return f"from layers {', '.join(map(str, self.sources))}"


class GraphNet(nn.Module):
    """A net whose connections are not simply from each layer to the next.

    Attributes
    ----------
    layers : ModuleList of GraphLayer
        The layers after the inputs.
    graph : Graph
        Which weights there are, in slownet; their order is that of the sums there.
    """

    def __init__(self, layers: list[GraphLayer], graph: Graph) -> None:
        super().__init__()
        self.layers, self.graph = nn.ModuleList(layers), graph

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the values of the output layer."""
        values = [inputs]
        for layer in self.layers:
            values.append(layer(values))
        return values[-1]


MODULES: dict[str, Callable[[dict[str, float]], nn.Module]] = {
    "linear": lambda _: nn.Identity(),
    "sigmoid": lambda _: nn.Sigmoid(),
    "tanh": lambda _: nn.Tanh(),
    "relu": lambda _: nn.ReLU(),
    "leaky_relu": lambda settings: nn.LeakyReLU(settings["slope"]),
    "elu": lambda settings: nn.ELU(settings["alpha"]),
    "softplus": lambda _: nn.Softplus(threshold=NEVER),
    "exponential": lambda _: Exponential(),
    "silu": lambda _: nn.SiLU(),
    "gelu": lambda _: nn.GELU(approximate="tanh"),
    "selu": lambda _: nn.SELU(),
    "mish": lambda _: nn.Mish(),
    "softmax": lambda _: nn.Softmax(dim=-1),
}


def to_torch(net: Net, dtype: torch.dtype = torch.float64) -> nn.Module:
    """Return a net as a module of PyTorch, with copies of its numbers.

    A net whose layers are joined one to the next becomes an `nn.Sequential` of `nn.Linear` and
    activations; the output activation is among them, so `module[:-1]` gives what
    `nn.CrossEntropyLoss` takes. Weights that skip layers make it a `GraphNet`; removed weights, and those
    that are frozen one by one, make a layer a `MaskedLinear`. Where all weights of a layer are frozen,
    its parameter has `requires_grad=False`.

    Parameters
    ----------
    net : Net
        The net. A preparation is not part of the module: give it `net.preparation.prepared(X)`.
    dtype : torch.dtype
        `torch.float64`, with which outputs and gradients agree to rounding, or `torch.float32`.

    Returns
    -------
    nn.Module
        It takes (n, inputs) and returns (n, outputs): what `net.forward` returns of each row.

    Raises
    ------
    TypeError, ValueError
        If an activation is one of your own, which has no module in torch, or the net is incomplete.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.interop import to_torch
    >>> net = NetFactory([2, 3, 1], "tanh", seed=0).new()
    >>> to_torch(net)
    Sequential(
      (linear1): Linear(in_features=2, out_features=3, bias=True)
      (tanh1): Tanh()
      (linear2): Linear(in_features=3, out_features=1, bias=True)
      (sigmoid2): Sigmoid()
    )
    """
    check_type("net", net, Net)
    if dtype not in (torch.float64, torch.float32):
        raise InvalidValueError(f"dtype must be torch.float64 or torch.float32, not {short(dtype)}")
    arrays = NetArrays.of(net)
    activations = [_module_of(arrays.activation(layer)) for layer in arrays.layers]
    linears = [_linears(arrays, layer, dtype) for layer in arrays.layers]
    if arrays.is_sequential:
        module = nn.Sequential()
        for place, (both, activation) in enumerate(zip(linears, activations, strict=True), start=1):
            module.add_module(f"linear{place}", both[0])
            if not isinstance(activation, nn.Identity):
                name = arrays.activation(arrays.layers[place - 1]).name
                module.add_module(f"{name}{place}", activation)
        return module
    places = {layer: place for place, layer in enumerate(arrays.graph.layers)}
    layers = [
        GraphLayer([places[source] for source in _sources(arrays, layer)], both, activation)
        for layer, both, activation in zip(arrays.layers, linears, activations, strict=True)
    ]
    return GraphNet(layers, Graph(arrays.graph.layers.values()))


def to_torch_program(
    net: Net, path: str | os.PathLike[str], dtype: torch.dtype = torch.float64
) -> Path:
    """Write a net as a program of `torch.export`; an existing file is replaced atomically.

    `torch.export.load("net.pt2").module()` is a module that runs and learns where there is no slownet: the
    file holds JSON and numbers.

    Parameters
    ----------
    net, dtype
        As for `to_torch`; what is frozen alone, without other weights of its layer, stays so.
    path : str or path-like
        The file, `net.pt2`.

    Returns
    -------
    pathlib.Path
        Where it is.

    Raises
    ------
    TypeError, ValueError
        As for `to_torch`.
    FileError
        If it cannot be written.
    """
    file = check_path(path, "a program of PyTorch")
    net.check_finite()
    module = to_torch(net, dtype).eval()
    rows = torch.zeros(2, len(net.inputs), dtype=dtype)
    sizes = ({0: torch.export.Dim("batch")},)
    with replacing(file) as stream:
        torch.export.save(torch.export.export(module, (rows,), dynamic_shapes=sizes), stream)
    return file


def from_torch(module: nn.Module, output_activation: str | AnyActivation | None = None) -> Net:
    """Return a net of a module of PyTorch, with copies of its numbers.

    Parameters
    ----------
    module : nn.Module
        An `nn.Sequential`, which may hold others, of `nn.Linear`, activations, `nn.Dropout` (which a net
        has as an option of `fit`) and a leading `nn.Flatten`; or what `to_torch` returned.
    output_activation : str or Activation, optional
        The activation of a last `nn.Linear` that has none, such as "softmax" for a module that was
        trained with `nn.CrossEntropyLoss`.

    Returns
    -------
    Net
        A net with these numbers. Those of float32 are kept exactly; what has `requires_grad=False` is
        frozen.

    Raises
    ------
    TypeError, ValueError
        If there is something else in it; the message names the module.

    Examples
    --------
    >>> from torch import nn
    >>> from slownet.interop import from_torch
    >>> from_torch(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3)), "softmax")
    Net(4-8-3, relu, softmax, 56 weights)
    """
    check_type("module", module, nn.Module)
    if type(module) is GraphNet:
        return _of_graph(module).net()
    layers = [*_layers(module)]
    if not layers:
        raise InvalidValueError(f"{type(module).__name__} has no Linear, of which a net could be made")
    if output_activation is not None:
        if layers[-1][1] is not linear:
            raise InvalidValueError(
                f"output_activation: the module has one already, {layers[-1][1].name!r}"
            )
        layers[-1] = layers[-1][0], get_activation(output_activation)
    parts = [_parts(each) for each, _ in layers]
    for place, (before, after) in enumerate(zip(parts, parts[1:], strict=False), start=1):
        if len(before.weight) != after.weight.shape[1]:
            raise InvalidValueError(
                f"Linear {place + 1} takes {after.weight.shape[1]} numbers, but the one before gives "
                f"{len(before.weight)}"
            )
    arrays = sequential(
        [each.weight for each in parts],
        [each.bias for each in parts],
        [activation for _, activation in layers],
        [each.exists for each in parts],
        [each.has_bias for each in parts],
    )
    for place, each in enumerate(parts):
        if (place, place + 1) in arrays.weights:
            arrays.frozen_weights[place, place + 1][:] = each.exists & each.frozen
        arrays.frozen_biases[place + 1][:] = each.has_bias & each.frozen_bias
    return arrays.net()


def _linears(arrays: NetArrays, layer: int, dtype: torch.dtype) -> list[nn.Module]:
    """Return what adds up z of a layer, one for each layer that weights come from."""
    found: list[nn.Module] = []
    for source in _sources(arrays, layer):
        shape = len(arrays.biases[layer]), len(arrays.graph.layers[source].neurons)
        pair, none = (source, layer), np.zeros(shape, bool)
        there = pair in arrays.weights
        parts = _Parts(
            arrays.weights[pair] if there else np.zeros(shape),
            np.zeros(shape[0]) if found else arrays.biases[layer],
            arrays.exists(pair) if there else none,
            arrays.frozen_weights[pair] if there else none,
            np.zeros(shape[0], bool) if found else arrays.has_bias(layer),
            np.zeros(shape[0], bool) if found else arrays.frozen_biases[layer],
        )
        found.append(parts.linear(dtype))
    return found


def _sources(arrays: NetArrays, layer: int) -> list[int]:
    ids = [*arrays.graph.layers]
    return arrays.sources(layer) or [ids[ids.index(layer) - 1]]


class _Parts:
    """The numbers of a linear layer, and which of them there are, and are frozen."""

    def __init__(
        self,
        weight: Array,
        bias: Array,
        exists: Array,
        frozen: Array,
        has_bias: Array,
        frozen_bias: Array,
    ) -> None:
        self.weight, self.bias, self.exists, self.frozen = weight, bias, exists, frozen
        self.has_bias, self.frozen_bias = has_bias, frozen_bias

    def linear(self, dtype: torch.dtype) -> nn.Module:
        """Return a plain `nn.Linear` where it can hold this, otherwise a MaskedLinear."""
        plain_bias = self.has_bias.all() or not (self.has_bias.any() or self.bias.any())
        if not (self.exists.all() and plain_bias and _alike(self.frozen) and _alike(self.frozen_bias)):
            numbers = (torch.tensor(each, dtype=dtype) for each in (self.weight, self.bias))
            masks = map(torch.tensor, (self.exists, self.frozen, self.has_bias, self.frozen_bias))
            return MaskedLinear(*numbers, *masks)
        outputs, inputs = self.weight.shape
        has_bias = bool(self.has_bias.any())
        made = nn.Linear(inputs, outputs, bias=has_bias, dtype=dtype, device="meta").to_empty(device="cpu")
        with torch.no_grad():
            made.weight.copy_(torch.from_numpy(self.weight))
            if has_bias:
                made.bias.copy_(torch.from_numpy(self.bias))
        made.weight.requires_grad_(not self.frozen.any())
        if has_bias:
            made.bias.requires_grad_(not self.frozen_bias.any())
        return made


def _alike(marks: Array) -> bool:
    return bool(marks.all()) or not marks.any()


def _module_of(activation: AnyActivation) -> nn.Module:
    known = built_in(activation)
    if known is None:
        raise InvalidValueError(
            f"activation {activation.name!r} is a formula of your own, for which torch has no module"
        )
    return MODULES[known[1]](known[2])


def _parts(module: nn.Module) -> _Parts:
    """Return the numbers of a linear layer as float64."""
    if isinstance(module, MaskedLinear):
        weight, bias = map(_array, module.numbers())
        exists, free, has_bias, free_bias = (
            each.cpu().numpy() for each in (module.exists, module.free, module.has_bias, module.free_bias)
        )
        return _Parts(weight, bias, exists, ~free, has_bias, ~free_bias)
    weight = _array(module.weight)
    has_bias = module.bias is not None
    bias = _array(module.bias) if has_bias else np.zeros(len(weight))
    return _Parts(
        weight,
        bias,
        np.ones(weight.shape, bool),
        np.full(weight.shape, not module.weight.requires_grad),
        np.full(len(weight), has_bias),
        np.full(len(weight), has_bias and not module.bias.requires_grad),
    )


def _array(tensor: Any) -> Array:
    if tensor.is_complex() or tensor.is_meta:
        raise InvalidTypeError(f"a Linear holds {'complex' if tensor.is_complex() else 'no'} numbers")
    found: Array = tensor.detach().to("cpu", torch.float64).numpy().copy()
    return found


def _layers(module: nn.Module) -> Iterator[tuple[nn.Module, AnyActivation]]:
    """Yield each linear layer with its activation."""
    waiting: nn.Module | None = None
    for name, each in _flat(module):
        kind = type(each)
        if kind in (nn.Dropout, nn.Identity) or (kind is nn.Flatten and waiting is None):
            continue
        if kind in (nn.Linear, MaskedLinear):
            if waiting is not None:
                yield waiting, linear
            waiting = each
            continue
        activation = _activation_of(name, each)
        if waiting is None:
            raise InvalidValueError(
                f"{name}: expected a Linear before each activation, found {kind.__name__} without one"
            )
        yield waiting, activation
        waiting = None
    if waiting is not None:
        yield waiting, linear


def _flat(module: nn.Module, name: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Yield the modules of a Sequential and of those in it, with their names."""
    hooks = module._forward_hooks or module._forward_pre_hooks
    if hooks:
        raise InvalidValueError(
            f"{name or type(module).__name__} has hooks, which may change its numbers: remove them first "
            "(torch.nn.utils.prune.remove makes a pruning permanent)"
        )
    if type(module) is nn.Sequential:
        for key, each in module.named_children():
            yield from _flat(each, f"{name}.{key}" if name else key)
    else:
        yield name or type(module).__name__, module


def _activation_of(name: str, module: nn.Module) -> AnyActivation:
    """Return the activation that a module is; TypeError or ValueError if it is none."""
    match module:
        case nn.LeakyReLU(negative_slope=slope):
            return leaky_relu(float(slope))
        case nn.ELU(alpha=alpha):
            return elu(float(alpha))
        case nn.GELU(approximate="none"):
            raise InvalidValueError(
                f'{name}: expected GELU(approximate="tanh"), the formula of slownet, found "none"'
            )
        case nn.Softplus(beta=beta) if beta != 1:
            raise InvalidValueError(f"{name}: expected Softplus with beta=1, found beta={beta}")
        case nn.Softmax(dim=dim) if dim not in (None, 1, -1):
            raise InvalidValueError(f"{name}: expected Softmax(dim=-1), found dim={dim}")
    kinds = {type(make({"slope": 0.01, "alpha": 1.0})): key for key, make in MODULES.items()}
    if type(module) not in kinds:
        known = ", ".join(kind.__name__ for kind in kinds if kind.__module__.startswith("torch"))
        raise InvalidTypeError(
            f"{name}: {type(module).__name__} has no counterpart in slownet; a net is made of Sequential, "
            f"Linear, Dropout and {known}"
        )
    return ACTIVATIONS[kinds[type(module)]]


def _of_graph(module: GraphNet) -> NetArrays:
    """Return the arrays of a module that `to_torch` made of a net with other connections."""
    graph, ids = module.graph, [*module.graph.layers]
    found = NetArrays(graph, {}, {}, {}, {})
    for source, place, each in connections(module):
        parts, pair = _parts(each), (ids[source], ids[place])
        found.weights[pair] = parts.weight
        found.frozen_weights[pair] = parts.exists & parts.frozen
        if ids[place] not in found.biases:
            found.biases[ids[place]] = parts.bias
            found.frozen_biases[ids[place]] = parts.has_bias & parts.frozen_bias
    return found


def connections(module: nn.Module) -> Iterator[tuple[int, int, nn.Module]]:
    """Yield the linear layers of a module, each with the places of the layers that it joins.

    The first one into a layer has its biases. Errors are those of `from_torch`.
    """
    if isinstance(module, GraphNet):
        layers: list[Any] = list(module.layers)
        for target, layer in enumerate(layers, start=1):
            for source, each in zip(layer.sources, layer.linears, strict=True):
                yield source, target, each
    else:
        for source, (each, _) in enumerate(_layers(module)):
            yield source, source + 1, each


__all__ = ["Exponential", "GraphNet", "MaskedLinear", "from_torch", "to_torch", "to_torch_program"]
