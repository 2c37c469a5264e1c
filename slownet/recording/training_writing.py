"""Writing of training files. README.md shows one, `schemas/training.schema.json` describes them.

A line has one row of a matrix, one watched sample or a range of steps.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, cast

from slownet.errors import InvalidValueError
from slownet.recording.facts import facts_of
from slownet.recording.graph import Graph
from slownet.recording.graph_writing import labels_to_plain
from slownet.recording.history import History
from slownet.recording.json_head import head_of
from slownet.recording.json_text import items, json_text
from slownet.recording.matrices import StateLayout
from slownet.recording.sharing import shareable
from slownet.recording.state_writing import state_lines

FORMAT = "slownet training"
VERSION = 1
AT_ONCE = 10_000  # steps on a line


@contextmanager
def packed(path: Path, file: BinaryIO) -> Iterator[BinaryIO]:
    """Compress what is written to a file if its name ends in `.gz`."""
    if path.suffix != ".gz":
        yield file
        return
    # no name and no time: the same training gives the same file
    with gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as stream:
        yield cast(BinaryIO, stream)


def training_lines(history: History) -> Iterator[str]:
    """Yield the lines of a training file."""
    head = head_of(FORMAT, VERSION) | facts_of(history) | {"classes": labels_to_plain(history.classes)}
    head |= {"labels": history.watch.labels, "source": shareable(history.source)}
    yield "{\n"
    for key, value in head.items():
        yield f' "{key}": {json_text(value, key)},\n'
    yield from _list("steps", map(json_text, _steps(history)))
    yield from _list("epochs", (json_text(asdict(one), f"epoch {one.epoch}") for one in history.epochs))
    graph = history.snapshots[0].graph if history.snapshots else None
    yield from _list("input_neurons", _watched(graph, 0, "values", history.watch.samples))
    yield ' "training_states": ['
    layout, mark = None, "\n"
    for snapshot in history.snapshots:
        changed = layout is None or snapshot.graph is not graph
        if layout is None or changed:
            graph, layout = snapshot.graph, StateLayout.of_graph(snapshot.graph)
        yield mark
        yield from state_lines(snapshot, layout, changed)
        mark = ",\n"
    yield "\n ],\n"
    yield from _list("output_neurons", _watched(graph, -1, "targets", history.watch.targets), "\n")
    yield "}\n"


def _list(name: str, lines: Iterable[str], end: str = ",\n") -> Iterator[str]:
    yield f' "{name}": ['
    yield from items(lines, "  ")
    yield f"\n ]{end}"


def _steps(history: History) -> Iterator[dict[str, Any]]:
    steps = len(history.steps)
    for name, numbers in {"loss": history.loss, "accuracy": history.accuracy or history.loss}.items():
        if len(numbers) != steps:
            raise InvalidValueError(
                f"history.{name} has {len(numbers)} numbers for {steps} steps: it has been changed"
            )
    for begin in range(0, len(history.loss), AT_ONCE):
        part = slice(begin, begin + AT_ONCE)
        line: dict[str, Any] = {"first": history.start + begin + 1, "loss": history.loss[part]}
        if history.accuracy:
            line["accuracy"] = history.accuracy[part]
        yield line


def _watched(
    graph: Graph | None, layer: int, name: str, rows: Sequence[Sequence[float]]
) -> Iterator[str]:
    """Yield the numbers of the watched samples for each neuron of the first or the last layer."""
    if graph is None:  # no state was kept that has the ids of the neurons
        ids: list[tuple[int | None, int]] = [
            (None, place) for place in range(len(rows[0]) if rows else 0)
        ]
    else:
        found = list(graph.layers.values())[layer]
        ids = [(found.id, neuron) for neuron in found.neurons]
    for place, (layer_id, neuron) in enumerate(ids):
        column = [row[place] for row in rows]
        yield json_text({"layer": layer_id, "id": neuron, name: column}, name)
