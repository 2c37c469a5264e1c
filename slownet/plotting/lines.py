"""Curves of loss and accuracy: batches, their running mean, epochs, watched samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from slownet.plotting.style import CLASS_COLOURS, INK, MUTED, PALE, POSITIVE, Json, axis, for_hover, safe
from slownet.recording import History
from slownet.recording.measures import batch_size_text, count_of
from slownet.sums import added_in_order

Floats = npt.NDArray[np.float64]
MOST_POINTS = 3000  # of a line of batches
DASHES = ("solid", "dash", "dashdot")  # of a training, where there are more of them than colours
START = 0.5  # where step 0 stands on a logarithmic axis


def running_mean(numbers: Sequence[float], window: int) -> Floats:
    """Return the mean of each number and those before it, `window` at most."""
    sums = np.concatenate([[0.0], np.cumsum(numbers)])
    ends = np.arange(1, len(sums))
    starts = np.maximum(ends - window, 0)
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts))


def window_of(history: History) -> int:
    """Return how many steps the running mean takes together."""
    return max(1, round(len(history.loss) / 50))


def mean_at(history: History, which: str, step: int) -> float | None:
    """Return the running mean of "loss" or "accuracy" at a step; None where there is none."""
    end = max(step - history.start, 1)
    recent = getattr(history, which)[end - batches_at(history, step) : end]
    return added_in_order(recent) / len(recent) if recent else None


def batches_at(history: History, step: int) -> int:
    """Return how many batches the running mean is of at a step."""
    return min(window_of(history), max(step - history.start, 1))


def thinned(count: int, logarithmic: bool = False, most: int = MOST_POINTS) -> npt.NDArray[np.intp]:
    """Return which of so many points are drawn, the last among them."""
    if count <= most:
        return np.arange(count)
    if logarithmic:
        return np.unique(np.geomspace(1, count, most).astype(np.intp)) - 1
    return np.unique(np.linspace(0, count - 1, most).astype(np.intp))


def line(
    x: Sequence[float] | Floats, y: Sequence[float] | Floats, name: str, colour: str, **more: object
) -> Json:
    """Return a line that shows its step and number under the mouse."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.asarray(x),  # whole numbers take less room in a notebook
        "y": np.asarray(y, dtype=np.float64),
        "name": name,
        "line": {"color": colour, "width": 2},
        "hovertemplate": f"step %{{x:,.0f}}<br>%{{y:.4g}}<extra>{name}</extra>",
        **more,
    }


def batch_lines(history: History, which: str, logarithmic: bool = False) -> list[Json]:
    """Return the lines of "loss" or "accuracy" a batch: each, faint, and their running mean."""
    numbers = getattr(history, which)
    if not numbers:
        return []
    drawn = thinned(len(numbers), logarithmic)
    steps = np.asarray(history.steps)[drawn]
    window = window_of(history)
    every = "" if len(drawn) == len(numbers) else ", not every one drawn"
    faint = line(
        steps,
        np.asarray(numbers)[drawn],
        f"{name_of_batches(history)}{every}",
        "#c9d1d9" if window > 1 else PALE,
        line={"width": 1, "color": "#c9d1d9" if window > 1 else PALE},
    )
    mean = line(steps, running_mean(numbers, window)[drawn], name_of_batches(history, window), PALE)
    return [faint, mean] if window > 1 else [faint]


def epoch_lines(history: History, which: str) -> list[Json]:
    """Return the lines of "loss" or "accuracy" an epoch: of training and, if there is, validation."""
    name = _named("training, whole epoch", count_of(history, "samples"))
    training = _epoch_line(history, which, name, INK, "circle")
    validation = validation_line(history, which)
    return [each for each in (training, validation) if len(each["x"])]


def validation_line(history: History, which: str) -> Json:
    """Return the line of the validation "loss" or "accuracy" of the epochs; it may be empty."""
    name = _named("validation", count_of(history, "validation_samples"))
    return _epoch_line(history, f"validation_{which}", name, POSITIVE, "diamond")


def all_lines(history: History, which: str) -> list[Json]:
    """Return all lines of "loss" or "accuracy" of a training."""
    return [*batch_lines(history, which), *epoch_lines(history, which)]


