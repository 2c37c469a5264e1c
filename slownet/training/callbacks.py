"""Callbacks: objects whose methods `fit` calls, and which may stop it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from slownet.checks import check_bool, check_integer, check_number, check_path, short, unknown_name
from slownet.errors import InvalidTypeError, InvalidValueError, warn
from slownet.recording import EpochRecord, Snapshot, take

if TYPE_CHECKING:
    from slownet.objects import Net
    from slownet.training.loop import Training

HOOKS = (
    "on_fit_begin",
    "on_epoch_begin",
    "on_step_end",
    "on_progress",
    "on_epoch_end",
    "on_fit_end",
)


class Callback:
    """A base class for callbacks of `fit`; override the methods you need.

    Each method gets the `Training`, with its `net`, its `history` so far, its `epoch` and its `step`.
    Returning True from a step or epoch method stops the training. Any object that has some of these
    methods can be a callback.

    With `on_step_end`, the compiled engine stops after every step and writes all its numbers to the
    objects. A callback that only shows progress is faster with `on_progress`.

    Examples
    --------
    The loss is printed after every epoch, and the training stops once it is small:

    >>> from slownet import Callback, NetFactory
    >>> class Enough(Callback):
    ...     def on_epoch_end(self, training):
    ...         loss = training.history.epochs[-1].loss
    ...         print(f"epoch {training.epoch}: loss {loss:.3f}")
    ...         return loss < 0.4
    >>> X, y = [[0.0], [1.0]], [0, 1]
    >>> net = NetFactory([1, 2, 1], seed=0).new()
    >>> net.fit(X, y, epochs=50, learning_rate=4.0, callbacks=Enough()).ended
    epoch 1: loss 0.688
    epoch 2: loss 0.657
    epoch 3: loss 0.570
    epoch 4: loss 0.402
    epoch 5: loss 0.393
    'stopped'
    """

    def on_fit_begin(self, training: Training) -> Any:
        """Handle the start of the training, before its first step.

        Examples
        --------
        >>> class Announce(Callback):
        ...     def on_fit_begin(self, training):
        ...         print(f"{training.net} trains for {training.total_steps} steps")
        """

    def on_epoch_begin(self, training: Training) -> bool | None:
        """Handle the start of an epoch, before its first step.

        Examples
        --------
        Layer 1 learns nothing in the first five epochs:

        >>> class Thaw(Callback):
        ...     def on_epoch_begin(self, training):
        ...         if training.epoch == 1:
        ...             training.net.layers[1].freeze()
        ...         if training.epoch == 6:
        ...             training.net.layers[1].unfreeze()
        """
        return None

    def on_step_end(self, training: Training) -> bool | None:
        """Handle the end of a step: the update is made, and the objects hold the batch's gradients.

        Examples
        --------
        The largest gradient of every step is kept:

        >>> class LargestGradient(Callback):
        ...     def on_fit_begin(self, training):
        ...         self.sizes = []
        ...     def on_step_end(self, training):
        ...         self.sizes.append(max(abs(weight.grad) for weight in training.net.weights()))
        """
        return None

    def on_progress(self, training: Training) -> bool | None:
        """Handle the end of one or more steps, some 20 times a second or after each that takes longer.

        It costs almost no time: `training.step`, the losses in `training.history` and the numbers in
        `training.state()` are up to date, while the net's objects may be older, and changes made to
        them may be lost.

        Examples
        --------
        The training stops after a minute:

        >>> import time
        >>> class OneMinute(Callback):
        ...     def on_fit_begin(self, training):
        ...         self.end = time.monotonic() + 60.0
        ...     def on_progress(self, training):
        ...         return time.monotonic() > self.end
        """
        return None

    def on_epoch_end(self, training: Training) -> bool | None:
        """Handle the end of an epoch and its validation; `training.history.epochs[-1]` is its record.

        Examples
        --------
        After every epoch the smallest tenth of the weights is removed:

        >>> class Prune(Callback):
        ...     def on_epoch_end(self, training):
        ...         training.net.prune(share=0.1)
        """
        return None

    def on_fit_end(self, training: Training) -> Any:
        """Handle the end of the training, unless it ends with an error.

        Examples
        --------
        >>> class Report(Callback):
        ...     def on_fit_end(self, training):
        ...         print(training.history)
        """


def check_callback(callback: object) -> None:
    """Raise TypeError for an object that has none of a callback's methods."""
    has_methods = any(callable(getattr(callback, hook, None)) for hook in HOOKS)
    if isinstance(callback, type) and has_methods:
        name = callback.__name__
        raise InvalidTypeError(f"a callback is an object, and {name} is its class: give {name}(...)")
    if not has_methods:
        raise InvalidTypeError(
            f"a callback is an object with some of the methods {', '.join(HOOKS)}, not {short(callback)}"
        )


