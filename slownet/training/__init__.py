"""Training: epochs, batches, callbacks and progress; and asking a net what it thinks."""

from slownet.training.callbacks import Callback, EarlyStopping
from slownet.training.fitting import Training, fit
from slownet.training.options import Options
from slownet.training.prediction import Evaluation, evaluate, predict, predict_proba
from slownet.training.replaying import branch, resume, rewind
from slownet.training.samples import encode_target

__all__ = [
    "Callback",
    "EarlyStopping",
    "Evaluation",
    "Options",
    "Training",
    "branch",
    "encode_target",
    "evaluate",
    "fit",
    "predict",
    "predict_proba",
    "resume",
    "rewind",
]
