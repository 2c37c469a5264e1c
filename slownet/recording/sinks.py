"""The protocol of receivers of a training's results, which `History` and `Recorder` implement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from slownet.recording.history import EpochRecord
    from slownet.recording.snapshot import Snapshot


class Sink(Protocol):
    """Receives steps, epochs and snapshots, which the loop of a training emits as they happen.

    All sinks of a training get the same objects, and change none of them. An error that a sink raises
    ends the training.
    """

    def add_steps(self, first: int, losses: Sequence[float], accuracies: Sequence[float], /) -> None:
        """Take the results of consecutive steps of one epoch.

        Parameters
        ----------
        first : int
            The number of the first of them, from 1. Every number comes once, in order.
        losses : sequence of float
            The mean loss of each step's batch, before its update.
        accuracies : sequence of float
            The share of correct predictions in each step's batch; empty for regression.
        """

    def add_epoch(self, record: EpochRecord, /) -> None:
        """Take the record of an epoch, after its last step and its validation."""

    def add_snapshot(self, snapshot: Snapshot, /) -> None:
        """Take a snapshot of the state after the last step so far."""

    def add_test(self, test: dict[str, Any], /) -> None:
        """Take how right the trained net is about `test_data`; see `History.test`."""
