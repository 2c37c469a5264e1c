"""How fine the numbers of a page are kept so that they fit, and how far off that leaves the page."""

from __future__ import annotations

import zlib
from bisect import bisect_left
from decimal import ROUND_UP, Decimal
from math import inf

import numpy as np
import numpy.typing as npt

from slownet.page.encoding import Floats, Grid, moved, planes
from slownet.page.structure import Structure

BUDGET = 1_500_000  # characters of data, that fit into a mail with plotly.js
GUESSED = 0.97 * BUDGET  # of what is only guessed, so that it seldom has to be done again
EXACT_BUDGET = 750_000  # up to here float64 is taken without asking
BITS = range(6, 25)
TRIED = 5  # frames from which it is guessed how small all will become
SMALL_SHARE = 0.05  # layers with fewer of the weights are kept much finer
SMALL = 2000  # and so are layers with fewer weights than that, which cost little anyway
OF_BIASES = Grid(6)
OTHERS = 60_000.0  # bytes of samples, curves and predictions
LARGE = 1e6  # above it, numbers are kept as float64


def is_tame(numbers: Floats) -> bool:
    """Whether numbers can be rounded: all finite, and none huge."""
    return bool(numbers.min(initial=0.0) > -LARGE and numbers.max(initial=0.0) < LARGE)  # nan is not


def fits_exactly(*arrays: Floats) -> bool:
    """Whether float64 takes so little room that nobody needs to ask for it."""
    return sum(numbers.nbytes for numbers in arrays) * 4 / 3 <= EXACT_BUDGET


def grids_for(
    structure: Structure, weights: Floats, biases: Floats, bits: int | None
) -> dict[int, Grid]:
    """Return how fine the weights into each layer are kept: small layers much finer.

    With `bits`, large ones are split into 2^bits intervals at least; without, as finely as fits.
    """
    sizes = {layer: span.stop - span.start for layer, span in structure.spans}
    least = max(SMALL, SMALL_SHARE * weights.shape[1])
    large = [layer for layer, size in sizes.items() if size >= least]
    most = {layer: float(np.abs(weights[:, span]).max(initial=0.0)) for layer, span in structure.spans}
    largest = max((most[layer] for layer in large or sizes), default=1.0)
    of_large = Grid.of_bits(16 if bits is None else bits, largest)
    if bits is None:
        parts = {layer: weights[:, span] for layer, span in structure.spans}
        grids = [of_large]
        while 2.0 ** (BITS[0] - 1) < grids[-1].scale * largest and grids[-1].coarser() != grids[-1]:
            grids.append(grids[-1].coarser())
        fits = bisect_left(
            grids[:-1], True, key=lambda grid: _size(grid, large, parts, biases) <= GUESSED
        )
        of_large = grids[fits]
    fine = _finer(of_large)
    return {k: (of_large if k in large else fine).holding(most[k]) for k in sizes}


def _size(grid: Grid, large: list[int], parts: dict[int, Floats], biases: Floats) -> float:
    """Return about how many characters the page's data will take, from some of the frames."""
    frames = len(biases)
    firsts = np.unique((np.arange(TRIED) + 0.5) / TRIED * (frames - 1)).astype(int)
    pairs = np.stack([firsts, np.minimum(firsts + 1, frames - 1)])
    share = (frames - 1) / len(firsts)
    size = OTHERS
    for numbers, its in [
        *((part, grid if layer in large else _finer(grid)) for layer, part in parts.items()),
        (biases, OF_BIASES),
    ]:
        size += _packed(moved(its.intervals(numbers[:1])))
        size += _packed(moved(its.intervals(numbers[pairs]))[1]) * share
    return size * 4.0 / 3.0


def measured(structure: Structure, weights: Floats, biases: Floats, most: int) -> dict[str, float]:
    """Return how far off what the page computes is, at most, for its samples in any frame.

    What training had is in the snapshots; what the page computes is computed here as it does. Two digits
    of that will do, rounded up, and they are the same on every machine.

    Parameters
    ----------
    structure : Structure
        Of the snapshots.
    weights, biases : array
        As the page has them.
    most : int
        How many of the samples are looked at.
    """
    scene = structure.scene
    count = min(most, len(scene.samples))
    if not count:
        return {}
    outputs = int(structure.ends[-2]) - structure.inputs
    off = {"z": 0.0, "value": 0.0, "output": 0.0}
    for frame, snapshot in enumerate(scene.snapshots):
        ours, theirs = structure.neurons[structure.graph_of(frame)]
        zs, values = structure.forward(weights[frame], biases[frame], scene.samples[:count])
        columns = ours - structure.inputs
        apart_z = np.abs(zs[:, columns] - np.array(snapshot.zs[:count])[:, theirs])
        apart = np.abs(values[:, columns] - np.array(snapshot.values[:count])[:, theirs])
        for name, numbers in (
            ("z", apart_z),
            ("value", apart),
            ("output", apart[:, columns >= outputs]),
        ):
            off[name] = max(off[name], float(np.nan_to_num(numbers, nan=inf).max(initial=0.0)))
    return {name: _up(number) for name, number in off.items()}


def _packed(steps: npt.NDArray[np.uint32]) -> int:
    """Return about how many bytes numbers take; a way to pack that is quick, and 3 % too large."""
    packer = zlib.compressobj(strategy=zlib.Z_RLE)
    return sum(len(packer.compress(plane.tobytes())) for plane in planes(steps)) + len(packer.flush())


def _up(number: float) -> float:
    """Return a number rounded up to two digits that count."""
    if not 0.0 < number < inf:
        return number if number == 0.0 else LARGE
    near = Decimal(number)
    return float(near.quantize(Decimal(1).scaleb(near.adjusted() - 1), ROUND_UP))


def _finer(grid: Grid) -> Grid:
    """Return how fine small layers are kept where large ones are kept like this."""
    return Grid(max(grid.digits + 2, 5))
