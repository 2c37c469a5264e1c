"""The parameters of the estimators as arguments of `Net.fit` and `NetFactory`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from typing import Any

from slownet.checks import (
    check_bool,
    check_integer,
    check_keywords,
    check_number,
    check_type,
    short,
    unknown_name,
)
from slownet.errors import InvalidTypeError, InvalidValueError, warn
from slownet.functions import (
    ACTIVATIONS,
    SCHEDULES,
    AnyActivation,
    Optimizer,
    Schedule,
    adam,
    get_activation,
    get_optimizer,
    get_schedule,
    sgd,
)

SAME_ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid"}  # scikit-learn's name: slownet's
OUTPUTS = {"linear": "identity", "sigmoid": "logistic", "exponential": "exp"}  # the other way round
RATES = ("constant", "invscaling", "adaptive")  # the learning rates of scikit-learn
OPTIONS = (  # of `Net.fit`: those that no parameter of an estimator sets
    *("l1", "l2", "dropout", "dropconnect", "regularizers", "clip_norm", "clip_value", "class_weight"),
    *("test_data", "callbacks", "progress", "snapshots", "watch", "record", "source"),
    *("engine", "threads"),
)


def layer_sizes(sizes: Any) -> list[int]:
    """Return the number of neurons of each hidden layer; an integer stands for one layer."""
    if isinstance(sizes, (str, bytes, dict)):
        raise InvalidTypeError(f"hidden_layer_sizes must be numbers of neurons, not {short(sizes)}")
    several = (
        list(sizes) if isinstance(sizes, Iterable) and getattr(sizes, "ndim", None) != 0 else [sizes]
    )
    return [check_integer("a number in hidden_layer_sizes", each, minimum=1) for each in several]


def hidden_activation(activation: Any) -> AnyActivation:
    """Return an activation by its name here or in scikit-learn."""
    if activation in ("softmax", ACTIVATIONS["softmax"]):
        raise InvalidValueError("activation 'softmax' is that of an output layer, not of hidden ones")
    is_name = isinstance(activation, str)
    return get_activation(SAME_ACTIVATIONS.get(activation, activation) if is_name else activation)


def optimizer(estimator: Any) -> Optimizer:
    """Return the optimizer that `solver` and its settings describe."""
    solver, beta = estimator.solver, (estimator.beta_1, estimator.beta_2)
    if solver == "sgd":
        momentum = check_number("momentum", estimator.momentum, below=1.0)
        looks_ahead = check_bool("nesterovs_momentum", estimator.nesterovs_momentum)
        changes = estimator.learning_rate in ("invscaling", "adaptive")
        return sgd(momentum, looks_ahead and momentum > 0.0, rate_in_velocity=changes)
    if solver == "adam":
        return adam(*beta, estimator.epsilon)
    if solver == "lbfgs":
        raise InvalidValueError(
            "solver 'lbfgs' goes through all samples at once and searches along a line, which slownet "
            'does not: give "adam", "sgd" or another optimizer of slownet'
        )
    return get_optimizer(solver)


def schedule(estimator: Any) -> Schedule:
    """Return the schedule of a learning rate that is none of scikit-learn's, else the constant one."""
    rate = estimator.learning_rate
    if not isinstance(rate, str) or rate in SCHEDULES:
        return get_schedule(rate)
    if rate not in RATES:
        raise unknown_name("learning_rate", rate, dict.fromkeys((*RATES, *SCHEDULES)))
    return get_schedule("constant")


def batch_size(given: Any, samples: int) -> int:
    """Return how many samples share an update; "auto" takes 200, or all if there are fewer."""
    if isinstance(given, str):
        if given != "auto":
            raise InvalidValueError(f'batch_size must be a whole number or "auto", not {short(given)}')
        return min(200, samples)
    size = check_integer("batch_size", given, minimum=1)
    if size > samples:
        warn(f"batch_size is {size}, and there are {samples} samples: a batch has all of them")
    return min(size, samples)


def patience(given: Any) -> float:
    """Return after how many epochs without improvement training ends; inf for never."""
    return inf if given == inf else check_integer("n_iter_no_change", given, minimum=1)


def further_options(given: Any) -> dict[str, Any]:
    """Return a copy of the arguments of `Net.fit` that no parameter sets.

    Raises
    ------
    TypeError
        If there are others among them.
    """
    if given is None:
        return {}
    check_type("options", given, Mapping)
    check_keywords("options", given, OPTIONS)
    return dict(given)
