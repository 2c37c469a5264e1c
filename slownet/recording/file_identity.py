"""The identity of a file that stays open: whether it is still under its name, and as long as it was."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


class FileIdentity:
    """Device, number, size and time of a file when its writer last looked.

    Where a file has been moved, it is written on under its new name. Linux can tell that from a deleted
    one; elsewhere both are missing.

    Parameters
    ----------
    path : Path
        The file, which its writer has open.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = path.stat()
        self._handle = _handle(path)
        self._first: os.stat_result | None = self._last
        if self._handle is not None and not os.path.samestat(os.fstat(self._handle), self._last):
            self._first = None  # a file system whose numbers change

    def remember(self) -> None:
        """Take the size and the time as they are now, unless the file has become shorter."""
        with suppress(OSError):
            found = self._path.stat()
            self._last = found if found.st_size >= self._last.st_size else self._last

    def problem(self) -> str | None:
        """Return what has happened to the file, or None."""
        try:
            found = self._path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None if self._is_elsewhere else "it has been removed while it was written"
        except OSError:
            return None  # the operating system does not tell
        if self._differs(found):
            return "another file has taken its place while it was written"
        if found.st_size < self._last.st_size:
            return f"it has been cut from {self._last.st_size} to {found.st_size} bytes"
        return None

    @property
    def is_replaced(self) -> bool:
        """Whether another file has the name, or none."""
        try:
            return self._differs(self._path.stat())
        except OSError:
            return not self._is_elsewhere

    @property
    def is_touched(self) -> bool:
        """Whether the file has been written since its writer last looked."""
        try:
            found = self._path.stat()
        except OSError:
            return False
        return (found.st_size, found.st_mtime_ns) != (self._last.st_size, self._last.st_mtime_ns)

    def close(self) -> None:
        """Give up the file; nothing can be asked then."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    @property
    def _is_elsewhere(self) -> bool:
        return self._handle is not None and os.fstat(self._handle).st_nlink > 0

    def _differs(self, found: os.stat_result) -> bool:
        return self._first is not None and not os.path.samestat(found, self._first)


def _handle(path: Path) -> int | None:
    """Return a descriptor that only names a file, on Linux.

    Closing any other one would release the locks of SQLite (https://sqlite.org/howtocorrupt.html,
    section 2.2).
    """
    return os.open(path, os.O_PATH | os.O_CLOEXEC) if hasattr(os, "O_PATH") else None
