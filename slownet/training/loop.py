"""The training loop: steps, epochs and callbacks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.errors import DivergedError, RecordingError
from slownet.recording import History, Snapshot
from slownet.training.data import TrainingData
from slownet.training.divergence import divergence
from slownet.training.emitting import Emitter
from slownet.training.epoch_callbacks import comparable_epochs
from slownet.training.hooks import Hooks, ProgressBar
from slownet.training.in_training import Mark
from slownet.training.interrupts import deferred_interrupts
from slownet.training.keeping import Keeper
from slownet.training.last_step import forget_end, leave_last_step
from slownet.training.obstacles import warn_of_obstacles
from slownet.training.progress import Progress
from slownet.training.start import (
    Start,
    new_engine,
    planned_snapshots,
    starting_history,
    starting_memory,
)

if TYPE_CHECKING:
    from slownet.objects import Net
    from slownet.training.options import Options


class Training:
    """A training in progress, which `fit` makes; callbacks get it as their argument.

    Attributes
    ----------
    net : Net
        The net that learns.
    history : History
        The history so far.
    options : Options
        The arguments of `fit`.
    engine : Engine
        Runs the batches; its `memory` is the optimizer's.
    samples, targets : Samples, list of list of float
        The training data; a target is one number for each output neuron. Both are prepared: numbers of
        the net, not of the table (`net.preparation`).
    encoder : Encoder
        Converts targets to numbers.
    validation : (Samples, targets, weights) or None
        The data that every epoch is validated with, prepared too.
    data, progress, hooks, keeper, emitter
        The parts of the loop: `TrainingData`, `Progress`, `Hooks`, `Keeper`, `Emitter`.

    Examples
    --------
    >>> from slownet import LambdaCallback, NetFactory
    >>> show = LambdaCallback(on_epoch_end=lambda training: print(training.epoch, training.net))
    >>> history = NetFactory([1, 2, 1]).new().fit([[0.0], [1.0]], [0, 1], callbacks=show)
    1 Net(1-2-1, relu, sigmoid, 4 weights)
    """

    def __init__(self, net: Net, X: Any, y: Any, options: Options, start: Start | None = None) -> None:
        options, memory = starting_memory(net, options, start)
        net.rewire()  # numbers that were set since the last pass are checked
        self.net, self.options, self._start = net, options, start
        data = self.data = TrainingData.read(net, X, y, options)
        self.samples, self.targets = data.batches.samples, data.batches.targets
        self.encoder, self.validation = data.batches.encoder, data.validation
        progress = self.progress = Progress(data.batches, options)
        if start is not None:
            progress.continue_from(start.snapshot, time.perf_counter())
            progress.last_step = start.last_step or progress.last_step
        planned = planned_snapshots(options, progress.total_steps, start)
        self._bar = ProgressBar(options.progress)
        self.hooks = Hooks(options.early_stopping, options.callbacks, self._bar)
        self.history = starting_history(net, data, options, planned, start)
        writebacks = self.hooks.writebacks(self.steps_per_epoch, self.validation is not None)
        self.engine = new_engine(net, data, options, memory, progress, writebacks)
        self.keeper = Keeper(net, self.engine, data, progress, self.history, planned, self.hooks)
        recorded = self.history.epochs[-1] if self.history.epochs else None
        self.emitter = Emitter(net, self.engine, data, progress, [self.history], recorded)

    @property
    def _pauses_at_epochs(self) -> bool:
        return self.validation is not None or self.hooks.see_epochs

    # for callbacks

    @property
    def epochs(self) -> int:
        """How many epochs there will be."""
        return self.progress.epochs

    @property
    def epoch(self) -> int:
        """The epoch under way, from 1."""
        return self.progress.epoch

    @property
    def total_steps(self) -> int:
        """How many updates there will be."""
        return self.progress.total_steps

    @property
    def step(self) -> int:
        """How many updates have been made."""
        return self.progress.step

    @property
    def steps_per_epoch(self) -> int:
        """How many updates an epoch makes."""
        return self.progress.steps_per_epoch

    @property
    def learning_rate(self) -> float:
        """The rate of the last step, after the schedule."""
        return self.progress.learning_rate

    @property
    def epoch_loss(self) -> float:
        """The mean loss over the samples of this epoch so far."""
        return self.progress.epoch_loss

    @property
    def epoch_accuracy(self) -> float | None:
        """The share of the samples of this epoch so far that was predicted right; None for numbers."""
        return self.progress.epoch_accuracy

    def set_learning_rate(self, rate: float) -> None:
        """Set the learning rate, before the schedule, from this epoch on: in `on_epoch_begin`."""
        self.progress.set_learning_rate(rate)
        self.keeper.keep_epoch_rates(self.progress.epoch_rates)

    def state(self) -> Snapshot:
        """Return a snapshot from which the training can continue."""
        return self.keeper.state()

    # ways to train

    def run(self, last_step: int | None = None) -> History:
        """Train to the end, or until something stops it; at `last_step` it is interrupted."""
        if last_step is not None:
            self.progress.last_step = min(last_step, self.total_steps)
        forget_end(self)
        ended, is_whole = "failed", False
        try:
            with deferred_interrupts() as interrupt:
                self._open_keeper()
                try:
                    ended = self._run_until(interrupt)
                    self.data.check_preparation(self.net)
                    with self._divergence_named():
                        self._emit_snapshot(last=True)
                    self._save(now=True)
                    self._call("on_fit_end")
                    self.emitter.test(self.options, self.hooks.restored_step)
                    self.keeper.check_fingerprint(wait=True)
                finally:
                    self.engine.write_back()
            is_whole = True
        except DivergedError:
            ended, is_whole = "diverged", True
            raise
        except RecordingError as error:
            if self.keeper.is_recording:
                error.history = error.history or self.history
            raise
        except KeyboardInterrupt:
            ended = "interrupted"
            raise
        finally:
            self.keeper.close(ended, is_whole or not self.hooks.may_change_net)
        leave_last_step(self)
        return self.history

    def run_to(self, step: int) -> None:
        """Repeat steps up to one: without callbacks, and adding only their losses to the history."""
        while self.step < step:
            if self.progress.at_end_of_epoch:
                self.progress.start_epoch(time.perf_counter())
            with self._divergence_named():
                self._advance(step - self.step)
        self.engine.write_back()

    def finish(self) -> History:
        """End a training that has no steps left: restore the best epoch if early stopping does so."""
        self._replay_epochs()
        if self.options.early_stopping is not None:
            self.options.early_stopping.on_fit_end(self)
        self.emitter.test(self.options, self.hooks.restored_step)
        return self.history

    def _open_keeper(self) -> None:
        options = self.options
        if options.record is not None:
            path = Path(options.record).absolute()
            self.emitter.sinks.append(self.keeper.open_run_file(path, self._continues))
        elif options.snapshots is not None:
            self.keeper.find_fingerprint()

    # the loop

    def _run_until(self, interrupt: threading.Event) -> str:
        """Train; return how it ended."""
        try:
            return self._run(interrupt)
        except KeyboardInterrupt as error:
            if interrupt.is_set() or error is not self.hooks.interrupt:
                raise  # it may have come within a step; a callback's own comes between two of them
            recorded = self.emitter.recorded.step if self.emitter.recorded else 0
            if self.progress.epoch_samples and self.step > recorded:
                self.emitter.epoch(validate=False)
            return "interrupted"
        finally:
            self.hooks.interrupt = None
            self._bar.close()

    def _run(self, interrupt: threading.Event) -> str:
        progress = self.progress
        self._call("on_fit_begin")
        stopped = self._replay_epochs() or (self._last_epoch_is_open and self._finish_epoch(interrupt))
        while self.step < self.progress.last_step and not (stopped or interrupt.is_set()):
            if progress.at_end_of_epoch:
                progress.start_epoch(time.perf_counter())
                if self._call("on_epoch_begin"):
                    return "stopped"
            self.keeper.check_fingerprint()
            with self._divergence_named():
                # taken before the step, because callbacks may have changed the net since the last one
                self._emit_snapshot()
                self._save()
                self._advance(progress.last_step - self.step)
            stopped = self._call("on_step_end")
            stopped = self._call("on_progress") or stopped
            if progress.at_end_of_epoch or stopped or interrupt.is_set():
                stopped = self._finish_epoch(interrupt) or stopped
        if self.step == self.total_steps:
            return "finished"
        return "stopped" if stopped else "interrupted"

    def _advance(self, most: int) -> None:
        """Take as many steps as the engine takes at once, but none after a hook or a snapshot is due."""
        self.data.check_shape(self.net)
        progress = self.progress
        rates = progress.rates(self._steps_at_once(most))
        progress.learning_rate = rates[0]
        started = time.perf_counter()
        losses, correct = self.engine.advance(self.step + 1, rates)
        progress.learning_rate = rates[len(losses) - 1]
        self.emitter.steps(losses, correct, started)

    def _steps_at_once(self, most: int) -> int:
        if "on_step_end" in self.hooks.observed:
            return 1
        count = min(self.engine.steps_at_once, most)
        if self._pauses_at_epochs:
            count = min(count, self.progress.last_step_of_epoch - self.step)
        return self.keeper.steps_to_snapshot(count)

    def _finish_epoch(self, interrupt: threading.Event) -> bool:
        with self._divergence_named():
            self.emitter.epoch(validate=not interrupt.is_set())
        return self._call("on_epoch_end")

    def _emit_snapshot(self, last: bool = False) -> None:
        snapshot = self.keeper.snapshot(last)
        if snapshot is not None:
            self.emitter.snapshot(snapshot)

    def _save(self, now: bool = False) -> None:
        self.keeper.save(not self.hooks.may_change_net, now)

    # continuing another training

    @property
    def _continues(self) -> bool:
        return self._start is not None and self._start.continued is not None

    @property
    def _last_epoch_is_open(self) -> bool:
        """Whether the last epoch of the continued history has all its steps but no record."""
        complete = self._continues and self.progress.at_end_of_epoch
        recorded = self.emitter.recorded.epoch if self.emitter.recorded else 0
        return complete and self.step > self.history.start and recorded < self.epoch

    def _replay_epochs(self) -> bool:
        """Replay earlier epochs for early stopping; return whether it would have stopped."""
        stopping, start = self.options.early_stopping, self._start
        if stopping is None or start is None or start.history is None:
            return False
        by = start.data or self.data.given, self.options.engine, self.options.threads
        earlier, epochs = start.history, comparable_epochs(self)
        return stopping.replay_epochs(epochs, lambda step: earlier.rewind(step, *by))

    # hooks and errors

    def _call(self, hook: str) -> bool:
        """Call a hook of the callbacks, with the objects up to date; return whether to stop."""
        observed = hook in self.hooks.observed
        if observed:
            self.engine.write_back()
        try:
            try:
                return self.hooks.call(hook, self)
            finally:
                if observed:
                    self.engine.refresh()
                    self.hooks.refresh()
        except Exception:
            if hook not in ("on_fit_begin", "on_fit_end"):
                with suppress(Exception):  # so that the run can be resumed once the callback is fixed
                    self._save(now=True)
            raise

    @contextmanager
    def _divergence_named(self) -> Iterator[None]:
        """Turn an arithmetic error into one that names the step and a weight.

        Callbacks are not called within it, so that their own errors are not converted.
        """
        try:
            yield
        except ArithmeticError as error:  # DivergedError and OverflowError are subclasses
            self._bar.close()
            self.engine.write_back()
            found = divergence(error, self.net, self.history, self.epoch, self.step + 1)
            with suppress(ArithmeticError):  # a watched sample may overflow as well
                self._emit_snapshot(last=True)
                self._save(now=True)
            raise found from error


def fit(net: Net, X: Any, y: Any, options: Options, start: Start | None = None) -> History:
    """Train a net, from a state of an earlier training if `start` is given; see `Net.fit`."""
    mark = Mark(net)
    try:
        training = Training(net, X, y, options, start)
        if start is None:
            warn_of_obstacles(net, training.data)
        return training.run()
    finally:
        mark.remove()
