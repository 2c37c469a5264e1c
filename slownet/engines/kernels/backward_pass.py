"""The backward pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from slownet.engines.bounds import LIMIT
from slownet.engines.kernel_records import TILED
from slownet.engines.kernels.arguments import all_layers, call_deltas, call_slopes, works
from slownet.engines.kernels.dropping import sum_kept
from slownet.engines.kernels.nonzero import are_within, list_columns
from slownet.engines.kernels.tiles import LARGE
from slownet.engines.machine.inner import four_sums, list_sums
from slownet.engines.machine.jit import FOUR, ONE, ZERO, kernel
from slownet.engines.machine.memory import address_of, flags, floats, indices, integers
from slownet.engines.machine.units import call_unit, unit


@unit
def backward(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Send the errors of the samples in the workspace back, from the outputs to the first layer."""
    if first == last:
        return 1
    work, layers, r0, r1 = works(work_at)[ZERO], all_layers(layers_at), first, last
    delta, backward_weights = floats(work.delta), floats(work.backward_weights)
    zeros, keep = floats(work.zeros), floats(work.keep)
    source, stride, zero_error = indices(work.backward_source), work.stride, flags(work.zero_error)
    connected = work.dropconnect == 0.0
    output_deltas(work, layers, r0, r1)
    for above in range(ONE, work.layers):
        layer_number = work.layers - ONE - above
        layer = layers[layer_number]
        width, pitch, column = layer.width, layer.pitch, layer.column
        rows, weight = layer.backward_rows, layer.backward_weight
        r = r0
        if connected and rows * width >= LARGE:
            r = np.uint64(call_unit(work.backward_in_tiles, work_at, layers_at, layer_number, r0, r1))
        if layer.backward_kind == TILED and connected:
            source_from = np.uint64(source[layer.backward_row])
            while r + FOUR <= r1:
                four_sums(
                    delta, r * stride + column, stride, zeros, ZERO, ZERO,
                    delta, r * stride + source_from, stride, ONE,
                    backward_weights, weight, pitch, width, rows,
                )  # fmt: skip
                r += FOUR
        while r < r1:
            at = r * stride
            found = list_columns(work, delta, at, source, layer.backward_row, rows)
            at += column
            if connected:
                list_sums(
                    delta, at, zeros, ZERO, backward_weights, weight, pitch, width,
                    indices(work.index), floats(work.listed), ZERO, found,
                )  # fmt: skip
            else:
                sum_kept(
                    work, delta, at, zeros, ZERO, backward_weights, weight, pitch, width,
                    indices(work.index), floats(work.listed), ZERO, found,
                    indices(work.backward_weight_number), r,
                )  # fmt: skip
            r += ONE
        if work.dropout != 0.0:
            for r in range(r0, r1):
                for j in range(layer.size):
                    delta[r * stride + column + j] *= keep[r * stride + column + j]
        slopes_to_deltas(work, layer, r0, r1)
    for r in range(r0, r1):
        if zero_error[r]:  # every delta is +0, whatever the slopes are
            for j in range(work.output):
                delta[r * stride + j] = 0.0
    return 1


@kernel
def output_deltas(work: Any, layers: Any, r0: Any, r1: Any) -> None:
    """Compute the deltas of the outputs, and which samples have zero error."""
    value, delta, target = floats(work.value), floats(work.delta), floats(work.target)
    order, zero_error, outputs = indices(work.order), flags(work.zero_error), work.outputs
    for r in range(r0, r1):
        at = r * work.stride + work.output
        if not call_slopes(
            work.slopes_loop,
            address_of(value, r * work.value_stride + work.output),
            address_of(target, np.uint64(order[work.at + r]) * outputs),
            address_of(delta, at),
            outputs,
            work.slope_factor,
        ):
            integers(work.overflowed)[ZERO] = 1
    if not work.partner:
        slopes_to_deltas(work, layers[work.layers - ONE], r0, r1)
    if work.is_weighted:
        weigh_deltas(work, r0, r1)
    for r in range(r0, r1):
        zero_error[r] = 1
        for j in range(outputs):
            if delta[r * work.stride + work.output + j] != 0.0:
                zero_error[r] = 0


@kernel
def weigh_deltas(work: Any, r0: Any, r1: Any) -> None:
    """Multiply the deltas of the outputs by the weights of the samples."""
    delta, order, weights = floats(work.delta), indices(work.order), floats(work.sample_weight)
    for r in range(r0, r1):
        weight, at = weights[np.uint64(order[work.at + r])], r * work.stride + work.output
        for j in range(work.outputs):
            delta[at + j] = weight * delta[at + j] if weight != 0.0 else 0.0
        if not are_within(delta, at, work.outputs, LIMIT):
            integers(work.overflowed)[ZERO] = 1


@kernel
def slopes_to_deltas(work: Any, layer: Any, r0: Any, r1: Any) -> None:
    """Multiply the slopes of a layer by f'(z)."""
    if not call_deltas(
        layer.deltas_loop,
        address_of(floats(work.z), r0 * work.stride + layer.column),
        address_of(floats(work.raw), r0 * work.value_stride + layer.column),
        address_of(floats(work.delta), r0 * work.stride + layer.column),
        r1 - r0,
        layer.size,
        work.stride,
        work.value_stride,
    ):
        integers(work.overflowed)[ZERO] = 1
