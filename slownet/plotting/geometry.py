"""The layout of a net in a figure: one unit is about a pixel, y grows downwards."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil, sqrt

import numpy as np
import numpy.typing as npt

from slownet.plotting.scene import Group
from slownet.plotting.style import Json

Floats = npt.NDArray[np.float64]

HEIGHT = 800.0
TOP, BOTTOM = 66.0, 738.0  # between them stand the neurons; headings are above, the key is below
HEADING, SUBHEADING, KEY = 14.0, 40.0, 754.0
LARGEST_PITCH = 92.0  # between neurons of a layer
LARGEST_TILE = 84.0
SMALLEST_PIXEL = 0.62  # of a unit, in the smallest figure
WIDEST_NAMES = 200.0  # pixels, for the names of inputs


@dataclass(frozen=True)
class Tiles:
    """A block of square tiles in staggered columns, so that a straight line leaves each to the right.

    Attributes
    ----------
    x, y : float
        Its upper left corner.
    scale : float
        Units a pixel of a tile.
    side : int
        Pixels a tile is wide and high.
    corners : list of (int, int)
        The row and column of each tile's upper left corner, in pixels.
    """

    x: float
    y: float
    scale: float
    side: int
    corners: list[tuple[int, int]]

    @property
    def size(self) -> float:
        """How wide and high a tile is."""
        return self.side * self.scale

    @property
    def width(self) -> float:
        """How wide the block is."""
        return (max(column for _, column in self.corners) + self.side) * self.scale

    @property
    def height(self) -> float:
        """How high the block is."""
        return (max(row for row, _ in self.corners) + self.side) * self.scale

    @property
    def boxes(self) -> Floats:
        """The left, top, right and bottom of each tile."""
        corners = np.array(self.corners, dtype=np.float64) * self.scale
        left, top = self.x + corners[:, 1], self.y + corners[:, 0]
        return np.stack([left, top, left + self.size, top + self.size], axis=1)

    @property
    def middles(self) -> Floats:
        """The height of the middle of each tile."""
        boxes = self.boxes
        return np.rint((boxes[:, 1] + boxes[:, 3]) / 2.0)


@dataclass(frozen=True)
class Circles:
    """The neurons of a layer as circles in a column: their places, and their size in pixels."""

    x: float
    ys: Floats
    disc: float


@dataclass(frozen=True)
class NetLayout:
    """Where the layers of a net are drawn.

    Attributes
    ----------
    width : float
        Its width; its height is `HEIGHT`.
    circles : dict
        {layer id: Circles} of the layers drawn as circles.
    tiles : dict
        {layer id: Tiles} of the layers that have an image for each neuron.
    sums : dict
        {layer id: Circles} of the z of neurons, where these have circles of their own.
    """

    width: float
    circles: dict[int, Circles]
    tiles: dict[int, Tiles]
    sums: dict[int, Circles] = field(default_factory=dict)

    def entrance(self, layer: int) -> Circles:
        """Return the circles of a layer to which its weights lead."""
        return self.sums.get(layer, self.circles[layer])

    def axes(self, x: tuple[float, float], y: tuple[float, float]) -> Json:
        """Return two axes on a part of the paper; circles stay round and tiles square."""
        hidden = {"visible": False, "fixedrange": True, "constrain": "domain"}
        return {
            "xaxis": {
                **hidden,
                "domain": x,
                "range": [0.0, self.width],
                "constraintoward": "left",
            },
            "yaxis": {
                **hidden,
                "domain": y,
                "range": [HEIGHT, 0.0],
                "scaleanchor": "x",
                "constraintoward": "top",
            },
        }


def tile_block(count: int, side: int, x: float, widest: float) -> Tiles:
    """Place tiles of side x side pixels in a block that fills the height, from x to the right."""
    columns = 1 if count <= 6 else ceil(sqrt(count / (4.0 if count <= 36 else 2.6)))
    rows = ceil(count / columns)
    pitch = ceil(side * 1.16 / columns) * columns
    across = side + ceil(side * 0.2)
    corners = [
        ((k // columns) * pitch + (k % columns) * (pitch // columns), (k % columns) * across)
        for k in range(count)
    ]
    height = (rows - 1) * pitch + (columns - 1) * (pitch // columns) + side
    wide = (columns - 1) * across + side
    scale = min((BOTTOM - TOP) / height, widest / wide, LARGEST_TILE / side)
    lowest = max(row for row, _ in corners) + side
    return Tiles(x, TOP + (BOTTOM - TOP - lowest * scale) / 2.0, scale, side, corners)


def tile_column(count: int, side: int, x: float, largest: float = 72.0) -> Tiles:
    """Place tiles in one column around the middle of the height."""
    pitch = ceil(side * 1.16)
    scale = min((BOTTOM - TOP) / (pitch * count), largest / side)
    top = (TOP + BOTTOM) / 2.0 - (pitch * (count - 1) + side) * scale / 2.0
    return Tiles(x - side * scale / 2.0, top, scale, side, [(k * pitch, 0) for k in range(count)])


def circle_column(
    count: int, x: float, largest_disc: float = 30.0, largest_pitch: float = LARGEST_PITCH
) -> Circles:
    """Place the neurons of a layer around the middle of the height."""
    pitch = min(largest_pitch, (BOTTOM - TOP) / count)
    ys = (TOP + BOTTOM) / 2.0 + (np.arange(count) - (count - 1) / 2.0) * pitch
    return Circles(x, np.rint(ys), _disc(pitch, largest_disc))


def _disc(pitch: float, largest: float) -> float:
    return float(np.clip(pitch * SMALLEST_PIXEL * 0.8, 5.0, largest))


INPUT_BOX = (8.0, TOP, 150.0)  # left, top and size of the input image
OUTPUT_WIDTH = 345.0  # from the output circles to the right edge: bars and numbers
PLAIN_OUTPUT_WIDTH = 110.0  # the same without bars
SPLIT_GAP = 200.0  # between the columns of z and of values: the heading "Pre-activations" fits
LARGEST_SPLIT = 36.0  # pixels of a circle that a number fits into
BAR, BAR_LENGTH = 58.0, 140.0  # from the output circles to the bars


def image_layout(groups: list[Group], side: int, bars: bool) -> NetLayout:
    """Place a net that looks at images: input, tiles, circles, outputs."""
    first, rest = groups[1], groups[2:]
    block = tile_block(len(first.shown), side, 205.0, 330.0)
    start = block.x + block.width + 34.0
    end = max(760.0, start + 170.0 * len(rest))
    circles = {}
    if rest:
        circles[first.id] = Circles(start, block.middles, _disc(_least_gap(block.middles), 18.0))
        for k, group in enumerate(rest, 1):
            last = group is rest[-1]
            circles[group.id] = circle_column(
                len(group.shown), start + (end - start) * k / len(rest), 30.0 if last else 22.0
            )
    else:
        circles[first.id] = Circles(end, block.middles, _disc(_least_gap(block.middles), 30.0))
    return NetLayout(end + (OUTPUT_WIDTH if bars else PLAIN_OUTPUT_WIDTH), circles, {first.id: block})


def circle_layout(groups: list[Group], bars: bool, names: float = 0.0) -> NetLayout:
    """Place a net of circles only, with space for names at both ends, `names` pixels for the inputs'."""
    start, gaps = _after(names, 165.0), len(groups) - 1
    end = max(700.0, 165.0 + 170.0 * gaps, start + 140.0 * gaps)
    circles = {
        group.id: circle_column(
            len(group.shown), start + (end - start) * k / (len(groups) - 1), largest_pitch=112.0
        )
        for k, group in enumerate(groups)
    }
    return NetLayout(end + (OUTPUT_WIDTH if bars else PLAIN_OUTPUT_WIDTH), circles, {})


