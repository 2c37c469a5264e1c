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
        WorkerError,
    )
    from slownet.experiments import replay
    from slownet.functions import Activation, Initializer, Loss, Optimizer, Regularizer, Schedule
    from slownet.layers import Dense, Input, Linear, ReLU, Sigmoid, Softmax, Tanh
    from slownet.live import LiveView
    from slownet.many import Ensemble, SharedData, Sweep, Task, grid, train_many
    from slownet.objects import Layer, Net, NetFactory, Neuron, Weight
    from slownet.page import play, verify
    from slownet.recording import Comparison, History, OptimizerState, Snapshot, compare, load
    from slownet.samples import Preparation
    from slownet.training import (
        Callback,
        Checkpoint,
        EarlyStopping,
        LambdaCallback,
        LearningRate,
        resume,
    )

__all__ = [
    "Activation",
    "Callback",
    "Checkpoint",
    "Comparison",
    "Dense",
    "DerivativeWarning",
    "DivergedError",
    "EarlyStopping",
    "EngineError",
    "Ensemble",
    "FileError",
    "FormatError",
    "History",
    "Initializer",
    "Input",
    "InvalidKeyError",
    "InvalidTypeError",
    "InvalidValueError",
    "LambdaCallback",
    "Layer",
    "LearningRate",
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
    "SharedData",
    "Sigmoid",
    "SlownetError",
    "Snapshot",
    "Softmax",
    "Sweep",
    "TableWarning",
    "Tanh",
    "Task",
    "TrainingWarning",
    "Weight",
    "WorkerError",
    "__version__",
    "compare",
    "grid",
    "load",
    "play",
    "replay",
    "resume",
    "train_many",
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
            *("SlownetError", "TableWarning", "TrainingWarning", "WorkerError"),
        ),
        "experiments": ("replay",),
        "explain": (),
        "functions": ("Activation", "Initializer", "Loss", "Optimizer", "Regularizer", "Schedule"),
        "layers": ("Dense", "Input", "Linear", "ReLU", "Sigmoid", "Softmax", "Tanh"),
        "live": ("LiveView",),
        "many": ("Ensemble", "SharedData", "Sweep", "Task", "grid", "train_many"),
        "objects": ("Layer", "Net", "NetFactory", "Neuron", "Weight"),
        "page": ("play", "verify"),
        "plotting": (),
        "preprocessing": (),
        "recording": ("Comparison", "History", "OptimizerState", "Snapshot", "compare", "load"),
        "samples": ("Preparation",),
        "training": (
            *("Callback", "Checkpoint", "EarlyStopping", "LambdaCallback", "LearningRate", "resume"),
        ),
    },
    needs={
        **dict.fromkeys(
            ("Net", "NetFactory", "History", "Snapshot", "datasets", "preprocessing"), "numpy"
        ),
        **dict.fromkeys(
            ("compare", "grid", "load", "play", "replay", "resume", "train_many", "verify"), "numpy"
        ),
    },
)
