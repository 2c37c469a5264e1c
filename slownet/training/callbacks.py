"""Callbacks: objects whose methods `fit` calls, and which may stop it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from math import inf
from typing import TYPE_CHECKING, Any, Literal

from slownet.bars import is_watched, new_bar
from slownet.checks import check_bool, check_integer, check_number, short
from slownet.errors import InvalidTypeError, InvalidValueError, warn
from slownet.recording import EpochRecord, Snapshot, take
from slownet.recording.measures import figures_text

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
    """

    def on_fit_begin(self, training: Training) -> Any:
        """Handle the start of the training, before its first step."""

    def on_epoch_begin(self, training: Training) -> bool | None:
        """Handle the start of an epoch, before its first step."""
        return None

    def on_step_end(self, training: Training) -> bool | None:
        """Handle the end of a step: the update is made, and the objects hold the batch's gradients."""
        return None

    def on_progress(self, training: Training) -> bool | None:
        """Handle the end of one or more steps, some 20 times a second or after each that takes longer.

        It costs almost no time: `training.step`, the losses in `training.history` and the numbers in
        `training.state()` are up to date, while the net's objects may be older, and changes made to
        them may be lost.
        """
        return None

    def on_epoch_end(self, training: Training) -> bool | None:
        """Handle the end of an epoch and its validation; `training.history.epochs[-1]` is its record."""
        return None

    def on_fit_end(self, training: Training) -> Any:
        """Handle the end of the training, unless it ends with an error."""


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
        loss = record.loss if record.validation_loss is None else record.validation_loss
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


class ProgressBar(Callback):
    """A tqdm bar with the training loss and training accuracy of the epoch so far, if there is tqdm.

    Parameters
    ----------
    shown : bool or "always"
        True shows it in a terminal or notebook, "always" elsewhere too.
    """

    def __init__(self, shown: bool | Literal["always"] = True) -> None:
        self.shown = sys.stderr is not None and (shown == "always" or (shown and is_watched()))
        self._bar: Any = None

    def on_fit_begin(self, training: Training) -> None:
        """Show the bar."""
        if self.shown:
            self._bar = new_bar(training.total_steps, "step")

    def on_progress(self, training: Training) -> None:
        """Move the bar; tqdm limits how often it is drawn, and so how much is sent to a notebook."""
        if self._bar is not None:
            self._describe(training)
            self._bar.update(training.step - self._bar.n)

    def close(self) -> None:
        """End the bar; its last state stays visible."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _describe(self, training: Training) -> None:
        figures = training.epoch_loss, training.epoch_accuracy
        self._bar.set_description(f"epoch {training.epoch}/{training.epochs}", refresh=False)
        text = figures_text("training", training.progress.epoch_samples, *figures)
        self._bar.set_postfix_str(text, refresh=False)


class Hooks:
    """The callbacks of a training, and those of their methods that may read or change the net.

    Parameters
    ----------
    early_stopping : EarlyStopping or None
        Called first.
    callbacks : sequence of callbacks
        The user's.
    bar : ProgressBar
        Called last; it does not read the net.

    Attributes
    ----------
    observed : set of str
        The hooks in which a callback may read or change the net's objects.
    interrupt : KeyboardInterrupt or None
        The one that a callback has raised.
    """

    def __init__(
        self, early_stopping: EarlyStopping | None, callbacks: Sequence[Callback], bar: ProgressBar
    ) -> None:
        first = [] if early_stopping is None else [early_stopping]
        self._observers, self._bar = [*first, *callbacks], bar
        self.observed: set[str] = set()
        self.interrupt: KeyboardInterrupt | None = None
        self.refresh()

    def refresh(self) -> None:
        """Update `observed`: a method may have been added to a callback."""
        self.observed = {
            hook
            for callback in self._observers
            for hook in HOOKS
            if hook != "on_progress" and _has_hook(callback, hook)
        }

    @property
    def may_change_net(self) -> bool:
        """Whether callbacks may change the net; then steps cannot be repeated without them."""
        return not self.observed.isdisjoint(("on_epoch_begin", "on_step_end", "on_epoch_end"))

    @property
    def restored_step(self) -> int | None:
        """The step of the weights that early stopping has restored, if it has."""
        steps = [getattr(each, "restored_step", None) for each in self._observers]
        return next((step for step in reversed(steps) if step is not None), None)

    @property
    def see_epochs(self) -> bool:
        """Whether callbacks may read or change the net between epochs."""
        return not self.observed.isdisjoint(("on_epoch_begin", "on_epoch_end"))

    def call(self, hook: str, training: Training) -> bool:
        """Call a hook of all callbacks; return whether one of them returned True."""
        stop = False
        for callback in (*self._observers, self._bar):
            method = getattr(callback, hook, None)
            try:
                stop = bool(method is not None and method(training)) or stop
            except KeyboardInterrupt as error:
                self.interrupt = error
                raise
        return stop


def _has_hook(callback: object, hook: str) -> bool:
    """Whether a callback has the hook, other than the one of `Callback`, which does nothing."""
    method = getattr(callback, hook, None)
    return method is not None and getattr(method, "__func__", method) is not getattr(Callback, hook)
