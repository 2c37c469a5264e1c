"""The IDX format, in which MNIST and its relatives (Fashion-MNIST, KMNIST, EMNIST) are published.

A file is two zero bytes, one byte for the element type, one for the number of dimensions, each
dimension as a big-endian 32-bit integer, then the elements, big-endian too (Y. LeCun, C. Cortes and
C. Burges, "The MNIST database of handwritten digits", section "The IDX file format").
"""

from __future__ import annotations

import errno
import gzip
import math
import re
import struct
import zlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from slownet.checks import check_integer, check_path, short
from slownet.errors import FormatError, InvalidValueError, MissingFileError, file_errors
from slownet.files import most_unpacked, opened
from slownet.packages import missing_module

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

ELEMENT_TYPES = {
    0x08: "uint8",
    0x09: "int8",
    0x0B: "int16",
    0x0C: "int32",
    0x0D: "float32",
    0x0E: "float64",
}
MOST_DIMENSIONS = 32  # what every supported NumPy can hold
CHUNK = 1 << 20
UNPACKING_MEMORY = 1 << 29  # a damaged xz header may ask for gigabytes

PACKED = ("", ".gz", ".xz")
IMAGE_FILE = re.compile(r"(?:(?P<set>.+)-(?:train|test)|train|t10k)-images[-.]idx3-ubyte(?:\.gz|\.xz)?")
IMAGES = {"train": "train-images-idx3-ubyte", "test": "t10k-images-idx3-ubyte"}
LABELS = {"train": "train-labels-idx1-ubyte", "test": "t10k-labels-idx1-ubyte"}


def read_idx(path: str | os.PathLike[str], limit: int | None = None) -> npt.NDArray[Any]:
    """Read one IDX file, plain or packed with gzip or xz.

    The first bytes of a file decide how it is unpacked, not its name. Memory grows with the data that
    is read; the size in the header allocates none. A file that unpacks to more than 16 MiB and 100 times
    its own size is refused.

    Parameters
    ----------
    path : str or path-like
        The file.
    limit : int, optional
        Read only the first `limit` items (along the first dimension), or all if there are fewer.
        The rest of the file is neither unpacked nor checked.

    Returns
    -------
    numpy.ndarray
        The shape of the header, in the machine's byte order: uint8, int8, int16, int32, float32 or
        float64.

    Raises
    ------
    FormatError
        The file is empty, not IDX, damaged, or has less or more data than its header says.
    FileError
        It cannot be read; a MissingFileError where there is none.
    InvalidTypeError, InvalidValueError
        `limit` is not an integer of at least 1.

    Examples
    --------
    >>> from pathlib import Path
    >>> from slownet.datasets import read_idx
    >>> _ = Path("labels.idx").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
    >>> read_idx("labels.idx").tolist()
    [7, 2, 1]
    """
    if limit is not None:
        limit = check_integer("limit", limit, minimum=1)
    path = check_path(path)
    with opened(path) as stream:
        try:
            return _read(_unpacked(stream), path, limit, most_unpacked(stream))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FormatError(
                f"{path}: the packed data is damaged or cut off ({error}); "
                "expected a whole gzip or xz file"
            ) from error


