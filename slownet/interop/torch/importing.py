"""Nets made of modules of PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import nn

from slownet.checks import check_type
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.functions import ACTIVATIONS, AnyActivation, elu, get_activation, leaky_relu, linear
from slownet.interop.arrays import Array, NetArrays, sequential
from slownet.interop.torch.modules import MODULES, GraphNet, MaskedLinear, Parts
from slownet.objects import Net

THRESHOLD = 20  # torch's own; beyond, z is the softplus of z up to 1e-10


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
        frozen. A module that stands in it twice becomes two layers, which learn each on its own.

    Raises
    ------
    TypeError, ValueError
        If there is something else in it; the message names the module.

    Examples
    --------
    >>> from torch import nn
    >>> from slownet.interop import from_torch
    >>> module = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3))
    >>> from_torch(module, output_activation="softmax")
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
    for place, (before, after) in enumerate(pairwise(parts), start=1):
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


def _parts(module: nn.Module) -> Parts:
    """Return the numbers of a linear layer as float64."""
    if isinstance(module, MaskedLinear):
        weight, bias = map(_array, module.numbers())
        exists, free, has_bias, free_bias = (
            each.cpu().numpy()
            for each in (module.exists, module.free, module.has_bias, module.free_bias)
        )
        return Parts(weight, bias, exists, ~free, has_bias, ~free_bias)
    weight = _array(module.weight)
    biased = module.bias is not None
    bias = _array(module.bias) if biased else np.zeros(len(weight))
    return Parts(
        weight,
        bias,
        np.ones(weight.shape, bool),
        np.full(weight.shape, not module.weight.requires_grad),
        np.full(len(weight), biased),
        np.full(len(weight), biased and not module.bias.requires_grad),
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
        is_flat = kind is nn.Flatten and waiting is None and each.start_dim == 1
        if kind in (nn.Dropout, nn.Identity) or is_flat:
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
            f"{name or type(module).__name__} has hooks, which may change its numbers: remove them "
            "first (torch.nn.utils.prune.remove makes a pruning permanent)"
        )
    if type(module) is nn.Sequential:
        for key, each in module._modules.items():  # named_children leaves out what stands there twice
            yield from _flat(each, f"{name}.{key}" if name else key)
    else:
        yield name or type(module).__name__, module


def _activation_of(name: str, module: nn.Module) -> AnyActivation:
    """Return the activation that a module is; TypeError or ValueError if it is none."""
    kinds = {type(make({"slope": 0.01, "alpha": 1.0})): key for key, make in MODULES.items()}
    if type(module) not in kinds:
        known = ", ".join(kind.__name__ for kind in kinds if kind.__module__.startswith("torch"))
        raise InvalidTypeError(
            f"{name}: {type(module).__name__} has no counterpart in slownet; a net is made of "
            f"Sequential, Linear, Dropout and {known}"
        )
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
        case nn.Softplus(threshold=threshold) if threshold < THRESHOLD:
            raise InvalidValueError(
                f"{name}: expected Softplus with a threshold of at least {THRESHOLD}, below which it is "
                f"another function, found {threshold}"
            )
        case nn.Softmax(dim=dim) if dim not in (None, 1, -1):
            raise InvalidValueError(f"{name}: expected Softmax(dim=-1), found dim={dim}")
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
