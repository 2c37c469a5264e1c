"""The learning animation: a net at every snapshot, with a slider, as a figure without scripts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go

from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.plotting.canvas import Canvas, words
from slownet.plotting.drawing import draw_net, true_name
from slownet.plotting.lines import (
    accuracy_axis,
    batch_lines,
    batch_text,
    batches_at,
    loss_axis,
    mean_at,
    on_log,
    step_axis,
    watched_line,
)
from slownet.plotting.plane_drawing import draw_planes, is_plane
from slownet.plotting.scene import Scene
from slownet.plotting.style import (
    MOMENT,
    MUTED,
    PALE,
    Json,
    base_layout,
    bold,
    heading,
    standard_title,
)
from slownet.recording import History
from slownet.recording.opened_once import opened_once

WIDTH, HEIGHT = 950, 660  # of the figure in a notebook; a window can only be larger
MOST_SAMPLES = 10  # to choose from
Box = tuple[tuple[float, float], tuple[float, float]]  # a part of the paper: left, right; bottom, top
PLOTS_RIGHT: list[Box] = [((0.795, 1.0), (0.52, 0.84)), ((0.795, 1.0), (0.06, 0.38))]
PLOT_RIGHT: list[Box] = [((0.795, 1.0), (0.2, 0.84))]
PLOTS_BELOW: list[Box] = [((0.56, 0.745), (0.06, 0.26)), ((0.815, 1.0), (0.06, 0.26))]
TOP_MARGIN = 70  # for buttons and slider
DURATION, SLOWLY = 50, 250  # milliseconds a frame


@opened_once()
def animation(history: History) -> go.Figure:
    """Show how a net learned: its weights and neurons, its answers, its loss, at every snapshot.

    Parameters
    ----------
    history : History
        What `fit(..., snapshots=100, watch=(X, y))` returned. The first ten watched samples can be
        chosen; all of them count for loss and accuracy. Without watched samples the neurons stay empty.

    Returns
    -------
    plotly.graph_objects.Figure
        With a frame for each snapshot, a slider, and buttons to play and pause.

    Raises
    ------
    TypeError
        If it is no History.
    ValueError
        If it has no snapshots.

    Examples
    --------
    >>> from slownet import NetFactory, plotting
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> history = net.fit(X, y, epochs=3, snapshots=5, watch=(X[:5], y[:5]))
    >>> figure = plotting.animation(history)
    """
    if not isinstance(history, History):
        raise InvalidTypeError(
            f"animation takes the History that fit returned, not {type(history).__name__}"
        )
    if not history.snapshots:
        raise InvalidValueError(
            "this history has no snapshots to animate: fit(snapshots=100, watch=(X, y)) keeps some"
        )
    scene = Scene.of_history(history)
    canvas = Canvas()
    layout = base_layout(
        width=WIDTH,
        height=HEIGHT,
        margin={"l": 12, "r": 14, "t": TOP_MARGIN, "b": 10},
        dragmode=False,
        meta={"title": standard_title(scene.name), "pixels": bool(scene.side)},
    )
    samples = range(0)
    if is_plane(scene):
        layout |= draw_planes(canvas, scene, (0.56, 1.0), (0.41, 0.86))
        layout |= add_curves(canvas, history, PLOTS_BELOW)
    else:
        samples = range(min(MOST_SAMPLES, len(scene.samples)))
        layout |= draw_net(canvas, scene, samples).axes((0.0, 0.74), (0.0, 0.93))
        layout |= add_curves(canvas, history, PLOTS_RIGHT if history.accuracy else PLOT_RIGHT)
    layout |= add_status(canvas, lambda moment: status(history, moment))
    steps = [f"{snapshot.step:,}" for snapshot in history.snapshots]
    layout["sliders"] = [slider(steps)]
    layout["updatemenus"] = [play_buttons(), *sample_menu(canvas, scene, samples)]
    return canvas.figure(layout, steps)


def add_status(canvas: Canvas, text: Callable[[int], str]) -> Json:
    """Add a line of text with the progress of training; return its axes."""
    canvas.add(
        {**words(np.zeros(1), np.full(1, 0.5), [], 15), "xaxis": "x4", "yaxis": "y4"},
        lambda moment: {"text": [text(moment)]},
    )
    hidden = {"visible": False, "fixedrange": True, "range": [0.0, 1.0]}
    return {
        "xaxis4": {**hidden, "domain": [0.0, 1.0], "anchor": "y4"},
        "yaxis4": {**hidden, "domain": [0.945, 1.0], "anchor": "x4"},
    }


def status(history: History, moment: int) -> str:
    """Return the step, epoch, loss and accuracy of a snapshot in words."""
    snapshot = history.snapshots[moment]
    parts = [f"step {bold(f'{snapshot.step:,}')}", f"epoch {bold(f'{snapshot.epoch:.2f}')}"]
    name, loss, accuracy = "watched", snapshot.watch_loss, snapshot.watch_accuracy
    of = f"of {len(history.watch.samples):,}"
    if loss is None:
        loss = mean_at(history, "loss", snapshot.step)
        accuracy = mean_at(history, "accuracy", snapshot.step)
        name, of = "training", _over(batches_at(history, snapshot.step), history)
    if loss is not None:
        parts.append(f"{name} loss {bold(f'{loss:.3f}')}")
    if accuracy is not None:
        parts.append(f"{name} accuracy {bold(f'{accuracy:.1%}')}")
    if loss is not None:
        parts[-1] += f" {of}"
    return " · ".join(parts)


def _over(batches: int, history: History) -> str:
    counted = "a batch" if batches == 1 else f"{batches:,} batches"
    return f"over {counted}{batch_text(history)}"


def add_curves(canvas: Canvas, history: History, boxes: list[Box]) -> Json:
    """Add the curves of loss and accuracy with a cursor each, and return their axes.

    Parameters
    ----------
    canvas : Canvas
        Where to.
    history : History
        Whose curves.
    boxes : list
        The parts of the paper for the loss and, where there is one, for the accuracy.
    """
    last = max(len(history.loss), history.snapshots[-1].step)
    layout: Json = {}
    titles = ((2, "loss", "Loss"), (3, "accuracy", "Accuracy"))
    for (number, which, title), (x, y) in zip(titles, boxes, strict=False):
        watched = watched_line(history, which)
        lines = batch_lines(history, which, logarithmic=True)[-1:] + watched
        if not lines:
            continue
        for each in lines:
            canvas.add({**each, "xaxis": f"x{number}", "yaxis": f"y{number}"})
        make = loss_axis if which == "loss" else accuracy_axis
        layout[f"xaxis{number}"] = {**step_axis(last), "domain": x, "anchor": f"y{number}"}
        layout[f"yaxis{number}"] = {**make(lines), "domain": y, "anchor": f"x{number}"}
        _add_cursor(canvas, history, number, lines[-1], layout[f"yaxis{number}"])
        canvas.annotations += curve_titles(title, lines, x[0], y[1])
    return layout


def curve_titles(title: str, lines: list[Json], x: float, y: float) -> list[Json]:
    """Return the annotations above a plot: its title, and below it the name of each line."""
    marks = [
        f'<span style="color:{each["line"]["color"]}"><b>—</b></span> {each["name"]}' for each in lines
    ]
    small = {"size": 12, "color": MUTED}
    return [
        heading(bold(title), x, y, yshift=15 * len(lines)),
        heading("<br>".join(marks), x, y, font=small, align="left"),
    ]


def _add_cursor(canvas: Canvas, history: History, number: int, line: Json, y_axis: Json) -> None:
    """Add a line across a plot at the moment's step, and a point on the curve."""
    low, high = y_axis["range"]
    if y_axis.get("type") == "log":
        low, high = 10.0 ** max(low, -300.0), 10.0 ** min(high, 300.0)
    places, numbers = np.asarray(line["x"]), np.asarray(line["y"])

    def update(moment: int) -> Json:
        step = on_log(history.snapshots[moment].step)
        value = numbers[int(np.argmin(np.abs(places - step)))]
        return {"x": [step] * 3, "y": [low, value, high]}

    canvas.add(
        {
            "type": "scatter",
            "mode": "lines+markers",
            "xaxis": f"x{number}",
            "yaxis": f"y{number}",
            "line": {"color": MOMENT, "width": 1},
            "marker": {"size": [0, 11, 0], "color": MOMENT, "line": {"color": "#fff", "width": 1.5}},
            "hoverinfo": "skip",
        },
        update,
    )


