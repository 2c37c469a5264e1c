"""The results of the training loop, emitted to every sink: steps, epochs and snapshots."""

from __future__ import annotations

import time
from collections.abc import Sequence
from operator import truediv
from typing import TYPE_CHECKING

from slownet.training.prediction import judge

if TYPE_CHECKING:
    from slownet.engines import Engine
    from slownet.objects import Net
    from slownet.recording import Sink, Snapshot
    from slownet.training.data import TrainingData
    from slownet.training.progress import Progress


class Emitter:
    """Counts the steps of the engine, epoch by epoch, and passes the results to the sinks.

    Parameters
    ----------
    net, engine : Net, Engine
        The net, and the engine that evaluates the validation data.
    data : TrainingData
        Has the validation data.
    progress : Progress
        Counts the steps and epochs.
    sinks : list of Sink
        Receive the results; more can be added.
    """

    def __init__(
        self, net: Net, engine: Engine, data: TrainingData, progress: Progress, sinks: list[Sink]
    ) -> None:
        self._net, self._engine, self._progress, self.sinks = net, engine, progress, sinks
        self._validation, self._encoder = data.validation, data.batches.encoder

    def steps(self, losses: Sequence[float], correct: Sequence[int], started: float) -> None:
        """Emit steps, and the epochs that end among them (but not with the last of them).

        Parameters
        ----------
        losses, correct : sequences
            Of each step: the sum of its samples' losses, and the number of correct predictions.
        started : float
            The time at which the first of them began, in seconds.
        """
        progress = self._progress
        seconds = (time.perf_counter() - started) / len(losses)
        first = 0
        while first < len(losses):
            if progress.at_end_of_epoch:
                now = started + first * seconds
                self.epoch(validate=False, now=now)
                progress.start_epoch(now)
            last = min(first + progress.last_step_of_epoch - progress.step, len(losses))
            self._steps_of_epoch(losses[first:last], correct[first:last])
            first = last

    def _steps_of_epoch(self, losses: Sequence[float], correct: Sequence[int]) -> None:
        progress = self._progress
        sizes = progress.batch_sizes(len(losses))
        means = list(map(truediv, losses, sizes))
        accuracies = list(map(truediv, correct, sizes)) if self._encoder.has_classes else []
        for sink in self.sinks:
            sink.add_steps(progress.step + 1, means, accuracies)
        progress.add_steps(sizes, losses, correct)

    def epoch(self, validate: bool, now: float | None = None) -> None:
        """Emit the record of the epoch that has ended, with or without a validation."""
        loss = accuracy = None
        if self._validation is not None and validate:
            samples, targets = self._validation
            outputs = self._engine.outputs(samples)
            loss, accuracy = judge(self._net, outputs, targets, self._encoder)
        record = self._progress.epoch_record(loss, accuracy, now or time.perf_counter())
        for sink in self.sinks:
            sink.add_epoch(record)

    def snapshot(self, snapshot: Snapshot) -> None:
        """Emit a snapshot of the last step."""
        for sink in self.sinks:
            sink.add_snapshot(snapshot)
