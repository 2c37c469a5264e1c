"""Certificates: what a comparison of a net with an exported one has found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Certificate:
    """What a comparison of a net with an exported one has found; it is false where they differ.

    Attributes
    ----------
    kind : str
        What was exported: "ONNX file", ...
    tolerance : float
        The relative difference up to which numbers count as equal; 0 where all bits must be the same.
    inputs : dict
        {kind of input: how many}: random and wide ones, edges, gaps.
    left_out : int
        How many inputs overflow in the net, and were not compared.
    largest_difference, largest_relative : float
        Of the outputs. Relative is to the largest number that occurs in the net for an input, in the
        unit of the output, or to 1 where all are smaller.
    gradients : tuple of float or None
        The same two of the gradients of weights and biases, relative to the largest one of an input, or
        to 1 where all are smaller; None where there are none, as where all is frozen.
    weights : int or None
        How many weights and biases were compared themselves; None where they cannot be read.
    faults : list of str
        What differs, in words; empty for a true certificate.
    versions : dict
        Of slownet, Python, and what has run the exported net.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.interop import certify, to_numpy
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> certificate = certify(net, to_numpy(net))
    >>> bool(certificate), certificate.weights
    (True, 13)
    """

    kind: str
    tolerance: float
    inputs: dict[str, int] = field(default_factory=dict)
    left_out: int = 0
    largest_difference: float = 0.0
    largest_relative: float = 0.0
    gradients: tuple[float, float] | None = None
    weights: int | None = None
    faults: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return not self.faults

    def __str__(self) -> str:
        limit = f"up to {self.tolerance:g}, relative" if self.tolerance else "to the last bit"
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.inputs.items())
        lines = [
            f"{self.kind}: {'the same net' if self else 'another net'}, {limit}",
            f"inputs: {sum(self.inputs.values())} ({kinds}); {self.left_out} overflow and are left out",
            (
                f"outputs: largest difference {self.largest_difference:.3g}, relative "
                f"{self.largest_relative:.3g}"
            ),
        ]
        if self.gradients is not None:
            absolute, relative = self.gradients
            lines.append(f"gradients: largest difference {absolute:.3g}, relative {relative:.3g}")
        if self.weights is not None:
            lines.append(f"weights and biases: {self.weights:,} compared")
        lines += [f"fault: {fault}" for fault in self.faults]
        return "\n".join([*lines, ", ".join(f"{name} {each}" for name, each in self.versions.items())])

    def __repr__(self) -> str:
        return f"<Certificate {self}>"

    def compare(self, expected: Any, found: Any, sizes: Any, what: str) -> tuple[float, float]:
        """Compare numbers; return the largest difference and the largest relative one.

        Parameters
        ----------
        expected, found : array
        sizes : array
            What differences are relative to.
        what : str
            What they are, for a fault.
        """
        wanted = np.asarray(expected, np.float64)
        try:
            other = np.asarray(found, np.float64)
        except (TypeError, ValueError):  # rows of different lengths, or no numbers
            other = np.array(np.nan)
        if wanted.shape != other.shape:
            self.faults.append(f"{what}: expected the shape {wanted.shape}, found {other.shape}")
            return np.inf, np.inf
        if not wanted.size:
            return 0.0, 0.0
        with np.errstate(all="ignore"):
            off = np.where(wanted == other, 0.0, np.abs(wanted - other))
            relative = off / np.maximum(np.maximum(np.abs(wanted), np.abs(other)), sizes)
        off, relative = (np.where(np.isnan(each), np.inf, each) for each in (off, relative))
        same_bits = wanted.tobytes() == other.tobytes()
        largest = float(off.max()), float(relative.max())
        if largest[1] > self.tolerance or (not self.tolerance and not same_bits):
            place = np.unravel_index(int(relative.argmax()), relative.shape)
            self.faults.append(
                f"{what}: expected {float(wanted[place])!r}, found {float(other[place])!r}"
            )
        return largest
