"""Figures that stand still: the net itself, its curves, its weights, what it says and confuses."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isqrt, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.objects import Net
from slownet.plotting import lines
from slownet.plotting.canvas import Canvas
from slownet.plotting.drawing import draw_net
from slownet.plotting.images import diverging_levels, diverging_palette, mosaic, png
from slownet.plotting.plane import paint, plane_around
from slownet.plotting.plane_drawing import legend, points_trace
from slownet.plotting.scene import Scene
from slownet.plotting.style import (
    DIVERGING,
    INK,
    MUTED,
    Json,
    axis,
    base_layout,
    bold,
)
from slownet.recording import History
from slownet.samples import Samples

Floats = npt.NDArray[np.float64]
MOST_TILES = 100
GRID_POINTS = 100  # a side of the decision boundary
MOST_NAMED = 30  # classes, up to which counts are written into the cells
BLUES = [[0.0, "#ffffff"], [0.5, "#7fb0d9"], [1.0, "#053a6b"]]


def network(net: Net, sample: Sequence[float] | None = None) -> go.Figure:
    """Draw a net: its neurons, and its weights coloured by sign and as wide as they are large.

    A net of images has the image instead of input neurons, and the weights of its first layer as
    images. Of a large layer the neurons with the strongest weights are drawn, and the figure says so.

    Parameters
    ----------
    net : Net
        Any graph. It is not changed.
    sample : sequence of float, optional
        One number an input: it is sent forward through a copy of the net, and the neurons are filled
        by their values.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    TypeError, ValueError
        If it is no net with an input and an output layer, or the sample has another size.
    """
    _require_net(net)
    if sample is not None:
        sample = Samples([sample], _input_count(net), "sample")[0]
    scene = Scene.of_net(net, sample)
    canvas = Canvas()
    stage = draw_net(canvas, scene, range(len(scene.samples)))
    meta = {"title": f"A {scene.name} net", "pixels": bool(scene.side)}
    margin = {"l": 12, "r": 12, "t": 12, "b": 12}
    axes = stage.axes((0.0, 1.0), (0.0, 1.0))
    return canvas.figure(base_layout(width=900, height=640, margin=margin, meta=meta, **axes))


def curves(history: History) -> go.Figure:
    """Draw how loss and accuracy went: a batch, their running mean, and whole epochs.

    Parameters
    ----------
    history : History
        What `fit` returned.

    Returns
    -------
    plotly.graph_objects.Figure
        With an accuracy only where there are classes.

    Raises
    ------
    TypeError
        If it is no History.
    ValueError
        If nothing was trained yet.
    """
    if not isinstance(history, History):
        raise InvalidTypeError(
            f"curves takes the History that fit returned, not {type(history).__name__}"
        )
    if not history.loss:
        raise InvalidValueError("this history has no steps yet: train with net.fit(X, y) first")
    panels = ["loss", "accuracy"] if history.accuracy else ["loss"]
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
        drawn = [*lines.batch_lines(history, which), *lines.epoch_lines(history, which)]
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


def weight_images(net: Net, layer: int = 1) -> go.Figure:
    """Draw the incoming weights of each neuron of a layer as an image.

    Parameters
    ----------
    net : Net
        The net.
    layer : int
        The id of the layer, whose weights must come from a square number of neurons of one layer:
        784 inputs are 28 x 28 pixels.

    Returns
    -------
    plotly.graph_objects.Figure
        Of at most 100 neurons; blue is positive, orange negative, grey a weight that was removed.

    Raises
    ------
    TypeError
        If it is no net.
    ValueError
        If there is no such layer, or its weights are no image; the message says why.
    """
    _require_net(net)
    scene = Scene.of_net(net)
    source, side = _image_source(scene, layer)
    ids = scene.neurons[layer]
    weights = scene.weights(source, layer, 0)[:MOST_TILES].reshape(-1, side, side)
    sizes = np.abs(weights[np.isfinite(weights)])
    largest = float(sizes.max()) if sizes.size and sizes.max() > 0 else 1.0
    count = len(weights)
    columns = ceil(sqrt(count * 1.6))
    pitch = side + max(2, ceil(side * 0.24))
    corners = [((k // columns) * pitch, (k % columns) * pitch) for k in range(count)]
    pixels = mosaic(diverging_levels(weights, largest, power=1.0), corners)
    height, width = pixels.shape
    gap = pitch - side
    canvas = Canvas()
    canvas.add(_tile_names(corners, ids, gap))
    canvas.add(_pixel_hover(weights, corners) if count * side * side <= 8000 else _no_points())
    canvas.add(_colour_bar(largest, "weight"))
    more = f": the first {count} of {len(ids)} neurons" if len(ids) > count else ""
    title = f"Incoming weights of layer {layer}, {side} × {side} each{more}"
    layout = base_layout(
        height=int(min(900, max(320, 100 + 900 * (height + gap) / width))),
        margin={"l": 16, "r": 16, "t": 56, "b": 16},
        title={"text": bold(title), "font": {"size": 16}, "x": 0.0, "xref": "paper", "xanchor": "left"},
        meta={"title": title, "pixels": True},
        xaxis={"visible": False, "range": [-gap / 2, width + gap / 2], "constrain": "domain"},
        yaxis={
            "visible": False,
            "range": [height + gap / 2, -gap],
            "scaleanchor": "x",
            "constrain": "domain",
            "constraintoward": "top",
        },
    )
    figure = canvas.figure(layout)
    figure.add_layout_image(
        source=png(pixels, diverging_palette()),
        xref="x",
        yref="y",
        x=0,
        y=0,
        sizex=width,
        sizey=height,
        sizing="stretch",
        layer="below",
    )
    return figure


def _image_source(scene: Scene, layer: object) -> tuple[int, int]:
    """Return the layer that a layer's weights come from, and the side of the square they make."""
    if layer not in scene.layers or not isinstance(layer, int) or isinstance(layer, bool):
        raise InvalidValueError(f"no layer {layer!r}: this net has layers {scene.layers}")
    sources = [source for source, target in scene.joined if target == layer]
    if not sources:
        raise InvalidValueError(f"no weights go to layer {layer}: the input layer has none")
    if len(sources) > 1:
        raise InvalidValueError(
            f"the weights of layer {layer} come from layers {sources}: an image needs a single one"
        )
    count = len(scene.neurons[sources[0]])
    side = isqrt(count)
    if side * side != count:
        raise InvalidValueError(
            f"the {count} weights of a neuron in layer {layer} are no square image: "
            f"{side * side} or {(side + 1) ** 2} would be"
        )
    return sources[0], side


