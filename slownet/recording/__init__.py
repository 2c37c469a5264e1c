"""What is kept of a training: its history, snapshots of the net, run files and net files."""

import importlib
from typing import TYPE_CHECKING, Any

from slownet.recording.graph import Graph
from slownet.recording.history import EpochRecord, History, Watch
from slownet.recording.snapshot import Snapshot, TrainingState, snapshot_steps, take

if TYPE_CHECKING:
    from slownet.recording.comparison import Comparison, SnapshotDifference, compare
    from slownet.recording.netfile import OptimizerState, load, save

__all__ = [
    "Comparison",
    "EpochRecord",
    "Graph",
    "History",
    "OptimizerState",
    "Snapshot",
    "SnapshotDifference",
    "TrainingState",
    "Watch",
    "compare",
    "load",
    "save",
    "snapshot_steps",
    "take",
]

LATER = {  # in modules that are loaded when first asked for
    "comparison": ("Comparison", "SnapshotDifference", "compare"),
    "netfile": ("OptimizerState", "load", "save"),
}


def __getattr__(name: str) -> Any:
    for module, names in LATER.items():
        if name in names:
            return getattr(importlib.import_module(f"slownet.recording.{module}"), name)
    raise AttributeError(f"module 'slownet.recording' has no attribute {name!r}")
