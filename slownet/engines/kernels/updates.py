"""Updates: gradient descent and the optimizers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from slownet.engines.kernel_records import DIRECT, TILED
from slownet.engines.kernels.arguments import all_layers, call_penalty, call_update, works
from slownet.engines.kernels.clipping import clipped
from slownet.engines.kernels.nonzero import fill_buckets, list_columns, list_row
from slownet.engines.kernels.tiles import COLUMNS, LARGE
from slownet.engines.machine.inner import four_sums_descend, list_sums_descend, outer_descend
from slownet.engines.machine.jit import FOUR, ONE, ZERO, kernel
from slownet.engines.machine.memory import address_of, flags, floats, indices, naturals
from slownet.engines.machine.units import call_unit, unit


@unit
def descend(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Plain gradient descent on some rows; their gradients are not stored."""
    work, layer, k0, k1 = works(work_at)[ZERO], all_layers(layers_at)[number], first, last
    count, rate, factor = work.count, work.rate, work.mean_factor
    weights, value = floats(work.weights), floats(work.value)
    delta, zeros = floats(work.delta), floats(work.zeros)
    source, bucket_end = indices(work.source), naturals(work.bucket_end)
    stride, value_stride = work.stride, work.value_stride
    width, column, kind, row, weight = layer.width, layer.column, layer.kind, layer.row, layer.weight
    pitch = layer.pitch
    if kind == DIRECT:
        fill_buckets(work, k0, k1)
    k = k0
    if kind == TILED:
        k = k0 + (k1 - k0) // FOUR * FOUR
        some = COLUMNS if layer.rows * width >= LARGE else width
        for j in range(ZERO, width, some):
            for q in range(k0, k, FOUR):
                four_sums_descend(
                    weights, weight + q * pitch + j, pitch, zeros, ZERO, ZERO,
                    value, np.uint64(source[row]) + q, ONE, value_stride,
                    delta, column + j, stride, min(some, width - j), count, rate, factor,
                )  # fmt: skip
    while k < k1:
        index, listed, begin, end = indices(work.bucket_sample), floats(work.bucket_value), ZERO, ZERO
        if kind == DIRECT:
            begin, end = k * work.bucket_size, bucket_end[k]
        else:
            end = list_row(work, value, np.uint64(source[row + k]), value_stride, count)
            index, listed = indices(work.index), floats(work.listed)
        if end > begin:
            list_sums_descend(
                weights, weight + k * pitch, zeros, ZERO, delta, column, stride, width,
                index, listed, begin, end, rate, factor,
            )  # fmt: skip
        k += ONE
    restore_frozen(work, row + k0, row + k1)
    return 1


