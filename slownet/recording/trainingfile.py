"""Training files: a whole training as JSON, state by state, and the history read back from it.

One state, one stretch of steps, one watched neuron stand on a line. `schemas/training.schema.json`
describes the format. Writing needs the memory of one snapshot at a time, reading that of the numbers.
"""

from __future__ import annotations

import gzip
import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import compress
from math import isfinite, isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, cast

from slownet.errors import FormatError, InvalidValueError
from slownet.recording.atomic import checked_path, replacing
from slownet.recording.graph import Graph
from slownet.recording.history import EpochRecord, History, Watch
from slownet.recording.plain import graph_from_plain, graph_to_plain
from slownet.recording.reading import (
    JsonStream,
    ascending,
    fail,
    integer,
    listed,
    mapping,
    number,
    numbers,
    reading,
    shown,
)
from slownet.recording.snapshot import Snapshot, TrainingState
from slownet.version import __version__

if TYPE_CHECKING:
    import os

FORMAT = "slownet training"
VERSION = 1
AT_ONCE = 10_000  # steps on a line
PLAIN = ("id", "parent", "created", "versions", "ended", "source", "config", "data", "target", "start")
KINDS = {
    "id": str,
    "parent": dict | None,
    "created": str,
    "versions": dict,
    "ended": str | None,
    "source": dict | None,
    "config": dict,
    "data": dict,
    "target": str,
    "start": int,
    "classes": list | None,
    "labels": list,
}
LISTS = ("steps", "epochs", "graphs", "input_neurons", "training_states", "output_neurons")
KEYS = ("format", "version", "slownet", *KINDS, *LISTS)
STATE = ("step", "epoch", "graph", "watch_loss", "watch_accuracy", "frozen", "lost", "right", "memory")


# writing


def to_json(history: History, path: str | os.PathLike[str]) -> Path:
    """Write a whole training as JSON, compressed if the name ends in `.gz`.

    Parameters
    ----------
    history : History
        Of the training.
    path : str or path-like
        The file, `training.json` say.

    Returns
    -------
    pathlib.Path
        Where it is.

    Raises
    ------
    ValueError
        If a number is nan or infinite.
    FileError
        If the file cannot be written; an OSError too.
    """
    target = checked_path(path)
    with replacing(target) as file, _packed(target, file) as stream:
        for line in _lines(history):
            stream.write(line.encode())
    return target


@contextmanager
def _packed(path: Path, file: BinaryIO) -> Iterator[BinaryIO]:
    if path.suffix != ".gz":
        yield file
        return
    # no name and no time: the same training gives the same file
    with gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed:
        yield cast(BinaryIO, packed)


def _lines(history: History) -> Iterator[str]:
    snapshots = history.snapshots
    head: dict[str, Any] = {"format": FORMAT, "version": VERSION, "slownet": __version__}
    head |= {name: getattr(history, name) for name in (*PLAIN, "classes")}
    head["labels"] = history.watch.labels
    graphs: list[Graph] = []
    places: list[int] = []  # of each snapshot's graph
    for snapshot in snapshots:
        if not graphs or graphs[-1] is not snapshot.graph:
            graphs.append(snapshot.graph)
        places.append(len(graphs) - 1)
    yield "{\n"
    for key, value in head.items():
        yield f' "{key}": {_json(value, key)},\n'
    yield from _list("steps", _steps(history))
    yield from _list("epochs", map(asdict, history.epochs))
    yield from _list("graphs", map(graph_to_plain, graphs))
    first, last = (graphs[0].layers[min(graphs[0].layers)], graphs[-1].output) if graphs else ((), ())
    watch = history.watch
    columns = [_column(watch.samples, place) for place in range(len(first.neurons) if first else 0)]
    yield from _list("input_neurons", _watched(first, values=columns))
    yield from _list("training_states", map(_state, snapshots, places))
    columns = [_column(watch.targets, place) for place in range(len(last.neurons) if last else 0)]
    yield from _list("output_neurons", _watched(last, targets=columns), last=True)
    yield "}\n"


