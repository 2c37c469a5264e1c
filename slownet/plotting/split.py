"""Drawing a net with z and value apart: two circles for each neuron after the inputs."""

from __future__ import annotations

import numpy as np

from slownet.functions import Activation
from slownet.plotting.canvas import Canvas, words
from slownet.plotting.drawing import (
    SMALL,
    add_input_image,
    add_input_names,
    add_key,
    add_tiles,
    bundles_of,
    names_width,
    notes,
    thin_lines,
)
from slownet.plotting.edges import add_edges, add_hovered_weights
from slownet.plotting.geometry import (
    HEADING,
    INPUT_BOX,
    LARGEST_SPLIT,
    SUBHEADING,
    Circles,
    NetLayout,
    split_layout,
)
from slownet.plotting.images import Floats
from slownet.plotting.readout import Readout, add_outputs, circles_of, fill_of, value_range
from slownet.plotting.scene import MOST_NEURONS, MOST_TILES, Group, Scene
from slownet.plotting.style import EMPTY, Json, bold, rgb

# of inputs, pre-activations, activations, pre-outputs and outputs; ink can be read on all of them
COLOURS = ("#9db2c6", "#e3b341", "#6cba8f", "#dd8fb9", "#a996e3")
TINT = 0.25  # of its colour, for the lowest value of a column
SMALLEST_WITH_NUMBER = 32.0  # pixels of a circle
MOST_LETTERS = 120  # of a line below the net, in a figure of 900 pixels


def draw_split(canvas: Canvas, scene: Scene, samples: range) -> NetLayout:
    """Draw a net with one sample or with none, and return where everything stands."""
    groups = scene.groups(most_first=MOST_TILES if scene.side else MOST_NEURONS)
    net_layout = split_layout(groups, scene.side, bool(samples), names_width(scene, groups[0], samples))
    if scene.side:
        add_input_image(canvas, scene, samples)
        add_tiles(canvas, scene, groups[1], net_layout)
    else:
        add_input_names(canvas, scene, groups[0], net_layout, samples)
    bundles = bundles_of(scene, groups[1:] if scene.side else groups, net_layout)
    add_edges(canvas, bundles)
    for group in groups[1:]:
        canvas.add(_functions(scene, group, net_layout))
    for group in groups:
        _add_group(canvas, scene, group, net_layout, samples)
    add_hovered_weights(canvas, bundles, scene)
    if samples:
        add_outputs(canvas, Readout(scene, groups[-1], net_layout.circles[scene.output]), samples)
    _add_headings(canvas, scene, groups, net_layout, bool(samples))
    grey = "Grey lines lead from z through the activation to the value."
    add_key(canvas, [grey, *notes(scene, groups, bundles)], fill=bool(samples), widest=MOST_LETTERS)
    canvas.finish()
    return net_layout


def _functions(scene: Scene, group: Group, net_layout: NetLayout) -> Json:
    """Return the lines from each z to the values that depend on it: of softmax, all of the layer."""
    start, end = net_layout.sums[group.id], net_layout.circles[group.id]
    if isinstance(scene.activation(group.id), Activation):
        pairs = np.column_stack([start.ys, end.ys])
    else:
        pairs = np.array([(y0, y1) for y0 in start.ys for y1 in end.ys])
    gap = np.full((len(pairs), 1), np.nan)
    x = np.tile([start.x, end.x, np.nan], (len(pairs), 1))
    return thin_lines(x, np.hstack([pairs, gap]), EMPTY)


def _add_group(
    canvas: Canvas, scene: Scene, group: Group, net_layout: NetLayout, samples: range
) -> None:
    """Add the circles of a layer: those of z, if it has any, and those of its values."""
    is_first, is_last = group.id == scene.inputs, group.id == scene.output
    place = 0 if is_first else 4 if is_last else 2
    if group.id in net_layout.sums:
        circles = net_layout.sums[group.id]
        trace = circles_of(scene, group, circles)
        trace["text"] = [f"z of {name}" for name in trace["text"]]
        zs = scene.zs(group.id, 0, -1)[_columns(scene, group)] if samples else None
        _add_circles(canvas, trace, circles, COLOURS[place - 1], zs, _span(zs))
    if group.id in net_layout.circles:
        circles = net_layout.circles[group.id]
        trace = circles_of(scene, group, circles)
        values, span = None, (0.0, 1.0)
        if samples:
            trace["text"] = fill_of(scene, group, 0)(-1).get("text", trace["text"])
            values = scene.values(group.id, 0, -1)[_columns(scene, group)]
            span = value_range(scene, group, samples)
        _add_circles(canvas, trace, circles, COLOURS[place], values, span, with_numbers=not is_first)


