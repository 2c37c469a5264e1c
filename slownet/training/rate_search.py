"""The learning-rate finder: a short training of a copy, in which every step has a larger rate.

L. Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, section 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

from slownet.checks import check_integer, check_keywords, check_number
from slownet.errors import DivergedError, InvalidValueError
from slownet.functions import Schedule, power
from slownet.functions.schedules import constant
from slownet.training.callbacks import Callback
from slownet.training.loop import Training
from slownet.training.options import Options

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from slownet.objects import Net

KEPT = 0.9  # of the running mean, in each step
EXPLODED = 4.0  # times the smallest smoothed loss
LEAST_FALL = 0.1  # of the loss, so that a rate is suggested
MOST_STEPS = 10**6
NOT_HERE = (  # arguments of fit that have no meaning in a search
    *("epochs", "learning_rate", "schedule", "snapshots", "steps_before", "early_stopping"),
    *("validation_data", "test_data", "callbacks", "progress", "watch", "record", "source"),
    *("warm_start", "validation_split", "split_seed", "epoch_rates"),
)


@dataclass(frozen=True)
class RateSearch:
    """What `find_learning_rate` found.

    Attributes
    ----------
    rates : list of float
        The learning rate of each step.
    losses : list of float
        The mean loss of each step's batch, before the step.
    smoothed : list of float
        The running mean of the losses, of which each step keeps 0.9 and which begins at 0, divided by
        1 - 0.9^k in step k.
    ended : "exploded", "diverged" or "finished"
        Whether the smoothed loss was above that of the first step and 4 times its smallest value, or a
        number was no longer finite, or the highest rate was reached.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> search = NetFactory([2, 3, 1], seed=0).new().find_learning_rate(X, y, steps=50)
    >>> 0.001 < search.suggestion < 10.0
    True
    """

    rates: list[float] = field(repr=False)
    losses: list[float] = field(repr=False)
    smoothed: list[float] = field(repr=False)
    ended: Literal["exploded", "diverged", "finished"]

    @property
    def halfway(self) -> int | None:
        """The index of the step in which the smoothed loss has fallen half of the way, or None.

        That is the way from its value after a tenth of the steps to its smallest value behind. None if
        it falls by less than a tenth of that value: then it says nothing.
        """
        if not self.smoothed:
            return None
        first = len(self.smoothed) // 10
        begin, smallest = self.smoothed[first], min(self.smoothed[first:])
        if not begin - smallest >= LEAST_FALL * abs(begin):
            return None
        half = begin - 0.5 * (begin - smallest)
        return next(k for k in range(first, len(self.smoothed)) if self.smoothed[k] <= half)

    @property
    def suggestion(self) -> float | None:
        """The rate at which the smoothed loss has fallen half of the way; None if it hardly fell.

        It lies between the two rates that L. Smith reads off the picture: where the loss begins to fall,
        and where it becomes ragged. It is a rule of thumb and no optimum: only trainings say which rate
        is best.
        """
        return None if self.halfway is None else self.rates[self.halfway]

    def __repr__(self) -> str:
        ends = f", rates {self.rates[0]:.3g} to {self.rates[-1]:.3g}" if self.rates else ""
        found = "no suggestion: the loss hardly fell"
        if self.suggestion is not None:
            found = f"suggestion {self.suggestion:.2g}, where the loss has fallen half of the way"
        return f"RateSearch({len(self.rates)} steps{ends}, {self.ended}; {found})"

    def figure(self) -> go.Figure:
        """Draw the losses over the rates; see `slownet.plotting.learning_rates`."""
        from slownet import plotting

        return plotting.learning_rates(self)


def find_learning_rate(
    net: Net,
    X: Any,
    y: Any = None,
    lowest: float = 1e-6,
    highest: float = 10.0,
    steps: int = 200,
    **options: Any,
) -> RateSearch:
    """Train a copy of a net with a rate that grows by the same factor in every step.

    It stops when the loss explodes. The net itself is not changed.

    Parameters
    ----------
    net : Net
        The net, as it is before the training that needs a rate.
    X, y
        The samples and their targets, as for `Net.fit`.
    lowest, highest : float
        The rates of the first and the last step.
    steps : int
        How many steps there are at most, 2 or more. The samples are gone through as often as needed.
    **options
        Other arguments of `Net.fit`, those of the training that needs the rate: `batch_size`,
        `optimizer`, `loss`, `l2`, `dropout`, `prepare`, `seed`, `engine` and so on.

    Returns
    -------
    RateSearch
        The rates and losses; its `suggestion`, and its `figure()`.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.datasets import moons
    >>> X, y = moons(200, seed=0)
    >>> net = NetFactory([2, 8, 1], "tanh", seed=0).new()
    >>> search = net.find_learning_rate(X, y, optimizer="adam")
    >>> 0.001 < search.suggestion < 0.1
    True
    """
    known = [each.name for each in fields(Options) if each.name not in NOT_HERE]
    check_keywords("find_learning_rate", options, known)
    lowest = check_number("lowest", lowest, above=0.0)
    highest = check_number("highest", highest, above=0.0)
    if highest <= lowest:
        raise InvalidValueError(f"highest must be above lowest, {lowest:g}, not {highest:g}")
    steps = check_integer("steps", steps, 2, MOST_STEPS)
    rising = _Rising(
        "rising", constant.function, lowest=lowest, factor=power(highest / lowest, 1.0 / (steps - 1))
    )
    training = Training(
        net.copy(),
        X,
        y,
        Options(epochs=steps, schedule=rising, callbacks=(_Stop(),), progress=False, **options),
    )
    ended: Literal["diverged", "finished"] = "finished"
    try:
        training.run(last_step=steps)
    except DivergedError:
        ended = "diverged"
    losses = training.history.loss
    smoothed = _smoothed(losses)
    end = _explosion(smoothed)
    rates = [rising.rate_of(step) for step in range(1, len(losses) + 1)]
    return RateSearch(rates[:end], losses[:end], smoothed[:end], ended if end is None else "exploded")


@dataclass(frozen=True)
class _Rising(Schedule):
    """The rate of every step: `lowest`, then each time `factor` times as much, whatever the epochs."""

    lowest: float = 0.0
    factor: float = 1.0

    def rate_of(self, step: int, *_of_fit: float) -> float:
        return self.lowest * power(self.factor, step - 1)


class _Stop(Callback):
    """Ends the training soon after the loss has exploded."""

    def on_progress(self, training: Training) -> bool:
        return _explosion(_smoothed(training.history.loss)) is not None


def _smoothed(losses: list[float]) -> list[float]:
    mean, found = 0.0, []
    for step, loss in enumerate(losses, 1):
        mean = KEPT * mean + (1.0 - KEPT) * loss
        found.append(mean / (1.0 - power(KEPT, step)))
    return found


def _explosion(smoothed: list[float]) -> int | None:
    """Return how many steps there are up to the one whose loss has exploded; None if none has."""
    smallest = smoothed[0] if smoothed else 0.0
    for step, loss in enumerate(smoothed, 1):
        smallest = min(smallest, loss)
        if loss > max(smoothed[0], EXPLODED * smallest):
            return step
    return None
