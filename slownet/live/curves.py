"""The curves of a training so far: losses and accuracies of batches, and of validation."""

from __future__ import annotations

from math import ceil, log10

import numpy as np
import numpy.typing as npt

from slownet.live import svg
from slownet.plotting.lines import (
    accuracy_axis,
    line,
    loss_axis,
    name_of_batches,
    thinned,
    validation_line,
)
from slownet.plotting.style import GRID, INK, MUTED, Json
from slownet.training import Training

Floats = npt.NDArray[np.float64]
POINTS = 400  # of a curve, at most
LEFT, RIGHT, TOP, BOTTOM = 50, 16, 44, 22  # between the edge of a plot and its axes


class Curves:
    """The curves of a training, each point of which is computed once.

    Parameters
    ----------
    training : Training
        The training that they show.

    Attributes
    ----------
    titles : dict of str
        The heading of each curve.
    window : int
        How many batches a point stands for.
    """

    def __init__(self, training: Training) -> None:
        self.titles = {"loss": "Loss"}
        if training.encoder.has_classes:
            self.titles["accuracy"] = "Accuracy"
        self.window = ceil(training.total_steps / POINTS)
        self._means: dict[str, list[float]] = {which: [] for which in self.titles}

    def lines(self, training: Training, which: str) -> list[Json]:
        """Return the lines of "loss" or "accuracy": of batches, and of validation if there is any."""
        history = training.history
        means = self._so_far(which, getattr(history, which))
        ends = np.arange(1, len(means) + 1) * self.window
        name = name_of_batches(history, self.window)
        drawn = [line(history.start + np.minimum(ends, len(history.loss)), means, name, INK)]
        if training.validation is not None:
            epochs = validation_line(history, which)
            shown = thinned(len(epochs["x"]), most=POINTS)
            drawn.append({**epochs, "x": epochs["x"][shown], "y": epochs["y"][shown]})
        return drawn

    def plot(
        self, training: Training, which: str, width: int, height: int, top: float = 0.0
    ) -> list[str]:
        """Return the parts of a drawing that plot "loss" or "accuracy" from a height on."""
        drawn = self.lines(training, which)
        area = Area(drawn, which, training.total_steps, width, height, top)
        parts = [svg.title(10, top + 18, self.titles[which]), *area.axes()]
        parts.append(svg.text(10, top + 34, f"— {drawn[0]['name']}", "start"))
        for each in drawn[1:]:
            words, colour = f"— {each['name']}", each["line"]["color"]
            parts.append(svg.text(width - 14, top + 18, words, "end", colour))
        return parts + [area.curve(each) for each in drawn]

    def _so_far(self, which: str, numbers: list[float]) -> list[float]:
        """Return the means of batches, `window` together, and of the rest."""
        means, window = self._means[which], self.window
        begin = len(means) * window
        new = np.array(numbers[begin:])
        whole = len(new) // window * window
        means += new[:whole].reshape(-1, window).mean(axis=1).tolist()
        rest = new[whole:]
        return [*means, float(rest.mean())] if len(rest) else list(means)


class Area:
    """The part of a plot between its axes, and where steps and numbers stand in it."""

    def __init__(
        self, lines: list[Json], which: str, last: int, width: int, height: int, top: float
    ) -> None:
        self.is_log, self.last = which == "loss", max(last, 1)
        self.axis = loss_axis(lines) if self.is_log else accuracy_axis(lines)
        self.low, self.high = self.axis["range"]
        self.left, self.right = float(LEFT), float(width - RIGHT)
        self.top, self.bottom = top + TOP, top + height - BOTTOM

    def x(self, steps: Floats) -> Floats:
        """Return where steps stand."""
        places: Floats = self.left + (self.right - self.left) * np.asarray(steps) / self.last
        return places

    def y(self, numbers: Floats) -> Floats:
        """Return where numbers stand; nan for those that have no logarithm."""
        numbers = np.asarray(numbers, dtype=np.float64)
        if self.is_log:
            with np.errstate(divide="ignore", invalid="ignore"):
                numbers = np.log10(numbers)
        share = (numbers - self.low) / (self.high - self.low)
        places: Floats = self.bottom - (self.bottom - self.top) * share
        return np.where(np.isfinite(places), places, np.nan)

    def axes(self) -> list[str]:
        """Return the grid and the numbers at it."""
        parts = []
        for number, words in self._ticks():
            y = float(self.y(np.array([number]))[0])
            parts += [
                svg.path(f"M{self.left:.1f} {y:.1f}H{self.right:.1f}", GRID),
                svg.tick(self.left - 6, y + 4, words, "end"),
            ]
        for step in _round_steps(self.last):
            x = float(self.x(np.array([step]))[0])
            anchor = "middle" if x < self.right - 20 else "end"
            parts.append(
                svg.tick(x if anchor == "middle" else self.right, self.bottom + 16, f"{step:,}", anchor)
            )
        parts.append(svg.path(f"M{self.left} {self.top}V{self.bottom}H{self.right}", MUTED))
        return parts

    def curve(self, each: Json) -> str:
        """Return a line, and a point for each of its numbers where they are few."""
        xs, ys, colour = self.x(each["x"]), self.y(each["y"]), each["line"]["color"]
        drawn = svg.path(svg.polyline(xs, ys), colour, 1.6)
        if "markers" not in each["mode"] and len(xs) > 1:
            return drawn
        there = np.isfinite(ys)
        points = zip(xs[there].tolist(), ys[there].tolist(), strict=True)
        return drawn + "".join(svg.circle(x, y, 3.0, colour) for x, y in points)

    def _ticks(self) -> list[tuple[float, str]]:
        """Return the numbers of the vertical axis, as few as have room."""
        if not self.is_log:
            return [(share, f"{share:.0%}") for share in np.arange(0.0, 1.1, 0.25) if share >= self.low]
        numbers = self.axis.get("tickvals")
        if numbers is None:
            numbers = [10.0 ** min(max(exponent, -300.0), 300.0) for exponent in (self.low, self.high)]
        every = 1 + int(len(numbers) * 15 / (self.bottom - self.top))
        return [(number, f"{number:.3g}") for number in numbers[::every]]


def _round_steps(last: int) -> list[int]:
    """Return round steps for an axis from 0, three to six of them."""
    power = 10 ** int(log10(last))
    size = next(size for size in (power // 5, power // 2, power, power * 2) if size and last / size <= 5)
    return list(range(0, last + 1, size))
