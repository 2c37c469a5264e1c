"""The contents of a page: facts of the training, and numbers rounded to a size budget."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from slownet.checks import check_integer, check_type
from slownet.errors import InvalidValueError
from slownet.page import precision
from slownet.page.encoding import FINEST, MOST_INTERVALS, Floats, Grid, Writer, magnitude
from slownet.page.initial import initial_layers
from slownet.page.javascript import translated
from slownet.page.preparation import plain_preparation
from slownet.page.rows import (
    MOST_POINTS,
    MOST_SAMPLES,
    check_keep,
    write_all,
    write_selectable,
)
from slownet.page.structure import Structure
from slownet.plotting.lines import batch_lines, mean_at, watched_line, window_of
from slownet.plotting.plane import plane_around
from slownet.plotting.scene import Scene
from slownet.plotting.style import Json, standard_title
from slownet.recording import Graph, History
from slownet.recording.measures import batch_samples, learning_rate_of
from slownet.recording.sharing import shareable
from slownet.recording.versions import versions

FORMAT = 1  # to be raised by changes that make older readers misread a page
MOST_CURVE = 400  # points of a line


class Content:
    """The facts and numbers of a training that a page shows.

    Parameters
    ----------
    history : History
        With at least one snapshot.
    exact : bool
        Whether all numbers are kept as float64.
    bits : int, optional
        Weights are rounded to at least 2^bits intervals from the smallest to the largest; by default to
        as many as fit the size budget.
    title : str, optional
        The title of the page.
    grids : mapping, optional
        {layer id: Grid} of another page, to round the weights into each layer as it did.
    keep : str
        "watched", or "all": the page also holds the data that were given to `fit`.
    data : (X, y), optional
        The training data, where the history does not have them.

    Attributes
    ----------
    facts : dict
        Plain values, ready for JSON.
    preparation : Preparation or None
        What turns rows of a table into the inputs.
    writer : Writer
        The numbers.
    formulas : str
        The activations and the loss as JavaScript.
    """

    def __init__(
        self,
        history: History,
        exact: bool | None = None,
        bits: int | None = None,
        title: str | None = None,
        grids: Mapping[int, Grid] | None = None,
        keep: str = "watched",
        data: tuple[Any, Any] | None = None,
    ) -> None:
        if title is not None:
            check_type("title", title, str)
        if exact is not None:
            check_type("exact", exact, bool)
        if bits is not None:
            bits = check_integer("bits", bits, precision.BITS[0], precision.BITS[-1])
        if exact and bits is not None:
            raise InvalidValueError("give exact or bits, not both: exact numbers are not rounded")
        if check_keep(keep) != "all" and data is not None:
            raise InvalidValueError('data are for keep="all", which puts them into the page')
        self.history, self.scene, self.writer = history, Scene.of_history(history), Writer()
        self._source = shareable(history.source)
        scene, structure = self.scene, Structure(self.scene)
        self._snapshots, self._structure = scene.snapshots, structure
        self.formulas = translated(structure.activations, structure.loss)
        self.preparation = scene.units.preparation
        self._add_structure()
        kept = self._add_numbers(exact, bits, grids)
        self.facts: Json = {
            "format": FORMAT,
            "title": _text(title or standard_title(scene.name)),
            "frames": len(self._snapshots),
            "layers": [
                {
                    "id": layer,
                    "neurons": scene.neurons[layer],
                    "activation": self._name(layer),
                    "range": [_finite(float(bound)) for bound in scene.activation(layer).range],
                }
                for layer in scene.layers
            ],
            "loss": structure.loss.name,
            "target_kind": scene.target_kind,
            "side": scene.side,
            "preparation": plain_preparation(self.preparation),
            "inputs": self._input_names(),
            "classes": self._class_names(),
            "samples": write_selectable(self.writer, scene),
            "watched": len(scene.samples),
            "keep": keep,
            "precision": kept,
            "curves": self._curves(),
            "judged": self._judged(),
            "plane": self._plane(),
            "training": self._training(),
        }
        if keep == "all":
            write_all(self.writer, history, structure, self.preparation, data)

    def _name(self, layer: int) -> str:
        return "" if layer == self.scene.inputs else self.scene.activation(layer).name

    def _add_structure(self) -> None:
        # as differences: most are 1, which compresses well
        self.writer.plain("start", np.diff(self._structure.start), "int32")
        self.writer.plain("source", np.diff(self._structure.source, prepend=0), "int32")
        if (leaving := self._structure.leaving()) is not None:
            self.writer.plain("leaving", leaving, "int32")

    def _add_numbers(
        self, exact: bool | None, bits: int | None, grids: Mapping[int, Grid] | None
    ) -> Json:
        """Write all weights and biases; return how precise they are."""
        structure, writer = self._structure, self.writer
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
        layers = {
            str(layer): {"digits": grids[layer].digits, "step": grids[layer].step} for layer in grids
        }
        errors = precision.largest_errors(structure, rounded, rounded_biases, MOST_SAMPLES)
        return {"exact": False, "layers": layers, "off": errors}

    def _add_marks(self, gone: npt.NDArray[np.bool_] | None) -> None:
        """Write which weights and biases are not there or frozen, for each frame, where any is."""
        structure = self._structure
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

    def _input_names(self) -> list[str]:
        if self.preparation is not None or self.scene.side:
            return []
        return [f"x{k + 1}" for k in range(self._structure.inputs)]

    def _class_names(self) -> list[str]:
        scene = self.scene
        outputs = len(scene.neurons[scene.output])
        if scene.target_kind == "number":
            return []
        count = outputs if scene.target_kind == "class" else 2
        return [scene.plain_class_name(k) for k in range(count)]

    def _judged(self) -> Json:
        """Write the predictions for all watched samples in every frame; return their number and kind."""
        scene = self.scene
        count = min(MOST_POINTS, len(scene.samples))
        outputs = len(scene.neurons[scene.output])
        if not count or (outputs > 1 and scene.target_kind in ("binary", "sign")):
            return {}
        last = scene.output
        if any(scene.neurons[last] != _ids(graph, last) for graph in self._structure.graphs):
            return {}  # outputs were added or removed
        predicted = np.array(
            [[each[-outputs:] for each in snapshot.values[:count]] for snapshot in self._snapshots]
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

    def _plane(self) -> Json | None:
        """Return the part of the plane of two inputs that is drawn; None for other nets."""
        if not self.scene.is_plane:
            return None
        around = plane_around(self.scene.samples, 2)
        return {"x": list(around.x), "y": list(around.y)}

    def _curves(self) -> list[Json]:
        """Write the curves of loss and accuracy, and for each a number of every frame; describe them."""
        curves = []
        for which in ("loss", "accuracy"):
            lines = batch_lines(self.history, which, logarithmic=True)[-1:]
            watched = watched_line(self.history, which)
            for role, line in [
                *(("training", each) for each in lines),
                *(("watched", w) for w in watched),
            ]:
                x, y = np.asarray(line["x"], float), np.asarray(line["y"], float)
                if role == "training":
                    kept = curve_places(len(x))
                    x, y = x[kept], y[kept]
                name = f"{which} {role}"
                self.writer.plain(name, np.stack([x, y]), "float64")
                curves.append({"which": which, "role": role, "array": name, "name": line["name"]})
            curves += self._at_frames(which, bool(watched))
        return curves

    def _at_frames(self, which: str, watched: bool) -> list[Json]:
        """Write the numbers that the bar shows, one for every frame."""
        history, of = self.history, {}
        if watched:
            numbers = [getattr(each, f"watch_{which}") for each in self._snapshots]
            name = f"{which} of the {len(self.scene.samples):,} watched samples"
        else:
            numbers = [mean_at(history, which, each.step) for each in self._snapshots]
            name = f"training {which}: a mean over batches, each as it was before its own update"
            of = {"batches": window_of(history), "size": batch_samples(history), "start": history.start}
        if any(number is None for number in numbers):
            return []
        array = f"{which} now"
        self.writer.plain(array, np.array(numbers, float), "float64")
        return [{"which": which, "role": "now", "array": array, "name": name, **of}]

    def _training(self) -> Json:
        """Return the facts from which the training can be repeated."""
        history = self.history
        return {
            "config": history.config,
            "data": history.data,
            "source": self._source,
            "classes": history.classes and [*map(_plain, history.classes)],
            "last": history.last_step,
            "steps": [snapshot.step for snapshot in self._snapshots],
            "epochs": [snapshot.epoch for snapshot in self._snapshots],
            "seed": self._structure.graphs[0].seed,
            "initial": initial_layers(self._snapshots[0]),
            "rates": self._rates(),
            "test": history.test and {name: _finite(each) for name, each in history.test.items()},
            "ended": history.ended,
            "run": history.id,
            "parent": history.parent,
            "versions": versions(),
            "arithmetic": history.arithmetic,
        }

    def _rates(self) -> list[float | None] | None:
        """Return the rate of the step after each snapshot, or of the last step of all.

        It is None where no step was taken; and None for all if they cannot be known: an own schedule is
        not there to be asked, or a file holds options that nothing can be trained with.
        """
        history = self.history
        steps = [min(snapshot.step + 1, history.last_step) for snapshot in self._snapshots]
        try:
            return [learning_rate_of(history, step) if step > history.start else None for step in steps]
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return None


def curve_places(count: int) -> npt.NDArray[np.int64]:
    """Return which of so many points of a line are kept."""
    return np.unique(np.geomspace(1, count, MOST_CURVE).astype(np.int64)) - 1


def _finite(number: float | None) -> float | None:
    return number if number is None or isfinite(number) else None


def _text(text: str) -> str:
    """Return a text with a question mark for every character that UTF-8 cannot encode."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _plain(label: object) -> object:
    """Return a class label, as text if JSON has no such value."""
    is_plain = type(label) in (str, int, bool) or (isinstance(label, float) and isfinite(label))
    return label if is_plain else str(label)


def _ids(graph: Graph, layer: int) -> list[int]:
    return list(graph.layers[layer].neurons) if layer in graph.layers else []


def _magnitude(numbers: Floats) -> int:
    largest = float(np.abs(numbers).max(initial=0.0))
    return magnitude(largest) if largest > 0.0 else 0
