"""Small PNG images as data URIs: numbers as colours, tiles side by side."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
import numpy.typing as npt

from slownet.plotting.style import DIVERGING, EMPTY, rgb

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]

CLEAR, REMOVED, FIRST = 0, 1, 2  # places in the palette: see through, no weight, the first level
LEVELS = 25


def png(pixels: Bytes, palette: Bytes | None = None) -> str:
    """Return an image as a data URI.

    Parameters
    ----------
    pixels : (height, width) or (height, width, 3) of uint8
        Grey or red, green, blue; with a palette, places in it.
    palette : (n, 3) of uint8, optional
        Red, green and blue; place 0 is transparent.

    Notes
    -----
    Format: W3C, "Portable Network Graphics (PNG) Specification (Second Edition)".
    """
    height, width = pixels.shape[:2]
    kind = 3 if palette is not None else 2 if pixels.ndim == 3 else 0
    rows = np.ascontiguousarray(pixels).reshape(height, -1)
    scanlines = np.hstack([np.zeros((height, 1), np.uint8), rows]).tobytes()
    chunks = [_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))]
    if palette is not None:
        chunks += [_chunk(b"PLTE", palette.tobytes()), _chunk(b"tRNS", b"\0")]
    chunks += [_chunk(b"IDAT", zlib.compress(scanlines, 6)), _chunk(b"IEND", b"")]
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(chunks)).decode()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def blend(stops: list[tuple[float, str]], places: Floats) -> Bytes:
    """Return the colours of a scale at places from 0 to 1: (..., 3)."""
    at = [place for place, _ in stops]
    channels = np.array([rgb(colour) for _, colour in stops], dtype=np.float64).T
    mixed = [np.interp(places, at, channel) for channel in channels]
    colours: Bytes = np.rint(np.stack(mixed, axis=-1)).astype(np.uint8)
    return colours


def diverging_palette() -> Bytes:
    """Return the palette of `diverging_levels`."""
    scale = blend(DIVERGING, np.linspace(0.0, 1.0, LEVELS))
    return np.vstack([[(255, 255, 255), rgb(EMPTY)], scale]).astype(np.uint8)


def diverging_levels(numbers: Floats, largest: float, power: float = 0.7) -> Bytes:
    """Return the places of numbers in `diverging_palette`.

    Parameters
    ----------
    numbers : array of float
        nan marks a weight that is not there.
    largest : float
        The size that gets the strongest colour.
    power : float
        Below 1, small numbers are shown stronger.
    """
    share = np.clip(np.nan_to_num(numbers), -largest, largest) / largest
    share = np.sign(share) * np.abs(share) ** power
    levels = FIRST + np.rint((share + 1.0) / 2.0 * (LEVELS - 1))
    return np.where(np.isnan(numbers), REMOVED, levels).astype(np.uint8)


def strongest(numbers: Floats) -> float:
    """Return the size that gets the strongest colour: 0.3 % are larger; 1 where none is finite."""
    sizes = np.abs(numbers[np.isfinite(numbers)])
    return float(np.quantile(sizes, 0.997)) if sizes.size else 1.0


def mosaic(tiles: Bytes, corners: list[tuple[int, int]]) -> Bytes:
    """Return tiles (n, height, width) in one image, each with its upper left corner at (row, column)."""
    height, width = tiles.shape[1:]
    bottom = max(row for row, _ in corners) + height
    right = max(column for _, column in corners) + width
    image = np.full((bottom, right), CLEAR, np.uint8)
    for tile, (row, column) in zip(tiles, corners, strict=True):
        image[row : row + height, column : column + width] = tile
    return image


def ink(sample: Floats, low: float, high: float) -> Bytes:
    """Return numbers as grey: the lowest is paper, the highest is ink."""
    share = (sample - low) / ((high - low) or 1.0)
    return np.rint(255 - np.clip(share, 0.0, 1.0) * (255 - 16)).astype(np.uint8)
