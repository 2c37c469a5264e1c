"""The loop over steps, which all threads run side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

from slownet.engines.bounds import LARGEST
from slownet.engines.kernel_records import CHUNK, FINISHED, OVERFLOWED
from slownet.engines.kernels.arguments import all_layers, works
from slownet.engines.kernels.clipping import clip_norm, sum_of_squares
from slownet.engines.kernels.transposing import copy_others
from slownet.engines.machine.jit import EIGHT, FOUR, ONE, ZERO, inlined, kernel
from slownet.engines.machine.memory import address_of, floats, integers, naturals
from slownet.engines.machine.threads import wait_at_barrier
from slownet.engines.machine.units import call_unit, unit


@unit
def train(work_at: Any, layers_at: Any, me: Any, first: Any, last: Any) -> Any:
    """Take the steps that the record describes; all threads run this side by side.

    If a number is out of bounds, the last step may be incomplete.
    """
    work = works(work_at)[ZERO]
    rates, losses, correct = floats(work.rates), floats(work.losses), integers(work.correct)
    epoch, outcome, barrier = naturals(work.epoch), integers(work.outcome), integers(work.barrier)
    batches = (work.samples + work.batch_size - ONE) // work.batch_size
    for k in range(work.steps):
        step = work.first_step + k
        current_epoch = step // batches + ONE
        if work.shuffle and epoch[ZERO] != current_epoch:
            wait_at_barrier(barrier, work.threads)
            if me == ZERO:
                epoch[ZERO] = current_epoch
                call_unit(work.permute, work_at, layers_at, ZERO, ZERO, ZERO)
            wait_at_barrier(barrier, work.threads)
        work.step, work.rate = step + ONE, rates[k]
        work.step_constants = address_of(floats(work.constants), k * work.constants_per_step)
        work.at = step % batches * work.batch_size
        size = min(work.batch_size, work.samples - work.at)
        work.mean_factor = floats(work.factors)[k] if work.is_weighted else 1.0 / size
        work.penalty_share = work.alpha * work.mean_factor
        ended, loss_sum, count = learn(work_at, layers_at, me, size)
        if me == ZERO:
            losses[k], correct[k] = loss_sum, count
            outcome[ZERO], outcome[ONE] = k + ONE, ended
        if ended != FINISHED:
            if me == ZERO:
                outcome[ZERO] = k
            return 0
    return 1


@kernel
def learn(work_at: Any, layers_at: Any, me: Any, size: Any) -> Any:
    """Learn from a batch; return how it ended, the sum of losses, and the number correct."""
    work, layers = works(work_at)[ZERO], all_layers(layers_at)
    barrier, overflowed, threads = integers(work.barrier), integers(work.overflowed), work.threads
    loss, is_correct = floats(work.loss), integers(work.is_correct)
    loss_sum, correct, begin = 0.0, 0, work.at
    in_one_round = work.plain and work.dropconnect == 0.0 and size <= np.uint64(CHUNK)
    for offset in range(ZERO, size, np.uint64(CHUNK)):
        work.at, work.offset, work.count = begin + offset, offset, min(np.uint64(CHUNK), size - offset)
        r0, r1 = part_of_thread(work.count, FOUR, me, threads)
        call_unit(work.forward, work_at, layers_at, ZERO, r0, r1)
        call_unit(work.backward, work_at, layers_at, ZERO, r0, r1)
        final = offset + work.count == size
        updates = final and work.mean_factor != 0.0
        if updates and work.alpha != 0.0:
            add_penalties(work_at, layers_at, me)
        wait_at_barrier(barrier, threads)
        for r in range(work.count):
            loss_sum += loss[r]
            correct += is_correct[r]
        if updates and work.alpha != 0.0:
            loss_sum += 0.5 * work.alpha * sum_of_squares(work, layers)
        if overflowed[ZERO] != 0 or not abs(loss_sum) <= LARGEST:
            return OVERFLOWED, loss_sum, correct
        c0, c1 = part_of_thread(work.stride, EIGHT, me, threads)
        call_unit(work.add_bias_gradients, work_at, layers_at, ZERO, c0, c1)
        at_once = updates and work.clip_norm == 0.0
        if in_one_round and size == ONE and not work.is_weighted:
            if me == ZERO:
                call_unit(work.descend_one_sample, work_at, layers_at, ZERO, ZERO, ZERO)
        else:
            for number in range(work.layers):
                k0, k1 = part_of_thread(layers[number].rows, EIGHT, me, threads)
                if not in_one_round:
                    call_unit(work.add_gradients, work_at, layers_at, number, k0, k1)
                    if at_once and not call_unit(
                        work.update_weights, work_at, layers_at, number, k0, k1
                    ):
                        overflowed[ONE] = 1
                elif updates:
                    call_unit(work.descend, work_at, layers_at, number, k0, k1)
                if at_once:
                    call_unit(work.transpose, work_at, layers_at, number, k0, k1)
        if updates and not at_once and not clip_and_update(work_at, layers_at, me):
            overflowed[ONE] = 1
        if updates and not call_unit(work.update_biases, work_at, layers_at, ZERO, c0, c1):
            overflowed[ONE] = 1
        wait_at_barrier(barrier, threads)
        if updates and work.copies:
            if me == ZERO:
                copy_others(work)
            wait_at_barrier(barrier, threads)
    return (OVERFLOWED if overflowed[ONE] != 0 else FINISHED), loss_sum, correct


@kernel
def add_penalties(work_at: Any, layers_at: Any, me: Any) -> None:
    """Add up the squares of the weights into each neuron."""
    work, layers = works(work_at)[ZERO], all_layers(layers_at)
    for number in range(work.layers):
        j0, j1 = part_of_thread(layers[number].size, EIGHT, me, work.threads)
        call_unit(work.add_weight_squares, work_at, layers_at, number, j0, j1)


@kernel
def clip_and_update(work_at: Any, layers_at: Any, me: Any) -> Any:
    """Clip the norm of all gradients, then update the weights; return whether all stay finite.

    The norm is known once all threads have added up their gradients.
    """
    work, layers = works(work_at)[ZERO], all_layers(layers_at)
    barrier, threads, in_bounds = integers(work.barrier), work.threads, 1
    wait_at_barrier(barrier, threads)
    for number in range(work.layers):
        j0, j1 = part_of_thread(layers[number].size, EIGHT, me, threads)
        call_unit(work.add_squares, work_at, layers_at, number, j0, j1)
    wait_at_barrier(barrier, threads)
    if not clip_norm(work, layers):
        return 0
    for number in range(work.layers):
        k0, k1 = part_of_thread(layers[number].rows, EIGHT, me, threads)
        in_bounds &= call_unit(work.update_weights, work_at, layers_at, number, k0, k1)
        call_unit(work.transpose, work_at, layers_at, number, k0, k1)
    return in_bounds


@inlined
def part_of_thread(count: Any, unit: Any, me: Any, threads: Any) -> Any:
    """Divide `count` among threads in multiples of `unit`; return the first and last of one part."""
    units = (count + unit - ONE) // unit
    return min(units * me // threads * unit, count), min(units * (me + ONE) // threads * unit, count)
