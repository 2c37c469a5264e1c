"""Working arrays of the kernels: for the samples in progress, and for each thread."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from slownet.engines.kernel_records import CHUNK
from slownet.engines.layout import Layout
from slownet.engines.machine.jit import aligned
from slownet.engines.matrix import apart, padded

Array = npt.NDArray[Any]


class Workspace:
    """Arrays for the samples in progress, one row for each.

    Attributes
    ----------
    fields : dict
        The fields of a record that describe it.
    overflowed : array
        Nonzero where the kernels have noticed a number out of bounds.

    Parameters
    ----------
    layout : Layout
        The columns of the neurons.
    rows : int
        The largest number of samples.
    dropout : bool
        Whether neurons are dropped.
    """

    def __init__(self, layout: Layout, rows: int, dropout: bool = False) -> None:
        value_stride = layout.stride
        if layout.needs_inputs:
            value_stride = apart(value_stride + padded(layout.inputs))
        value = aligned(rows * value_stride)
        self._columns = layout.columns
        self._strides = {"z": layout.stride, "value": value_stride, "delta": layout.stride}
        self.overflowed = np.zeros(2, np.int64)
        self.fields: dict[str, Any] = {
            "value_stride": value_stride,
            "z": aligned(rows * layout.stride),
            "value": value,
            "raw": aligned(rows * value_stride) if dropout else value,
            "delta": aligned(rows * layout.stride),
            "keep": aligned(rows * layout.stride if dropout else 8),
            "loss": np.zeros(rows),
            "is_correct": np.zeros(rows, np.int64),
            "zero_error": np.zeros(rows, np.uint8),
            "overflowed": self.overflowed,
            "squares": aligned(layout.stride),
            "zeros": aligned(max(layout.widths)),
        }

    def rows(self, name: str) -> Array:
        """Return z, value or delta as [row of the sample, neuron after the inputs]."""
        rows: Array = self.fields[name].reshape(-1, self._strides[name])[:, self._columns]
        return rows


def scratch(layout: Layout, samples: int = 0) -> dict[str, Any]:
    """Make the scratch arrays of a thread, with buckets for so many samples; return them as fields."""
    matrices = (*layout.incoming, *layout.outgoing)
    longest = max(CHUNK, *(len(matrix.columns) for matrix in matrices)) + 8
    # buckets a power of two apart would compete for the same cache lines
    bucket_size = samples + 3 if samples else 0
    return {
        "index": np.zeros(longest, np.uint32),
        "listed": np.zeros(longest),
        "bucket_end": np.zeros(layout.inputs, np.uint64),
        "bucket_size": bucket_size,
        "bucket_sample": np.zeros(layout.inputs * bucket_size, np.uint32),
        "bucket_value": np.zeros(layout.inputs * bucket_size),
        "mean_gradient": aligned(layout.stride),
    }
