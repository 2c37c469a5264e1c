"""Lists of nonzero numbers: a sum over such a list skips the zeros."""

from __future__ import annotations

from typing import Any

import numpy as np

from slownet.engines.bounds import LIMIT
from slownet.engines.machine.jit import EIGHT, ONE, ZERO, inlined, kernel
from slownet.engines.machine.memory import floats, indices, integers, naturals


@inlined
def list_numbers(
    rows: Any, row: Any, width: Any, index: Any, number: Any, at: Any, end: Any, limit: float
) -> Any:
    """List the nonzero numbers of a row of samples from `at` on, writing nothing from `end` on.

    Return where the list ends, and whether all numbers are within the limit.
    """
    in_bounds = True
    whole = width - width % EIGHT
    for i in range(ZERO, whole, EIGHT):  # images have many zeros side by side
        any_nonzero, all_within = False, True
        for j in range(EIGHT):
            x = rows[row + i + j]
            any_nonzero |= x != 0.0
            all_within &= abs(x) <= limit
        if any_nonzero:
            in_bounds &= all_within
            for j in range(EIGHT):
                at = _list_number(rows[row + i + j], i + j, index, number, at, end)
    for i in range(whole, width):
        in_bounds &= abs(rows[row + i]) <= limit
        at = _list_number(rows[row + i], i, index, number, at, end)
    return at, in_bounds


@inlined
def _list_number(x: Any, i: Any, index: Any, number: Any, at: Any, end: Any) -> Any:
    if at < end:
        index[at] = i
        number[at] = x
    return at + np.uint64(x != 0.0)


@kernel
def are_within(numbers: Any, first: Any, count: Any, limit: float) -> Any:
    """Whether numbers are within the limit."""
    in_bounds = True
    for i in range(first, first + count):
        in_bounds &= abs(numbers[i]) <= limit
    return in_bounds


@kernel
def list_row(work: Any, array: Any, at: Any, step: Any, count: Any) -> Any:
    """List the nonzero numbers among `count`, `step` apart; return how many there are."""
    index, listed = indices(work.index), floats(work.listed)
    found = ZERO
    for k in range(count):
        index[found] = k
        listed[found] = array[at + k * step]
        found += np.uint64(listed[found] != 0.0)
    return found


@kernel
def list_columns(work: Any, array: Any, at: Any, columns: Any, row: Any, count: Any) -> Any:
    """List the nonzero numbers in `count` columns; return how many there are.

    The matrix of such a layer may hold 0 where there is no weight. Times infinity that would be nan,
    where the object loops multiply nothing: such a number is out of bounds.
    """
    index, listed = indices(work.index), floats(work.listed)
    found = ZERO
    for k in range(count):
        index[found] = k
        listed[found] = array[at + np.uint64(columns[row + k])]
        if not abs(listed[found]) <= LIMIT:
            integers(work.overflowed)[ZERO] = 1
        found += np.uint64(listed[found] != 0.0)
    return found


@kernel
def first_input_from(work: Any, sample: Any, k: Any) -> Any:
    """Return where the list of a sample's inputs reaches input k, by bisection."""
    index, start = indices(work.input_index), naturals(work.start)
    first, last = start[sample], start[sample + ONE]
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
def fill_buckets(work: Any, k0: Any, k1: Any) -> None:
    """Fill the bucket of each input from k0 to k1: samples in which it is not 0, and its values."""
    order, index, input_value = indices(work.order), indices(work.input_index), floats(work.input)
    bucket_end, bucket_sample = naturals(work.bucket_end), indices(work.bucket_sample)
    bucket_value = floats(work.bucket_value)
    for k in range(k0, k1):
        bucket_end[k] = k * work.bucket_size
    for r in range(work.count):
        sample = np.uint64(order[work.at + r])
        for p in range(first_input_from(work, sample, k0), first_input_from(work, sample, k1)):
            bucket = np.uint64(index[p])
            end = bucket_end[bucket]
            bucket_sample[end] = r
            bucket_value[end] = input_value[p]
            bucket_end[bucket] = end + ONE
