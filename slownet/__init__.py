"""slownet: a neural net you can take apart.

>>> from slownet import NetFactory
>>> net = NetFactory([2, 3, 1], seed=0).new()
>>> net
Net(2-3-1, relu, sigmoid, 9 weights)
"""

from typing import TYPE_CHECKING

from slownet import lazy
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
from slownet.objects import Layer, Net, NetFactory, Neuron, Weight
from slownet.recording import History, Snapshot
from slownet.training import Callback, EarlyStopping
from slownet.version import __version__

if TYPE_CHECKING:
    from slownet.live import LiveView
    from slownet.page import verify
    from slownet.recording import Comparison, OptimizerState, compare, load
    from slownet.training import resume

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
        "explain": (),
        "live": ("LiveView",),
        "page": ("verify",),
        "plotting": (),
        "recording": ("Comparison", "OptimizerState", "compare", "load"),
        "training": ("resume",),
    },
)
