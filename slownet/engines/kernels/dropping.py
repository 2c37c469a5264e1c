"""Dropout and dropconnect: the neurons and weights that are dropped for a sample."""

from __future__ import annotations

from typing import Any

import numpy as np

from slownet.engines.kernels.random_numbers import key_of, uniform
from slownet.engines.machine.jit import ZERO, kernel
from slownet.engines.machine.memory import floats, indices
from slownet.functions.randomness import Use


@kernel
def drop_out(work: Any, layers: Any, number: Any, r0: Any, r1: Any, step: Any) -> None:
    """Drop some hidden neurons for every sample, and scale the others up (dropout)."""
    value, raw, keep = floats(work.value), floats(work.raw), floats(work.keep)
    dropped, column, size = work.dropout, layers[number].column, layers[number].size
    kept = 1.0 / (1.0 - dropped)
    before = ZERO
    for hidden in range(number):
        before += layers[hidden].size
    for r in range(r0, r1):
        key = key_of(work.seed, Use.DROPOUT, step, work.offset + r)
        at, value_at = r * work.stride + column, r * work.value_stride + column
        for j in range(size):
            factor = 1.0
            if step != ZERO:
                factor = kept if uniform(key, before + j) >= dropped else 0.0
            keep[at + j] = factor
            value[value_at + j] = raw[value_at + j] * factor


@kernel
def sum_kept(
    work: Any, out: Any, at: Any, start: Any, start_at: Any, rows: Any, begin: Any, pitch: Any,
    width: Any, index: Any, listed: Any, first: Any, last: Any, numbers: Any, position: Any,
) -> None:  # fmt: skip
    """Add up listed rows without the dropped weights (dropconnect); the others are scaled up."""
    dropped = work.dropconnect
    key = key_of(work.seed, Use.DROPCONNECT, work.step, work.offset + position)
    kept = 1.0 / (1.0 - dropped)
    for j in range(width):
        out[at + j] = start[start_at + j]
    for k in range(first, last):
        x, row = listed[k] * kept, begin + np.uint64(index[k]) * pitch
        for j in range(width):
            if uniform(key, np.uint64(numbers[row + j])) >= dropped:
                out[at + j] += x * rows[row + j]


@kernel
def add_kept_gradients(
    work: Any, at: Any, column: Any, width: Any, index: Any, listed: Any, first: Any, last: Any
) -> None:
    """Add the gradients of a row, without those of the dropped weights."""
    gradient, delta, number = floats(work.gradient), floats(work.delta), indices(work.weight_number)
    dropped = work.dropconnect
    kept = 1.0 / (1.0 - dropped)
    for q in range(first, last):
        r = np.uint64(index[q])
        key = key_of(work.seed, Use.DROPCONNECT, work.step, work.offset + r)
        for j in range(width):
            if uniform(key, np.uint64(number[at + j])) >= dropped:
                gradient[at + j] += listed[q] * kept * delta[r * work.stride + column + j]
