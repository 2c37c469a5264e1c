"""Fingerprints of data, by which a history recognises the data that it was trained with."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from slownet.checks import short
from slownet.errors import InvalidTypeError
from slownet.samples.inputs import ROWS_AT_ONCE, Samples


def fingerprint(
    samples: Samples, targets: Iterable[list[float]], weights: list[float] | None = None
) -> dict[str, str]:
    """Return the SHA-256 of the inputs (float64 numbers and shape), the targets and the weights."""
    import hashlib

    import numpy as np

    inputs = hashlib.sha256(f"{len(samples)}, {samples.width}".encode())
    for first in range(0, len(samples), ROWS_AT_ONCE):
        inputs.update(samples.block(first, first + ROWS_AT_ONCE).astype("<f8", copy=False).data)
    wanted = np.fromiter(chain.from_iterable(targets), "<f8")
    found = {"X": inputs.hexdigest(), "y": hashlib.sha256(wanted.data).hexdigest()}
    if weights is not None:
        found["sample_weight"] = hashlib.sha256(np.array(weights, "<f8").data).hexdigest()
    return found


def check_recordable(name: str, labels: Iterable[Any] | None) -> None:
    """Raise TypeError for labels that a file cannot hold."""
    for label in labels or ():
        parts = label if isinstance(label, list) else [label]
        if not all(part is None or type(part) in (str, int, float, bool) for part in parts):
            raise InvalidTypeError(
                f"{name} can be recorded as text and numbers only, not as {type(label).__name__}: "
                f"{short(label)}"
            )
