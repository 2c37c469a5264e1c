"""The two kinds of records that kernels read: one for each layer, and one for everything else.

A uint64 field is a whole number or the address of an array; a comment in square brackets says what the
array is indexed with. Arrays of neurons have one column for each neuron: first those after the input
layer, layer by layer, then the inputs. A layer has one matrix of weights: row k holds the weights from
source k to all of its neurons.
"""

from __future__ import annotations

import numpy as np

CHUNK = 256  # samples in the workspace at a time; a larger batch takes several rounds
SENT = 64  # samples that are sent forward at a time outside of training, so that their lists stay cached
NONE = 0xFFFFFFFF
DIRECT, TILED, LISTED = np.arange(3, dtype=np.uint64)  # sources: sparse inputs, adjacent or any columns
CLASS, YES_NO, SIGN, NUMBER = range(4)  # kinds of targets
TARGET_KINDS = {"class": CLASS, "binary": YES_NO, "sign": SIGN, "number": NUMBER}
FINISHED, OVERFLOWED = range(2)  # how the steps of a call end

UNITS = (
    "forward",
    "forward_in_tiles",
    "backward",
    "backward_in_tiles",
    "descend",
    "descend_one_sample",
    "add_gradients",
    "update_weights",
    "add_bias_gradients",
    "update_biases",
    "add_squares",
    "add_weight_squares",
    "transpose",
    "permute",
)
LAYER = np.dtype(  # one record for each layer after the inputs
    [
        ("size", np.uint64),  # number of neurons
        ("width", np.uint64),  # size, rounded up to a multiple of 8
        ("pitch", np.uint64),  # distance between two rows of its matrices, at least the width
        ("column", np.uint64),  # column of the first neuron
        ("kind", np.uint64),  # how the sources are found: DIRECT, TILED or LISTED
        ("rows", np.uint64),  # number of sources
        ("row", np.uint64),  # number of the first row, counted over all layers
        ("weight", np.uint64),  # index of the first row in `weights`
        ("backward_kind", np.uint64),  # the same four for the backward pass, whose sources are targets
        ("backward_rows", np.uint64),
        ("backward_row", np.uint64),
        ("backward_weight", np.uint64),  # index in `backward_weights`
        ("transposed", np.uint64),  # layer whose matrix, transposed, is in `backward_weights`, or NONE
        ("values_loop", np.uint64),  # address of the activation's loop
        ("deltas_loop", np.uint64),  # address of its derivative's loop
    ]
)
WORK = np.dtype(
    [
        # what training changes
        ("weights", np.uint64),  # rows of all layers
        ("backward_weights", np.uint64),  # the same weights, transposed for the backward pass
        ("gradient", np.uint64),  # gradient of each weight
        ("first", np.uint64),  # the optimizer's first number for each weight
        ("second", np.uint64),  # and its second
        ("bias", np.uint64),  # [column]
        ("bias_gradient", np.uint64),  # [column]
        ("bias_first", np.uint64),  # [column]
        ("bias_second", np.uint64),  # [column]
        # the graph
        ("layers", np.uint64),  # number of layers after the inputs
        ("source", np.uint64),  # [row] column of the source
        ("backward_source", np.uint64),  # [row of the backward pass] column of the target
        ("copies", np.uint64),  # number of weights that are copied to `backward_weights` one by one
        ("copy_to", np.uint64),  # [copy] index in `backward_weights`
        ("copy_from", np.uint64),  # [copy] index in `weights`
        ("frozen_count", np.uint64),  # number of places in `weights` that are frozen or hold no weight
        ("frozen_places", np.uint64),  # [f] index in `weights`
        ("frozen_begin", np.uint64),  # [row] first f of the row
        ("frozen_values", np.uint64),  # [f] the value to keep
        ("frozen_first", np.uint64),  # [f] the optimizer's numbers to keep
        ("frozen_second", np.uint64),
        ("bias_learns", np.uint64),  # [column] whether the bias is updated
        ("frozen_bias", np.uint64),  # [column] the bias to keep if it is not
        ("frozen_bias_first", np.uint64),
        ("frozen_bias_second", np.uint64),
        ("weight_number", np.uint64),  # [index in weights] place in `net.weights()`, for dropconnect
        ("backward_weight_number", np.uint64),  # [index in backward_weights] the same
        # the workspace: samples in progress, [row of the sample, column]
        ("stride", np.uint64),  # distance between two rows
        ("value_stride", np.uint64),  # distance between two rows of values, which may hold the inputs
        ("z", np.uint64),  # weighted input
        ("value", np.uint64),  # f(z), after dropout
        ("raw", np.uint64),  # f(z), before dropout
        ("delta", np.uint64),  # dL/dz
        ("keep", np.uint64),  # factor of dropout
        ("loss", np.uint64),  # [row of the sample]
        ("is_correct", np.uint64),  # [row of the sample] whether the prediction was correct
        ("squares", np.uint64),  # [column] sum of the squares of a neuron's mean gradients, or weights
        ("zero_error", np.uint64),  # [row of the sample] whether all output deltas are 0
        ("overflowed", np.uint64),  # [0] a number is out of bounds; [1] an update was not finite
        ("zeros", np.uint64),  # a row of zeros
        # scratch arrays, one set for each thread
        ("index", np.uint64),  # list of nonzero numbers: their indices
        ("listed", np.uint64),  # and their values
        ("bucket_end", np.uint64),  # [input] end of the input's bucket, which lists its nonzero samples
        ("bucket_size", np.uint64),  # capacity of a bucket
        ("bucket_sample", np.uint64),  # [entry] index of the sample
        ("bucket_value", np.uint64),  # [entry] value of the input in that sample
        ("mean_gradient", np.uint64),  # gradients of one row, divided by the size of the batch
        # the samples
        ("samples", np.uint64),  # number of samples
        ("inputs", np.uint64),  # number of inputs of a sample
        ("is_dense", np.uint64),  # whether `dense` holds the inputs, or the next three arrays
        ("start", np.uint64),  # [sample] where its inputs begin in the next two arrays
        ("input_index", np.uint64),  # which input it is
        ("input", np.uint64),  # its value, which is not 0
        ("dense", np.uint64),  # [sample, input]
        ("target", np.uint64),  # [sample, output]
        ("order", np.uint64),  # [place in the epoch] index of the sample
        ("is_weighted", np.uint64),  # whether samples have weights
        ("sample_weight", np.uint64),  # [sample] what its loss counts
        # samples that are sent forward outside of training
        ("is_unread", np.uint64),  # whether `dense` holds a block of samples that are yet to be checked
        ("kept_z", np.uint64),  # [sample, output] z of each output
        ("kept_value", np.uint64),  # and its value
        # options of the training
        ("batch_size", np.uint64),
        ("shuffle", np.uint64),
        ("seed", np.uint64),
        ("dropout", np.float64),
        ("dropconnect", np.float64),
        ("clip_norm", np.float64),  # the largest norm of the mean gradients, or 0
        ("clip_value", np.float64),  # the largest mean gradient, or 0
        ("alpha", np.float64),  # strength of the penalty that is a term of the batch's sum of losses
        ("plain", np.uint64),  # whether it is plain gradient descent without penalties
        ("outputs", np.uint64),  # number of outputs
        ("output", np.uint64),  # column of the first output
        ("target_kind", np.int64),
        ("partner", np.uint64),  # whether activation and loss are partners: slopes are deltas already
        ("slope_factor", np.float64),  # 1 / outputs if the loss is a mean over outputs, else 1
        ("mean", np.int64),  # whether it is a mean
        ("loss_loop", np.uint64),  # addresses of loops
        ("slopes_loop", np.uint64),
        ("update_loop", np.uint64),
        ("penalties", np.uint64),  # number of penalties
        ("penalty_loops", np.uint64),  # [penalty] address
        ("strengths", np.uint64),  # [penalty] strength
        # addresses of the units
        *((name, np.uint64) for name in UNITS),
        # the call, and where it is
        ("threads", np.uint64),  # number of threads
        ("step", np.uint64),  # from 1; 0 outside of training: then nothing is dropped
        ("at", np.uint64),  # place in `order` of the first sample in the workspace
        ("offset", np.uint64),  # place of that sample in its batch
        ("count", np.uint64),  # number of samples in the workspace
        ("rate", np.float64),  # learning rate
        ("mean_factor", np.float64),  # 1 / size of the batch or sum of weights; 0 if nothing changes
        ("penalty_share", np.float64),  # alpha, divided by the size of the batch or sum of weights
        ("factors", np.uint64),  # [step] the same, where samples have weights
        ("step_constants", np.uint64),  # the optimizer's constants of this step
        ("first_step", np.uint64),  # number of the first step, from 0
        ("steps", np.uint64),  # number of steps to take
        ("rates", np.uint64),  # [step] learning rate
        ("constants", np.uint64),  # [step, constant] the optimizer's constants
        ("constants_per_step", np.uint64),
        ("losses", np.uint64),  # [step] sum of the samples' losses
        ("correct", np.uint64),  # [step] number of correct predictions
        ("epoch", np.uint64),  # [0] the epoch that `order` is of
        ("draws", np.uint64),  # [sample] random integer that it is ordered by
        ("draw_buckets", np.uint64),  # [highest bits of a draw] first place in `order`
        ("barrier", np.uint64),  # counters that threads wait at
        ("outcome", np.uint64),  # [0] number of steps taken, [1] how they ended
    ]
)
