"""The output of a net of two inputs over their plane, with samples on it."""

from __future__ import annotations

import numpy as np

from slownet.live import svg
from slownet.plotting.images import blend, png
from slownet.plotting.plane import bounded, class_colour, class_symbol
from slownet.plotting.plane_drawing import MOST_POINTS, Surfaces
from slownet.plotting.style import DIVERGING, INK, MUTED, short, width_of

RADIUS = 3.6
LONGEST = 20  # letters of a name


def surface_parts(surfaces: Surfaces, width: int, height: int) -> list[str]:
    """Return the parts of a drawing of the large surface."""
    plane = surfaces.plane
    (x0, x1), (y0, y1) = (map(svg.number, ends) for ends in (plane.x, plane.y))
    left = 44.0 + 9.0 * max(0, len(y0) - 6, len(y1) - 6)
    right, top, bottom = width - 14.0, 50.0, height - 24.0
    return [
        svg.title(10, 18, "Output over the plane"),
        *_legend(surfaces, width),
        svg.image(png(surfaces.output(-1)), left, top, right - left, bottom - top, is_smooth=True),
        svg.frame(left, top, right - left, bottom - top, MUTED),
        *_points(surfaces, (left, right), (top, bottom)),
        svg.tick(left, bottom + 16, x0, "start"),
        svg.tick((left + right) / 2, bottom + 16, _name(surfaces, 0)),
        svg.tick(right, bottom + 16, x1, "end"),
        svg.tick(left - 5, top + 10, y1, "end"),
        _upright(left - 5, (top + bottom) / 2, _name(surfaces, 1)),
        svg.tick(left - 5, bottom, y0, "end"),
    ]


def _name(surfaces: Surfaces, place: int) -> str:
    """Return the name of an input, at most as long as there is room beside an axis."""
    return short(surfaces.scene.units.input_name(place), LONGEST)


def _upright(x: float, y: float, name: str) -> str:
    """Return the name of the vertical axis, from below to above if it is long."""
    if len(name) <= 2:
        return svg.tick(x, y, name, "end")
    turned = f' transform="rotate(-90 {x - 8:.1f} {y:.1f})"'
    return svg.text(x - 8, y, name, "middle", MUTED, more=turned)


def _points(surfaces: Surfaces, xs: tuple[float, float], ys: tuple[float, float]) -> list[str]:
    """Return samples with the marker and colour of their class, or coloured by their target."""
    scene, plane = surfaces.scene, surfaces.plane
    count = min(MOST_POINTS, len(scene.samples))
    samples, targets = bounded(scene.samples[:count]), scene.targets[:count]
    places = np.stack(
        [
            xs[0] + (xs[1] - xs[0]) * (samples[:, 0] - plane.x[0]) / (plane.x[1] - plane.x[0]),
            ys[1] - (ys[1] - ys[0]) * (samples[:, 1] - plane.y[0]) / (plane.y[1] - plane.y[0]),
        ],
        axis=1,
    )
    if scene.target_kind == "number":
        middle, reach = surfaces.scales[scene.output]  # as targets, numbers of the net
        shares = (np.array(targets)[:, 0] / 2.0 - middle / 2.0) / reach + 0.5
        colours = blend(DIVERGING, np.clip(shares, 0.0, 1.0)).tolist()
        return [
            svg.circle(x, y, RADIUS, f"rgb({r},{g},{b})", INK)
            for (x, y), (r, g, b) in zip(places, colours, strict=True)
        ]
    kinds = np.array([scene.decided(target)[0] for target in targets], dtype=np.intp)
    return [
        svg.markers(places[kinds == k].tolist(), class_symbol(k), RADIUS, class_colour(k))
        for k in np.unique(kinds).tolist()
    ]


def _legend(surfaces: Surfaces, width: int) -> list[str]:
    """Return what the points mean, in one line: the first classes, as many as have room."""
    scene = surfaces.scene
    if scene.target_kind == "number":
        name = short(scene.number_name, LONGEST) or "their target"
        return [svg.text(10, 38, f"points: samples, coloured by {name}", "start", MUTED)]
    parts, x = [], 16.0
    for k in range(max(2, len(scene.neurons[scene.output]))):
        name = scene.plain_class_name(k, 9)
        if x + 8 + width_of(name) > width:
            break
        parts.append(svg.markers([(x, 34.0)], class_symbol(k), RADIUS, class_colour(k)))
        parts.append(svg.text(x + 8, 38, name, "start", MUTED))
        x += 22.0 + width_of(name)
    return parts
