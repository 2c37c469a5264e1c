"""Runs that several processes and threads use, unusual names, and user code that changes a training."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import trainings
from bits import numbers, record, state
from commands import ENVIRONMENT, output, python
from trainings import ENGINES, At, X, Y, wait_for_commit

from slownet import Callback, History, MissingFileError, RecordingError
from slownet.recording import database, run_lock, tables
from slownet.recording import recorder as recorders
from slownet.recording.run_lock import is_being_written
from slownet.recording.run_writer import RunWriter
from slownet.training import Training
from slownet.training.keeping import Keeper

posix = pytest.mark.skipif(os.name != "posix", reason="signals and locks of POSIX")


RESUME = """
import sys
from pathlib import Path
import trainings
from slownet import RecordingError
try:
    trainings.go_on("full", Path(sys.argv[1]))
except RecordingError as error:
    print(error)
"""


def test_a_second_process_is_refused_at_once_and_does_not_disturb_the_first(
    hurried: None, tmp_path: Path
) -> None:
    """It does not wait for the first, which also reads its own file and keeps its locks."""
    path, printed = tmp_path / "a.run", []

    def let_another_try(training: Training) -> None:
        wait_for_commit(training, 60)
        History.open(path)
        printed.append(python(RESUME, path))

    history = trainings.train(
        "full", "scalar", path, callbacks=[At(s, let_another_try) for s in (90, 400)]
    )
    assert record(history) == record(trainings.whole("full"))
    assert record(History.open(path)) == record(history)
    assert len(printed) == 2
    for message in printed:
        assert "a.run: cannot be written: another process is writing it" in message


def test_a_run_is_not_taken_over_between_two_commits(hurried: None, tmp_path: Path) -> None:
    """Others try all the time, while commits follow each other as fast as they can."""
    path, refused = tmp_path / "a.run", []
    done = threading.Event()

    def try_to_write() -> None:
        while not done.is_set():
            try:
                database.open_for_writing(path).close()
                refused.append("none")
            except RecordingError as error:
                refused.append(str(error))

    class Commit(Callback):
        def on_step_end(self, training: Training) -> bool:
            if training.step == 5:
                for thread in threads:
                    thread.start()
            assert training.keeper.recorder is not None
            training.keeper.recorder.commit()
            time.sleep(0.002)
            return len(refused) >= 16

        def on_fit_end(self, training: Training) -> None:
            done.set()
            for thread in threads:
                thread.join()

    threads = [threading.Thread(target=try_to_write) for _ in range(4)]
    history = trainings.train(
        "full", "scalar", path, callbacks=Commit(), epochs=1000, snapshots=None, watch=None
    )
    assert history.ended == "stopped"
    assert record(History.open(path)) == record(history)
    assert all("another process is writing it" in each for each in refused)


STOPS = """
import signal, sys, threading, time
from pathlib import Path
import trainings
from slownet.engines.scalar import ScalarEngine
from slownet.recording.recorder import Recorder
from slownet.recording.run_writer import RunWriter

def add_and_wait(self, first, losses, accuracies):
    add_steps(self, first, losses, accuracies)
    while first == 100 and self.committed < 100:  # or the next commit might be the last one
        self.commit()
        time.sleep(0.001)

def stop_and_begin(self):
    if self.committed >= 100:
        RunWriter._begin = begin
        signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
    begin(self)

ScalarEngine.steps_at_once = 1  # so that step 100 begins a call
add_steps, Recorder.add_steps = Recorder.add_steps, add_and_wait
begin, RunWriter._begin = RunWriter._begin, stop_and_begin
trainings.hurry()
trainings.train("full", "scalar", Path(sys.argv[1]))
"""


@contextmanager
def stopped_between_two_commits(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A training in another process, in the instant in which it does not hold SQLite's lock."""
    process = subprocess.Popen([sys.executable, "-c", STOPS, str(path)], env=ENVIRONMENT)
    try:
        assert os.WIFSTOPPED(os.waitpid(process.pid, os.WUNTRACED)[1])
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
        yield process
    finally:
        process.kill()
        process.wait()


def info(path: Path) -> str:
    return output(sys.executable, "-m", "slownet", "info", path)


