"""Sweep files: SQLite databases with a row for each task, which the caller of `train_many` writes.

Every row has a checksum, and nothing in a file is ever executed.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import astuple, fields
from math import isnan, nan
from pathlib import Path
from typing import Any

from slownet.errors import FormatError, RecordingError, SlownetError
from slownet.many.running import Result
from slownet.many.task import Task
from slownet.recording import EpochRecord, History, Snapshot, TrainingState, database, tables
from slownet.recording.database import SWEEP_APPLICATION as APPLICATION
from slownet.recording.facts import ADDED, FACTS, check_fact
from slownet.recording.field_types import JSON, NUMBERS, REAL, TEXT, types_of
from slownet.recording.graph_reading import graph_from_plain
from slownet.recording.graph_writing import graph_to_plain
from slownet.recording.json_values import any_mapping, ascending
from slownet.recording.sqlite import sqlite3
from slownet.recording.sqlite_errors import run_file_errors

VERSION = 1
EPOCH = [each.name for each in fields(EpochRecord)]
OPTIONAL = [name for name, kind in types_of(EpochRecord).items() if kind.is_optional]
OPTIONAL_JSON, OPTIONAL_NUMBERS = JSON._replace(is_optional=True), NUMBERS._replace(is_optional=True)
# columns before the checksum; those from facts on are of the history, and NULL where there is none
COLUMNS = {
    "task": TEXT,
    "description": JSON,
    "settings": JSON,
    "error": TEXT._replace(is_optional=True),
    "seconds": REAL,
    "facts": OPTIONAL_JSON,
    "loss": OPTIONAL_NUMBERS,
    "accuracy": OPTIONAL_NUMBERS,
    "epochs": OPTIONAL_NUMBERS,
    "graph": OPTIONAL_JSON,
    "weights": OPTIONAL_NUMBERS,
    "biases": OPTIONAL_NUMBERS,
    "frozen": types_of(TrainingState)["frozen"]._replace(is_optional=True),
}
TABLE = ", ".join(
    f'"{name}" {column.sql}{"" if column.is_optional else " NOT NULL"}'
    for name, column in COLUMNS.items()
).replace("NOT NULL", "PRIMARY KEY NOT NULL", 1)
CREATE = f"CREATE TABLE trainings ({TABLE}, crc32 INTEGER NOT NULL)"
NAMES = ", ".join([f'"{name}"' for name in COLUMNS] + ["crc32"])
SELECT = f"SELECT {NAMES} FROM trainings ORDER BY task"  # noqa: S608  constants
MARKS = ", ".join("?" * (len(COLUMNS) + 1))
INSERT = f"INSERT OR REPLACE INTO trainings ({NAMES}) VALUES ({MARKS})"  # noqa: S608
Row = dict[str, Any]


class SweepFile:
    """A sweep file that is open for writing; no other process can write it meanwhile.

    Parameters
    ----------
    path : Path
        The file, a new one or one to go on with.

    Raises
    ------
    FormatError
        If there is another file.
    FileError
        If it cannot be written.
    RecordingError
        If another process writes it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            _create(path)
        with run_file_errors(path, "be written"):
            database.check_size(path)
            self._connection = database.connect(path, "rw")
            try:
                _check(self._connection)
                self._connection.execute("PRAGMA synchronous = FULL")
                database.lock_for_writing(self._connection, path)
            except BaseException:
                self.close()
                raise

    def results(self) -> list[tuple[Task, Result]]:
        """Return the tasks that it holds, and what became of them."""
        with run_file_errors(self.path, "be read"):
            return list(_results(self._connection))

    def add(self, done: Iterable[tuple[Task, Result]]) -> None:
        """Write results, all of them or none."""
        rows = [_stored(task, result) for task, result in done]
        with run_file_errors(self.path, "be written"):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany(INSERT, rows)
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Release the lock, and close."""
        self._connection.close()


def _create(path: Path) -> None:
    """Make a new sweep file; where that fails, nothing is left."""
    with run_file_errors(path, "be made"):
        path.open("x").close()
        try:
            database.discard_beside(path)  # of a sweep that was moved or removed
            with closing(database.connect(path, "rw")) as connection:
                connection.executescript(
                    f"BEGIN; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; "
                    f"{CREATE}; COMMIT;"
                )
            database.sync_folder(path)
        except BaseException:
            database.discard(path)
            raise


@contextmanager
def writing(path: Path | None, tasks: Iterable[Task]) -> Iterator[SweepFile | None]:
    """Open a sweep file for these tasks; None without a path.

    Raises
    ------
    ValueError
        If a task has formulas of the user's own, of which a file knows the names only.
    """
    if path is None:
        yield None
        return
    for task in tasks:
        for formula in task.own_formulas:
            raise RecordingError(
                f"a sweep file knows formulas by their names only, and {formula.name!r} is your own, "
                "which may compute something else tomorrow: leave out into, or take a built-in formula"
            )
    with closing(SweepFile(path)) as file:
        yield file


def read(path: Path) -> list[tuple[Task, Result]]:
    """Return the tasks in a sweep file and what became of them, also while another process writes it."""
    with (
        run_file_errors(path, "be read"),
        closing(database.open_for_reading(path, _check)[0]) as connection,
    ):
        return list(_results(connection))


def _check(connection: sqlite3.Connection) -> int:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application == database.APPLICATION:
        raise FormatError("it is a run of slownet, and no sweep: choose another file")
    if application != APPLICATION:
        raise FormatError("it is an SQLite database, but no sweep of slownet")
    if version != VERSION:
        raise FormatError(f"it is of version {version}, and this slownet reads version {VERSION}")
    found = connection.execute("SELECT type, sql FROM sqlite_master WHERE type != 'index'").fetchall()
    if found != [("table", CREATE)]:
        raise FormatError("expected one table of trainings and nothing else")
    return VERSION


# rows


def _stored(task: Task, result: Result) -> tuple[Any, ...]:
    """Return the stored values of a row, and their checksum."""
    row: Row = dict.fromkeys(COLUMNS) | {
        "task": task.key,
        "description": task.plain,
        "settings": dict(task.settings),
        "error": result.error,
        "seconds": result.seconds,
    }
    if result.history is not None:
        row |= _history_to_row(result.history)
    values = {name: column.write_sql(row[name]) for name, column in COLUMNS.items()}
    return (*values.values(), tables.crc32(values))


def _history_to_row(history: History) -> Row:
    net = history.snapshots[-1]
    numbers = (value for record in history.epochs for value in astuple(record))
    return {
        "facts": {name: getattr(history, name) for name in FACTS},
        "loss": history.loss,
        "accuracy": history.accuracy,
        "epochs": array("d", [nan if value is None else value for value in numbers]),
        "graph": graph_to_plain(net.graph),
        "weights": net.weights,
        "biases": net.biases,
        "frozen": net.state.frozen if net.state else frozenset(),
    }


def _results(connection: sqlite3.Connection) -> Iterator[tuple[Task, Result]]:
    for found in connection.execute(SELECT):
        where = f"trainings, task {str(found[0])[:12]}"
        values = dict(zip(COLUMNS, found, strict=False))
        if tables.crc32(values) != found[-1]:
            raise FormatError(f"{where}: its checksum is not that of its values: the file is damaged")
        row = {
            name: column.read_sql(values[name], f"{where}, {name}") for name, column in COLUMNS.items()
        }
        task = _task(row, where)
        history = None if row["facts"] is None else _history(row, where)
        yield task, Result(task.key, history, row["error"], row["seconds"])


def _task(row: Row, where: str) -> Task:
    settings = any_mapping(row["settings"], f"{where}, settings")
    try:
        task = Task.from_plain(row["description"], settings)
        plain = task.plain
    except SlownetError as error:
        raise FormatError(f"{where}, description: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"{where}, description: it is no task ({error})") from error
    if row["task"] != task.key and plain["arithmetic"] == row["description"].get("arithmetic"):
        raise FormatError(f"{where}: its key is not that of its description")
    return task


def _history(row: Row, where: str) -> History:
    facts: Mapping[str, Any] = ADDED | any_mapping(row["facts"], f"{where}, facts")
    for name in FACTS:
        if name not in facts:
            raise FormatError(f"{where}, facts: there is no {name}")
        check_fact(name, facts[name], f"{where}, facts, {name}")
    history = History(**{name: facts[name] for name in FACTS})
    history.add_steps(history.start + 1, row["loss"].tolist(), row["accuracy"].tolist())
    history.epochs = _epochs(row["epochs"].tolist(), where)
    history.snapshots = [_net(row, history, where)]
    return history


def _epochs(numbers: list[float], where: str) -> list[EpochRecord]:
    if len(numbers) % len(EPOCH):
        raise FormatError(f"{where}, epochs: expected {len(EPOCH)} numbers for each")
    records = []
    for first in range(0, len(numbers), len(EPOCH)):
        known = dict(zip(EPOCH, numbers[first : first + len(EPOCH)], strict=True))
        absent = {name: None for name in OPTIONAL if isnan(known[name])}
        whole = {name: int(known[name]) for name in ("epoch", "step")}
        records.append(EpochRecord(**(known | absent | whole)))  # type: ignore[arg-type]
    return records


def _net(row: Row, history: History, where: str) -> Snapshot:
    weights, biases = row["weights"], row["biases"]
    graph = graph_from_plain(row["graph"], f"{where}, graph", (), len(weights))
    if len(biases) != graph.neuron_count:
        raise FormatError(f"{where}, biases: expected {graph.neuron_count}, found {len(biases)}")
    frozen = ascending(row["frozen"], f"{where}, frozen", len(weights) + len(biases))
    state = TrainingState(frozenset(frozen))
    return Snapshot(history.last_step, float(len(history.epochs)), graph, weights, biases, state=state)
