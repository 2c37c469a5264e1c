"""The gradients of weights and biases, added up over the samples of a batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from slownet.engines.kernel_records import DIRECT, TILED
from slownet.engines.kernels.arguments import all_layers, works
from slownet.engines.kernels.dropping import add_kept_gradients
from slownet.engines.kernels.nonzero import fill_buckets, list_row
from slownet.engines.kernels.tiles import COLUMNS, LARGE
from slownet.engines.machine.inner import four_sums, list_sums
from slownet.engines.machine.jit import FOUR, ONE, ZERO
from slownet.engines.machine.memory import floats, indices, naturals
from slownet.engines.machine.units import unit


@unit
def add_gradients(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Add the gradients of the samples in the workspace to those of the batch."""
    work, layer, k0, k1 = works(work_at)[ZERO], all_layers(layers_at)[number], first, last
    count = work.count
    gradient, value, delta = floats(work.gradient), floats(work.value), floats(work.delta)
    source, bucket_end = indices(work.source), naturals(work.bucket_end)
    stride, value_stride = work.stride, work.value_stride
    width, column, kind, row, weight = layer.width, layer.column, layer.kind, layer.row, layer.weight
    pitch = layer.pitch
    connected = work.dropconnect == 0.0
    if work.offset == ZERO:
        for q in range(weight + k0 * pitch, weight + k1 * pitch):
            gradient[q] = 0.0
    if kind == DIRECT:
        fill_buckets(work, k0, k1)
    k = k0
    if kind == TILED and connected:
        k = k0 + (k1 - k0) // FOUR * FOUR
        some = COLUMNS if layer.rows * width >= LARGE else width
        for j in range(ZERO, width, some):
            for q in range(k0, k, FOUR):
                at = weight + q * pitch + j
                four_sums(
                    gradient, at, pitch, gradient, at, pitch,
                    value, np.uint64(source[row]) + q, ONE, value_stride,
                    delta, column + j, stride, min(some, width - j), count,
                )  # fmt: skip
    while k < k1:
        at = weight + k * pitch
        index, listed, begin, end = indices(work.bucket_sample), floats(work.bucket_value), ZERO, ZERO
        if kind == DIRECT:
            begin, end = k * work.bucket_size, bucket_end[k]
        else:
            end = list_row(work, value, np.uint64(source[row + k]), value_stride, count)
            index, listed = indices(work.index), floats(work.listed)
        if connected:
            list_sums(
                gradient, at, gradient, at, delta, column, stride, width, index, listed, begin, end
            )
        else:
            add_kept_gradients(work, at, column, width, index, listed, begin, end)
        k += ONE
    return 1


@unit
def add_bias_gradients(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Add the deltas of the samples in the workspace to the gradients of the biases."""
    work = works(work_at)[ZERO]
    gradient, delta = floats(work.bias_gradient), floats(work.delta)
    if work.offset == ZERO:
        for c in range(first, last):
            gradient[c] = 0.0
    for r in range(work.count):
        at = r * work.stride
        for c in range(first, last):
            gradient[c] += delta[at + c]
    return 1
