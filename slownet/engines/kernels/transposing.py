"""The transposed copies of the weights, which the backward pass reads."""

from __future__ import annotations

from typing import Any

from slownet.engines.kernels.arguments import all_layers, works
from slownet.engines.machine.inner import transpose_block
from slownet.engines.machine.jit import EIGHT, ZERO, kernel
from slownet.engines.machine.memory import floats, indices
from slownet.engines.machine.units import unit


@unit
def transpose(work_at: Any, layers_at: Any, number: Any, first: Any, last: Any) -> Any:
    """Copy rows of a layer's matrix into columns of `backward_weights`."""
    work, layers = works(work_at)[ZERO], all_layers(layers_at)
    weights, backward_weights = floats(work.weights), floats(work.backward_weights)
    layer = layers[number]
    for before in range(number):
        earlier = layers[before]
        if earlier.transposed == number:
            for k in range(first, last, EIGHT):
                for j in range(ZERO, layer.width, EIGHT):
                    transpose_block(
                        backward_weights, earlier.backward_weight + j * earlier.pitch + k, earlier.pitch,
                        weights, layer.weight + k * layer.pitch + j, layer.pitch,
                    )  # fmt: skip
    return 1


@kernel
def copy_others(work: Any) -> None:
    """Copy the weights that are in no transposed matrix, one by one."""
    backward_weights, weights = floats(work.backward_weights), floats(work.weights)
    to, source = indices(work.copy_to), indices(work.copy_from)
    for k in range(work.copies):
        backward_weights[to[k]] = weights[source[k]]
