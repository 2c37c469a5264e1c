"""The mark of the arithmetic that files carry: whether their steps can be repeated bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slownet.errors import RecordingError
from slownet.version import ARITHMETIC

if TYPE_CHECKING:
    from pathlib import Path

    from slownet.recording.history import History


def check_repeatable(history: History) -> None:
    """Raise RecordingError for a training with another arithmetic than that of this slownet."""
    still = "it opens, plays and predicts, and history.restore() returns its net, to be trained anew"
    check_arithmetic(history.arithmetic, history.path, still)


def check_arithmetic(mark: int, path: Path | None, still: str) -> None:
    """Raise RecordingError for another mark than that of this slownet.

    Parameters
    ----------
    mark : int
        Of a training.
    path : Path or None
        Its file.
    still : str
        What can be done with it all the same.
    """
    if mark != ARITHMETIC:
        where = "" if path is None else f"{path.name}: "
        raise RecordingError(
            f"{where}this net was trained with arithmetic {mark}, and this slownet has arithmetic "
            f"{ARITHMETIC}: {still}, but no step can be repeated bit for bit"
        )
