"""Schedules: how the learning rate changes over a training, each with its LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import floor, pi

from slownet.checks import check_integer, check_number
from slownet.functions.elementary import cos, power
from slownet.functions.pickling import Pickled
from slownet.functions.table import Table, made_once, require_callables


@dataclass(frozen=True)
class Schedule(Pickled):
    r"""The learning rate of every step.

    Parameters
    ----------
    name : str
        Its name, in messages and pictures; the built-in ones are found by it.
    function : callable
        `function(learning_rate, epoch, epochs) -> rate`: from the learning rate given to `fit`, the
        epochs done so far (a float: 1.5 is halfway through the second) and the epochs in all (a float,
        too, behind a warm-up).
    latex : str
        The formula, with \eta for the learning rate, t for the epoch and T for the epochs in all.
    settings : dict
        The arguments that a built-in formula was made with, where it takes any.
    source : str
        Where the formula comes from: authors, title, year, equation.

    Examples
    --------
    >>> from slownet import Schedule
    >>> falling = Schedule("falling", lambda rate, epoch, epochs: rate / (1.0 + epoch))
    >>> falling.rate_of(step=11, learning_rate=0.2, steps_per_epoch=10, epochs=5)
    0.1
    """

    name: str
    function: Callable[[float, float, float], float] = field(repr=False)
    latex: str = ""
    settings: dict[str, float] = field(default_factory=dict, repr=False, compare=False)
    source: str = field(default="", repr=False, compare=False)

    def __post_init__(self) -> None:
        require_callables(self, "function")

    def rate_of(self, step: int, learning_rate: float, steps_per_epoch: int, epochs: int) -> float:
        """Return the rate of a step, counted from 1; behind the last epoch it stays as it is there.

        Raises
        ------
        TypeError, ValueError
            If the function returns anything but a finite number from 0 on; or its own error.
        """
        rate = self.function(learning_rate, min((step - 1) / steps_per_epoch, float(epochs)), epochs)
        return check_number(f"the rate that schedule {self.name!r} gives", rate)


@made_once
def step(every: int = 10, gamma: float = 0.5) -> Schedule:
    """Return a schedule that multiplies the rate by `gamma` after every so many epochs.

    Examples
    --------
    >>> from slownet import functions
    >>> schedule = functions.step(every=2, gamma=0.1)
    >>> [schedule.function(1.0, epoch, 6) for epoch in (0, 1, 2, 3)]
    [1.0, 1.0, 0.1, 0.1]
    """
    every = check_integer("every", every, minimum=1)
    gamma = check_number("gamma", gamma)
    return Schedule(
        "step",
        lambda rate, epoch, epochs: rate * power(gamma, floor(epoch / every)),
        rf"\eta \cdot {gamma:g}^{{\lfloor t / {every} \rfloor}}",
        settings={"every": every, "gamma": gamma},
        source="PyTorch, torch.optim.lr_scheduler.StepLR",
    )


@made_once
def exponential(gamma: float = 0.9) -> Schedule:
    """Return a schedule that shrinks the rate smoothly, by the factor `gamma` an epoch.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.exponential(gamma=0.5).function(1.0, 2.0, 6)
    0.25
    """
    gamma = check_number("gamma", gamma)
    return Schedule(
        "exponential",
        lambda rate, epoch, epochs: rate * power(gamma, epoch),
        rf"\eta \cdot {gamma:g}^t",
        settings={"gamma": gamma},
        source="PyTorch, torch.optim.lr_scheduler.ExponentialLR, at whole epochs",
    )


constant = Schedule(
    "constant",
    lambda rate, epoch, epochs: rate,
    r"\eta",
    source='D. Rumelhart, G. Hinton and R. Williams, "Learning representations by back-propagating '
    'errors", 1986, equation 8',
)
cosine = Schedule(
    "cosine",
    lambda rate, epoch, epochs: rate * 0.5 * (1.0 + cos(pi * epoch / epochs)),
    r"\tfrac12 \eta \left(1 + \cos \frac{\pi t}{T}\right)",
    source='I. Loshchilov and F. Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017, '
    "equation 5, with one period and a minimum of 0",
)


def warm_up(epochs: float = 1.0, then: str | Schedule = "constant", start: float = 0.01) -> Schedule:
    """Return a schedule that begins with a linear warm-up (P. Goyal and others 2017, section 2.2).

    Parameters
    ----------
    epochs : float
        How long the warm-up takes.
    then : str or Schedule
        The schedule after it. It begins when the warm-up ends, and has the other epochs.
    start : float
        The share of the rate to begin with.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.warm_up(5, "cosine").name
    'warm_up_cosine'
    >>> schedule = functions.warm_up(2, functions.step(every=3, gamma=0.1), start=0.5)
    >>> [schedule.function(0.2, epoch, 10) for epoch in (0, 1, 2, 4.9, 5)]
    [0.1, 0.15000000000000002, 0.2, 0.2, 0.020000000000000004]
    """
    from slownet.functions.description import built_in

    then = get_schedule(then)
    make = SCHEDULES.makers.get(_warm_up_name(then))
    if make is None or built_in(then) is None:
        return _warm_up(then, epochs, start)
    return make(epochs, start, **then.settings)


def _warm_up_name(then: Schedule) -> str:
    return "warm_up" if then is constant else f"warm_up_{then.name}"


def _warm_up(then: Schedule, epochs: float, start: float) -> Schedule:
    epochs = check_number("epochs", epochs, above=0.0)
    start = check_number("start", start, below=1.0)
    following = then.function

    def function(rate: float, epoch: float, total: float) -> float:
        rest = total - epochs if total > epochs else 1.0
        if epoch >= epochs:
            return following(rate, epoch - epochs, rest)
        return (start + (1.0 - start) * epoch / epochs) * following(rate, 0.0, rest)

    other = then.latex.replace("{T}", f"{{T - {epochs:g}}}")
    return Schedule(
        _warm_up_name(then),
        function,
        rf"({start:g} + {1.0 - start:g} \cdot t / {epochs:g}) \eta_0 \text{{ if }} t < {epochs:g} "
        rf"\text{{ else }} \eta_{{t - {epochs:g}}},\quad \eta_t = {other}",
        settings={"epochs": epochs, "start": start, **then.settings},
        source='P. Goyal and others, "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour", '
        f"2017, section 2.2; then as {then.name!r}",
    )


def _with_warm_up(then: Callable[..., Schedule]) -> Callable[..., Schedule]:
    """Return what makes the schedules of `then` with a warm-up before them."""

    @made_once
    def make(epochs: float = 1.0, start: float = 0.01, **settings: float) -> Schedule:
        return _warm_up(then(**settings), epochs, start)

    return make


BEFORE = (
    lambda: constant,
    step,
    exponential,
    lambda: cosine,
)  # what the warm-ups of the table stand before
SCHEDULES: Table[Schedule] = Table(
    "schedule", (Schedule,), constant, step, exponential, cosine, *map(_with_warm_up, BEFORE)
)


def get_schedule(which: str | Schedule) -> Schedule:
    """Return the schedule of that name, or the one that is given; see `Table.find` for the errors.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.get_schedule("cosine").function(1.0, 5.0, 10)
    0.5
    """
    return SCHEDULES.find(which)