def _tile_names(corners: list[tuple[int, int]], ids: list[int], gap: float) -> Json:
    return {
        "type": "scatter",
        "mode": "text",
        "x": [column for _, column in corners],
        "y": [row - gap * 0.42 for row, _ in corners],
        "text": [str(i) for i in ids[: len(corners)]],
        "textposition": "middle right",
        "textfont": {"size": 11, "color": MUTED},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _no_points() -> Json:
    return {"type": "scatter", "x": [None], "y": [None], "hoverinfo": "skip"}


def _pixel_hover(weights: Floats, corners: list[tuple[int, int]]) -> Json:
    """Return invisible points that tell each weight under the mouse."""
    count, side, _ = weights.shape
    rows, columns = np.mgrid[0:side, 0:side]
    tops = np.array(corners)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": (tops[:, 1, None, None] + columns[None] + 0.5).ravel(),
        "y": (tops[:, 0, None, None] + rows[None] + 0.5).ravel(),
        "marker": {"opacity": 0.0, "size": 6, "color": weights.ravel()},
        "customdata": np.tile(np.arange(side * side), count),
        "hovertemplate": "from neuron %{customdata}<br>weight %{marker.color:.4f}<extra></extra>",
    }


def _colour_bar(largest: float, title: str, middle: float = 0.0) -> Json:
    """Return a trace of nothing with a colour bar."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [None],
        "y": [None],
        "hoverinfo": "skip",
        "marker": {
            "color": [middle],
            "colorscale": [list(stop) for stop in DIVERGING],
            "cmin": middle - largest,
            "cmax": middle + largest,
            "showscale": True,
            "colorbar": {
                "title": {"text": title, "side": "right"},
                "thickness": 14,
                "outlinewidth": 0,
                "len": 0.9,
            },
        },
    }


def decision_boundary(net: Net, X: Any, y: Any) -> go.Figure:
    """Draw what a net of two inputs says all over their plane, and samples on it.

    Parameters
    ----------
    net : Net
        A net of two inputs. It is not changed.
    X : (n, 2) lists, tuples, NumPy array or pandas DataFrame
        The samples.
    y : (n,)
        Their targets.

    Returns
    -------
    plotly.graph_objects.Figure
        One output: from orange over white to blue. Several classes: the colour of the most likely,
        paler where it is less sure. Markers differ by class, too.

    Raises
    ------
    TypeError, ValueError
        If the net has another number of inputs, several outputs that are no classes, or X and y do
        not fit it.
    """
    _require_net(net)
    inputs = _input_count(net)
    if inputs != 2:
        raise InvalidValueError(f"decision_boundary needs a net of 2 inputs, but this one has {inputs}")
    encoder = net.encoder()
    kind, outputs = encoder.loss.target_kind, encoder.outputs
    if outputs > 1 and kind != "class":
        raise InvalidValueError(
            f"decision_boundary needs one output or classes (softmax), but this net has {outputs} "
            f"outputs with the loss {net.loss.name!r}"
        )
    samples = Samples(X, 2)
    targets = encoder.encode_all(y, len(samples))
    twin = net.copy()
    points = np.array(list(samples))
    plane = plane_around(points, GRID_POINTS)
    said = np.array([twin.forward(point) for point in plane.points.tolist()])
    scene = Scene.of_net(net)
    middle, reach = _output_scale(kind, targets)
    canvas = Canvas()
    canvas.add(_told_points(plane.xs, plane.ys, said, scene))
    if outputs == 1:
        canvas.add(_colour_bar(reach, "output", middle))
        canvas.add(_boundary(plane.xs, plane.ys, said, middle))
    canvas.add(points_trace(scene, points, targets))
    title = f"{bold('Output over the plane')}   {legend(scene, wrong=False)}"
    if kind == "number":
        title = f"{bold('Output over the plane')}   points: samples, coloured by their target"
    layout = base_layout(
        height=560,
        margin={"l": 56, "r": 16, "t": 56, "b": 50},
        title={"text": title, "font": {"size": 14}, "x": 0.0, "xref": "paper", "xanchor": "left"},
        meta={"title": "Decision boundary"},
        xaxis=axis(range=list(plane.x), showgrid=False, title={"text": "x<sub>1</sub>"}),
        yaxis=axis(range=list(plane.y), showgrid=False, title={"text": "x<sub>2</sub>"}),
    )
    figure = canvas.figure(layout)
    figure.add_layout_image(
        source=png(paint(said, kind, GRID_POINTS, (middle, reach))),
        xref="x",
        yref="y",
        x=plane.x[0],
        y=plane.y[1],
        sizex=plane.x[1] - plane.x[0],
        sizey=plane.y[1] - plane.y[0],
        sizing="stretch",
        layer="below",
    )
    return figure


def _output_scale(kind: str, targets: list[list[float]]) -> tuple[float, float]:
    """Return the output that is drawn white, and how far from it is drawn in full colour."""
    if kind != "number":
        return (0.0, 1.0) if kind == "sign" else (0.5, 0.5)
    low, high = min(t[0] for t in targets), max(t[0] for t in targets)
    return (low + high) / 2.0, (high - low) / 2.0 or 1.0


def _told_points(xs: Floats, ys: Floats, said: Floats, scene: Scene) -> Json:
    """Return an invisible surface that tells the output under the mouse."""
    shape = (len(ys), len(xs))
    told: Json = {"z": said[:, 0].reshape(shape), "hovertemplate": "output %{z:.4f}<extra></extra>"}
    if said.shape[1] > 1:
        best = said.argmax(axis=1)
        names = np.array([scene.class_name(k) for k in range(said.shape[1])], dtype=object)
        told = {
            "z": said.max(axis=1).reshape(shape),
            "text": names[best].reshape(shape).tolist(),
            "hovertemplate": "%{text}<br>%{z:.1%}<extra></extra>",
        }
    return {"type": "heatmap", "x": xs, "y": ys, "opacity": 0.0, "showscale": False, **told}


def _boundary(xs: Floats, ys: Floats, said: Floats, middle: float) -> Json:
    """Return the line where the output is in the middle."""
    return {
        "type": "contour",
        "x": xs,
        "y": ys,
        "z": said[:, 0].reshape(len(ys), len(xs)),
        "contours": {"start": middle, "end": middle, "size": 1, "coloring": "none"},
        "line": {"color": INK, "width": 1.5, "dash": "dot"},
        "showscale": False,
        "hoverinfo": "skip",
    }


def confusion(net: Net, X: Any, y: Any) -> go.Figure:
    """Draw how often each class was taken for which: rows are true, columns predicted.

    Parameters
    ----------
    net : Net
        A net of classes. It is not changed.
    X : (n, inputs) lists, tuples, NumPy array or pandas DataFrame
        The samples.
    y : (n,)
        Their classes.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    TypeError, ValueError
        If the net has no classes (regression, or several yes/no outputs), or X and y do not fit it.
    """
    _require_net(net)
    encoder = net.encoder()
    kind, outputs = encoder.loss.target_kind, encoder.outputs
    if kind == "number" or (kind != "class" and outputs > 1):
        raise InvalidValueError(
            f"confusion needs a net of classes, but with the loss {net.loss.name!r} and {outputs} "
            "output(s) this one predicts numbers or several yes/no answers at once"
        )
    samples = Samples(X, _input_count(net))
    targets = encoder.encode_all(y, len(samples))
    twin, scene = net.copy(), Scene.of_net(net)
    count = max(2, outputs)
    counts = np.zeros((count, count), np.int64)
    for sample, target in zip(samples, targets, strict=True):
        counts[scene.decided(target)[0], scene.decided(twin.forward(sample))[0]] += 1
    names = [scene.class_name(k, 14) for k in range(count)]
    right = int(np.trace(counts))
    share = f"{right:,} of {len(samples):,} right ({right / len(samples):.1%})"
    title = f"{bold('Confusion')}: rows true, columns predicted   {share}"
    return go.Figure(
        {
            "data": [_cells(counts, names)],
            "layout": base_layout(
                height=560,
                margin={"l": 20, "r": 20, "t": 56, "b": 20},
                title={"text": title, "font": {"size": 15}, "x": 0.0, "xref": "paper"},
                meta={"title": "Confusion"},
                xaxis=_class_axis(names),
                yaxis=_class_axis(names, autorange="reversed", scaleanchor="x"),
            ),
        }
    )


def _cells(counts: npt.NDArray[np.int64], names: list[str]) -> Json:
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    told = [[f"true {true}<br>predicted {said}" for said in names] for true in names]
    written = {"texttemplate": "%{text}"} if len(names) <= MOST_NAMED else {}
    return {
        "type": "heatmap",
        "z": share,
        "text": counts,
        "customdata": told,
        "colorscale": BLUES,
        "zmin": 0.0,
        "zmax": 1.0,
        "xgap": 2,
        "ygap": 2,
        "hovertemplate": "%{customdata}<br>%{text} samples, %{z:.1%} of the row<extra></extra>",
        "colorbar": {
            "title": {"text": "share of the row", "side": "right"},
            "tickformat": ".0%",
            "thickness": 14,
            "outlinewidth": 0,
        },
        **written,
    }


def _class_axis(names: list[str], **more: object) -> Json:
    return axis(
        tickvals=list(range(len(names))),
        ticktext=names,
        showgrid=False,
        showline=False,
        constrain="domain",
    ) | {"automargin": True, **more}


def _require_net(net: object) -> None:
    if not isinstance(net, Net):
        raise InvalidTypeError(f"net must be a Net, not {type(net).__name__}")
    net.encoder()  # refuses a net that has no input or output layer


def _input_count(net: Net) -> int:
    return len(net.layers[min(net.layers)])
