"""The exceptions of slownet: one family, so that `except SlownetError` catches them all; warnings.

A file that fails raises one of three: `MissingFileError` where there is none, `FileError` where the
operating system refuses, `FormatError` where it is damaged or is not what it should be.
"""

from __future__ import annotations

import errno
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from slownet.objects import Weight
    from slownet.recording import History


class SlownetError(Exception):
    """The parent of every error that slownet raises on purpose."""


class InvalidValueError(SlownetError, ValueError):
    """An argument has the right type and a value that cannot be used."""


class InvalidTypeError(SlownetError, TypeError):
    """An argument has the wrong type."""


class InvalidKeyError(SlownetError, KeyError):
    """There is nothing under this id."""

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError would show the message in quotes


class FormatError(SlownetError, ValueError):
    """A file is damaged or not of the expected format; the message names the fault and the place."""


class MissingFormulaError(FormatError):
    """A file uses a formula that is not built in and must be given; the message names it."""


class FileError(SlownetError, OSError):
    """A file cannot be read or written: the operating system refuses."""


class MissingFileError(FileError, FileNotFoundError):
    """There is no such file or folder."""


class NotEnoughMemoryError(SlownetError, MemoryError):
    """A file or an argument asks for more memory than there is; the message names it."""


class MissingPackageError(SlownetError, ImportError):
    """A package that this feature needs is not installed; the message has the pip command."""


class DivergedError(SlownetError, ArithmeticError):
    """Training reached a loss or a weight that is not finite; the net holds its last finite state.

    Attributes
    ----------
    weight : Weight or None
        The first weight concerned.
    epoch, step : int or None
        Where in the training it happened (both count from 1).
    history : History or None
        Everything that was recorded until then.
    """

    def __init__(
        self,
        message: str,
        *,
        weight: Weight | None = None,
        epoch: int | None = None,
        step: int | None = None,
        history: History | None = None,
    ) -> None:
        super().__init__(message)
        self.weight = weight
        self.epoch = epoch
        self.step = step
        self.history = history


_warned: set[str] = set()
PASSED = ("slownet", "sklearn")  # packages of which no line is the user's


def warn(text: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line of the user that has called slownet, from however deep inside.

    scikit-learn, which calls slownet's estimators for the user, is passed over.

    Where standard error is closed, or was replaced by something that fails, nobody reads it.
    """
    frame: FrameType | None = sys._getframe()
    level = 1
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in PASSED:
        frame, level = frame.f_back, level + 1
    with suppress(AttributeError, OSError, ValueError):
        warnings.warn(text, category, stacklevel=level)


def warn_once(text: str, category: type[Warning] = UserWarning) -> None:
    """Warn as `warn` does, once for each text."""
    if text not in _warned:
        _warned.add(text)
        warn(text, category)


class DerivativeWarning(UserWarning):
    """A derivative of the user's is not the slope of its function; the message has the place."""


class TrainingWarning(UserWarning):
    """A training can hardly succeed with this net or these data; the message has the reason."""


class TableWarning(UserWarning):
    """A cell of a table is odd among the others of its column, or a net does not use a column."""


class EngineError(SlownetError, RuntimeError):
    """The compiled engine cannot be used on this machine, or not for this net."""


class WorkerError(SlownetError, RuntimeError):
    """Processes that train for `train_many` were lost, again and again; what is done is kept."""


class RecordingError(SlownetError):
    """A run cannot be recorded or repeated; the message has the reason, and what in its file is safe.

    Another process is writing the run file, or it exists already, or while a training was under way it
    could not be written, or was removed, replaced or damaged; or the arithmetic or the data differ, or a
    repeated step does.

    Attributes
    ----------
    history : History or None
        The history in memory, if the error ended a training.
    """

    history: History | None = None


@contextmanager
def file_errors(path: object, *damage: type[Exception]) -> Iterator[None]:
    """Convert errors of a file to slownet's.

    Parameters
    ----------
    path : path
        The file, for the message.
    *damage : types of exceptions
        The errors that a reader raises for a damaged file.

    Raises
    ------
    MissingFileError
        For a FileNotFoundError.
    FileError
        For any other OSError.
    FormatError
        For `damage`.
    NotEnoughMemoryError
        For a MemoryError.
    """
    try:
        yield
    except SlownetError:
        raise
    except damage as error:
        raise FormatError(
            f"{path}: {str(error) or type(error).__name__}: the file is damaged"
        ) from error
    except MemoryError as error:
        raise NotEnoughMemoryError(f"{path}: there is not enough memory for it") from error
    except OSError as error:
        kind = MissingFileError if isinstance(error, FileNotFoundError) else FileError
        raise kind(error.errno or errno.EIO, error.strerror or str(error), str(path)) from error