@pytest.mark.long
@posix
def test_a_training_that_is_stopped_between_two_commits_keeps_its_run(tmp_path: Path) -> None:
    """And it can be read and rewound."""
    path, link = tmp_path / "a.run", tmp_path / "link"
    link.symlink_to(path)
    wanted = trainings.whole("full")
    with stopped_between_two_commits(path) as training:
        for each in (path, link):
            assert "another process is writing it" in python(RESUME, each)
            assert "not yet: it is under way" in info(each)
        history = History.open(path)
        assert history.last_step >= 100
        assert numbers(history.rewind(90, (X, Y))) == numbers(wanted.rewind(90, (X, Y)))
        training.send_signal(signal.SIGCONT)
        assert training.wait(120) == 0
    assert not is_being_written(path)
    assert record(History.open(path)) == record(wanted)


@posix
def test_a_training_that_is_killed_between_two_commits_leaves_its_run(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    with stopped_between_two_commits(path):
        assert is_being_written(path)
    assert "killed: it recorded no end" in info(path)
    assert record(trainings.go_on("full", path)) == record(trainings.whole("full"))


FORKS = """
import os, signal, sys
from pathlib import Path
import trainings
from slownet import Callback

class Fork(Callback):
    def on_step_end(self, training):
        if training.step == 60:
            trainings.wait_for_commit(training, 60)
            if os.fork():
                signal.pause()
            print("forked", flush=True)
            print(sys.stdin.read(), flush=True)
            os._exit(0)

trainings.train("full", "scalar", Path(sys.argv[1]), callbacks=Fork())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_that_outlives_a_killed_training_does_not_keep_its_run(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", FORKS, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "forked\n"
            assert is_being_written(path)
        finally:
            process.kill()
            process.wait()
        assert not is_being_written(path)
        history = trainings.go_on("full", path)
        process.stdin.write("still there")
        process.stdin.close()
        assert process.stdout.read() == "still there\n"
    assert record(history) == record(trainings.whole("full"))


@posix
def test_one_of_many_that_come_at_once_may_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_lock, "PATIENCE", 0.1)
    path, opened, refused = tmp_path / "a.run", [], []
    trainings.train("momentum", "scalar", path, epochs=1)
    everybody = threading.Barrier(6)

    def write() -> None:
        everybody.wait()
        try:
            opened.append(database.open_for_writing(path))
        except RecordingError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 1
    assert len(refused) == 5
    assert all("another process is writing it" in each for each in refused)
    opened[0].close()
    database.open_for_writing(path).close()


@posix
def test_a_file_system_without_locks_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", fail)
    path = tmp_path / "a.run"
    trainings.train("momentum", "scalar", path, epochs=2)
    assert not is_being_written(path)
    assert trainings.go_on("momentum", path, epochs=3).last_step == 27


def test_a_run_is_read_while_it_is_written(hurried: None, tmp_path: Path) -> None:
    path, wanted = tmp_path / "a.run", record(trainings.whole("full"))
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            history = History.open(path)
            found = record(history)
            assert all(found[name] == wanted[name][: len(found[name])] for name in wanted)
            seen.append(history.last_step)

    def wait_for_reader(training: Training) -> None:
        wait_for_commit(training, 60)
        if not reader.ident:
            reader.start()
        before = len(seen)
        while len(seen) == before and reader.is_alive():
            time.sleep(0.001)

    reader = threading.Thread(target=read)
    try:
        history = trainings.train(
            "full", "scalar", path, callbacks=[At(s, wait_for_reader) for s in (300, 500, 700)]
        )
    finally:
        done.set()
        reader.join()
    assert record(history) == wanted
    assert seen == sorted(seen)
    assert len(seen) > 2


def test_a_run_that_was_written_since_it_was_read_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    trainings.train("plain", "scalar", path, epochs=2)
    recorder = recorders.Recorder(path, 120)
    recorder.open()
    recorder.close("finished")
    with pytest.raises(RecordingError, match="written by another process since it was read"):
        recorders.Recorder(path, 60).open()
    assert History.open(path).last_step == 120


def test_two_threads_record_two_runs_at_once(hurried: None, tmp_path: Path) -> None:
    kinds = ("full", "momentum")
    made: dict[str, Any] = {}

    def train(kind: str) -> None:
        made[kind] = record(trainings.train(kind, "scalar", tmp_path / kind))

    threads = [threading.Thread(target=train, args=[kind]) for kind in kinds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for kind in kinds:
        assert made[kind] == record(trainings.whole(kind))
        assert record(History.open(tmp_path / kind)) == made[kind]


NAMES = ["with spaces.run", "50%25 #1?mode=memory.run", "día-数.run", "'quoted\"; DROP.run", "a&b=c"]
if os.name == "nt":
    NAMES = ["with spaces.run", "50%25 #1.run", "día-数.run", "a&b=c"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_will_do(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"in {name}" / name
    path.parent.mkdir()
    history = trainings.train("momentum", "scalar", path, epochs=2)
    assert [each.name for each in path.parent.iterdir()] == [name]
    assert record(History.open(str(path))) == record(history)
    trainings.go_on("momentum", path, epochs=3)


def test_a_relative_path_means_the_folder_where_training_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    history = trainings.train(
        "full", "scalar", Path("a.run"), callbacks=At(50, lambda _: os.chdir("other")), epochs=2
    )
    assert history.path == tmp_path / "a.run"
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["a.run"]
    os.chdir(tmp_path)
    opened = History.open("a.run")
    os.chdir("other")
    assert record(opened) == record(history)


def test_nothing_that_exists_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.run").write_text("precious")
    with pytest.raises(RecordingError, match="exists, and nothing is overwritten"):
        trainings.train("plain", "scalar", tmp_path / "a.run")
    assert (tmp_path / "a.run").read_text() == "precious"
    with pytest.raises(MissingFileError, match="there is no folder"):
        trainings.train("plain", "scalar", tmp_path / "missing" / "a.run")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_leads_to_the_run(tmp_path: Path) -> None:
    history = trainings.train("momentum", "scalar", tmp_path / "a.run", epochs=2)
    (tmp_path / "link").symlink_to(tmp_path / "a.run")
    assert record(History.open(tmp_path / "link")) == record(history)
    trainings.go_on("momentum", tmp_path / "link", epochs=3)
    assert History.open(tmp_path / "a.run").last_step == 27
    with pytest.raises(RecordingError, match="exists"):
        trainings.train("plain", "scalar", tmp_path / "link")
    (tmp_path / "to nothing").symlink_to(tmp_path / "nothing")
    with pytest.raises(RecordingError, match="exists|No such file"):
        trainings.train("plain", "scalar", tmp_path / "to nothing")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("step", [1, 59, 60, 130])
def test_what_a_failing_callback_saw_is_kept_and_the_mended_one_goes_on(
    step: int, engine: str, tmp_path: Path
) -> None:
    def fail(training: Training) -> None:
        raise ZeroDivisionError("mine")

    path, wanted = tmp_path / "a.run", trainings.train("full", engine, epochs=3)
    with pytest.raises(ZeroDivisionError, match="mine"):
        trainings.train("full", engine, path, callbacks=At(step, fail), epochs=3)
    failed = History.open(path)
    assert failed.ended == "failed"
    assert failed.last_step == step
    history = trainings.go_on("full", path, callbacks=At(step, lambda training: None))
    assert record(history) == record(wanted)
    assert numbers(history.net) == numbers(wanted.net)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("hook", ["on_fit_begin", "on_epoch_begin", "on_epoch_end", "on_fit_end"])
def test_an_error_at_any_occasion_leaves_a_run_that_goes_on(
    hook: str, engine: str, tmp_path: Path
) -> None:
    class Fail(Callback):
        times = 0

    def fail(self: Fail, training: Training) -> None:
        self.times += 1
        if self.times == (1 if hook.startswith("on_fit") else 2):
            raise ZeroDivisionError("mine")

    setattr(Fail, hook, fail)
    path, wanted = tmp_path / "a.run", trainings.train("full", engine, epochs=3)
    with pytest.raises(ZeroDivisionError, match="mine"):
        trainings.train("full", engine, path, callbacks=Fail(), epochs=3)
    expected = {"on_fit_begin": 0, "on_epoch_begin": 60, "on_epoch_end": 120, "on_fit_end": 180}
    assert History.open(path).last_step == expected[hook]
    assert record(trainings.go_on("full", path)) == record(wanted)


class Prune(Callback):
    """Changes the net, as a function of the step alone: so does one that is given again."""

    def __init__(self, until: int = -1) -> None:
        self.until = until

    def on_step_end(self, training: Training) -> None:
        weights = list(training.net.weights())
        if training.step % 17 == 0 and len(weights) > 8:
            weights[training.step % len(weights)].remove()
        if training.step % 23 == 0:
            weights[0].value *= -1.5
            weights[1].frozen = not weights[1].frozen
        if training.step == self.until:
            raise KeyboardInterrupt


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("step", [17, 46, 60, 101])
def test_callbacks_that_change_the_net_go_on_exactly(
    step: int, engine: str, hurried: None, tmp_path: Path
) -> None:
    wanted = trainings.train("full", engine, callbacks=Prune(), epochs=3)
    path = tmp_path / "a.run"
    trainings.train("full", engine, path, callbacks=Prune(step), epochs=3)
    assert History.open(path).ended == "interrupted"
    history = trainings.go_on("full", path, callbacks=Prune())
    assert record(history) == record(wanted)
    assert state(history.net) == state(wanted.net)


INTERRUPTED = """
import os, signal, sys
from pathlib import Path
import trainings
from slownet import Callback, History
path = Path(sys.argv[1])

class Press(Callback):
    def on_step_end(self, training):
        if training.step >= 100:
            for _ in range(int(sys.argv[2])):
                signal.raise_signal(signal.SIGINT)

try:
    print(trainings.train("full", "scalar", path, callbacks=Press()).ended)
except KeyboardInterrupt:
    print("KeyboardInterrupt")
print(History.open(path).last_step, trainings.go_on("full", path).last_step)
"""


@pytest.mark.parametrize(("times", "ended"), [(1, "interrupted"), (2, "KeyboardInterrupt")])
def test_ctrl_c_leaves_a_run_that_the_same_process_can_go_on_with(
    times: int, ended: str, tmp_path: Path
) -> None:
    first, last = python(INTERRUPTED, tmp_path / "a.run", times).splitlines()
    assert first == ended
    kept, whole = map(int, last.split())
    assert whole == 960
    assert kept == 100 if times == 1 else kept <= 100
    assert record(History.open(tmp_path / "a.run")) == record(trainings.whole("full"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_in_user_code_does_not_write_the_run_and_does_not_wait(
    hurried: None, tmp_path: Path
) -> None:
    codes = []

    def fork(training: Training) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
            pid = os.fork()
        if pid:
            codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            return
        try:
            signal.alarm(20)
            recorder = training.keeper.recorder
            assert recorder is not None
            with pytest.raises(RecordingError, match="made by fork"):
                recorder.commit()
            recorder.close("finished")
            os._exit(0)
        finally:
            os._exit(1)

    path = tmp_path / "a.run"
    history = trainings.train("full", "scalar", path, callbacks=[At(50, fork), At(200, fork)])
    assert codes == [0, 0]
    assert record(History.open(path)) == record(history) == record(trainings.whole("full"))


@pytest.mark.parametrize("errors", [1, 10**9])
def test_a_commit_that_failed_is_tried_again_whole(
    errors: int, hurried: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One error is made up for by the next commit; a later commit must not leave a gap."""
    path, execute, left = tmp_path / "a.run", tables.count, [errors]

    def fail(connection: sqlite3.Connection) -> None:
        execute(connection)
        if left[0] and connection.execute("SELECT max(first + count) FROM steps").fetchone()[0] > 300:
            left[0] -= 1
            connection.execute("INSERT INTO nowhere VALUES (1)")

    monkeypatch.setattr(tables, "count", fail)
    callback = At(200, lambda t: wait_for_commit(t, 200))
    if errors == 1:
        later = At(400, lambda t: wait_for_commit(t, 400))  # after the one that fails
        history = trainings.train("full", "scalar", path, callbacks=[callback, later])
        assert not left[0]
        assert record(history) == record(History.open(path))
        return
    with pytest.raises(RecordingError, match=r"up to step \d+, is safe") as caught:
        trainings.train("full", "scalar", path, callbacks=callback)
    monkeypatch.undo()
    assert caught.value.history is not None
    assert caught.value.history.last_step > 300 >= History.open(path).last_step >= 200
    assert record(trainings.go_on("full", path)) == record(trainings.whole("full"))


def test_an_error_while_a_recording_begins_gives_the_file_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.run"

    def fail(self: Keeper) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(Keeper, "state", fail)
        with pytest.raises(MemoryError):
            trainings.train("plain", "scalar", path)
    assert not any(thread.name == "slownet recorder" for thread in threading.enumerate())
    path.unlink(missing_ok=True)
    trainings.train("plain", "scalar", path, epochs=1)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files as Linux does")
def test_a_file_that_cannot_be_opened_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    trainings.train("plain", "scalar", path, epochs=1)

    def opened() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = opened()
    for _ in range(3):
        writer = RunWriter(path, lambda: database.open_for_writing(path), committed=9, is_new=False)
        writer.start()
        writer.over.wait()
        assert "begin once more" in str(writer.error)
    assert opened() == before


def test_a_run_under_way_can_be_rewound_by_its_own_callback(hurried: None, tmp_path: Path) -> None:
    seen = []

    def look(training: Training) -> None:
        wait_for_commit(training, 90)
        seen.append(numbers(History.open(tmp_path / "a.run").rewind(90, (X, Y))))

    trainings.train("full", "scalar", tmp_path / "a.run", callbacks=At(100, look))
    assert seen == [numbers(trainings.train("full", "scalar").rewind(90, (X, Y)))]
