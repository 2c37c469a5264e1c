"""Train until the disk takes no more, and print in JSON what is left; see test_disk.py.

Arguments: the run file, the kind of training, and how many bytes the disk takes beyond the first commit:
"file N" limits the size of a file, "disk N" fills the disk up to N bytes; "now" commits nothing first;
"first N" fills the disk up to N bytes before the first commit, and frees it after step N.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import trainings
from bits import numbers

from slownet import Callback, FileError, History, RecordingError
from slownet.recording import recorder

COMMITTED = 60  # the step that is committed before the disk fills up
FILLER = "filler"  # what fills the disk


def limit_file_size(size: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def fill_disk(folder: Path, left: int) -> None:
    """Leave that many bytes free on the file system of a folder."""
    free = os.statvfs(folder)
    (folder / FILLER).write_bytes(bytes(max(0, free.f_bavail * free.f_bsize - left)))


class Free(Callback):
    """Frees the disk after a step, once a commit has failed; 960 is the last step."""

    def __init__(self, path: Path, step: int) -> None:
        self.path, self.step = path, step

    def on_step_end(self, training: Any) -> None:
        if training.step == self.step:
            while training.keeper.recorder._writer.error is None:
                time.sleep(0.001)
            (self.path.parent / FILLER).unlink()


class Shrink(Callback):
    """Limits what can be written once a step is committed, and keeps the training for its net."""

    def __init__(self, path: Path, how: str, size: int) -> None:
        self.path, self.how, self.size = path, how, size

    def on_fit_begin(self, training: Any) -> None:
        self.training = training

    def on_step_end(self, training: Any) -> None:
        if training.step != COMMITTED or self.how == "now":
            return
        trainings.wait_for_commit(training, COMMITTED)
        if self.how == "file":
            limit_file_size(max(each.stat().st_size for each in self.path.parent.iterdir()) + self.size)
        else:
            fill_disk(self.path.parent, self.size)


def freed(path: Path, step: int) -> dict[str, Any]:
    """Fill the disk when the tables have been made, free it after a step, and return what is kept."""
    recorder.DUE = 1000.0  # a second commit that fails would end the training
    opened = recorder.Recorder.open

    def open_and_fill(self: recorder.Recorder) -> None:
        opened(self)
        fill_disk(path.parent, 0)

    recorder.Recorder.open = open_and_fill  # type: ignore[method-assign]
    options = {"snapshots": None, "watch": None, "callbacks": Free(path, step)}
    history = trainings.train("full", "scalar", path, **options)
    return {"kept": history.last_step, "in the file": History.open(path).last_step}


def result(path: Path, kind: str, how: str, size: int) -> dict[str, Any]:
    """Train, and return the error and what the net and the file hold."""
    trainings.hurry()
    shrink = Shrink(path, how, size)
    if how == "now" and size:
        limit_file_size(size)
    try:
        trainings.train(kind, "scalar", path, callbacks=shrink)
    except (FileError, RecordingError) as error:
        (path.parent / FILLER).unlink(missing_ok=True)
        found: dict[str, Any] = {
            "error": str(error),
            "folder": sorted(each.name for each in path.parent.iterdir()),
        }
        if getattr(error, "history", None) is not None and hasattr(shrink, "training"):
            net, step = shrink.training.net, shrink.training.step
            found["step"] = step
            found["kept"] = error.history.last_step
            found["net"] = repr(numbers(net))
        if path.exists():
            found["in the file"] = History.open(path).last_step
        return found
    return {"error": None}


if __name__ == "__main__":
    path, kind, how, size = sys.argv[1:]
    found = freed(Path(path), int(size)) if how == "first" else result(Path(path), kind, how, int(size))
    sys.stdout.write(json.dumps(found))
