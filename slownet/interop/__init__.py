"""What other libraries work with: nets as PyTorch, ONNX, NumPy, safetensors and source code, and back.

`slownet.interop.sklearn` has estimators of scikit-learn.
"""

from typing import TYPE_CHECKING

from slownet import lazy

if TYPE_CHECKING:
    from slownet.interop.certificates import Certificate
    from slownet.interop.certify import certify
    from slownet.interop.numpy import from_numpy, to_numpy
    from slownet.interop.onnx import to_onnx
    from slownet.interop.safetensors import from_safetensors, to_safetensors
    from slownet.interop.source import to_source
    from slownet.interop.torch import from_torch, to_torch, to_torch_program

__all__ = [
    "Certificate",
    "certify",
    "from_numpy",
    "from_safetensors",
    "from_torch",
    "to_numpy",
    "to_onnx",
    "to_safetensors",
    "to_source",
    "to_torch",
    "to_torch_program",
]

__getattr__, __dir__ = lazy.names(
    __name__,
    {
        "certificates": ("Certificate",),
        "certify": ("certify",),
        "numpy": ("from_numpy", "to_numpy"),
        "onnx": ("to_onnx",),
        "safetensors": ("from_safetensors", "to_safetensors"),
        "source": ("to_source",),
        "torch": ("from_torch", "to_torch", "to_torch_program"),
    },
)
