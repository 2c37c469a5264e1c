"""Run files: SQLite databases of a training. README.md describes their tables."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from slownet.errors import FormatError
from slownet.recording.database import reading
from slownet.recording.facts import ADDED, FACTS, check_fact, check_labels, facts_of
from slownet.recording.graph import Graph
from slownet.recording.graph_reading import graph_from_plain
from slownet.recording.history import EpochRecord, History, Watch
from slownet.recording.json_values import any_mapping, ascending, fail, short_text
from slownet.recording.snapshot import Snapshot, TrainingState
from slownet.recording.tables import SNAPSHOT, STATE, keys, row, rows
from slownet.recording.versions import versions

if TYPE_CHECKING:
    import sqlite3

FORMAT = "slownet run"


# rows


def about(history: History) -> dict[str, Any]:
    """Return the contents of the table `run` at the beginning of a training."""
    created = datetime.now(UTC).isoformat(timespec="seconds")
    begun = {"created": created, "versions": versions(), "ended": None}
    return {"format": FORMAT, **facts_of(history), **begun}


def snapshot_row(snapshot: Snapshot, graph: int) -> dict[str, Any]:
    """Return a row of the tables `snapshots` and `state`; `graph` is the id of its graph."""
    state = snapshot.state or TrainingState()
    whole = {name: getattr(snapshot, name) for name in SNAPSHOT}
    return whole | {name: getattr(state, name) for name in STATE} | {"graph": graph}


# reading


class Snapshots(Sequence[Snapshot]):
    """The snapshots of a run file; each is read when it is used.

    Parameters
    ----------
    path : Path
        The file.
    steps : list of int
        The steps of the snapshots.
    watched : int
        The number of watched samples.
    formulas : sequence
        The user's own formulas.
    table : str
        "snapshots", or "state" for the states to resume from.
    begin : tuple
        What `_begin` returns for that file.
    """

    def __init__(
        self,
        path: Path,
        steps: list[int],
        watched: int,
        formulas: Sequence[Any],
        table: str,
        begin: tuple[Any, ...],
    ) -> None:
        self.steps, self._begin = steps, begin
        self._path, self._watched, self._formulas, self._table = path, watched, formulas, table
        self._graphs: dict[int, Graph] = {}

    def __len__(self) -> int:
        return len(self.steps)

    @overload
    def __getitem__(self, index: int) -> Snapshot: ...
    @overload
    def __getitem__(self, index: slice) -> list[Snapshot]: ...
    def __getitem__(self, index: int | slice) -> Snapshot | list[Snapshot]:
        if isinstance(index, slice):
            return list(self._read(self.steps[index]))
        return next(self._read([self.steps[index]]))

    def __iter__(self) -> Iterator[Snapshot]:
        return self._read(self.steps)

    def _read(self, steps: Sequence[int]) -> Iterator[Snapshot]:
        with reading(self._path) as connection:
            created, losses = _begin(connection)
            if created != self._begin[0] or self._begin[1] not in (None, losses):
                raise FormatError("another run has taken its place since it was opened: open it again")
            for step in steps:
                yield self.read(connection, step)

    def read(self, connection: sqlite3.Connection, step: int) -> Snapshot:
        """Read the snapshot of a step through an open connection."""
        where, found = row(connection, self._table, step)
        found["graph"] = graph = self._graph(connection, found["graph"], len(found["weights"]))
        weights, neurons = graph.weight_count, graph.neuron_count
        sizes = {"weights": weights, "biases": neurons}
        sizes |= dict.fromkeys(("zs", "values"), neurons * self._watched)
        sizes |= dict.fromkeys(("first", "second"), weights + neurons)
        for name, size in sizes.items():
            if found[name] is not None:
                _check_size(found[name], size, f"{where}, {name}")
        for name in ("zs", "values"):
            numbers = found[name]
            found[name] = [numbers[at : at + neurons] for at in range(0, len(numbers), neurons)]
        found["frozen"] = frozenset(ascending(found["frozen"], f"{where}, frozen", weights + neurons))
        state = TrainingState(**{name: found[name] for name in STATE})
        return Snapshot(**{name: found[name] for name in SNAPSHOT}, state=state)

    def _graph(self, connection: sqlite3.Connection, graph_id: int, weights: int) -> Graph:
        if graph_id not in self._graphs:
            where, found = row(connection, "graphs", graph_id)
            graph = graph_from_plain(found["graph"], where, self._formulas, weights)
            self._graphs[graph_id] = graph
        return self._graphs[graph_id]


def read(path: Path, formulas: Sequence[Any] = ()) -> History:
    """Read the history in a run file; its snapshots are read when they are used."""
    with reading(path) as connection:
        known = ADDED | {found["name"]: found["value"] for _, found in rows(connection, "run")}
        _check_known(known)
        history = History(**{name: known[name] for name in FACTS}, path=path, formulas=list(formulas))
        counts = {"steps": _read_steps(connection, history)}
        history.epochs = _read_epochs(connection, history.start)
        history.watch = _read_watch(connection)
        steps, state = keys(connection, "snapshots"), keys(connection, "state")
        _check_steps([*steps, *state], history)
        watched = len(history.watch.samples)
        history.snapshots = Snapshots(path, steps, watched, formulas, "snapshots", _begin(connection))
        counts |= {"epochs": len(history.epochs), "watch": watched}
        counts |= {"snapshots": len(steps), "state": len(state)}
        for table, count in counts.items():
            if known["rows"].get(table) != count:
                expected = short_text(known["rows"].get(table))
                raise FormatError(
                    f"{table}: expected {expected} rows, found {count}: the file is damaged"
                )
    return history


def _begin(connection: sqlite3.Connection) -> tuple[Any, ...]:
    """Return when a run was begun, and its first losses or None, by which it is told from others."""
    found: tuple[Any, ...] = connection.execute(
        "SELECT (SELECT value FROM run WHERE name = 'created'), "
        "(SELECT substr(loss, 1, 800) FROM steps ORDER BY first LIMIT 1)"
    ).fetchone()
    return found


def _check_known(known: dict[str, Any]) -> None:
    """Check the contents of the table `run`."""
    if "format" not in known:
        raise FormatError(
            "it holds no training: it has just begun, or was stopped before its first commit"
        )
    for name in (*FACTS, "rows"):
        if name not in known:
            raise FormatError(f"run, {name}: there is none")
    if known["format"] != FORMAT:
        fail("run, format", repr(FORMAT), known["format"])
    any_mapping(known["rows"], "run, rows")
    for name in FACTS:
        check_fact(name, known[name], f"run, {name}")


def _read_steps(connection: sqlite3.Connection, history: History) -> int:
    expected, found = history.start + 1, 0
    for where, line in rows(connection, "steps"):
        if line["first"] != expected:
            raise FormatError(f"{where}: expected step {expected} here")
        _check_size(line["loss"], line["count"], where)
        _check_size(line["accuracy"], line["count"] if line["accuracy"] else 0, where)
        history.add_steps(expected, line["loss"], line["accuracy"])
        expected += line["count"]
        found += 1
    return found


def _check_size(numbers: array[float], size: int, where: str) -> None:
    if len(numbers) != size:
        raise FormatError(f"{where}: expected {size} float64 numbers, found {len(numbers)}")


def _read_epochs(connection: sqlite3.Connection, start: int) -> list[EpochRecord]:
    records = list[EpochRecord]()
    for where, found in rows(connection, "epochs"):
        expected = records[-1].epoch + 1 if records else 1
        if found["epoch"] != expected and (records or not start):
            raise FormatError(f"{where}: expected epoch {expected} here")
        records.append(EpochRecord(**found))
    return records


def _read_watch(connection: sqlite3.Connection) -> Watch:
    watch = Watch()
    for where, found in rows(connection, "watch"):
        watch.samples.append(found["inputs"].tolist())
        watch.targets.append(found["targets"].tolist())
        watch.labels.extend(check_labels([found["label"]], where))
    return watch


def _check_steps(steps: Sequence[int], history: History) -> None:
    for step in steps:
        if not history.start <= step <= history.last_step:
            last = history.last_step
            raise FormatError(f"snapshots, step {step}: the last step is {last}: the file is damaged")


def states(path: Path, formulas: Sequence[Any] = ()) -> list[Snapshot]:
    """Return the states to resume from: the first and the last."""
    with reading(path) as connection:
        steps = keys(connection, "state")
        kept = Snapshots(path, steps, 0, formulas, "state", _begin(connection))
        return [kept.read(connection, step) for step in steps]
