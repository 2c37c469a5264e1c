"""Training files: a whole training as JSON, state by state, and the history read back from it.

Writing needs memory for one snapshot at a time, reading for all numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.checks import check_path, check_type
from slownet.recording.atomic import replacing
from slownet.recording.history import History
from slownet.recording.json_stream import open_json
from slownet.recording.json_text import encoded
from slownet.recording.opened_once import opened_once
from slownet.recording.training_reading import TrainingReader
from slownet.recording.training_writing import packed, training_lines

if TYPE_CHECKING:
    import os


@opened_once()
def to_json(history: History, path: str | os.PathLike[str]) -> Path:
    """Write a whole training as JSON, compressed if the name ends in `.gz`.

    Parameters
    ----------
    history : History
        The history of the training.
    path : str or path-like
        The file, for example `training.json`.

    Returns
    -------
    pathlib.Path
        Where it is.

    Raises
    ------
    ValueError
        If a number is nan or infinite; the message says where.
    TypeError
        If a class label or a watched target is neither text nor number nor bool.
    FileError
        If the file cannot be written; an OSError too.
    """
    check_type("history", history, History)
    file = check_path(path, "JSON")
    with replacing(file) as raw, packed(file, raw) as stream:
        for line in training_lines(history):
            stream.write(encoded(line))
    return file


def from_json(path: str | os.PathLike[str], formulas: Iterable[Any] = ()) -> History:
    """Read a history from a file that `History.to_json` wrote.

    Nothing in the file is executed, and memory is allocated only for what the file contains.

    Parameters
    ----------
    path : str or path-like
        The file, compressed or not.
    formulas : iterable of formulas
        The training's formulas that are not built in.

    Returns
    -------
    History
        The same history, to the last bit, but for its `net`; `history.at(step).restore()` builds one.

    Raises
    ------
    FormatError
        If the file does not hold a training; the message says what is wrong and where, as in
        `training.json, training_states[3].synapses[0].weights[7][2]`.
    FileError
        If it cannot be read; an OSError too, and a FileNotFoundError where there is none.
    """
    own = list(formulas)
    with open_json(path) as stream:
        return TrainingReader(stream, own).history()
