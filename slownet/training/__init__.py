"""Training: epochs, batches, callbacks and progress; and asking a net what it thinks."""

import importlib
from typing import TYPE_CHECKING, Any

from slownet.training.callbacks import Callback, EarlyStopping
from slownet.training.fitting import Training, fit
from slownet.training.options import Options
from slownet.training.prediction import Evaluation, evaluate, predict, predict_proba

if TYPE_CHECKING:
    from slownet.training.replaying import branch, resume, rewind

__all__ = [
    "Callback",
    "EarlyStopping",
    "Evaluation",
    "Options",
    "Training",
    "branch",
    "evaluate",
    "fit",
    "predict",
    "predict_proba",
    "resume",
    "rewind",
]

LATER = ("branch", "resume", "rewind")  # in a module that is loaded when first asked for


def __getattr__(name: str) -> Any:
    if name in LATER:
        return getattr(importlib.import_module("slownet.training.replaying"), name)
    raise AttributeError(f"module 'slownet.training' has no attribute {name!r}")
