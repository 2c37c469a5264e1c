"""The thread that writes a run file: it executes what a `Recorder` orders, commit by commit."""

from __future__ import annotations

import json
import os
import queue
import threading
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

from slownet.errors import RecordingError, SlownetError
from slownet.recording import database, tables
from slownet.recording.file_identity import FileIdentity
from slownet.recording.run_lock import RunLock
from slownet.recording.sqlite import sqlite3
from slownet.recording.sqlite_errors import run_file_errors
from slownet.threads import Flag, started

Job = Callable[[sqlite3.Connection], object]  # SQL that the thread executes


class LostFileError(RecordingError):
    """The run file is no longer the one that is written, or no longer whole."""


class Steps(NamedTuple):
    """The results of consecutive steps, which become part of a row."""

    first: int
    losses: Sequence[float]
    accuracies: Sequence[float]


class End(NamedTuple):
    """The end of the run, if there is one to record; without `complete`, since its last commit."""

    ended: str | None
    complete: bool


class RunWriter:
    """Writes a run file in a thread, which gets its orders through a deque.

    Where no thread can start, a commit and the end are executed when they are ordered.

    All that can be half done is done here, because KeyboardInterrupt comes to the main thread only. An
    order is given by one `append`: it is given or not, and never twice. The thread takes what has been
    ordered up to a commit out of its list only after SQLite has committed it. A commit that fails is
    tried again with the next one.

    The connection holds the lock of the run (`run_lock`). A transaction is always open, which holds
    SQLite's lock, too; that lock is free between a commit and the beginning of the next transaction. On
    a file system without other locks, another process can take it then. That process writes its name as
    `writer` into the table `run`, and this one stops.

    Parameters
    ----------
    path : Path
        The file.
    connect : callable
        Makes or opens it, and returns a `database.Connection` for writing.
    committed : int
        The last step in the file.
    is_new : bool
        Whether the file is new; then it is removed if nothing can be recorded.

    Attributes
    ----------
    committed : int
        The last step that has been committed.
    error : BaseException or None
        The error of the last commit; where it is slownet's own, nothing is written after it.
    is_empty : bool
        Whether nothing has been committed to a new file.
    opened, over : Flag
        Whether the file has been opened, or that has failed; whether the thread has closed it.
    """

    def __init__(
        self, path: Path, connect: Callable[[], database.Connection], committed: int, is_new: bool
    ) -> None:
        self.path, self.committed, self.is_empty = path, committed, is_new
        self.error: BaseException | None = None
        self.opened, self.over = Flag(), Flag()
        self.process = os.getpid()
        self.thread = threading.Thread(target=self._work, name="slownet recorder", daemon=True)
        self._connect, self._me = connect, uuid.uuid4().hex
        self._orders = deque[Job | Steps | Flag | End]()
        self._wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._jobs = list[Job | Steps]()  # that have not been committed
        self._ready = 0  # how many of them were ordered before a commit
        self._commits = list[Flag]()
        self._has_begun = self._is_alone = False

    # called by other threads

    def start(self) -> None:
        """Open the file, in a thread if one can start; `error` is set if that has failed."""
        if started(self.thread):
            self.opened.wait()
        elif self._open():
            self._is_alone = True
        else:
            self.over.set()

    def add(self, job: Job | Steps) -> None:
        """Order something to be written with the next commit."""
        self._orders.append(job)

    def commit(self) -> Flag:
        """Order a commit; the event that is returned is set when it has been tried."""
        tried = Flag()
        self._orders.append(tried)
        self._execute()
        return tried

    def end(self, ended: str | None, complete: bool) -> None:
        """Order the end, with or without what has been added since the last commit."""
        self._orders.append(End(ended, complete))
        self._execute()

    def wait(self, tried: Flag) -> None:
        """Wait until a commit has been tried."""
        while not tried.wait(1.0):
            if self.over.is_set():
                return

    def _execute(self) -> None:
        """Have the orders executed."""
        self._wake.put(None)
        if not self._is_alone or self.over.is_set() or self._serve():
            return
        try:
            self._close()
        finally:
            self.over.set()

    # the thread

    def _work(self) -> None:
        try:
            if self._open():
                while self._serve():
                    pass
                self._close()
        finally:
            self.over.set()

    def _open(self) -> bool:
        failed = ExitStack()
        try:
            with run_file_errors(self.path, "be written"):
                self._connection = self._connect()
                failed.callback(self._discard)
                self._identity = FileIdentity(self.path)
                failed.callback(self._identity.close)
                self._lock = cast(RunLock, self._connection.lock)
                self._sign()
        except BaseException as error:
            self.error = error
            failed.close()
        finally:
            self.opened.set()
        return self.error is None

    def _discard(self) -> None:
        self._connection.close()
        if self.is_empty:
            database.discard(self.path)

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
        self._remember()

    def _serve(self) -> bool:
        """Wait for orders and execute those up to the last commit; return whether more may come."""
        self._wake.get()
        goes_on = self._take_orders()
        if not isinstance(self.error, SlownetError):
            try:
                self._check_content()
                if self._ready:
                    self._write()
            except LostFileError as error:
                self.error = error
                self._close_connection()  # what is left of the run is in nobody's way
            except BaseException as error:
                self._roll_back()
                if not isinstance(error, Exception):  # Ctrl-C, which the main thread alone gets
                    raise
                self.error = error
        while self._commits:
            self._commits.pop().set()
        return goes_on

    def _take_orders(self) -> bool:
        while self._orders:
            order = self._orders.popleft()
            if isinstance(order, Flag):
                self._ready, self._has_begun = len(self._jobs), True
                self._commits.append(order)
            elif isinstance(order, End):
                self._take_end(order)
                return False
            else:
                self._jobs.append(order)
        return True

    def _take_end(self, order: End) -> None:
        if not (order.complete and self._has_begun):
            del self._jobs[self._ready :]
        if self._has_begun and order.ended is not None:
            self._jobs.append(partial(tables.put, "ended", order.ended))
        self._ready = len(self._jobs)

    def _write(self) -> None:
        if not self._connection.in_transaction:
            self._begin()
        losses, accuracies = list[float](), list[float]()
        for job in self._jobs[: self._ready]:
            if isinstance(job, Steps):
                expected = self.committed + len(losses) + 1
                if job.first != expected:
                    raise RecordingError(f"{self.path}: expected step {expected}, not {job.first}")
                losses += job.losses
                accuracies += job.accuracies
            else:
                job(self._connection)
        if losses:
            row = {"first": self.committed + 1, "count": len(losses)}
            tables.insert("steps", row | {"loss": losses, "accuracy": accuracies}, self._connection)
        tables.count(self._connection)
        self._connection.execute("COMMIT")
        self._merge_lost_log()
        self._check_place()
        self._remember()
        del self._jobs[: self._ready]
        self.committed += len(losses)
        self._ready, self.is_empty, self.error = 0, False, None
        self._begin()

    def _begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        writer = self._connection.execute("SELECT value FROM run WHERE name = 'writer'").fetchone()
        if writer is None or json.loads(writer[0]) != self._me:
            raise RecordingError(f"{self.path}: another process has begun to write this run")

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _merge_lost_log(self) -> None:
        """Where SQLite's log has been deleted, the file gets every commit: a kill would lose the log."""
        if self._lock.is_on_deleted_file:
            with suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    # what others do to the file

    def _check_place(self) -> None:
        if (problem := self._identity.problem()) is not None:
            raise LostFileError(f"{self.path}: {problem}")

    def _check_sizes(self) -> None:
        self._check_place()
        if self._lock.log_size < self._log_size:
            raise LostFileError(f"{self.path}: its log, {self.path.name}-wal, has been cut")

    def _remember(self) -> None:
        self._identity.remember()
        self._log_size = self._lock.log_size

    def _check_content(self) -> None:
        self._check_sizes()
        if self._identity.is_touched and not database.is_whole(self.path, self._me):
            self._check_sizes()  # it may have happened since
            raise LostFileError(f"{self.path}: another program has written into it")

    # the end

    def _close(self) -> None:
        """Merge SQLite's log into the file; if that fails, the log remains beside the file."""
        if not isinstance(self.error, LostFileError):
            self._note_loss(self._check_content)
            self._close_connection()
        if self.is_empty and self._identity.problem() is None:
            database.discard(self.path)
        elif not isinstance(self.error, SlownetError):
            self._note_loss(self._check_place)
        self._identity.close()

    def _note_loss(self, check: Callable[[], None]) -> None:
        try:
            check()
        except LostFileError as error:
            self.error = error

    def _close_connection(self) -> None:
        connection, is_replaced = self._connection, self._identity.is_replaced
        log_is_ours, index_is_shared = self._lock.is_in_place, self._lock.has_shared_index
        self._roll_back()
        try:
            connection.execute("PRAGMA busy_timeout = 100")
            if not (is_replaced and index_is_shared):
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.unlock()  # before SQLite deletes the log, which the lock is on
            if not is_replaced:  # or that log may be another file's
                connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error:
            pass
        finally:
            connection.close()
        if is_replaced and log_is_ours:
            database.discard_beside(self.path)


def abandon(writer: RunWriter) -> None:
    """End a run whose recorder is gone or whose process ends: what was committed is what it holds."""
    if os.getpid() != writer.process or (writer.thread.ident is None and not writer.opened.is_set()):
        return
    writer.end(None, complete=False)
    if not threading.main_thread().is_alive():  # at the end of the process, which ends the thread
        writer.over.wait(database.PATIENCE)
