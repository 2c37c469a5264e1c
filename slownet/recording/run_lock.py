"""The lock of a run: an operating system's lock, which a process holds while it writes the run.

It ends with the process. It is on SQLite's log, `a.run-wal`, which SQLite itself does not lock, and
which is not replaced while the writer is connected. A lock on `a.run` would be wrong: closing any
descriptor of that file releases the locks that SQLite holds (https://sqlite.org/howtocorrupt.html,
section 2.2).
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

PATIENCE = 5.0  # seconds to wait for readers, which take the lock for an instant


def is_being_written(path: Path) -> bool:
    """Whether a training that writes this run is under way, in this process or another one."""
    try:
        descriptor = os.open(_log(path), os.O_RDONLY)
    except OSError:  # usually there is no log, because no process writes the run
        return False
    try:
        if is_free := lock(descriptor, shared=True):
            _unlock(descriptor)
        return not is_free
    finally:
        os.close(descriptor)


class RunLock:
    """The lock, taken by the constructor and held until `release`, or until the process ends.

    On a file system without such locks, nothing is locked. Then there is only SQLite's own lock, which
    is free for an instant between two commits.

    Parameters
    ----------
    path : Path
        The run file, from which a connection in WAL mode has read, so that its log exists.

    Raises
    ------
    RecordingError
        If another process, or this one, holds the lock.
    OSError
        If the log cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._index = path, _beside(path, "shm").stat()
        try:  # for writing, which NFS requires for a lock that is not shared
            self._descriptor = os.open(_log(path), os.O_RDWR)
        except OSError:  # SQLite raises the error when it is written
            self._descriptor = os.open(_log(path), os.O_RDONLY)
        _held.add(self)
        try:
            self._take(path)
        except BaseException:
            self.release()
            raise

    def _take(self, path: Path) -> None:
        latest = time.monotonic() + PATIENCE
        while not lock(self._descriptor):
            if time.monotonic() > latest:
                from slownet.recording.sqlite_errors import written_by_another

                raise written_by_another(path)
            time.sleep(0.01)

    @property
    def log_size(self) -> int:
        """How many bytes the log has; while it is written, it does not become shorter."""
        return os.fstat(self._descriptor).st_size

    @property
    def is_on_deleted_file(self) -> bool:
        """Whether the log has been deleted; SQLite writes it on, and nobody else can read it."""
        return os.fstat(self._descriptor).st_nlink == 0

    @property
    def is_in_place(self) -> bool:
        """Whether the log is the one beside the run file."""
        return _is_at(os.fstat(self._descriptor), _log(self._path))

    @property
    def has_shared_index(self) -> bool:
        """Whether the log's index is beside the file, but not the log: another log may have it, too."""
        return not self.is_in_place and _is_at(self._index, _beside(self._path, "shm"))

    def release(self) -> None:
        """Release the lock, if it is held."""
        if self in _held:
            _unlock(self._descriptor)  # a process that is forked now may keep the descriptor open
            _held.discard(self)
            os.close(self._descriptor)

    def leave_to_parent(self) -> None:
        """Close the descriptor in a process made by fork, or the lock would outlive the parent in it."""
        os.close(self._descriptor)


_held = set[RunLock]()


def _leave_to_parent() -> None:
    for lock in _held:
        lock.leave_to_parent()
    _held.clear()


def _log(path: Path) -> Path:
    return _beside(path, "wal")


def _beside(path: Path, end: str) -> Path:
    """Return the path of SQLite's log or of its index; SQLite follows links, except on Windows."""
    file = path if sys.platform == "win32" else Path(os.path.realpath(path))
    return file.with_name(f"{file.name}-{end}")


def _is_at(known: os.stat_result, path: Path) -> bool:
    try:
        return os.path.samestat(known, path.stat())
    except OSError:
        return False


if sys.platform == "win32":
    import msvcrt

    FAR = 2**31 - 2  # beyond the end of any log, since Windows forbids others to write a locked byte

    def lock(descriptor: int, shared: bool = False) -> bool:  # noqa: ARG001  there is only one kind
        """Take the lock if it is free."""
        os.lseek(descriptor, FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        with suppress(OSError):  # it has not been taken
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    fcntl: Any = None
    with suppress(ImportError):  # older Pyodides have none, and no other process sees their files
        import fcntl

    def lock(descriptor: int, shared: bool = False) -> bool:
        """Take the lock if it is free; many can have it shared."""
        if fcntl is None:
            return True
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # the file system has no such locks
            pass
        return True

    def _unlock(descriptor: int) -> None:
        if fcntl is not None:
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_UN)

    os.register_at_fork(after_in_child=_leave_to_parent)