def _timing(duration: int) -> Json:
    return {
        "frame": {"duration": duration, "redraw": False},
        "transition": {"duration": 0},
        "mode": "immediate",
        "fromcurrent": True,
    }


def play_buttons() -> Json:
    """Return the buttons to play, to play slowly, and to pause."""
    buttons = [
        {"label": "▶ Play", "method": "animate", "args": [None, _timing(DURATION)]},
        {"label": "Slowly", "method": "animate", "args": [None, _timing(SLOWLY)]},
        {"label": "❚❚ Pause", "method": "animate", "args": [[None], _timing(0)]},
    ]
    return {
        "type": "buttons",
        "direction": "right",
        "showactive": False,
        "x": 0.0,
        "xanchor": "left",
        "y": 1.0,
        "yanchor": "bottom",
        "pad": {"b": 22, "t": 0, "l": 0, "r": 0},
        "bgcolor": "#fff",
        "bordercolor": PALE,
        "font": {"size": 14},
        "buttons": buttons,
    }


def slider(steps: list[str]) -> Json:
    """Return a slider over the frames of these names."""
    return {
        "active": 0,
        "x": 0.0,
        "len": 1.0,
        "xanchor": "left",
        "y": 1.0,
        "yanchor": "bottom",
        "pad": {"l": 250, "r": 10, "t": 0, "b": 4},
        "currentvalue": {"visible": False},
        "transition": {"duration": 0},
        "ticklen": 4,
        "minorticklen": 2,
        "tickcolor": PALE,
        "font": {"size": 11, "color": MUTED},
        "bordercolor": PALE,
        "bgcolor": "#ebeef1",
        "activebgcolor": MOMENT,
        "steps": [{"label": step, "method": "animate", "args": [[step], _timing(0)]} for step in steps],
    }


