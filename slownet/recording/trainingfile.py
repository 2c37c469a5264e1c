"""Training files: a whole training as JSON, state by state, and the history read back from it.

One row of a matrix, one watched sample, one stretch of steps stand on a line. README.md shows a file,
`schemas/training.schema.json` describes it. Writing needs the memory of one snapshot at a time, reading
that of the numbers.
"""

from __future__ import annotations

import gzip
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import chain
from math import isfinite, isinf, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, TypeVar, cast

from slownet.checks import check_type
from slownet.errors import FormatError, InvalidTypeError, InvalidValueError
from slownet.recording.atomic import checked_path, replacing
from slownet.recording.graph import Graph
from slownet.recording.history import EpochRecord, History, Watch
from slownet.recording.matrices import Ends, Matrix, Row, matrices
from slownet.recording.plain import (
    MOST_NEURONS,
    GraphReader,
    head_to_plain,
    labels_from_plain,
    labels_to_plain,
    read_graph,
)
from slownet.recording.reading import (
    JsonStream,
    ascending,
    check_finite,
    fail,
    integer,
    listed,
    mapping,
    number,
    numbers,
    numbers_or_nulls,
    reading,
    shown,
    text,
)
from slownet.recording.snapshot import Snapshot, TrainingState
from slownet.recording.writing import encoded, layer_lines, to_text
from slownet.version import __version__

if TYPE_CHECKING:
    import os

T = TypeVar("T")

