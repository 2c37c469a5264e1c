"""Records of trainings and nets: histories, snapshots, run files, training files and net files."""

from typing import TYPE_CHECKING

from slownet import lazy
from slownet.recording.graph import Graph
from slownet.recording.history import EpochRecord, History, Watch
from slownet.recording.sinks import Sink
from slownet.recording.snapshot import Snapshot, TrainingState, snapshot_steps, take

if TYPE_CHECKING:
    from slownet.recording.comparison import Comparison, compare
    from slownet.recording.netfile import OptimizerState, load, save
    from slownet.recording.snapshot_difference import SnapshotDifference

__all__ = [
    "Comparison",
    "EpochRecord",
    "Graph",
    "History",
    "OptimizerState",
    "Sink",
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

__getattr__, __dir__ = lazy.names(
    __name__,
    {
        "comparison": ("Comparison", "compare"),
        "netfile": ("OptimizerState", "load", "save"),
        "snapshot_difference": ("SnapshotDifference",),
    },
)
