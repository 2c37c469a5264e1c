"""What a net of two inputs predicts over their plane, and which classes a net confuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from slownet.datasets.tables import Table
from slownet.errors import InvalidValueError
from slownet.objects import Net
from slownet.plotting.canvas import Canvas
from slownet.plotting.images import png
from slownet.plotting.plane import paint, plane_around, scale_of_targets
from slownet.plotting.plane_drawing import legend, points_trace
from slownet.plotting.scene import Scene, check_net
from slownet.plotting.style import INK, Json, axis, base_layout, bold, colour_bar, for_hover, safe
from slownet.plotting.units import own_and_prepared

Floats = npt.NDArray[np.float64]
GRID_POINTS = 100  # a side of the decision boundary
LONGEST_AXIS = 40  # letters of the name of an input beside its axis
MOST_NAMED = 30  # classes, up to which counts are written into the cells
BLUES = [[0.0, "#ffffff"], [0.5, "#7fb0d9"], [1.0, "#053a6b"]]


def decision_boundary(net: Net, X: Any, y: Any = None) -> go.Figure:
    """Draw the outputs of a net of two inputs over their plane, and samples on it.

    With `net.preparation` the plane and the numbers are in the units of its table.

    Parameters
    ----------
    net : Net
        A net of two inputs. It is not changed.
    X : (n, 2) lists, tuples, NumPy array, pandas DataFrame or Table
        The samples.
    y : (n,)
        Their targets; a Table has its own.

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

    Examples
    --------
    >>> from slownet import NetFactory, plotting
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> figure = plotting.decision_boundary(net, X, y)
    """
    check_net(net)
    inputs = len(net.inputs)
    if inputs != 2:
        raise InvalidValueError(f"decision_boundary needs a net of 2 inputs, but this one has {inputs}")
    encoder = net.encoder()
    kind, outputs = encoder.loss.target_kind, encoder.outputs
    if outputs > 1 and kind != "class":
        raise InvalidValueError(
            f"decision_boundary needs one output or classes (softmax), but this net has {outputs} "
            f"outputs with the loss {net.loss.name!r}"
        )
    points, _ = own_and_prepared(net, X)
    targets = _encoded(net, X, y, len(points))
    twin, scene = net.copy(), Scene.of_net(net)
    units = scene.units
    plane = plane_around(points, GRID_POINTS)
    values = [twin.forward(point) for point in units.scaled(plane.points).tolist()]
    predicted = units.of_outputs(values)
    middle, reach = _output_scale(kind, units.of_outputs(targets).tolist())
    canvas = Canvas()
    canvas.add(_hover_surface(plane.xs, plane.ys, predicted, scene))
    if outputs == 1:
        canvas.add(colour_bar(reach, safe(scene.number_name) or "output", middle))
        canvas.add(_boundary(plane.xs, plane.ys, predicted, middle))
    canvas.add(points_trace(scene, points, targets, (middle, reach)))
    title = f"{bold('Output over the plane')}   {legend(scene, wrong=False)}"
    if kind == "number":
        by = safe(scene.number_name) or "their target"
        title = f"{bold('Output over the plane')}   points: samples, coloured by {by}"
    layout = base_layout(
        height=560,
        margin={"l": 56, "r": 16, "t": 56, "b": 50},
        title={"text": title, "font": {"size": 14}, "x": 0.0, "xref": "paper", "xanchor": "left"},
        meta={"title": "Decision boundary"},
        xaxis=axis(range=list(plane.x), showgrid=False, title={"text": _axis_name(scene, 0)}),
        yaxis=axis(range=list(plane.y), showgrid=False, title={"text": _axis_name(scene, 1)}),
    )
    figure = canvas.figure(layout)
    figure.add_layout_image(
        source=png(paint(predicted, kind, GRID_POINTS, (middle, reach))),
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


def _encoded(net: Net, X: Any, y: Any, count: int) -> list[list[float]]:
    """Return the targets of samples as numbers of the net."""
    y = X.y if y is None and isinstance(X, Table) else y
    return net.encoder(preparation=net.preparation).encode_all(y, count)


def _axis_name(scene: Scene, place: int) -> str:
    names = scene.units.names
    return f"x<sub>{place + 1}</sub>" if names is None else safe(names[place], LONGEST_AXIS)


def _output_scale(kind: str, targets: list[list[float]]) -> tuple[float, float]:
    """Return the output that is drawn white, and how far from it is drawn in full colour."""
    if kind != "number":
        return (0.0, 1.0) if kind == "sign" else (0.5, 0.5)
    return scale_of_targets(targets)


def _hover_surface(xs: Floats, ys: Floats, predicted: Floats, scene: Scene) -> Json:
    """Return an invisible surface that shows the output under the mouse."""
    shape = (len(ys), len(xs))
    name = scene.number_name
    output = f"{for_hover(name)}: %{{z:.6~g}}" if name else "output %{z:.4f}"
    shown: Json = {
        "z": predicted[:, 0].reshape(shape).astype(np.float32),
        "hovertemplate": f"{output}<extra></extra>",
    }
    if predicted.shape[1] > 1:
        best = predicted.argmax(axis=1)
        names = np.array([scene.class_name(k) for k in range(predicted.shape[1])], dtype=object)
        shown = {
            "z": predicted.max(axis=1).reshape(shape).astype(np.float32),
            "text": names[best].reshape(shape).tolist(),
            "hovertemplate": "%{text}<br>%{z:.1%}<extra></extra>",
        }
    return {"type": "heatmap", "x": xs, "y": ys, "opacity": 0.0, "showscale": False, **shown}


def _boundary(xs: Floats, ys: Floats, predicted: Floats, middle: float) -> Json:
    """Return the line where the output is in the middle."""
    return {
        "type": "contour",
        "x": xs,
        "y": ys,
        "z": predicted[:, 0].reshape(len(ys), len(xs)).astype(np.float32),
        "contours": {"start": middle, "end": middle, "size": 1, "coloring": "none"},
        "line": {"color": INK, "width": 1.5, "dash": "dot"},
        "showscale": False,
        "hoverinfo": "skip",
    }


def confusion(net: Net, X: Any, y: Any = None) -> go.Figure:
    """Draw how often each class was taken for which: rows are true, columns predicted.

    Parameters
    ----------
    net : Net
        A net of classes. It is not changed.
    X : (n, inputs) lists, tuples, NumPy array, pandas DataFrame or Table
        The samples; with `net.preparation`, in the units of its table.
    y : (n,)
        Their classes; a Table has its own.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    TypeError, ValueError
        If the net has no classes (regression, or several yes/no outputs), or X and y do not fit it.

    Examples
    --------
    >>> from slownet import NetFactory, plotting
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> figure = plotting.confusion(net, X, y)
    """
    check_net(net)
    encoder = net.encoder()
    kind, outputs = encoder.loss.target_kind, encoder.outputs
    if kind == "number" or (kind != "class" and outputs > 1):
        raise InvalidValueError(
            f"confusion needs a net of classes, but with the loss {net.loss.name!r} and {outputs} "
            "output(s) this one predicts numbers or several yes/no answers at once"
        )
    _, samples = own_and_prepared(net, X)
    targets = _encoded(net, X, y, len(samples))
    twin, scene = net.copy(), Scene.of_net(net)
    count = max(2, outputs)
    counts = np.zeros((count, count), np.int64)
    for sample, target in zip(samples, targets, strict=True):
        counts[scene.decided(target)[0], scene.decided(twin.forward(sample))[0]] += 1
    names = [scene.class_name(k, 14) for k in range(count)]
    right = int(np.trace(counts))
    share = f"{right:,} of {len(samples):,} right ({right / len(samples):.1%})"
    name = safe(scene.units.targets[0].name)
    what = bold(f"Confusion of {name}" if name else "Confusion")
    title = f"{what}: rows true, columns predicted   {share}"
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
    texts = [[f"true {true}<br>predicted {predicted}" for predicted in names] for true in names]
    written = {"texttemplate": "%{text}"} if len(names) <= MOST_NAMED else {}
    return {
        "type": "heatmap",
        "z": share,
        "text": counts,
        "customdata": texts,
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