FORMAT = "slownet training"
VERSION = 1
AT_ONCE = 10_000  # steps on a line
TARGETS = ("class", "binary", "sign", "number")
TEXT, OBJECT, NOTHING = str, dict, type(None)
KINDS: dict[str, tuple[type, ...]] = {  # what a history has beside its lists
    "id": (TEXT,),
    "parent": (OBJECT, NOTHING),
    "created": (TEXT,),
    "versions": (OBJECT,),
    "ended": (TEXT, NOTHING),
    "source": (OBJECT, NOTHING),
    "config": (OBJECT,),
    "data": (OBJECT,),
    "target_kind": (TEXT,),
    "start": (int,),
    "classes": (list, NOTHING),
    "labels": (list,),
}
NAMES = {TEXT: "a text", OBJECT: "an object", int: "an integer", list: "a list", NOTHING: "null"}
LISTS = ("steps", "epochs", "input_neurons", "training_states", "output_neurons")
KEYS = ("format", "version", "slownet", *KINDS, *LISTS)
STATE = ("step", "epoch", "watch_loss", "watch_accuracy", "lost", "right")
MEMORY = ("first", "second")  # what an optimizer remembers


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
        If a number is nan or infinite; the message says where.
    TypeError
        If a class label or a watched target is neither text nor number nor bool.
    FileError
        If the file cannot be written; an OSError too.
    """
    check_type("history", history, History)
    target = checked_path(path)
    with replacing(target) as file, _packed(target, file) as stream:
        for line in _lines(history):
            stream.write(encoded(line))
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
    head: dict[str, Any] = {"format": FORMAT, "version": VERSION, "slownet": __version__}
    head |= {name: getattr(history, name) for name in KINDS if name != "labels"}
    head["classes"] = labels_to_plain(history.classes)
    head["labels"] = history.watch.labels
    yield "{\n"
    for key, value in head.items():
        yield f' "{key}": {_text(value, key)},\n'
    yield from _list("steps", map(_text, _steps(history)))
    yield from _list("epochs", (_text(asdict(one), f"epoch {one.epoch}") for one in history.epochs))
    graph = history.snapshots[0].graph if history.snapshots else None
    yield from _list("input_neurons", _watched(graph, 0, "values", history.watch.samples))
    yield ' "training_states": ['
    plan, mark = None, "\n"
    for snapshot in history.snapshots:
        changed = plan is None or snapshot.graph is not graph
        if plan is None or changed:
            graph, plan = snapshot.graph, _Plan.of(snapshot.graph)
        yield mark
        yield from _state_lines(snapshot, plan, changed)
        mark = ",\n"
    yield "\n ],\n"
    yield from _list("output_neurons", _watched(graph, -1, "targets", history.watch.targets), "\n")
    yield "}\n"


def _list(name: str, lines: Iterable[str], end: str = ",\n") -> Iterator[str]:
    yield f' "{name}": ['
    yield from _items(lines, "  ")
    yield f"\n ]{end}"


def _items(lines: Iterable[str], indent: str) -> Iterator[str]:
    """Yield each line with a comma after the one before."""
    mark = f"\n{indent}"
    for line in lines:
        yield mark + line
        mark = f",\n{indent}"


def _text(value: object, where: str = "steps") -> str:
    try:
        return to_text(value)
    except ValueError:
        _fail_number(where)
    except TypeError as error:
        raise InvalidTypeError(f"{where}: {error}: a file holds texts, numbers and bool") from None


def _fail_number(where: str) -> NoReturn:
    raise InvalidValueError(
        f"{where}: a number is nan or infinite, which JSON cannot hold; a run file can"
    )


def _steps(history: History) -> Iterator[dict[str, Any]]:
    for begin in range(0, len(history.loss), AT_ONCE):
        part = slice(begin, begin + AT_ONCE)
        line: dict[str, Any] = {"first": history.start + begin + 1, "loss": history.loss[part]}
        if history.accuracy:
            line["accuracy"] = history.accuracy[part]
        yield line


def _watched(
    graph: Graph | None, layer: int, name: str, rows: Sequence[Sequence[float]]
) -> Iterator[str]:
    """Yield what each neuron of the first or the last layer is given by the watched samples."""
    if graph is None:  # no state was kept, and so nobody knows their ids
        ids: list[tuple[int | None, int]] = [
            (None, place) for place in range(len(rows[0]) if rows else 0)
        ]
    else:
        found = list(graph.layers.values())[layer]
        ids = [(found.id, neuron) for neuron in found.neurons]
    for place, (layer_id, neuron) in enumerate(ids):
        column = [row[place] for row in rows]
        yield _text({"layer": layer_id, "id": neuron, name: column}, name)


@dataclass(frozen=True)
class _Plan:
    """What must be known of a graph to read and write the states of it."""

    sizes: dict[int, int]  # of the layers after the input layer, by their ids
    matrices: dict[Ends, Matrix]
    weight_count: int

    @classmethod
    def of(cls, graph: Graph) -> _Plan:
        layers = ((layer.id, list(layer.neurons.values())) for layer in graph.layers.values())
        sizes = dict(zip(list(graph.layers)[1:], graph.sizes[1:], strict=True))
        return cls(sizes, *matrices(layers))

    def by_layer(self, values: Sequence[Any]) -> Iterator[tuple[int, Sequence[Any]]]:
        """Yield each layer's id and its part of what is known of all neurons after the input layer."""
        start = 0
        for layer, size in self.sizes.items():
            yield layer, values[start : start + size]
            start += size


def _graph_lines(graph: Graph) -> Iterator[str]:
    yield f',\n   "graph": {to_text(head_to_plain(graph))[:-1]}, "layers": [\n'
    yield from layer_lines(graph, "    ")
    yield "   ]}"


