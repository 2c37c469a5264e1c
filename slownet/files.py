"""Opening of files for reading: regular ones only, and what is packed in them is bounded."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from slownet.checks import check_path
from slownet.errors import FileError, FormatError, MissingFileError, file_errors

PACKED_RATIO = 100  # bytes that a packed one may stand for: numbers and texts stay far below it
PACKED_ANYWAY = 1 << 24  # bytes that may be unpacked from any file


def user_cache_folder() -> Path:
    """Return the folder for what can be made anew, among the caches of the user.

    Raises
    ------
    MissingFileError
        If the user has no home.
    """
    try:
        if sys.platform == "win32":
            local = os.environ.get("LOCALAPPDATA")
            return Path(local or Path.home() / "AppData" / "Local") / "slownet" / "Cache"
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "slownet"
        chosen = os.environ.get("XDG_CACHE_HOME", "")  # one that is not absolute is ignored
        return (Path(chosen) if Path(chosen).is_absolute() else Path.home() / ".cache") / "slownet"
    except RuntimeError as error:
        raise MissingFileError(
            errno.ENOENT, "There is no home folder: set the environment variable HOME"
        ) from error


def check_is_file(path: object, mode: int) -> None:
    """Refuse folders, pipes and devices, given the mode that `stat` returns."""
    if stat.S_ISDIR(mode):
        raise FileError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise FileError(errno.EINVAL, "Not a regular file", str(path))


@contextmanager
def opened(path: str | os.PathLike[str], most: int | None = None) -> Iterator[BinaryIO]:
    """Open a file for reading as bytes; errors are slownet's.

    Parameters
    ----------
    path : str or path-like
        The file.
    most : int, optional
        How many bytes it may have.

    Raises
    ------
    FileError
        If it cannot be read, or is a folder, a pipe or a device, which may have no end; a
        MissingFileError where there is none.
    FormatError
        If it has more bytes.
    NotEnoughMemoryError
        If there is not enough memory to read it.
    """
    with file_errors(path):
        file = check_path(path)
        found = file.stat()
        check_is_file(file, found.st_mode)
        if most is not None and found.st_size > most:
            raise FormatError(f"{file}: expected at most {most:,} bytes, found {found.st_size:,}")
        with file.open("rb") as stream:
            yield stream


def most_unpacked(stream: BinaryIO) -> int:
    """Return how many bytes may be unpacked from an open file."""
    return max(PACKED_ANYWAY, PACKED_RATIO * os.fstat(stream.fileno()).st_size)


class Readable(Protocol):
    """What is read piece by piece."""

    def read(self, size: int, /) -> bytes:
        """Read up to so many bytes, none at the end."""


class Unpacked:
    """What is packed in a file, as a stream that refuses to become too large.

    Parameters
    ----------
    unpacked : Readable
        What unpacks it.
    file : binary file
        The packed file.
    name : str
        Its name in messages.
    """

    def __init__(self, unpacked: Readable, file: BinaryIO, name: str) -> None:
        self._unpacked, self._name = unpacked, name
        self._left = self._most = most_unpacked(file)

    def read(self, size: int) -> bytes:
        """Read up to so many bytes; FormatError once they are too many in all."""
        piece = self._unpacked.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise FormatError(
                f"{self._name}: expected at most {self._most:,} bytes in a packed file of this size, "
                "found more"
            )
        return piece
