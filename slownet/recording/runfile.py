"""The run file: an SQLite database that holds a whole training. README.md describes its tables."""

from __future__ import annotations

import errno
import json
import os
import platform
import sqlite3
import sys
import time
from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, overload

from slownet.errors import FormatError, MissingFormulaError, RecordingError
from slownet.recording.atomic import check_is_file
from slownet.recording.graph import Graph
from slownet.recording.history import EpochRecord, History, Watch
from slownet.recording.plain import graph_from_plain
from slownet.recording.reading import ascending, fail, integer, mapping, shown, text
from slownet.recording.snapshot import Snapshot, TrainingState
from slownet.recording.tables import VERSION, check_tables, keys, migrate, parse, row, rows

APPLICATION = 0x736C6F77  # "slow": tells a run file from other SQLite files
FORMAT = "slownet run"
PAGE = 16384  # bytes: snapshots are long
LOOKS = 50  # for a lock that is let go for an instant
PATIENCE = 5.0  # seconds to wait for another process that reads or writes
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite puts beside a file while it is written
KNOWN = {  # what the table `run` must say, beside "format"
    "config": (dict,),
    "classes": (list, type(None)),
    "target_kind": (str,),
    "start": (int,),
    "data": (dict,),
    "id": (str,),
    "parent": (dict, type(None)),
    "source": (dict, type(None)),
    "versions": (dict,),
    "ended": (str, type(None)),
    "created": (str,),
}


# opening


@contextmanager
def told(path: Path, doing: str) -> Iterator[None]:
    """Turn the errors of SQLite and of the operating system into one that says what is the matter."""
    try:
        yield
    except RecordingError:
        raise
    except (sqlite3.Error, OSError, MemoryError) as error:
        raise RecordingError(f"{path}: cannot {doing}: {reason(error, path)}") from error


def reason(error: Exception, path: Path) -> str:
    """Say what is the matter, in plain words."""
    code = getattr(error, "sqlite_errorname", "") or ""
    if "BUSY" in code or "LOCKED" in code:
        return "another process is writing this run; wait until it has ended"
    if "FULL" in code or getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT):
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
        writable = os.access(path.parent, os.W_OK)
        return "it cannot be opened" if writable else "its folder may not be written"
    if "IOERR" in code or "TOOBIG" in code:
        return f"the disk does not take it ({error})"
    if isinstance(error, FileNotFoundError) and not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if isinstance(error, sqlite3.Error):
        return f"the file is not what it should be ({error})"
    return f"{type(error).__name__}: {error}"


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
        raise RecordingError(f"{path}: cannot be made: {reason(error, path)}") from error
    try:
        with _connected(path, "rw", "be made") as connection:
            connection.execute(f"PRAGMA page_size = {PAGE}")
            connection.execute("PRAGMA synchronous = FULL")
            migrate(connection, 0, f"PRAGMA application_id = {APPLICATION};")
            connection.execute("PRAGMA journal_mode = WAL")
            _sync_folder(path)
            return connection
    except BaseException:
        discard(path)
        raise


def discard(path: Path) -> None:
    """Take away a file in which nothing has been recorded."""
    for end in ("", *BESIDE):
        with suppress(OSError):
            path.with_name(path.name + end).unlink()


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open a run file to go on with it, and see to it that nobody else does."""
    with _connected(path, "rw", "be written") as connection:
        _check_size(path)
        found = _check(connection, path)
        _check_lock(connection)
        connection.execute(f"PRAGMA busy_timeout = {int(1000 * PATIENCE)}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if found < VERSION:
            migrate(connection, found)
        return connection


def check_writable(path: Path) -> None:
    """Raise RecordingError if a run file cannot be written, or another process does."""
    with _connected(path, "rw", "be written") as connection:
        _check_lock(connection)
        connection.close()


def _check_lock(connection: sqlite3.Connection) -> None:
    """Take the lock, several times: a process that writes lets go of it between two commits."""
    for seconds in (0.0, 0.02, 0.01, 0.03):
        time.sleep(seconds)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
        connection.execute("PRAGMA busy_timeout = 0")


@contextmanager
def _connected(path: Path, mode: str, doing: str) -> Iterator[sqlite3.Connection]:
    """Open a connection that stays open, unless there is an error."""
    with _damage(path), told(path, doing):
        connection = _connect(path, mode)
        try:
            connection.execute("PRAGMA busy_timeout = 500")
            yield connection
        except BaseException:
            connection.close()
            raise


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    try:
        yield
    except MissingFormulaError as error:
        raise RecordingError(f"{path}: {error}") from error
    except (FormatError, UnicodeDecodeError) as error:  # SQLite quotes what it cannot read
        raise RecordingError(f"{path} is damaged: {error}") from error


def _open_for_reading(path: Path) -> sqlite3.Connection:
    _check_size(path)
    connection = _connect(path, "ro")
    try:
        try:
            found = _begin_reading(connection, path)
        except sqlite3.OperationalError as error:
            # in a folder that may not be written, or what was killed while it was made
            code = getattr(error, "sqlite_errorname", "")  # not where Python itself says no
            if not code.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
                raise
            connection.close()
            connection = _open_left_over(path)
            found = _begin_reading(connection, path)
        if found < VERSION:  # migrate a copy: the file is left as it is
            connection = _in_memory(connection)
            migrate(connection, found)
            connection.execute("BEGIN")
    except BaseException:
        connection.close()
        raise
    return connection


def _open_left_over(path: Path) -> sqlite3.Connection:
    """Open what a process that was killed has left, where SQLite cannot tidy up beside it."""
    import shutil
    import tempfile

    beside = [path.with_name(path.name + end) for end in ("-wal", "-journal")]
    left = [each for each in beside if each.exists() and each.stat().st_size]
    if not left:
        return _connect(path, "ro", "&immutable=1")
    with tempfile.TemporaryDirectory() as folder:
        for each in (path, *left):
            shutil.copyfile(each, Path(folder, each.name))
        return _in_memory(_connect(Path(folder, path.name), "rw"))


def _in_memory(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Copy a database, and close it."""
    with closing(connection):
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        copy = sqlite3.connect(":memory:", isolation_level=None)
        try:
            connection.backup(copy)
        except BaseException:
            copy.close()
            raise
    return copy