def _state_lines(snapshot: Snapshot, plan: _Plan, with_graph: bool) -> Iterator[str]:
    _check_numbers(snapshot)
    state = snapshot.state or TrainingState()
    head = {name: getattr(snapshot, name) for name in STATE[:4]}
    head |= {"lost": state.lost, "right": state.right}
    columns = {"weights": snapshot.weights, "first": state.first, "second": state.second}
    known = {name: column for name, column in columns.items() if column is not None}
    yield f"  {_text(head, f'the snapshot of step {snapshot.step}')[:-1]}"
    if with_graph:
        yield from _graph_lines(snapshot.graph)
    yield ',\n   "layers": ['
    yield from _items(_layers(plan, snapshot.biases, known), "    ")
    yield '],\n   "synapses": ['
    mark = "\n"
    for ends, matrix in plan.matrices.items():
        yield f'{mark}    {{"between": {list(ends)}'
        for name, column in known.items():
            yield f',\n     "{name}": ['
            yield from _items(_rows(matrix, column), "      ")
            yield "]"
        if frozen := _frozen(matrix, state.frozen):
            yield f',\n     "frozen": {frozen}'
        yield "}"
        mark = ",\n"
    yield '],\n   "neurons": ['
    yield from _items(_samples(plan, snapshot), "    ")
    yield "]}"


def _check_numbers(snapshot: Snapshot) -> None:
    """Refuse what JSON cannot hold; nan stands for what an optimizer does not remember."""
    where = f"the snapshot of step {snapshot.step}"
    for name in ("weights", "biases"):
        if not all(map(isfinite, getattr(snapshot, name))):
            _fail_number(f"{where}, {name}")
    if not all(map(isfinite, chain(*snapshot.zs, *snapshot.values))):
        _fail_number(f"{where}, neurons")
    for column in (snapshot.state.first, snapshot.state.second) if snapshot.state else ():
        if any(map(isinf, column or ())):
            _fail_number(f"{where}, what the optimizer remembers")


def _numbers_text(numbers: Iterable[float]) -> str:
    return f"[{', '.join(map(float.__repr__, numbers))}]".replace("nan", "null")


def _layers(plan: _Plan, biases: array[float], known: Mapping[str, array[float]]) -> Iterator[str]:
    memory = {name: known[name][plan.weight_count :] for name in MEMORY if name in known}
    parts = [dict(plan.by_layer(numbers)) for numbers in (biases, *memory.values())]
    for layer in plan.sizes:
        named = zip(("biases", *memory), parts, strict=True)
        texts = (f', "{name}": {_numbers_text(part[layer])}' for name, part in named)
        yield f'{{"id": {layer}{"".join(texts)}}}'


def _rows(matrix: Matrix, numbers: array[float]) -> Iterator[str]:
    for index in range(matrix.height):
        row = matrix.rows.get(index)
        if row is not None and row.part.is_whole:
            yield _numbers_text(row.take(numbers))
            continue
        texts = ["null"] * matrix.width
        if row is not None:
            for column, one in zip(row.part.columns, row.take(numbers), strict=True):
                texts[column] = "null" if isnan(one) else repr(one)
        yield f"[{', '.join(texts)}]"


def _frozen(matrix: Matrix, frozen: frozenset[int]) -> list[list[int]]:
    """Return the columns of the weights that do not learn, row by row; nothing if there are none."""
    found: list[list[int]] = [[] for _ in range(matrix.height if frozen else 0)]
    for index, (start, part) in matrix.rows.items() if frozen else ():
        pairs = zip(part.columns, part.offsets, strict=True)
        found[index] = sorted(column for column, offset in pairs if start + offset in frozen)
    return found if any(found) else []


def _samples(plan: _Plan, snapshot: Snapshot) -> Iterator[str]:
    for zs, values in zip(snapshot.zs, snapshot.values, strict=True):
        pairs = [f"[{z!r}, {value!r}]" for z, value in zip(zs, values, strict=True)]
        layers = (
            f'{{"layer": {layer}, "pairs": [{", ".join(part)}]}}' for layer, part in plan.by_layer(pairs)
        )
        yield f"[{', '.join(layers)}]"


# reading