@unit
def descend_one_sample(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Plain gradient descent after one sample without a weight: only rows of nonzero sources change."""
    work, layers = works(work_at)[ZERO], all_layers(layers_at)
    weights, backward_weights, rate = floats(work.weights), floats(work.backward_weights), work.rate
    delta, value = floats(work.delta), floats(work.value)
    sample = np.uint64(indices(work.order)[work.at])
    for layer_number in range(work.layers):
        layer = layers[layer_number]
        index, listed, begin, end = indices(work.input_index), floats(work.input), ZERO, ZERO
        if layer.kind == DIRECT:
            begin, end = naturals(work.start)[sample], naturals(work.start)[sample + ONE]
        else:
            index, listed = indices(work.index), floats(work.listed)
            end = list_columns(work, value, ZERO, indices(work.source), layer.row, layer.rows)
        outer_descend(
            weights, layer.weight, layer.pitch, layer.width, delta, layer.column,
            index, listed, begin, end, rate, 1.0,
        )  # fmt: skip
        restore_frozen(work, layer.row, layer.row + layer.rows)
        if work.frozen_count:
            call_unit(work.transpose, work_at, layers_at, layer_number, ZERO, layer.rows)
        for before in range(layer_number):
            earlier = layers[before]
            if earlier.transposed == layer_number and not work.frozen_count:
                found = list_row(work, delta, layer.column, ONE, layer.size)
                outer_descend(
                    backward_weights, earlier.backward_weight, earlier.pitch, earlier.width,
                    value, earlier.column, indices(work.index), floats(work.listed), ZERO, found,
                    rate, 1.0,
                )  # fmt: skip
    return 1


@unit
def update_weights(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Update the weights of some rows by the optimizer; return whether all stay finite."""
    work, layer, in_bounds = works(work_at)[ZERO], all_layers(layers_at)[number], 1
    gradient, mean_gradient = floats(work.gradient), floats(work.mean_gradient)
    weights = floats(work.weights)
    first_numbers, second_numbers = floats(work.first), floats(work.second)
    frozen_places, frozen_begin = indices(work.frozen_places), naturals(work.frozen_begin)
    size, factor = layer.size, work.mean_factor
    for k in range(first, last):
        at, row = layer.weight + k * layer.pitch, layer.row + k
        for j in range(size):
            mean_gradient[j] = factor * gradient[at + j]
        if work.clip_value != 0.0:
            clip(mean_gradient, size, work.clip_value)
        for p in range(work.penalties):
            in_bounds &= call_penalty(
                naturals(work.penalty_loops)[p], address_of(weights, at),
                address_of(mean_gradient, ZERO), size, floats(work.strengths)[p],
            )  # fmt: skip
        if work.penalty_share != 0.0:
            for j in range(size):
                mean_gradient[j] += work.penalty_share * weights[at + j]
        memory = ZERO if work.plain else at
        in_bounds &= call_update(
            work.update_loop, address_of(weights, at), address_of(mean_gradient, ZERO),
            address_of(first_numbers, memory), address_of(second_numbers, memory), size, work.rate,
            work.step_constants,
        )  # fmt: skip
        if work.frozen_count:
            restore_frozen(work, row, row + ONE)
            if not work.plain:
                for f in range(frozen_begin[row], frozen_begin[row + ONE]):
                    first_numbers[frozen_places[f]] = floats(work.frozen_first)[f]
                    second_numbers[frozen_places[f]] = floats(work.frozen_second)[f]
    return in_bounds


@unit
def add_weight_squares(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Add up the squares of the weights into some neurons of a layer."""
    work, layer = works(work_at)[ZERO], all_layers(layers_at)[number]
    weights, squares, column = floats(work.weights), floats(work.squares), layer.column
    for j in range(first, last):
        squares[column + j] = 0.0
    for k in range(layer.rows):
        at = layer.weight + k * layer.pitch
        for j in range(first, last):
            squares[column + j] += weights[at + j] * weights[at + j]
    return 1


@unit
def update_biases(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Update some biases by the optimizer; return whether all stay finite."""
    work = works(work_at)[ZERO]
    gradient, mean_gradient = floats(work.bias_gradient), floats(work.mean_gradient)
    bias, bias_learns = floats(work.bias), flags(work.bias_learns)
    first_numbers, second_numbers = floats(work.bias_first), floats(work.bias_second)
    for c in range(first, last):
        mean_gradient[c - first] = work.mean_factor * gradient[c]
    if work.clip_value != 0.0:
        clip(mean_gradient, last - first, work.clip_value)
    in_bounds = call_update(
        work.update_loop, address_of(bias, first), address_of(mean_gradient, ZERO),
        address_of(first_numbers, first), address_of(second_numbers, first), last - first, work.rate,
        work.step_constants,
    )  # fmt: skip
    for c in range(first, last):
        if bias[c] == 0.0 and math.copysign(1.0, bias[c]) < 0.0:
            in_bounds = 0  # a bias of -0, which adding 0 would change
        if not bias_learns[c]:
            bias[c] = floats(work.frozen_bias)[c]
            first_numbers[c] = floats(work.frozen_bias_first)[c]
            second_numbers[c] = floats(work.frozen_bias_second)[c]
    return in_bounds


@kernel
def clip(gradients: Any, count: Any, largest: Any) -> None:
    """Clip some gradients by value."""
    for k in range(count):
        gradients[k] = clipped(gradients[k], largest)


@kernel
def restore_frozen(work: Any, row: Any, last_row: Any) -> None:
    """Restore the frozen weights of some rows, and the zeros where there is no weight."""
    weights, frozen_values = floats(work.weights), floats(work.frozen_values)
    frozen_places = indices(work.frozen_places)
    if work.frozen_count:
        for f in range(naturals(work.frozen_begin)[row], naturals(work.frozen_begin)[last_row]):
            weights[frozen_places[f]] = frozen_values[f]
