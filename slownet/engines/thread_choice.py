"""How many threads the compiled engine takes: as many as pay, which is measured while it trains."""

from __future__ import annotations

import os

from slownet.checks import short
from slownet.errors import InvalidValueError

MOST = 64  # more would only wait for each other
WORTH = 30e-6  # seconds of a step from which on other numbers are tried
TRIAL = 20  # steps of a trial: where other programs keep the cores busy, each of them may take long
SLACK = 1.05  # more threads must save as much; otherwise the cores are left to others
MOST_CALLS = 64  # between two trials; there is 1 before the first one, then twice as many each time
VARIABLES = ("SLOWNET_THREADS", "NUMBA_NUM_THREADS")


def usable_threads() -> int:
    """Return how many threads "auto" may take: the cores of this process, or what a variable says.

    Raises
    ------
    ValueError
        If SLOWNET_THREADS is no whole number from 1 on.
    """
    for name in VARIABLES:
        text = os.environ.get(name, "").strip()
        if text.isdecimal() and int(text) > 0:
            return min(int(text), MOST)
        if text and name == VARIABLES[0]:
            raise InvalidValueError(f"SLOWNET_THREADS must be a whole number from 1, not {short(text)}")
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST)
    return min(os.cpu_count() or 1, MOST)


def most_threads(threads: int | str) -> int:
    """Return the number that `threads`, a number or "auto", allows."""
    return usable_threads() if isinstance(threads, str) else threads


class ThreadChoice:
    """Chooses how many threads take the next steps, by the time that a step took with each number.

    Parameters
    ----------
    threads : int or "auto"
        A number stays as it is.
    batch_size : int
        A batch of so many samples is not shared by more threads.

    Attributes
    ----------
    most, now : int
        The largest number, and the one for the next steps.
    """

    def __init__(self, threads: int | str, batch_size: int) -> None:
        if isinstance(threads, str):
            self.most, self.now = min(most_threads(threads), max(batch_size, 1)), 1
        else:
            self.most = self.now = threads if batch_size > threads else 1
        powers = (2**k for k in range(7) if 2**k < self.most)
        self._numbers = sorted({self.most, *powers}) if isinstance(threads, str) else [self.most]
        self._seconds: dict[int, float] = {}  # of a step, when each number was last used
        self._best, self._calls, self._pause, self._direction = self.now, 0, 1, -1

    @property
    def most_steps(self) -> int | None:
        """The most steps of the next call: few, if it is a trial."""
        return None if self.now == self._best else TRIAL

    def note(self, seconds: float) -> None:
        """Choose the next number; `seconds` is what a step has just taken."""
        self._seconds[self.now] = seconds
        enough = SLACK * min(self._seconds.values())
        self.now = self._best = min(each for each, time in self._seconds.items() if time <= enough)
        self._calls += 1
        if self._calls >= self._pause and (self.now > 1 or seconds >= WORTH):
            self._calls, self._pause = 0, min(2 * self._pause, MOST_CALLS)
            self.now = self._neighbour()

    def use_one(self) -> None:
        """Take no more than one thread from now on."""
        self.now = self._best = 1
        self._numbers, self._seconds = [1], {}

    def _neighbour(self) -> int:
        """Return the next larger or the next smaller number, by turns where there are both."""
        self._direction = -self._direction
        place = self._numbers.index(self._best)
        around = [self._numbers[k] for k in (place - 1, place + 1) if 0 <= k < len(self._numbers)]
        return around[:: self._direction][-1] if around else self._best