def from_json(path: str | os.PathLike[str], formulas: Iterable[Any] = ()) -> History:
    """Read a history from a file that `History.to_json` wrote.

    Nothing in the file is executed, and memory is taken only for what is really there.

    Parameters
    ----------
    path : str or path-like
        The file, compressed or not.
    formulas : iterable of formulas
        Your own ones that the training used.

    Returns
    -------
    History
        The same history, to the last bit; without a net, which `history.at(step).restore()` gives.

    Raises
    ------
    FormatError
        If the file does not hold a training; the message says what is wrong and where, as in
        `training.json, training_states[3].synapses[0].weights[7][2]`.
    FileError
        If it cannot be read; an OSError too, and a FileNotFoundError where there is none.
    """
    own = list(formulas)
    with reading(path) as stream:
        return _Loading(stream, own).history()


@dataclass
class _Neurons:
    """What is said of the input or the output neurons: the watched samples, column by column."""

    name: str
    where: str = ""
    ids: list[tuple[int | None, int]] = field(default_factory=list)
    columns: list[array[float]] = field(default_factory=list)

    def add(self, line: dict[str, Any], where: str) -> None:
        layer = line["layer"]
        if layer is not None:
            integer(layer, f"{where}.layer")
        least = self.ids[-1][1] + 1 if self.ids else 0
        self.ids.append((layer, integer(line["id"], f"{where}.id", least)))
        values = listed(line[self.name], f"{where}.{self.name}")
        size = len(self.columns[0]) if self.columns else len(values)
        self.columns.append(numbers(values, f"{where}.{self.name}", size))
        if len(self.ids) > MOST_NEURONS:
            raise FormatError(f"{where}: expected at most {MOST_NEURONS} neurons, found more")

    def samples(self, count: int, graph: Graph | None, layer: int) -> list[list[float]]:
        """Return them sample by sample, if they are the neurons of that layer of the graph."""
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


