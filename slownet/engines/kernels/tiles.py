"""Layers whose matrices are too large for the caches: tile by tile, each for all samples.

A tile is read from memory once and serves every sample while it is cached. The order of each sum is that
of the whole matrix: it goes on from what the tiles before have left in memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from slownet.engines.kernel_records import DIRECT, TILED
from slownet.engines.kernels.arguments import all_layers, works
from slownet.engines.machine.inner import four_sums, list_sums
from slownet.engines.machine.jit import FOUR, ONE, ZERO, kernel
from slownet.engines.machine.memory import floats, indices, naturals
from slownet.engines.machine.units import unit

LARGE = np.uint64(1 << 17)  # numbers in a matrix, 1 MB, from which on it is tiled
ROWS, COLUMNS = np.uint64(128), np.uint64(32)  # of a tile: 32 KB
LISTED_COLUMNS = np.uint64(128)  # of a tile of all rows, of which samples take those that they list


@unit
def forward_in_tiles(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Compute z of a layer for samples of the workspace; return where those begin that are left."""
    work, layer = works(work_at)[ZERO], all_layers(layers_at)[number]
    z, value, weights, bias = floats(work.z), floats(work.value), floats(work.weights), floats(work.bias)
    column = layer.column
    if layer.kind == DIRECT:
        sum_listed(work, layer, first, last)
        return last
    if layer.kind != TILED:
        return first
    samples = (last - first) // FOUR * FOUR
    add_tiles(
        z, first * work.stride + column, work.stride, bias, column, ZERO,
        value, first * work.value_stride + np.uint64(indices(work.source)[layer.row]), work.value_stride,
        weights, layer.weight, layer.pitch, layer.width, layer.rows, samples,
    )  # fmt: skip
    return first + samples


@unit
def backward_in_tiles(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Compute the slopes of a layer for samples; return where those begin that are left."""
    work, layer = works(work_at)[ZERO], all_layers(layers_at)[number]
    delta, source = floats(work.delta), indices(work.backward_source)
    if layer.backward_kind != TILED:
        return first
    samples, at = (last - first) // FOUR * FOUR, first * work.stride
    add_tiles(
        delta, at + layer.column, work.stride, floats(work.zeros), ZERO, ZERO,
        delta, at + np.uint64(source[layer.backward_row]), work.stride,
        floats(work.backward_weights), layer.backward_weight, layer.pitch, layer.width,
        layer.backward_rows, samples,
    )  # fmt: skip
    return first + samples


@kernel
def add_tiles(
    out: Any, out_at: Any, out_row: Any, start: Any, start_at: Any, start_row: Any, left: Any,
    left_at: Any, left_row: Any, rows: Any, rows_at: Any, pitch: Any, width: Any, count: Any,
    samples: Any,
) -> None:  # fmt: skip
    """Compute out[r, j] = start[r, j] + left[r, 0] * rows[0, j] + ... for a multiple of four rows r."""
    for r in range(samples):
        for j in range(width):
            out[out_at + r * out_row + j] = start[start_at + r * start_row + j]
    for k in range(ZERO, count, ROWS):
        some = min(ROWS, count - k)
        for j in range(ZERO, width, COLUMNS):
            part = min(COLUMNS, width - j)
            for r in range(ZERO, samples, FOUR):
                at = out_at + r * out_row + j
                four_sums(
                    out, at, out_row, out, at, out_row,
                    left, left_at + r * left_row + k, left_row, ONE,
                    rows, rows_at + k * pitch + j, pitch, part, some,
                )  # fmt: skip


@kernel
def sum_listed(work: Any, layer: Any, r0: Any, r1: Any) -> None:
    """Add up the rows of each sample's nonzero inputs, some columns of all rows at a time."""
    weights, bias, z = floats(work.weights), floats(work.bias), floats(work.z)
    order, begins, column = indices(work.order), naturals(work.start), layer.column
    for j in range(ZERO, layer.width, LISTED_COLUMNS):
        part = min(LISTED_COLUMNS, layer.width - j)
        for r in range(r0, r1):
            sample = np.uint64(order[work.at + r])
            list_sums(
                z, r * work.stride + column + j, bias, column + j,
                weights, layer.weight + j, layer.pitch, part,
                indices(work.input_index), floats(work.input), begins[sample], begins[sample + ONE],
            )  # fmt: skip
