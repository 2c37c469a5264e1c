"""Other sets of points for a net of two inputs, which a reader can choose."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from slownet import datasets
from slownet.page.encoding import Floats
from slownet.samples import Preparation

CLASSES = ("xor", "moons", "circles", "gaussians", "spirals")
NUMBERS = ("plane", "multi_gaussian")
TWO = 2


def point_sets(
    inputs: int, outputs: int, target_kind: str, preparation: Preparation | None
) -> Iterator[tuple[str, Floats, Floats]]:
    """Yield the name, the inputs and the targets of each set that such a net can learn.

    Targets are one number for each output. There are none for the columns of a table.
    """
    if inputs != TWO or preparation is not None or (target_kind != "class" and outputs != 1):
        return
    for name in NUMBERS if target_kind == "number" else CLASSES:
        X, y = getattr(datasets, name)()
        targets = np.array(y, np.float64).reshape(-1, 1)
        if target_kind == "sign":
            targets = 2.0 * targets - 1.0
        if target_kind == "class":
            targets = np.eye(outputs)[y]
        yield name, X, targets
