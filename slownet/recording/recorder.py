"""The writer of a run file: a sink of a training that writes from a thread."""

from __future__ import annotations

import json
import os
import queue
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.errors import RecordingError
from slownet.recording import database, tables
from slownet.recording.graph_writing import graph_to_plain
from slownet.recording.runfile import snapshot_row
from slownet.recording.sqlite_errors import reason, run_file_errors

if TYPE_CHECKING:
    from slownet.recording.graph import Graph
    from slownet.recording.history import EpochRecord, Watch
    from slownet.recording.snapshot import Snapshot

DUE = 0.5  # seconds between two commits
STATE_DUE = 10.0  # seconds between two states to resume from
WAITING = 256  # commits that may wait for the disk

Job = Callable[[sqlite3.Connection], object]  # SQL that the thread executes


class Recorder:
    """Writes a run file, as a sink of a training; no other process can write it meanwhile.

    Its connection holds the lock of the run (`run_lock`). A transaction is always open, which holds
    SQLite's lock, too; that lock is free between a commit and the beginning of the next transaction. On
    a file system without other locks, another process can take it then. That process writes its name as
    `writer` into the table `run`, and this recorder stops.

    Parameters
    ----------
    path : Path
        The file.
    connection : database.Connection
        To it, for writing; the recorder closes it.
    committed : int
        The last step in the file.
    is_new : bool
        Whether the file is new; then it is removed if nothing can be recorded.

    Attributes
    ----------
    committed : int
        The last step that has been committed.
    """

    def __init__(
        self, path: Path, connection: database.Connection, committed: int, is_new: bool = False
    ) -> None:
        self.path, self.committed = path, committed
        self._connection, self._me, self._is_empty = connection, uuid.uuid4().hex, is_new
        self._process = os.getpid()
        self._pending: list[Job] = []
        self._loss, self._accuracy = list[float](), list[float]()  # of the steps since the last commit
        self._step = committed
        self._graphs: dict[int, tuple[int, Graph]] = {}
        self._last_commit = self._last_state = time.monotonic()
        self._error: Exception | None = None  # nothing is written after it
        self._is_raised = self._is_last = False
        self._batches: queue.Queue[tuple[list[Job], int] | None] = queue.Queue(WAITING)
        try:
            with run_file_errors(path, "be written"):
                self._sign()
        except BaseException:
            connection.close()
            if is_new:
                database.discard(path)
            raise
        self._thread = threading.Thread(target=self._work, name="slownet recorder", daemon=True)
        self._thread.start()

    def _sign(self) -> None:
        execute = self._connection.execute
        execute(f"PRAGMA busy_timeout = {int(1000 * database.PATIENCE)}")
        execute("BEGIN IMMEDIATE")
        last = execute("SELECT max(first + count - 1) FROM steps").fetchone()[0]
        if last not in (None, self.committed):
            raise RecordingError(
                f"{self.path} has been written by another process since it was read: begin once more"
            )
        tables.put("writer", self._me, self._connection)
        execute("COMMIT")
        self._begin()
        known = execute("SELECT coalesce(max(id), 0) FROM graphs").fetchone()
        self._next_graph = int(known[0]) + 1

    @classmethod
    def new(cls, path: Path, start: int) -> Recorder:
        """Make a run file that does not exist yet."""
        return cls(path, database.create(path), start, is_new=True)

    @classmethod
    def existing(cls, path: Path, committed: int) -> Recorder:
        """Open an existing run file."""
        return cls(path, database.open_for_writing(path), committed)

    # called by the training

    def about(self, known: Callable[[], dict[str, Any]]) -> None:
        """Write the values that `known` returns; the thread calls it: a fingerprint takes time."""

        def write(connection: sqlite3.Connection) -> None:
            for name, value in known().items():
                tables.put(name, value, connection)

        self._pending.append(write)

    def put(self, name: str, value: object) -> None:
        """Write one value of the table `run`."""
        self._pending.append(partial(tables.put, name, value))

    def watch(self, watch: Watch) -> None:
        """Write the watched samples."""
        everything = zip(watch.labels, watch.samples, watch.targets, strict=True)
        for number, (label, sample, target) in enumerate(everything):
            row = {"sample": number, "label": label, "inputs": sample, "targets": target}
            self._insert("watch", row)

    def add_steps(self, first: int, losses: Sequence[float], accuracies: Sequence[float]) -> None:
        """Write the loss, and for classes the accuracy, of steps from number `first` on."""
        self._loss += losses
        self._accuracy += accuracies
        self._step = first + len(losses) - 1

    def add_epoch(self, record: EpochRecord) -> None:
        """Write the record of an epoch."""
        self._insert("epochs", vars(record))

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Write a snapshot, and commit."""
        self._insert_snapshot("snapshots", snapshot)
        self._last_state = time.monotonic()
        self.commit()

    def add_test(self, test: dict[str, Any]) -> None:
        """Write how right the trained net is about the test samples."""
        self.put("test", test)

    def state(self, snapshot: Snapshot) -> None:
        """Write a state to resume from; it replaces the last one, but not the first one."""
        self._delete("state", "step > (SELECT min(step) FROM state) OR step = ?", snapshot.step)
        self._insert_snapshot("state", snapshot)
        self._last_state = time.monotonic()

    def forget_after(self, step: int, epochs: int, planned: Collection[int]) -> None:
        """Delete the records after a step: the training, which was interrupted, writes them again."""
        self._delete("epochs", "epoch > ?", epochs)
        self._delete("snapshots", "step > ?", step)
        if step not in planned:
            self._delete("snapshots", "step = ?", step)

    @property
    def is_due(self) -> bool:
        """Whether it is time for a commit."""
        return time.monotonic() - self._last_commit > DUE

    @property
    def state_is_due(self) -> bool:
        """Whether it is time to write a state to resume from."""
        return time.monotonic() - self._last_state > STATE_DUE

    def commit(self) -> None:
        """Pass everything since the last commit to the thread, which writes it to the disk.

        Raises
        ------
        RecordingError
            If an earlier commit has failed.
        """
        self._check()
        self._last_commit = time.monotonic()
        self._hand_over()

    def close(self, ended: str, complete: bool = True) -> None:
        """Write how the training ended, wait for the last commit, and close the file.

        Without `complete`, everything since the last commit is left out.

        Raises
        ------
        RecordingError
            If a commit has failed, unless that has been raised already.
        """
        if os.getpid() != self._process:
            return  # after a fork: the file belongs to the parent process
        if not complete:
            self._step -= len(self._loss)
            self._pending, self._loss, self._accuracy = [], [], []
        self.put("ended", ended)
        self._hand_over()
        self._batches.put(None)
        self._thread.join()
        if not self._is_raised:
            self._check()

    def _hand_over(self) -> None:
        if self._loss:
            first = self._step - len(self._loss) + 1
            row = {"first": first, "count": len(self._loss)}
            self._insert("steps", row | {"loss": self._loss, "accuracy": self._accuracy})
            self._loss, self._accuracy = [], []
        if self._pending:
            self._batches.put((self._pending, self._step))
            self._pending = []

    def _check(self) -> None:
        if os.getpid() != self._process:
            raise RecordingError(f"{self.path}: a process that was made by fork cannot write it")
        error = self._error
        if error is None:
            return
        self._is_raised = True
        safe = f"what it holds, up to step {self.committed}, is safe"
        if self._is_empty:
            safe = "nothing has been recorded"
        message = f"{self.path}: cannot be written: {reason(error, self.path)}"
        if isinstance(error, RecordingError):
            message = str(error)
        raise RecordingError(f"{message}; {safe}") from error

    def _insert(self, table: str, row: Mapping[str, Any]) -> None:
        self._pending.append(partial(tables.insert, table, row))

    def _delete(self, table: str, which: str = "true", *values: object) -> None:
        query = f"DELETE FROM {table} WHERE {which}"  # noqa: S608  table and column names are constants
        self._pending.append(lambda connection: connection.execute(query, values))

    def _insert_snapshot(self, table: str, snapshot: Snapshot) -> None:
        graph = snapshot.graph
        if id(graph) not in self._graphs:
            number = self._next_graph
            self._graphs[id(graph)] = number, graph  # kept, so that no other graph gets its id
            self._next_graph += 1
            self._pending.append(partial(_insert_graph, number, graph))
        number = self._graphs[id(graph)][0]
        self._pending.append(
            lambda connection: tables.insert(table, snapshot_row(snapshot, number), connection)
        )

    # the thread

    def _work(self) -> None:
        while (batch := self._next_batch()) is not None:
            if self._error is not None:
                continue  # nothing is written after an error, but the queue must not fill up
            try:
                self._write(*batch)
            except Exception as error:
                self._error = error
        self._end()

    def _next_batch(self) -> tuple[list[Job], int] | None:
        """Wait for the next commit; if more of them wait, they become one."""
        if self._is_last or (batch := self._batches.get()) is None:
            return None
        jobs, step = batch
        while not self._batches.empty():
            following = self._batches.get()
            if following is None:
                self._is_last = True
                break
            jobs, step = jobs + following[0], following[1]
        return jobs, step

    def _write(self, jobs: list[Job], step: int) -> None:
        for job in jobs:
            job(self._connection)
        tables.count(self._connection)
        self._connection.execute("COMMIT")
        self.committed, self._is_empty = step, False
        self._begin()

    def _begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        writer = self._connection.execute("SELECT value FROM run WHERE name = 'writer'").fetchone()
        if writer is None or json.loads(writer[0]) != self._me:
            raise RecordingError(f"{self.path}: another process has begun to write this run")

    def _end(self) -> None:
        """Merge SQLite's log into the file; if that fails, the log remains beside the file."""
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._connection.execute("PRAGMA busy_timeout = 100")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.unlock()  # before SQLite deletes the log, which the lock is on
            self._connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error:
            pass
        finally:
            self._connection.close()
            if self._is_empty:
                database.discard(self.path)


def _insert_graph(number: int, graph: Graph, connection: sqlite3.Connection) -> None:
    tables.insert("graphs", {"id": number, "graph": graph_to_plain(graph)}, connection)
