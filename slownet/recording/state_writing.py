"""The states of a training as lines of JSON: the snapshots of its history, row by row."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from math import isfinite, isinf, isnan

from slownet.recording.graph import Graph
from slownet.recording.graph_writing import head_to_plain, layer_lines
from slownet.recording.json_text import fail_number, items, json_text, to_text
from slownet.recording.matrices import StateLayout, WeightMatrix
from slownet.recording.snapshot import Snapshot, TrainingState
from slownet.recording.tables import SNAPSHOT, STATE

STATE_HEAD = {  # keys of a state beside its graph and lists
    name: kept for name, kept in (SNAPSHOT | STATE).items() if kept.is_number and name != "graph"
}
MEMORY = ("first", "second")  # the optimizer's numbers


def _graph_lines(graph: Graph) -> Iterator[str]:
    yield f',\n   "graph": {to_text(head_to_plain(graph))[:-1]}, "layers": [\n'
    yield from layer_lines(graph, "    ")
    yield "   ]}"


def state_lines(snapshot: Snapshot, layout: StateLayout, with_graph: bool) -> Iterator[str]:
    """Yield the lines of one state."""
    _check_numbers(snapshot)
    state = snapshot.state or TrainingState()
    head = {name: getattr(snapshot if name in SNAPSHOT else state, name) for name in STATE_HEAD}
    columns = {"weights": snapshot.weights, "first": state.first, "second": state.second}
    known = {name: column for name, column in columns.items() if column is not None}
    yield f"  {json_text(head, f'the snapshot of step {snapshot.step}')[:-1]}"
    if with_graph:
        yield from _graph_lines(snapshot.graph)
    yield ',\n   "layers": ['
    yield from items(_layers(layout, snapshot.biases, known, state.frozen), "    ")
    yield '],\n   "synapses": ['
    mark = "\n"
    for layers, matrix in layout.matrices.items():
        yield f'{mark}    {{"between": {list(layers)}'
        for name, column in known.items():
            yield f',\n     "{name}": ['
            yield from items(_rows(matrix, column), "      ")
            yield "]"
        if frozen := _frozen(matrix, state.frozen):
            yield f',\n     "frozen": {frozen}'
        yield "}"
        mark = ",\n"
    yield '],\n   "neurons": ['
    yield from items(_samples(layout, snapshot), "    ")
    yield "]}"


def _check_numbers(snapshot: Snapshot) -> None:
    """Refuse numbers that JSON cannot hold; nan is allowed where the optimizer has no number."""
    where = f"the snapshot of step {snapshot.step}"
    for name in ("weights", "biases"):
        if not all(map(isfinite, getattr(snapshot, name))):
            fail_number(f"{where}, {name}")
    if not all(map(isfinite, chain(*snapshot.zs, *snapshot.values))):
        fail_number(f"{where}, neurons")
    for column in (snapshot.state.first, snapshot.state.second) if snapshot.state else ():
        if any(map(isinf, column or ())):
            fail_number(f"{where}, what the optimizer remembers")


def _numbers_text(numbers: Iterable[float]) -> str:
    return f"[{', '.join(map(float.__repr__, numbers))}]".replace("nan", "null")


def _layers(
    layout: StateLayout,
    biases: array[float],
    known: Mapping[str, array[float]],
    frozen: frozenset[int],
) -> Iterator[str]:
    marks = [layout.weight_count + place in frozen for place in range(len(biases))]
    memory = {name: known[name][layout.weight_count :] for name in MEMORY if name in known}
    parts = [dict(layout.by_layer(numbers)) for numbers in (biases, *memory.values())]
    marked = dict(layout.by_layer(marks))
    for layer in layout.sizes:
        named = zip(("biases", *memory), parts, strict=True)
        texts = (f', "{name}": {_numbers_text(part[layer])}' for name, part in named)
        places = [place for place, mark in enumerate(marked[layer]) if mark]
        held = f', "frozen": {places}' if places else ""
        yield f'{{"id": {layer}{"".join(texts)}{held}}}'


def _rows(matrix: WeightMatrix, numbers: array[float]) -> Iterator[str]:
    for index in range(matrix.height):
        row = matrix.rows.get(index)
        if row is not None and row.layout.is_whole:
            yield _numbers_text(row.take(numbers))
            continue
        texts = ["null"] * matrix.width
        if row is not None:
            for column, one in zip(row.layout.columns, row.take(numbers), strict=True):
                texts[column] = "null" if isnan(one) else repr(one)
        yield f"[{', '.join(texts)}]"


def _frozen(matrix: WeightMatrix, frozen: frozenset[int]) -> list[list[int]]:
    """Return the columns of the frozen weights, row by row; an empty list if there are none."""
    found: list[list[int]] = [[] for _ in range(matrix.height if frozen else 0)]
    for index, (start, layout) in matrix.rows.items() if frozen else ():
        pairs = zip(layout.columns, layout.offsets, strict=True)
        found[index] = sorted(column for column, offset in pairs if start + offset in frozen)
    return found if any(found) else []


def _samples(layout: StateLayout, snapshot: Snapshot) -> Iterator[str]:
    for zs, values in zip(snapshot.zs, snapshot.values, strict=True):
        pairs = [f"[{z!r}, {value!r}]" for z, value in zip(zs, values, strict=True)]
        layers = (
            f'{{"layer": {layer}, "pairs": [{", ".join(part)}]}}'
            for layer, part in layout.by_layer(pairs)
        )
        yield f"[{', '.join(layers)}]"