def _columns(scene: Scene, group: Group) -> list[int]:
    return [scene.neurons[group.id].index(i) for i in group.shown]


def _span(numbers: Floats | None) -> tuple[float, float]:
    """Return the numbers that are drawn as the lightest and the darkest."""
    if numbers is None:
        return 0.0, 1.0
    low, high = float(np.nan_to_num(numbers).min()), float(np.nan_to_num(numbers).max())
    return low, high if high > low else low + 1.0


def _add_circles(
    canvas: Canvas,
    trace: Json,
    circles: Circles,
    colour: str,
    numbers: Floats | None,
    span: tuple[float, float],
    with_numbers: bool = True,
) -> None:
    """Add a column of circles in a colour, the darker the higher their numbers, if there are any."""
    if numbers is None:
        trace["marker"]["color"] = colour
        canvas.add(trace)
        return
    low, high = span
    trace["marker"] |= {
        "color": numbers.astype(np.float32),
        "colorscale": [[0.0, _tinted(colour)], [1.0, colour]],
        "cmin": low,
        "cmax": high,
        "showscale": False,
    }
    trace["hovertemplate"] = "%{text}<br>%{marker.color:.4f}<extra></extra>"
    canvas.add(trace)
    if with_numbers and circles.disc >= SMALLEST_WITH_NUMBER:
        texts = [_fitting(number) for number in numbers.tolist()]
        size = 11 if circles.disc >= LARGEST_SPLIT else 10
        inside = words(np.full(len(texts), circles.x), circles.ys, texts, size)
        canvas.add({**inside, "textposition": "middle center"})


def _fitting(number: float) -> str:
    """Return a number in at most five letters; "" for one that has more."""
    text = f"{number:.{2 if abs(number) < 9.995 else 1 if abs(number) < 99.95 else 0}f}"
    return text if len(text) <= 5 else ""


def _tinted(colour: str) -> str:
    """Return a colour mixed with white."""
    return "rgb({}, {}, {})".format(*(round(255 - TINT * (255 - part)) for part in rgb(colour)))


def _add_headings(
    canvas: Canvas, scene: Scene, groups: list[Group], net_layout: NetLayout, has_sample: bool
) -> None:
    """Head every column."""

    def head(text: str, below: str, x: float, position: str = "middle center") -> None:
        canvas.write(bold(text), x, HEADING, 15, position=position)
        canvas.write(below, x, SUBHEADING, *SMALL, position=position)

    first, *rest = groups
    if scene.side:
        head("Input", f"{scene.side} × {scene.side}", INPUT_BOX[0], "middle right")
        head("Weights", "as images", net_layout.tiles[rest[0].id].x, "middle right")
    else:
        head("Inputs", _count(first, "numbers"), net_layout.circles[first.id].x)
    for group in rest:
        is_last = group is rest[-1]
        head(
            "Pre-outputs" if is_last else "Pre-activations",
            _count(group, "neurons"),
            net_layout.sums[group.id].x,
        )
        name = "Softmax" if group.activation == "softmax" else "Outputs"
        x = net_layout.circles[group.id].x
        if is_last and has_sample:  # what the net says stands below
            canvas.write(bold(name), x - 22.0, HEADING, 15)
        else:
            head(name if is_last else "Activations", f"{group.activation}(z)", x)


def _count(group: Group, what: str) -> str:
    count = f"{len(group.shown)} of {group.size:,}" if len(group.shown) < group.size else group.size
    return f"{count} {what if group.size != 1 else what.removesuffix('s')}"
