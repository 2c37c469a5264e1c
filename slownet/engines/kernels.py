"""The loops: forward, backward, gradients and updates over flat arrays, step after step.

They do what `slownet.passes` and `slownet.engines.scalar` do with objects, in the same order, for a
batch at a time. A number that has gone out of bounds makes them stop: the object loops take that step.

All arrays are flat, and rows are padded with zeros to a multiple of 8; `records.py` says what is in
them. A `unit` gets the addresses of the two records, the number of a layer, and which rows to work on.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from slownet.engines import formula_loops
from slownet.engines.bounds import LARGEST, LIMIT
from slownet.engines.machine.inner import (
    four_sums,
    four_sums_descend,
    list_sums,
    list_sums_descend,
    outer_descend,
    transpose_block,
)
from slownet.engines.machine.jit import EIGHT, FOUR, ONE, ZERO, inlined, kernel
from slownet.engines.machine.memory import (
    flags,
    floats,
    indices,
    integers,
    naturals,
    place,
    prefetch,
    records,
)
from slownet.engines.machine.threads import meet
from slownet.engines.machine.units import call_unit, caller, unit
from slownet.engines.records import BROKEN, CLASS, DIRECT, FINISHED, LAYER, SIGN, SLAB, TILED, WORK
from slownet.functions import randomness
from slownet.functions.randomness import GAMMA, Use

call_values, call_deltas = caller(formula_loops.VALUES), caller(formula_loops.DELTAS)
call_slopes, call_loss = caller(formula_loops.SLOPES), caller(formula_loops.LOSS)
call_update, call_penalty = caller(formula_loops.UPDATE), caller(formula_loops.PENALTY)
mix = inlined(randomness.mix)
works, all_layers = records(WORK), records(LAYER)


# random numbers


@inlined
def further(key: Any, position: Any) -> Any:
    """Return the key of a place within the place of a key."""
    return mix(key + (position + ONE) * np.uint64(GAMMA))


@inlined
def uniform(key: Any, position: Any) -> Any:
    """Return random number `position` of a key, from 0 to less than 1."""
    return float(further(key, position) >> np.uint64(11)) * 2.0**-53


@inlined
def key_of(seed: Any, use: Any, step: Any, position: Any) -> Any:
    """Return the key of a sample in a step."""
    return further(further(further(seed, np.uint64(use)), step), position)


@unit
def permute(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Put the numbers of all samples into the order of random integers, one each.

    They are dealt out by their highest bits into as many heaps as there are numbers; what is left to
    sort are neighbours.
    """
    work = works(work_at)[ZERO]
    order, draws, begin = indices(work.order), naturals(work.draws), naturals(work.heaps)
    count, key = (
        work.samples,
        further(further(work.seed, np.uint64(Use.SHUFFLE)), naturals(work.epoch)[ZERO]),
    )
    shift = np.uint64(63)
    while shift > ZERO and (ONE << (np.uint64(64) - shift)) < count:
        shift -= ONE
    heaps = ONE << (np.uint64(64) - shift)
    for heap in range(heaps + ONE):
        begin[heap] = 0
    for i in range(count):
        draws[i] = further(key, i)
        begin[(draws[i] >> shift) + ONE] += ONE
    for heap in range(heaps):
        begin[heap + ONE] += begin[heap]
    for i in range(count):
        heap = draws[i] >> shift
        order[begin[heap]] = i
        begin[heap] += ONE
    for i in range(ONE, count):
        moved = order[i]
        own = draws[moved]
        j = i
        while j > ZERO and draws[order[j - ONE]] > own:
            order[j] = order[j - ONE]
            j -= ONE
        order[j] = moved
    return 1


# lists of what is not 0


@kernel
def list_row(work: Any, array: Any, at: Any, step: Any, count: Any) -> Any:
    """List the numbers that are not 0 among `count`, `step` apart; return how many there are."""
    index, listed = indices(work.index), floats(work.listed)
    found = ZERO
    for k in range(count):
        index[found] = k
        listed[found] = array[at + k * step]
        found += np.uint64(listed[found] != 0.0)
    return found


