"""A picture of a net in a notebook that is updated during training."""

from __future__ import annotations

import time
import warnings
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from plotly.basedatatypes import Undefined

from slownet.checks import check_number, short
from slownet.errors import InvalidValueError
from slownet.plotting.animate import (
    PLOT_RIGHT,
    PLOTS_BELOW,
    PLOTS_RIGHT,
    WIDTH,
    Box,
    add_status,
    curve_titles,
)
from slownet.plotting.canvas import Canvas
from slownet.plotting.drawing import draw_net
from slownet.plotting.lines import accuracy_axis, line, loss_axis, name_of_batches, validation_line
from slownet.plotting.plane_drawing import MOST_POINTS, SURFACE, draw_planes, is_plane
from slownet.plotting.scene import Scene
from slownet.plotting.style import INK, MUTED, Json, axis, base_layout, bold
from slownet.training.callbacks import Callback, in_notebook

if TYPE_CHECKING:
    from slownet.recording import Graph, Snapshot
    from slownet.training import Training

HEIGHT = 620
STILL_RATE = 1.0  # pictures per second where each is sent as a whole
SHARE = 0.2  # of the time of training that may be spent on pictures
QUICK_SURFACE = 40  # points a side of the large surface: quick, and smooth enough for the eye
POINTS = 400  # of a curve, at most
INSTALL = 'pip install anywidget, or all that notebooks need: pip install "slownet[notebook]"'


class LiveView(Callback):
    """Shows a net in a notebook during training: loss, accuracy, and the current weights.

    ``net.fit(X, y, callbacks=LiveView())`` puts one picture below the cell, which is updated until `fit`
    ends. A net of images shows the weights of its first layer as images, a net of two inputs the
    values of its neurons over the plane, any other its circles; lines are the weights between them. It
    changes no bit of the training.

    Without a notebook nothing is shown, and `figure` is made at the start and at the end.

    Parameters
    ----------
    rate : float
        Pictures a second, at most 8: no browser draws more. There are fewer where they would take more
        than a fifth of the time.

    Attributes
    ----------
    figure : plotly.graph_objects.FigureWidget or Figure or None
        The picture: a widget in a notebook where the package anywidget is installed, otherwise the last
        figure; None before the first training.
    updates : int
        How often the picture was updated in the last training.
    seconds : float
        The time that the updates took.

    Raises
    ------
    TypeError, ValueError
        If `rate` is not a number above 0 and up to 8.
    """

    def __init__(self, rate: float = 7.0) -> None:
        self.rate = check_number("rate", rate)
        if not 0.0 < self.rate <= 8.0:
            raise InvalidValueError(
                f"rate must be above 0 and at most 8 pictures a second, not {short(rate)}"
            )
        self.figure: go.Figure | None = None
        self.updates, self.seconds = 0, 0.0
        self._drawing: _Drawing | None = None
        self._graph: Graph | None = None
        self._sent: Json = {}
        self._shown: Any = None  # IPython's handle of a still picture
        self._pause, self._next = 0.0, 0.0

    def __repr__(self) -> str:
        return f"LiveView(rate={self.rate:g})"

    def on_fit_begin(self, training: Training) -> None:
        """Show the net as it is before training."""
        self.updates, self.seconds = 0, 0.0
        self._drawing = self._shown = None
        self._sent = self._draw(training)
        self.figure = go.Figure(self._sent)
        self._pause = 1.0 / self.rate
        if in_notebook():
            self._show()
        self._next = time.perf_counter() + self._pause

    def on_progress(self, training: Training) -> None:
        """Show the net as it is now, if it is time for that."""
        if time.perf_counter() >= self._next and (self._shown or self._moves):
            self._renew(training)

    def on_fit_end(self, training: Training) -> None:
        """Show the net as training leaves it, of a large layer the neurons that are strongest now."""
        if self._drawing is not None:
            self._renew(training, last=True)
            self._drawing = None

    @property
    def _moves(self) -> bool:
        return isinstance(self.figure, go.FigureWidget)

    def _show(self) -> None:
        from IPython.display import display

        try:
            self.figure = go.FigureWidget(self.figure)
        except ImportError:
            warnings.warn(
                f"LiveView shows a still picture, once a second, for want of anywidget: {INSTALL}",
                stacklevel=2,
            )
            self._pause = 1.0 / min(self.rate, STILL_RATE)
            self._shown = display(_bundle(self.figure), raw=True, display_id=True)
        else:
            display(self.figure)

    def _draw(self, training: Training, last: bool = False) -> Json:
        snapshot = training.state()
        if self._drawing is None or self._graph is not snapshot.graph:
            self._drawing, self._graph = _Drawing(training, snapshot), snapshot.graph
        return self._drawing.at(training, snapshot, last)

    def _renew(self, training: Training, last: bool = False) -> None:
        started = time.perf_counter()
        graph = self._graph
        picture = self._draw(training, last)
        if self._moves and self._graph is graph:
            _send(self.figure, self._sent, picture)
        elif self._moves:
            _replace(self.figure, picture)
        else:
            self.figure = go.Figure(picture)
            if self._shown is not None:
                self._shown.update(_bundle(self.figure), raw=True)
        self._sent = picture
        now = time.perf_counter()
        self.updates += 1
        self.seconds += now - started
        self._next = max(started + self._pause, now + (now - started) * (1.0 / SHARE - 1.0))


