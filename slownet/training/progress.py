"""The progress of a training: step and epoch, the sums of the epoch, and the rate of every step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from slownet.checks import check_number
from slownet.engines.formula_keys import written_by
from slownet.errors import InvalidValueError
from slownet.functions.schedules import constant
from slownet.recording import EpochRecord
from slownet.recording.measures import rate_in

if TYPE_CHECKING:
    from slownet.recording import Snapshot
    from slownet.samples import Batches
    from slownet.training.options import Options


class Progress:
    """Counts the steps and epochs of a training.

    Parameters
    ----------
    batches : Batches
        The batch of each step.
    options : Options
        The options of the training.

    Attributes
    ----------
    epochs, epoch : int
        How many epochs there will be, and the one under way, from 1.
    total_steps, step : int
        How many steps there will be, and how many have been taken.
    last_step : int
        The step after which training is interrupted, if it is to end before all of them.
    steps_per_epoch : int
        How many steps go through all samples.
    learning_rate : float
        The learning rate of the last step, as the schedule returned it.
    epoch_loss_sum, epoch_correct, epoch_samples : float, int, int
        Of the epoch so far: the sum of the samples' losses, the number of correct predictions, and the
        number of samples.
    epoch_weight : float
        The sum of the weights of these samples; their number, if they have none.
    previous_epoch : (float, int)
        The sum of the losses and the number of correct predictions of the epoch before.
    next_rates : list of float
        The rates of the next steps that the schedule has returned already.
    schedule_error : Exception or None
        The error that the schedule raised for the step after those.
    """

    def __init__(self, batches: Batches, options: Options) -> None:
        self.steps_per_epoch, self.epochs = batches.per_epoch, options.epochs
        self.last_step = self.total_steps = self.steps_per_epoch * self.epochs
        self.epoch = self.step = 0
        self.learning_rate = self._first_rate = options.learning_rate
        self._set_rates = dict(options.epoch_rates or ())  # by the epoch from which they hold
        self._schedule = options.schedule
        self._batches = batches
        self._sample_count, self._batch_size = len(batches.samples), batches.size
        self._has_classes = batches.encoder.has_classes
        self.epoch_loss_sum, self.epoch_correct, self.epoch_samples = 0.0, 0, 0
        self.epoch_weight: float = 0
        self.previous_epoch = 0.0, 0
        self.next_rates: list[float] = []
        self.schedule_error: Exception | None = None
        self._may_look_ahead = written_by(options.schedule.function) is None
        self._epoch_started = 0.0

    def continue_from(self, snapshot: Snapshot, now: float) -> None:
        """Set the progress to that of a snapshot; `now` is the time, in seconds."""
        self.step = snapshot.step
        epochs, steps = divmod(snapshot.step, self.steps_per_epoch)
        self.epoch = epochs + bool(steps)
        taken = (steps or self.steps_per_epoch) * self._batch_size
        self.epoch_samples = self.epoch_weight = min(taken, self._sample_count)
        if self._batches.weights is not None:
            before = max(self.epoch - 1, 0) * self.steps_per_epoch
            weights = map(self._batches.weight_of, range(before + 1, self.step + 1))
            self.epoch_weight = reduce(add, weights, 0)
        if snapshot.state is not None:
            state = snapshot.state
            self.epoch_loss_sum, self.epoch_correct = state.epoch_loss_sum, state.epoch_correct
        self._epoch_started = now

    # the epoch

    @property
    def last_step_of_epoch(self) -> int:
        """The number of the last step of the epoch under way."""
        return self.epoch * self.steps_per_epoch

    @property
    def at_end_of_epoch(self) -> bool:
        """Whether the next step is the first one of an epoch."""
        return self.step == self.epoch * self.steps_per_epoch

    @property
    def epochs_done(self) -> float:
        """How many times training has gone through the samples."""
        return self.step / self.steps_per_epoch

    @property
    def epoch_loss(self) -> float:
        """The mean loss over the samples of this epoch so far."""
        return self.epoch_loss_sum / self.epoch_weight if self.epoch_weight else 0.0

    @property
    def epoch_accuracy(self) -> float | None:
        """The share of the samples of this epoch so far that was predicted right."""
        return self.epoch_correct / max(self.epoch_samples, 1) if self._has_classes else None

    @property
    def sums_of_step(self) -> tuple[float, int]:
        """The sum of the losses and the number of correct predictions of the last step's epoch."""
        begins = self.step == (self.epoch - 1) * self.steps_per_epoch
        return self.previous_epoch if begins else (self.epoch_loss_sum, self.epoch_correct)

    def start_epoch(self, now: float) -> None:
        """Begin the next epoch."""
        self.epoch += 1
        self._epoch_started = now
        self.previous_epoch = self.epoch_loss_sum, self.epoch_correct
        self.epoch_loss_sum, self.epoch_correct, self.epoch_samples = 0.0, 0, 0
        self.epoch_weight = 0

    def epoch_record(self, loss: float | None, accuracy: float | None, now: float) -> EpochRecord:
        """Return the record of the epoch, with the loss and the accuracy of its validation."""
        seconds = now - self._epoch_started
        means = self.epoch_loss, self.epoch_accuracy
        return EpochRecord(self.epoch, self.step, *means, loss, accuracy, seconds)

    # steps

    def batch_sizes(self, count: int) -> list[int]:
        """Return the number of samples of each of the next steps, which must be of this epoch."""
        sizes = [self._batch_size] * count
        if self.step + count == self.last_step_of_epoch:
            sizes[-1] = self._sample_count - (self.steps_per_epoch - 1) * self._batch_size
        return sizes

    def batch_weights(self, sizes: list[int]) -> Sequence[float]:
        """Return the sum of the samples' weights of each of the next steps, which have these sizes.

        Without weights it is `sizes` itself.
        """
        if self._batches.weights is None:
            return sizes
        return [self._batches.weight_of(self.step + k + 1) for k in range(len(sizes))]

    def add_steps(
        self,
        sizes: Sequence[int],
        weights: Sequence[float],
        losses: Sequence[float],
        correct: Sequence[int],
    ) -> None:
        """Add steps of this epoch.

        Parameters
        ----------
        sizes, weights : sequences
            The number of samples of each batch, and what `batch_weights` has returned for them.
        losses, correct : sequences
            The sum of their losses, and the number of correct predictions.
        """
        self.epoch_loss_sum = reduce(add, losses, self.epoch_loss_sum)
        if self._has_classes:
            self.epoch_correct += sum(correct)
        self.epoch_samples += sum(sizes)
        is_weighted = weights is not sizes
        self.epoch_weight = (
            reduce(add, weights, self.epoch_weight) if is_weighted else self.epoch_samples
        )
        self.step += len(sizes)
        del self.next_rates[: len(sizes)]

    def rates(self, count: int) -> list[float]:
        """Return the rates of the next steps; of fewer if the schedule raises an error for a later one.

        Raises
        ------
        Exception
            The error of the schedule, if it is for the next step.
        """
        if self._schedule is constant and not self._set_rates:
            return [self._first_rate] * count
        if not self._may_look_ahead:
            count = 1  # the schedule changes what formulas may read
        rates = self.next_rates
        while len(rates) < count and self.schedule_error is None:
            try:
                rates.append(self._scheduled(self.step + len(rates) + 1))
            except Exception as error:
                self.schedule_error = error
        if self.schedule_error is not None and not rates:
            raise self.schedule_error
        return rates[:count]

    def _scheduled(self, step: int) -> float:
        base = self.rate_of_epoch((step - 1) // self.steps_per_epoch + 1)
        return self._schedule.rate_of(step, base, self.steps_per_epoch, self.epochs)

    def rate_of_epoch(self, epoch: int) -> float:
        """Return the learning rate of an epoch before the schedule."""
        return rate_in(self._first_rate, self._set_rates, epoch)

    def set_learning_rate(self, rate: float) -> None:
        """Set the learning rate from the epoch under way on, none of whose steps has been taken.

        Raises
        ------
        TypeError, ValueError
            If it is no finite number above 0, or no epoch begins.
        """
        rate = check_number("the learning rate", rate, above=0.0)
        if self.epoch == 0 or self.step != (self.epoch - 1) * self.steps_per_epoch:
            raise InvalidValueError(
                "the learning rate is set where an epoch begins: in on_epoch_begin of a callback"
            )
        self._set_rates[self.epoch] = rate
        self.next_rates.clear()
        self.schedule_error = None

    @property
    def epoch_rates(self) -> list[list[float]]:
        """The learning rates that were set, each as [epoch from which it holds, rate]."""
        return [[epoch, rate] for epoch, rate in sorted(self._set_rates.items())]