def _begin_reading(connection: sqlite3.Connection, path: Path) -> int:
    """See everything as it is now, whatever others write meanwhile; return the version."""
    connection.execute("BEGIN")
    return _check(connection, path)


def _connect(path: Path, mode: str, more: str = "") -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}{more}",
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,  # the recorder's thread takes over, and nobody else uses it then
    )


def _check_size(path: Path) -> None:
    """Refuse folders, pipes and empty files.

    The file is not opened: where this process writes it too, closing it would give up the locks that
    SQLite holds (https://sqlite.org/howtocorrupt.html, section 2.2).
    """
    found = path.stat()
    check_is_file(path, found.st_mode)
    if not found.st_size:
        raise RecordingError(_never_begun(path))


def _never_begun(path: Path) -> str:
    return f"{path} is empty: it has just been made, or was stopped before anything was recorded"


def _check(connection: sqlite3.Connection, path: Path) -> int:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if application != APPLICATION:
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise RecordingError(_never_begun(path))
        raise RecordingError(f"{path} is an SQLite database, but no run of slownet")
    if not 0 < found <= VERSION:
        raise RecordingError(
            f"{path} is of version {found}, and this slownet reads up to {VERSION}: install a newer "
            "one; the file is left as it is"
        )
    check_tables(connection)
    return found


