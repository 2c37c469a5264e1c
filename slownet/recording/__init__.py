"""What is kept of a training: its history, and snapshots of the net along the way."""

from slownet.recording.comparison import Comparison, SnapshotDifference, compare
from slownet.recording.graph import Graph
from slownet.recording.history import EpochRecord, History, Watch
from slownet.recording.snapshot import Snapshot, TrainingState, snapshot_steps, take

__all__ = [
    "Comparison",
    "EpochRecord",
    "Graph",
    "History",
    "Snapshot",
    "SnapshotDifference",
    "TrainingState",
    "Watch",
    "compare",
    "snapshot_steps",
    "take",
]