def _list(name: str, items: Iterable[Any], last: bool = False) -> Iterator[str]:
    yield f' "{name}": ['
    mark = "\n"
    for item in items:
        yield f"{mark}  {_json(item, name)}"
        mark = ",\n"
    yield "\n ]\n" if last else "\n ],\n"


def _json(value: object, where: str) -> str:
    try:
        return json.dumps(value, ensure_ascii=True, allow_nan=False)
    except ValueError:
        step = f" at step {value['step']}" if isinstance(value, dict) and "step" in value else ""
        raise InvalidValueError(
            f"{where}{step}: a number is nan or infinite, which JSON cannot hold; a run file can"
        ) from None


def _steps(history: History) -> Iterator[dict[str, Any]]:
    for begin in range(0, len(history.loss), AT_ONCE):
        part = slice(begin, begin + AT_ONCE)
        line: dict[str, Any] = {"first": history.start + begin + 1, "loss": history.loss[part]}
        if history.accuracy:
            line["accuracy"] = history.accuracy[part]
        yield line


def _column(rows: Sequence[Sequence[float]], place: int) -> list[float]:
    return [row[place] for row in rows]


def _watched(layer: Any, **columns: list[list[float]]) -> Iterator[dict[str, Any]]:
    for place, neuron in enumerate(layer.neurons if layer else ()):
        yield {
            "layer": layer.id,
            "id": neuron,
            **{name: column[place] for name, column in columns.items()},
        }


def _state(snapshot: Snapshot, graph: int) -> dict[str, Any]:
    state = snapshot.state or TrainingState()
    plain: dict[str, Any] = {
        "step": snapshot.step,
        "epoch": snapshot.epoch,
        "graph": graph,
        "watch_loss": snapshot.watch_loss,
        "watch_accuracy": snapshot.watch_accuracy,
        "frozen": sorted(state.frozen),
        "lost": state.lost,
        "right": state.right,
    }
    if state.first is not None and state.second is not None:
        plain["memory"] = [
            [None if isnan(one) else one for one in column] for column in (state.first, state.second)
        ]
    plain["synapses"] = [
        {"from": source, "to": target, "weights": rows}
        for (source, target), rows in _matrices(snapshot).items()
    ]
    after = list(snapshot.graph.layers.values())[1:]
    spans = [(layer.id, [neuron.place for neuron in layer.neurons.values()]) for layer in after]
    plain["biases"] = [
        {"layer": layer, "values": [snapshot.biases[place] for place in places]}
        for layer, places in spans
    ]
    plain["neurons"] = [
        [
            {"layer": layer, "pairs": [[zs[place], values[place]] for place in places]}
            for layer, places in spans
        ]
        for zs, values in zip(snapshot.zs, snapshot.values, strict=True)
    ]
    return plain


def _matrices(snapshot: Snapshot) -> dict[tuple[int, int], list[list[float | None]]]:
    """Return the weights between every two joined layers: (targets, sources), None for no weight."""
    found: dict[tuple[int, int], list[list[float | None]]] = {}
    layers = snapshot.graph.layers
    columns = {
        layer.id: {neuron: place for place, neuron in enumerate(layer.neurons)}
        for layer in layers.values()
    }
    for layer in layers.values():
        for row, neuron in enumerate(layer.neurons.values()):
            for (source, i), place in zip(neuron.sources, neuron.weights.values(), strict=True):
                if (source, layer.id) not in found:
                    width = len(columns[source])
                    found[source, layer.id] = [[None] * width for _ in layer.neurons]
                found[source, layer.id][row][columns[source][i]] = snapshot.weights[place]
    return found


# reading


def from_json(path: str | os.PathLike[str], formulas: Iterable[Any] = ()) -> History:
    """Read a history from a file that `History.to_json` wrote.

    Parameters
    ----------
    path : str or path-like
        The file, compressed or not.
    formulas : iterable of formulas
        Your own ones that the training used.

    Raises
    ------
    FormatError
        If the file does not hold a training; the message says what is wrong and where.
    FileError
        If it cannot be read; an OSError too.
    """
    with reading(path) as stream:
        return _Loading(stream, list(formulas)).history()


