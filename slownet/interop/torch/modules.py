"""Modules of PyTorch for what a net may have and torch has no module for; one for each activation."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from slownet.interop.arrays import Array
from slownet.recording import Graph

NEVER = 40.0  # beyond which z itself is the softplus of z, to the last bit


class Exponential(nn.Module):
    """e^z, which torch has only as a function."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Return e^z."""
        return torch.exp(z)


class MaskedLinear(nn.Module):
    """A linear layer some of whose weights and biases are missing, or frozen one by one.

    What an optimizer does to the parameters has no effect there: the numbers of `fixed` are used, 0
    where there is no weight.

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
            "exists": exists,
            "free": exists & ~frozen,
            "fixed": weight.clone(),
            "has_bias": has_bias,
            "free_bias": has_bias & ~frozen_bias,
            "fixed_bias": bias.clone(),
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


class Parts:
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
        made = nn.Linear(inputs, outputs, bias=has_bias, dtype=dtype, device="meta").to_empty(
            device="cpu"
        )
        with torch.no_grad():
            made.weight.copy_(torch.from_numpy(self.weight))
            if has_bias:
                made.bias.copy_(torch.from_numpy(self.bias))
        made.weight.requires_grad_(not self.frozen.any())
        if has_bias:
            made.bias.requires_grad_(not self.frozen_bias.any())
        return made


def _alike(marks: Array) -> bool:
    return bool(marks.all() or not marks.any())
