"""Nets as modules of PyTorch, and nets made of modules."""

from slownet import packages

packages.require("torch", "slownet[torch]")

from slownet.interop.torch.exporting import to_torch, to_torch_program  # noqa: E402  # torch is there
from slownet.interop.torch.importing import connections, from_torch  # noqa: E402
from slownet.interop.torch.modules import Exponential, GraphNet, MaskedLinear  # noqa: E402

__all__ = [
    "Exponential",
    "GraphNet",
    "MaskedLinear",
    "connections",
    "from_torch",
    "to_torch",
    "to_torch_program",
]
