"""What is kept: the history of a training, snapshots of the net along the way, and net files."""

from slownet.recording.comparison import Comparison, SnapshotDifference, compare
from slownet.recording.graph import Graph
from slownet.recording.history import EpochRecord, History, Watch
from slownet.recording.netfile import OptimizerState, load, save
from slownet.recording.snapshot import Snapshot, TrainingState, snapshot_steps, take

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
