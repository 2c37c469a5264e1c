"""Two runs in one picture: their losses, and how far their weights and biases are apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.plotting.canvas import Canvas
from slownet.plotting.lines import Floats, line, loss_axis, running_mean, thinned
from slownet.plotting.style import (
    INK,
    MOMENT,
    Json,
    axis,
    base_layout,
    bold,
    heading,
    safe,
)
from slownet.recording import Comparison, History, SnapshotDifference
from slownet.recording.comparison_report import names

WIDE = {"color": "#7fb0d9", "width": 5}  # b is drawn into a, so that both are seen where they are one
THIN = {"color": "#a34700", "width": 1.8}
SPLIT = (0.53, 0.43)  # where the upper panel begins and the lower one ends
MOST_MARKED = 60  # snapshots that have a marker each


def comparison(compared: Comparison) -> go.Figure:
    """Draw two runs: both losses and, below, the largest difference of a weight or bias.

    Parameters
    ----------
    compared : Comparison
        What `slownet.compare` returned.

    Returns
    -------
    plotly.graph_objects.Figure
        With a line where the losses first differ. Without snapshots of the same steps there is only
        the upper panel.

    Raises
    ------
    TypeError
        If it is no Comparison.
    ValueError
        If neither run has made a step.

    Examples
    --------
    >>> import slownet
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> slow = slownet.NetFactory([2, 3, 1], seed=0).new().fit(X, y, learning_rate=0.01)
    >>> fast = slownet.NetFactory([2, 3, 1], seed=0).new().fit(X, y, learning_rate=0.1)
    >>> figure = slownet.plotting.comparison(slownet.compare(slow, fast))
    """
    if not isinstance(compared, Comparison):
        raise InvalidTypeError(
            f"comparison takes what slownet.compare returned, not {type(compared).__name__}"
        )
    if not (compared.a.loss or compared.b.loss):
        raise InvalidValueError("neither run has made a step: there is nothing to draw")
    kept, losses = compared.snapshots, _loss_lines(compared)
    canvas = Canvas()
    for each in losses:
        canvas.add(each)
    upper = SPLIT[0] if kept else 0.0
    layout = base_layout(
        height=600 if kept else 460,
        margin={"l": 64, "r": 16, "t": 132, "b": 48},
        showlegend=True,
        legend={"orientation": "h", "x": 0.0, "y": 1.01, "yanchor": "bottom", "traceorder": "normal"},
        hovermode="closest",
        meta={"title": "Two runs side by side"},
        xaxis=axis(title=None if kept else {"text": "step"}, range=_steps(compared), anchor="y"),
        yaxis=loss_axis(losses)
        | {
            "title": {"text": f"loss{_taken_together(_window(compared))}", "standoff": 8},
            "domain": [upper, 1.0],
            "anchor": "x",
            "fixedrange": False,
        },
    )
    if kept:
        _add_differences(canvas, layout, kept)
    canvas.annotations += [_title(compared), *_labels(compared)]
    layout["shapes"] = _marks(compared, upper)
    return canvas.figure(layout)


def _steps(compared: Comparison) -> list[float]:
    """Return the range of the axes of steps."""
    last = max(compared.a.last_step, compared.b.last_step)
    return [-0.015 * last, 1.015 * last]


# losses


def _window(compared: Comparison) -> int:
    """Return how many steps a running mean takes together."""
    last = max(compared.a.last_step, compared.b.last_step)
    return max(1, round((last - min(compared.a.start, compared.b.start)) / 50))


def _taken_together(window: int) -> str:
    return f", mean of {window:,} batches" if window > 1 else ""


def _loss_lines(compared: Comparison) -> list[Json]:
    """Return the lines of both losses: every batch, faint, and running means."""
    runs = [_whole(compared.a, compared.b), _whole(compared.b, compared.a)]
    window = _window(compared)
    faint, means = [], []
    for letter, style, name, (first, loss) in zip(
        "ab", (WIDE, THIN), names(compared), runs, strict=True
    ):
        if not loss:
            continue
        drawn = thinned(len(loss), logarithmic=False)
        steps = (first + drawn).astype(np.float64)
        label = f"{letter}: {safe(name)}" if name else letter
        if window > 1:
            quiet = {"opacity": 0.22, "hoverinfo": "skip", "hovertemplate": None, "showlegend": False}
            quiet["line"] = {"color": style["color"], "width": 1}
            faint.append(line(steps, np.asarray(loss)[drawn], label, "", **quiet))
        means.append(line(steps, running_mean(loss, window)[drawn], label, "", line=style))
    return faint + means


def _whole(run: History, other: History) -> tuple[int, list[float]]:
    """Return the first step and the losses of a run; before a branch leaves its parent, the parent's."""
    if run.parent is None or run.parent.get("id") != other.id:
        return run.start + 1, run.loss
    return other.start + 1, other.loss[: run.start - other.start] + run.loss


# weights and biases


