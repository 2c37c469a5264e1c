"""The recorder of a run: a sink of a training that has its results written to a run file."""

from __future__ import annotations

import os
import time
import weakref
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.errors import RecordingError
from slownet.recording import database, tables
from slownet.recording.graph_writing import graph_to_plain
from slownet.recording.run_writer import Job, LostFileError, RunWriter, Steps, abandon
from slownet.recording.runfile import snapshot_row
from slownet.recording.sqlite_errors import reason
from slownet.threads import Flag

if TYPE_CHECKING:
    import sqlite3

    from slownet.recording.graph import Graph
    from slownet.recording.history import EpochRecord, Watch
    from slownet.recording.snapshot import Snapshot

DUE = 0.5  # seconds between two commits
STATE_DUE = 10.0  # seconds between two states to resume from
WAITING = 256  # commits that may wait for the disk


class Recorder:
    """Records a training in a run file, as one of its sinks; no other process can write it meanwhile.

    Its methods only give orders to `RunWriter`, which has a thread if one can start. What they are given
    may change afterwards: a callback may edit the lists of a history. Therefore numbers are copied when
    they are ordered.

    Parameters
    ----------
    path : Path
        The file, which `open` opens.
    committed : int
        The last step in the file; for a new one, the step at which it begins.
    is_new : bool
        Whether to make the file; then it is removed if nothing can be recorded.

    Attributes
    ----------
    is_open : bool
        Whether `open` has succeeded.
    """

    def __init__(self, path: Path, committed: int, is_new: bool = False) -> None:
        self.path, self.is_open = path, False
        connect = partial(database.create if is_new else database.open_for_writing, path)
        self._writer = RunWriter(path, connect, committed, is_new)
        self._tried = deque[Flag]()  # of the commits that may be waiting
        self._numbers = _GraphNumbers()
        self._last_commit = self._last_state = time.monotonic()
        self._is_raised = False
        self._abandon = weakref.finalize(self, abandon, self._writer)

    def open(self) -> None:
        """Make the file, or open it; the errors are those of `database`.

        Raises
        ------
        FileError, FormatError
            If it cannot be made or opened.
        RecordingError
            If a new file exists already, or another process is writing an old one.
        """
        writer = self._writer
        writer.start()
        if writer.error is not None:
            self._is_raised = True
            raise writer.error
        self.is_open = True

    @property
    def committed(self) -> int:
        """The last step that has been committed."""
        return self._writer.committed

    # called by the training

    def about(self, known: Mapping[str, Any]) -> None:
        """Write values of the table `run`."""
        for name, value in known.items():
            self.put(name, value)

    def put(self, name: str, value: object) -> None:
        """Write one value of the table `run`."""
        self._insert("run", {"name": name, "value": value})

    def add(self, job: Job) -> None:
        """Have the thread execute SQL."""
        self._writer.add(job)

    def watch(self, watch: Watch) -> None:
        """Write the watched samples."""
        everything = zip(watch.labels, watch.samples, watch.targets, strict=True)
        for number, (label, sample, target) in enumerate(everything):
            row = {"sample": number, "label": label, "inputs": sample, "targets": target}
            self._insert("watch", row)

    def add_steps(self, first: int, losses: Sequence[float], accuracies: Sequence[float]) -> None:
        """Write the loss, and for classes the accuracy, of steps from number `first` on."""
        self._writer.add(Steps(first, losses, accuracies))

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

    def forget_after(self, step: int, epoch: int, planned: Collection[int]) -> None:
        """Delete the records after a step: the training, which was interrupted, writes them again."""
        self._delete("epochs", "epoch > ?", epoch)
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
        """Have everything since the last commit written to the disk.

        The thread does that; its errors are raised by a later commit, which tries once more before.

        Raises
        ------
        RecordingError
            If the file cannot be written, or is not there any more.
        """
        self._check_process()
        has_failed = self._writer.error is not None
        self._last_commit = time.monotonic()
        tried = self._writer.commit()
        self._tried.append(tried)
        if has_failed:
            self._writer.wait(tried)
            self._check()
        while len(self._tried) > WAITING:
            self._writer.wait(self._tried.popleft())

    def close(self, ended: str, complete: bool = True) -> None:
        """Write how the training ended, wait for the last commit, and close the file.

        Without `complete`, everything since the last commit is left out. A KeyboardInterrupt is raised
        when the file is closed; a second one does not wait for a disk that takes long. To close once
        more changes nothing.

        Raises
        ------
        RecordingError
            If the last commit has failed, unless that has been raised already.
        """
        if os.getpid() != self._writer.process:
            return  # after a fork: the file belongs to the parent process
        self._writer.end(ended, complete)
        self._wait_for_end()
        self._abandon.detach()
        if not self._is_raised:
            self._check()

    def _wait_for_end(self) -> None:
        interrupt, until = None, 0.0
        while self._writer.thread.ident is not None and not self._writer.over.is_set():
            try:
                self._writer.over.wait()
                self._writer.thread.join()
            except KeyboardInterrupt as error:
                if interrupt is not None and time.monotonic() > until:
                    raise
                interrupt, until = error, until or time.monotonic() + database.PATIENCE
        if interrupt is not None:
            raise interrupt

    def _check_process(self) -> None:
        if os.getpid() != self._writer.process:
            raise RecordingError(
                f"{self.path}: a process that was made by fork cannot write it: train in the one that "
                "began"
            )

    def _check(self) -> None:
        error = self._writer.error
        if error is None:
            return
        self._is_raised = True
        if isinstance(error, LostFileError):
            safe = "what was recorded is not in it; the history of this error has every step"
        elif self._writer.is_empty:
            safe = "nothing has been recorded"
        else:
            safe = f"what it holds, up to step {self.committed}, is safe"
        message = f"{self.path}: cannot be written: {reason(error, self.path)}"
        if isinstance(error, RecordingError):
            message = str(error)
        raise RecordingError(f"{message}; {safe}") from error

    def _insert(self, table: str, row: Mapping[str, Any]) -> None:
        self._writer.add(partial(tables.insert_stored, table, tables.stored(table, row)))

    def _delete(self, table: str, which: str = "true", *values: object) -> None:
        query = f"DELETE FROM {table} WHERE {which}"  # noqa: S608  table and column names are constants
        self._writer.add(lambda connection: connection.execute(query, values))

    def _insert_snapshot(self, table: str, snapshot: Snapshot) -> None:
        stored = tables.stored(table, snapshot_row(snapshot, 0))
        self._writer.add(partial(self._numbers.insert, table, stored, snapshot.graph))


class _GraphNumbers:
    """The rows of the table `graphs`: a graph is written with the first snapshot that has it."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, Graph]] = {}  # the graph is kept, so that no other gets its id

    def insert(
        self, table: str, stored: Mapping[str, Any], graph: Graph, connection: sqlite3.Connection
    ) -> None:
        """Insert a snapshot, and its graph before it; called by the thread."""
        number = self._number(graph, connection)
        tables.insert_stored(table, {**stored, "graph": number}, connection)

    def _number(self, graph: Graph, connection: sqlite3.Connection) -> int:
        known = self._known.get(id(graph))
        if known is not None and _has_graph(known[0], connection):
            return known[0]
        last = connection.execute("SELECT coalesce(max(id), 0) FROM graphs").fetchone()[0]
        number = int(last) + 1
        tables.insert("graphs", {"id": number, "graph": graph_to_plain(graph)}, connection)
        self._known[id(graph)] = number, graph
        return number


def _has_graph(number: int, connection: sqlite3.Connection) -> bool:
    """Whether the graph was committed: a commit that fails takes it back."""
    found = connection.execute("SELECT 1 FROM graphs WHERE id = ?", (number,)).fetchone()
    return found is not None
