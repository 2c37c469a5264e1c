"""Numbers as bytes: as exact as is wanted, small once they are deflated, and read by `payload.js`.

Numbers that change little from frame to frame become small integers: how many steps of a fixed size a
number has moved since the frame before. A step is half a power of ten, or a whole part of that, and a
number is stored as the interval it lies in. So every number printed with as many digits as the power has
is the one that training had, rounded: an interval never lies on both sides of a half.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from functools import cached_property
from math import ceil, log10, prod
from typing import Any

import numpy as np
import numpy.typing as npt

from slownet.errors import FormatError

Floats = npt.NDArray[np.float64]
Array = npt.NDArray[Any]
MOST_PARTS = 9  # of half a power of ten, before half the next one comes
FINEST = 15  # digits after the point
MOST_INTERVALS = 2.0**30  # from 0 up or down: the browser counts them in 32 bits
MOST_BYTES = 1 << 30  # of numbers in a page
KINDS: dict[str, str] = {"float64": "<f8", "int32": "<i4", "uint8": "|u1"}


@dataclass(frozen=True)
class Grid:
    """The intervals that numbers are stored as.

    Attributes
    ----------
    digits : int
        After the point: so many are right.
    parts : int
        Of half of 10^-digits: an interval is one of them.
    """

    digits: int
    parts: int = 1

    @property
    def scale(self) -> float:
        """How many intervals there are from 0 to 1."""
        return float(10.0**self.digits * 2.0 * self.parts)

    @property
    def step(self) -> float:
        """How wide an interval is."""
        return 1.0 / self.scale

    def coarser(self) -> Grid:
        """Return the next coarser grid; of whole numbers, there is none."""
        if self.parts > 1:
            return Grid(self.digits, self.parts - 1)
        return Grid(self.digits - 1, MOST_PARTS) if self.digits > 0 else self

    def holding(self, largest: float) -> Grid:
        """Return this grid, or the finest coarser one that has few enough intervals up to a number."""
        grid = self
        while grid.scale * largest >= MOST_INTERVALS and grid.coarser() != grid:
            grid = grid.coarser()
        return grid

    @classmethod
    def of_bits(cls, bits: int, largest: float) -> Grid:
        """Return the coarsest grid with at least 2^bits intervals from -largest to largest."""
        if largest <= 0.0:
            return cls(3)
        grid = cls(min(FINEST, max(0, ceil(log10(2.0**bits / largest)))))
        while (coarser := grid.coarser()) != grid and coarser.scale * largest >= 2.0 ** (bits - 1):
            grid = coarser
        return grid

    def intervals(self, numbers: Floats) -> npt.NDArray[np.int64]:
        """Return which interval each number lies in; the middle of interval k is (k + 1/2) steps."""
        return np.asarray(np.floor(numbers * self.scale), dtype=np.int64)

    def middles(self, intervals: Array) -> Floats:
        """Return the numbers that stand for intervals."""
        return np.asarray((intervals + 0.5) / self.scale, dtype=np.float64)


def moved(intervals: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    """Return how far each number has moved since the frame before, as 0, -1, 1, -2, 2, ... counted."""
    steps = intervals.copy()
    steps[1:] -= intervals[:-1]
    return np.asarray((steps << 1) ^ (steps >> 63), dtype=np.uint32)


def planes(steps: npt.NDArray[np.uint32]) -> list[npt.NDArray[np.uint8]]:
    """Return the lowest bytes of all numbers, then the next ones, as many as there is anything in."""
    flat = np.ascontiguousarray(steps, dtype="<u4").reshape(-1)
    largest = int(flat.max()) if len(flat) else 0
    count = max(1, ceil(largest.bit_length() / 8))
    parts = flat.view(np.uint8).reshape(-1, 4)
    return [np.ascontiguousarray(parts[:, k]) for k in range(count)]


class Writer:
    """Collects named arrays; what comes out is a table of contents and one string of text."""

    def __init__(self) -> None:
        self.contents: dict[str, dict[str, Any]] = {}
        self._parts: list[bytes] = []

    def rounded(self, name: str, numbers: Floats, grid: Grid) -> None:
        """Add numbers (frames, n) as the intervals of a grid they lie in."""
        parts = planes(moved(grid.intervals(numbers)))
        about = {"digits": grid.digits, "parts": grid.parts, "planes": len(parts)}
        self._add(name, "rounded", numbers.shape, b"".join(part.tobytes() for part in parts), about)

    def exact(self, name: str, numbers: Floats) -> None:
        """Add numbers (frames, n) to the last bit: what has changed since the frame before, bytewise."""
        bits = np.ascontiguousarray(numbers, dtype="<f8").view("<u8").copy()
        bits[1:] ^= bits[:-1].copy()
        parts = bits.reshape(-1).view(np.uint8).reshape(-1, 8)
        self._add(name, "exact", numbers.shape, np.ascontiguousarray(parts.T).tobytes(), {})

    def plain(self, name: str, numbers: Array, kind: str) -> None:
        """Add an array as it is: "float64", "int32" or "uint8"."""
        array = np.ascontiguousarray(numbers, dtype=KINDS[kind])
        self._add(name, kind, array.shape, array.tobytes(), {})

    def _add(
        self, name: str, kind: str, shape: tuple[int, ...], data: bytes, about: dict[str, Any]
    ) -> None:
        self.contents[name] = {"kind": kind, "shape": list(shape), "bytes": len(data), **about}
        self._parts.append(data)

    @cached_property
    def text(self) -> str:
        """Return everything, deflated, as base64."""
        return base64.b64encode(zlib.compress(b"".join(self._parts), 6)).decode("ascii")


def read(contents: dict[str, dict[str, Any]], text: str, most: int = MOST_BYTES) -> dict[str, Array]:
    """Return the arrays that a `Writer` wrote: rounded ones as the middles of their intervals.

    Raises
    ------
    FormatError
        If it is anything else, or takes more bytes than `most`.
    """
    try:
        sizes = {name: _size(about) for name, about in contents.items()}
        whole = sum(stored for stored, _ in sizes.values())
        if sum(wide for _, wide in sizes.values()) > most:
            raise FormatError("the data of the page are too large to be true")
        inflater = zlib.decompressobj()
        data = inflater.decompress(base64.b64decode(text, validate=True), whole + 1)
        if len(data) != whole or not inflater.eof:
            raise FormatError(f"the data of the page are cut off, or not the {whole} bytes it speaks of")
        arrays, start = {}, 0
        for name, about in contents.items():
            arrays[name] = _array(about, data[start : start + sizes[name][0]])
            start += sizes[name][0]
    except FormatError:
        raise
    except (ValueError, LookupError, TypeError, ArithmeticError, MemoryError, zlib.error) as error:
        raise FormatError(f"the data of the page cannot be read: {error}") from error
    return arrays


def _size(about: dict[str, Any]) -> tuple[int, int]:
    """Return how many bytes an array takes in a page, and when it is read; see that it can be."""
    kind, shape, stored = about["kind"], about["shape"], about["bytes"]
    rounded = kind == "rounded"
    numbers = [*shape, stored, *([about["planes"], about["parts"], about["digits"]] if rounded else [])]
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise FormatError(f"the page has data of a size that cannot be: {about}")
    if rounded and not (about["planes"] in range(1, 5) and about["parts"] and about["digits"] <= 300):
        raise FormatError(f"the page has numbers of a precision that cannot be: {about}")
    if kind not in (*KINDS, "exact", "rounded"):
        raise FormatError(f"the page has data of an unknown kind: {kind!r}")
    width = about["planes"] if rounded else np.dtype(KINDS.get(kind, "<f8")).itemsize
    if stored != width * prod(shape):
        raise FormatError(f"the page has data of a size that cannot be: {about}")
    return stored, 8 * prod(shape) if rounded else stored


def _array(about: dict[str, Any], data: bytes) -> Array:
    kind, shape = about["kind"], tuple(about["shape"])
    if kind in KINDS:
        return np.frombuffer(data, KINDS[kind]).reshape(shape)
    parts = np.frombuffer(data, np.uint8)
    if kind == "exact":
        bits = np.ascontiguousarray(parts.reshape(8, -1).T).view("<u8").reshape(shape).copy()
        np.bitwise_xor.accumulate(bits, axis=0, out=bits)
        return bits.view("<f8")
    planes = about["planes"]
    wide = np.zeros((parts.size // planes, 4), np.uint8)
    wide[:, :planes] = parts.reshape(planes, -1).T
    counted = wide.view("<u4").astype(np.int64).reshape(shape)
    steps = (counted >> 1) ^ -(counted & 1)
    return Grid(about["digits"], about["parts"]).middles(np.cumsum(steps, axis=0))