@kernel
def list_columns(work: Any, array: Any, at: Any, columns: Any, row: Any, count: Any) -> Any:
    """List those among `count` columns that may stand anywhere.

    Then there can be weights that do not exist, 0 in the matrix: 0 times infinity would be noticed.
    """
    index, listed = indices(work.index), floats(work.listed)
    found = ZERO
    for k in range(count):
        index[found] = k
        listed[found] = array[at + np.uint64(columns[row + k])]
        if not abs(listed[found]) <= LIMIT:
            integers(work.odd)[ZERO] = 1
        found += np.uint64(listed[found] != 0.0)
    return found


@kernel
def masked_sums(
    work: Any, out: Any, at: Any, start: Any, start_at: Any, rows: Any, begin: Any, width: Any,
    index: Any, listed: Any, first: Any, last: Any, numbers: Any, position: Any,
) -> None:  # fmt: skip
    """Add up listed rows without the weights that dropconnect leaves out; the others count more."""
    share, key = work.dropconnect, key_of(work.seed, Use.DROPCONNECT, work.step, work.offset + position)
    kept = 1.0 / (1.0 - share)
    for j in range(width):
        out[at + j] = start[start_at + j]
    for k in range(first, last):
        x, row = listed[k] * kept, begin + np.uint64(index[k]) * width
        for j in range(width):
            if uniform(key, np.uint64(numbers[row + j])) >= share:
                out[at + j] += x * rows[row + j]


@kernel
def within(work: Any, sample: Any, k: Any) -> Any:
    """Return where the inputs of a sample from number k on are listed."""
    index, first, last = (
        indices(work.input_index),
        naturals(work.start)[sample],
        naturals(work.start)[sample + ONE],
    )
    if k == ZERO:
        return first
    if k >= work.inputs:
        return last
    while first < last:
        middle = (first + last) >> ONE
        if np.uint64(index[middle]) < k:
            first = middle + ONE
        else:
            last = middle
    return first


@kernel
def file_inputs(work: Any, k0: Any, k1: Any) -> None:
    """List for each of some inputs the samples in which it is not 0, and what it is there."""
    order, index, amounts = indices(work.order), indices(work.input_index), floats(work.input)
    ends, filed, amount = naturals(work.ends), indices(work.filed), floats(work.amount)
    for k in range(k0, k1):
        ends[k] = k * work.drawer
    for r in range(work.count):
        sample = np.uint64(order[work.at + r])
        for p in range(within(work, sample, k0), within(work, sample, k1)):
            drawer = np.uint64(index[p])
            end = ends[drawer]
            filed[end] = r
            amount[end] = amounts[p]
            ends[drawer] = end + ONE


# forward