def check_progress(name: str, value: object) -> bool | Literal["always"]:
    """Return the argument `progress`; ValueError for any other value."""
    if isinstance(value, str) and value == "always":
        return "always"
    try:
        return check_bool(name, value)
    except InvalidTypeError:
        raise InvalidValueError(f"{name} must be True, False or 'always', not {short(value)}") from None


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
    """

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
        return self._has_waited(record)

    def replay_epochs(self, records: Sequence[EpochRecord], rewind: Callable[[int], Net]) -> bool:
        """Replay the epochs of a training that is resumed; return whether it would have stopped.

        `rewind` returns the net as it was after a step.
        """
        best = [record for record in records if self._is_best(record)]
        if best and self.restore_best:
            self._best = take(rewind(best[-1].step), best[-1].step)
        return bool(records) and self._has_waited(records[-1])

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
        loss where there is one, the training loss otherwise.

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
        """Forget the best loss of an earlier training; of one that is resumed, its epochs count."""
        before = [_loss_of(record) for record in training.history.epochs]
        self._best_loss = min(before, default=inf)

    def on_epoch_end(self, training: Training) -> None:
        """Save the net, if it is time or it is better."""
        record = training.emitter.recorded
        if record is None or record.epoch % self.every:
            return
        loss = _loss_of(record)
        if self.best and not loss < self._best_loss:
            return
        self._best_loss = min(self._best_loss, loss)
        path = training.net.save(self._path_of(record.epoch))
        self.saved = [*(each for each in self.saved if each != path), path]

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
        If it cannot be called.
    ValueError
        In training, if it returns no finite number above 0.

    Examples
    --------
    >>> from slownet import LearningRate
    >>> callback = LearningRate(lambda epoch, rate: rate * 0.95 if epoch > 10 else rate)
    """

    def __init__(self, function: Callable[[int, float], float]) -> None:
        self.function = check_callable("function", function)

    def on_epoch_begin(self, training: Training) -> None:
        """Set the rate."""
        before = training.rate_of_epoch(training.epoch - 1)
        training.set_learning_rate(self.function(training.epoch, before))


class LambdaCallback(Callback):
    """Calls functions, without a class of one's own.

    Parameters
    ----------
    **hooks : callable
        A function of the training for each method of `Callback` that is to be handled.

    Raises
    ------
    TypeError, ValueError
        If there are none, one cannot be called, or a name is none of a callback's methods.

    Examples
    --------
    >>> from slownet import LambdaCallback
    >>> stop = LambdaCallback(on_epoch_end=lambda training: training.history.epochs[-1].loss < 0.1)
    """

    def __init__(self, **hooks: Callable[[Training], Any]) -> None:
        for name, function in hooks.items():
            if name not in HOOKS:
                raise unknown_name("hook", name, HOOKS)
            setattr(self, name, check_callable(name, function))
        if not hooks:
            raise InvalidTypeError(f"LambdaCallback takes functions for {', '.join(HOOKS)}")
        self._names = list(hooks)

    def __repr__(self) -> str:
        return f"LambdaCallback({', '.join(self._names)})"


def check_callable(name: str, function: Any) -> Callable[..., Any]:
    """Return a function; TypeError for anything else."""
    if not callable(function):
        raise InvalidTypeError(f"{name} must be a function, not {short(function)}")
    found: Callable[..., Any] = function
    return found


def _loss_of(record: EpochRecord) -> float:
    return record.loss if record.validation_loss is None else record.validation_loss
