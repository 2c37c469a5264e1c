"""A canvas: traces and images, each with its changes from one moment to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from slownet.plotting.style import INK, Json

if TYPE_CHECKING:
    import plotly.graph_objects as go

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """A trace, what changes in it at a moment, and the sample it belongs to, if to one."""

    trace: Json
    update: Callable[[int], Json] | None = None
    sample: int | None = None


@dataclass(frozen=True)
class Picture:
    """An image of the layout, its source at a moment, and the sample it belongs to, if to one."""

    image: Json
    source: Callable[[int], str] | None = None
    sample: int | None = None


@dataclass
class Canvas:
    """The parts of a figure to be made.

    Attributes
    ----------
    parts, pictures : list
        In the order in which they are drawn.
    annotations : list of dict
        Plotly's, none of which moves.
    steady : bool
        Whether there is always the same number of traces for the same graph, empty ones included.
    """

    parts: list[Part] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    annotations: list[Json] = field(default_factory=list)
    steady: bool = False
    _words: list[Json] = field(default_factory=list)

    def add(self, trace: Json, update: Callable[[int], Json] | None = None, **more: int | None) -> None:
        """Add a trace; `update` returns what changes in it at a moment."""
        self.parts.append(Part(trace, update, **more))

    def write(
        self,
        text: str,
        x: float,
        y: float,
        size: int = 13,
        colour: str = INK,
        position: str = "middle right",
    ) -> None:
        """Add text that never changes; `position` is where it stands relative to (x, y).

        All of it becomes one trace: annotations are drawn anew in every frame, which takes long.
        """
        self._words.append(
            {"text": text, "x": x, "y": y, "size": size, "colour": colour, "position": position}
        )

    def finish(self) -> None:
        """Add the trace of all texts of `write`."""
        if not self._words:
            return
        texts, xs, ys, sizes, colours, positions = (
            [word[key] for word in self._words]
            for key in ("text", "x", "y", "size", "colour", "position")
        )
        self.add(
            {
                **words(np.array(xs), np.array(ys), texts),
                "textposition": positions,
                "textfont": {"size": sizes, "color": colours},
            }
        )
        self._words = []

    def figure(self, layout: Json, frames: Sequence[str] = ()) -> go.Figure:
        """Return the figure at its first moment, with a frame for each moment.

        Parameters
        ----------
        layout : dict
            Plotly's layout.
        frames : sequence of str
            The names of the moments; none for a picture that stands still.
        """
        import plotly.graph_objects as go

        pictures = self._ordered()
        moments = [self._frame(k, name, pictures) for k, name in enumerate(frames)]
        return go.Figure({**self.still(layout), "frames": moments})

    def still(self, layout: Json) -> Json:
        """Return the first moment: its traces as "data", and the layout with images and annotations."""
        data = [
            {
                **_merged(part.trace, part.update(0) if part.update else {}),
                **({} if part.sample is None else {"visible": part.sample == 0}),
            }
            for part in self.parts
        ]
        images = [
            {
                "layer": "below",
                "sizing": "stretch",
                **picture.image,
                **({"source": picture.source(0)} if picture.source else {}),
                **({} if picture.sample is None else {"visible": picture.sample == 0}),
            }
            for picture in self._ordered()
        ]
        return {"data": data, "layout": {**layout, "images": images, "annotations": self.annotations}}

    def visibility(self, sample: int) -> tuple[list[bool], Json, list[int]]:
        """Return what Plotly's "update" needs to show one sample: traces, images, trace indices."""
        of_samples = [k for k, part in enumerate(self.parts) if part.sample is not None]
        images = {
            f"images[{k}].visible": picture.sample == sample
            for k, picture in enumerate(self._ordered())
            if picture.sample is not None
        }
        return [self.parts[k].sample == sample for k in of_samples], images, of_samples

    def _ordered(self) -> list[Picture]:
        """Return the pictures, moving ones first, because frames count from the first."""
        return sorted(self.pictures, key=lambda picture: picture.source is None)

    def _frame(self, moment: int, name: str, pictures: list[Picture]) -> Json:
        changes = [
            (k, {"type": part.trace["type"], **part.update(moment)})
            for k, part in enumerate(self.parts)
            if part.update
        ]
        sources = [{"source": picture.source(moment)} for picture in pictures if picture.source]
        return {
            "name": name,
            "traces": [k for k, _ in changes],
            "data": [change for _, change in changes],
            "layout": {"images": sources} if sources else {},
        }


def words(x: Floats, y: Floats, texts: list[str], size: int = 13, colour: str = INK) -> Json:
    """Return a trace of texts, each to the right of its place."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": x,
        "y": y,
        "text": texts,
        "textposition": "middle right",
        "textfont": {"size": size, "color": colour},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _merged(trace: Json, change: Json) -> Json:
    merged = dict(trace)
    for key, value in change.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if both else value
    return merged
