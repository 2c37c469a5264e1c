"""The rows that a training learns from, in the units of their table, and edits of them.

`page/assets/engine/rows.js` has the same edits.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from slownet.errors import InvalidValueError
from slownet.functions.randomness import Use, key, normals

Floats = npt.NDArray[np.float64]
MOST_RUN = 255  # bytes that one byte counts


@dataclass(frozen=True)
class Kind:
    """What all rows of a training have in common.

    Attributes
    ----------
    target_kind : str
        That of the loss.
    outputs : int
        The number of output neurons.
    are_images : bool
        Whether inputs are pixels, more than two.
    bounds : (float, float)
        The smallest and the largest number to learn, as a number of the net.
    scale : (float, float)
        The net learns (number - scale[0]) / scale[1].
    """

    target_kind: str
    outputs: int
    are_images: bool = False
    bounds: tuple[float, float] = (-inf, inf)
    scale: tuple[float, float] = (0.0, 1.0)

    @property
    def has_classes(self) -> bool:
        """Whether a sample is of one of some classes."""
        return self.target_kind == "class" or (self.target_kind != "number" and self.outputs == 1)

    @property
    def count(self) -> int:
        """How many classes there are."""
        return self.outputs if self.target_kind == "class" else 2

    def targets_of(self, wanted: float) -> list[float]:
        """Return the targets of a class, or of a number."""
        if self.target_kind != "class" and self.outputs != 1:
            raise InvalidValueError("a new sample has one number or class: this net has several outputs")
        if self.target_kind == "number":
            low, high = self.bounds
            if not low <= (wanted - self.scale[0]) / self.scale[1] <= high:
                raise InvalidValueError(
                    f"this net cannot learn to give {wanted:g}: it gives other numbers"
                )
            return [float(wanted)]
        if wanted != int(wanted) or not 0 <= wanted < self.count:
            raise InvalidValueError(f"expected a class from 0 to {self.count - 1}, not {wanted:g}")
        if self.target_kind == "class":
            return [float(k == wanted) for k in range(self.count)]
        return [2.0 * wanted - 1.0 if self.target_kind == "sign" else float(wanted)]


@dataclass(frozen=True, eq=False)
class Points:
    """Where the points of a plane were given, before noise.

    Attributes
    ----------
    home : (n, 2) array
        Their places.
    ids : list of int
        By which their noise is drawn.
    following : int
        The id of the next point.
    ranges : array
        Of both inputs, the difference of the largest and the smallest.
    """

    home: Floats
    ids: list[int]
    following: int
    ranges: Floats

    @classmethod
    def of(cls, inputs: Floats) -> Points:
        """Return the points of inputs."""
        with np.errstate(over="ignore"):
            ranges = inputs.max(axis=0) - inputs.min(axis=0)
        return cls(inputs, list(range(len(inputs))), len(inputs), ranges)


@dataclass(frozen=True, eq=False)
class Rows:
    """Samples and their targets; an edit makes others.

    Attributes
    ----------
    kind : Kind
        As above.
    inputs : (n, inputs) array
        Numbers in the units of the table.
    targets : (n, outputs) array
        One number for each output, in the unit of the target.
    weights : (n,) array or None
        What the loss of each counts.
    drawn : int
        How many rows, the last ones, are digits of the reader.
    points : Points or None
        Those of a plane.
    """

    kind: Kind
    inputs: Floats
    targets: Floats
    weights: Floats | None
    drawn: int = 0
    points: Points | None = None

    @classmethod
    def of(cls, kind: Kind, inputs: Floats, targets: Floats, weights: Floats | None) -> Rows:
        """Return rows, with their points if there are two inputs."""
        points = Points.of(inputs) if inputs.shape[1] == 2 else None
        return cls(kind, inputs, targets, weights, points=points)

    def __len__(self) -> int:
        return len(self.inputs)

    def given(self, classes: Sequence[Any] | None) -> tuple[Any, Any, Any]:
        """Return X, y and sample weights, as `fit` takes them; `classes` are the labels of the net."""
        y: list[Any]
        if self.kind.target_kind == "class":
            y = [k if classes is None else classes[k] for k in self.targets.argmax(axis=1).tolist()]
        elif self.kind.has_classes and classes is not None:
            y = [classes[number > 0.0] for number in self.targets[:, 0].tolist()]
        else:
            y = self.targets.tolist()
        return self.inputs, y, self.weights

    def with_point(self, x: float, y: float, wanted: float) -> Rows:
        """Return them with another point."""
        points = self._points()
        home = np.vstack([points.home, [[x, y]]])
        points = replace(
            points, home=home, ids=[*points.ids, points.following], following=points.following + 1
        )
        return replace(self._with(np.array([x, y]), wanted), points=points)

    def with_moved(self, k: int, x: float, y: float) -> Rows:
        """Return them with a point elsewhere."""
        points = self._points()
        self._check(k)
        inputs, home = self.inputs.copy(), points.home.copy()
        inputs[k] = home[k] = x, y
        return replace(self, inputs=inputs, points=replace(points, home=home))

    def with_noise(self, amount: float, seed: int) -> Rows:
        """Return them at random places around those that they were given at.

        The normal numbers are multiplied by `amount` times the range of their input.
        """
        points = self._points()
        draws = np.array([normals(key(seed, Use.NOISE, each), 2) for each in points.ids])
        with np.errstate(over="ignore", invalid="ignore"):
            moved = points.home + amount * points.ranges * draws
        if not np.isfinite(moved).all():
            raise InvalidValueError("so much noise makes numbers that are not finite")
        return replace(self, inputs=moved)

    def without(self, k: int) -> Rows:
        """Return them without one."""
        self._check(k)
        if len(self) == 1:
            raise InvalidValueError("the last sample stays: nothing could be learned")
        points = self.points
        if points is not None:
            ids = [each for place, each in enumerate(points.ids) if place != k]
            points = replace(points, home=np.delete(points.home, k, axis=0), ids=ids)
        return replace(
            self,
            inputs=np.delete(self.inputs, k, axis=0),
            targets=np.delete(self.targets, k, axis=0),
            weights=None if self.weights is None else np.delete(self.weights, k),
            drawn=self.drawn - (k >= len(self) - self.drawn),
            points=points,
        )

    def with_digit(self, wanted: float, image: str) -> Rows:
        """Return them with a digit that the reader has drawn."""
        if not self.kind.are_images:
            raise InvalidValueError("a digit can be learned where samples are images alone")
        pixels = unpacked(image, self.inputs.shape[1]) / 255.0
        return replace(self._with(pixels, wanted), drawn=self.drawn + 1)

    def without_digit(self, k: int) -> Rows:
        """Return them without one of the digits that the reader has drawn."""
        if k >= self.drawn:
            raise InvalidValueError(f"there is no drawn digit {k}: there are {self.drawn}")
        return self.without(len(self) - self.drawn + k)

    def _with(self, row: Floats, wanted: float) -> Rows:
        targets = self.kind.targets_of(wanted)
        return replace(
            self,
            inputs=np.vstack([self.inputs, row]),
            targets=np.vstack([self.targets, targets]),
            weights=None if self.weights is None else np.append(self.weights, 1.0),
        )

    def _points(self) -> Points:
        if self.points is None:
            raise InvalidValueError("only samples of two numbers are points of a plane")
        return self.points

    def _check(self, k: int) -> None:
        if k >= len(self):
            raise InvalidValueError(f"there is no sample {k}: there are {len(self)}, from 0 on")


def packed(pixels: Iterable[int]) -> str:
    """Return the bytes of an image as a text, as `rows.js` packs them.

    By turns a count of zeros, a count of other bytes, and these bytes; without the zeros at the end.

    Examples
    --------
    >>> from slownet.experiments.rows import packed, unpacked
    >>> packed([0, 0, 7, 255, 0])
    'AgIH_w'
    >>> unpacked("AgIH_w", 5).tolist()
    [0, 0, 7, 255, 0]
    """
    rest, found = bytes(pixels).rstrip(b"\0"), bytearray()
    while rest:
        zeros = min(len(rest) - len(rest.lstrip(b"\0")), MOST_RUN)
        rest = rest[zeros:]
        others = rest[:MOST_RUN].partition(b"\0")[0]
        found += bytes([zeros, len(others)]) + others
        rest = rest[len(others) :]
    return urlsafe_b64encode(found).decode().rstrip("=")


def unpacked(text: str, length: int) -> npt.NDArray[np.uint8]:
    """Return the bytes of an image that was packed.

    Raises
    ------
    ValueError
        If it is packed in another way, or has more pixels.
    """
    try:
        packed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Base64Error, ValueError):
        raise InvalidValueError("an image is packed as base64url, and this one is not") from None
    found, at, p = np.zeros(length, np.uint8), 0, 0
    while p < len(packed):
        zeros, others = packed[p], packed[p + 1] if p + 1 < len(packed) else length + 1
        at, p = at + zeros, p + 2
        if at + others > length or p + others > len(packed):
            raise InvalidValueError(
                f"an image is packed in another way, or has other than {length} pixels"
            )
        found[at : at + others] = list(packed[p : p + others])
        at, p = at + others, p + others
    return found
