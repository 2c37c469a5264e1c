"""Drawing a net of two inputs: every neuron's output over the plane, and the net's, large."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt

from slownet.plotting.canvas import Canvas, Picture
from slownet.plotting.drawing import (
    add_headings,
    add_input_names,
    add_key,
    bundles_of,
    frames,
    names_width,
    notes,
    picture,
)
from slownet.plotting.edges import add_edges
from slownet.plotting.geometry import NetLayout, plane_layout
from slownet.plotting.images import Bytes, diverging_levels, diverging_palette, mosaic, png
from slownet.plotting.plane import (
    Plane,
    Scale,
    class_colour,
    class_symbol,
    middle_and_reach,
    paint,
    plane_around,
    scale_of_targets,
    spanned,
    values_over,
)
from slownet.plotting.readout import add_circles
from slownet.plotting.scene import MOST_PLANES, Group, Scene
from slownet.plotting.style import (
    DIVERGING,
    INK,
    MUTED,
    Json,
    axis,
    bold,
    for_hover,
    heading,
    safe,
)

Floats = npt.NDArray[np.float64]
TILE, SURFACE = 24, 72  # points a side of a neuron's tile, and of the large surface
MOST_LAYERS, MOST_POINTS = 6, 300
KEY_LETTERS, LONGEST_AXIS = 80, 30  # in a line of the key; of a name beside its axis
GLYPHS = {
    "circle": "●",
    "diamond": "◆",
    "square": "■",
    "triangle-up": "▲",
    "x": "✖",
    "star": "★",
    "cross": "✚",
    "pentagon": "⬟",
    "hexagon": "⬢",
    "triangle-down": "▼",
}


def is_plane(scene: Scene) -> bool:
    """Whether a scene can be drawn over the plane of its inputs, at little cost."""
    return scene.is_plane and len(scene.layers) <= MOST_LAYERS


class Surfaces:
    """The values of every neuron of a scene over the plane, at every moment."""

    def __init__(self, scene: Scene, size: int = SURFACE) -> None:
        self.scene = scene
        self.plane = plane_around(scene.samples, size)
        self.tile = Plane(self.plane.x, self.plane.y, TILE)
        self.of_tile: Callable[[int], dict[int, Floats]] = cache(self._of_tile)
        moments = range(len(scene.snapshots))
        self.scales = {
            layer: middle_and_reach(scene.activation(layer), (self.of_tile(k)[layer] for k in moments))
            for layer in scene.layers[1:]
        }
        self.target_scale = self.scales[scene.output]  # of the output in the table's own units
        if scene.target_kind == "number":
            self.scales[scene.output] = scale_of_targets(scene.targets)
            self.target_scale = scale_of_targets(scene.own_targets.tolist())

    def _of_tile(self, moment: int) -> dict[int, Floats]:
        return values_over(self.scene, self.tile.points, moment)

    def tiles(self, layer: int, moment: int) -> Floats:
        """Return each neuron's tile, from -1 (orange) over 0 (white) to 1 (blue)."""
        middle, reach = self.scales[layer]
        values = self.of_tile(moment)[layer].T.reshape(-1, TILE, TILE)
        with np.errstate(over="ignore"):
            tiles: Floats = (values - middle) / reach
        return tiles

    def output(self, moment: int) -> Bytes:
        """Return the large surface as an image."""
        values = values_over(self.scene, self.plane.points, moment)
        layer = self.scene.output
        return paint(values[layer], self.scene.target_kind, self.plane.size, self.scales[layer])

    @property
    def key(self) -> str:
        """What the colours of the tiles span, layer by layer, in words."""
        spans = [spanned(scale) for scale in [*self.scales.values()][:-1]]
        spans.append(spanned(self.target_scale))
        more = ", layer by layer" if len(set(spans)) > 1 else ""
        return f"{TILES}: {', '.join(spans) if more else spans[0]}{more}."


def draw_planes(
    canvas: Canvas,
    scene: Scene,
    x: tuple[float, float],
    y: tuple[float, float],
    size: int = SURFACE,
) -> Json:
    """Draw a net of two inputs over their plane.

    Parameters
    ----------
    canvas : Canvas
        Where to.
    scene : Scene
        One that `is_plane`.
    x, y : (float, float)
        The part of the paper for the large surface; the net stands to the left of it.
    size : int
        Points a side of the large surface.

    Returns
    -------
    dict
        The axes of the net and of the large surface.
    """
    surfaces = Surfaces(scene, size)
    groups = scene.groups(MOST_PLANES, MOST_PLANES)
    net_layout = plane_layout(groups, TILE, names_width(scene, groups[0], range(0)))
    bundles = bundles_of(scene, groups, net_layout)
    add_edges(canvas, bundles)
    add_circles(canvas, scene, net_layout, groups[:1], range(0))
    add_input_names(canvas, scene, groups[0], net_layout, range(0))
    for group in groups[1:]:
        _add_tiles(canvas, scene, surfaces, group, net_layout)
    add_headings(canvas, scene, groups, net_layout, "over the plane")
    add_key(canvas, [surfaces.key, *notes(scene, groups, bundles)], fill=False, widest=KEY_LETTERS)
    canvas.finish()
    return {
        **net_layout.axes((0.0, x[0] - 0.05), (0.0, 0.93)),
        **add_surface(canvas, surfaces, x, y),
    }


TILES = "Tiles: a neuron’s output for every point of the plane, from orange to blue"


