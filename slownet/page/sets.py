"""Other sets of points for a net of two inputs, which a reader can choose."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from slownet import datasets
from slownet.functions import AnyActivation, Loss
from slownet.page.encoding import Floats
from slownet.samples import Preparation

CLASSES = ("xor", "moons", "circles", "gaussians", "spirals")
NUMBERS = ("plane", "multi_gaussian")
TWO = 2


def target_range(loss: Loss, activation: AnyActivation) -> tuple[float, float]:
    """Return the smallest and the largest number to learn, as a number of the net."""
    pairs = loss.target_domain, activation.range
    return max(low for low, _ in pairs), min(high for _, high in pairs)


def point_sets(
    inputs: int,
    outputs: int,
    target_kind: str,
    bounds: tuple[float, float],
    preparation: Preparation | None,
) -> Iterator[tuple[str, Floats, Floats]]:
    """Yield the name, the inputs and the targets of each set that such a net can learn.

    Targets are one number for each output, in the bounds of `target_range`. There are none for the
    columns of a table.
    """
    fits = outputs > 1 if target_kind == "class" else outputs == 1
    if inputs != TWO or preparation is not None or not fits:
        return
    for name in NUMBERS if target_kind == "number" else CLASSES:
        X, y = getattr(datasets, name)()
        targets = np.array(y, np.float64).reshape(-1, 1)
        if target_kind == "sign":
            targets = 2.0 * targets - 1.0
        if target_kind == "class":
            targets = np.eye(outputs)[y]
        if target_kind == "number" and not bounds[0] <= targets.min() <= targets.max() <= bounds[1]:
            continue
        yield name, X, targets
