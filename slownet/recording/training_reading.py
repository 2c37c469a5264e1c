"""Reading of training files: facts and lists, in the order of the file."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slownet.errors import FormatError
from slownet.recording.facts import ADDED, FACTS, check_fact, check_labels
from slownet.recording.graph import Graph
from slownet.recording.graph_reading import check_most
from slownet.recording.history import EpochRecord, History, Watch
from slownet.recording.json_head import HEAD, JsonHead
from slownet.recording.json_stream import JsonStream
from slownet.recording.json_values import (
    check_finite,
    integer,
    listed,
    mapping,
    numbers,
)
from slownet.recording.matrices import StateLayout
from slownet.recording.snapshot import Snapshot
from slownet.recording.state_reading import StateReader
from slownet.recording.tables import TABLES
from slownet.recording.training_writing import FORMAT, VERSION

EPOCH = TABLES["epochs"]
LISTS = ("steps", "epochs", "input_neurons", "training_states", "output_neurons")
KEYS = (*HEAD, *FACTS, "labels", *LISTS)
REQUIRED = tuple(key for key in KEYS if key not in ADDED)


@dataclass
class WatchedNeurons:
    """The watched samples as a file has them: one column for each input or output neuron."""

    name: str
    where: str = ""
    ids: list[tuple[int | None, int]] = field(default_factory=list)
    columns: list[array[float]] = field(default_factory=list)

    def add(self, line: dict[str, Any], where: str) -> None:
        """Add the next neuron, from a line of the file."""
        layer = line["layer"]
        if layer is not None:
            integer(layer, f"{where}.layer")
        least = self.ids[-1][1] + 1 if self.ids else 0
        self.ids.append((layer, integer(line["id"], f"{where}.id", least)))
        values = listed(line[self.name], f"{where}.{self.name}")
        size = len(self.columns[0]) if self.columns else len(values)
        self.columns.append(numbers(values, f"{where}.{self.name}", size))
        check_most("neurons", len(self.ids), where)

    def samples(self, count: int, graph: Graph | None, layer: int) -> list[list[float]]:
        """Return the samples; FormatError if the neurons are not those of that layer of the graph."""
        if graph is not None:
            found = list(graph.layers.values())[layer]
            if self.ids != [(found.id, neuron) for neuron in found.neurons]:
                raise FormatError(
                    f"{self.where}: expected the {len(found.neurons)} neurons of layer {found.id}, "
                    f"found {len(self.ids)}, or others"
                )
        sizes = len(self.columns[0]) if self.columns else 0
        if sizes != count:
            raise FormatError(f"{self.where}: expected {count} watched samples, found {sizes}")
        return [list(row) for row in zip(*self.columns, strict=True)]


class TrainingReader:
    """Reads a training file."""

    def __init__(self, stream: JsonStream, formulas: list[Any]) -> None:
        self.stream, self.name, self.formulas = stream, stream.name, formulas
        self.head = JsonHead(stream, "a training", FORMAT, VERSION, KEYS)
        self.loss, self.accuracy = array("d"), array("d")
        self.epochs: list[EpochRecord] = []
        self.snapshots: list[Snapshot] = []
        self.inputs, self.targets = WatchedNeurons("values"), WatchedNeurons("targets")
        self.layout: StateLayout | None = None  # of the last state

    def history(self) -> History:
        """Read the file."""
        takes: dict[str, Callable[[str], None]] = {
            "steps": self._steps,
            "epochs": self._epoch,
            "input_neurons": partial(self._neuron, self.inputs),
            "training_states": self._state,
            "output_neurons": partial(self._neuron, self.targets),
        }
        found: dict[str, Any] = {}
        for key in self.stream.members(self.name):
            if key in takes:
                found[key] = None
                self._check_order(key)
                for here in self.stream.items(f"{self.name}, {key}"):
                    takes[key](here)
            else:
                self._take_head(key)
        self.stream.end()
        known = ADDED | mapping(found | self.head.found, self.name, REQUIRED, tuple(ADDED))
        history = History(
            **{name: known[name] for name in FACTS},
            epochs=self.epochs,
            snapshots=self.snapshots,
            watch=self._watch(),
            formulas=self.formulas,
        )
        history.add_steps(history.start + 1, self.loss, self.accuracy)
        return history

    def _take_head(self, key: str) -> None:
        value, where = self.head.take(key)
        if key == "labels" or key in FACTS:
            check_finite(value, where)
        if key == "labels":
            check_labels(value, where)
        if key in FACTS:
            check_fact(key, value, where)

    def _check_order(self, key: str) -> None:
        """Raise FormatError for a list before the keys by which it is checked."""
        for needed in {"steps": ("start",), "training_states": ("start", "labels")}.get(key, ()):
            if needed not in self.head.found:
                raise FormatError(f"{self.name}: expected {needed!r} before {key!r}")

    def _steps(self, where: str) -> None:
        line = mapping(self.stream.value(where), where, ("first", "loss"), ("accuracy",))
        expected = self.head.found["start"] + len(self.loss) + 1
        integer(line["first"], f"{where}.first", expected, expected)
        losses = listed(line["loss"], f"{where}.loss")
        if self.loss and ("accuracy" in line) != bool(self.accuracy):
            raise FormatError(f"{where}: expected the key 'accuracy' for all steps or for none")
        if "accuracy" in line:
            self.accuracy += numbers(line["accuracy"], f"{where}.accuracy", len(losses))
        self.loss += numbers(losses, f"{where}.loss", len(losses))

    def _epoch(self, where: str) -> None:
        line = mapping(self.stream.value(where), where, tuple(EPOCH))
        last = self.epochs[-1] if self.epochs else None
        integer(line["epoch"], f"{where}.epoch", last.epoch + 1 if last else 0)
        integer(line["step"], f"{where}.step", last.step + 1 if last else 0)
        known = {name: kept.read_json(line[name], f"{where}.{name}") for name, kept in EPOCH.items()}
        self.epochs.append(EpochRecord(**known))

    def _neuron(self, neurons: WatchedNeurons, where: str) -> None:
        line = mapping(self.stream.value(where), where, ("layer", "id", neurons.name))
        neurons.add(line, where)

    def _watch(self) -> Watch:
        labels = self.head.found["labels"]
        first, last = (self.snapshots[place].graph if self.snapshots else None for place in (0, -1))
        self.inputs.where, self.targets.where = (
            f"{self.name}, {name}" for name in ("input_neurons", "output_neurons")
        )
        return Watch(
            self.inputs.samples(len(labels), first, 0),
            labels,
            self.targets.samples(len(labels), last, -1),
        )

    def _state(self, where: str) -> None:
        last = self.snapshots[-1] if self.snapshots else None
        state = StateReader(self.stream, where, len(self.head.found["labels"]), self.formulas)
        if last is not None:
            state.graph, state.layout = last.graph, self.layout
        self.snapshots.append(state.snapshot(last.step + 1 if last else self.head.found["start"]))
        self.layout = state.layout
