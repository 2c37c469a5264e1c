"""What is kept: the history of a training, snapshots of the net along the way, and net files."""

from slownet.recording.graph import Graph
from slownet.recording.history import EpochRecord, History, Watch
from slownet.recording.netfile import OptimizerState, load, save
from slownet.recording.snapshot import Snapshot, TrainingState, snapshot_steps, take

__all__ = [
    "EpochRecord",
    "Graph",
    "History",
    "OptimizerState",
    "Snapshot",
    "TrainingState",
    "Watch",
    "load",
    "save",
    "snapshot_steps",
    "take",
]
