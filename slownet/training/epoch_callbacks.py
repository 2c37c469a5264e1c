"""Callbacks that act on epochs: early stopping, files of the best net, the learning rate."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.checks import check_bool, check_integer, check_number, check_path, short, suggesting
from slownet.errors import InvalidValueError, warn
from slownet.recording import EpochRecord, Snapshot, take
from slownet.training.callbacks import Callback, check_callable

if TYPE_CHECKING:
    from slownet.objects import Net
    from slownet.training.loop import Training


class EarlyStopping(Callback):
    """Stops when the loss no longer decreases, and restores the weights of the best epoch.

    Parameters
    ----------
    patience : int
        How many epochs without improvement to wait.
    min_delta : float
        The decrease of the loss that counts as an improvement.
    restore_best : bool
        Whether the net gets back the weights of its best epoch at the end.

    Attributes
    ----------
    best_epoch : int or None
        The epoch of the smallest loss: the validation loss where there is one, the training loss
        otherwise.
    restored_step : int or None
        The step of the weights that it has restored, if it has.

    Examples
    --------
    >>> from slownet import EarlyStopping, NetFactory
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> stopping = EarlyStopping(patience=2, min_delta=0.1)
    >>> history = net.fit(X, y, epochs=50, early_stopping=stopping)
    >>> history.ended, len(history.epochs) < 50
    ('stopped', True)
    """

    @suggesting
    def __init__(self, patience: int = 5, min_delta: float = 0.0, restore_best: bool = True) -> None:
        self.patience = check_integer("patience", patience, minimum=1)
        self.min_delta = check_number("min_delta", min_delta)
        self.restore_best = check_bool("restore_best", restore_best)
        self.best_epoch: int | None = None
        self.restored_step: int | None = None
        self._best_loss = inf
        self._best: Snapshot | None = None

    def __repr__(self) -> str:
        return f"EarlyStopping(patience={self.patience}, min_delta={self.min_delta:g})"

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments that it was made with."""
        return {
            "patience": self.patience,
            "min_delta": self.min_delta,
            "restore_best": self.restore_best,
        }

    def on_fit_begin(self, training: Training) -> None:
        """Reset what an earlier training has set."""
        self.best_epoch, self._best_loss, self._best = None, inf, None
        self.restored_step = None

    def on_epoch_end(self, training: Training) -> bool:
        """Compare with the best epoch so far."""
        record = training.emitter.recorded
        if record is None:
            return False
        if self._is_best(record) and self.restore_best:
            self._best = take(training.net, record.step)
            training.keeper.keep_best()
        return self._has_waited(record)

    def replay_epochs(self, records: Sequence[EpochRecord], rewind: Callable[[int], Net]) -> bool:
        """Replay the epochs of a training that is resumed; return whether it would have stopped.

        `rewind` returns the net as it was after a step.
        """
        best = self.best_of(records)
        if best is not None and self.restore_best:
            self._best = take(rewind(best.step), best.step)
        return bool(records) and self._has_waited(records[-1])

    def best_of(self, records: Sequence[EpochRecord]) -> EpochRecord | None:
        """Go through the epochs of a training; return the best one, None without any."""
        best = [record for record in records if self._is_best(record)]
        return best[-1] if best else None

    def _is_best(self, record: EpochRecord) -> bool:
        loss = _loss_of(record)
        if not loss < self._best_loss - self.min_delta:
            return False
        self.best_epoch, self._best_loss = record.epoch, loss
        return True

    def _has_waited(self, record: EpochRecord) -> bool:
        return record.epoch - (self.best_epoch or 0) >= self.patience

    def on_fit_end(self, training: Training) -> None:
        """Restore the weights of the best epoch."""
        if self._best is None or self._best.step == training.step:
            return
        try:
            self._best.restore(training.net)
            self.restored_step = self._best.step
        except InvalidValueError:
            warn(
                f"the net's graph has changed since its best epoch, {self.best_epoch}: "
                "it keeps its last weights"
            )


