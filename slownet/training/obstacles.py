"""Warnings of nets and data with which a training can hardly succeed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from slownet.checks import short
from slownet.errors import TrainingWarning, warn

if TYPE_CHECKING:
    from slownet.objects import Net
    from slownet.training.data import TrainingData

LOOKED_AT = 256  # samples by which the sizes of the inputs are judged
TIMES = 100.0  # the largest input is this many times the median


def warn_of_obstacles(net: Net, data: TrainingData) -> None:
    """Warn of a net or of inputs with which a training can hardly succeed.

    Python shows a warning once for each text and line of the caller.
    """
    for text in _obstacles(net, data):
        warn(text, TrainingWarning)


def _obstacles(net: Net, data: TrainingData) -> Iterator[str]:
    if not has_path(net):
        yield (
            f"no path of weights leads from the inputs to the outputs of {net!r}: its outputs are the "
            "same for all samples. Join its layers, as NetFactory.connect_layers does"
        )
    sizes = _sizes(data)
    if sizes is not None:
        place, largest, usual = sizes
        known = data.preparation
        which = f"column {short(known.inputs[place])}" if known and known.is_named else f"X[:, {place}]"
        yield (
            f"the inputs have very different sizes: {which} is up to {largest:.4g}, and half of the "
            f'columns at most {usual:.4g}. Training then is slow or fails: prepare="standardise" '
            "brings all to one scale"
        )


def has_path(net: Net) -> bool:
    """Whether weights lead from an input neuron to an output neuron."""
    wiring = net.wiring
    reached = set(wiring.inputs.neurons)
    for layer in wiring.layers:
        for group in layer.incoming:
            if not reached.isdisjoint(group.ends):
                reached.update(neuron for neuron, _ in group.rows)
    return not reached.isdisjoint(wiring.output.neurons)


def _sizes(data: TrainingData) -> tuple[int, float, float] | None:
    """Return the largest input, its size and that of half of the inputs, if they are far apart."""
    import numpy as np

    with np.errstate(all="ignore"):
        columns = np.abs(data.batches.samples.block(0, LOOKED_AT)).max(axis=0)
        used = columns[columns > 0.0]
        if not len(used) or not np.isfinite(used).all():
            return None
        largest, usual = float(used.max()), float(np.sort(used)[(len(used) - 1) // 2])
    far_apart = largest > TIMES * usual and largest > 1.0
    return (int(columns.argmax()), largest, usual) if far_apart else None