class _Loading:
    """One reading of a training file."""

    def __init__(self, stream: JsonStream, formulas: list[Any]) -> None:
        self.stream, self.name, self.formulas = stream, stream.name, formulas
        self.head: dict[str, Any] = {}
        self.loss: list[float] = []
        self.accuracy: list[float] = []
        self.epochs: list[EpochRecord] = []
        self.snapshots: list[Snapshot] = []
        self.inputs, self.targets = _Neurons("values"), _Neurons("targets")
        self.plan: _Plan | None = None  # of the last state

    def history(self) -> History:
        """Read all of it."""
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
        mapping(found | self.head, self.name, KEYS)
        return History(
            **{key: self.head[key] for key in KINDS if key != "labels"},
            loss=self.loss,
            accuracy=self.accuracy,
            epochs=self.epochs,
            snapshots=self.snapshots,
            watch=self._watch(),
            formulas=self.formulas,
        )

    def _take_head(self, key: str) -> None:
        if key not in KEYS:
            if self.head.get("format") != FORMAT:
                self._fail_format(f"the key {shown(key)}")
            fail(self.name, f"only the keys {', '.join(KEYS)}", key)
        where = f"{self.name}, {key}"
        value = self.head[key] = self.stream.value(where)
        if key == "format" and value != FORMAT:
            self._fail_format(shown(value))
        if key == "version" and integer(value, where, 1) > VERSION:
            raise FormatError(
                f"{where}: this file is of version {shown(value)} and slownet {__version__} reads up to "
                f"{VERSION}: a newer slownet reads it"
            )
        if key == "slownet":
            text(value, where)
        if key in KINDS:
            if type(value) not in KINDS[key]:
                fail(where, " or ".join(NAMES[kind] for kind in KINDS[key]), value)
            check_finite(value, where)
            self._check_head(key, value, where)

    def _check_head(self, key: str, value: Any, where: str) -> None:
        if key == "start":
            integer(value, where)
        elif key == "target_kind" and value not in TARGETS:
            fail(where, f"one of {', '.join(TARGETS)}", value)
        elif key == "classes":
            labels_from_plain(value, where)
        elif key == "parent" and value is not None:
            text(mapping(value, where, ("id", "step"))["id"], f"{where}.id")
            integer(value["step"], f"{where}.step")
        elif key == "versions":
            for name, version in value.items():
                text(version, f"{where}.{shown(name)[1:-1]}")
        elif key == "labels":
            for place, label in enumerate(value):
                for part in label if isinstance(label, list) else [label]:
                    if isinstance(part, (list, dict)):
                        fail(f"{where}[{place}]", "texts and numbers", part)

    def _fail_format(self, found: str) -> NoReturn:
        raise FormatError(f'{self.name}: expected a training, with "format": "{FORMAT}", found {found}')

    def _check_order(self, key: str) -> None:
        """Make sure that what a list is checked against stands before it."""
        for needed in {"steps": ("start",), "training_states": ("start", "labels")}.get(key, ()):
            if needed not in self.head:
                raise FormatError(f"{self.name}: expected {needed!r} before {key!r}")

    def _steps(self, where: str) -> None:
        line = mapping(self.stream.value(where), where, ("first", "loss"), ("accuracy",))
        expected = self.head["start"] + len(self.loss) + 1
        integer(line["first"], f"{where}.first", expected, expected)
        losses = listed(line["loss"], f"{where}.loss")
        if self.loss and ("accuracy" in line) != bool(self.accuracy):
            raise FormatError(f"{where}: expected the key 'accuracy' for all steps or for none")
        if "accuracy" in line:
            self.accuracy += numbers(line["accuracy"], f"{where}.accuracy", len(losses))
        self.loss += numbers(losses, f"{where}.loss", len(losses))

    def _epoch(self, where: str) -> None:
        names = tuple(EpochRecord.__dataclass_fields__)
        line = mapping(self.stream.value(where), where, names)
        last = self.epochs[-1] if self.epochs else None
        integer(line["epoch"], f"{where}.epoch", last.epoch + 1 if last else 0)
        integer(line["step"], f"{where}.step", last.step + 1 if last else 0)
        for name in names[2:]:
            if line[name] is not None or name in ("loss", "seconds"):
                line[name] = number(line[name], f"{where}.{name}")
        self.epochs.append(EpochRecord(**line))

    def _neuron(self, neurons: _Neurons, where: str) -> None:
        line = mapping(self.stream.value(where), where, ("layer", "id", neurons.name))
        neurons.add(line, where)

    def _watch(self) -> Watch:
        labels = self.head["labels"]
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
        state = _State(self.stream, where, len(self.head["labels"]), self.formulas)
        if last is not None:
            state.graph, state.plan = last.graph, self.plan
        self.snapshots.append(state.snapshot(last.step + 1 if last else self.head["start"]))
        self.plan = state.plan


