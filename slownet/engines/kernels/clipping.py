"""Clipping of gradients, by their norm and one by one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from slownet.engines.bounds import LARGEST
from slownet.engines.kernels.arguments import all_layers, works
from slownet.engines.machine.jit import ONE, ZERO, inlined, kernel
from slownet.engines.machine.memory import flags, floats, indices, naturals
from slownet.engines.machine.units import unit
from slownet.functions import clipping

clipped, norm_factor = inlined(clipping.clipped), inlined(clipping.norm_factor)


@unit
def add_squares(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Add up the squares of the mean gradients of some neurons of a layer, the bias first."""
    work, layer = works(work_at)[ZERO], all_layers(layers_at)[number]
    gradient, bias_gradient = floats(work.gradient), floats(work.bias_gradient)
    squares, mean_gradient = floats(work.squares), floats(work.mean_gradient)
    frozen_places, frozen_begin = indices(work.frozen_places), naturals(work.frozen_begin)
    column, factor = layer.column, work.mean_factor
    for j in range(first, last):
        mean = factor * bias_gradient[column + j]
        squares[column + j] = mean * mean if flags(work.bias_learns)[column + j] else 0.0
    for k in range(layer.rows):
        at, row = layer.weight + k * layer.pitch, layer.row + k
        for j in range(first, last):
            mean_gradient[j] = factor * gradient[at + j]
        if work.frozen_count:
            for f in range(frozen_begin[row], frozen_begin[row + ONE]):
                mean_gradient[np.uint64(frozen_places[f]) - at] = 0.0
        for j in range(first, last):
            squares[column + j] += mean_gradient[j] * mean_gradient[j]
    return 1


@kernel
def sum_of_squares(work: Any, layers: Any) -> Any:
    """Add up the sums of squares of all neurons."""
    squares, total = floats(work.squares), 0.0
    for number in range(work.layers):
        column = layers[number].column
        for j in range(layers[number].size):
            total += squares[column + j]
    return total


@kernel
def clip_norm(work: Any, layers: Any) -> Any:
    """Make the mean factor smaller if the norm of the mean gradients is too large.

    Return whether the norm is finite.
    """
    norm = math.sqrt(sum_of_squares(work, layers))
    work.mean_factor *= norm_factor(norm, work.clip_norm)
    return norm <= LARGEST
