"""The formulas: activations, losses, initializers, optimizers, regularizers and schedules."""

from slownet.functions.activations import (
    ACTIVATIONS,
    Activation,
    AnyActivation,
    elu,
    get_activation,
    leaky_relu,
    linear,
)
from slownet.functions.initializers import (
    INITIALIZERS,
    Initializer,
    constant,
    get_initializer,
    normal,
    uniform,
)
from slownet.functions.losses import LOSSES, Loss, get_loss, huber, loss_for
from slownet.functions.optimizers import (
    OPTIMIZERS,
    Optimizer,
    adam,
    get_optimizer,
    plain_sgd,
    rmsprop,
    sgd,
)
from slownet.functions.regularizers import REGULARIZERS, Regularizer, l1, l2
from slownet.functions.schedules import (
    SCHEDULES,
    Schedule,
    cosine,
    exponential,
    get_schedule,
    step,
)

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "OPTIMIZERS",
    "REGULARIZERS",
    "SCHEDULES",
    "Activation",
    "AnyActivation",
    "Initializer",
    "Loss",
    "Optimizer",
    "Regularizer",
    "Schedule",
    "adam",
    "constant",
    "cosine",
    "elu",
    "exponential",
    "get_activation",
    "get_initializer",
    "get_loss",
    "get_optimizer",
    "get_schedule",
    "huber",
    "l1",
    "l2",
    "leaky_relu",
    "linear",
    "loss_for",
    "normal",
    "plain_sgd",
    "rmsprop",
    "sgd",
    "step",
    "uniform",
]