def run_lines(histories: Mapping[str, History], which: str) -> list[Json]:
    """Return two lines of each of several trainings: of its batches and, if there is, its validation."""
    drawn: list[Json] = []
    for place, (name, history) in enumerate(histories.items()):
        colour = CLASS_COLOURS[place % len(CLASS_COLOURS)]
        dash = DASHES[place // len(CLASS_COLOURS) % len(DASHES)]
        style = {"color": colour, "width": 2, "dash": dash}
        drawn += [_renamed(each, name, style) for each in batch_lines(history, which)[-1:]]
        validation = validation_line(history, which)
        if len(validation["x"]):
            dotted = {"color": colour, "width": 1.5, "dash": "dot"}
            marker = {"symbol": "diamond", "size": 6, "color": colour}
            drawn.append(_renamed(validation, f"{name}, validation", dotted, marker=marker))
    return drawn


def _renamed(line: Json, name: str, style: Json, **more: object) -> Json:
    """Return a line with another name, which is a user's, and another style."""
    shown = safe(name, 40)
    hover = f"step %{{x:,.0f}}<br>%{{y:.4g}}<extra>{for_hover(name)}</extra>"
    return {**line, "name": shown, "line": style, "hovertemplate": hover, **more}


def batch_text(history: History) -> str:
    """Return how many samples a batch has, as " of 16"; "" where a file does not have it."""
    size = batch_size_text(history, between=",")
    return "" if size is None else f" of {size}"


def name_of_batches(history: History, window: int = 1) -> str:
    """Return the name of a line of training batches, or of means of so many."""
    name = f"training, mean of {window} batches" if window > 1 else "training batches"
    return name + batch_text(history)


def _named(name: str, samples: int | None) -> str:
    return name if samples is None else f"{name} ({samples:,} samples)"


def _epoch_line(history: History, which: str, name: str, colour: str, symbol: str) -> Json:
    records = [record for record in history.epochs if getattr(record, which) is not None]
    marker = {"symbol": symbol, "size": 9, "color": colour}
    mode = "lines+markers" if len(records) <= 40 else "lines"
    steps = [record.step for record in records]
    numbers = [getattr(record, which) for record in records]
    return line(steps, numbers, name, colour, mode=mode, marker=marker)


def watched_line(history: History, which: str) -> list[Json]:
    """Return the line of "loss" or "accuracy" over the watched samples, a point for each snapshot."""
    points = [
        (on_log(snapshot.step), getattr(snapshot, f"watch_{which}"))
        for snapshot in history.snapshots
        if getattr(snapshot, f"watch_{which}") is not None
    ]
    if not points:
        return []
    steps, numbers = zip(*points, strict=True)
    return [line(steps, numbers, _named("watched", len(history.watch.samples)), INK)]


def on_log(step: int) -> float:
    """Return where a step stands on a logarithmic axis, 0 included."""
    return float(max(step, START))


def step_axis(last: int) -> Json:
    """Return a logarithmic axis of steps from 0."""
    powers = [10**k for k in range(len(str(max(last, 1))))]
    names = [f"{power:,}" if power < 1000 else f"{power // 1000:,}k" for power in powers]
    return axis(
        type="log",
        range=[float(np.log10(START)) - 0.05, float(np.log10(max(last, 1))) + 0.08],
        tickvals=[START, *powers],
        ticktext=["0", *names],
        fixedrange=True,
        title={"text": "step", "font": {"size": 12, "color": MUTED}, "standoff": 2},
    )


def loss_axis(lines: list[Json]) -> Json:
    """Return a logarithmic axis for lines of losses, with ticks at 1, 2 and 5 or at powers of ten."""
    low, high = span(lines, positive=True)
    bottom, top = float(np.log10(low)), float(np.log10(high))
    margin = max(0.06 * (top - bottom), 0.02)
    steps = (1, 2, 5) if top - bottom < 1.5 else (1, 3) if top - bottom < 3 else (1,)
    ticks = [m * 10.0**k for k in range(int(np.floor(bottom)) - 1, int(np.ceil(top)) + 1) for m in steps]
    shown = [tick for tick in ticks if bottom - margin <= np.log10(tick) <= top + margin]
    shown = shown[:: 1 + len(shown) // 10]  # a loss that diverged spans hundreds of powers
    if len(shown) < 2 and -300 < bottom <= top < 300:
        shown = _round_numbers(10 ** (bottom - margin), 10 ** (top + margin))
    texts = [f"{tick:g}" for tick in shown]
    more = {"tickvals": shown, "ticktext": texts} if len(set(texts)) == len(texts) > 1 else {}
    ends = [bottom - margin, top + margin, *np.log10(shown).tolist()]  # a tick may be at an end, rounded
    return axis(type="log", range=[min(ends), max(ends)], fixedrange=True, **more)


def _round_numbers(low: float, high: float) -> list[float]:
    """Return the two or three roundest numbers in a range."""
    power = int(np.floor(np.log10(high - low)))
    sizes = (m * 10.0**k for k in (power, power - 1) for m in (5, 2, 1))
    size = next(size for size in sizes if high // size - low // size >= 2)
    found = [k * size for k in range(int(low // size) + 1, int(high // size) + 1)]
    return found[::2] if len(found) > 3 else found


def accuracy_axis(lines: list[Json]) -> Json:
    """Return an axis of shares; it starts at 0 unless all are high."""
    low = span(lines)[0]
    bottom = 0.0 if low < 0.6 else 0.5
    return axis(range=[bottom - 0.02, 1.03], tickformat=".0%", dtick=0.25, fixedrange=True)


def span(lines: list[Json], positive: bool = False) -> tuple[float, float]:
    """Return the smallest and largest number of lines."""
    numbers = np.concatenate([np.asarray(each["y"]) for each in lines]) if lines else np.zeros(0)
    numbers = numbers[np.isfinite(numbers) & ((numbers > 0) | (not positive))]
    return (float(numbers.min()), float(numbers.max())) if len(numbers) else (0.1, 1.0)
