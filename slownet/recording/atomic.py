"""Atomic replacement of files: a new file is written beside the old one, then takes its name."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from slownet.checks import check_path
from slownet.errors import file_errors
from slownet.files import check_is_file


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Write a file; an existing one is replaced atomically, when all has been written.

    Until then the new file is `.name.xxxxxxxx.new` in the same folder. It is synchronised to the disk
    before it takes the name, so that a crash or a power cut leaves the old file or the new one. An error
    inside the block removes the new file; a process that is killed leaves it behind.

    Parameters
    ----------
    path : str or path-like
        The file. Where it is a symbolic link, the file that it leads to is replaced; an existing file
        keeps its mode.

    Yields
    ------
    binary file
        The new file.

    Raises
    ------
    FileError
        If it cannot be written; an OSError too.
    TypeError
        If `path` is no path.
    """
    with file_errors(path):
        file = Path(os.path.realpath(check_path(path)))
        mode = _mode(file)
        new = file.with_name(f".{file.name[:50]}.{os.urandom(4).hex()}.new")
        try:
            with new.open("xb") as stream:
                if mode is not None:
                    new.chmod(mode)
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(file)
        except BaseException:
            with contextlib.suppress(OSError):
                new.unlink()
            raise
        _sync_folder(file.parent)


def _mode(file: Path) -> int | None:
    """Return the mode of the file to replace, None where there is none."""
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        return None
    check_is_file(file, mode)
    return stat.S_IMODE(mode)


def _sync_folder(folder: Path) -> None:
    """Synchronise a folder to the disk, so that a new name in it is safe, where the platform can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
