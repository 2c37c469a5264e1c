"""Files of slownet, opened by what they hold: runs, trainings, nets and sweeps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.errors import InvalidValueError
from slownet.files import opened
from slownet.recording import History, netfile
from slownet.recording.database import SWEEP_APPLICATION
from slownet.recording.json_stream import GZIP, SQLITE
from slownet.recording.sharing import COMMAND
from slownet.terminal import print_to_stderr

if TYPE_CHECKING:
    from slownet.objects import Net

RUN, TRAINING, NET, SWEEP = "run", "training", "net", "sweep"
PAGE = b"<!doctype html"


def file_kind(path: Path) -> str:
    """Return what a file holds: a run, a training as JSON, a net as JSON, or a sweep.

    Raises
    ------
    FileError, ValueError
        If it cannot be read, or holds none of them.
    """
    with opened(path) as file:
        head = file.read(512)
    if head.startswith(SQLITE):
        mark = int.from_bytes(head[68:72], "big")  # the application_id of the SQLite database
        return SWEEP if mark == SWEEP_APPLICATION else RUN
    if b'"slownet training"' in head or head.startswith(GZIP):
        return TRAINING
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"{"):
        return NET
    hint = ""
    if text.lower().startswith(PAGE):
        hint = ": it is a page, which slownet verify checks; slownet train --run FILE records a run"
    raise InvalidValueError(f"{path} holds neither a training nor a net of slownet{hint}")


def open_history(path: Path) -> History:
    """Open a run file, or a training as JSON; errors as for `file_kind`."""
    kind = file_kind(path)
    if kind == NET:
        raise InvalidValueError(f"{path} holds a net, and no training: give the run file")
    if kind == SWEEP:
        raise InvalidValueError(
            f"{path} holds a sweep, of many trainings, and no run: slownet info describes it, and "
            f"slownet.Sweep.open({str(path)!r}) has the history and the net of each"
        )
    return History.open(path) if kind == RUN else History.from_json(path)


def open_net(path: Path) -> tuple[Net, dict[str, Any]]:
    """Open a net file, or the net of a training at its end.

    Returns
    -------
    net : Net
    source : dict
        What `slownet train` was told about the data; empty where that is not known.
    """
    if file_kind(path) == NET:
        return netfile.load(path), {}
    history = open_history(path)
    net = history.restore()
    stopping = history.config.get("early_stopping")
    if history.ended == "stopped" and isinstance(stopping, dict) and stopping.get("restore_best"):
        print_to_stderr(
            f"slownet: this is the net of step {history.last_step:,}, the last one; early stopping went "
            "back to an earlier epoch, whose net is history.rewind(step, data) in Python"
        )
    source = history.source or {}
    return net, source if source.get("command") == COMMAND else {}