@dataclass
class _Loading:
    """One reading of a training file."""

    stream: JsonStream
    formulas: list[Any]
    head: dict[str, Any] = field(default_factory=dict)
    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    epochs: list[EpochRecord] = field(default_factory=list)
    graphs: list[Graph] = field(default_factory=list)
    inputs: list[array[float]] = field(default_factory=list)
    targets: list[array[float]] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)

    def history(self) -> History:
        """Read all of it."""
        stream, name = self.stream, self.stream.name
        takes: dict[str, Callable[[str], None]] = {
            "steps": self._steps,
            "epochs": self._epoch,
            "graphs": self._graph,
            "input_neurons": partial(self._neuron, self.inputs, "values"),
            "training_states": self._state,
            "output_neurons": partial(self._neuron, self.targets, "targets"),
        }
        for key in stream.members(name):
            where = f"{name}, {shown(key)[1:-1]}"
            if key in takes:
                self._check_head(key)
                for here in stream.items(where):
                    takes[key](here)
            else:
                self._take_head(key, where)
        stream.end()
        mapping(self.head, name, ("format", "version", "slownet", *KINDS))
        watched = len(self.head["labels"])
        return History(
            **{key: self.head[key] for key in (*PLAIN, "classes")},
            loss=self.loss,
            accuracy=self.accuracy,
            epochs=self.epochs,
            snapshots=self.snapshots,
            watch=Watch(
                [list(column) for column in zip(*self.inputs, strict=True)] if watched else [],
                self.head["labels"],
                [list(column) for column in zip(*self.targets, strict=True)] if watched else [],
            ),
            formulas=self.formulas,
        )

    def _take_head(self, key: str, where: str) -> None:
        if key not in KEYS:
            if self.head.get("format") != FORMAT:
                self._fail_format(f"the key {shown(key)}")
            fail(self.stream.name, f"only the keys {', '.join(KEYS)}", key)
        value = self.head[key] = self.stream.value(where)
        if key == "format" and value != FORMAT:
            self._fail_format(shown(value))
        if key == "version" and integer(value, where, 1) > VERSION:
            raise FormatError(
                f"{where}: this file is of version {shown(value)} and slownet {__version__} reads up to "
                f"{VERSION}: a newer slownet reads it"
            )
        if key in KINDS and (not isinstance(value, KINDS[key]) or isinstance(value, bool)):
            fail(where, str(KINDS[key]).replace("<class ", "").strip(">'"), value)
        if key == "start":
            integer(value, where)
        if key == "labels":
            _check_finite(value, where)

    def _check_head(self, key: str) -> None:
        """Make sure that what the lists depend on stands before them, as `to_json` writes it."""
        if self.head.get("format") != FORMAT:
            self._fail_format(f"the key {shown(key)}")
        for needed in ("start", "labels"):
            if needed not in self.head:
                raise FormatError(f"{self.stream.name}: expected {needed!r} before {key!r}")

    def _fail_format(self, found: str) -> NoReturn:
        raise FormatError(
            f'{self.stream.name}: expected a training, with "format": "{FORMAT}" first, found {found}'
        )

    def _steps(self, where: str) -> None:
        line = mapping(self.stream.value(where), where, ("first", "loss"), ("accuracy",))
        expected = self.head["start"] + len(self.loss) + 1
        integer(line["first"], f"{where}.first", expected, expected)
        losses = numbers(line["loss"], f"{where}.loss", len(listed(line["loss"], f"{where}.loss")))
        self.loss += losses
        if "accuracy" in line:
            self.accuracy += numbers(line["accuracy"], f"{where}.accuracy", len(losses))

    def _epoch(self, where: str) -> None:
        names = tuple(EpochRecord.__dataclass_fields__)
        line = mapping(self.stream.value(where), where, names)
        for name in names:
            value, here = line[name], f"{where}.{name}"
            if name in ("epoch", "step"):
                integer(value, here)
            elif value is not None or name in ("loss", "seconds"):
                line[name] = number(value, here)
        self.epochs.append(EpochRecord(**line))

    def _graph(self, where: str) -> None:
        self.graphs.append(graph_from_plain(self.stream.value(where), where, self.formulas))

    def _neuron(self, columns: list[array[float]], name: str, where: str) -> None:
        line = mapping(self.stream.value(where), where, ("layer", "id", name))
        columns.append(numbers(line[name], f"{where}.{name}", len(self.head["labels"])))

    def _state(self, where: str) -> None:
        """Read one state; its matrices row by row, for they can be large."""
        stream, line = self.stream, dict[str, Any]()
        parts: dict[str, list[Any]] = {"synapses": [], "biases": [], "neurons": []}
        for key in stream.members(where):
            if key == "synapses":
                parts[key] = [self._synapses(here) for here in stream.items(f"{where}.{key}")]
            elif key in parts:
                parts[key] = [(here, stream.value(here)) for here in stream.items(f"{where}.{key}")]
            else:
                line[key] = stream.value(f"{where}.{key}")
        mapping(line, where, STATE[:-1], STATE[-1:])
        graph = self.graphs[integer(line["graph"], f"{where}.graph", maximum=len(self.graphs) - 1)]
        least = self.snapshots[-1].step + 1 if self.snapshots else 0
        zs, values = self._pairs(graph, parts["neurons"], f"{where}.neurons")
        frozen = ascending(line["frozen"], f"{where}.frozen", graph.weight_count)
        self.snapshots.append(
            Snapshot(
                integer(line["step"], f"{where}.step", least),
                number(line["epoch"], f"{where}.epoch"),
                graph,
                _weights(graph, parts["synapses"], where),
                _biases(graph, parts["biases"], where),
                zs,
                values,
                _optional(line["watch_loss"], f"{where}.watch_loss"),
                _optional(line["watch_accuracy"], f"{where}.watch_accuracy"),
                TrainingState(
                    frozenset(frozen),
                    *_memory(line.get("memory"), f"{where}.memory", graph),
                    number(line["lost"], f"{where}.lost"),
                    integer(line["right"], f"{where}.right"),
                ),
            )
        )

    def _synapses(self, where: str) -> tuple[str, dict[str, Any]]:
        stream, matrix = self.stream, dict[str, Any]()
        for key in stream.members(where):
            if key == "weights":
                matrix[key] = [stream.value(here) for here in stream.items(f"{where}.weights")]
            else:
                matrix[key] = stream.value(f"{where}.{shown(key)[1:-1]}")
        return where, mapping(matrix, where, ("from", "to", "weights"))

    def _pairs(
        self, graph: Graph, samples: list[tuple[str, Any]], where: str
    ) -> tuple[list[array[float]], list[array[float]]]:
        """Return the z and the value of every neuron, one array each a watched sample."""
        if len(samples) != len(self.head["labels"]):
            raise FormatError(
                f"{where}: expected {len(self.head['labels'])} watched samples, found {len(samples)}"
            )
        zs, values = [], []
        for here, sample in samples:
            pairs: list[Any] = []
            for there, layer in _by_layer(graph, listed(sample, here), here, "pairs"):
                found = listed(layer, there)
                for place, pair in enumerate(found):
                    numbers(pair, f"{there}[{place}]", 2)
                pairs += found
            zs.append(array("d", [pair[0] for pair in pairs]))
            values.append(array("d", [pair[1] for pair in pairs]))
        return zs, values


