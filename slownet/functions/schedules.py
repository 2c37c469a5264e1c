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
        epochs done so far (a float: 1.5 is halfway through the second) and the epochs in all.
    latex : str
        The formula, with \eta for the learning rate, t for the epoch and T for the epochs in all.
    settings : dict
        The arguments that a built-in formula was made with, where it takes any.
    """

    name: str
    function: Callable[[float, float, int], float] = field(repr=False)
    latex: str = ""
    settings: dict[str, float] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_callables(self, "function")

    def rate_of(self, step: int, learning_rate: float, steps_per_epoch: int, epochs: int) -> float:
        """Return the rate of a step, counted from 1.

        Raises
        ------
        TypeError, ValueError
            If the function returns anything but a finite number from 0 on; or its own error.
        """
        rate = self.function(learning_rate, (step - 1) / steps_per_epoch, epochs)
        return check_number(f"the rate that schedule {self.name!r} gives", rate)


@made_once
def step(every: int = 10, gamma: float = 0.5) -> Schedule:
    """Return a schedule that multiplies the rate by `gamma` after every so many epochs."""
    every = check_integer("every", every, minimum=1)
    gamma = check_number("gamma", gamma)
    return Schedule(
        "step",
        lambda rate, epoch, epochs: rate * power(gamma, floor(epoch / every)),
        rf"\eta \cdot {gamma:g}^{{\lfloor t / {every} \rfloor}}",
        settings={"every": every, "gamma": gamma},
    )


@made_once
def exponential(gamma: float = 0.9) -> Schedule:
    """Return a schedule that shrinks the rate smoothly, by the factor `gamma` an epoch."""
    gamma = check_number("gamma", gamma)
    return Schedule(
        "exponential",
        lambda rate, epoch, epochs: rate * power(gamma, epoch),
        rf"\eta \cdot {gamma:g}^t",
        settings={"gamma": gamma},
    )


constant = Schedule("constant", lambda rate, epoch, epochs: rate, r"\eta")
# Loshchilov and Hutter 2017, equation 5, with one period and a minimum of 0
cosine = Schedule(
    "cosine",
    lambda rate, epoch, epochs: rate * 0.5 * (1.0 + cos(pi * epoch / epochs)),
    r"\tfrac12 \eta \left(1 + \cos \frac{\pi t}{T}\right)",
)

SCHEDULES: Table[Schedule] = Table("schedule", (Schedule,), constant, step, exponential, cosine)


def get_schedule(which: str | Schedule) -> Schedule:
    """Return the schedule of that name, or the one that is given; see `Table.find` for the errors."""
    return SCHEDULES.find(which)
