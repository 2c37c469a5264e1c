"""The lines between neurons: coloured by the sign of the weight, as wide as it is large.

A line a trace would be slow. All weights of one sign and about one size share a trace, so they share
its colour and width; what moves from moment to moment is only which lines are in which trace.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slownet.plotting.canvas import Canvas
from slownet.plotting.geometry import HEIGHT
from slownet.plotting.scene import Group, Scene
from slownet.plotting.style import NEGATIVE, POSITIVE, Json

Floats = npt.NDArray[np.float64]
WIDTHS = [0.5, 1.1, 2.0, 3.2, 4.8]
OPACITIES = [0.17, 0.36, 0.58, 0.8, 1.0]
SIZES = len(WIDTHS)
MOST_LINES = 240  # between two layers
MOST_HOVERED = 240  # lines that show their weight under the mouse
AWAY = int(4 * HEIGHT)  # a height outside the picture, for lines that are not drawn


@dataclass(frozen=True)
class Ends:
    """Where the lines from one layer start and those to another end."""

    source: Group
    target: Group
    x: tuple[float, float]
    source_ys: Floats
    target_ys: Floats


class Bundle:
    """The weights between two layers at every moment.

    Attributes
    ----------
    buckets : (moments, lines) array of int
        The trace that each line is in: 0 to SIZES - 1 for negative weights by size, then positive
        ones; -1 for none.
    weights : (moments, lines) array of float
        Line k goes from source k % sources to target k // sources; nan where there is no weight.
    """

    def __init__(self, scene: Scene, ends: Ends) -> None:
        self.ends = ends
        columns = [scene.neurons[ends.source.id].index(i) for i in ends.source.shown]
        rows = [scene.neurons[ends.target.id].index(i) for i in ends.target.shown]
        moments = range(len(scene.snapshots))
        self.weights: Floats = np.stack(
            [
                scene.weights(ends.source.id, ends.target.id, k)[np.ix_(rows, columns)].ravel()
                for k in moments
            ]
        )
        sizes = np.abs(np.nan_to_num(self.weights))
        largest = np.quantile(sizes, 0.997, axis=1).max() or sizes.max() or 1.0
        levels = np.minimum((sizes / largest * SIZES).astype(int), SIZES - 1)
        self.buckets = np.where(np.isnan(self.weights), -1, levels + SIZES * (self.weights > 0))
        if self.weights.shape[1] > MOST_LINES:
            weak = np.argsort(-sizes, axis=1, kind="stable")[:, MOST_LINES:]
            np.put_along_axis(self.buckets, weak, -1, axis=1)

    @property
    def some_left_out(self) -> bool:
        """Whether there are more weights between the drawn neurons than lines."""
        return self.weights.size > MOST_LINES * len(self.weights)

    def capacity(self, bucket: int) -> int:
        """Return the largest number of lines in a trace."""
        return int((self.buckets == bucket).sum(axis=1).max())

    def heights(self, bucket: int, moment: int) -> npt.NDArray[np.uint16]:
        """Return the heights of the ends of the lines in a trace, and of a gap after each."""
        lines = np.flatnonzero(self.buckets[moment] == bucket)
        heights = np.full((self.capacity(bucket), 3), AWAY, np.uint16)
        sources = len(self.ends.source.shown)
        heights[: len(lines), 0] = self.ends.source_ys[lines % sources]
        heights[: len(lines), 1] = self.ends.target_ys[lines // sources]
        return heights.ravel()


def add_edges(canvas: Canvas, bundles: list[Bundle]) -> None:
    """Add the lines of all bundles to a canvas, the strongest last."""
    for size in range(SIZES):
        for sign, colour in ((0, NEGATIVE), (1, POSITIVE)):
            _add_bucket(canvas, bundles, size + SIZES * sign, colour)


def _add_bucket(canvas: Canvas, bundles: list[Bundle], bucket: int, colour: str) -> None:
    present = [bundle for bundle in bundles if canvas.steady or bundle.capacity(bucket)]
    if not present:
        return
    size = bucket % SIZES
    x = [np.tile([*bundle.ends.x, np.nan], bundle.capacity(bucket)) for bundle in present]
    trace = {
        "type": "scatter",
        "mode": "lines",
        "x": np.concatenate(x).astype(np.float32),
        "line": {"color": colour, "width": WIDTHS[size], "simplify": False},
        "opacity": OPACITIES[size],
        "hoverinfo": "skip",
    }
    canvas.add(trace, lambda k: {"y": np.concatenate([bundle.heights(bucket, k) for bundle in present])})


def add_hovered_weights(canvas: Canvas, bundles: list[Bundle], scene: Scene) -> None:
    """Add invisible points on the strongest lines, which show the weight under the mouse."""
    for bundle in bundles:
        last = np.abs(np.nan_to_num(bundle.weights[-1]))
        lines = np.sort(np.argsort(-last, kind="stable")[: MOST_HOVERED // len(bundles)])
        sources = len(bundle.ends.source.shown)
        along = np.where(np.arange(len(lines)) % 2, 0.36, 0.64)  # apart where lines meet
        start, end = bundle.ends.source_ys[lines % sources], bundle.ends.target_ys[lines // sources]
        x0, x1 = bundle.ends.x
        trace = {
            "type": "scatter",
            "mode": "markers",
            "x": (x0 + (x1 - x0) * along).astype(np.float32),
            "y": (start + (end - start) * along).astype(np.float32),
            "marker": {"size": 9, "opacity": 0.0},
            "text": [_ends_text(bundle, int(line), scene) for line in lines],
            "hovertemplate": "weight of %{text}<br>%{marker.color:.4f}<extra></extra>",
        }
        canvas.add(trace, _colours(bundle, lines))


def _colours(bundle: Bundle, lines: npt.NDArray[np.intp]) -> Callable[[int], Json]:
    def update(moment: int) -> Json:
        return {"marker": {"color": bundle.weights[moment, lines].astype(np.float32)}}

    return update


def _ends_text(bundle: Bundle, line: int, scene: Scene) -> str:
    source, target = bundle.ends.source, bundle.ends.target
    i, j = source.shown[line % len(source.shown)], target.shown[line // len(source.shown)]
    named = source.id == scene.inputs and scene.units.names is not None
    start = scene.neuron_name(source.id, i) if named else f"layer {source.id} neuron {i}"
    return f"{start} → {scene.neuron_name(target.id, j)}"
