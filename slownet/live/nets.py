"""A net as layers of neurons, each a circle, its weights as an image, or its values over the plane."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slownet.live import svg
from slownet.live.columns import CIRCLE, TILE, Column, Columns
from slownet.plotting.drawing import SIGNS, notes
from slownet.plotting.edges import OPACITIES, SIZES, WIDTHS, Bundle, Ends
from slownet.plotting.images import diverging_levels, diverging_palette, png, strongest
from slownet.plotting.plane_drawing import Surfaces
from slownet.plotting.scene import Scene
from slownet.plotting.style import INK, MUTED, NEGATIVE, PALE, PAPER, POSITIVE

Floats = npt.NDArray[np.float64]
MOST_PIXELS = 48  # of an image of weights a side


class NetDrawing:
    """The net of a scene at its last moment.

    Parameters
    ----------
    scene : Scene
        What is drawn.
    surfaces : Surfaces or None
        The values of its neurons over the plane, if they are drawn.
    width, height : int
        Of the drawing.

    Attributes
    ----------
    parts : list of str
        The parts of the drawing.
    key : list of str
        What the marks mean and what is left out: sentences.
    """

    def __init__(self, scene: Scene, surfaces: Surfaces | None, width: int, height: int) -> None:
        self.scene, self.surfaces, self.height = scene, surfaces, height
        self.columns = Columns(scene, TILE if surfaces else CIRCLE, width, height)
        self.drawn = {column.group.id: column for column in self.columns.all}
        self.bundles = [
            Bundle(scene, Ends(one.group, other.group, (one.x, other.x), one.ys, other.ys))
            for source, target in scene.joined
            if (one := self.drawn.get(source)) and (other := self.drawn.get(target))
        ]
        self.key = [svg.plain(SIGNS)] if self.bundles else []
        self.key += notes(scene, self.columns.groups, self.bundles)
        self.parts = [
            *(part for bundle in self.bundles for part in self._edges(bundle)),
            *(part for column in self.columns.all for part in self._neurons(column)),
            *(part for column in self.columns.all for part in self._words(column)),
        ]

    def _neurons(self, column: Column) -> list[str]:
        half, size, layer = column.size / 2.0, column.size, column.group.id
        if self.surfaces and layer != self.scene.inputs:
            images, colour, is_smooth = self._planes(column, self.surfaces), INK, True
        elif self.scene.side and column is self.columns.all[0]:
            images, colour, is_smooth = self._weights(column), PALE, False
        else:
            return [svg.circle(x, y, half, PAPER, INK) for x, y in column.places]
        return [
            svg.image(source, x - half, y - half, size, size, is_smooth)
            + svg.frame(x - half, y - half, size, size, colour)
            for source, (x, y) in zip(images, column.places, strict=True)
        ]

    def _planes(self, column: Column, surfaces: Surfaces) -> list[str]:
        """Return the values of neurons over the plane as images."""
        tiles = surfaces.tiles(column.group.id, -1)[self._rows(column)]
        return [png(tile, diverging_palette()) for tile in diverging_levels(tiles, 1.0, power=1.0)]

    def _weights(self, column: Column) -> list[str]:
        """Return the weights of neurons as images, and say in the key what their colours mean."""
        scene, side = self.scene, self.scene.side
        weights = scene.weights(scene.inputs, column.group.id, -1)[self._rows(column)]
        largest = strongest(weights)
        self.key.append(
            f"Images: a neuron’s weights from the {side} × {side} inputs, from orange "
            f"({svg.number(-largest)}) to blue ({svg.number(largest)})."
        )
        tiles = diverging_levels(_smaller(weights.reshape(-1, side, side)), largest or 1.0)
        return [png(tile, diverging_palette()) for tile in tiles]

    def _rows(self, column: Column) -> list[int]:
        """Return the places of the neurons of a column among all of their layer."""
        ids = self.scene.neurons[column.group.id]
        return [ids.index(i) for i in column.group.shown]

    def _edges(self, bundle: Bundle) -> list[str]:
        """Return the lines between two layers, one path for each size, the strongest last."""
        source, target = self.drawn[bundle.ends.source.id], self.drawn[bundle.ends.target.id]
        starts = [f"M{x + source.size / 2:.1f} {y:.1f}" for x, y in source.places]
        ends = [f"L{x - target.size / 2:.1f} {y:.1f}" for x, y in target.places]
        parts = []
        for size in range(SIZES):
            for sign, colour in ((0, NEGATIVE), (1, POSITIVE)):
                lines = np.flatnonzero(bundle.buckets[-1] == size + SIZES * sign).tolist()
                points = "".join(starts[k % len(starts)] + ends[k // len(starts)] for k in lines)
                if points:
                    parts.append(svg.path(points, colour, WIDTHS[size] * 0.75, OPACITIES[size]))
        return parts

    def _words(self, column: Column) -> list[str]:
        """Return the size and activation of a layer, which stand below it, and its neurons' names."""
        group, half = column.group, column.size / 2.0
        shown, size = f"{len(group.shown):,}", f"{group.size:,}"
        parts = [svg.text(column.x, self.height - 24, size if shown == size else f"{shown} of {size}")]
        if self.columns.has_room:
            name = self.columns.activation(column)
            parts.append(svg.text(column.x, self.height - 8, name, colour=MUTED))
        for name, (x, y) in zip(column.names, column.places, strict=True):
            if group.id == self.scene.inputs:
                parts.append(svg.text(x - half - 4, y + 4, name, "end", MUTED))
            elif name and column.is_block:
                parts.append(svg.text(x - half + 3, y - half + 13, name, "start", more=svg.HALO))
            elif name:
                parts.append(svg.text(x + half + 5, y + 4, name, "start"))
        return parts


def _smaller(images: Floats) -> Floats:
    """Return images of at most MOST_PIXELS a side: means of squares of pixels, nan where all are."""
    side = images.shape[-1]
    size = -(-side // MOST_PIXELS)
    if size == 1:
        return images
    count = side // size  # pixels that are left over at the right and below are left out
    squares = images[:, : count * size, : count * size].reshape(-1, count, size, count, size)
    weights = np.isfinite(squares).sum(axis=(2, 4))
    sums = np.nan_to_num(squares).sum(axis=(2, 4))
    return np.where(weights > 0, sums / np.maximum(weights, 1), np.nan)
