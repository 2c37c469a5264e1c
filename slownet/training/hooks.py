"""The callbacks of a training, called together, and its progress bar."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from slownet.bars import is_watched, new_bar
from slownet.recording.measures import figures_text
from slownet.training.callbacks import HOOKS, Callback
from slownet.training.epoch_callbacks import EarlyStopping

if TYPE_CHECKING:
    from slownet.training.loop import Training

OF_EPOCHS = {"on_epoch_begin", "on_epoch_end"}


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
            self._bar = new_bar(training.total_steps, "step", initial=training.step)

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
    see_epochs : bool
        Whether callbacks have hooks at the beginning or the end of an epoch.
    interrupt : KeyboardInterrupt or None
        The one that a callback has raised.
    """

    def __init__(
        self, early_stopping: EarlyStopping | None, callbacks: Sequence[Callback], bar: ProgressBar
    ) -> None:
        first = [] if early_stopping is None else [early_stopping]
        self._observers, self._bar = [*first, *callbacks], bar
        self.observed: set[str] = set()
        self.see_epochs = False
        self.interrupt: KeyboardInterrupt | None = None
        self.refresh()

    def refresh(self) -> None:
        """Update `observed`: a method may have been added to a callback."""
        found = [
            (hook, getattr(callback, "reads_net", True))
            for callback in self._observers
            for hook in HOOKS
            if hook != "on_progress" and _has_hook(callback, hook)
        ]
        self.observed = {hook for hook, reads in found if reads or hook not in OF_EPOCHS}
        self.see_epochs = any(hook in OF_EPOCHS for hook, _ in found)

    @property
    def may_change_net(self) -> bool:
        """Whether callbacks may change the net; then steps cannot be repeated without them."""
        return not self.observed.isdisjoint(("on_epoch_begin", "on_step_end", "on_epoch_end"))

    def may_stop_after(self, is_end_of_epoch: bool) -> bool:
        """Whether a callback may end the training after a step."""
        return "on_step_end" in self.observed or (is_end_of_epoch and self.see_epochs)

    @property
    def restored_step(self) -> int | None:
        """The step of the weights that early stopping has restored, if it has."""
        steps = [getattr(each, "restored_step", None) for each in self._observers]
        return next((step for step in reversed(steps) if step is not None), None)

    def writebacks(self, steps_per_epoch: int, validates: bool) -> float:
        """Return how often in a step the engine will write to the objects."""
        if "on_step_end" in self.observed:
            return 1.0
        at_epochs = self.observed & OF_EPOCHS
        return 1.0 / steps_per_epoch if at_epochs or validates else 0.0

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


def disturbs(callback: object) -> bool:
    """Whether a callback may change the net before or between steps."""
    hooks = ("on_fit_begin", "on_step_end")
    return getattr(callback, "reads_net", True) or any(_has_hook(callback, hook) for hook in hooks)


def _has_hook(callback: object, hook: str) -> bool:
    """Whether a callback has the hook, other than the one of `Callback`, which does nothing."""
    method = getattr(callback, hook, None)
    return method is not None and getattr(method, "__func__", method) is not getattr(Callback, hook)