class _Drawing:
    """What is drawn of a training, for as long as its net has the same graph."""

    def __init__(self, training: Training, snapshot: Snapshot) -> None:
        history = training.history
        self.scene = Scene([snapshot], *_points(training), history.target_kind, history.classes)
        self.titles = {"loss": "Loss"}
        if training.encoder.has_classes:
            self.titles["accuracy"] = "Accuracy"
        self.window = ceil(training.total_steps / POINTS)
        self._means: dict[str, list[float]] = {which: [] for which in self.titles}

    def at(self, training: Training, snapshot: Snapshot, last: bool = False) -> Json:
        """Return the picture of a moment: "data" and "layout"; the last one may take longer."""
        scene, canvas = self.scene, Canvas(steady=True)
        scene.show(snapshot, choose=last)
        layout = base_layout(
            width=WIDTH,
            height=HEIGHT,
            margin={"l": 12, "r": 14, "t": 12, "b": 10},
            dragmode=False,
            meta={"title": f"A {scene.name} net learns", "pixels": bool(scene.side)},
        )
        if is_plane(scene):
            layout |= draw_planes(
                canvas, scene, (0.56, 1.0), (0.41, 0.86), SURFACE if last else QUICK_SURFACE
            )
            boxes = PLOTS_BELOW
        else:
            layout |= draw_net(canvas, scene, range(0)).axes((0.0, 0.74), (0.0, 0.93))
            boxes = PLOTS_RIGHT if len(self.titles) > 1 else PLOT_RIGHT
        for number, (which, box) in enumerate(zip(self.titles, boxes, strict=False), 2):
            layout |= self._add_curve(canvas, training, which, number, box)
        layout |= add_status(canvas, lambda _: _status(training))
        return canvas.still(layout)

    def _add_curve(self, canvas: Canvas, training: Training, which: str, number: int, box: Box) -> Json:
        history, (x, y) = training.history, box
        means = self._so_far(which, getattr(history, which))
        ends = np.arange(1, len(means) + 1) * self.window
        name = name_of_batches(history, self.window)
        drawn = [line(history.start + np.minimum(ends, len(history.loss)), means, name, INK)]
        if training.validation is not None:
            drawn.append(validation_line(history, which))
        for each in drawn:
            canvas.add({**each, "xaxis": f"x{number}", "yaxis": f"y{number}"})
        canvas.annotations += curve_titles(self.titles[which], drawn, x[0], y[1])
        make = loss_axis if which == "loss" else accuracy_axis
        steps = axis(
            range=[0, training.total_steps],
            nticks=4,
            fixedrange=True,
            title={"text": "step", "font": {"size": 12, "color": MUTED}, "standoff": 2},
        )
        return {
            f"xaxis{number}": {**steps, "domain": x, "anchor": f"y{number}"},
            f"yaxis{number}": {**make(drawn), "domain": y, "anchor": f"x{number}"},
        }

    def _so_far(self, which: str, numbers: list[float]) -> list[float]:
        """Return the means of batches, `window` together, and of the rest; each is computed once."""
        means, window = self._means[which], self.window
        begin = len(means) * window
        new = np.array(numbers[begin:])
        whole = len(new) // window * window
        means += new[:whole].reshape(-1, window).mean(axis=1).tolist()
        rest = new[whole:]
        return [*means, float(rest.mean())] if len(rest) else list(means)


