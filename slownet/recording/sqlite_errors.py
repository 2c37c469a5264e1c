"""Errors of run files: those of SQLite become those that slownet raises for any file."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from slownet.errors import (
    FileError,
    FormatError,
    MissingFileError,
    MissingFormulaError,
    RecordingError,
    SlownetError,
    file_errors,
)
from slownet.recording.sqlite import sqlite3


class Problem(NamedTuple):
    """The meaning of an SQLite error code: the number of the equivalent system error, or 0; a text."""

    number: int
    text: str


UNKNOWN = Problem(0, "the file is not what it should be")
BUSY = Problem(errno.EBUSY, "another process is writing it; wait until it has ended")
READ_ONLY = Problem(errno.EACCES, "it, or the folder it is in, may not be written")
NOT_STORED = Problem(errno.EIO, "the disk does not take it")
PROBLEMS = {  # by a part of the code's name, https://sqlite.org/rescode.html
    "BUSY": BUSY,
    "LOCKED": BUSY,
    "FULL": Problem(errno.ENOSPC, "the disk is full"),
    "READONLY": READ_ONLY,
    "PERM": READ_ONLY,
    "CANTOPEN": Problem(errno.EACCES, "it cannot be opened"),
    "IOERR": NOT_STORED,
    "TOOBIG": NOT_STORED,
    "NOTADB": Problem(0, "it is no SQLite database, as runs and sweeps are"),
    "CORRUPT": Problem(0, "the file is damaged"),
}


@contextmanager
def run_file_errors(path: Path, doing: str) -> Iterator[None]:
    """Convert errors of a run file to slownet's, with the name of the file.

    Parameters
    ----------
    path : Path
        The file.
    doing : str
        The action that failed, for the message: "be read", "be written" or "be made".

    Raises
    ------
    MissingFileError, FileError
        If there is no such file or folder, or the operating system refuses.
    FormatError
        If the file is damaged, or is not what it should be.
    RecordingError
        If another process is writing it.
    """
    try:
        with file_errors(path, UnicodeDecodeError):  # SQLite quotes what it cannot decode
            yield
    except sqlite3.Error as error:
        raise _translated(error, path, doing) from error
    except MissingFileError as error:
        if path.parent.exists():
            raise
        raise MissingFileError(errno.ENOENT, f"cannot {doing}: {_no_folder(path)}", str(path)) from error
    except MissingFormulaError as error:
        raise MissingFormulaError(_with_path(error, path)) from error
    except FormatError as error:
        raise FormatError(_with_path(error, path)) from error


def written_by_another(path: Path, doing: str = "be written") -> RecordingError:
    """Return the error that another process is writing the run."""
    return RecordingError(f"{path}: cannot {doing}: {BUSY.text}")


def reason(error: BaseException, path: Path) -> str:
    """Return the reason for which a run file cannot be read or written, for a message."""
    if isinstance(error, sqlite3.Error):
        return _problem(error, path).text
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"{type(error).__name__}: {error}"


def _problem(error: sqlite3.Error, path: Path) -> Problem:
    code = getattr(error, "sqlite_errorname", None) or ""  # Python's own errors have no SQLite code
    found = next((problem for part, problem in PROBLEMS.items() if part in code), UNKNOWN)
    if "CANTOPEN" in code and not path.parent.exists():
        return Problem(errno.ENOENT, _no_folder(path))
    if "CANTOPEN" in code and not path.parent.is_dir():
        return Problem(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if "CANTOPEN" in code and not path.exists():
        return Problem(errno.ENOENT, os.strerror(errno.ENOENT))
    if "CANTOPEN" in code and not os.access(path.parent, os.W_OK):
        return Problem(errno.EACCES, "its folder may not be written")
    if found in (NOT_STORED, UNKNOWN):
        return found._replace(text=f"{found.text} ({error})")
    return found


def _translated(error: sqlite3.Error, path: Path, doing: str) -> SlownetError:
    problem = _problem(error, path)
    if problem is BUSY:
        return written_by_another(path, doing)
    text = f"cannot {doing}: {problem.text}"
    if not problem.number:
        return FormatError(f"{path}: {text}")
    kind = MissingFileError if problem.number == errno.ENOENT else FileError
    return kind(problem.number, text, str(path))


def _no_folder(path: Path) -> str:
    return f"there is no folder {path.parent}"


def _with_path(error: Exception, path: Path) -> str:
    message = str(error)
    return message if message.startswith(str(path)) else f"{path}: {message}"