@unit
def forward(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Send samples under way from the inputs to the outputs; in step 0 nothing is dropped."""
    if first == last:
        return 1
    work, layers, r0, r1 = works(work_at)[ZERO], all_layers(layers_at), first, last
    begin, step = work.at, work.step
    z, value, weights, bias = floats(work.z), floats(work.value), floats(work.weights), floats(work.bias)
    source, stride, value_stride = indices(work.source), work.stride, work.value_stride
    copy_inputs(work, r0, r1)
    connected = step == ZERO or work.dropconnect == 0.0
    for place_of_layer in range(work.layers):
        layer = layers[place_of_layer]
        width, column, kind, rows, weight = (
            layer.width,
            layer.column,
            layer.kind,
            layer.rows,
            layer.weight,
        )
        r = r0
        if kind == TILED and connected:
            source_from = np.uint64(source[layer.row])
            while r + FOUR <= r1:
                four_sums(
                    z, r * stride + column, stride, bias, column, ZERO,
                    value, r * value_stride + source_from, value_stride, ONE,
                    weights, weight, width, width, rows,
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
                list_sums(z, at, bias, column, weights, weight, width, width, index, listed, start, end)
            else:
                masked_sums(
                    work, z, at, bias, column, weights, weight, width, index, listed, start, end,
                    indices(work.number), r,
                )  # fmt: skip
            r += ONE
        if not call_values(
            layer.values,
            place(z, r0 * stride + column),
            place(floats(work.raw), r0 * value_stride + column),
            r1 - r0,
            layer.size,
            stride,
            value_stride,
            layer.tested,
        ):
            integers(work.odd)[ZERO] = 1
        if work.dropout != 0.0:
            is_last = place_of_layer + ONE == work.layers
            drop_out(work, layers, place_of_layer, r0, r1, ZERO if is_last else step)
    if step != ZERO:
        judge(work, r0, r1)
    return 1


@kernel
def fetch_next(work: Any, r: Any) -> None:
    """Ask for the inputs of the sample after this one: they lie somewhere in memory, far away."""
    after = work.at + r + ONE
    if after < work.samples:
        sample = np.uint64(indices(work.order)[after])
        start, end = naturals(work.start)[sample], naturals(work.start)[sample + ONE]
        for k in range(start, end, EIGHT):
            prefetch(floats(work.input), k)
        for k in range(start, end, EIGHT + EIGHT):
            prefetch(indices(work.input_index), k)


@kernel
def copy_inputs(work: Any, r0: Any, r1: Any) -> None:
    """Put the inputs of samples into their rows, where a layer looks for them there."""
    if work.value_stride == work.stride:
        return
    value, order, dense = floats(work.value), indices(work.order), floats(work.dense)
    start, input_index, amounts = naturals(work.start), indices(work.input_index), floats(work.input)
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
                value[at + np.uint64(input_index[k])] = amounts[k]


@kernel
def drop_out(work: Any, layers: Any, number: Any, r0: Any, r1: Any, step: Any) -> None:
    """Leave hidden neurons out and let the others count more, anew for every sample."""
    value, raw, keep = floats(work.value), floats(work.raw), floats(work.keep)
    share, column, size = work.dropout, layers[number].column, layers[number].size
    kept = 1.0 / (1.0 - share)
    before = ZERO
    for hidden in range(number):
        before += layers[hidden].size
    for r in range(r0, r1):
        key = key_of(work.seed, Use.DROPOUT, step, work.offset + r)
        at, value_at = r * work.stride + column, r * work.value_stride + column
        for j in range(size):
            factor = 1.0
            if step != ZERO:
                factor = kept if uniform(key, before + j) >= share else 0.0
            keep[at + j] = factor
            value[value_at + j] = raw[value_at + j] * factor


# loss and backward


@kernel
def judge(work: Any, r0: Any, r1: Any) -> None:
    """Find out the loss of samples that have gone forward, and whether they were predicted right."""
    value, target, order = floats(work.value), floats(work.target), indices(work.order)
    loss, right, outputs = floats(work.loss), integers(work.right), work.outputs
    middle = 0.0 if work.target_kind == SIGN else 0.5
    for r in range(r0, r1):
        at, target_at = r * work.value_stride + work.output, np.uint64(order[work.at + r]) * outputs
        loss[r] = call_loss(
            work.loss_loop, place(value, at), place(target, target_at), outputs, work.mean
        )
        best = wanted = ZERO  # the first of the largest
        agreed = True
        for j in range(outputs):
            if value[at + j] > value[at + best]:
                best = j
            if target[target_at + j] > target[target_at + wanted]:
                wanted = j
            agreed &= (value[at + j] > middle) == (target[target_at + j] > middle)
        right[r] = best == wanted if work.target_kind == CLASS else agreed


@unit
def backward(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Send the error of samples under way back from the outputs to the first layer."""
    if first == last:
        return 1
    work, layers, r0, r1 = works(work_at)[ZERO], all_layers(layers_at), first, last
    delta, back, zeros, keep = (
        floats(work.delta),
        floats(work.back),
        floats(work.zeros),
        floats(work.keep),
    )
    source, stride, silent = indices(work.back_source), work.stride, flags(work.silent)
    connected = work.dropconnect == 0.0
    output_deltas(work, layers, r0, r1)
    for up in range(ONE, work.layers):
        layer = layers[work.layers - ONE - up]
        width, column, rows, weight = layer.width, layer.column, layer.back_rows, layer.back_weight
        r = r0
        if layer.back_kind == TILED and connected:
            source_from = np.uint64(source[layer.back_row])
            while r + FOUR <= r1:
                four_sums(
                    delta, r * stride + column, stride, zeros, ZERO, ZERO,
                    delta, r * stride + source_from, stride, ONE,
                    back, weight, width, width, rows,
                )  # fmt: skip
                r += FOUR
        while r < r1:
            at = r * stride
            found = list_columns(work, delta, at, source, layer.back_row, rows)
            at += column
            if connected:
                list_sums(
                    delta, at, zeros, ZERO, back, weight, width, width,
                    indices(work.index), floats(work.listed), ZERO, found,
                )  # fmt: skip
            else:
                masked_sums(
                    work, delta, at, zeros, ZERO, back, weight, width, indices(work.index),
                    floats(work.listed), ZERO, found, indices(work.back_number), r,
                )  # fmt: skip
            r += ONE
        if work.dropout != 0.0:
            for r in range(r0, r1):
                for j in range(layer.size):
                    delta[r * stride + column + j] *= keep[r * stride + column + j]
        slopes_to_deltas(work, layer, r0, r1)
    for r in range(r0, r1):
        if silent[r]:  # no error goes back: then every delta is +0, whatever the slopes are
            for j in range(work.output):
                delta[r * stride + j] = 0.0
    return 1


@kernel
def output_deltas(work: Any, layers: Any, r0: Any, r1: Any) -> None:
    """Find out the deltas of the outputs, and which samples have no error at all."""
    value, delta, target = floats(work.value), floats(work.delta), floats(work.target)
    order, silent, outputs = indices(work.order), flags(work.silent), work.outputs
    for r in range(r0, r1):
        at = r * work.stride + work.output
        if not call_slopes(
            work.slopes_loop,
            place(value, r * work.value_stride + work.output),
            place(target, np.uint64(order[work.at + r]) * outputs),
            place(delta, at),
            outputs,
            work.share,
            work.tested,
        ):
            integers(work.odd)[ZERO] = 1
    if not work.partner:
        slopes_to_deltas(work, layers[work.layers - ONE], r0, r1)
    for r in range(r0, r1):
        silent[r] = 1
        for j in range(outputs):
            if delta[r * work.stride + work.output + j] != 0.0:
                silent[r] = 0


@kernel
def slopes_to_deltas(work: Any, layer: Any, r0: Any, r1: Any) -> None:
    """Multiply the slopes of a layer by f'(z)."""
    if not call_deltas(
        layer.deltas,
        place(floats(work.z), r0 * work.stride + layer.column),
        place(floats(work.raw), r0 * work.value_stride + layer.column),
        place(floats(work.delta), r0 * work.stride + layer.column),
        r1 - r0,
        layer.size,
        work.stride,
        work.value_stride,
    ):
        integers(work.odd)[ZERO] = 1


# gradients and updates


@unit
def descend(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Plain gradient descent: the weights of a row go down by its gradient, which is kept nowhere."""
    work, layer, k0, k1 = works(work_at)[ZERO], all_layers(layers_at)[number], first, last
    count, rate, share = work.count, work.rate, work.division
    weights, value, delta, zeros = (
        floats(work.weights),
        floats(work.value),
        floats(work.delta),
        floats(work.zeros),
    )
    source, ends = indices(work.source), naturals(work.ends)
    stride, value_stride = work.stride, work.value_stride
    width, column, kind, row, weight = layer.width, layer.column, layer.kind, layer.row, layer.weight
    if kind == DIRECT:
        file_inputs(work, k0, k1)
    k = k0
    if kind == TILED:
        while k + FOUR <= k1:
            four_sums_descend(
                weights, weight + k * width, width, zeros, ZERO, ZERO,
                value, np.uint64(source[row]) + k, ONE, value_stride,
                delta, column, stride, width, count, rate, share,
            )  # fmt: skip
            k += FOUR
    while k < k1:
        index, listed, begin, end = indices(work.filed), floats(work.amount), ZERO, ZERO
        if kind == DIRECT:
            begin, end = k * work.drawer, ends[k]
        else:
            end = list_row(work, value, np.uint64(source[row + k]), value_stride, count)
            index, listed = indices(work.index), floats(work.listed)
        if end > begin:
            list_sums_descend(
                weights, weight + k * width, zeros, ZERO, delta, column, stride, width,
                index, listed, begin, end, rate, share,
            )  # fmt: skip
        k += ONE
    hold(work, row + k0, row + k1)
    return 1


@kernel
def hold(work: Any, row: Any, last_row: Any) -> None:
    """Put the weights of some rows that do not learn back to what they were."""
    weights, fixed, held = floats(work.weights), indices(work.fixed), floats(work.held)
    if work.fixes:
        for f in range(naturals(work.fixed_row)[row], naturals(work.fixed_row)[last_row]):
            weights[fixed[f]] = held[f]


@unit
def add_gradients(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Add the gradients of the samples under way to those of the batch."""
    work, layer, k0, k1 = works(work_at)[ZERO], all_layers(layers_at)[number], first, last
    count = work.count
    gradient, value, delta = floats(work.gradient), floats(work.value), floats(work.delta)
    source, ends = indices(work.source), naturals(work.ends)
    stride, value_stride = work.stride, work.value_stride
    width, column, kind, row, weight = layer.width, layer.column, layer.kind, layer.row, layer.weight
    connected = work.dropconnect == 0.0
    if work.offset == ZERO:
        for q in range(weight + k0 * width, weight + k1 * width):
            gradient[q] = 0.0
    if kind == DIRECT:
        file_inputs(work, k0, k1)
    k = k0
    if kind == TILED and connected:
        while k + FOUR <= k1:
            at = weight + k * width
            four_sums(
                gradient, at, width, gradient, at, width,
                value, np.uint64(source[row]) + k, ONE, value_stride,
                delta, column, stride, width, count,
            )  # fmt: skip
            k += FOUR
    while k < k1:
        at = weight + k * width
        index, listed, begin, end = indices(work.filed), floats(work.amount), ZERO, ZERO
        if kind == DIRECT:
            begin, end = k * work.drawer, ends[k]
        else:
            end = list_row(work, value, np.uint64(source[row + k]), value_stride, count)
            index, listed = indices(work.index), floats(work.listed)
        if connected:
            list_sums(
                gradient, at, gradient, at, delta, column, stride, width, index, listed, begin, end
            )
        else:
            add_masked_gradients(work, at, column, width, index, listed, begin, end)
        k += ONE
    return 1


@kernel
def add_masked_gradients(
    work: Any, at: Any, column: Any, width: Any, index: Any, listed: Any, first: Any, last: Any
) -> None:
    """Add the gradients of a row, but not of the weights that dropconnect had left out."""
    gradient, delta, number = floats(work.gradient), floats(work.delta), indices(work.number)
    share = work.dropconnect
    kept = 1.0 / (1.0 - share)
    for q in range(first, last):
        r = np.uint64(index[q])
        key = key_of(work.seed, Use.DROPCONNECT, work.step, work.offset + r)
        for j in range(width):
            if uniform(key, np.uint64(number[at + j])) >= share:
                gradient[at + j] += listed[q] * kept * delta[r * work.stride + column + j]


@unit
def update_rows(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Let the optimizer move the weights of some rows; return whether all stay finite."""
    work, layer, fine = works(work_at)[ZERO], all_layers(layers_at)[number], 1
    gradient, slope, weights = floats(work.gradient), floats(work.slope), floats(work.weights)
    remembered, remembered_too = floats(work.first), floats(work.second)
    fixed, fixed_row, size, share = (
        indices(work.fixed),
        naturals(work.fixed_row),
        layer.size,
        work.division,
    )
    for k in range(first, last):
        at, row = layer.weight + k * layer.width, layer.row + k
        for j in range(size):
            slope[j] = share * gradient[at + j]
        for p in range(work.penalties):
            call_penalty(
                naturals(work.penalty_loops)[p], place(weights, at), place(slope, ZERO), size,
                floats(work.strengths)[p],
            )  # fmt: skip
        memory = ZERO if work.plain else at
        fine &= call_update(
            work.update_loop, place(weights, at), place(slope, ZERO), place(remembered, memory),
            place(remembered_too, memory), size, work.rate, work.settings,
        )  # fmt: skip
        if work.fixes:
            hold(work, row, row + ONE)
            if not work.plain:
                for f in range(fixed_row[row], fixed_row[row + ONE]):
                    remembered[fixed[f]] = floats(work.held_first)[f]
                    remembered_too[fixed[f]] = floats(work.held_second)[f]
    return fine


@unit
def add_bias_gradients(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Add the deltas of the samples under way to the gradients of the biases."""
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


@unit
def update_biases(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Let the optimizer move some biases; return whether all stay finite."""
    work = works(work_at)[ZERO]
    gradient, slope, bias = floats(work.bias_gradient), floats(work.slope), floats(work.bias)
    remembered, remembered_too, learns = (
        floats(work.bias_first),
        floats(work.bias_second),
        flags(work.learns),
    )
    for c in range(first, last):
        slope[c - first] = work.division * gradient[c]
    fine = call_update(
        work.update_loop, place(bias, first), place(slope, ZERO), place(remembered, first),
        place(remembered_too, first), last - first, work.rate, work.settings,
    )  # fmt: skip
    for c in range(first, last):
        if bias[c] == 0.0 and math.copysign(1.0, bias[c]) < 0.0:
            fine = 0  # a bias of -0, to which adding 0 makes a difference
        if not learns[c]:
            bias[c] = floats(work.held_bias)[c]
            remembered[c] = floats(work.held_bias_first)[c]
            remembered_too[c] = floats(work.held_bias_second)[c]
    return fine


@unit
def turn(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Copy rows of a layer's matrix to where the way back reads them as columns."""
    work, layers = works(work_at)[ZERO], all_layers(layers_at)
    weights, back, layer = floats(work.weights), floats(work.back), layers[number]
    for before in range(number):
        target = layers[before]
        if target.turned == number:
            for k in range(first, last, EIGHT):
                for j in range(ZERO, layer.width, EIGHT):
                    transpose_block(
                        back, target.back_weight + j * target.width + k, target.width,
                        weights, layer.weight + k * layer.width + j, layer.width,
                    )  # fmt: skip
    return 1


@kernel
def turn_others(work: Any) -> None:
    """Copy the weights that are in no whole matrix to where the way back reads them."""
    back, weights = floats(work.back), floats(work.weights)
    to, source = indices(work.turn_to), indices(work.turn_from)
    for k in range(work.turns):
        back[to[k]] = weights[source[k]]


@unit
def descend_after_one(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Plain gradient descent after a batch of one sample: only its own rows are visited."""
    work, layers = works(work_at)[ZERO], all_layers(layers_at)
    weights, back, rate = floats(work.weights), floats(work.back), work.rate
    delta, value = floats(work.delta), floats(work.value)
    sample = np.uint64(indices(work.order)[work.at])
    for place_of_layer in range(work.layers):
        layer = layers[place_of_layer]
        index, listed, begin, end = indices(work.input_index), floats(work.input), ZERO, ZERO
        if layer.kind == DIRECT:
            begin, end = naturals(work.start)[sample], naturals(work.start)[sample + ONE]
        else:
            index, listed = indices(work.index), floats(work.listed)
            end = list_columns(work, value, ZERO, indices(work.source), layer.row, layer.rows)
        outer_descend(
            weights, layer.weight, layer.width, layer.width, delta, layer.column,
            index, listed, begin, end, rate, 1.0,
        )  # fmt: skip
        hold(work, layer.row, layer.row + layer.rows)
        if work.fixes:
            call_unit(work.turn, work_at, layers_at, place_of_layer, ZERO, layer.rows)
        for before in range(place_of_layer):
            target = layers[before]
            if target.turned == place_of_layer and not work.fixes:
                found = list_row(work, delta, layer.column, ONE, layer.size)
                outer_descend(
                    back, target.back_weight, target.width, target.width, value, target.column,
                    indices(work.index), floats(work.listed), ZERO, found, rate, 1.0,
                )  # fmt: skip
    return 1


@inlined
def share_of(count: Any, unit: Any, me: Any, threads: Any) -> Any:
    """Return the first and the last of a thread's share of `count`, in whole units."""
    units = (count + unit - ONE) // unit
    return min(units * me // threads * unit, count), min(units * (me + ONE) // threads * unit, count)


@kernel
def learn(work_at: Any, layers_at: Any, me: Any, size: Any) -> Any:
    """Learn from a batch of `size`; return how it ended, the loss, and how many were right."""
    work, layers = works(work_at)[ZERO], all_layers(layers_at)
    meeting, odd, threads = integers(work.meeting), integers(work.odd), work.threads
    loss, rights = floats(work.loss), integers(work.right)
    total, right, begin = 0.0, 0, work.at
    whole = work.plain and work.dropconnect == 0.0 and size <= np.uint64(SLAB)
    work.division = 1.0 / size
    for offset in range(ZERO, size, np.uint64(SLAB)):
        work.at, work.offset, work.count = begin + offset, offset, min(np.uint64(SLAB), size - offset)
        final = offset + work.count == size
        r0, r1 = share_of(work.count, FOUR, me, threads)
        call_unit(work.forward, work_at, layers_at, ZERO, r0, r1)
        call_unit(work.backward, work_at, layers_at, ZERO, r0, r1)
        meet(meeting, threads)
        for r in range(work.count):
            total += loss[r]
            right += rights[r]
        if odd[ZERO] != 0 or not abs(total) <= LARGEST:
            return BROKEN, total, right
        c0, c1 = share_of(work.stride, EIGHT, me, threads)
        call_unit(work.add_bias_gradients, work_at, layers_at, ZERO, c0, c1)
        if whole and size == ONE:
            if me == ZERO:
                call_unit(work.descend_after_one, work_at, layers_at, ZERO, ZERO, ZERO)
        else:
            for number in range(work.layers):
                k0, k1 = share_of(layers[number].rows, EIGHT, me, threads)
                if whole:
                    call_unit(work.descend, work_at, layers_at, number, k0, k1)
                else:
                    call_unit(work.add_gradients, work_at, layers_at, number, k0, k1)
                    if final and not call_unit(work.update_rows, work_at, layers_at, number, k0, k1):
                        odd[ONE] = 1
                if final:
                    call_unit(work.turn, work_at, layers_at, number, k0, k1)
        if final and not call_unit(work.update_biases, work_at, layers_at, ZERO, c0, c1):
            odd[ONE] = 1
        meet(meeting, threads)
        if final and work.turns:
            if me == ZERO:
                turn_others(work)
            meet(meeting, threads)
    return (BROKEN if odd[ONE] != 0 else FINISHED), total, right


@unit
def train(work_at: Any, layers_at: Any, me: Any, first: Any, last: Any) -> Any:
    """Take the steps that the record tells of; all threads run this side by side.

    After a bad end the weights may be those of a step that is half done.
    """
    work = works(work_at)[ZERO]
    rates, totals, rights = floats(work.rates), floats(work.totals), integers(work.rights)
    epoch, outcome, meeting = naturals(work.epoch), integers(work.outcome), integers(work.meeting)
    batches = (work.samples + work.batch_size - ONE) // work.batch_size
    for k in range(work.steps):
        step = work.first_step + k
        now = step // batches + ONE
        if work.shuffle and epoch[ZERO] != now:
            meet(meeting, work.threads)
            if me == ZERO:
                epoch[ZERO] = now
                call_unit(work.permute, work_at, layers_at, ZERO, ZERO, ZERO)
            meet(meeting, work.threads)
        work.step, work.rate = step + ONE, rates[k]
        work.settings = place(floats(work.constants), k * work.constants_each)
        work.at = step % batches * work.batch_size
        size = min(work.batch_size, work.samples - work.at)
        ended, total, right = learn(work_at, layers_at, me, size)
        if me == ZERO:
            totals[k], rights[k] = total, right
            outcome[ZERO], outcome[ONE] = k + ONE, ended
        if ended != FINISHED:
            if me == ZERO:
                outcome[ZERO] = k
            return 0
    return 1
