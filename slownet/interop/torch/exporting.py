"""Modules of PyTorch made of nets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from slownet.checks import check_path, short
from slownet.errors import InvalidValueError
from slownet.functions import AnyActivation
from slownet.functions.description import built_in
from slownet.interop.arrays import NetArrays, as_precision, check_exportable
from slownet.interop.torch.modules import MODULES, GraphLayer, GraphNet, Parts
from slownet.objects import Net
from slownet.recording import Graph
from slownet.recording.atomic import replacing

if TYPE_CHECKING:
    import os
    from pathlib import Path


def to_torch(net: Net, dtype: torch.dtype = torch.float64) -> nn.Module:
    """Return a net as a module of PyTorch, with copies of its numbers.

    A net whose layers are joined one to the next becomes an `nn.Sequential` of `nn.Linear` and
    activations; the output activation is among them, so `module[:-1]` gives what
    `nn.CrossEntropyLoss` takes. Weights that skip layers make it a `GraphNet`; removed weights, and
    those that are frozen one by one, make a layer a `MaskedLinear`. Where all weights of a layer are
    frozen, its parameter has `requires_grad=False`.

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
        If an activation is one of your own, which has no module in torch, a number is none, not finite
        or too large for the dtype, or the net is incomplete.

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
    check_exportable(net)
    if dtype not in (torch.float64, torch.float32):
        raise InvalidValueError(f"dtype must be torch.float64 or torch.float32, not {short(dtype)}")
    arrays = NetArrays.of(net)
    for name, each in arrays.named().items():
        as_precision(each, str(dtype).removeprefix("torch."), name)
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


def to_torch_program(net: Net, path: str | os.PathLike[str], dtype: torch.dtype = torch.float64) -> Path:
    """Write a net as a program of `torch.export`; an existing file is replaced atomically.

    `torch.export.load("net.pt2").module()` is a module that runs and learns where there is no slownet:
    the file holds JSON and numbers.

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

    Examples
    --------
    >>> import torch
    >>> from slownet import NetFactory
    >>> from slownet.interop import to_torch_program
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> module = torch.export.load(to_torch_program(net, "net.pt2")).module()
    >>> module(torch.zeros(4, 2, dtype=torch.float64)).shape
    torch.Size([4, 1])
    """
    file = check_path(path, "a program of PyTorch")
    module = to_torch(net, dtype).eval()
    rows = torch.zeros(2, len(net.inputs), dtype=dtype)
    sizes = ({0: torch.export.Dim("batch")},)
    program = torch.export.export(module, (rows,), dynamic_shapes=sizes)
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)  # paths of this computer
    with replacing(file) as stream:
        torch.export.save(program, stream)
    return file


def _linears(arrays: NetArrays, layer: int, dtype: torch.dtype) -> list[nn.Module]:
    """Return what adds up z of a layer, one for each layer that weights come from."""
    found: list[nn.Module] = []
    for source in _sources(arrays, layer):
        shape = len(arrays.biases[layer]), len(arrays.graph.layers[source].neurons)
        pair, none = (source, layer), np.zeros(shape, bool)
        there = pair in arrays.weights
        parts = Parts(
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


def _module_of(activation: AnyActivation) -> nn.Module:
    known = built_in(activation)
    if known is None:
        raise InvalidValueError(
            f"activation {activation.name!r} is a formula of your own, and torch has no module for it"
        )
    return MODULES[known[1]](known[2])