def sample_menu(canvas: Canvas, scene: Scene, samples: range) -> list[Json]:
    """Return what chooses the sample that is shown: buttons for short names, otherwise a menu."""
    if len(samples) < 2:
        return []
    names = [true_name(scene, sample, 16) for sample in samples]
    short = all(len(name) <= 2 for name in names) and len(set(names)) == len(names)
    if not short:
        names = [f"sample {sample + 1}: {name}" for sample, name in enumerate(names)]
    if short:  # 35 pixels are the width of a button
        canvas.annotations.append(
            heading(
                "show", 1.0, 1.0, xanchor="right", yanchor="top", yshift=-12, xshift=-35 * len(names) - 6
            )
        )
    buttons = [
        {"label": name, "method": "update", "args": _shown(canvas, sample)}
        for sample, name in zip(samples, names, strict=True)
    ]
    return [
        {
            "type": "buttons" if short else "dropdown",
            "direction": "right" if short else "down",
            "active": 0,
            "showactive": True,
            "x": 1.0,
            "xanchor": "right",
            "y": 1.0,
            "yanchor": "top",
            "pad": {"t": 5, "b": 0, "l": 0, "r": 0},
            "bgcolor": "#fff",
            "bordercolor": PALE,
            "font": {"size": 14},
            "buttons": buttons,
        }
    ]


def _shown(canvas: Canvas, sample: int) -> list[object]:
    visible, images, traces = canvas.visibility(sample)
    return [{"visible": visible}, images, traces]
