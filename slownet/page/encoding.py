"""Numbers as bytes, rounded or exact, in a form that compresses well; `payload.js` reads it.

A rounded number is stored as the interval it lies in, and an interval as its difference from the
previous frame's, which is a small integer. Intervals are half a power of ten wide, or a whole part of
that, so rounding to that power never changes within one: a number of the page printed with that many
digits is the number of training, rounded.
"""

from __future__ import annotations

import base64
import zlib
from binascii import a2b_base64
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import ceil, prod
from typing import Any

import numpy as np
import numpy.typing as npt

from slownet.errors import FormatError

Floats = npt.NDArray[np.float64]
Array = npt.NDArray[Any]
MOST_PARTS = 9  # intervals in half a power of ten; ten of them are half the next power
FINEST = 15  # digits after the point
MOST_INTERVALS = 2.0**30  # from 0 up or down: the page stores them in 32 bits
LARGEST = 200_000_000  # bytes of a page
MOST_BYTES = 1 << 30  # of memory that reading the numbers of a page may take
ANYWAY = 1 << 28  # bytes of memory that reading the shortest text may take
EXPANSION = 100  # bytes of memory that a character may stand for: rounded numbers of many snapshots
BLOCK = 1 << 18  # numbers that are computed at a time
KINDS: dict[str, str] = {"float64": "<f8", "int32": "<i4", "uint8": "|u1"}


@dataclass(frozen=True)
class Grid:
    """Intervals of one width, to which numbers are rounded.

    Attributes
    ----------
    digits : int
        How many digits after the point are right.
    parts : int
        How many intervals make half of 10^-digits.
    """

    digits: int
    parts: int = 1

    @property
    def scale(self) -> float:
        """The number of intervals from 0 to 1."""
        return float(10.0**self.digits * 2.0 * self.parts)

    @property
    def step(self) -> float:
        """The width of an interval."""
        return 1.0 / self.scale

    def coarser(self) -> Grid:
        """Return the next coarser grid, or this one if its digits end before the point."""
        if self.parts > 1:
            return Grid(self.digits, self.parts - 1)
        return Grid(self.digits - 1, MOST_PARTS) if self.digits > 0 else self

    def coarse_enough_for(self, largest: float) -> Grid:
        """Return the finest grid up to this one that has few enough intervals up to `largest`."""
        grid = self
        while grid.scale * largest >= MOST_INTERVALS and grid.coarser() != grid:
            grid = grid.coarser()
        return grid

    @classmethod
    def of_bits(cls, bits: int, largest: float) -> Grid:
        """Return the coarsest grid with at least 2^bits intervals from -largest to largest."""
        if largest <= 0.0:
            return cls(3)
        grid = cls(min(FINEST, max(0, magnitude(2.0**bits / largest))))
        while (coarser := grid.coarser()) != grid and coarser.scale * largest >= 2.0 ** (bits - 1):
            grid = coarser
        return grid

    def intervals(self, numbers: Floats) -> npt.NDArray[np.int64]:
        """Return the interval that each number lies in; the middle of interval k is (k + 1/2) steps."""
        return np.asarray(np.floor(numbers * self.scale), dtype=np.int64)

    def middles(self, intervals: Array) -> Floats:
        """Return the middles of intervals, which the page shows."""
        return np.asarray((intervals + 0.5) / self.scale, dtype=np.float64)


def magnitude(number: float) -> int:
    """Return the smallest whole d with 10^d >= a positive number: log10 differs between machines."""
    written = Decimal(repr(float(number)))
    digits = written.adjusted()
    return digits if written == Decimal(1).scaleb(digits) else digits + 1