class _State:
    """The reading of one state."""

    def __init__(self, stream: JsonStream, where: str, watched: int, formulas: list[Any]) -> None:
        self.stream, self.where, self.watched, self.formulas = stream, where, watched, formulas
        self.graph: Graph | None = None
        self.plan: _Plan | None = None
        self.make_graph: Callable[[], Graph] | None = None
        self.head: dict[str, Any] = {}
        self.rows: dict[str, list[tuple[Row, array[float]]]] = {"weights": [], "first": [], "second": []}
        self.neurons: dict[str, array[float]] = {}  # biases, and what is remembered of them
        self.frozen: set[int] = set()
        self.zs: list[array[float]] = []
        self.values: list[array[float]] = []

    def snapshot(self, least: int) -> Snapshot:
        """Read all of it; its step must be at least that one."""
        takes = {"layers": self._layers, "synapses": self._synapses, "neurons": self._neurons}
        found: dict[str, Any] = {}
        for key in self.stream.members(self.where):
            here = f"{self.where}.{shown(key)[1:-1]}"
            if key == "graph":
                if found:
                    raise FormatError(f"{here}: expected it before {', '.join(found)}")
                self._read_graph(here)
            elif key in takes:
                found[key] = None
                if self.plan is None:
                    raise FormatError(f"{self.where}: expected 'graph' before {key!r}")
                takes[key](self.plan, here)
            elif key in STATE:
                self.head[key] = self.stream.value(here)
            else:
                fail(self.where, f"only the keys graph, {', '.join((*STATE, *takes))}", key)
        mapping(found | self.head, self.where, (*STATE, *takes))
        step, epoch, loss, accuracy, lost, right = (self._head(name, least) for name in STATE)
        weights, first, second = self._numbers(cast(_Plan, self.plan))
        if self.make_graph is not None:  # only now: a short text can ask for billions of weights
            self.graph = self.make_graph()
        return Snapshot(
            step,
            epoch,
            cast(Graph, self.graph),
            weights,
            self.neurons["biases"],
            self.zs,
            self.values,
            loss,
            accuracy,
            TrainingState(frozenset(self.frozen), first, second, lost, right),
        )

    def _head(self, name: str, least: int) -> Any:
        value, where = self.head[name], f"{self.where}.{name}"
        if name in ("step", "right"):
            return integer(value, where, least if name == "step" else 0)
        return None if value is None and name.startswith("watch") else number(value, where)

    def _read_graph(self, where: str) -> None:
        reader = GraphReader(where, self.formulas)
        self.make_graph = partial(reader.graph, read_graph(self.stream, reader, where))
        layers = list(reader.neurons)
        if len(layers) < 2:
            raise FormatError(f"{where}.layers: expected at least two layers, found {len(layers)}")
        self.plan = _Plan({layer: len(rows) for layer, rows in layers[1:]}, *matrices(layers))

    def _layers(self, plan: _Plan, where: str) -> None:
        for here, (layer, size) in self._each(where, list(plan.sizes.items()), "layers"):
            line = mapping(self.stream.value(here), here, ("id", "biases"), MEMORY)
            integer(line.pop("id"), f"{here}.id", layer, layer)
            if self.neurons and line.keys() != self.neurons.keys():
                raise FormatError(f"{here}: expected the same keys as before: {', '.join(self.neurons)}")
            for name, values in line.items():
                read = numbers if name == "biases" else numbers_or_nulls
                self.neurons.setdefault(name, array("d")).extend(read(values, f"{here}.{name}", size))

    def _synapses(self, plan: _Plan, where: str) -> None:
        missing = dict(plan.matrices)
        for here in self.stream.items(where):
            matrix = None
            for key in self.stream.members(here):
                there = f"{here}.{shown(key)[1:-1]}"
                if key == "between":
                    ends = self.stream.value(there)
                    known = type(ends) is list and list(map(type, ends)) == [int, int]
                    matrix = missing.pop(tuple(ends), None) if known else None
                    if matrix is None:
                        fail(there, f"two layers with weights between, as {shown([*missing])}", ends)
                elif matrix is None:
                    raise FormatError(f"{here}: expected 'between' before {shown(key)}")
                elif key == "frozen":
                    self._read_frozen(matrix, there)
                elif key in self.rows:
                    self._read_rows(matrix, key, there)
                else:
                    fail(here, f"only the keys between, frozen, {', '.join(self.rows)}", key)
        if missing:
            raise FormatError(f"{where}: expected weights between the layers {min(missing)} too")

    def _read_rows(self, matrix: Matrix, name: str, where: str) -> None:
        for here, index in self._each(where, range(matrix.height), "rows"):
            found = numbers_or_nulls(self.stream.value(here), here, matrix.width)
            row = matrix.rows.get(index)
            taken = row.part.select(found) if row else array("d")
            if taken is not found and _known(taken) < _known(found):
                raise FormatError(f"{here}: expected null wherever there is no weight")
            if name == "weights" and _known(taken) < len(taken):
                raise FormatError(f"{here}: expected a number for each of {len(taken)} weights")
            if row is not None:
                self.rows[name].append((row, taken))

    def _read_frozen(self, matrix: Matrix, where: str) -> None:
        for here, index in self._each(where, range(matrix.height), "rows"):
            columns = ascending(self.stream.value(here), here, matrix.width)
            row = matrix.rows.get(index)
            offsets = dict(zip(row.part.columns, row.part.offsets, strict=True)) if row else {}
            for place, column in enumerate(columns):
                if row is None or column not in offsets:
                    fail(f"{here}[{place}]", "the column of a weight", column)
                self.frozen.add(row.start + offsets[column])

    def _neurons(self, plan: _Plan, where: str) -> None:
        sizes = list(plan.sizes.items())
        for here, _ in self._each(where, range(self.watched), "watched samples"):
            layers = listed(self.stream.value(here), here)
            if len(layers) != len(sizes):
                raise FormatError(f"{here}: expected {len(sizes)} layers, found {len(layers)}")
            zs, values = array("d"), array("d")
            for place, (layer, size) in enumerate(sizes):
                there = f"{here}[{place}]"
                line = mapping(layers[place], there, ("layer", "pairs"))
                integer(line["layer"], f"{there}.layer", layer, layer)
                pairs = _pairs(line["pairs"], f"{there}.pairs", size)
                zs.extend(pairs[0::2])
                values.extend(pairs[1::2])
            self.zs.append(zs)
            self.values.append(values)

    def _each(self, where: str, wanted: Sequence[T], what: str) -> Iterator[tuple[str, T]]:
        """Walk a list; yield where each item stands, and what it should be."""
        count = 0
        for here in self.stream.items(where):
            if count == len(wanted):
                raise FormatError(f"{where}: expected {len(wanted)} {what}, found more")
            yield here, wanted[count]
            count += 1
        if count < len(wanted):
            raise FormatError(f"{where}: expected {len(wanted)} {what}, found {count}")

    def _numbers(self, plan: _Plan) -> tuple[array[float], array[float] | None, array[float] | None]:
        """Return the weights and what the optimizer remembers, in the order of a snapshot."""
        rows = sum(len(matrix.rows) for matrix in plan.matrices.values())
        found: dict[str, array[float]] = {}
        for name, parts in self.rows.items():
            wanted = rows if name == "weights" or name in self.neurons else 0
            if len(parts) != wanted:
                told = "all" if wanted else "none"
                raise FormatError(f"{self.where}: expected {name!r} in {told} of synapses and layers")
            if name == "weights" or wanted or name in self.neurons:
                found[name] = array("d", bytes(8 * plan.weight_count))
                for row, taken in parts:
                    row.put(found[name], taken)
        if ("first" in found) != ("second" in found):
            raise FormatError(f"{self.where}: expected 'first' and 'second', or none of them")
        if "first" not in found:
            return found["weights"], None, None
        for name in MEMORY:
            found[name].extend(self.neurons[name])
        first, second = (found[name] for name in MEMORY)
        if list(map(isnan, first)) != list(map(isnan, second)):
            raise FormatError(f"{self.where}: expected null at the same places of 'first' and 'second'")
        return found["weights"], first, second


def _known(numbers: array[float]) -> int:
    return len(numbers) - sum(map(isnan, numbers))


def _pairs(value: object, where: str, size: int) -> array[float]:
    """Return so many pairs of finite numbers, one after the other."""
    found = listed(value, where)
    if len(found) != size:
        raise FormatError(f"{where}: expected {size} neurons, found {len(found)}")
    if set(map(type, found)) <= {list} and set(map(len, found)) <= {2}:
        flat = list(chain.from_iterable(found))
        if set(map(type, flat)) <= {float} and all(map(isfinite, flat)):
            return array("d", flat)
    return array("d", chain(*(numbers(pair, f"{where}[{k}]", 2) for k, pair in enumerate(found))))
