"""The curves of many trainings in one picture, and a map of what each pair of settings came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from math import nan, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from slownet.errors import InvalidValueError
from slownet.plotting import lines
from slownet.plotting.canvas import Canvas
from slownet.plotting.style import CLASS_COLOURS, POSITIVE, Json, axis, base_layout, safe

Curve = tuple[str, Sequence[tuple[int, float]]]  # the name of a run, and its (epoch, number) pairs
DASHES = ("solid", "dash", "dot")  # of more groups than there are colours
SHADES = [(0.0, "#eef4fa"), (0.5, "#7fb0d9"), (1.0, "#053a6b")]
MOST_TEXTS = 150  # cells that have a number each


def curves(groups: Mapping[str, Sequence[Curve]], measure: str, heading: str = "") -> go.Figure:
    """Draw the curve of every run, faint, and the median of each group, strong.

    Parameters
    ----------
    groups : mapping
        {name of the settings: the runs that have them}. One without any curve is in the legend only.
    measure : str
        What the numbers are.
    heading : str
        What heads the legend: of what the names of the groups are the values.

    Raises
    ------
    ValueError
        If there is no curve.
    """
    drawn = {name: [curve for curve in runs if curve[1]] for name, runs in groups.items()}
    if not any(drawn.values()):
        raise InvalidValueError(
            f"no run has a {measure} after an epoch: "
            "choose another measure, or train with validation data"
        )
    canvas, everything = Canvas(), list[Json]()
    medians = list[Json]()
    for place, (name, runs) in enumerate(drawn.items()):
        turn, colour = divmod(place, len(CLASS_COLOURS))
        style = {"color": CLASS_COLOURS[colour], "dash": DASHES[min(turn, len(DASHES) - 1)]}
        if len(drawn) == 1:
            style["color"] = POSITIVE
        group = {"legendgroup": str(place)}
        label = f"{_words(name, 60) or 'all runs'} ({_count(len(runs), len(groups[name]))})"
        for run, points in runs:
            epochs, numbers = zip(*points, strict=True)
            everything.append(
                lines.line(
                    epochs,
                    numbers,
                    "",
                    "",
                    line={**style, "width": 1},
                    opacity=_opacity(len(runs)),
                    showlegend=False,
                    hovertemplate=f"epoch %{{x}}<br>%{{y:.4g}}<extra>{label}<br>{safe(run)}</extra>",
                    **group,
                )
            )
        medians.append(_median(runs, label, style) | group)
    for each in chain(everything, medians):
        canvas.add(each)
    is_share = measure.endswith("accuracy")
    scale = _share_axis(everything, medians) if is_share else lines.loss_axis(everything)
    named = _words(measure) + ("" if is_share else " (log scale)")
    return canvas.figure(
        base_layout(
            height=520,
            margin={"l": 70, "r": 16, "t": 30 + 20 * (min(len(drawn), 12) + bool(heading)), "b": 50},
            showlegend=True,
            legend={
                "x": 0.0,
                "y": 1.02,
                "yanchor": "bottom",
                "traceorder": "normal",
                "title": {"text": _words(heading, 60), "font": {"size": 13}},
            },
            hovermode="closest",
            meta={"title": f"{sum(map(len, drawn.values())):,} trainings"},
            xaxis=axis(title={"text": "epoch"}, **_whole_ticks(everything)),
            yaxis=scale | {"title": {"text": named, "standoff": 8}, "fixedrange": False},
        )
    )


def _count(drawn: int, runs: int) -> str:
    """Return how many of the runs of a group are drawn; those that diverged at once are not."""
    return str(runs) if drawn == runs else f"{drawn} of {runs}"


def _whole_ticks(everything: Sequence[Json]) -> Json:
    """Return ticks at every epoch where there are so few that plotly would put some between them."""
    return {"dtick": 1} if max(each["x"][-1] for each in everything) <= 6 else {}


def _words(name: str, longest: int = 24) -> str:
    """Return the name of an argument, which the user may have chosen, as words."""
    return safe(name.replace("_", " "), longest)


def _share_axis(everything: Sequence[Json], medians: Sequence[Json]) -> Json:
    """Return an axis of shares with all medians and all ends; a curve may begin below it."""
    low = min(
        [float(min(each["y"])) for each in medians if np.isfinite(each["y"]).all()]
        + [float(each["y"][-1]) for each in everything]
    )
    margin = 0.05 * max(1.0 - low, 0.02)
    return axis(range=[low - margin, 1.0 + margin], tickformat=".0%" if low < 0.9 else ".1%")


def _opacity(count: int) -> float:
    """Return how opaque each of so many lines is."""
    return max(0.25, min(0.6, 1.5 / sqrt(count)))


def _median(runs: Sequence[Curve], label: str, style: Json) -> Json:
    """Return the line of the median of the runs that reached each epoch."""
    by_epoch: dict[int, list[float]] = {}
    for epoch, number in chain.from_iterable(points for _, points in runs):
        by_epoch.setdefault(epoch, []).append(number)
    epochs = sorted(by_epoch)
    numbers = [float(np.median(by_epoch[epoch])) for epoch in epochs]
    if not epochs:  # a line of nothing, for the legend
        epochs, numbers = [0], [nan]
    mode = "markers" if len(by_epoch) == 1 else "lines"
    hover = f"epoch %{{x}}<br>median %{{y:.4g}}<extra>{label}</extra>"
    more = {"mode": mode, "line": {**style, "width": 3}, "hovertemplate": hover}
    return lines.line(epochs, numbers, label, "", **more)


def heat_map(
    cells: Mapping[tuple[Any, Any], Sequence[float | None]], names: tuple[str, str], measure: str
) -> go.Figure:
    """Draw the mean of the runs of each pair of values as a map; a cell without any stays empty.

    Parameters
    ----------
    cells : mapping
        {(value of x, value of y): the numbers of its runs, None for one that diverged or failed}.
    names : (str, str)
        What x and y are called; the second is empty for a map of one row.
    measure : str
        What the numbers are.
    """
    columns, rows = (list(dict.fromkeys(place[k] for place in cells)) for k in (0, 1))
    found = np.full((len(rows), len(columns)), np.nan)
    texts = [["" for _ in columns] for _ in rows]
    hovers = [["no runs" for _ in columns] for _ in rows]
    for (x, y), runs in cells.items():
        row, column = rows.index(y), columns.index(x)
        numbers = [number for number in runs if number is not None]
        shown, hover = [], []
        if numbers:
            found[row, column] = np.mean(numbers)
            shown.append(_cell_text(numbers, measure, "<br>"))
            hover += [_cell_text(numbers, measure, " "), f"{len(numbers)} runs"]
        if len(numbers) < len(runs):
            shown.append(f"{len(runs) - len(numbers)} failed")
            hover.append(f"{len(runs) - len(numbers)} diverged or failed")
        texts[row][column], hovers[row][column] = "<br>".join(shown), ", ".join(hover)
    second = f"{_words(names[1])} %{{y}}<br>" if names[1] else ""
    better_low = not measure.endswith("accuracy")
    trace = {
        "type": "heatmap",
        "x": [safe(each) for each in columns],
        "y": [safe(each) for each in rows],
        "z": found,
        "customdata": hovers,
        "text": texts if found.size <= MOST_TEXTS else None,
        "texttemplate": "%{text}" if found.size <= MOST_TEXTS else None,
        "hovertemplate": f"{_words(names[0])} %{{x}}<br>{second}%{{customdata}}<extra></extra>",
        "colorscale": [list(shade) for shade in SHADES],
        "reversescale": better_low,
        "xgap": 2,
        "ygap": 2,
        "colorbar": {
            "title": {"text": _words(measure), "side": "right"},
            "thickness": 14,
            "outlinewidth": 0,
            "tickformat": None if better_low else _share_format(found),
        },
    }
    canvas = Canvas()
    canvas.add(trace)
    labels = {"type": "category", "showgrid": False, "fixedrange": True}
    return canvas.figure(
        base_layout(
            height=150 + 60 * max(len(rows), 2),
            margin={"l": 90, "r": 16, "t": 30, "b": 60},
            meta={"title": f"{measure.replace('_', ' ')}: mean of the runs"},
            xaxis=axis(title={"text": _words(names[0])}, **labels),
            yaxis=axis(title={"text": _words(names[1])}, autorange="reversed", **labels),
        )
    )


def _share_format(found: npt.NDArray[np.float64]) -> str:
    """Return a format in which the ticks of a range of shares differ."""
    known = found[np.isfinite(found)]
    span = float(np.ptp(known)) if known.size else 1.0
    return ".0%" if span > 0.1 else ".1%" if span > 0.01 else ".2%"


def _cell_text(numbers: Sequence[float], measure: str, between: str) -> str:
    form = ".1%" if measure.endswith("accuracy") else ".3g"
    mean = format(float(np.mean(numbers)), form)
    if len(numbers) < 2:
        return mean
    spread = format(float(np.std(numbers, ddof=1)), form.replace("3", "2"))
    return f"{mean}{between}± {spread}"
