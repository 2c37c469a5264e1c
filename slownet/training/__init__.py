"""Training: epochs, batches, callbacks and progress; and predictions."""

from typing import TYPE_CHECKING

from slownet import lazy
from slownet.training.callbacks import Callback, LambdaCallback
from slownet.training.epoch_callbacks import Checkpoint, EarlyStopping, LearningRate
from slownet.training.loop import Training, fit
from slownet.training.options import Options
from slownet.training.prediction import Evaluation, evaluate, predict, predict_proba
from slownet.training.rate_search import RateSearch, find_learning_rate

if TYPE_CHECKING:
    from slownet.training.replaying import branch, resume, rewind

__all__ = [
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "Evaluation",
    "LambdaCallback",
    "LearningRate",
    "Options",
    "RateSearch",
    "Training",
    "branch",
    "evaluate",
    "find_learning_rate",
    "fit",
    "predict",
    "predict_proba",
    "resume",
    "rewind",
]

__getattr__, __dir__ = lazy.names(__name__, {"replaying": ("branch", "resume", "rewind")})
