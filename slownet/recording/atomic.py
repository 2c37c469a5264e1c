"""Files that are there whole or not at all: written beside the old one, then put in its place."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from slownet.errors import FileError, InvalidTypeError, MissingFileError


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Write a file; one that is there is replaced at once, and only when all has been written.

    The new file stands in the same folder until then, as `.name.xxxxxxxx.new`. It is on the disk before
    it takes the old one's name, so that a crash or a power cut leaves the old file or the new one. An
    error inside the block removes it; a process that is killed leaves it behind.

    Parameters
    ----------
    path : str or path-like
        The file. Where it is a symbolic link, the file that it leads to is replaced; an existing file
        keeps its mode.

    Yields
    ------
    binary file
        What is written to it becomes the content.

    Raises
    ------
    FileError
        If it cannot be written; an OSError too.
    TypeError
        If `path` is no path.
    """
    with told_as_file_errors(path):
        target = Path(os.path.realpath(checked_path(path)))
        mode = _mode(target)
        new = target.with_name(f".{target.name[:50]}.{os.urandom(4).hex()}.new")
        try:
            with new.open("xb") as stream:
                if mode is not None:
                    new.chmod(mode)
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                new.unlink()
            raise
        _sync_folder(target.parent)


def checked_path(path: object) -> Path:
    """Return a path as a Path; TypeError if it is none."""
    try:
        return Path(path)  # type: ignore[arg-type]
    except TypeError:
        raise InvalidTypeError(f"path must be a path, not {path!r}") from None


@contextmanager
def told_as_file_errors(path: object) -> Iterator[None]:
    """Raise what the operating system refuses as a FileError, with the name of the file."""
    try:
        yield
    except FileError:
        raise
    except OSError as error:
        kind = MissingFileError if isinstance(error, FileNotFoundError) else FileError
        reason = error.strerror or str(error)
        raise kind(error.errno or errno.EIO, reason, str(path)) from error


def check_is_file(path: object, mode: int) -> None:
    """Refuse folders, pipes and devices, given the mode that `stat` tells."""
    if stat.S_ISDIR(mode):
        raise FileError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise FileError(errno.EINVAL, "Not a regular file", str(path))


def _mode(target: Path) -> int | None:
    """Return the mode of the file to replace, None where there is none."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    check_is_file(target, mode)
    return stat.S_IMODE(mode)


def _sync_folder(folder: Path) -> None:
    """Have the new name itself on the disk, where the platform can open a folder."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