def _points(training: Training) -> tuple[list[list[float]], list[Any], list[list[float]]]:
    """Return samples, labels and targets to put on the plane of two inputs; none for other nets."""
    watch = training.history.watch
    if training.samples.width != 2:
        return [], [], []
    if watch.samples:
        return watch.samples, watch.labels, watch.targets
    count = len(training.samples)
    places = [k * count // min(count, MOST_POINTS) for k in range(min(count, MOST_POINTS))]
    samples, targets = training.samples, training.targets
    return [list(samples[k]) for k in places], [], [list(targets[k]) for k in places]


def _status(training: Training) -> str:
    """Return the progress of training as text."""
    step, total = f"{training.step:,}", f"{training.total_steps:,}"
    epoch = training.step / training.steps_per_epoch
    parts = [f"step {bold(step)} of {total}", f"epoch {bold(f'{epoch:.2f}')}"]
    if training.epoch:
        samples = training.progress.epoch_samples
        parts.append(f"training loss in epoch {training.epoch} {bold(f'{training.epoch_loss:.3f}')}")
        if training.epoch_accuracy is not None:
            parts.append(f"training accuracy {bold(f'{training.epoch_accuracy:.1%}')}")
        parts[-1] += f" of {samples:,}"
    return " · ".join(parts)


def _replace(figure: go.FigureWidget, now: Json) -> None:
    """Draw a figure that is shown anew."""
    figure.data = ()
    figure.layout = now["layout"]
    figure.add_traces(now["data"])


def _send(figure: go.FigureWidget, before: Json, now: Json) -> None:
    """Change a figure that is shown: send the browser what differs, in one message."""
    changes = [_changes(old, new) for old, new in zip(before["data"], now["data"], strict=True)]
    places = [k for k, changed in enumerate(changes) if changed]
    keys = {key for changed in changes for key in changed}
    restyle = {key: [changes[k].get(key, Undefined) for k in places] for key in keys}
    figure.plotly_update(restyle, _changes(before["layout"], now["layout"]), places)


def _changes(old: Json, new: Json, within: str = "") -> Json:
    """Return what differs, as Plotly addresses it: "marker.color"; None for what is no longer there."""
    changes: Json = {f"{within}{key}": None for key in old.keys() - new.keys()}
    for key, value in new.items():
        was, where = old.get(key), f"{within}{key}"
        if isinstance(value, dict) and isinstance(was, dict):
            changes |= _changes(was, value, f"{where}.")
        elif key in ("images", "annotations"):
            for k, (before, now) in enumerate(zip(was or (), value, strict=True)):
                changes |= _changes(before, now, f"{where}[{k}].")
        elif not _is_same(was, value):
            changes[where] = value
    return changes


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return type(one) is type(other) and one == other


def _bundle(figure: go.Figure) -> Json:
    """Return a figure as IPython displays it: what the front end of the day can draw."""
    bundle: Json = figure._repr_mimebundle_()
    return bundle
