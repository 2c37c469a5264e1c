"""A net, and the curves of a training, as figures without frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from slownet.checks import check_bool
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.objects import Net
from slownet.plotting import lines
from slownet.plotting.canvas import Canvas
from slownet.plotting.drawing import draw_net
from slownet.plotting.geometry import SMALLEST_PIXEL
from slownet.plotting.scene import Scene, check_net
from slownet.plotting.split import draw_split
from slownet.plotting.style import axis, base_layout
from slownet.plotting.units import as_table
from slownet.recording import History


def network(net: Net, sample: Any = None, show_z: bool = False) -> go.Figure:
    """Draw a net: its neurons, and its weights coloured by sign and as wide as they are large.

    A net of images has the image instead of input neurons, and the weights of its first layer as
    images. Of a large layer only the neurons with the strongest weights are drawn, with a note.

    Parameters
    ----------
    net : Net
        Any graph. It is not changed.
    sample : sequence of float or of cells, row of a DataFrame, optional
        A number for each input; with `net.preparation`, a row of its table in the table's own units, as
        `predict` takes it. It is sent forward through a copy of the net, and the neurons are filled by
        their values.
    show_z : bool
        Whether a neuron has two circles, one for z and one for its value. A net with a hidden layer
        then has five columns, each in its colour: inputs, pre-activations (z), activations, pre-outputs
        (z) and outputs.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    TypeError, ValueError
        If it is no net with an input and an output layer, the sample has another size, or `show_z` is
        neither True nor False.

    Examples
    --------
    >>> from slownet import NetFactory, plotting
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> figure = plotting.network(net, sample=[0.5, -1.0])
    """
    check_net(net)
    check_bool("show_z", show_z)
    scene = Scene.of_net(net, None if sample is None else as_table(sample, net.preparation))
    canvas = Canvas()
    net_layout = (draw_split if show_z else draw_net)(canvas, scene, range(len(scene.samples)))
    meta = {"title": f"A {scene.name} net", "pixels": bool(scene.side)}
    margin = {"l": 12, "r": 12, "t": 12, "b": 12}
    axes = net_layout.axes((0.0, 1.0), (0.0, 1.0))
    width = max(900, round(net_layout.width * SMALLEST_PIXEL) + 24)
    return canvas.figure(base_layout(width=width, height=640, margin=margin, meta=meta, **axes))


def curves(history: History | Sequence[History] | Mapping[str, History]) -> go.Figure:
    """Draw the curves of loss and accuracy: batches, their running mean, and epochs.

    Parameters
    ----------
    history : History, list of History, or dict of them by name
        What `fit` returned. Of several trainings only the running means are drawn and, dotted, the
        validations, each training in its colour; without names they are numbered from 1.

    Returns
    -------
    plotly.graph_objects.Figure
        With an accuracy only where there are classes.

    Raises
    ------
    TypeError
        If it is no History, or something among them is none.
    ValueError
        If nothing was trained yet, or there are no histories.

    Examples
    --------
    >>> from slownet import NetFactory, plotting
    >>> from slownet.datasets import moons
    >>> X, y = moons(100, seed=0)
    >>> runs = {}
    >>> for rate in (0.01, 0.1, 1.0):
    ...     net = NetFactory([2, 8, 1], seed=0).new()
    ...     runs[f"rate {rate}"] = net.fit(X, y, epochs=5, learning_rate=rate)
    >>> figure = plotting.curves(runs)
    """
    histories = _named_histories(history)
    several, first = not isinstance(history, History), next(iter(histories.values()))
    panels = ["loss", "accuracy"] if any(each.accuracy for each in histories.values()) else ["loss"]
    layout = base_layout(
        height=560 if len(panels) > 1 else 420,
        margin={"l": 70, "r": 16, "t": 60, "b": 50},
        showlegend=True,
        legend={"orientation": "h", "x": 0.0, "y": 1.02, "yanchor": "bottom"},
        hovermode="closest",
        meta={"title": "Loss and accuracy"},
    )
    canvas = Canvas()
    for number, which in enumerate(panels):
        suffix = str(number + 1) if number else ""
        drawn = lines.run_lines(histories, which) if several else lines.all_lines(first, which)
        for each in drawn:
            group = {"legendgroup": each["name"], "showlegend": number == 0}
            canvas.add({**each, **group, "xaxis": f"x{suffix}", "yaxis": f"y{suffix}"})
        bottom = 0.0 if number or len(panels) == 1 else 0.54
        top = 0.46 if number else 1.0
        last = number == len(panels) - 1
        layout[f"xaxis{suffix}"] = axis(
            title={"text": "step"} if last else None,
            matches="x" if number else None,
            anchor=f"y{suffix}",
        )
        make = lines.loss_axis if which == "loss" else lines.accuracy_axis
        title = "loss (log scale)" if which == "loss" else "accuracy"
        layout[f"yaxis{suffix}"] = make(drawn) | {
            "title": {"text": title, "standoff": 8},
            "domain": [bottom, top],
            "anchor": f"x{suffix}",
            "fixedrange": False,
        }
    return canvas.figure(layout)


def _named_histories(history: object) -> dict[str, History]:
    """Return histories by their names; TypeError or ValueError for anything else."""
    if isinstance(history, History):
        named: dict[Any, Any] = {"": history}
    elif isinstance(history, Mapping):
        named = dict(history)
    elif isinstance(history, Iterable) and not isinstance(history, (str, bytes)):
        named = {str(number): each for number, each in enumerate(history, 1)}
    else:
        named = {"": history}
    for each in named.values():
        if not isinstance(each, History):
            raise InvalidTypeError(
                "curves takes the History that fit returned, a list of them or a dict of them by name, "
                f"not {type(each).__name__}"
            )
        if not each.loss:
            raise InvalidValueError("this history has no steps yet: train with net.fit(X, y) first")
    if not named:
        raise InvalidValueError("there are no histories to draw: give at least one")
    return {str(name): each for name, each in named.items()}
