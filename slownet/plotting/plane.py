"""Nets of two inputs: the values of neurons over the plane of the inputs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slownet.functions import Activation, AnyActivation
from slownet.plotting.images import Bytes, blend
from slownet.plotting.scene import Scene
from slownet.plotting.style import CLASS_COLOURS, DIVERGING, SYMBOLS, number_text, rgb

Floats = npt.NDArray[np.float64]
Range = tuple[float, float]
Scale = tuple[float, float]  # the value in the middle of the colours, and how far from it they are full
KNOTS = 1025  # where an activation is computed; between them it is taken as straight
LARGEST, SMALLEST = 1e100, 1e-300  # of numbers that are drawn, and of the distances between them


@dataclass(frozen=True)
class Plane:
    """A part of the plane of the inputs, as size x size points, the first row at the top."""

    x: Range
    y: Range
    size: int

    @property
    def xs(self) -> Floats:
        """The first input of each column: the middle of a pixel."""
        return _middles(*self.x, self.size)

    @property
    def ys(self) -> Floats:
        """The second input of each row."""
        return _middles(*self.y, self.size)[::-1]

    @property
    def points(self) -> Floats:
        """All points, row by row: (size * size, 2)."""
        x, y = np.meshgrid(self.xs, self.ys)
        return np.stack([x.ravel(), y.ravel()], axis=1)


def plane_around(samples: Floats, size: int) -> Plane:
    """Return a plane with a margin around samples (n, 2), which may be in the table's own units."""
    samples = bounded(samples)
    low, high = samples.min(axis=0), samples.max(axis=0)
    least = np.maximum(-low, high) * 1e-6  # which changes large numbers, too
    least = np.maximum(least, np.where(high > low, SMALLEST, 1e-3))
    margin = np.maximum((high - low) * 0.12, least)
    (x0, y0), (x1, y1) = (low - margin).tolist(), (high + margin).tolist()
    return Plane((x0, x1), (y0, y1), size)


def _middles(low: float, high: float, count: int) -> Floats:
    return low + (np.arange(count) + 0.5) * (high - low) / count


def bounded(numbers: Floats) -> Floats:
    """Return numbers that can be subtracted and divided: none is larger than LARGEST, and none nan."""
    bounded: Floats = np.clip(np.nan_to_num(numbers), -LARGEST, LARGEST)
    return bounded


def values_over(scene: Scene, points: Floats, moment: int) -> dict[int, Floats]:
    """Send points through the net of a snapshot; return each layer's values, (points, neurons).

    Points are in the table's own units; the values, those of the inputs too, are numbers of the net.
    The picture has some dozens of colours, so activations are read from a table of their values, and
    numbers are bounded.
    """
    values = {scene.inputs: scene.units.scaled(points)}
    for layer in scene.layers[1:]:
        z = np.tile(scene.biases(layer, moment), (len(points), 1))
        with np.errstate(over="ignore", invalid="ignore"):
            for source, target in scene.joined:
                if target == layer:
                    z += values[source] @ np.nan_to_num(scene.weights(source, layer, moment)).T
        values[layer] = bounded(_activated(scene.activation(layer, moment), bounded(z)))
    return values


def _activated(activation: AnyActivation, z: Floats) -> Floats:
    if not isinstance(activation, Activation):
        return np.array([activation.values(row) for row in z.tolist()])
    knots = np.linspace(z.min(), z.max(), KNOTS)
    table = bounded(np.array(_table(activation, knots.tolist())))
    span = knots[-1] - knots[0]
    place = (z - knots[0]) * ((KNOTS - 1) / (span if span > SMALLEST else 1.0))
    below = np.minimum(place.astype(np.intp), KNOTS - 2)  # equal steps: no need for np.interp to search
    rise: Floats = np.diff(table)
    values: Floats = table[below] + (place - below) * rise[below]
    return values


def _table(activation: Activation, zs: list[float]) -> list[float]:
    """Return values of an activation; nan where one of the user's has none, far from the samples."""
    try:
        return activation.values(zs)
    except (ArithmeticError, TypeError, ValueError):  # TypeError: a complex one
        return [math.nan] if len(zs) == 1 else [_table(activation, [z])[0] for z in zs]


def middle_and_reach(activation: AnyActivation, values: Iterable[Floats]) -> Scale:
    """Return the value that is drawn white, and how far from it is drawn in full colour.

    The colours span the range of the activation; where that has no end, all values at any moment.
    """
    low, high = activation.range
    if np.isfinite(low) and np.isfinite(high):
        return _between(low, high)
    largest = max(np.abs(each[np.isfinite(each)]).max(initial=0.0) for each in values)
    return 0.0, float(largest) or 1.0


def scale_of_targets(targets: Sequence[Sequence[float]]) -> Scale:
    """Return the scale of colours from the smallest target to the largest."""
    return _between(min(map(min, targets)), max(map(max, targets)))


def _between(low: float, high: float) -> Scale:
    return low / 2.0 + high / 2.0, high / 2.0 - low / 2.0 or 1.0


def spanned(scale: Scale) -> str:
    """Return the ends of a scale as text."""
    middle, reach = scale
    if middle == 0.0:
        return f"±{number_text(reach, 2)}"
    low, high = (number_text(end, 2) for end in (middle - reach, middle + reach))
    return f"{low} to {high}".replace("-", "−")


def class_colour(index: int) -> str:
    """Return the colour of a class; after ten they come again."""
    return CLASS_COLOURS[index % len(CLASS_COLOURS)]


def class_symbol(index: int) -> str:
    """Return the marker of a class; after ten they come again."""
    return SYMBOLS[index % len(SYMBOLS)]


def paint(outputs: Floats, kind: str, size: int, scale: Scale = (0.5, 0.5)) -> Bytes:
    """Return the outputs over a plane as an image: (size, size, 3).

    Parameters
    ----------
    outputs : (size * size, outputs) array of float
        One output is drawn from orange over white to blue; of several, each point gets the colour of
        the class with the largest, the paler the less sure it is.
    kind : str
        The kind of target.
    size : int
        Points a row.
    scale : (float, float)
        For one output: as `middle_and_reach`.
    """
    if outputs.shape[1] == 1 or kind != "class":
        middle, reach = scale
        with np.errstate(over="ignore"):
            share = (np.clip((outputs[:, 0] - middle) / reach, -1.0, 1.0) + 1.0) / 2.0
        return blend(DIVERGING, share.reshape(size, size))
    best = outputs.argmax(axis=1)
    colours = np.array([rgb(class_colour(k)) for k in range(outputs.shape[1])], dtype=np.float64)
    chance = 1.0 / outputs.shape[1]
    sure = np.clip((outputs.max(axis=1) - chance) / (1.0 - chance), 0.0, 1.0)[:, None]
    mixed = 255.0 + (colours[best] - 255.0) * (0.12 + 0.6 * sure)
    image: Bytes = np.rint(mixed).astype(np.uint8).reshape(size, size, 3)
    return image