def split_layout(groups: list[Group], side: int, bars: bool, names: float = 0.0) -> NetLayout:
    """Place a net that has two circles for each neuron after the inputs: one for z, one for its value.

    A net that looks at images, `side` pixels wide, has the input image and tiles in place of the inputs.
    """
    tiles, circles, sums = {}, {}, {}
    if side:
        block = tile_block(len(groups[1].shown), side, 205.0, 250.0)
        tiles[groups[1].id] = block
        x = block.x + block.width + SPLIT_GAP / 2.0
        sums[groups[1].id] = Circles(x, block.middles, _disc(_least_gap(block.middles), 18.0))
    else:
        x = _after(names, 165.0)
        circles[groups[0].id] = circle_column(len(groups[0].shown), x, LARGEST_SPLIT, 112.0)
    for group in groups[1:]:
        if group.id not in sums:
            x += SPLIT_GAP
            sums[group.id] = circle_column(len(group.shown), x, LARGEST_SPLIT, 112.0)
        x += SPLIT_GAP
        circles[group.id] = replace(sums[group.id], x=x)
    return NetLayout(x + (OUTPUT_WIDTH if bars else PLAIN_OUTPUT_WIDTH), circles, tiles, sums)


def plane_layout(groups: list[Group], side: int, names: float = 0.0) -> NetLayout:
    """Place a net of two inputs: after them, every neuron is a tile, its output over the plane."""
    start, gaps = _after(names, 70.0), len(groups) - 1
    end = max(620.0, 70.0 + 160.0 * gaps, start + 140.0 * gaps)
    circles = {groups[0].id: circle_column(2, start, 34.0)}
    tiles = {
        group.id: tile_column(len(group.shown), side, start + (end - start) * k / (len(groups) - 1))
        for k, group in enumerate(groups[1:], 1)
    }
    return NetLayout(end + 60.0, circles, tiles)


def _after(names: float, least: float) -> float:
    """Return where input circles stand so that names of so many pixels fit to the left of them."""
    return max(least, min(names, WIDEST_NAMES) / SMALLEST_PIXEL + LARGEST_PITCH / 4.0)


def _least_gap(ys: Floats) -> float:
    gaps = np.diff(np.sort(ys))
    return float(gaps.min()) if len(gaps) else LARGEST_PITCH
