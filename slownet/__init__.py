"""slownet: a neural net you can take apart.

>>> from slownet import NetFactory
>>> net = NetFactory([2, 3, 1], seed=0).new()
>>> net
Net(2-3-1, relu, sigmoid, 9 weights)
"""

import importlib
from types import ModuleType

from slownet.errors import (
    DivergedError,
    EngineError,
    FileError,
    FormatError,
    InvalidKeyError,
    InvalidTypeError,
    InvalidValueError,
    MissingFileError,
    MissingPackageError,
    RecordingError,
    SlownetError,
)
from slownet.functions import Activation, Initializer, Loss, Optimizer, Regularizer, Schedule
from slownet.layers import Dense, Input, Linear, ReLU, Sigmoid, Softmax, Tanh
from slownet.objects import Layer, Net, NetFactory, Neuron, Weight
from slownet.recording import Comparison, History, OptimizerState, Snapshot, compare, load
from slownet.training import Callback, EarlyStopping, resume
from slownet.version import __version__

__all__ = [
    "Activation",
    "Callback",
    "Comparison",
    "Dense",
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
    "Loss",
    "MissingFileError",
    "MissingPackageError",
    "Net",
    "NetFactory",
    "Neuron",
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
    "Tanh",
    "Weight",
    "__version__",
    "compare",
    "load",
    "resume",
]

ROOMS = ("datasets", "plotting")  # reached as slownet.plotting, loaded when first asked for


def __dir__() -> list[str]:
    return [*globals(), *ROOMS]


def __getattr__(name: str) -> ModuleType:
    if name in ROOMS:
        return importlib.import_module(f"slownet.{name}")
    raise AttributeError(f"module 'slownet' has no attribute {name!r}")
