"""What is kept of a training: its history, and snapshots of the net along the way."""

from slownet.recording.history import EpochRecord, History, Watch
from slownet.recording.snapshot import Graph, Snapshot, snapshot_steps, take

__all__ = ["EpochRecord", "Graph", "History", "Snapshot", "Watch", "snapshot_steps", "take"]
