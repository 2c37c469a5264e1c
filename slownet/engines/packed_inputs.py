"""The samples as arrays for the kernels: lists of nonzero inputs, or dense rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from slownet.engines.bounds import LIMIT
from slownet.engines.kernels.nonzero import list_numbers
from slownet.engines.machine.jit import ONE, entry
from slownet.engines.machine.threads import share
from slownet.engines.output_arrays import target_array

if TYPE_CHECKING:
    from slownet.samples import Samples

Array = npt.NDArray[Any]
BLOCK = 1024  # samples that are converted at a time, a multiple of SENT
TRIED = 50  # samples, about, by which it is decided whether to list nonzero inputs
SPARSE = 0.4  # up to this share of nonzero inputs, only these are listed


class Inputs:
    """Samples and their targets in arrays, converted once for a training.

    Attributes
    ----------
    fields : dict
        The fields of a record that describe them.
    sparse : bool
        Whether the arrays list the nonzero inputs only.
    in_bounds : bool
        Whether all inputs are within the bounds of the kernels.

    Parameters
    ----------
    samples : Samples
        The samples.
    targets : sequence of list of float
        One number for each output neuron, for every sample.
    sparse : bool, optional
        Whether to list the nonzero inputs only; None chooses the smaller form.
    threads : int
        How many threads convert the samples.

    Raises
    ------
    ValueError
        If a number is not finite.
    """

    def __init__(
        self,
        samples: Samples,
        targets: Sequence[list[float]] = (),
        sparse: bool | None = None,
        threads: int = 1,
    ) -> None:
        count, width = len(samples), samples.width
        start = np.zeros(count + 1, np.uint64)
        counted = _each_block(lambda first, block: _count(block, start, first, LIMIT), samples, threads)
        self.in_bounds = all(counted)
        if not self.in_bounds:
            samples.check()
        np.cumsum(start, out=start)
        found = int(start[-1])
        self.sparse = found <= SPARSE * count * width if sparse is None else sparse
        index, number, dense = np.zeros(0, np.uint32), np.zeros(0), np.zeros(0)
        if self.sparse:
            index, number = np.empty(found, np.uint32), np.empty(found)
            _each_block(
                lambda first, block: _list(block.reshape(-1), width, start, first, index, number),
                samples,
                threads,
            )
        else:
            dense = samples.block(0, count)
        self.fields: dict[str, Any] = {
            "samples": count,
            "inputs": width,
            "is_dense": not self.sparse,
            "start": start,
            "input_index": index,
            "input": number,
            "dense": dense,
            "target": target_array(targets),
            "order": np.arange(count, dtype=np.uint32),
        }


def are_sparse(samples: Samples) -> bool:
    """Whether listing the nonzero inputs pays, as a few samples show."""
    places = range(0, len(samples), max(1, len(samples) // TRIED))
    tried = [samples.block(place, place + 1) for place in places]
    found = sum(map(np.count_nonzero, tried))
    return bool(found <= SPARSE * samples.width * len(tried))


def _each_block(work: Callable[[int, Array], Any], samples: Samples, threads: int) -> list[Any]:
    """Do work for one block of samples at a time; return the results in order."""
    found: dict[int, Any] = {}

    def of_block(_me: int, first: int) -> None:
        found[first] = work(first, samples.block(first, first + BLOCK))

    starts = range(0, len(samples), BLOCK)
    share(of_block, starts, min(threads, len(starts)))
    return [found[first] for first in starts]


@entry
def _count(block: Any, start: Any, first: int, limit: float) -> bool:
    """Count the nonzero numbers in each row; return whether all are within bounds."""
    overflowed = 0
    for r in range(block.shape[0]):
        found = 0
        for i in range(block.shape[1]):
            x = block[r, i]
            found += x != 0.0
            overflowed += not abs(x) <= limit
        start[first + r + 1] = found
    return overflowed == 0


@entry
def _list(block: Any, width: int, start: Any, first: int, index: Any, number: Any) -> None:
    """List the nonzero numbers."""
    size = np.uint64(width)
    for r in range(np.uint64(len(block)) // size):
        at, end = start[first + r], start[first + r + ONE]  # the next place may be another thread's
        list_numbers(block, r * size, size, index, number, at, end, LIMIT)
