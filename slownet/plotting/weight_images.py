"""Weights as images: one for each neuron of a layer."""

from __future__ import annotations

from math import ceil, isqrt, sqrt

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from slownet.checks import short
from slownet.errors import InvalidValueError
from slownet.objects import Net
from slownet.plotting.canvas import Canvas
from slownet.plotting.images import diverging_levels, diverging_palette, mosaic, png
from slownet.plotting.scene import Scene, check_net
from slownet.plotting.style import MUTED, Json, base_layout, bold, colour_bar, safe

Floats = npt.NDArray[np.float64]
MOST_TILES = 100


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

    Examples
    --------
    >>> from slownet import NetFactory, plotting
    >>> figure = plotting.weight_images(NetFactory([64, 4, 2], seed=0).new())
    """
    check_net(net)
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
    names = scene.units.names if source == scene.inputs else None
    if count * side * side <= 8000:
        canvas.add(_pixel_hover(weights, corners, names))
    else:
        canvas.add(_no_points())
    canvas.add(colour_bar(largest, "weight"))
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
        raise InvalidValueError(f"no layer {short(layer)}: this net has layers {scene.layers}")
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


def _pixel_hover(weights: Floats, corners: list[tuple[int, int]], names: list[str] | None) -> Json:
    """Return invisible points that show each weight under the mouse, and the name of its input."""
    count, side, _ = weights.shape
    rows, columns = np.mgrid[0:side, 0:side]
    tops = np.array(corners)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": (tops[:, 1, None, None] + columns[None] + 0.5).ravel(),
        "y": (tops[:, 0, None, None] + rows[None] + 0.5).ravel(),
        "marker": {"opacity": 0.0, "size": 6, "color": weights.ravel()},
        "customdata": np.tile(np.arange(side * side) if names is None else [*map(safe, names)], count),
        "hovertemplate": f"from {'neuron ' if names is None else ''}%{{customdata}}<br>"
        "weight %{marker.color:.4f}<extra></extra>",
    }