def load_idx_directory(
    path: str | os.PathLike[str], name: str | None = None
) -> tuple[tuple[Floats, Ints], tuple[Floats, Ints]]:
    """Load a training and a test set from a directory laid out like MNIST or one of its relatives.

    MNIST, Fashion-MNIST and KMNIST come as ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``,
    ``t10k-images-idx3-ubyte`` and ``t10k-labels-idx1-ubyte``; EMNIST as
    ``emnist-letters-train-images-idx3-ubyte``, ``emnist-letters-test-labels-idx1-ubyte`` and so on;
    QMNIST as ``qmnist-train-images-idx3-ubyte``, ``qmnist-test-labels-idx2-int`` and so on. Each file is
    as it is or has ``.gz`` or ``.xz`` appended; ``train-images.idx3-ubyte`` and the like are found too.

    Parameters
    ----------
    path : str or path-like
        The directory.
    name : str, optional
        The beginning of the names, such as "emnist-letters", where the directory holds several sets.

    Returns
    -------
    (X, y), (X_test, y_test)
        Images as float64 of shape (n, pixels) in [0, 1] (pixel / 255), labels as int64 of
        shape (n,): of QMNIST's, the first column, which is the digit. EMNIST's images, which its files
        hold column by column, are turned upright.

    Raises
    ------
    FormatError
        A file is damaged, does not hold images or labels, or the counts do not match.
    FileError
        The directory or a file cannot be read; a MissingFileError where one is missing.
    InvalidValueError
        The directory holds several sets and `name` is none of them; the message lists them.

    Examples
    --------
    >>> from pathlib import Path
    >>> from slownet.datasets import load_idx_directory
    >>> sizes = [0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]  # two images of 1 x 2 pixels
    >>> images = bytes([0, 0, 8, 3, *sizes, 0, 255, 51, 0])
    >>> labels = bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 2])
    >>> for name in ("train", "t10k"):
    ...     _ = Path(f"{name}-images-idx3-ubyte").write_bytes(images)
    ...     _ = Path(f"{name}-labels-idx1-ubyte").write_bytes(labels)
    >>> (X, y), (X_test, y_test) = load_idx_directory(".")
    >>> X.tolist(), y.tolist()
    ([[0.0, 1.0], [0.2, 0.0]], [7, 2])
    """
    directory = check_path(path)
    with file_errors(directory):
        present = {entry.name for entry in directory.iterdir() if entry.is_file()}
    beginning = _beginning(directory, present, name)
    train, test = (
        labelled_images(
            _find(directory, present, _names(IMAGES[split], beginning)),
            _find(directory, present, _names(LABELS[split], beginning)),
            by_columns=beginning.startswith("emnist"),
        )
        for split in ("train", "test")
    )
    if train[0].shape[1] != test[0].shape[1]:
        raise FormatError(
            f"{directory}: the training images have {train[0].shape[1]} pixels each and the test "
            f"images {test[0].shape[1]}; expected the same"
        )
    return train, test


def labelled_images(
    images: Path, labels: Path, limit: int | None = None, by_columns: bool = False
) -> tuple[Floats, Ints]:
    """Read a file of images and the file of their labels as (X, y), X flattened and in [0, 1].

    `by_columns` says that the file holds each image column by column.
    """
    import numpy as np

    pixels = read_idx(images, limit)
    y = read_idx(labels, limit)
    if pixels.dtype != np.uint8 or pixels.ndim < 2:
        raise FormatError(
            f"{images}: expected images (uint8, 2 or more dimensions), "
            f"found {pixels.dtype} of shape {pixels.shape}"
        )
    if y.dtype == np.int32 and y.ndim == 2 and y.shape[1]:  # QMNIST: the digit, writer, ...
        y = y[:, 0]
    elif y.dtype != np.uint8 or y.ndim != 1:
        raise FormatError(
            f"{labels}: expected labels (uint8, 1 dimension), found {y.dtype} of shape {y.shape}"
        )
    if len(pixels) != len(y):
        raise FormatError(
            f"{images} holds {len(pixels)} images and {labels} {len(y)} labels; "
            "expected one label for each image"
        )
    if pixels.size == 0:
        raise FormatError(f"{images}: expected at least one image, found shape {pixels.shape}")
    if by_columns:
        pixels = pixels.swapaxes(1, -1)
    flat = pixels.reshape(len(pixels), -1)
    return np.true_divide(flat, 255.0, dtype=np.float64), y.astype(np.int64)


def _beginning(directory: Path, present: set[str], name: str | None) -> str:
    """Return the beginning of the names of the wanted set, "" for a set like MNIST."""
    found = sorted({match["set"] or "" for each in present if (match := IMAGE_FILE.fullmatch(each))})
    if name is not None:
        if name in found:
            return name
        there = ", ".join(each or "a set like MNIST" for each in found) or "none"
        raise InvalidValueError(f"{directory}: no set {short(name)} here: there is {there}")
    if "" in found or not found:
        return ""
    if len(found) > 1:
        raise InvalidValueError(
            f"{directory} holds several sets: name one of {', '.join(found)}, "
            f"as in load_idx_directory(path, {found[0]!r})"
        )
    return found[0]


def _names(name: str, beginning: str) -> list[str]:
    """Return the names that a file of MNIST has in the set with this beginning of names."""
    part, _, form = name.partition("-idx")
    forms = [form]
    if beginning:
        part = f"{beginning}-{part.replace('t10k', 'test')}"
        forms += ["2-int"] if form == "1-ubyte" else []
    return [f"{part}{mark}{form}" for form in forms for mark in ("-idx", ".idx")]


