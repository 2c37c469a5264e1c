"""Where the neurons of a net stand in a drawing: layers side by side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import numpy as np
import numpy.typing as npt

from slownet.plotting.scene import Group, Scene
from slownet.plotting.style import short, width_of

Floats = npt.NDArray[np.float64]
TOP, BOTTOM = 12.0, 44.0  # above and below the neurons; the names of layers stand below
LEFT, RIGHT = 34.0, 34.0  # beside their middles; the names of classes take more
CIRCLE, TILE, IMAGE = 24.0, 40.0, 63.0  # the distance between neurons, at most
SPACE = {CIRCLE: 6.0, TILE: 3.0, IMAGE: 3.0}  # of it, between them
LEAST = {CIRCLE: 15.0, TILE: 22.0}  # the distance that decides how many are drawn
MOST_IMAGES = 30
IMAGES = 0.56  # of the width, for the images of weights
LONGEST_INPUT, LONGEST_CLASS, LONGEST_NAME = 12, 10, 14  # letters


@dataclass(frozen=True)
class Column:
    """The neurons of a layer: their middles, how wide and high each is, what is written at them."""

    group: Group
    xs: Floats
    ys: Floats
    size: float
    names: list[str]

    @property
    def x(self) -> float:
        """The middle of all."""
        return float(self.xs.min() + self.xs.max()) / 2.0

    @property
    def places(self) -> list[tuple[float, float]]:
        """The middles."""
        return list(zip(self.xs.tolist(), self.ys.tolist(), strict=True))

    @property
    def is_block(self) -> bool:
        """Whether the neurons stand in several columns."""
        return len(set(self.xs.tolist())) > 1


class Columns:
    """The layers of a scene as they are drawn; where inputs are an image, without the input layer.

    Parameters
    ----------
    scene : Scene
        What is drawn.
    pitch : float
        CIRCLE or TILE: what the neurons of all layers but the first are.
    width, height : int
        Of the drawing.
    """

    def __init__(self, scene: Scene, pitch: float, width: int, height: int) -> None:
        self.scene, self.pitch, self.width = scene, pitch, width
        self.room = height - TOP - BOTTOM
        most = int(self.room / LEAST[pitch])
        self.groups = scene.groups(MOST_IMAGES if scene.side else most, most)
        self._classes = self._class_names()
        self._right = width - RIGHT - max(map(width_of, self._classes.values()), default=0.0)
        if scene.side:
            rest = self._spread(self.groups[2:], width * IMAGES + 40.0)
            self.all = [self._block(self.groups[1]), *rest]
        else:
            names = self._names(self.groups[0])
            widest = max(width_of(name) for name in names) if scene.units.names else 0.0
            self.all = self._spread(self.groups, max(LEFT, widest + CIRCLE / 2.0 + 4.0))

    def activation(self, column: Column) -> str:
        """Return what stands below a layer: its activation."""
        if column.group.id == self.scene.inputs:
            return "input"
        return short(self.scene.activation(column.group.id).name, LONGEST_NAME)

    @property
    def has_room(self) -> bool:
        """Whether activations can stand side by side."""
        xs = [column.x for column in self.all]
        widest = max(width_of(self.activation(column)) for column in self.all)
        return all(right - left > widest for left, right in pairwise(xs))

    def _class_names(self) -> dict[int, str]:
        """Return the class that each neuron of the output stands for, if it does."""
        ids = self.scene.neurons[self.scene.output]
        if self.scene.target_kind != "class" or len(ids) == 1:
            return {}
        return {i: self.scene.plain_class_name(place, LONGEST_CLASS) for place, i in enumerate(ids)}

    def _names(self, group: Group) -> list[str]:
        if group.id == self.scene.inputs:
            units = self.scene.units
            if units.names is None:
                return [f"x{i + 1}" for i in group.shown]
            ids = self.scene.neurons[group.id]
            return [short(units.names[ids.index(i)], LONGEST_INPUT) for i in group.shown]
        return [self._classes.get(i, "") if group.id == self.scene.output else "" for i in group.shown]

    def _spread(self, groups: list[Group], left: float) -> list[Column]:
        """Return columns at equal distances from a place to the right; a single one stands there."""
        xs = np.linspace(self._right, left, len(groups))[::-1]
        return [self._column(group, x) for group, x in zip(groups, xs.tolist(), strict=True)]

    def _column(self, group: Group, x: float) -> Column:
        count, kind = len(group.shown), CIRCLE if group.id == self.scene.inputs else self.pitch
        pitch = min(self.room / count, kind)
        ys: Floats = (
            TOP + self.room / 2.0 + (np.arange(count, dtype=np.float64) - (count - 1) / 2.0) * pitch
        )
        return Column(group, np.full(count, x), ys, pitch - SPACE[kind], self._names(group))

    def _block(self, group: Group) -> Column:
        """Return the neurons of a layer in rows, as large as they can be."""
        count = len(group.shown)
        width = self.width * (IMAGES if self.groups[2:] else 1.0) - 16.0
        pitches = {
            columns: min(width / columns, self.room / ceil(count / columns), IMAGE)
            for columns in range(1, count + 1)
        }
        columns = max(pitches, key=lambda columns: pitches[columns])
        pitch, rows = pitches[columns], ceil(count / columns)
        places = np.arange(count, dtype=np.float64)
        left = 8.0 if self.groups[2:] else (self.width - columns * pitch) / 2.0
        xs: Floats = left + (places % columns + 0.5) * pitch
        ys: Floats = TOP + (self.room - rows * pitch) / 2.0 + (places // columns + 0.5) * pitch
        return Column(group, xs, ys, pitch - SPACE[IMAGE], self._names(group))
