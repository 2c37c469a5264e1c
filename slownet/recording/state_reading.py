"""Reading one state of a training file: a snapshot, row by row, every number checked."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from math import isfinite, isnan
from typing import Any, TypeVar, cast

from slownet.errors import FormatError
from slownet.recording.graph import Graph
from slownet.recording.graph_reading import GraphReader, read_graph
from slownet.recording.json_stream import JsonStream
from slownet.recording.json_values import (
    ascending,
    fail,
    integer,
    listed,
    mapping,
    numbers,
    numbers_or_nulls,
    short_text,
)
from slownet.recording.matrices import MatrixRow, StateLayout, WeightMatrix
from slownet.recording.snapshot import Snapshot, TrainingState
from slownet.recording.state_writing import MEMORY, STATE_HEAD
from slownet.recording.tables import STATE

T = TypeVar("T")


class StateReader:
    """Reads one state of a training file."""

    def __init__(self, stream: JsonStream, where: str, watched: int, formulas: list[Any]) -> None:
        self.stream, self.where, self.watched, self.formulas = stream, where, watched, formulas
        self.graph: Graph | None = None
        self.layout: StateLayout | None = None
        self.make_graph: Callable[[], Graph] | None = None
        self.head: dict[str, Any] = {}
        self.rows: dict[str, list[tuple[MatrixRow, array[float]]]] = {
            "weights": [],
            "first": [],
            "second": [],
        }
        self.neurons: dict[str, array[float]] = {}  # biases, and the optimizer's numbers for them
        self.frozen: set[int] = set()
        self.zs: list[array[float]] = []
        self.values: list[array[float]] = []

    def snapshot(self, least: int) -> Snapshot:
        """Read the state; its step must be at least `least`."""
        takes = {"layers": self._layers, "synapses": self._synapses, "neurons": self._neurons}
        found: dict[str, Any] = {}
        for key in self.stream.members(self.where):
            here = f"{self.where}.{short_text(key)[1:-1]}"
            if key == "graph":
                if found:
                    raise FormatError(f"{here}: expected it before {', '.join(found)}")
                self._read_graph(here)
            elif key in takes:
                found[key] = None
                if self.layout is None:
                    raise FormatError(f"{self.where}: expected 'graph' before {key!r}")
                takes[key](self.layout, here)
            elif key in STATE_HEAD:
                self.head[key] = self.stream.value(here)
            else:
                fail(self.where, f"only the keys graph, {', '.join((*STATE_HEAD, *takes))}", key)
        mapping(found | self.head, self.where, (*STATE_HEAD, *takes))
        numbers = {name: self._head(name, least) for name in STATE_HEAD}
        weights, first, second = self._numbers(cast(StateLayout, self.layout))
        if self.make_graph is not None:  # after the weights were read: a short text can name billions
            self.graph = self.make_graph()
        state = {name: numbers.pop(name) for name in STATE if name in numbers}
        return Snapshot(
            graph=cast(Graph, self.graph),
            weights=weights,
            biases=self.neurons["biases"],
            zs=self.zs,
            values=self.values,
            state=TrainingState(frozenset(self.frozen), first, second, **state),
            **numbers,
        )

    def _head(self, name: str, least: int) -> Any:
        value, where = self.head[name], f"{self.where}.{name}"
        return (
            integer(value, where, least) if name == "step" else STATE_HEAD[name].read_json(value, where)
        )

    def _read_graph(self, where: str) -> None:
        reader = GraphReader(where, self.formulas)
        self.make_graph = partial(reader.graph, read_graph(self.stream, reader, where))
        layers = list(reader.neurons)
        if len(layers) < 2:
            raise FormatError(f"{where}.layers: expected at least two layers, found {len(layers)}")
        self.layout = StateLayout.of(layers)

    def _layers(self, layout: StateLayout, where: str) -> None:
        for here, (layer, size) in self._each(where, list(layout.sizes.items()), "layers"):
            line = mapping(self.stream.value(here), here, ("id", "biases"), (*MEMORY, "frozen"))
            integer(line.pop("id"), f"{here}.id", layer, layer)
            first = layout.weight_count + len(self.neurons.get("biases", ()))
            places = ascending(line.pop("frozen", []), f"{here}.frozen", size)
            self.frozen.update(first + place for place in places)
            if self.neurons and line.keys() != self.neurons.keys():
                raise FormatError(f"{here}: expected the same keys as before: {', '.join(self.neurons)}")
            for name, values in line.items():
                read = numbers if name == "biases" else numbers_or_nulls
                self.neurons.setdefault(name, array("d")).extend(read(values, f"{here}.{name}", size))

    def _synapses(self, layout: StateLayout, where: str) -> None:
        missing = dict(layout.matrices)
        for here in self.stream.items(where):
            matrix = None
            for key in self.stream.members(here):
                there = f"{here}.{short_text(key)[1:-1]}"
                if key == "between":
                    pair = self.stream.value(there)
                    is_pair = type(pair) is list and list(map(type, pair)) == [int, int]
                    matrix = missing.pop(tuple(pair), None) if is_pair else None
                    if matrix is None:
                        expected = f"two layers with weights between, as {short_text([*missing])}"
                        fail(there, expected, pair)
                elif matrix is None:
                    raise FormatError(f"{here}: expected 'between' before {short_text(key)}")
                elif key == "frozen":
                    self._read_frozen(matrix, there)
                elif key in self.rows:
                    self._read_rows(matrix, key, there)
                else:
                    fail(here, f"only the keys between, frozen, {', '.join(self.rows)}", key)
            if matrix is None:
                raise FormatError(f"{here}: expected the key 'between', found none")
        if missing:
            raise FormatError(f"{where}: expected weights between the layers {min(missing)} too")

    def _read_rows(self, matrix: WeightMatrix, name: str, where: str) -> None:
        for here, index in self._each(where, range(matrix.height), "rows"):
            found = numbers_or_nulls(self.stream.value(here), here, matrix.width)
            row = matrix.rows.get(index)
            taken = row.layout.select(found) if row else array("d")
            if taken is not found and _count_known(taken) < _count_known(found):
                raise FormatError(f"{here}: expected null wherever there is no weight")
            if name == "weights" and _count_known(taken) < len(taken):
                raise FormatError(f"{here}: expected a number for each of {len(taken)} weights")
            if row is not None:
                self.rows[name].append((row, taken))

    def _read_frozen(self, matrix: WeightMatrix, where: str) -> None:
        for here, index in self._each(where, range(matrix.height), "rows"):
            columns = ascending(self.stream.value(here), here, matrix.width)
            row = matrix.rows.get(index)
            offsets = dict(zip(row.layout.columns, row.layout.offsets, strict=True)) if row else {}
            for place, column in enumerate(columns):
                if row is None or column not in offsets:
                    fail(f"{here}[{place}]", "the column of a weight", column)
                self.frozen.add(row.start + offsets[column])

    def _neurons(self, layout: StateLayout, where: str) -> None:
        sizes = list(layout.sizes.items())
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
        """Iterate over a list; yield the place of each item, and the entry of `wanted` it belongs to."""
        count = 0
        for here in self.stream.items(where):
            if count == len(wanted):
                raise FormatError(f"{where}: expected {len(wanted)} {what}, found more")
            yield here, wanted[count]
            count += 1
        if count < len(wanted):
            raise FormatError(f"{where}: expected {len(wanted)} {what}, found {count}")

    def _numbers(
        self, layout: StateLayout
    ) -> tuple[array[float], array[float] | None, array[float] | None]:
        """Return the weights and the optimizer's state, in the order of a snapshot."""
        rows = sum(len(matrix.rows) for matrix in layout.matrices.values())
        found: dict[str, array[float]] = {}
        for name, parts in self.rows.items():
            wanted = rows if name == "weights" or name in self.neurons else 0
            if len(parts) != wanted:
                which = "all" if wanted else "none"
                raise FormatError(f"{self.where}: expected {name!r} in {which} of synapses and layers")
            if name == "weights" or wanted or name in self.neurons:
                found[name] = array("d", bytes(8 * layout.weight_count))
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


def _count_known(numbers: array[float]) -> int:
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