def _sync_folder(path: Path) -> None:
    """See to it that the name of a new file is on the disk too, where a folder can be synchronised."""
    if os.name == "posix":
        folder = os.open(path.absolute().parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def is_being_written(path: Path) -> bool:
    """Whether a training that writes this run is under way.

    It holds SQLite's lock but for an instant after each commit, and keeps the log in use: the log of a
    run that was killed goes into the file when the only connection to it is closed.
    """
    log = path.with_name(f"{path.name}-wal")
    for _ in range(LOOKS):
        if not log.exists():
            return False
        try:
            with closing(_connect(path, "rw")) as probe:
                probe.execute("PRAGMA busy_timeout = 0")
                probe.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            return "BUSY" in (getattr(error, "sqlite_errorname", "") or "")
        time.sleep(0.02)
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
        "target_kind": history.target_kind,
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
    return (
        snapshot.step,
        snapshot.epoch,
        graph,
        blob_of(snapshot.weights),
        blob_of(snapshot.biases),
        b"".join(map(blob_of, snapshot.zs)),
        b"".join(map(blob_of, snapshot.values)),
        snapshot.watch_loss,
        snapshot.watch_accuracy,
        json.dumps(sorted(state.frozen)),
        None if state.first is None else blob_of(state.first),
        None if state.second is None else blob_of(state.second),
        state.lost,
        state.right,
    )


def blob_of(numbers: Sequence[float]) -> bytes:
    """Return float64 numbers as bytes, the lowest first."""
    kept = numbers if isinstance(numbers, array) else array("d", numbers)
    if sys.byteorder == "big":
        kept = array("d", kept)
        kept.byteswap()
    return kept.tobytes()


def _numbers(blob: bytes, count: int | None, what: str) -> array[float]:
    if len(blob) % 8 or (count is not None and len(blob) != 8 * count):
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
    steps : list of int
        Their steps.
    watched : int
        How many samples they watch.
    formulas : sequence
        The user's own formulas.
    table : str
        "snapshots", or "state" for the last state that was kept to go on from.
    """

    def __init__(
        self, path: Path, steps: list[int], watched: int, formulas: Sequence[Any], table: str
    ) -> None:
        self.steps = steps
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
            for step in steps:
                yield self.read(connection, step)

    def read(self, connection: sqlite3.Connection, step: int) -> Snapshot:
        """Read the snapshot of a step through an open connection."""
        where, found = row(connection, self._table, step)
        step, epoch, graph_id, *blobs = found[:7]
        watch_loss, watch_accuracy, frozen, first, second, lost, right = found[7:]
        graph = self._graph(connection, graph_id, len(blobs[0]) // 8)
        weights, neurons = graph.weight_count, graph.neuron_count
        zs, values = (
            _numbers(blob, neurons * self._watched, f"{where}, {name}")
            for blob, name in zip(blobs[2:], ("zs", "values"), strict=True)
        )
        first, second = (
            blob if blob is None else _numbers(blob, weights + neurons, f"{where}, memory")
            for blob in (first, second)
        )
        places = ascending(parse(frozen, f"{where}, frozen"), f"{where}, frozen", weights)
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

    def _graph(self, connection: sqlite3.Connection, graph_id: int, weights: int) -> Graph:
        if graph_id not in self._graphs:
            where, (_, text) = row(connection, "graphs", graph_id)
            plain = parse(text, where)
            self._graphs[graph_id] = graph_from_plain(plain, where, self._formulas, weights)
        return self._graphs[graph_id]


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a run file to look into it; say what is the matter if it is not what it should be."""
    with _damage(path), told(path, "be read"), closing(_open_for_reading(path)) as connection:
        yield connection


def read(path: Path, formulas: Sequence[Any] = ()) -> History:
    """Read the history that a run file holds; its snapshots are read when they are asked for."""
    with reading(path) as connection:
        known = {values[0]: parse(values[1], where) for where, values in rows(connection, "run")}
        if "format" not in known:
            raise RecordingError(
                f"{path} holds no training: it has just begun, or was stopped before its first commit"
            )
        _check_known(known)
        history = History(**{name: known[name] for name in KNOWN}, path=path, formulas=list(formulas))
        found = {"steps": _read_steps(connection, history)}
        history.epochs = _read_epochs(connection)
        history.watch = _read_watch(connection)
        steps, state = keys(connection, "snapshots"), keys(connection, "state")
        _check_places([*steps, *state], history)
        watched = len(history.watch.samples)
        history.snapshots = Snapshots(path, steps, watched, formulas, "snapshots")
        found |= {"epochs": len(history.epochs), "watch": watched}
        found |= {"snapshots": len(steps), "state": len(state)}
        for table, count in found.items():
            if known["rows"].get(table) != count:
                raise FormatError(
                    f"{table}: expected {shown(known['rows'].get(table))} rows, found {count}"
                )
    return history


def _check_known(known: dict[str, Any]) -> None:
    for name, kinds in {**KNOWN, "rows": (dict,)}.items():
        if name not in known:
            raise FormatError(f"run, {name}: there is none")
        if type(known[name]) not in kinds:
            fail(f"run, {name}", f"a {kinds[0].__name__}", known[name])
    if known["format"] != FORMAT:
        fail("run, format", repr(FORMAT), known["format"])
    integer(known["start"], "run, start")
    if known["parent"] is not None:
        parent = mapping(known["parent"], "run, parent", ("id", "step"))
        text(parent["id"], "run, parent.id")
        integer(parent["step"], "run, parent.step")


def _read_steps(connection: sqlite3.Connection, history: History) -> int:
    expected, found = history.start + 1, 0
    for where, (first, count, loss, accuracy) in rows(connection, "steps"):
        if first != expected:
            raise FormatError(f"{where}: expected step {expected} here")
        history.loss += _numbers(loss, count, where)
        history.accuracy += _numbers(accuracy, count if accuracy else 0, where)
        expected += count
        found += 1
    return found


def _read_epochs(connection: sqlite3.Connection) -> list[EpochRecord]:
    records = []
    for number, (where, values) in enumerate(rows(connection, "epochs"), 1):
        if values[0] != number:
            raise FormatError(f"{where}: expected epoch {number} here")
        records.append(EpochRecord(*values))
    return records


def _read_watch(connection: sqlite3.Connection) -> Watch:
    watch = Watch()
    for where, (_, label, inputs, targets) in rows(connection, "watch"):
        watch.samples.append(_numbers(inputs, None, where).tolist())
        watch.targets.append(_numbers(targets, None, where).tolist())
        watch.labels.append(parse(label, where))
    return watch


def _check_places(steps: Sequence[int], history: History) -> None:
    for step in steps:
        if not history.start <= step <= history.last_step:
            raise FormatError(f"snapshots, step {step}: the last step is {history.last_step}")


def states(path: Path, formulas: Sequence[Any] = ()) -> list[Snapshot]:
    """Return the states that were kept to go on from: the first and the last."""
    with reading(path) as connection:
        steps = keys(connection, "state")
        kept = Snapshots(path, steps, 0, formulas, "state")
        return [kept.read(connection, step) for step in steps]
