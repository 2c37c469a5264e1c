"""Writes a training into its run file while it goes on, from a thread of its own."""

from __future__ import annotations

import json
import queue
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.errors import RecordingError
from slownet.recording import runfile
from slownet.recording.plain import graph_to_plain
from slownet.recording.runfile import EPOCH, SNAPSHOT, blob_of, crc32, snapshot_row, told

if TYPE_CHECKING:
    from slownet.recording.graph import Graph
    from slownet.recording.history import EpochRecord, Watch
    from slownet.recording.snapshot import Snapshot

DUE = 0.5  # seconds between two commits
STATE_DUE = 10.0  # seconds between two states that are kept to go on from
WAITING = 256  # commits that may wait for the disk; the history holds what is in them anyway

Statement = tuple[str, Callable[[], Sequence[Any]]]  # and what makes its parameters, in the thread


class Recorder:
    """Holds a run file open for writing; no other process can write it meanwhile.

    The transaction that the next commit ends is always open: it holds SQLite's lock. Between a commit
    and the beginning of the next transaction another process could slip in; it would sign the table
    `run`, and then this one stops.

    Attributes
    ----------
    path : Path
        The file.
    committed : int
        The last step that is safe in it.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, committed: int) -> None:
        self.path, self.committed = path, committed
        self._connection, self._me = connection, uuid.uuid4().hex
        self._pending: list[Statement] = []
        self._step = committed
        self._graphs: dict[int, tuple[int, Graph]] = {}
        self._last_commit = self._last_state = time.monotonic()
        self._error: Exception | None = None
        self._is_last = False
        self._batches: queue.Queue[tuple[list[Statement], int] | None] = queue.Queue(WAITING)
        with told(path, "be written"):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "INSERT OR REPLACE INTO run VALUES ('writer', ?)", (json.dumps(self._me),)
            )
            connection.execute("COMMIT")
            self._begin()
            known = connection.execute("SELECT coalesce(max(id), 0) FROM graphs").fetchone()
        self._next_graph = int(known[0]) + 1
        self._thread = threading.Thread(target=self._work, name="slownet recorder", daemon=True)
        self._thread.start()

    @classmethod
    def new(cls, path: Path, start: int) -> Recorder:
        """Make a run file that does not exist yet."""
        return cls(path, runfile.create(path), start)

    @classmethod
    def existing(cls, path: Path, committed: int) -> Recorder:
        """Go on with a run file."""
        return cls(path, runfile.open_for_writing(path), committed)

    # what happens

    def about(self, known: Callable[[], dict[str, Any]]) -> None:
        """Write what the training is; the thread finds it out: a fingerprint of data takes time."""
        self._put("", lambda: [known()])

    def put(self, name: str, value: object) -> None:
        """Write one value of the table `run`."""
        text = json.dumps(value)
        self._put("INSERT OR REPLACE INTO run VALUES (?, ?)", lambda: (name, text))

    def watch(self, watch: Watch) -> None:
        """Write the watched samples."""
        everything = zip(watch.labels, watch.samples, watch.targets, strict=True)
        for number, (label, sample, target) in enumerate(everything):
            blobs = blob_of(sample), blob_of(target)
            row = number, json.dumps(label), *blobs, crc32(blobs)
            self._put("INSERT INTO watch VALUES (?, ?, ?, ?, ?)", partial(tuple, row))

    def steps(self, first: int, loss: Sequence[float], accuracy: Sequence[float]) -> None:
        """Write the loss, and for classes the accuracy, of steps from number `first` on."""

        def row() -> Sequence[Any]:
            blobs = blob_of(loss), blob_of(accuracy)
            return first, len(loss), *blobs, crc32(blobs)

        self._put("INSERT INTO steps VALUES (?, ?, ?, ?, ?)", row)
        self._step = first + len(loss) - 1

    def epoch(self, record: EpochRecord) -> None:
        """Write what became of an epoch."""
        row = tuple(getattr(record, name) for name in EPOCH.split(", "))
        self._put(f"INSERT OR REPLACE INTO epochs ({EPOCH}) VALUES ({_marks(row)})", lambda: row)  # noqa: S608

    def snapshot(self, snapshot: Snapshot) -> None:
        """Write a snapshot."""
        self._put_snapshot("snapshots", snapshot)
        self._last_state = time.monotonic()

    def state(self, snapshot: Snapshot) -> None:
        """Write a state to go on from, in the place of the last one; the first one stays."""
        self._put("DELETE FROM state WHERE step > (SELECT min(step) FROM state)", tuple)
        self._put_snapshot("state", snapshot)
        self._last_state = time.monotonic()

    def forget_after(self, step: int, epochs: int, planned: Collection[int]) -> None:
        """Take back what an interruption left behind that step: what follows takes its place."""
        self._put("DELETE FROM epochs WHERE epoch > ?", lambda: (epochs,))
        self._put("DELETE FROM snapshots WHERE step > ?", lambda: (step,))
        if step not in planned:
            self._put("DELETE FROM snapshots WHERE step = ?", lambda: (step,))

    @property
    def is_due(self) -> bool:
        """Whether it is time for a commit."""
        return time.monotonic() - self._last_commit > DUE

    @property
    def state_is_due(self) -> bool:
        """Whether it is time to keep a state to go on from."""
        return time.monotonic() - self._last_state > STATE_DUE

    def commit(self) -> None:
        """Hand over everything that has happened, to be made safe.

        Raises
        ------
        RecordingError
            If an earlier commit has failed.
        """
        self._check()
        self._last_commit = time.monotonic()
        if self._pending:
            self._batches.put((self._pending, self._step))
            self._pending = []

    def close(self, ended: str, complete: bool = True) -> None:
        """Write how the training ended, wait until everything is safe, and close the file.

        Without `complete`, what has happened since the last commit is left out: nobody could repeat it.
        """
        if not complete:
            self._pending.clear()
        if self._thread.is_alive():
            if self._error is None:
                self.put("ended", ended)
                self.commit()
            self._batches.put(None)
            self._thread.join()
        self._check()

    def _check(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            safe = f"what it holds, up to step {self.committed}, is safe"
            try:
                with told(self.path, "be written"):
                    raise error
            except RecordingError as told_error:
                raise RecordingError(f"{told_error}; {safe}") from error

    def _put(self, sql: str, row: Callable[[], Sequence[Any]]) -> None:
        self._pending.append((sql, row))

    def _put_snapshot(self, table: str, snapshot: Snapshot) -> None:
        graph = snapshot.graph
        if id(graph) not in self._graphs:
            self._graphs[id(graph)] = self._next_graph, graph  # kept, so that no other one gets its id
            number = self._next_graph
            self._next_graph += 1
            self._put(
                "INSERT INTO graphs VALUES (?, ?)",
                lambda: (number, json.dumps(graph_to_plain(graph), allow_nan=False)),
            )
        number = self._graphs[id(graph)][0]
        marks = _marks(SNAPSHOT.split(", "))
        self._put(
            f"INSERT OR REPLACE INTO {table} ({SNAPSHOT}) VALUES ({marks})",  # noqa: S608  ours
            lambda: snapshot_row(snapshot, number),
        )

    # the thread

    def _work(self) -> None:
        while (batch := self._next_batch()) is not None:
            if self._error is not None:
                continue  # nothing is written after an error, but whoever waits for room gets it
            try:
                self._write(*batch)
            except Exception as error:
                self._error = error
        self._end()

    def _next_batch(self) -> tuple[list[Statement], int] | None:
        """Wait for the next commit; if more of them wait, they become one."""
        if self._is_last or (batch := self._batches.get()) is None:
            return None
        statements, step = batch
        while not self._batches.empty():
            following = self._batches.get()
            if following is None:
                self._is_last = True
                break
            statements, step = statements + following[0], following[1]
        return statements, step

    def _write(self, statements: list[Statement], step: int) -> None:
        execute = self._connection.execute
        for sql, row in statements:
            if sql:
                execute(sql, tuple(row()))
                continue
            for name, value in row()[0].items():
                execute("INSERT OR REPLACE INTO run VALUES (?, ?)", (name, json.dumps(value)))
        execute("COMMIT")
        self.committed = step
        self._begin()

    def _begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        writer = self._connection.execute("SELECT value FROM run WHERE name = 'writer'").fetchone()
        if writer is None or json.loads(writer[0]) != self._me:
            raise RecordingError(f"{self.path}: another process has begun to write this run")

    def _end(self) -> None:
        """Leave one file that can be read everywhere, or else SQLite's log beside it."""
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._connection.execute("PRAGMA busy_timeout = 100")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error:
            pass
        finally:
            self._connection.close()


def _marks(columns: Sequence[object]) -> str:
    return ", ".join("?" * len(columns))
