"""What the facts of a page name, held against what the page holds, before any of it is made.

What would take much memory or time is refused here; other wrong facts are found when the page is
compared with what training gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import ceil

import numpy as np

from slownet.errors import FormatError
from slownet.layers import weight_count
from slownet.page.digests import MOST_LOSSES
from slownet.page.planning import MOST_NUMBERS, MOST_TRAINED, MOST_WEIGHTS
from slownet.page.reading import Page
from slownet.page.recorded import curve_places
from slownet.plotting.lines import thinned
from slownet.recording import snapshot_steps
from slownet.training.options import Options

MOST_STEPS = 10**8  # their losses alone take 3 GB
STEPS = 10_000  # that any page may name
WEIGHTS = 200_000  # of a net that any page may name
SIGNS = 6  # weights that a character may stand for: even the sign of a drawn weight takes a bit
NUMBERS = 10_000_000  # in snapshots that any page may name

Stretches = list[tuple[int, int]]


def check_bounds(page: Page, options: Options, stretches: Stretches, samples: int) -> None:
    """Raise FormatError if a page names more than it can be of.

    Parameters
    ----------
    page : Page
        The page.
    options : Options
        Its options.
    stretches : list of (int, int)
        The last step and the number of epochs of each stretch of the training.
    samples : int
        How many samples there are to train on.
    """
    ends = [0, *(last for last, _ in stretches)]
    if any(end < begin for begin, end in pairwise(ends)):
        raise FormatError(
            f"its training cannot have ended at the steps {ends[1:]!r:.200}, one after another"
        )
    _check_steps(page, ends[-1])
    _check_snapshots(page, options, stretches, ceil(samples / options.batch_size))


def _check_steps(page: Page, last: int) -> None:
    if page.facts["frames"] == 0:
        digests = len(page.arrays["digests of losses"])
        if last > MOST_TRAINED or (last > STEPS and digests < MOST_LOSSES // 2):
            raise FormatError(
                f"it says that {last:,} steps were made, and has {digests} digests of them"
            )
        return
    array = page.arrays.get("loss training")
    points = 0 if array is None else int(array.shape[-1])
    most = min(last, MOST_STEPS)
    if last > MOST_STEPS or (last > STEPS and points < len(curve_places(len(thinned(most, True))))):
        raise FormatError(f"it says that {last:,} steps were made, and has {points} losses")


def _check_snapshots(page: Page, options: Options, stretches: Stretches, steps_per_epoch: int) -> None:
    planned: set[int] = set()
    begin = 0
    for last, epochs in stretches:
        every = snapshot_steps(options.snapshots, steps_per_epoch * epochs)
        planned.update(step for step in every if begin <= step <= last)
        begin = last
    numbers = len(planned) * sum(_weights(page))
    if page.facts["frames"] == 0:
        if numbers > MOST_NUMBERS:
            raise FormatError(f"it plans {len(planned):,} snapshots, and has none")
        return
    frames = min(len(page.arrays[f"weights {layer['id']}"]) for layer in page.facts["layers"][1:])
    if len(planned) > frames + 2 * len(stretches) and numbers > NUMBERS:
        raise FormatError(f"it plans {len(planned):,} snapshots, and has {frames:,}")


def _weights(page: Page) -> list[int]:
    """Return how many weights there are into each layer after the inputs."""
    layers = page.facts["layers"][1:]
    if page.facts["frames"]:
        return [int(page.arrays[f"weights {layer['id']}"].shape[-1]) for layer in layers]
    ends = [*accumulate((len(layer["neurons"]) for layer in layers), initial=0)]
    into = page.arrays["start"].astype(np.int64)
    return [int(into[begin:end].sum()) for begin, end in pairwise(ends)]


def check_sizes(page: Page, sizes: Sequence[int]) -> None:
    """Raise FormatError if the net that a page begins with is larger than what the page holds of it.

    Parameters
    ----------
    page : Page
        The page.
    sizes : sequence of int
        The number of neurons of each layer, inputs first.
    """
    found = [len(layer["neurons"]) for layer in page.facts["layers"]]
    if len(sizes) != len(found) or any(size > most for size, most in zip(sizes, found, strict=True)):
        raise FormatError(f"its initial net has more neurons than the {found!r:.200} of the page")
    known = sum(_weights(page))
    if not page.facts["frames"] and known != len(page.arrays["source"]):
        raise FormatError(
            f"start, source: it says that there are {known:,} weights, and where "
            f"{len(page.arrays['source']):,} come from"
        )
    for (before, after), weights in zip(pairwise(sizes), _weights(page), strict=True):
        if before * after > weights:
            raise FormatError(
                f"its layers of {before:,} and {after:,} neurons have {before * after:,} weights, "
                f"and it has numbers of {weights:,}"
            )
    if not page.facts["frames"] and weight_count(sizes) > MOST_WEIGHTS:
        raise FormatError(f"its net has {weight_count(sizes):,} weights, more than trains in a page")
    if weight_count(sizes) > WEIGHTS + SIGNS * page.packed:
        raise FormatError(
            f"its net has {weight_count(sizes):,} weights, and all its numbers take {page.packed:,} "
            "characters"
        )
