"""Building many weights at once, without checks: all between two layers, or all into a neuron."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import repeat
from operator import attrgetter
from typing import TYPE_CHECKING

from slownet.graph_checks import WeightId, are_apart

if TYPE_CHECKING:
    from slownet.objects import Neuron, Weight

_id_of = attrgetter("id")


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the garbage collector, which would visit all the new objects several times."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def connect(
    weight_class: type[Weight],
    sources: Sequence[Neuron],
    targets: Sequence[Neuron],
    ids: Sequence[Sequence[WeightId]],
    values: Sequence[Sequence[float]],
) -> None:
    """Attach a new weight from every source to every target, neurons that have none between them.

    `ids` and `values` have one row for each target. The weights into one neuron are made one after the
    other, so that they are adjacent in memory: the passes visit them in that order.
    """
    if not sources:
        return
    with uncollected():
        rows = [
            new_weights(weight_class, target, sources, row_ids, row)
            for target, row_ids, row in zip(targets, ids, values, strict=True)
        ]
        columns = zip(sources, zip(*ids, strict=True), zip(*rows, strict=True), strict=True)
        for source, column_ids, column in columns:
            attach_out(source, column_ids, column)


def new_weights(
    weight_class: type[Weight],
    target: Neuron,
    sources: Sequence[Neuron],
    ids: Sequence[WeightId],
    values: Sequence[float],
) -> list[Weight]:
    """Make weights into a neuron; `attach_out` must attach them to their sources."""
    row = list(map(weight_class.__new__, repeat(weight_class, len(sources))))
    for weight, weight_id, value, source in zip(row, ids, values, sources, strict=True):
        weight.id = weight_id
        weight.value = value
        weight.grad = 0.0
        weight.incoming = target
        weight.outgoing = source
        weight.frozen = False
        weight.keep = 1.0
    dict.update(target.weights["in"], zip(ids, row, strict=True))  # Members refuses item assignment
    return row


def attach_out(source: Neuron, ids: Sequence[WeightId], weights: Sequence[Weight]) -> None:
    """Attach weights of `new_weights` to the neuron that they come from."""
    dict.update(source.weights["out"], zip(ids, weights, strict=True))


def order_out(source: Neuron, targets: Sequence[Neuron]) -> None:
    """Put the weights out of a neuron in the order of their targets."""
    found = {weight.incoming: weight for weight in source.weights["out"].values()}
    ordered = [found[target] for target in targets]
    dict.clear(source.weights["out"])
    attach_out(source, [weight.id for weight in ordered], ordered)


def weight_ids(sources: Sequence[Neuron], target: Neuron) -> list[WeightId]:
    """Return the ids of the weights from the neurons of one layer to one neuron of a later layer."""
    start, end = sources[0].layer, target.layer
    if start is None or end is None or not are_apart(start, end):
        return list(zip(map(_id_of, sources), repeat(target.id)))
    return [((start.id, source.id), (end.id, target.id)) for source in sources]
