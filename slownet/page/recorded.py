"""What a page has of snapshots: numbers rounded to a size budget, curves, predictions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt

from slownet.page import precision
from slownet.page.encoding import FINEST, MOST_INTERVALS, Floats, Grid, Writer, magnitude
from slownet.page.facts import Curve, Digits, Judged, Precision
from slownet.page.rows import MOST_POINTS, MOST_SAMPLES
from slownet.page.structure import Structure
from slownet.plotting.lines import batch_lines, mean_at, watched_line, window_of
from slownet.plotting.style import Json
from slownet.recording import Graph, History
from slownet.recording.measures import batch_size_text, learning_rate_of

WHICH: tuple[Literal["loss", "accuracy"], ...] = ("loss", "accuracy")
MOST_CURVE = 400  # points of a line


class Recorded:
    """Writes what the snapshots of a history say.

    Parameters
    ----------
    writer : Writer
        Takes the numbers.
    history : History
        With snapshots.
    structure : Structure
        Of its scene.

    Attributes
    ----------
    lines : dict
        {name of an array: {"x": ..., "y": ...}} of the curves.
    """

    def __init__(self, writer: Writer, history: History, structure: Structure) -> None:
        self.writer, self.history, self.structure = writer, history, structure
        self.scene = structure.scene

    def write_numbers(
        self, exact: bool | None, bits: int | None, grids: Mapping[int, Grid] | None
    ) -> Precision:
        """Write all weights and biases; return how precise they are."""
        structure, writer = self.structure, self.writer
        weights, biases, gone = structure.numbers()
        self._add_marks(gone)
        if exact is None:
            exact = bits is None and grids is None and precision.fits_exactly(weights, biases)
        if exact or not (precision.can_round(weights) and precision.can_round(biases)):
            for layer, span in structure.spans:
                writer.exact(f"weights {layer}", weights[:, span])
            writer.exact("biases", biases)
            return {"exact": True, "layers": {}}
        grids = grids or precision.grids_for(structure, weights, biases, bits)
        rounded = np.empty_like(weights)
        for layer, span in structure.spans:
            rounded[:, span] = writer.rounded(f"weights {layer}", weights[:, span], grids[layer])
        if gone is not None:
            rounded[gone] = 0.0
        grid = precision.BIAS_GRID.coarse_enough_for(float(np.abs(biases).max(initial=0.0)))
        rounded_biases = writer.rounded("biases", biases, grid)
        layers: dict[str, Digits] = {
            str(layer): {"digits": grids[layer].digits, "step": grids[layer].step} for layer in grids
        }
        errors = precision.largest_errors(structure, rounded, rounded_biases, MOST_SAMPLES)
        return {"exact": False, "layers": layers, "off": errors}

    def _add_marks(self, gone: npt.NDArray[np.bool_] | None) -> None:
        """Write which weights and biases are not there or frozen, for each frame, where any is."""
        structure = self.structure
        frozen, biases = structure.frozen()
        marks = {
            "gone": gone,
            "removed": structure.removed(),
            "frozen": frozen,
            "frozen biases": biases,
            "without bias": structure.without_bias(),
        }
        for name, marked in marks.items():
            if marked is not None and marked.any():
                self.writer.plain(name, np.packbits(marked, axis=1, bitorder="little"), "uint8")

    def write_judged(self) -> Judged:
        """Write the predictions for all watched samples in every frame; return their number and kind."""
        scene = self.scene
        count = min(MOST_POINTS, len(scene.samples))
        outputs = len(scene.neurons[scene.output])
        if any(len(each.values) < count for each in scene.snapshots):
            return {}  # states of a training, which watch nothing
        if not count or (outputs > 1 and scene.target_kind in ("binary", "sign")):
            return {}
        last = scene.output
        if any(scene.neurons[last] != _ids(graph, last) for graph in self.structure.graphs):
            return {}  # outputs were added or removed
        predicted = np.array(
            [[each[-outputs:] for each in snapshot.values[:count]] for snapshot in self.scene.snapshots]
        )
        largest = float(np.abs(predicted).max(initial=0.0))
        if not largest < MOST_INTERVALS * Grid(0).step:  # nan is not
            return {}
        if scene.target_kind == "number":
            grid = Grid(min(FINEST, max(0, 4 - _magnitude(predicted))))
            self.writer.rounded("predicted", predicted.reshape(len(predicted), -1), grid)
            self.writer.plain("true_values", scene.own_targets[:count], "float64")
            return {"count": count, "target_kind": "number", "digits": grid.digits}
        if scene.target_kind == "class":
            classes, truth = predicted.argmax(axis=2), np.array(scene.targets[:count]).argmax(axis=1)
        else:
            middle = 0.0 if scene.target_kind == "sign" else 0.5
            classes = (predicted[:, :, 0] > middle).astype(np.int64)
            truth = (np.array(scene.targets[:count])[:, 0] > middle).astype(np.int64)
        self.writer.plain("decided", classes, "int32")
        self.writer.plain("truth", truth, "int32")
        return {"count": count, "target_kind": "class"}

    def write_curves(self) -> list[Curve]:
        """Write the curves of loss and accuracy, and for each a number of every frame; describe them."""
        curves: list[Curve] = []
        for which in WHICH:
            lines = batch_lines(self.history, which, logarithmic=True)[-1:]
            watched = watched_line(self.history, which)
            drawn: list[tuple[Literal["training", "watched"], Json]] = [
                *(("training", line) for line in lines),
                *(("watched", line) for line in watched),
            ]
            for role, line in drawn:
                x, y = np.asarray(line["x"], float), np.asarray(line["y"], float)
                if role == "training":
                    kept = curve_places(len(x))
                    x, y = x[kept], y[kept]
                name = f"{which} {role}"
                self.writer.plain(name, np.stack([x, y]), "float64")
                curve: Curve = {"which": which, "role": role, "array": name}
                if role == "training":
                    curve |= {"batches": window_of(self.history), "size": batch_size_text(self.history)}
                curves.append(curve)
            curves += self._at_frames(which, bool(watched))
        return curves

    def _at_frames(self, which: Literal["loss", "accuracy"], watched: bool) -> list[Curve]:
        """Write the numbers that the bar shows, one for every frame."""
        history = self.history
        if watched:
            numbers = [getattr(each, f"watch_{which}") for each in self.scene.snapshots]
        else:
            numbers = [mean_at(history, which, each.step) for each in self.scene.snapshots]
        if any(number is None for number in numbers):
            return []
        array = f"{which} now"
        self.writer.plain(array, np.array(numbers, float), "float64")
        now: Curve = {"which": which, "role": "now", "array": array}
        if not watched:
            now |= {
                "batches": window_of(history),
                "size": batch_size_text(history),
                "start": history.start,
            }
        return [now]

    def rates(self) -> list[float | None] | None:
        """Return the rate of the step after each snapshot, or of the last step of all.

        It is None where no step was taken; and None for all if they cannot be known: an own schedule is
        not there to be asked, or a file holds options that nothing can be trained with.
        """
        history = self.history
        steps = [min(snapshot.step + 1, history.last_step) for snapshot in self.scene.snapshots]
        try:
            return [learning_rate_of(history, step) if step > history.start else None for step in steps]
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return None


def curve_places(count: int) -> npt.NDArray[np.int64]:
    """Return which of so many points of a line are kept."""
    return np.unique(np.geomspace(1, count, MOST_CURVE).astype(np.int64)) - 1


def _ids(graph: Graph, layer: int) -> list[int]:
    return list(graph.layers[layer].neurons) if layer in graph.layers else []


def _magnitude(numbers: Floats) -> int:
    largest = float(np.abs(numbers).max(initial=0.0))
    return magnitude(largest) if largest > 0.0 else 0
