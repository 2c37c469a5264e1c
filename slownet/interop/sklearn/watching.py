"""What happens after each epoch: the loss curve, validation scores, the end, the learning rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from operator import mul
from typing import TYPE_CHECKING, Any

from slownet.functions import power
from slownet.sums import added_in_order
from slownet.training import Callback

if TYPE_CHECKING:
    from slownet.recording import Snapshot
    from slownet.training import Training

SMALLEST_RATE = 1e-6  # an adaptive learning rate up to this is not divided any more


@dataclass(eq=False)
class Watcher(Callback):
    """Ends a training as scikit-learn's MLPClassifier does, and sets its learning rates.

    Attributes
    ----------
    rate, power_t, adapts : float, float or None, bool
        The first learning rate; the exponent by which it shrinks, if it does; whether it is divided by
        5 where training would end.
    tol, patience : float
        Training ends when the loss has not been `tol` smaller than the smallest before, or the score not
        `tol` larger than the largest before, for more than `patience` epochs.
    samples_before, continues : int, bool
        How many samples earlier trainings of the net have visited, and whether this one goes on with
        their learning rate; otherwise its first epoch has `rate`.
    score : callable or None
        `score(training)` returns the validation score; None without early stopping.
    begin, end : callable or None
        Called with the training at the begin and the end of an epoch; a true result of `end` stops it.
    losses, scores : list of float
        The loss and the validation score of each epoch.
    best_loss, best_score : float
        The smallest loss, and the largest score.
    best : Snapshot or None
        The weights of the best score, which the net has at the end.
    restored_step : int or None
        The step of these weights, once they are restored.
    has_converged : bool
        Whether it has ended the training.
    """

    rate: float
    tol: float
    patience: float
    power_t: float | None = None
    adapts: bool = False
    samples_before: int = 0
    continues: bool = False
    score: Callable[[Training], float] | None = None
    begin: Callable[[Training], Any] | None = None
    end: Callable[[Training], Any] | None = None
    losses: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    best_loss: float = inf
    best_score: float = -inf
    best: Snapshot | None = None
    restored_step: int | None = None
    has_converged: bool = False
    _waited: int = 0

    reads_net = False

    def on_epoch_begin(self, training: Training) -> None:
        """Set the learning rate, where it changes."""
        if self.power_t is not None:
            visited = self.samples_before + (training.epoch - 1) * len(training.samples)
            if visited and (self.continues or training.epoch > 1):
                rate = self.rate / power(float(visited + 1), self.power_t)
                training.set_learning_rate(rate)
        elif self.adapts:
            training.set_learning_rate(self.rate)
        if self.begin is not None:
            self.begin(training)

    def on_epoch_end(self, training: Training) -> bool:
        """Note loss and score; return whether to end the training."""
        self.losses.append(epoch_loss(training))
        if self.score is None:
            improves = self._loss_improves()
        else:
            improves = self._score_improves(self.score(training), training)
        self._waited = 0 if improves else self._waited + 1
        stops = False if self.end is None else bool(self.end(training))
        if self._waited > self.patience:
            self.has_converged = not self._adapt()
        return stops or self.has_converged

    def on_fit_end(self, training: Training) -> None:
        """Restore the weights of the best score."""
        if self.best is not None:
            self.best.restore(training.net)
            self.restored_step = self.best.step

    def _loss_improves(self) -> bool:
        loss = self.losses[-1]
        improves = loss <= self.best_loss - self.tol
        self.best_loss = min(self.best_loss, loss)
        return improves

    def _score_improves(self, score: float, training: Training) -> bool:
        self.scores.append(score)
        improves = score >= self.best_score + self.tol
        if score > self.best_score:
            self.best_score, self.best = score, training.state()
            training.keeper.keep_best()
        return improves

    def _adapt(self) -> bool:
        """Divide the learning rate by 5; return whether training goes on with it."""
        if not self.adapts or self.rate <= SMALLEST_RATE:
            return False
        self.rate, self._waited = self.rate / 5.0, 0
        return True


def epoch_loss(training: Training) -> float:
    """Return the mean of the losses of an epoch's batches, each counted by its number of samples."""
    samples, size = len(training.samples), training.options.batch_size
    steps = training.step - (training.epoch - 1) * training.steps_per_epoch
    sizes = [min(size, samples - step * size) for step in range(steps)]
    losses = training.history.loss[-steps:]
    return added_in_order(map(mul, losses, sizes)) / sum(sizes)