def moved(intervals: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    """Return the differences from the previous frame, with 0, -1, 1, -2, 2, ... as 0, 1, 2, 3, 4, ..."""
    steps = intervals.copy()
    steps[1:] -= intervals[:-1]
    return np.asarray((steps << 1) ^ (steps >> 63), dtype=np.uint32)


def byte_planes(steps: npt.NDArray[np.uint32]) -> list[npt.NDArray[np.uint8]]:
    """Return the lowest bytes of all numbers, then the next ones, up to the last that are not all 0."""
    flat = np.ascontiguousarray(steps, dtype="<u4").reshape(-1)
    largest = int(flat.max()) if len(flat) else 0
    count = max(1, ceil(largest.bit_length() / 8))
    parts = flat.view(np.uint8).reshape(-1, 4)
    return [np.ascontiguousarray(parts[:, k]) for k in range(count)]


class Writer:
    """Collects named arrays into a table of contents and one text."""

    def __init__(self) -> None:
        self.contents: dict[str, dict[str, Any]] = {}
        self._parts: list[bytes] = []

    def rounded(self, name: str, numbers: Floats, grid: Grid) -> Floats:
        """Add numbers (frames, n) rounded to a grid, and return them as they will be read."""
        intervals = grid.intervals(numbers)
        parts = byte_planes(moved(intervals))
        about = {"digits": grid.digits, "parts": grid.parts, "byte_planes": len(parts)}
        self._add(name, "rounded", numbers.shape, b"".join(part.tobytes() for part in parts), about)
        return grid.middles(intervals)

    def exact(self, name: str, numbers: Floats) -> None:
        """Add numbers (frames, n) to the last bit, combined with the previous frame's by XOR."""
        bits = np.ascontiguousarray(numbers, dtype="<f8").view("<u8").copy()
        bits[1:] ^= bits[:-1].copy()
        parts = bits.reshape(-1).view(np.uint8).reshape(-1, 8)
        self._add(name, "exact", numbers.shape, np.ascontiguousarray(parts.T).tobytes(), {})

    def plain(self, name: str, numbers: Array, kind: str) -> None:
        """Add an array as it is: "float64", "int32" or "uint8"."""
        array = np.ascontiguousarray(numbers, dtype=KINDS[kind])
        self._add(name, kind, array.shape, array.tobytes(), {})

    def pixels(self, name: str, numbers: Array) -> None:
        """Add bytes most of which are 0: which are not, as bits, and then those, one after another."""
        array = np.ascontiguousarray(numbers, np.uint8)
        flat = array.reshape(-1)
        data = np.packbits(flat != 0, bitorder="little").tobytes() + flat[flat != 0].tobytes()
        self._add(name, "pixels", array.shape, data, {})

    def _add(
        self, name: str, kind: str, shape: tuple[int, ...], data: bytes, about: dict[str, Any]
    ) -> None:
        self.contents[name] = {"kind": kind, "shape": list(shape), "bytes": len(data), **about}
        self._parts.append(data)

    @cached_property
    def text(self) -> str:
        """All arrays, deflated, as base64."""
        return base64.b64encode(zlib.compress(b"".join(self._parts), 6)).decode("ascii")

    @property
    def can_be_read(self) -> bool:
        """Whether `read` takes what was written."""
        return _memory(map(_size, self.contents.values())) <= _most_memory(len(self.text))


def read(contents: dict[str, dict[str, Any]], text: str) -> dict[str, Array]:
    """Return the arrays that a `Writer` wrote; rounded numbers as the middles of their intervals.

    Raises
    ------
    FormatError
        If the text is damaged, or the arrays take more bytes than a text of its length may stand for.
    """
    try:
        sizes = {name: _size(about) for name, about in contents.items()}
        whole = sum(stored for stored, _ in sizes.values())
        claimed, most = _memory(sizes.values()), _most_memory(len(text))
        if claimed > most:
            raise FormatError(
                f"the page claims {claimed:,} bytes of data, more than the {most:,} that its size allows"
            )
        inflater, packed = zlib.decompressobj(), a2b_base64(text, strict_mode=True)
        data = inflater.decompress(packed, whole + 1)
        end = packed[-(len(packed) % 3 or 3) :]  # where other texts may stand for the same bytes
        is_all = (
            inflater.eof and not inflater.unused_data and base64.b64encode(end) == text[-4:].encode()
        )
        if len(data) != whole or not is_all:
            raise FormatError(
                f"the data of the page are truncated, or not the {whole} bytes that it claims"
            )
        arrays, start, parts = {}, 0, np.frombuffer(data, np.uint8)
        for name, about in contents.items():
            arrays[name] = _array(about, parts[start : start + sizes[name][0]])
            start += sizes[name][0]
    except FormatError:
        raise
    except (ValueError, LookupError, TypeError, ArithmeticError, zlib.error) as error:
        raise FormatError(f"the data of the page cannot be read: {error}") from error
    return arrays


def _most_memory(characters: int) -> int:
    """Return how many bytes of memory reading a text of this length may take."""
    return min(MOST_BYTES, max(ANYWAY, EXPANSION * characters))


def least_characters(numbers: int) -> float:
    """Return how long a text of so many rounded numbers should be to be read; 0 if any is."""
    memory = 10.0 * numbers  # up to two bytes each, beside the float64
    return 0.0 if memory <= ANYWAY else memory / EXPANSION


def _memory(sizes: Iterable[tuple[int, int]]) -> int:
    """Return how many bytes reading arrays of these sizes takes: inflating them takes theirs twice."""
    stored, wide = map(sum, zip((0, 0), *sizes, strict=True))
    return stored + max(stored, wide)


def _size(about: dict[str, Any]) -> tuple[int, int]:
    """Return how many bytes an array takes in a page, and how many more in memory.

    Raises
    ------
    FormatError
        If it cannot be read.
    """
    kind, shape, stored = about["kind"], about["shape"], about["bytes"]
    rounded = kind == "rounded"
    kept = [about[each] if rounded else 1 for each in ("byte_planes", "parts", "digits")]
    planes, parts, digits = kept
    if not all(type(each) is int and each >= 0 for each in (*shape, stored, *kept)):
        raise FormatError(f"the page claims an array of an impossible size: {about}")
    if planes not in range(1, 5) or not parts or digits > 300:
        raise FormatError(f"the page claims an impossible precision: {about}")
    if kind not in (*KINDS, "exact", "rounded", "pixels"):
        raise FormatError(f"the page has an array of an unknown kind: {kind!r}")
    if kind == "pixels":
        count = prod(shape)
        if not 0 <= stored - ceil(count / 8) <= count:
            raise FormatError(f"the page claims an array of an impossible size: {about}")
        return stored, 2 * count
    width = planes if rounded else np.dtype(KINDS.get(kind, "<f8")).itemsize
    if stored != width * prod(shape):
        raise FormatError(f"the page claims an array of an impossible size: {about}")
    return stored, 0 if kind in KINDS else 8 * prod(shape)


def _array(about: dict[str, Any], parts: npt.NDArray[np.uint8]) -> Array:
    kind, shape = about["kind"], tuple(about["shape"])
    if kind in KINDS:
        return parts.view(KINDS[kind]).reshape(shape)
    if kind == "pixels":
        return _pixels(parts, prod(shape)).reshape(shape)
    frames = shape[0]
    width = prod(shape[1:])
    if kind == "exact":
        bits = np.empty((frames, width), "<u8")
        planes = parts.reshape(8, frames, width)
        for place in range(8):
            bits.view(np.uint8).reshape(frames, width, 8)[:, :, place] = planes[place]
        np.bitwise_xor.accumulate(bits, axis=0, out=bits)
        return bits.view("<f8").reshape(shape)
    grid, count = Grid(about["digits"], about["parts"]), about["byte_planes"]
    planes = parts.reshape(count, frames, width)
    numbers = np.empty((frames, width))
    columns = min(BLOCK, max(1, width))
    rows = BLOCK // columns
    for first in range(0, width, columns):
        span, last = slice(first, first + columns), np.int64(0)
        for begin in range(0, frames, rows):
            steps = _steps(planes[:, begin : begin + rows, span])
            intervals = np.cumsum(steps, axis=0) + last
            numbers[begin : begin + rows, span] = grid.middles(intervals)
            last = intervals[-1]
    return numbers.reshape(shape)


def _pixels(parts: npt.NDArray[np.uint8], count: int) -> npt.NDArray[np.uint8]:
    """Return the bytes that `Writer.pixels` wrote; FormatError if it writes others in their place."""
    bits, inside = parts[: ceil(count / 8)], parts[ceil(count / 8) :]
    marks = np.unpackbits(bits, bitorder="little")
    if marks[count:].any() or np.count_nonzero(marks) != len(inside) or not inside.all():
        raise FormatError("the pixels of the page are not written as slownet writes them")
    found = np.zeros(count, np.uint8)
    found[marks[:count].view(np.bool_)] = inside
    return found


def _steps(planes: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Return the differences between intervals that byte planes, (count, frames, n), stand for."""
    wide = np.zeros((*planes.shape[1:], 4), np.uint8)
    wide[:, :, : len(planes)] = np.moveaxis(planes, 0, 2)
    counted = wide.view("<u4")[:, :, 0].astype(np.int64)
    return (counted >> 1) ^ -(counted & 1)


def packed(text: str) -> str:
    """Return a text deflated, as base64."""
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode("ascii")


def unpacked(text: str, most: int) -> str:
    """Return a text that `packed` has made; FormatError for another one, or one of more bytes."""
    try:
        inflater = zlib.decompressobj()
        data = inflater.decompress(a2b_base64(text, strict_mode=True), most + 1)
        if len(data) > most or not inflater.eof or inflater.unused_data:
            raise FormatError(f"the script of the page is truncated, or larger than {most:,} bytes")
        return data.decode()
    except (ValueError, zlib.error) as error:
        raise FormatError(f"the script of the page cannot be read: {error}") from error
