"""The forward pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from slownet.engines.kernel_records import DIRECT, TILED
from slownet.engines.kernels.arguments import all_layers, call_values, works
from slownet.engines.kernels.dropping import drop_out, sum_kept
from slownet.engines.kernels.loss import compute_loss
from slownet.engines.kernels.nonzero import list_columns
from slownet.engines.kernels.tiles import LARGE
from slownet.engines.machine.inner import four_sums, list_sums
from slownet.engines.machine.jit import EIGHT, FOUR, ONE, ZERO, kernel
from slownet.engines.machine.memory import address_of, floats, indices, integers, naturals, prefetch
from slownet.engines.machine.units import call_unit, unit


@unit
def forward(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Send the samples of the workspace from the inputs to the outputs; in step 0 without dropping."""
    if first == last:
        return 1
    work, layers, r0, r1 = works(work_at)[ZERO], all_layers(layers_at), first, last
    begin, step = work.at, work.step
    z, value, weights, bias = floats(work.z), floats(work.value), floats(work.weights), floats(work.bias)
    source, stride, value_stride = indices(work.source), work.stride, work.value_stride
    copy_inputs(work, r0, r1)
    connected = step == ZERO or work.dropconnect == 0.0
    for layer_number in range(work.layers):
        layer = layers[layer_number]
        width, column, kind = layer.width, layer.column, layer.kind
        rows, weight, pitch = layer.rows, layer.weight, layer.pitch
        r = r0
        if connected and rows * width >= LARGE:
            r = np.uint64(call_unit(work.forward_in_tiles, work_at, layers_at, layer_number, r0, r1))
        if kind == TILED and connected:
            source_from = np.uint64(source[layer.row])
            while r + FOUR <= r1:
                four_sums(
                    z, r * stride + column, stride, bias, column, ZERO,
                    value, r * value_stride + source_from, value_stride, ONE,
                    weights, weight, pitch, width, rows,
                )  # fmt: skip
                r += FOUR
        while r < r1:
            at = r * stride + column
            index, listed, start, end = indices(work.input_index), floats(work.input), ZERO, ZERO
            if kind == DIRECT:
                sample = np.uint64(indices(work.order)[begin + r])
                start, end = naturals(work.start)[sample], naturals(work.start)[sample + ONE]
                fetch_next(work, r)
            else:
                index, listed = indices(work.index), floats(work.listed)
                end = list_columns(work, value, r * value_stride, source, layer.row, rows)
            if connected:
                list_sums(z, at, bias, column, weights, weight, pitch, width, index, listed, start, end)
            else:
                sum_kept(
                    work, z, at, bias, column, weights, weight, pitch, width, index, listed, start, end,
                    indices(work.weight_number), r,
                )  # fmt: skip
            r += ONE
        if not call_values(
            layer.values_loop,
            address_of(z, r0 * stride + column),
            address_of(floats(work.raw), r0 * value_stride + column),
            r1 - r0,
            layer.size,
            stride,
            value_stride,
        ):
            integers(work.overflowed)[ZERO] = 1
        if work.dropout != 0.0:
            is_last = layer_number + ONE == work.layers
            drop_out(work, layers, layer_number, r0, r1, ZERO if is_last else step)
    if step != ZERO:
        compute_loss(work, r0, r1)
    return 1


@kernel
def copy_inputs(work: Any, r0: Any, r1: Any) -> None:
    """Copy the inputs of samples into their rows of values, if a layer reads them there."""
    if work.value_stride == work.stride:
        return
    value, order, dense = floats(work.value), indices(work.order), floats(work.dense)
    start, input_index, input_value = naturals(work.start), indices(work.input_index), floats(work.input)
    inputs = work.inputs
    for r in range(r0, r1):
        sample, at = np.uint64(order[work.at + r]), r * work.value_stride + work.stride
        if work.is_dense:
            for i in range(inputs):
                value[at + i] = dense[sample * inputs + i]
        else:
            for i in range(inputs):
                value[at + i] = 0.0
            for k in range(start[sample], start[sample + ONE]):
                value[at + np.uint64(input_index[k])] = input_value[k]


@kernel
def fetch_next(work: Any, r: Any) -> None:
    """Prefetch the inputs of the next sample: with shuffling they are anywhere in memory."""
    after = work.at + r + ONE
    if after < work.samples:
        sample = np.uint64(indices(work.order)[after])
        start, end = naturals(work.start)[sample], naturals(work.start)[sample + ONE]
        for k in range(start, end, EIGHT):
            prefetch(floats(work.input), k)
        for k in range(start, end, EIGHT + EIGHT):
            prefetch(indices(work.input_index), k)