class Checkpoint(Callback):
    """Saves the net to a file after epochs, as `net.save` does: the old file or the new one is there.

    A run file (`fit(record=...)`) keeps more, and can be resumed; this keeps nets to use.

    Parameters
    ----------
    path : str or path
        The file. `{epoch}` in it is replaced by the number of the epoch: "net-{epoch:03}.json".
    every : int
        Saves after every so many epochs.
    best : bool
        Whether to save only nets whose loss is smaller than that of all saved before: the validation
        loss where there is one, the training loss otherwise. Saved before are also the epochs of a
        training that `resume` or `branch` continues; each `fit` begins anew, and its first net is saved.

    Attributes
    ----------
    saved : list of path
        The files, each once, in the order in which they were last written.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used, or the path has other fields than `{epoch}`.
    FileError
        In training, if the file cannot be written.

    Examples
    --------
    >>> from slownet import Checkpoint
    >>> callbacks = [Checkpoint("best.json", best=True), Checkpoint("net-{epoch:03}.json", every=10)]
    """

    @suggesting
    def __init__(self, path: str | os.PathLike[str], every: int = 1, best: bool = False) -> None:
        self.path, self.saved = check_path(path, "JSON"), list[Path]()
        self.every, self.best = check_integer("every", every, minimum=1), check_bool("best", best)
        self._best_loss = inf
        try:
            self._path_of(1)
        except (IndexError, KeyError, ValueError, AttributeError) as error:
            raise InvalidValueError(
                f"path may have the number of the epoch as {{epoch}} or {{epoch:03}}, not "
                f"{short(str(path))}: {error}"
            ) from None

    def __repr__(self) -> str:
        return f"Checkpoint({str(self.path)!r}, every={self.every}, best={self.best})"

    def on_fit_begin(self, training: Training) -> None:
        """Forget the best loss of an earlier training, unless this one goes on with its history."""
        before = filter(self._is_due, comparable_epochs(training))
        self._best_loss = min(map(_loss_of, before), default=inf)

    def on_epoch_end(self, training: Training) -> None:
        """Save the net, if it is time or it is better."""
        record = training.emitter.recorded
        if record is None or not self._is_due(record):
            return
        loss = _loss_of(record)
        if self.best and not loss < self._best_loss:
            return
        self._best_loss = min(self._best_loss, loss)
        path = training.net.save(self._path_of(record.epoch))
        self.saved = [*(each for each in self.saved if each != path), path]

    def _is_due(self, record: EpochRecord) -> bool:
        return record.epoch % self.every == 0

    def _path_of(self, epoch: int) -> Path:
        return Path(str(self.path).format(epoch=epoch))


class LearningRate(Callback):
    """Sets the learning rate of every epoch; the schedule of `fit`, if there is one, works on it.

    A `Schedule` gives the rate of every step and needs no callback. A callback of your own can call
    `training.set_learning_rate(rate)` in its `on_epoch_begin`, if the rate depends on how the training
    goes. The history keeps these rates, so that `rewind`, `resume` and the page know them.

    Parameters
    ----------
    function : callable
        `function(epoch, rate) -> rate`: the number of the epoch that begins, from 1, and the rate of
        the epoch before, at first the `learning_rate` of `fit`.

    Raises
    ------
    TypeError
        If it is no function of two arguments.
    ValueError
        In training, if it returns no finite number above 0.

    Examples
    --------
    >>> from slownet import LearningRate
    >>> callback = LearningRate(lambda epoch, rate: rate * 0.95 if epoch > 10 else rate)
    """

    @suggesting
    def __init__(self, function: Callable[[int, float], float]) -> None:
        self.function = check_callable("function", function, ("epoch", "rate"))

    def on_epoch_begin(self, training: Training) -> None:
        """Set the rate."""
        before = training.progress.rate_of_epoch(training.epoch - 1)
        training.set_learning_rate(self.function(training.epoch, before))


def comparable_epochs(training: Training) -> list[EpochRecord]:
    """Return the epochs so far whose losses are like those to come: of a validation, or not."""
    validates = training.validation is not None
    return [each for each in training.history.epochs if (each.validation_loss is not None) == validates]


def _loss_of(record: EpochRecord) -> float:
    return record.loss if record.validation_loss is None else record.validation_loss
