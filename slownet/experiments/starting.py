"""What an experiment begins with, where a training was recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from slownet.errors import InvalidValueError
from slownet.experiments.rows import Kind, Rows
from slownet.experiments.state import State
from slownet.page.digests import check_known_steps, check_schedule
from slownet.page.facts import InitialLayer
from slownet.page.initial import initial_layers, net_of
from slownet.page.rows import pixels_of
from slownet.page.sets import point_sets, target_range
from slownet.samples import Preparation, Samples, as_list
from slownet.training.data import TrainingData, check_weighted, data_parts, held_out_rows
from slownet.training.replaying import check_data, options_of
from slownet.training.splitting import Split

if TYPE_CHECKING:
    from slownet.functions import Loss
    from slownet.objects import Net
    from slownet.recording import History
    from slownet.training.options import Options

ALONE: dict[str, Any] = {  # options that only choose rows, or what is looked at
    **dict.fromkeys(("snapshots", "early_stopping", "validation_data", "test_data", "watch", "record")),
    **dict.fromkeys(("validation_split", "split_seed", "class_weight", "sample_weight", "source")),
    "callbacks": (),
    "progress": False,
}


def state_of_history(history: History, data: Any) -> State:
    """Return the start of a training that was recorded.

    Raises
    ------
    TypeError, ValueError
        If there are no data, or the training cannot be repeated: a callback may have changed the net.
    RecordingError
        If the arithmetic or the data differ from those of the training.
    """
    data = (history.given or {}).get("data") if data is None else data
    if data is None:
        raise InvalidValueError(
            "a history that was opened from a file has no samples: give data=(X, y) as they were given "
            "to fit"
        )
    check_known_steps(history)
    X, y, weights = data_parts(data)
    check_weighted(history.config, weights)
    options = options_of(history, snapshots=None, early_stopping=None, sample_weight=weights)
    check_schedule(history, options)
    first = history.snapshots[0]
    net = first.restore()
    read = TrainingData.read(net, X, y, options)
    if read.validation is None:  # a history knows how many samples its validation had
        history_data = {name: value for name, value in history.data.items() if "validation" not in name}
        check_data(replace(history, data=history_data), read)
    else:
        check_data(history, read)
    kind = kind_of(net, read.loss, read.preparation)
    state = State(
        net,
        replace(options, **ALONE),
        _rows(read, X, y, options, kind),
        step=first.step,
        memory=first.memory(net),
        sets=other_sets(read.shape, kind, read.preparation),
        first=drawing(net, initial_layers(first), history.formulas),
    )
    if first.state is not None:
        state.epoch_sums = first.state.epoch_loss_sum, first.state.epoch_correct
    return state


def kind_of(net: Net, loss: Loss, preparation: Preparation | None) -> Kind:
    """Return what the rows have in common that a net learns from, but whether they are images."""
    scales = () if preparation is None else preparation.target_scales
    scale = scales[0] if len(scales) == 1 else (0.0, 1.0)
    bounds = target_range(loss, net.outputs.function)
    return Kind(loss.target_kind, len(net.outputs), False, bounds, scale)


def _rows(read: TrainingData, X: Any, y: Any, options: Options, kind: Kind) -> Rows:
    """Return the rows that are trained on, in the units of their table."""
    encoder, preparation = read.batches.encoder, read.preparation
    y = X.y if y is None else y
    parts = held_out_rows(encoder, X, y, options)
    chosen = Split(np.arange(len(read.batches.samples)), np.arange(0)) if parts is None else parts
    own = X if preparation is None else preparation.own(X, "data")
    samples = Samples(own, read.batches.samples.width, "data")
    inputs = samples.block(0, len(samples))[chosen.training]
    targets = np.array(read.batches.targets, np.float64)
    if encoder.scales:
        targets = np.array(as_list(y, "y"), np.float64).reshape(-1, encoder.outputs)[chosen.training]
    weights = read.batches.weights
    are_images = inputs.shape[1] != 2 and pixels_of(inputs) is not None
    kind = replace(kind, are_images=are_images)
    return Rows.of(kind, inputs, targets, None if weights is None else np.array(weights))


def other_sets(shape: tuple[int, int], kind: Kind, preparation: Preparation | None) -> dict[str, Rows]:
    """Return other points that a net of so many inputs and outputs can learn, by their names."""
    found = point_sets(*shape, kind.target_kind, kind.bounds, preparation)
    return {name: Rows.of(kind, points, targets, None) for name, points, targets in found}


def drawing(net: Net, layers: list[InitialLayer] | None, formulas: Any) -> Callable[[int], Net] | None:
    """Return what draws the first net of another seed; None if no factory drew this one."""
    if layers is None:
        return None

    def first(seed: int) -> Net:
        made = net_of(layers, seed, formulas)
        made.classes, made.preparation = net.classes, net.preparation
        made.explicit_loss, made.initializers = net.explicit_loss, net.initializers
        return made

    return first
