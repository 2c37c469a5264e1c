"""The page of a training that goes on in Python: a widget that is sent the numbers of the moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from slownet.live.shown import shown_samples
from slownet.page.content import Content
from slownet.page.page import assembled
from slownet.page.recorded import WHICH, curve_places
from slownet.plotting.lines import batches_at, validation_line, window_of
from slownet.recording.measures import batch_size_text, count_of
from slownet.translation import UntranslatableError

if TYPE_CHECKING:
    from slownet.page.widget import Widget
    from slownet.recording import Snapshot
    from slownet.training import Training

Floats = npt.NDArray[np.float64]
MOST_WEIGHTS = 250_000  # of a net whose numbers are sent, 2 MB
START = """\
const page = JSON.parse(document.getElementById("facts").textContent);
const payload = document.getElementById("payload").textContent;
modules["fed.js"].start({...page, payload, formulas: FORMULAS[0]});"""


class Feed:
    """The widget of a training.

    Parameters
    ----------
    training : Training
        What it shows.
    snapshot : Snapshot
        The state of the moment.

    Attributes
    ----------
    widget : Widget
        In which the page stands.
    bytes : int
        How many of them `send` has sent the last time.
    """

    def __init__(self, training: Training, snapshot: Snapshot) -> None:
        from slownet.page.widget import Widget

        self._means = {which: Means() for which in WHICH}
        self.widget: Widget = Widget(page=self._page(training, snapshot))
        self.bytes = 0
        self.send(training, snapshot)

    @classmethod
    def of(cls, training: Training, snapshot: Snapshot) -> Feed | None:
        """Return a new one; None with very many weights, or a formula that the page cannot compute."""
        if snapshot.graph.weight_count > MOST_WEIGHTS:
            return None
        try:
            return cls(training, snapshot)
        except UntranslatableError:
            return None

    def send(self, training: Training, snapshot: Snapshot) -> None:
        """Send the numbers of the moment, and before them another page if the net has another graph."""
        page = ""
        if snapshot.graph is not self._graph:
            page = self.widget.page = self._page(training, snapshot)
        weights = np.frombuffer(snapshot.weights)[self._places]
        ours, theirs = self._neurons
        biases = np.zeros(len(ours))
        biases[ours] = np.frombuffer(snapshot.biases)[theirs]
        self.widget.moment = {
            "step": snapshot.step,
            "epoch": snapshot.epoch,
            "rate": training.learning_rate if training.step else None,
            "weights": weights.tobytes(),
            "biases": biases.tobytes(),
            "measures": [self._measure(training, which) for which in WHICH],
            "lines": {which: self._lines(training, which) for which in WHICH},
        }
        self.bytes = len(page) + weights.nbytes + biases.nbytes

    def close(self) -> None:
        """Take the widget from the front end; notebooks that keep the state of widgets keep nothing."""
        self.widget.page, self.widget.moment = "", {}
        self.widget.layout.close()
        self.widget.close()

    def _page(self, training: Training, snapshot: Snapshot) -> str:
        """Return the page of a net, whose numbers are to follow."""
        history = replace(
            training.history, snapshots=[snapshot], watch=shown_samples(training), loss=[], accuracy=[]
        )
        content = Content(history, exact=True, keep="none")
        content.facts["training"]["last"] = training.total_steps
        found = content.connections
        self._graph, self._places = snapshot.graph, found.places[0]
        ours, theirs = found.neurons[0]
        self._neurons = ours - found.inputs, theirs
        return assembled(content, START, "fed.js")

    def _lines(self, training: Training, which: Literal["loss", "accuracy"]) -> list[dict[str, Any]]:
        """Return the lines of a chart: the mean of batches, and validation if there is any."""
        history = training.history
        numbers, window = getattr(history, which), window_of(history)
        if not numbers:
            return []
        places, means = self._means[which].running(numbers, window)
        of = {"batches": window, "size": batch_size_text(history)}
        drawn = [_line("training", places + history.start, means, **of)]
        if training.validation is not None:
            epochs = validation_line(history, which)
            samples = count_of(history, "validation_samples") or 0
            of_samples = {"kind": "validation", "samples": samples}
            drawn.append(_line("watched", epochs["x"], epochs["y"], **of_samples))
        return drawn

    def _measure(self, training: Training, which: Literal["loss", "accuracy"]) -> dict[str, Any]:
        """Return the number of the bar: a mean over batches."""
        history = training.history
        batches = batches_at(history, training.step)
        recent = getattr(history, which)[-batches:]
        size = training.options.batch_size
        value = sum(recent) / len(recent) if recent else None
        return {"which": which, "value": value, "batches": batches, "size": size}


class Means:
    """The running mean of numbers that become more; each is read once."""

    def __init__(self) -> None:
        self._sums = [0.0]

    def running(self, numbers: Sequence[float], window: int) -> tuple[npt.NDArray[np.int64], Floats]:
        """Return some places, from 1 on, and the mean of the numbers up to each, `window` at most."""
        known = len(self._sums) - 1
        new = np.cumsum([self._sums[-1], *numbers[known:]])[1:]
        self._sums += new.tolist()
        ends = curve_places(len(numbers)) + 1
        starts = np.maximum(ends - window, 0)
        sums = np.array([[self._sums[k] for k in places] for places in (ends, starts)])
        return ends, (sums[0] - sums[1]) / (ends - starts)


def _line(role: str, x: Any, y: Any, **about: object) -> dict[str, Any]:
    return {
        **about,
        "role": role,
        "x": np.asarray(x, np.float64).tobytes(),
        "y": np.asarray(y, np.float64).tobytes(),
    }
