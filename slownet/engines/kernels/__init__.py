"""The kernels: forward, backward, gradients and updates over flat arrays, step after step.

They do what `slownet.passes` and `slownet.engines.scalar` do with objects, in the same order, for a
batch at a time. They stop when a number is out of bounds: the object loops take that step.

All arrays are flat, and rows are padded with zeros to a multiple of 8 (see `kernel_records.py`). A
`unit` gets the addresses of the two records, the number of a layer, and the first and last of the rows
(samples, sources or columns) to work on. Units call each other by address, so that each is compiled
once.
"""

from slownet.engines.kernels.backward_pass import backward
from slownet.engines.kernels.clipping import add_squares
from slownet.engines.kernels.forward_pass import forward
from slownet.engines.kernels.gradients import add_bias_gradients, add_gradients
from slownet.engines.kernels.random_numbers import permute
from slownet.engines.kernels.sending import judge, send
from slownet.engines.kernels.tiles import backward_in_tiles, forward_in_tiles
from slownet.engines.kernels.training import train
from slownet.engines.kernels.transposing import transpose
from slownet.engines.kernels.updates import (
    add_weight_squares,
    descend,
    descend_one_sample,
    update_biases,
    update_weights,
)

__all__ = [
    "add_bias_gradients",
    "add_gradients",
    "add_squares",
    "add_weight_squares",
    "backward",
    "backward_in_tiles",
    "descend",
    "descend_one_sample",
    "forward",
    "forward_in_tiles",
    "judge",
    "permute",
    "send",
    "train",
    "transpose",
    "update_biases",
    "update_weights",
]
