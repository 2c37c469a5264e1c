"""Sending a block of samples forward, outside of training."""

from __future__ import annotations

from typing import Any

from slownet.engines.bounds import LIMIT
from slownet.engines.kernel_records import SENT
from slownet.engines.kernels.arguments import works
from slownet.engines.kernels.loss import compute_loss
from slownet.engines.kernels.nonzero import are_within, list_numbers
from slownet.engines.machine.jit import ZERO, kernel
from slownet.engines.machine.memory import floats, indices, integers, naturals
from slownet.engines.machine.units import call_unit, unit


@unit
def send(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Send samples forward, some at a time, and keep z and value of their outputs."""
    work, some = works(work_at)[ZERO], SENT
    for begin in range(first, last, some):
        count = min(some, last - begin)
        work.at = begin
        if work.is_unread:
            read_samples(work, begin, count)
        call_unit(work.forward, work_at, layers_at, ZERO, ZERO, count)
        keep_outputs(work, begin, count)
    return 1


@unit
def judge(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Compute the loss of each sample from its outputs, and whether its prediction is correct."""
    compute_loss(works(work_at)[ZERO], first, last)
    return 1


@kernel
def read_samples(work: Any, begin: Any, count: Any) -> None:
    """Check samples of `dense`, and list their nonzero inputs where the layers read these."""
    dense, start, inputs = floats(work.dense), naturals(work.start), work.inputs
    index, number = indices(work.input_index), floats(work.input)
    in_bounds = True
    if work.is_dense:
        in_bounds = are_within(dense, begin * inputs, count * inputs, LIMIT)
    else:
        work.at = start[ZERO] = at = ZERO
        for r in range(count):
            row = (begin + r) * inputs
            at, is_within = list_numbers(dense, row, inputs, index, number, at, at + inputs, LIMIT)
            start[r + 1] = at
            in_bounds &= is_within
    if not in_bounds:
        integers(work.overflowed)[ZERO] = 1


@kernel
def keep_outputs(work: Any, begin: Any, count: Any) -> None:
    """Copy z and value of the outputs of the samples in the workspace."""
    z, value, outputs = floats(work.z), floats(work.value), work.outputs
    kept_z, kept_value = floats(work.kept_z), floats(work.kept_value)
    for r in range(count):
        to, at = (begin + r) * outputs, work.output
        for j in range(outputs):
            kept_z[to + j] = z[r * work.stride + at + j]
            kept_value[to + j] = value[r * work.value_stride + at + j]
