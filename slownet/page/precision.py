"""Rounding of the page's numbers to a size budget, and the error it causes."""

from __future__ import annotations

import zlib
from bisect import bisect_left
from decimal import ROUND_UP, Decimal
from math import inf

import numpy as np
import numpy.typing as npt

from slownet.page.encoding import Floats, Grid, byte_planes, least_characters, moved
from slownet.page.facts import Errors
from slownet.page.structure import Structure

BUDGET = 1_500_000  # characters of data: with the rest, the page can be sent by mail
TARGET = 0.97 * BUDGET  # of the estimate, which seldom is too small
EXACT_BUDGET = 750_000  # up to here all numbers are kept as float64
BITS = range(6, 25)
SAMPLED_FRAMES = 5
SMALL_SHARE = 0.05  # layers with fewer of the weights are rounded much less
SMALL = 2000  # and so are layers with fewer weights than that
BIAS_GRID = Grid(6)
OTHER_BYTES = 60_000.0  # of samples, curves and predictions
LARGE = 1e6  # numbers above it are not rounded


def can_round(numbers: Floats) -> bool:
    """Whether all numbers are finite, and none is huge."""
    return bool(numbers.min(initial=0.0) > -LARGE and numbers.max(initial=0.0) < LARGE)  # nan is not


def fits_exactly(*arrays: Floats) -> bool:
    """Whether float64 takes so few bytes that rounding is not worth it."""
    return sum(numbers.nbytes for numbers in arrays) * 4 / 3 <= EXACT_BUDGET


def grids_for(
    structure: Structure, weights: Floats, biases: Floats, bits: int | None
) -> dict[int, Grid]:
    """Return the grids that the weights into each layer are rounded to; those of small layers are finer.

    With `bits`, numbers of large layers have at least 2^bits intervals; without, as many as fit the
    budget by estimate. It is larger for so many numbers that `read` would refuse a text of that budget.
    """
    target = max(TARGET, 1.2 * least_characters(weights.size + biases.size))
    parts = {layer: weights[:, span] for layer, span in structure.spans}
    largest = {layer: float(np.abs(part).max(initial=0.0)) for layer, part in parts.items()}
    least = max(SMALL, SMALL_SHARE * weights.shape[1])
    large = [layer for layer, part in parts.items() if part.shape[1] >= least]
    most = max((largest[layer] for layer in large or parts), default=1.0)

    def around(grid: Grid) -> dict[int, Grid]:
        finer = Grid(max(grid.digits + 2, 5))
        return {k: (grid if k in large else finer).coarse_enough_for(largest[k]) for k in parts}

    def fits(grid: Grid) -> bool:
        grids = around(grid)
        rounded = [(part, grids[layer]) for layer, part in parts.items()]
        return _estimate([*rounded, (biases, BIAS_GRID)]) <= target

    if bits is not None:
        return around(Grid.of_bits(bits, most))
    grids = [Grid.of_bits(16, most)]
    while 2.0 ** (BITS[0] - 1) < grids[-1].scale * most and grids[-1].coarser() != grids[-1]:
        grids.append(grids[-1].coarser())
    return around(grids[bisect_left(grids[:-1], True, key=fits)])


def _estimate(rounded: list[tuple[Floats, Grid]]) -> float:
    """Return about how many characters the page's data will take, from some of the frames."""
    frames = len(rounded[0][0])
    firsts = np.unique((np.arange(SAMPLED_FRAMES) + 0.5) / SAMPLED_FRAMES * (frames - 1)).astype(int)
    pairs = np.stack([firsts, np.minimum(firsts + 1, frames - 1)])
    share = (frames - 1) / len(firsts)
    size = OTHER_BYTES
    for numbers, grid in rounded:
        size += _packed_size(moved(grid.intervals(numbers[:1])))
        size += _packed_size(moved(grid.intervals(numbers[pairs]))[1]) * share
    return size * 4.0 / 3.0


def _packed_size(steps: npt.NDArray[np.uint32]) -> int:
    """Return how many bytes numbers take, packed in a quick way that is about 3 % worse."""
    packer = zlib.compressobj(strategy=zlib.Z_RLE)
    parts = [packer.compress(plane.tobytes()) for plane in byte_planes(steps)]
    return sum(map(len, [*parts, packer.flush()]))


def largest_errors(structure: Structure, weights: Floats, biases: Floats, most: int) -> Errors:
    """Return the largest errors of what the page computes for its samples, over all frames.

    The numbers of training are in the snapshots; those of the page are computed here as the page does.
    Errors are rounded up to two digits, which are the same on every machine.

    Parameters
    ----------
    structure : Structure
        Of the snapshots.
    weights, biases : array
        As the page has them.
    most : int
        How many samples are computed.
    """
    scene = structure.scene
    count = min(most, len(scene.samples))
    if not count:
        return {}
    outputs = int(structure.ends[-2]) - structure.inputs
    errors: dict[str, float] = {"z": 0.0, "value": 0.0, "output": 0.0}
    removed = structure.removed()
    for frame, snapshot in enumerate(scene.snapshots):
        ours, theirs = structure.connections.neurons[structure.graph_of(frame)]
        zs, values = structure.forward(
            weights[frame],
            biases[frame],
            scene.prepared[:count],
            None if removed is None else removed[frame],
        )
        columns = ours - structure.inputs
        z_error = np.abs(zs[:, columns] - np.array(snapshot.zs[:count])[:, theirs])
        value_error = np.abs(values[:, columns] - np.array(snapshot.values[:count])[:, theirs])
        for name, numbers in (
            ("z", z_error),
            ("value", value_error),
            ("output", value_error[:, columns >= outputs]),
        ):
            largest = float(np.nan_to_num(numbers, nan=inf).max(initial=0.0))
            errors[name] = max(errors[name], largest)
    return {
        "z": _rounded_up(errors["z"]),
        "value": _rounded_up(errors["value"]),
        "output": _rounded_up(errors["output"]),
    }


def _rounded_up(number: float) -> float:
    """Return a number rounded up to two significant digits."""
    if not 0.0 < number < inf:
        return number if number == 0.0 else LARGE
    near = Decimal(number)
    return float(near.quantize(Decimal(1).scaleb(near.adjusted() - 1), ROUND_UP))