def _add_differences(canvas: Canvas, layout: Json, kept: Sequence[SnapshotDifference]) -> None:
    """Add the panel of the largest differences; on its axis, zero has a place of its own."""
    sizes = np.array([each.difference for each in kept])
    ticks, texts, zero, top = _decades(sizes)
    margin = 0.06 * (top - zero) or 1.0
    heights = np.log10(np.where(np.isfinite(sizes) & (sizes > 0.0), sizes, 1.0))
    heights = np.where(sizes > 0.0, np.where(np.isfinite(sizes), heights, top), zero)
    canvas.add(
        {
            "type": "scatter",
            "mode": "lines+markers" if len(kept) <= MOST_MARKED else "lines",
            "x": [each.step for each in kept],
            "y": heights,
            "line": {"color": INK, "width": 1.5},
            "marker": {
                "size": 7,
                "color": [INK if each.differs else "#ffffff" for each in kept],
                "line": {"color": INK, "width": 1.5},
            },
            "text": [_hover_text(each) for each in kept],
            "hovertemplate": "%{text}<extra></extra>",
            "showlegend": False,
            "xaxis": "x2",
            "yaxis": "y2",
        }
    )
    none = not any(each.differs for each in kept)
    text = "no weight or bias differs" if none else "largest difference of a weight or bias"
    font = {"size": 13}
    canvas.annotations.append(heading(text, 0.0, SPLIT[1] + 0.01, font=font))
    layout["xaxis2"] = axis(title={"text": "step"}, matches="x", anchor="y2")
    layout["yaxis2"] = axis(
        range=[zero - margin, top + 3.0 * margin],
        tickvals=ticks,
        ticktext=texts,
        domain=[0.0, SPLIT[1]],
        anchor="x2",
    )


def _decades(sizes: Floats) -> tuple[list[float], list[str], float, float]:
    """Return the ticks of an axis of powers of ten, their texts, the place of zero and the top."""
    found = np.log10(sizes[np.isfinite(sizes) & (sizes > 0.0)])
    if not len(found):
        return [0.0], ["0"], 0.0, 0.0
    low, high = int(np.floor(found.min())), int(np.ceil(found.max()))
    high = max(high, low + 1)
    every = max(1, -(-(high - low) // 5))
    powers = list(range(high, low - 1, -every))
    zero = low - 0.12 * (high - low) - 0.2
    texts = [f"{10.0**power:g}" for power in powers]
    if not (sizes == 0.0).any():
        return list(map(float, powers)), texts, float(low), float(high)
    return [*map(float, powers), zero], [*texts, "0"], zero, float(high)


def _hover_text(each: SnapshotDifference) -> str:
    """Return the text under the mouse."""
    if each.a is None or each.b is None:
        same = "all that both have is the same" if each.differs else "all the same"
        return f"step {each.step:,}<br>{same}"
    return (
        f"step {each.step:,}<br>at most {each.difference:.4g} apart: the {each.where}<br>"
        f"a {each.a:.6g}, b {each.b:.6g}<br>{each.count:,} of {each.of:,} differ"
    )


# where they differ


def _title(compared: Comparison) -> Json:
    """Return the title, in short lines that fit a telephone."""
    first, kept = compared.first_step, compared.first_snapshot
    rows = []
    if first is not None:
        x, y = compared.loss_at(first)
        rows.append(bold(f"Losses first differ at step {first:,}, by {abs(x - y):.3g}"))
    else:
        alike = f"The same loss at all {len(compared.steps):,} common steps"
        rows.append(bold(alike if compared.steps else "No step in common"))
    if kept is not None:
        largest = max(compared.snapshots, key=lambda each: each.difference)
        rows.append(f"weights and biases first differ in snapshot {kept.step:,},")
        rows.append(f"at most {largest.difference:.3g} apart, in snapshot {largest.step:,}")
    elif compared.snapshots:
        rows.append("weights and biases: the same to the last bit")
        rows.append(f"in all {len(compared.snapshots):,} common snapshots")
    else:
        rows.append("weights and biases: no common snapshots")
    more = {"xshift": -52, "yshift": 54, "align": "left"}
    return heading("<br>".join(rows), 0.0, 1.0, **more)


def _moments(compared: Comparison) -> list[tuple[int, str, str]]:
    """Return where the two first differ: the step, its name, and which panel it is in."""
    loss, snapshot = compared.first_step, compared.first_snapshot
    moments = [] if loss is None else [(loss, f"step {loss:,}", "")]
    return moments + ([] if snapshot is None else [(snapshot.step, f"snapshot {snapshot.step:,}", "2")])


def _labels(compared: Comparison) -> list[Json]:
    """Name the lines where the two first differ, on the wider side."""
    left, right = _steps(compared)
    return [
        {
            "text": name,
            "x": step,
            "xref": f"x{panel}",
            "y": 1.0,
            "yref": f"y{panel} domain",
            "xanchor": "left" if step < (left + right) / 2 else "right",
            "yanchor": "top",
            "showarrow": False,
            "font": {"color": MOMENT, "size": 13},
            "bgcolor": "rgba(255, 255, 255, 0.8)",
            "borderpad": 3,
        }
        for step, name, panel in _moments(compared)
    ]


def _marks(compared: Comparison, upper: float) -> list[Json]:
    """Return the lines where the two first differ."""
    spans = {"": [upper, 1.0], "2": [0.0, SPLIT[1]]}
    return [
        {
            "type": "line",
            "xref": f"x{panel}",
            "yref": "paper",
            "x0": step,
            "x1": step,
            "y0": spans[panel][0],
            "y1": spans[panel][1],
            "line": {"color": MOMENT, "width": 2, "dash": "dot"},
        }
        for step, _, panel in _moments(compared)
    ]
