"""slownet: a neural net you can take apart.

>>> from slownet import NetFactory
>>> net = NetFactory([2, 3, 1], seed=0).new()
>>> net
Net(2-3-1, relu, sigmoid, 9 weights)
"""

from typing import TYPE_CHECKING

from slownet import lazy
from slownet.version import __version__

if TYPE_CHECKING:
    from slownet.errors import (
        DerivativeWarning,
        DivergedError,
        EngineError,
        FileError,
        FormatError,
        InvalidKeyError,
        InvalidTypeError,
        InvalidValueError,
        MissingFileError,
        MissingFormulaError,
        MissingPackageError,
        NotEnoughMemoryError,
        RecordingError,
        SlownetError,
        TableWarning,
        TrainingWarning,
    )
    from slownet.functions import Activation, Initializer, Loss, Optimizer, Regularizer, Schedule
    from slownet.layers import Dense, Input, Linear, ReLU, Sigmoid, Softmax, Tanh
    from slownet.live import LiveView
    from slownet.objects import Layer, Net, NetFactory, Neuron, Weight
    from slownet.page import verify
    from slownet.recording import Comparison, History, OptimizerState, Snapshot, compare, load
    from slownet.samples import Preparation
    from slownet.training import Callback, EarlyStopping, resume

__all__ = [
    "Activation",
    "Callback",
    "Comparison",
    "Dense",
    "DerivativeWarning",
    "DivergedError",
    "EarlyStopping",
    "EngineError",
    "FileError",
    "FormatError",
    "History",
    "Initializer",
    "Input",
    "InvalidKeyError",
    "InvalidTypeError",
    "InvalidValueError",
    "Layer",
    "Linear",
    "LiveView",
    "Loss",
    "MissingFileError",
    "MissingFormulaError",
    "MissingPackageError",
    "Net",
    "NetFactory",
    "Neuron",
    "NotEnoughMemoryError",
    "Optimizer",
    "OptimizerState",
    "Preparation",
    "ReLU",
    "RecordingError",
    "Regularizer",
    "Schedule",
    "Sigmoid",
    "SlownetError",
    "Snapshot",
    "Softmax",
    "TableWarning",
    "Tanh",
    "TrainingWarning",
    "Weight",
    "__version__",
    "compare",
    "load",
    "resume",
    "verify",
]

__getattr__, __dir__ = lazy.names(
    __name__,
    {
        "datasets": (),
        "errors": (
            *("DerivativeWarning", "DivergedError", "EngineError", "FileError", "FormatError"),
            *("InvalidKeyError", "InvalidTypeError", "InvalidValueError", "MissingFileError"),
            *("MissingFormulaError", "MissingPackageError", "NotEnoughMemoryError", "RecordingError"),
            *("SlownetError", "TableWarning", "TrainingWarning"),
        ),
        "explain": (),
        "functions": ("Activation", "Initializer", "Loss", "Optimizer", "Regularizer", "Schedule"),
        "layers": ("Dense", "Input", "Linear", "ReLU", "Sigmoid", "Softmax", "Tanh"),
        "live": ("LiveView",),
        "objects": ("Layer", "Net", "NetFactory", "Neuron", "Weight"),
        "page": ("verify",),
        "plotting": (),
        "preprocessing": (),
        "recording": ("Comparison", "History", "OptimizerState", "Snapshot", "compare", "load"),
        "samples": ("Preparation",),
        "training": ("Callback", "EarlyStopping", "resume"),
    },
    needs={
        **dict.fromkeys(
            ("Net", "NetFactory", "History", "Snapshot", "datasets", "preprocessing"), "numpy"
        ),
        **dict.fromkeys(("compare", "load", "resume"), "numpy"),
        "verify": "plotly",
    },
)