def _add_tiles(
    canvas: Canvas, scene: Scene, surfaces: Surfaces, group: Group, net_layout: NetLayout
) -> None:
    tiles = net_layout.tiles[group.id]
    rows = [scene.neurons[group.id].index(i) for i in group.shown]
    palette = diverging_palette()

    def source(moment: int) -> str:
        levels = diverging_levels(surfaces.tiles(group.id, moment)[rows], 1.0, power=1.0)
        return png(mosaic(levels, tiles.corners), palette)

    image = picture("", tiles.x, tiles.y, tiles.width, tiles.height)
    canvas.pictures.append(Picture(image, source))
    canvas.add(frames(tiles.boxes, INK))


def add_surface(
    canvas: Canvas, surfaces: Surfaces, x: tuple[float, float], y: tuple[float, float]
) -> Json:
    """Add the net's output over the plane with the watched samples on it; return its axes."""
    plane, scene = surfaces.plane, surfaces.scene
    image = {
        "source": "",
        "xref": "x5",
        "yref": "y5",
        "x": plane.x[0],
        "y": plane.y[1],
        "sizex": plane.x[1] - plane.x[0],
        "sizey": plane.y[1] - plane.y[0],
    }
    canvas.pictures.append(Picture(image, lambda moment: png(surfaces.output(moment))))
    drawn = range(min(MOST_POINTS, len(scene.samples)))
    targets = scene.targets[: len(drawn)]
    trace = points_trace(scene, scene.samples[drawn], targets, surfaces.target_scale)
    trace |= {"xaxis": "x5", "yaxis": "y5"}
    canvas.add(trace, lambda moment: {"marker": {"line": _rings(scene, drawn, moment)}})
    canvas.annotations += [
        heading(bold("Output over the plane"), x[0], y[1], yshift=16),
        heading(
            legend(scene, wrong=_is_judged(scene, 0)),
            x[0],
            y[1],
            font={"size": 12, "color": MUTED},
        ),
    ]
    both = {"fixedrange": True, "showgrid": False, "mirror": True}
    titles: list[Json] = [{}, {}]
    if scene.units.names is not None:
        font = {"size": 12, "color": MUTED}
        titles = [
            {"title": {"text": safe(name, LONGEST_AXIS), "font": font, "standoff": 4}}
            for name in scene.units.names
        ]
    return {
        "xaxis5": axis(domain=x, range=list(plane.x), anchor="y5", **both, **titles[0]),
        "yaxis5": axis(domain=y, range=list(plane.y), anchor="x5", **both, **titles[1]),
    }


def points_trace(scene: Scene, points: Floats, targets: list[list[float]], scale: Scale) -> Json:
    """Return samples as points: with the colour and marker of the class, or coloured by the target.

    Points and the scale are in the table's own units, targets numbers of the net.
    """
    middle, reach = scale
    place, digits = "(%{x:.3g}, %{y:.3g})", ".4g"
    if scene.units.names is not None:
        x, y = map(for_hover, scene.units.names)
        place, digits = f"{x}: %{{x:.6~g}}<br>{y}: %{{y:.6~g}}", ".6~g"
    trace: Json = {
        "type": "scatter",
        "mode": "markers",
        "x": points[:, 0],
        "y": points[:, 1],
        "marker": {"size": 8, "line": {"color": "#fff", "width": 1}},
    }
    if scene.target_kind == "number":
        numbers = scene.units.of_outputs(targets)[:, 0]
        trace["marker"] |= {
            "color": numbers,
            "colorscale": [list(stop) for stop in DIVERGING],
            "cmin": middle - reach,
            "cmax": middle + reach,
        }
        trace["hovertemplate"] = f"{place}<br>target %{{marker.color:{digits}}}<extra></extra>"
        return trace
    indices = [scene.decided(target)[0] for target in targets]
    trace["marker"] |= {
        "color": [class_colour(k) for k in indices],
        "symbol": [class_symbol(k) for k in indices],
    }
    trace["text"] = [f"class {scene.class_name(k)}" for k in indices]
    trace["hovertemplate"] = f"{place}<br>%{{text}}<extra></extra>"
    return trace


def legend(scene: Scene, wrong: bool) -> str:
    """Return the legend of the points, in one line."""
    if scene.target_kind == "number":
        name = safe(scene.number_name) or "their target"
        return f"points: watched samples, coloured by {name}"
    count = max(2, len(scene.neurons[scene.output]))
    names = [
        f'<span style="color:{class_colour(k)}">{GLYPHS[class_symbol(k)]}</span> '
        f"{scene.class_name(k, 10)}"
        for k in range(min(count, 6))
    ]
    return "  ".join([*names, *(["dark ring: wrong"] if wrong else [])])


def _is_judged(scene: Scene, moment: int) -> bool:
    """Whether samples can be right or wrong, and the snapshot has values for them."""
    return scene.target_kind != "number" and bool(scene.snapshots[moment].values)


def _rings(scene: Scene, drawn: range, moment: int) -> Json:
    """Return a dark ring for every point that is predicted wrong."""
    if not _is_judged(scene, moment):
        return {"width": 1}
    wrong = np.array(
        [
            scene.decided(scene.values(scene.output, k, moment)) != scene.decided(scene.targets[k])
            for k in drawn
        ]
    )
    return {
        "width": np.where(wrong, 3, 1).astype(np.uint8),
        "color": np.where(wrong, INK, "#ffffff").tolist(),
    }