def _by_layer(graph: Graph, found: list[Any], where: str, name: str) -> Iterator[tuple[str, Any]]:
    """Yield what is said of each layer after the input layer, which must have one item a neuron."""
    layers = list(graph.layers.values())[1:]
    if len(found) != len(layers):
        raise FormatError(f"{where}: expected {len(layers)} layers, found {len(found)}")
    for place, (layer, one) in enumerate(zip(layers, found, strict=True)):
        here = f"{where}[{place}]"
        line = mapping(one, here, ("layer", name))
        integer(line["layer"], f"{here}.layer", layer.id, layer.id)
        items = listed(line[name], f"{here}.{name}")
        if len(items) != len(layer.neurons):
            raise FormatError(
                f"{here}.{name}: expected {len(layer.neurons)} neurons, found {len(items)}"
            )
        yield f"{here}.{name}", items


def _biases(graph: Graph, parts: list[tuple[str, Any]], where: str) -> array[float]:
    found = array("d")
    for here, values in _by_layer(graph, [part for _, part in parts], f"{where}.biases", "values"):
        found.extend(numbers(values, here, len(values)))
    return found


def _weights(graph: Graph, matrices: list[tuple[str, dict[str, Any]]], where: str) -> array[float]:
    """Return the weights in the order of `Snapshot.weights`; every one must be there, and no other."""
    known: dict[tuple[Any, Any], tuple[str, list[Any]]] = {}
    for here, matrix in matrices:
        ends = matrix["from"], matrix["to"]
        for name, end in zip(("from", "to"), ends, strict=True):
            if type(end) is not int or end not in graph.layers:
                fail(f"{here}.{name}", "the id of a layer", end)
        if ends in known:
            raise FormatError(f"{here}: the weights from layer {ends[0]} to {ends[1]} stand there twice")
        sources, targets = (len(graph.layers[end].neurons) for end in ends)
        if len(matrix["weights"]) != targets:
            found = len(matrix["weights"])
            raise FormatError(f"{here}.weights: expected {targets} rows, found {found}")
        for row, line in enumerate(matrix["weights"]):
            if len(listed(line, f"{here}.weights[{row}]")) != sources:
                found = len(line)
                raise FormatError(f"{here}.weights[{row}]: expected {sources} weights, found {found}")
        known[ends] = here, matrix["weights"]
    columns = {
        layer.id: {neuron: place for place, neuron in enumerate(layer.neurons)}
        for layer in graph.layers.values()
    }
    found_weights = array("d")
    for layer in graph.layers.values():
        for row, neuron in enumerate(layer.neurons.values()):
            for source, i in neuron.sources:
                if (source, layer.id) not in known:
                    raise FormatError(
                        f"{where}.synapses: expected weights from layer {source} to layer {layer.id}"
                    )
                here, rows = known[source, layer.id]
                column = columns[source][i]
                value = rows[row][column]
                if type(value) is not float or not isfinite(value):
                    value = number(value, f"{here}.weights[{row}][{column}]")
                found_weights.append(value)
    there = sum(value is not None for _, rows in known.values() for line in rows for value in line)
    if there != len(found_weights):
        raise FormatError(
            f"{where}.synapses: expected the graph's {len(found_weights)} weights, found {there}"
        )
    return found_weights


def _memory(value: object, where: str, graph: Graph) -> tuple[array[float] | None, array[float] | None]:
    if value is None:
        return None, None
    pair = listed(value, where)
    if len(pair) != 2:
        raise FormatError(f"{where}: expected two lists, found {len(pair)}")
    size = graph.weight_count + graph.neuron_count
    columns = []
    for place, column in enumerate(pair):
        here = f"{where}[{place}]"
        blank = [one is None for one in listed(column, here)]
        found = numbers([0.0 if one is None else one for one in column], here, size)
        for index in compress(range(size), blank):
            found[index] = nan
        columns.append(found)
    return columns[0], columns[1]


def _optional(value: object, where: str) -> float | None:
    return None if value is None else number(value, where)


def _check_finite(labels: list[Any], where: str) -> None:
    for place, label in enumerate(labels):
        for part in label if isinstance(label, list) else [label]:
            if isinstance(part, (list, dict)):
                fail(f"{where}[{place}]", "a text or a number", part)
            if isinstance(part, float):
                number(part, f"{where}[{place}]")
