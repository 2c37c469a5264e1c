"""What the kernels know of a net, its samples and the training: two kinds of records.

An array is given by its address; the comment says what it is indexed with. Where arrays are those of a
sample, a neuron has its column: those after the inputs come first, layer by layer, then the inputs. A
layer has a matrix of weights, whose row k holds those from source k to all its neurons.
"""

from __future__ import annotations

import numpy as np

SLAB = 256  # samples that are under way at a time; a larger batch takes several rounds
NONE = 0xFFFFFFFF
DIRECT, TILED, LISTED = np.arange(3, dtype=np.uint64)  # a list of inputs, columns in a row, any columns
CLASS, YES_NO, SIGN, NUMBER = range(4)  # kinds of targets
FINISHED, BROKEN = range(2)  # how steps end: well, or with a number out of bounds

UNITS = (
    "forward",
    "backward",
    "descend",
    "descend_after_one",
    "add_gradients",
    "update_rows",
    "add_bias_gradients",
    "update_biases",
    "turn",
    "permute",
)
LAYER = np.dtype(  # one record a layer after the inputs
    [
        ("size", np.uint64),  # neurons
        ("width", np.uint64),  # the same, padded
        ("column", np.uint64),  # of the first neuron
        ("kind", np.uint64),  # where the sources are: DIRECT, TILED or LISTED
        ("rows", np.uint64),  # sources
        ("row", np.uint64),  # number of the first row among those of all layers
        ("weight", np.uint64),  # where the first row begins in `weights`
        ("back_kind", np.uint64),  # the same for the way back, where the sources are deltas
        ("back_rows", np.uint64),
        ("back_row", np.uint64),
        ("back_weight", np.uint64),  # in `back`
        ("turned", np.uint64),  # the layer whose matrix, transposed, is the one in `back`; or NONE
        ("values", np.uint64),  # addresses of the loops of the activation
        ("deltas", np.uint64),
        ("tested", np.float64),  # how large its z may be
    ]
)
WORK = np.dtype(  # everything else; an array is given by its address
    [
        # what training changes, in rows of weights or [column]
        ("weights", np.uint64),
        ("back", np.uint64),  # the same weights transposed, for the way back
        ("gradient", np.uint64),
        ("first", np.uint64),  # what the optimizer remembers
        ("second", np.uint64),
        ("bias", np.uint64),
        ("bias_gradient", np.uint64),
        ("bias_first", np.uint64),
        ("bias_second", np.uint64),
        # the graph
        ("layers", np.uint64),  # how many
        ("source", np.uint64),  # [row] column of the source
        ("back_source", np.uint64),
        ("turns", np.uint64),  # how many weights of `back` are in none of the turned matrices;
        ("turn_to", np.uint64),  # [k] where they stand in `back`,
        ("turn_from", np.uint64),  # [k] and in `weights`
        ("fixes", np.uint64),  # how many places in `weights` do not learn: frozen, or no weight at all
        ("fixed", np.uint64),  # [f] these places
        ("fixed_row", np.uint64),  # [row] the first f of the row
        ("held", np.uint64),  # [f] what stands there, and what the optimizer remembers of it
        ("held_first", np.uint64),
        ("held_second", np.uint64),
        ("learns", np.uint64),  # [column] whether the bias does
        ("held_bias", np.uint64),
        ("held_bias_first", np.uint64),
        ("held_bias_second", np.uint64),
        ("number", np.uint64),  # [place in weights] the number of a weight, for dropconnect
        ("back_number", np.uint64),
        # samples under way, [row of sample, column]
        ("stride", np.uint64),  # from row to row
        ("value_stride", np.uint64),  # the same for values, where the inputs may follow
        ("z", np.uint64),
        ("value", np.uint64),  # f(z) as the next layer hears it
        ("raw", np.uint64),  # f(z) before dropout
        ("delta", np.uint64),
        ("keep", np.uint64),  # dropout
        ("loss", np.uint64),  # [row of sample]
        ("right", np.uint64),
        ("silent", np.uint64),  # whether no output has an error
        ("odd", np.uint64),  # [0] whether a number went out of bounds, [1] or did in the update
        ("zeros", np.uint64),
        # scratch paper, each thread its own
        ("index", np.uint64),  # a list of numbers and where they are
        ("listed", np.uint64),
        ("ends", np.uint64),  # [input] where its entries end in the next two, where each has its drawer:
        ("drawer", np.uint64),  # how long that is
        ("filed", np.uint64),  # in which sample it is,
        ("amount", np.uint64),  # and how much
        ("slope", np.uint64),
        # the samples
        ("samples", np.uint64),  # how many
        ("inputs", np.uint64),
        ("is_dense", np.uint64),
        ("start", np.uint64),  # [sample] where its inputs begin in the next two
        ("input_index", np.uint64),
        ("input", np.uint64),
        ("dense", np.uint64),  # or all of them
        ("target", np.uint64),
        ("order", np.uint64),  # which sample comes when
        # how to train
        ("batch_size", np.uint64),
        ("shuffle", np.uint64),
        ("seed", np.uint64),
        ("dropout", np.float64),
        ("dropconnect", np.float64),
        ("plain", np.uint64),  # plain gradient descent without penalties
        ("outputs", np.uint64),
        ("output", np.uint64),  # column of the first
        ("target_kind", np.int64),
        ("partner", np.uint64),  # the slopes are the deltas already
        ("share", np.float64),  # what slopes are multiplied with
        ("mean", np.int64),
        ("tested", np.float64),
        ("loss_loop", np.uint64),  # addresses of loops
        ("slopes_loop", np.uint64),
        ("update_loop", np.uint64),
        ("penalties", np.uint64),  # how many
        ("penalty_loops", np.uint64),
        ("strengths", np.uint64),
        # the units below, by address
        *((name, np.uint64) for name in UNITS),
        # a call, and where it is
        ("threads", np.uint64),
        ("step", np.uint64),  # from 1; 0 is no training
        ("at", np.uint64),  # place in `order` of the first sample under way
        ("offset", np.uint64),  # its place in the batch
        ("count", np.uint64),  # samples under way
        ("rate", np.float64),
        ("division", np.float64),  # 1 / samples of the batch
        ("settings", np.uint64),  # the optimizer's constants of this step
        ("first_step", np.uint64),
        ("steps", np.uint64),
        ("rates", np.uint64),  # [step]
        ("constants", np.uint64),
        ("constants_each", np.uint64),  # how many a step
        ("totals", np.uint64),  # [step] the sum of the losses
        ("rights", np.uint64),
        ("epoch", np.uint64),  # [0] of which epoch `order` is
        ("draws", np.uint64),
        ("heaps", np.uint64),
        ("meeting", np.uint64),
        ("outcome", np.uint64),  # [0] how many steps were taken, [1] how they ended
    ]
)
