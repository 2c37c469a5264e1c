"""The results of the training loop, emitted to every sink: steps, epochs and snapshots."""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import isfinite
from operator import truediv
from typing import TYPE_CHECKING

from slownet.engines import outputs
from slownet.errors import TrainingWarning, warn
from slownet.training.prediction import judge

if TYPE_CHECKING:
    from slownet.engines import Engine
    from slownet.objects import Net
    from slownet.recording import EpochRecord, Sink, Snapshot
    from slownet.training.data import TrainingData
    from slownet.training.options import Options
    from slownet.training.progress import Progress


class Emitter:
    """Counts the steps of the engine, epoch by epoch, and passes the results to the sinks.

    Parameters
    ----------
    net, engine : Net, Engine
        The net, and the engine that evaluates the validation data.
    data : TrainingData
        Has the validation data and the test data.
    progress : Progress
        Counts the steps and epochs.
    sinks : list of Sink
        Receive the results; more can be added.
    recorded : EpochRecord or None
        The record of the last epoch before.

    Attributes
    ----------
    recorded : EpochRecord or None
        The last record that was emitted; callbacks may change the lists of a history.
    """

    def __init__(
        self,
        net: Net,
        engine: Engine,
        data: TrainingData,
        progress: Progress,
        sinks: list[Sink],
        recorded: EpochRecord | None,
    ) -> None:
        self._net, self._engine, self._progress = net, engine, progress
        self.sinks, self.recorded = sinks, recorded
        self._validation, self._encoder = data.validation, data.batches.encoder
        self._test = data.test

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
        weights = progress.batch_weights(sizes)
        divisors = (
            sizes if weights is sizes else [weight or 1.0 for weight in weights]
        )  # 0 / 1, not 0 / 0
        means = list(map(truediv, losses, divisors))
        accuracies = list(map(truediv, correct, sizes)) if self._encoder.has_classes else []
        for sink in self.sinks:
            sink.add_steps(progress.step + 1, means, accuracies)
        progress.add_steps(sizes, weights, losses, correct)

    def epoch(self, validate: bool, now: float | None = None) -> None:
        """Emit the record of the epoch that has ended, with or without a validation."""
        loss = accuracy = None
        if self._validation is not None and validate:
            samples, targets, weights = self._validation
            rows = self._engine.outputs(samples)
            loss, accuracy, *_ = judge(self._net, rows, targets, self._encoder, weights)
        record = self._progress.epoch_record(loss, accuracy, now or time.perf_counter())
        self.recorded = record
        for sink in self.sinks:
            sink.add_epoch(record)

    def test(self, options: Options, restored_step: int | None) -> None:
        """Emit how right the net is about the test samples, if there are any.

        Its weights are those of the last step, or of the step that early stopping has restored.
        """
        if self._test is None:
            return
        samples, targets, _ = self._test
        step = self._progress.step if restored_step is None else restored_step
        self._engine.write_back()
        try:
            rows = outputs(options.engine, self._net, samples, options.threads)
            found = judge(self._net, rows, targets, self._encoder)
            if not isfinite(found.loss):
                raise OverflowError("the loss is not finite")
        except ArithmeticError as error:
            text = f"test_data: there is no test, because a number overflows: {error}"
            warn(text, TrainingWarning)
            return
        for sink in self.sinks:
            sink.add_test({"step": step, **found.figures})

    def snapshot(self, snapshot: Snapshot) -> None:
        """Emit a snapshot of the last step."""
        for sink in self.sinks:
            sink.add_snapshot(snapshot)
