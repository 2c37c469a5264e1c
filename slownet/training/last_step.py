"""What a training leaves in its net so that the last step can be explained."""

from __future__ import annotations

from copy import copy
from operator import is_
from typing import TYPE_CHECKING, Any

from slownet.checks import check_integer, check_type
from slownet.errors import InvalidValueError
from slownet.recording import History
from slownet.recording.arithmetic import check_repeatable
from slownet.recording.snapshot import freeze_places
from slownet.samples import AGAIN, MOST_KEPT, LastStep
from slownet.training.start import leave_memory

if TYPE_CHECKING:
    from slownet.objects import Net
    from slownet.recording import Snapshot
    from slownet.training.loop import Training
    from slownet.training.options import Options
    from slownet.wiring import Wiring


def forget_end(training: Training) -> None:
    """Forget how an earlier training of the net has ended: its test and its last step."""
    lost = "a training of this net is under way, or was ended by an error or by Ctrl-C within a step"
    training.net._last = LastStep(None, [], lost=f"{lost}: {AGAIN}")
    training.history.test = None  # what a continued history has is of another net


def leave_last_step(training: Training) -> None:
    """Leave the optimizer's memory in the net, and the last step with the numbers before it.

    Where early stopping has restored the weights of its best epoch, that is the last step of this epoch.
    """
    leave_memory(training.net, training.options, training.step, training.engine)
    if training.step == training.history.start:  # no step was taken
        training.net._last = None
        return
    step, (before, rate) = training.hooks.restored_step, training.keeper.best
    if step is None:
        step, before, rate = training.step, training.keeper.before_last, training.learning_rate
    training.net._last = _last_step(training, step, before, rate)


def step_after(training: Training, sample: int | None = None) -> LastStep:
    """Return the step that a training would take next, with its batch or one sample of the data."""
    net, memory = training.net, dict(training.engine.memory)
    rate = training.progress.rates(1)[0]
    rows = None if sample is None else [_row_of(training, sample)]
    found = _batch(training, training.step + 1, rate, rows)
    found.before = lambda: (net, memory)
    return found


def _row_of(training: Training, sample: int) -> int:
    """Return which sample of a training a row of the data is that were given to `fit`."""
    held_out, data = training.data.held_out, training.data.batches
    count = len(data.samples)
    rows = list(range(count)) if held_out is None else list(map(int, held_out.training))
    sample = check_integer("sample", sample, 0, max(rows))
    if sample not in rows:
        raise InvalidValueError(f"sample {sample} was held out: the training did not learn from it")
    return rows.index(sample)


def step_of(history: History, step: int, data: tuple[Any, ...], sample: int | None = None) -> LastStep:
    """Return a step of an earlier training, whose steps before are repeated.

    With a sample, its batch is this row of the data alone.

    Raises
    ------
    ValueError
        If there is no such step or sample, or no state before it.
    RecordingError
        If the arithmetic or the data differ from those of the training.
    """
    from slownet.training.replaying import training_at

    check_type("history", history, History)
    check_repeatable(history)
    check_step(history, step)
    return step_after(training_at(history, step - 1, data, goes_on=True), sample)


def check_step(history: History, step: int, name: str = "step") -> None:
    """Raise TypeError or ValueError if a history does not have a step."""
    first, last = history.start + 1, history.last_step
    step = check_integer(name, step)
    if first > last:
        raise InvalidValueError(f"no step to explain: the training begins and ends at step {last:,}")
    if not first <= step <= last:
        raise InvalidValueError(f"{name} must be from {first:,} to {last:,}, the last one, not {step:,}")


def _last_step(training: Training, step: int, before: Snapshot | None, rate: float) -> LastStep:
    found, training_net = _batch(training, step, rate), training.net
    start, losses = training.history.start, training.history.loss
    if start < step <= training.step == start + len(losses):  # none is missing
        found.loss = losses[step - 1 - start]
    if before is None or before.step != step - 1:
        why = f"the training has ended at step {step:,}, within an epoch, or its net is too large"
        if training._start is not None and step <= training._start.snapshot.step:
            why = f"early stopping has gone back to step {step:,}, before this training went on"
        found.lost = f"{why}: the numbers before that step were not kept. {AGAIN}"
        return found

    wiring, loss, preparation = training_net.wiring, training_net.loss, training_net.preparation
    activations = {layer.id: layer.activation for layer in training_net}

    def restored() -> tuple[Net, dict[Any, tuple[float, float]]]:
        net = training_net.copy()
        counts = len(list(net.weights())), len(net.wiring.after_inputs)
        had = len(before.weights), len(before.biases)
        if counts != had or not _have_same_parts(training_net.wiring, wiring):
            raise InvalidValueError(
                f"the graph of {net} has changed since its last step, which cannot be explained any "
                f"more: {AGAIN}"
            )
        net.loss, net.preparation = None, preparation
        for layer in net:
            if layer.activation is not activations[layer.id]:
                layer.activation = activations[layer.id]
        net.loss = loss
        weights, neurons = net.weights(), net.wiring.after_inputs
        for weight, number in zip(weights, before.weights, strict=True):
            weight.value, weight.frozen = number, False
        for neuron, number in zip(neurons, before.biases, strict=True):
            neuron.bias, neuron.bias_frozen = number, False
        freeze_places(net, before.state.frozen if before.state else ())
        return net, before.memory(net)

    found.before = restored
    return found


def _have_same_parts(one: Wiring, other: Wiring) -> bool:
    """Whether two wirings visit the same neurons and weights, and not others that have their places."""
    if one is other:
        return True
    neurons = [[*wiring.inputs.neurons, *wiring.after_inputs] for wiring in (one, other)]
    weights = [[w for _, row in wiring.parameters() for w in row] for wiring in (one, other)]
    return all(len(mine) == len(its) and all(map(is_, mine, its)) for mine, its in (neurons, weights))


def _batch(training: Training, step: int, rate: float, rows: list[int] | None = None) -> LastStep:
    batches = training.data.batches
    rows = list(batches[step]) if rows is None else rows
    samples = None
    if len(rows) * batches.samples.width <= MOST_KEPT:
        samples = [list(batches.samples[row]) for row in rows]
    return LastStep(
        samples,
        [batches.targets[row] for row in rows],
        None if batches.weights is None else [batches.weights[row] for row in rows],
        _given_rows(training, rows),
        step,
        training.steps_per_epoch,
        _short(training.options),
        rate,
    )


def _short(options: Options) -> Options:
    """Return options without the data and callbacks that they hold, which a step does not need."""
    found = copy(options)
    data = dict.fromkeys(("validation_data", "test_data", "watch", "sample_weight", "record"))
    vars(found).update({**data, "callbacks": (), "validation_split": None, "early_stopping": None})
    return found


def _given_rows(training: Training, rows: list[int]) -> list[int]:
    """Return the rows in the data that were given to `fit`, of which some may be held out."""
    held_out = training.data.held_out
    return rows if held_out is None else [int(held_out.training[row]) for row in rows]
