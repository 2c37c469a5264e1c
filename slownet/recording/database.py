"""The SQLite database of a run file: making, opening and locking it. `runfile` reads what it holds."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from slownet.errors import FileError, FormatError, RecordingError, SlownetError
from slownet.files import check_is_file
from slownet.recording import tables
from slownet.recording.opened_once import kept_connections
from slownet.recording.run_lock import RunLock, is_being_written
from slownet.recording.sqlite import sqlite3
from slownet.recording.sqlite_errors import run_file_errors, written_by_another

APPLICATION = 0x736C6F77  # "slow": the mark of run files among SQLite files
SWEEP_APPLICATION = 0x736C7377  # "slsw": that of sweep files
PAGE = 16384  # bytes: snapshots are long
PATIENCE = 5.0  # seconds to wait for another process that reads or writes
BESIDE = ("-wal", "-shm", "-journal")  # endings of files that SQLite makes while it writes
NEVER_BEGUN = "it is empty: it has just been made, or was stopped before anything was recorded"


class Connection(sqlite3.Connection):
    """A connection to a run file; one for writing holds the lock of the run until it is closed."""

    lock: RunLock | None = None

    def close(self) -> None:
        """Release the lock of the run, and close."""
        self.unlock()
        super().close()

    def unlock(self) -> None:
        """Release the lock of the run."""
        if self.lock is not None:
            self.lock.release()


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a run file for reading; errors are slownet's."""
    kept = kept_connections()
    with run_file_errors(path, "be read"):
        if kept is None:
            with closing(_open_for_reading(path)) as connection:
                yield connection
        else:
            if path not in kept:
                kept[path] = _open_for_reading(path)
            yield kept[path]


def create(path: Path) -> Connection:
    """Make a new run file, which must not exist yet; return it with its tables, ready for writing."""
    try:
        with run_file_errors(path, "be made"):
            path.open("x").close()
        discard_beside(path)  # of a run that was moved or removed, perhaps while it was written
    except FileError as error:
        if error.errno != errno.EEXIST:
            raise
        raise RecordingError(
            f"{path} exists, and nothing is overwritten: choose another name, or go on with it by "
            "slownet.resume"
        ) from None
    try:
        with _connected(path, "rw", "be made") as connection:
            connection.execute(f"PRAGMA page_size = {PAGE}")
            connection.execute("PRAGMA synchronous = FULL")
            tables.create(connection, f"PRAGMA application_id = {APPLICATION};")
            lock_for_writing(connection, path)
            sync_folder(path)
            return connection
    except BaseException:
        discard(path)
        raise


def discard(path: Path) -> None:
    """Remove a file in which nothing has been recorded."""
    with suppress(OSError):
        path.unlink()
    discard_beside(path)


def discard_beside(path: Path) -> None:
    """Remove what SQLite has left beside a file."""
    for end in BESIDE:
        with suppress(OSError):
            path.with_name(path.name + end).unlink()


def is_whole(path: Path, writer: str) -> bool:
    """Whether readers find a database that this writer writes, and all its rows in it."""
    try:
        with reading(path) as connection:
            execute = connection.execute
            known = {name: json.loads(value) for name, value in execute("SELECT name, value FROM run")}
            found = tables.counts(connection)
            return (
                known.get("writer") == writer
                and known.get("rows", found) == found
                and execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
            )
    except (SlownetError, ValueError):
        return False


def open_for_writing(path: Path) -> Connection:
    """Open an existing run file for writing; RecordingError if another process is writing it."""
    with _connected(path, "rw", "be written") as connection:
        check_size(path)
        found = _check(connection)
        _check_writable(connection, path)
        connection.execute(f"PRAGMA busy_timeout = {int(1000 * PATIENCE)}")
        lock_for_writing(connection, path)
        connection.execute("PRAGMA synchronous = FULL")
        if found < tables.version():
            tables.migrate(connection, found)
        return connection


def check_writable(path: Path) -> None:
    """Raise FileError if a run file cannot be written, RecordingError if another process does."""
    with _connected(path, "rw", "be written") as connection:
        _check_writable(connection, path)
        connection.close()


