"""The steps that are explained: one that samples and options describe, one that only goes forward."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from slownet.checks import check_integer, check_keywords, short
from slownet.datasets.tables import Table
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.samples import LastStep, Samples
from slownet.training.data import TrainingData
from slownet.training.options import MOST_STEPS_BEFORE, Options

if TYPE_CHECKING:
    from slownet.objects import Net


def forward_step(net: Net) -> LastStep:
    """Return the sample that the inputs of a net hold, as a step that only goes forward."""
    values = [neuron.value for neuron in net.inputs]
    return LastStep([values], [], before=lambda: (net, {}))


def step_with_target(net: Net, target: Any) -> LastStep:
    """Return the same sample with a target, which may be another than it had."""
    values = [neuron.value for neuron in net.inputs]
    return LastStep([values], [net.encoder().encode(target)], before=lambda: (net, {}))


def given_step(net: Net, X: Any, y: Any, step: int, options: dict[str, Any]) -> tuple[LastStep, Net]:
    """Return the step that a training would take with samples as its batch, and the net before it."""
    check_keywords("explain", options, [each.name for each in fields(Options)])
    checked = Options(**{"progress": False, **options})
    if checked.validation_split is not None:  # the samples are the batch: none is held out
        checked = Options(**{"progress": False, **options, "validation_split": None})
    step = check_integer("step", step, minimum=1, maximum=MOST_STEPS_BEFORE)
    if y is None and not isinstance(X, Table):
        if isinstance(X, str) or not hasattr(X, "__len__") or getattr(X, "shape", None) == ():
            raise InvalidTypeError(f"X must be a sample or a list or array of samples, not {short(X)}")
        samples = Samples(
            _row(net, X) if _is_one(X) else X, len(net.inputs), preparation=net.preparation
        )
        if len(samples) != 1:
            raise InvalidValueError("y must be given for a batch: without it, only one sample is sent")
        return LastStep([list(samples[0])], [], options=checked), net
    if _is_one(X):
        X, y = _row(net, X), [y]
    if checked.loss is not None:
        net = net.copy()
        net.loss = checked.loss
    data = TrainingData.read(net, X, y, checked)
    if data.preparation is not net.preparation:
        net = net.copy()
        net.preparation = data.preparation
    memory: dict[Any, tuple[float, float]] = {}
    if checked.warm_start and net.optimizer_state is not None:
        checked = checked.after(net.optimizer_state)
        known = net.optimizer_state.checked_memory()
        memory = {each: known[each] for each in (*net.weights(), *net.neurons()) if each in known}
    batches = data.batches
    rate = checked.schedule.rate_of(step, checked.learning_rate, 1, checked.epochs)
    count = len(batches.samples)
    return LastStep(
        [list(batches.samples[k]) for k in range(count)],
        batches.targets,
        batches.weights,
        range(count),
        step,
        1,
        checked,
        rate,
        before=lambda: (net, memory),
    ), net


def _is_one(X: Any) -> bool:
    """Whether X is one sample and no list of samples."""
    shape = getattr(X, "shape", None)
    if shape is not None:
        return len(shape) == 1
    is_list = isinstance(X, (list, tuple)) and bool(X)
    return is_list and (isinstance(X[0], str) or not hasattr(X[0], "__len__"))


def _row(net: Net, X: Any) -> Any:
    """Return one sample as a list of samples; a row of a DataFrame keeps the names of its columns."""
    names = getattr(X, "index", None) if hasattr(X, "to_frame") else None
    has_names = names is not None and all(isinstance(name, str) for name in names)
    return X.to_frame().T if has_names and net.preparation is not None else [X]


def make_floats(net: Net) -> None:
    """Convert all numbers of a net, and of its last sample.

    Raises
    ------
    TypeError, ValueError
        If one is no real number.
    """
    net.wiring.make_floats()
    net.wiring.make_gradients_floats()
    for neuron in net.neurons():
        for name in ("z", "value", "delta"):
            if type(getattr(neuron, name)) is not float:
                net.wiring.make_float(neuron, name)
