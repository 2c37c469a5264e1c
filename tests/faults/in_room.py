"""Train in a folder where there may be little room, and say in JSON what became of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import trainings
from bits import bits

from slownet import Callback, FileError, History, Net, RecordingError


class Follow(Callback):
    """Keeps the training in sight, for what its net holds after an error."""

    def on_fit_begin(self, training: Any) -> None:
        self.training = training


def numbers(net: Net) -> list[bytes]:
    return bits(each.value for each in net.weights()) + bits(each.bias for each in net.neurons())


def limit(size: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def go(path: Path, kind: str, size: int) -> dict[str, Any]:
    trainings.hurry()
    follow = Follow()
    if size:
        limit(size)
    try:
        trainings.train(kind, "scalar", path, callbacks=follow)
    except (FileError, RecordingError) as error:
        told: dict[str, Any] = {
            "error": str(error),
            "folder": sorted(each.name for each in path.parent.iterdir()),
        }
        if getattr(error, "history", None) is not None and hasattr(follow, "training"):
            net, step = follow.training.net, follow.training.step
            whole = trainings.train(kind, "scalar")
            then = whole.rewind(step, (trainings.X, trainings.Y))
            told["step"] = step
            told["kept"] = error.history.last_step
            told["is a state"] = numbers(net) == numbers(then)
        if path.exists():
            told["in the file"] = History.open(path).last_step
        return told
    return {"error": None}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(go(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
