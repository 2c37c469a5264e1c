"""Random numbers in counter mode, as in `slownet.functions.randomness`, and the order of samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from slownet.engines.kernels.arguments import works
from slownet.engines.machine.jit import ONE, ZERO, inlined
from slownet.engines.machine.memory import indices, naturals
from slownet.engines.machine.units import unit
from slownet.functions import randomness
from slownet.functions.randomness import GAMMA, Use

mix = inlined(randomness.mix)


@inlined
def further(key: Any, position: Any) -> Any:
    """Return the key of a position within another key."""
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
    """Order the samples by random integers, one each.

    This is a bucket sort by the highest bits, with about as many buckets as samples, followed by an
    insertion sort.
    """
    work = works(work_at)[ZERO]
    order, draws, begin = indices(work.order), naturals(work.draws), naturals(work.draw_buckets)
    count = work.samples
    key = further(further(work.seed, np.uint64(Use.SHUFFLE)), naturals(work.epoch)[ZERO])
    shift = np.uint64(63)
    while shift > ZERO and (ONE << (np.uint64(64) - shift)) < count:
        shift -= ONE
    buckets = ONE << (np.uint64(64) - shift)
    for bucket in range(buckets + ONE):
        begin[bucket] = 0
    for i in range(count):
        draws[i] = further(key, i)
        begin[(draws[i] >> shift) + ONE] += ONE
    for bucket in range(buckets):
        begin[bucket + ONE] += begin[bucket]
    for i in range(count):
        bucket = draws[i] >> shift
        order[begin[bucket]] = i
        begin[bucket] += ONE
    for i in range(ONE, count):
        moved = order[i]
        draw = draws[moved]
        j = i
        while j > ZERO and draws[order[j - ONE]] > draw:
            order[j] = order[j - ONE]
            j -= ONE
        order[j] = moved
    return 1
