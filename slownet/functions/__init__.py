"""The formulas: activations, losses, initializers, optimizers, regularizers and schedules."""

from slownet.functions.activation import Activation, AnyActivation
from slownet.functions.activations import (
    ACTIVATIONS,
    elu,
    get_activation,
    leaky_relu,
    linear,
)
from slownet.functions.elementary import cos, exp, expm1, log, log1p, power, sin, tanh
from slownet.functions.initializers import (
    INITIALIZERS,
    Initializer,
    constant,
    get_initializer,
    normal,
    uniform,
)
from slownet.functions.loss import Loss
from slownet.functions.losses import LOSSES, get_loss, huber, loss_for
from slownet.functions.optimizer import Optimizer
from slownet.functions.optimizers import (
    OPTIMIZERS,
    adagrad,
    adam,
    adamw,
    get_optimizer,
    nadam,
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
    warm_up,
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
    "adagrad",
    "adam",
    "adamw",
    "constant",
    "cos",
    "cosine",
    "elu",
    "exp",
    "expm1",
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
    "log",
    "log1p",
    "loss_for",
    "nadam",
    "normal",
    "plain_sgd",
    "power",
    "rmsprop",
    "sgd",
    "sin",
    "step",
    "tanh",
    "uniform",
    "warm_up",
]
