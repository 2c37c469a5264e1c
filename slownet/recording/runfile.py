"""The run file: an SQLite database that holds a whole training. README.md describes its tables."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import sys
import zlib
from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, overload

from slownet.errors import FormatError, InvalidValueError, RecordingError
from slownet.recording.graph import Graph
from slownet.recording.history import EpochRecord, History, Watch
from slownet.recording.plain import graph_from_plain
from slownet.recording.snapshot import Snapshot, TrainingState

APPLICATION = 0x736C6F77  # "slow": tells a run file from other SQLite files
FORMAT = "slownet run"
HEAD = b"SQLite format 3\0"
PAGE = 16384  # bytes: snapshots are long
PATIENCE = 5.0  # seconds to wait for another process that reads or writes

# version n of the schema is what the first n of these make; a file of an older one gets the rest
MIGRATIONS = (
    """
    CREATE TABLE run (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE graphs (id INTEGER PRIMARY KEY, graph TEXT NOT NULL);
    CREATE TABLE watch (sample INTEGER PRIMARY KEY, label TEXT NOT NULL, inputs BLOB NOT NULL,
        targets BLOB NOT NULL, crc32 INTEGER NOT NULL);
    CREATE TABLE steps (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, loss BLOB NOT NULL,
        accuracy BLOB NOT NULL, crc32 INTEGER NOT NULL);
    CREATE TABLE epochs (epoch INTEGER PRIMARY KEY, step INTEGER NOT NULL, loss REAL, accuracy REAL,
        validation_loss REAL, validation_accuracy REAL, seconds REAL NOT NULL);
    CREATE TABLE snapshots (step INTEGER PRIMARY KEY, epoch REAL NOT NULL,
        graph INTEGER NOT NULL REFERENCES graphs, weights BLOB NOT NULL, biases BLOB NOT NULL,
        zs BLOB NOT NULL, "values" BLOB NOT NULL, watch_loss REAL, watch_accuracy REAL,
        frozen TEXT NOT NULL, first BLOB, second BLOB, lost REAL NOT NULL, "right" INTEGER NOT NULL,
        crc32 INTEGER NOT NULL);
    """,
    """
    CREATE TABLE state AS SELECT * FROM snapshots WHERE 0;
    CREATE UNIQUE INDEX state_step ON state (step);
    """,
)
VERSION = len(MIGRATIONS)
SNAPSHOT = (
    'step, epoch, graph, weights, biases, zs, "values", watch_loss, watch_accuracy, frozen, first, '
    'second, lost, "right", crc32'
)
EPOCH = "epoch, step, loss, accuracy, validation_loss, validation_accuracy, seconds"


# opening


@contextmanager
def told(path: Path, doing: str) -> Iterator[None]:
    """Turn the errors of SQLite and of the operating system into one that says what is the matter."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise RecordingError(f"{path}: cannot {doing}: {_reason(error, path)}") from error


def _reason(error: Exception, path: Path) -> str:
    code = getattr(error, "sqlite_errorname", "") or ""
    if "BUSY" in code or "LOCKED" in code:
        return "another process is writing this run; wait until it has ended"
    if "FULL" in code:
        return "the disk is full"
    if "READONLY" in code or "PERM" in code:
        return "it, or the folder it is in, may not be written"
    if "NOTADB" in code:
        return "it is no run file"
    if "CORRUPT" in code:
        return "the file is damaged"
    if "CANTOPEN" in code:
        if not path.parent.is_dir():
            return f"there is no folder {path.parent}"
        return "it cannot be opened" if path.exists() else "its folder may not be written"
    if "IOERR" in code or "TOOBIG" in code:
        return f"the disk does not take it ({error})"
    if isinstance(error, FileNotFoundError) and not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"the file is not what it should be ({error})"


def create(path: Path) -> sqlite3.Connection:
    """Make a new run file, which must not exist yet; return it with its tables, ready for writing."""
    try:
        path.open("x").close()
    except FileExistsError:
        raise RecordingError(
            f"{path} exists, and nothing is overwritten: choose another name, or go on with it by "
            "slownet.resume"
        ) from None
    except OSError as error:
        raise RecordingError(f"{path}: cannot be made: {_reason(error, path)}") from error
    try:
        with told(path, "be made"):
            connection = _connect(path, "rw")
            connection.execute(f"PRAGMA page_size = {PAGE}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            _migrate(connection, 0)
            _sync_folder(path)
    except RecordingError:
        path.unlink(missing_ok=True)
        raise
    return connection


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open a run file to go on with it."""
    with told(path, "be opened"):
        _check_head(path)
        connection = _connect(path, "rw")
        found = _check_version(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if found < VERSION:
            _migrate(connection, found)
    return connection


def _open_for_reading(path: Path) -> sqlite3.Connection:
    _check_head(path)
    connection = _connect(path, "ro")
    try:
        found = _check_version(connection, path)
    except sqlite3.OperationalError:  # in a folder that may not be written, after a crash or not
        connection.close()
        connection = _connect(path, "ro", "&immutable=1")
        found = _check_version(connection, path)
    if found < VERSION:  # migrate a copy: the file is left as it is
        copy = sqlite3.connect(":memory:", isolation_level=None)
        connection.backup(copy)
        connection.close()
        _migrate(copy, found)
        return copy
    return connection


def _connect(path: Path, mode: str, more: str = "") -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}{more}",
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,  # the recorder's thread takes over, and nobody else uses it then
    )


def _check_head(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(len(HEAD))
    if not head:
        raise RecordingError(f"{path} is empty: it was stopped before anything was recorded")
    if head != HEAD:
        raise RecordingError(f"{path} is no run file: it is not an SQLite database")


def _check_version(connection: sqlite3.Connection, path: Path) -> int:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if application != APPLICATION:
        raise RecordingError(f"{path} is an SQLite database, but no run of slownet")
    if not 0 < found <= VERSION:
        raise RecordingError(
            f"{path} is of version {found}, and this slownet reads up to {VERSION}: install a newer "
            "one; the file is left as it is"
        )
    return found


def _migrate(connection: sqlite3.Connection, found: int) -> None:
    for number, script in enumerate(MIGRATIONS[found:], found + 1):
        connection.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")


def _sync_folder(path: Path) -> None:
    """See to it that the name of a new file is on the disk too, where a folder can be synchronised."""
    if os.name == "posix":
        folder = os.open(path.absolute().parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def is_being_written(path: Path) -> bool:
    """Whether a training that writes this run is under way."""
    if not path.with_name(f"{path.name}-wal").exists():
        return False
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0.0)
        ) as probe:
            probe.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return "BUSY" in (getattr(error, "sqlite_errorname", "") or "")
    return False


# rows


def about(history: History) -> dict[str, Any]:
    """Return what the table `run` says of a training that begins."""
    return {
        "format": FORMAT,
        "id": history.id,
        "parent": history.parent,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "config": history.config,
        "data": history.data,
        "classes": history.classes,
        "target": history.target,
        "start": history.start,
        "source": history.source,
        "ended": None,
    }


def versions() -> dict[str, str]:
    """Return what a training ran on."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for package in ("slownet", "numpy", "numba"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def snapshot_row(snapshot: Snapshot, graph: int) -> tuple[Any, ...]:
    """Return a row of the tables `snapshots` and `state`."""
    state = snapshot.state or TrainingState()
    blobs = [
        blob_of(snapshot.weights),
        blob_of(snapshot.biases),
        b"".join(map(blob_of, snapshot.zs)),
        b"".join(map(blob_of, snapshot.values)),
        None if state.first is None else blob_of(state.first),
        None if state.second is None else blob_of(state.second),
    ]
    return (
        snapshot.step,
        snapshot.epoch,
        graph,
        *blobs[:4],
        snapshot.watch_loss,
        snapshot.watch_accuracy,
        json.dumps(sorted(state.frozen)),
        *blobs[4:],
        state.lost,
        state.right,
        crc32(blobs),
    )


def crc32(blobs: Sequence[bytes | None]) -> int:
    """Return a checksum, by which damage is found."""
    sum_ = 0
    for blob in blobs:
        sum_ = zlib.crc32(blob or b"", sum_)
    return sum_


def blob_of(numbers: Sequence[float]) -> bytes:
    """Return float64 numbers as bytes, the lowest first."""
    kept = numbers if isinstance(numbers, array) else array("d", numbers)
    if sys.byteorder == "big":
        kept = array("d", kept)
        kept.byteswap()
    return kept.tobytes()


def _numbers(blob: object, count: int | None, what: str) -> array[float]:
    if not isinstance(blob, bytes) or len(blob) % 8 or (count is not None and len(blob) != 8 * count):
        raise FormatError(f"{what} should hold {'whole' if count is None else count} float64 numbers")
    numbers = array("d")
    numbers.frombytes(blob)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


# reading


class Snapshots(Sequence[Snapshot]):
    """The snapshots of a run file, each read when it is asked for.

    Parameters
    ----------
    path : Path
        The file.
    formulas : sequence
        The user's own formulas.
    table : str
        "snapshots", or "state" for the last state that was kept to go on from.
    """

    def __init__(self, path: Path, formulas: Sequence[Any] = (), table: str = "snapshots") -> None:
        self._path, self._formulas, self._table = path, formulas, table
        self._graphs: dict[int, Graph] = {}
        with reading(path) as connection:
            rows = connection.execute(f"SELECT step FROM {table} ORDER BY step")  # noqa: S608  ours
            self.steps = [int(step) for (step,) in rows]
            self._watched = connection.execute("SELECT count(*) FROM watch").fetchone()[0]

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
            query = f"SELECT {SNAPSHOT} FROM {self._table} WHERE step = ?"  # noqa: S608  both ours
            for step in steps:
                row = connection.execute(query, (step,)).fetchone()
                if row is None:
                    raise FormatError(f"the snapshot of step {step} is gone")
                yield self._snapshot(connection, row)

    def _snapshot(self, connection: sqlite3.Connection, row: Sequence[Any]) -> Snapshot:
        step, epoch, graph_id, *blobs = row[:7]
        watch_loss, watch_accuracy, frozen, first, second, lost, right, check = row[7:]
        where = f"{self._table}, step {step}"
        if crc32([*blobs, first, second]) != check:
            raise FormatError(f"{where}: the numbers do not have the checksum they were written with")
        graph = self._graph(connection, graph_id)
        weights, neurons, watched = graph.weight_count, graph.neuron_count, self._watched
        if self._table == "state":
            watched = 0
        zs, values = (
            _numbers(blob, neurons * watched, f"{where}, {name}")
            for blob, name in zip(blobs[2:], ("zs", "values"), strict=True)
        )
        first, second = (
            blob if blob is None else _numbers(blob, weights + neurons, f"{where}, memory")
            for blob in (first, second)
        )
        places = parse(frozen, where)
        if not isinstance(places, list) or not all(type(p) is int and 0 <= p < weights for p in places):
            raise FormatError(f"{where}, frozen: expected places of weights, not {frozen!r:.80}")
        return Snapshot(
            step,
            epoch,
            graph,
            _numbers(blobs[0], weights, f"{where}, weights"),
            _numbers(blobs[1], neurons, f"{where}, biases"),
            [zs[at : at + neurons] for at in range(0, len(zs), neurons)],
            [values[at : at + neurons] for at in range(0, len(values), neurons)],
            watch_loss,
            watch_accuracy,
            TrainingState(frozenset(places), first, second, lost, right),
        )

    def _graph(self, connection: sqlite3.Connection, graph_id: int) -> Graph:
        if graph_id not in self._graphs:
            row = connection.execute("SELECT graph FROM graphs WHERE id = ?", (graph_id,)).fetchone()
            where = f"graphs, id {graph_id}"
            if row is None:
                raise FormatError(f"{where}: there is none")
            plain = parse(row[0], where)
            self._graphs[graph_id] = graph_from_plain(plain, where, self._formulas)
        return self._graphs[graph_id]


def parse(text: object, where: str) -> Any:
    """Read JSON from a row."""
    try:
        return json.loads(text)  # type: ignore[arg-type]
    except (TypeError, ValueError, RecursionError) as error:
        raise FormatError(f"{where}: expected JSON, not {text!r:.60} ({error})") from None


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a run file to look into it; say what is the matter if it is not what it should be."""
    with told(path, "be read"):
        try:
            with closing(_open_for_reading(path)) as connection:
                yield connection
        except FormatError as error:
            raise RecordingError(f"{path} is damaged: {error}") from error


def read(path: Path, formulas: Sequence[Any] = ()) -> History:
    """Read the history that a run file holds; its snapshots are read when they are asked for."""
    with reading(path) as connection:
        known = {
            name: parse(value, f"run, {name}")
            for name, value in connection.execute("SELECT name, value FROM run")
        }
        if known.get("format") != FORMAT:
            raise RecordingError(f"{path} holds no training: it was stopped before its first commit")
        try:
            history = History(
                config=_typed(known, "config", dict),
                classes=_typed(known, "classes", list, type(None)),
                target=_typed(known, "target", str),
                start=_typed(known, "start", int),
                data=_typed(known, "data", dict),
                id=_typed(known, "id", str),
                parent=_typed(known, "parent", dict, type(None)),
                source=_typed(known, "source", dict, type(None)),
                versions=_typed(known, "versions", dict),
                ended=_typed(known, "ended", str, type(None)),
                created=_typed(known, "created", str),
                path=path,
                formulas=list(formulas),
            )
            _read_steps(connection, history)
            history.epochs = [
                EpochRecord(*row)
                for row in connection.execute(f"SELECT {EPOCH} FROM epochs ORDER BY epoch")  # noqa: S608
            ]
            history.watch = _read_watch(connection)
        except (KeyError, TypeError, InvalidValueError) as error:
            raise FormatError(f"run: {error}") from error
    history.snapshots = Snapshots(path, formulas)
    return history


def _typed(known: dict[str, Any], name: str, *types: type) -> Any:
    if type(known.get(name)) not in types:
        raise FormatError(f"run, {name}: expected {types[0].__name__}, not {known.get(name)!r:.80}")
    return known[name]


def _read_steps(connection: sqlite3.Connection, history: History) -> None:
    rows = connection.execute("SELECT first, count, loss, accuracy, crc32 FROM steps ORDER BY first")
    expected = history.start + 1
    for first, count, loss, accuracy, check in rows:
        where = f"steps, first {first}"
        losses = _numbers(loss, count, where)
        accuracies = _numbers(accuracy, count if accuracy else 0, where)
        if first != expected:
            raise FormatError(f"{where}: expected step {expected} here")
        if crc32([loss, accuracy]) != check:
            raise FormatError(f"{where}: the numbers do not have the checksum they were written with")
        history.loss += losses
        history.accuracy += accuracies
        expected += count


def _read_watch(connection: sqlite3.Connection) -> Watch:
    watch = Watch()
    rows = connection.execute("SELECT sample, label, inputs, targets, crc32 FROM watch ORDER BY sample")
    for sample, label, inputs, targets, check in rows:
        where = f"watch, sample {sample}"
        if crc32([inputs, targets]) != check:
            raise FormatError(f"{where}: the numbers do not have the checksum they were written with")
        watch.samples.append(_numbers(inputs, None, where).tolist())
        watch.targets.append(_numbers(targets, None, where).tolist())
        watch.labels.append(parse(label, where))
    return watch


def states(path: Path, formulas: Sequence[Any] = ()) -> Snapshots:
    """Return the states that were kept to go on from: the first and the last."""
    return Snapshots(path, formulas, "state")