def _check_writable(connection: Connection, path: Path) -> None:
    if is_being_written(path):
        raise written_by_another(path)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("ROLLBACK")


def lock_for_writing(connection: Connection, path: Path) -> None:
    """Take the lock of a run, until the connection is closed."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # opens the log, which stays
    connection.lock = RunLock(path)


@contextmanager
def _connected(path: Path, mode: str, doing: str) -> Iterator[Connection]:
    """Open a connection that stays open, unless there is an error."""
    with run_file_errors(path, doing):
        connection = connect(path, mode)
        try:
            connection.execute("PRAGMA busy_timeout = 500")
            yield connection
        except BaseException:
            connection.close()
            raise


def _open_for_reading(path: Path) -> sqlite3.Connection:
    connection, found = open_for_reading(path, _check)
    if found < tables.version():  # migrate a copy: the file is left as it is
        connection = _in_memory(connection)
        try:
            tables.migrate(connection, found)
            connection.execute("BEGIN")
        except BaseException:
            connection.close()
            raise
    return connection


def open_for_reading(
    path: Path, check: Callable[[sqlite3.Connection], int]
) -> tuple[sqlite3.Connection, int]:
    """Open a file that `check` accepts, in a transaction, which does not see later commits.

    Returns
    -------
    connection : sqlite3.Connection
    version : int
        What `check` has returned.
    """
    check_size(path)
    connection: sqlite3.Connection = connect(path, "ro")
    try:
        try:
            found = _begin_reading(connection, check)
        except sqlite3.OperationalError as error:
            # in a folder that may not be written, or what was killed while it was made
            code = getattr(error, "sqlite_errorname", "")  # Python's own errors have no SQLite code
            if not code.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
                raise
            connection.close()
            connection = _open_left_over(path)
            found = _begin_reading(connection, check)
    except BaseException:
        connection.close()
        raise
    return connection, found


def _open_left_over(path: Path) -> sqlite3.Connection:
    """Open the files of a killed process where SQLite cannot write beside them."""
    import shutil
    import tempfile

    beside = [path.with_name(path.name + end) for end in ("-wal", "-journal")]
    left = [each for each in beside if each.exists() and each.stat().st_size]
    if not left:
        return connect(path, "ro", "&immutable=1")
    with tempfile.TemporaryDirectory() as folder:
        for each in (path, *left):
            shutil.copyfile(each, Path(folder, each.name))
        return _in_memory(connect(Path(folder, path.name), "rw"))


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


def _begin_reading(connection: sqlite3.Connection, check: Callable[[sqlite3.Connection], int]) -> int:
    connection.execute("BEGIN")
    return check(connection)


def connect(path: Path, mode: str, more: str = "") -> Connection:
    """Open a connection to a file, which is not checked."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}{more}",
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,  # the recorder's thread uses it, and no other one does from then on
        factory=Connection,
    )


def check_size(path: Path) -> None:
    """Refuse folders, pipes and empty files.

    The file is not opened: where this process writes it too, closing it would give up the locks that
    SQLite holds (https://sqlite.org/howtocorrupt.html, section 2.2).
    """
    found = path.stat()
    check_is_file(path, found.st_mode)
    if not found.st_size:
        raise FormatError(NEVER_BEGUN)


def _check(connection: sqlite3.Connection) -> int:
    """Return the version of the tables; FormatError if the database is no run file."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if application != APPLICATION:
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise FormatError(NEVER_BEGUN)
        if application == SWEEP_APPLICATION:
            raise FormatError(
                "it holds the runs of a sweep, and not a single one: slownet info describes it, and "
                "slownet.Sweep.open(path) in Python has its runs and nets"
            )
        raise FormatError("it is an SQLite database, but no run of slownet")
    if not 0 < found <= tables.version():
        raise FormatError(
            f"it is of version {found}, and this slownet reads up to {tables.version()}: install a "
            "newer one; the file is left as it is"
        )
    tables.check_tables(connection)
    return found


def sync_folder(path: Path) -> None:
    """Write the name of a new file to the disk too, where a folder can be synchronised."""
    if os.name == "posix":
        folder = os.open(path.absolute().parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
