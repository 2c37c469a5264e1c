"""The loss of a sample, and whether its prediction is correct."""

from __future__ import annotations

from typing import Any

import numpy as np

from slownet.engines.kernel_records import CLASS, SIGN
from slownet.engines.kernels.arguments import call_loss
from slownet.engines.machine.jit import ZERO, kernel
from slownet.engines.machine.memory import address_of, floats, indices, integers


@kernel
def compute_loss(work: Any, r0: Any, r1: Any) -> None:
    """Compute the loss of samples after the forward pass, and whether predictions are correct."""
    z, value, target = floats(work.z), floats(work.value), floats(work.target)
    order = indices(work.order)
    loss, is_correct, outputs = floats(work.loss), integers(work.is_correct), work.outputs
    middle = 0.0 if work.target_kind == SIGN else 0.5
    for r in range(r0, r1):
        at, target_at = r * work.value_stride + work.output, np.uint64(order[work.at + r]) * outputs
        loss[r] = call_loss(
            work.loss_loop,
            address_of(z, r * work.stride + work.output),
            address_of(value, at),
            address_of(target, target_at),
            outputs,
            work.mean,
        )
        if work.is_weighted:
            weight = floats(work.sample_weight)[np.uint64(order[work.at + r])]
            loss[r] = loss[r] * weight if weight != 0.0 else 0.0
        predicted = true = ZERO  # the first of the largest
        all_agree = True
        for j in range(outputs):
            if value[at + j] > value[at + predicted]:
                predicted = j
            if target[target_at + j] > target[target_at + true]:
                true = j
            all_agree &= (value[at + j] > middle) == (target[target_at + j] > middle)
        is_correct[r] = predicted == true if work.target_kind == CLASS else all_agree