def _find(directory: Path, present: set[str], names: Sequence[str]) -> Path:
    looked_for = [stem + packing for stem in names for packing in PACKED]
    for candidate in looked_for:
        if candidate in present:
            return directory / candidate
    reason = f"found none of the files {', '.join(looked_for)}"
    raise MissingFileError(errno.ENOENT, reason, str(directory))


def _read(pieces: Iterator[bytes], path: Path, limit: int | None, most: int) -> npt.NDArray[Any]:
    import numpy as np

    content = bytearray()

    def has(size: int) -> bool:
        while len(content) < size:
            piece = next(pieces, None)
            if piece is None:
                return False
            content.extend(piece)
        return True

    if not has(4) or content[:2] != b"\0\0" or content[2] not in ELEMENT_TYPES:
        found = f"the bytes {content[:4].hex(' ')}" if content else "nothing"
        types = ", ".join(f"{code:02x}" for code in ELEMENT_TYPES)
        raise FormatError(
            f"{path}: not an IDX file: expected 00 00, an element type ({types}) and the number of "
            f"dimensions at its start, found {found}"
        )
    dimensions = content[3]
    if not 1 <= dimensions <= MOST_DIMENSIONS:
        raise FormatError(
            f"{path}: expected 1 to {MOST_DIMENSIONS} dimensions, found {dimensions} in the header"
        )
    header = 4 + 4 * dimensions
    if not has(header):
        raise FormatError(
            f"{path}: expected a header of {header} bytes for {dimensions} dimensions, "
            f"found {len(content)} bytes in all"
        )
    shape = struct.unpack_from(f">{dimensions}I", content, 4)
    whole = limit is None or limit >= shape[0]
    wanted = shape if whole else (limit, *shape[1:])
    dtype = np.dtype(ELEMENT_TYPES[content[2]])
    count = math.prod(wanted)
    end = header + count * dtype.itemsize
    if end > most and has(most):
        raise FormatError(
            f"{path}: expected at most {most:,} bytes in a packed file of this size, found more: unpack "
            "it first, if that is right"
        )
    if not has(end):
        raise FormatError(
            f"{path}: expected {end - header} bytes of data for {dtype} of shape {wanted}, "
            f"found {len(content) - header}: the file is cut off or its header wrong"
        )
    if whole and has(end + 1):
        raise FormatError(
            f"{path}: expected {end - header} bytes of data for {dtype} of shape {wanted}, "
            "found more: the file is damaged or its header wrong"
        )
    elements = np.frombuffer(content, dtype.newbyteorder(">"), count, header)
    try:
        return elements.astype(dtype, copy=False).reshape(wanted)
    except ValueError as error:  # no elements, yet the other dimensions beyond what NumPy can hold
        raise FormatError(
            f"{path}: expected a shape that fits memory, found {wanted} in the header"
        ) from error


def _unpacked(stream: BinaryIO) -> Iterator[bytes]:
    start = stream.read(6)
    stream.seek(0)
    if start == b"\xfd7zXZ\0":
        return _unpacked_xz(stream)
    source: Any = gzip.GzipFile(fileobj=stream) if start[:2] == b"\x1f\x8b" else stream
    return iter(partial(source.read, CHUNK), b"")


def _unpacked_xz(stream: BinaryIO) -> Iterator[bytes]:
    try:
        import lzma
    except ImportError as error:
        raise missing_module("lzma", "a file packed with xz, as MNIST's are,") from error

    # lzma.open ignores other bytes after the end of the stream.
    rest = stream.read(CHUNK)
    while rest:
        decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, UNPACKING_MEMORY)
        while not decoder.eof:
            if decoder.needs_input:
                rest = rest or stream.read(CHUNK)
                if not rest:
                    raise EOFError("it ends before the end of the xz stream")
            try:
                unpacked = decoder.decompress(rest, CHUNK)
            except lzma.LZMAError as error:
                raise EOFError(str(error)) from error
            yield unpacked
            rest = b""
        rest = decoder.unused_data
        while not rest.strip(b"\0") and (more := stream.read(CHUNK)):
            rest = more
        rest = rest.lstrip(b"\0")
