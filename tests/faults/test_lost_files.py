"""Run files that others move, remove, replace, cut or overwrite while a training writes them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trainings
from bits import numbers, record
from commands import ENVIRONMENT, python
from slow import crossed, mostly_long, some
from trainings import At, X, Y, wait_for_commit

from slownet import FormatError, History, RecordingError
from slownet.recording import database, run_writer
from slownet.recording import recorder as recorders
from slownet.training import Training

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="Windows refuses it: the file is open"),
    pytest.mark.usefixtures("hurried"),
]

KIND = "full"


def remove(path: Path) -> None:
    path.unlink()


def remove_all(path: Path) -> None:
    for each in path.parent.iterdir():
        each.unlink()


def remove_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def replace_by_copy(path: Path) -> None:
    """As tools do that synchronise folders."""
    shutil.copyfile(path, path.with_suffix(".copy"))
    path.with_suffix(".copy").replace(path)


def replace_by_other(path: Path) -> None:
    shutil.copyfile(other(path), path.with_suffix(".copy"))
    path.with_suffix(".copy").replace(path)


def overwrite_by_other(path: Path) -> None:
    content = other(path).read_bytes()
    path.write_bytes(content)


def overwrite_by_text(path: Path) -> None:
    path.write_bytes(b"this is no run\n" * 100_000)


def cut_log(path: Path) -> None:
    os.truncate(path.with_name(path.name + "-wal"), 0)


def move_and_make_another(path: Path) -> None:
    path.rename(path.with_suffix(".moved"))
    shutil.copyfile(other(path), path)


def other(path: Path) -> Path:
    """Another run, which is long."""
    made = path.parent.parent / "other.run"
    if not made.exists():
        trainings.train("large", "scalar", made, epochs=4)
    return made


LOSSES = {
    remove: "has been removed",
    remove_all: "has been removed",
    remove_folder: "has been removed",
    empty: "has been cut from [0-9]+ to 0 bytes",
    cut: "has been cut from",
    replace_by_copy: "another file has taken its place",
    replace_by_other: "another file has taken its place",
    overwrite_by_other: "has been cut from|another program has written into it",
    overwrite_by_text: "has been cut from|another program has written into it",
    cut_log: "its log, a.run-wal, has been cut",
    move_and_make_another: "another file has taken its place",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs" / "a.run"


@pytest.mark.parametrize(("harm", "step"), crossed(LOSSES, [300, 960], always=(3, 1)))
def test_a_run_file_that_is_lost_is_noticed_and_the_history_is_kept(
    harm: Callable[[Path], None], step: int, path: Path
) -> None:
    wanted = trainings.whole(KIND)
    trainings_seen = []

    def meddle(training: Training) -> None:
        trainings_seen.append(training)
        wait_for_commit(training, step - 10)
        assert training.keeper.recorder is not None
        writer = training.keeper.recorder._writer
        writer.wait(writer.commit())  # and no commit is under way
        harm(path)

    if harm in (replace_by_other, overwrite_by_other, move_and_make_another):
        other(path)
    with pytest.raises(RecordingError, match=LOSSES[harm]) as caught:
        trainings.train(KIND, "scalar", path, callbacks=At(step, meddle))
    message, history = str(caught.value), caught.value.history
    assert str(path) in message
    assert "the history of this error has every step" in message
    assert "is safe" not in message
    assert history is not None
    found, whole = record(history), record(wanted)
    assert step <= history.last_step == trainings_seen[0].step
    assert history.loss == wanted.loss[: history.last_step]
    assert numbers(history.net) == numbers(wanted.rewind(history.last_step, (X, Y)))
    if history.last_step == 960:
        assert found == whole
    left = sorted(each.name for each in path.parent.iterdir()) if path.parent.exists() else []
    assert harm is cut_log or not [name for name in left if name.endswith(("-wal", "-shm"))], left
    if harm in (replace_by_other, move_and_make_another):  # what has its name now is not touched
        assert path.read_bytes() == other(path).read_bytes()
    if harm is move_and_make_another:
        assert History.open(path.with_suffix(".moved")).last_step >= step - 10


@pytest.mark.parametrize("harm", mostly_long([empty, *some(LOSSES, 5)]))
def test_a_loss_in_the_middle_of_a_look_at_the_file_is_named(
    harm: Callable[[Path], None], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its place and its content, which are two looks."""
    if "another" in LOSSES[harm]:
        other(path)
    held = recorders.Recorder(path, 0, is_new=True)
    held.open()
    looks = run_writer.FileIdentity.is_touched.fget

    def is_touched(identity: Any) -> bool:
        monkeypatch.undo()
        harm(path)
        return looks(identity)

    held.put("about", "x" * 100_000)
    held._writer.wait(held._writer.commit())
    monkeypatch.setattr(run_writer.FileIdentity, "is_touched", property(is_touched))
    with pytest.raises(RecordingError, match=LOSSES[harm]):
        held.close("finished")


def move(path: Path) -> Path:
    return path.rename(path.with_suffix(".moved"))


def move_folder(path: Path) -> Path:
    return path.parent.rename(path.parent.with_name("moved")) / path.name


def remove_log(path: Path) -> Path:
    path.with_name(path.name + "-wal").unlink()
    return path


def remove_log_and_index(path: Path) -> Path:
    path.with_name(path.name + "-shm").unlink()
    return remove_log(path)


def overwrite_a_page(path: Path) -> Path:
    """One of which the log has a newer content."""
    with path.open("r+b") as file:
        file.seek(database.PAGE)
        file.write(b"x" * database.PAGE)
    return path


def touch(path: Path) -> Path:
    os.utime(path)
    return path


def make_read_only(path: Path) -> Path:
    path.chmod(0o444)
    path.parent.chmod(0o555)
    return path


def move_and_link(path: Path) -> Path:
    """As when a disk was full and the run was put on another, which the link leads to."""
    moved = move(path)
    path.symlink_to(moved)
    return path


HARMLESS = (
    *(move, move_folder, move_and_link, remove_log, remove_log_and_index),
    *(overwrite_a_page, touch, make_read_only),
)


@pytest.mark.long
@pytest.mark.parametrize("what", HARMLESS, ids=lambda what: what.__name__)
def test_what_does_no_harm_loses_nothing(what: Callable[[Path], Path], path: Path) -> None:
    places = []

    def meddle(training: Training) -> None:
        wait_for_commit(training, 290)
        places.append(what(path))

    try:
        history = trainings.train(KIND, "scalar", path, callbacks=At(300, meddle))
    finally:
        if path.parent.exists():
            path.parent.chmod(0o755)
    assert history.ended == "finished"
    assert record(history) == record(trainings.whole(KIND))
    assert record(History.open(places[0])) == record(history)
    assert trainings.go_on(KIND, places[0], epochs=17).last_step == 17 * 60


KILLED = """
import os, sys
from pathlib import Path
import trainings
from test_lost_files import remove_log
from trainings import At, wait_for_commit

def meddle(training):
    wait_for_commit(training, 90)
    remove_log(path)

def die(training):
    wait_for_commit(training, 290)
    os._exit(0)

path = Path(sys.argv[1])
trainings.hurry()
trainings.train("full", "scalar", path, callbacks=[At(100, meddle), At(300, die)])
"""


def test_a_kill_after_the_log_was_deleted_loses_nothing(path: Path) -> None:
    python(KILLED, path)
    assert History.open(path).last_step >= 290
    assert record(trainings.go_on(KIND, path)) == record(trainings.whole(KIND))


SECOND = """
import sys
from pathlib import Path
import trainings
from trainings import At

def wait(training):
    trainings.wait_for_commit(training, 390)
    print("here", flush=True)
    sys.stdin.read()

trainings.hurry()
trainings.train("full", "scalar", Path(sys.argv[1]), callbacks=At(400, wait))
"""


@pytest.mark.parametrize("is_noticed", [True, False])
@pytest.mark.parametrize("harm", mostly_long([remove, move]))
def test_another_run_of_the_same_name_is_left_alone(
    harm: Callable[[Path], Any], is_noticed: bool, path: Path
) -> None:
    """The first one has been moved or removed; the second makes its own log beside its own file."""
    second: list[subprocess.Popen[str]] = []

    def begin_another(training: Training) -> None:
        wait_for_commit(training, 90)
        writer = training.keeper.recorder._writer  # type: ignore[union-attr]
        harm(path)
        while is_noticed and harm is remove and writer.error is None:
            writer.wait(writer.commit())
        begun = subprocess.Popen(
            [sys.executable, "-c", SECOND, str(path)],
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        second.append(begun)
        assert begun.stdout is not None
        assert begun.stdout.readline() == "here\n"

    with pytest.raises(RecordingError, match="has been removed|another file has taken its place"):
        trainings.train(KIND, "scalar", path, callbacks=At(100, begin_another))
    with second[0] as process:
        assert process.stdin is not None
        assert path.with_name(path.name + "-wal").exists()
        assert History.open(path).last_step >= 390
        process.stdin.close()
        assert process.wait(60) == 0
    wanted = record(trainings.whole(KIND))
    assert record(History.open(path)) == wanted
    moved = path.with_suffix(".moved")
    left = [path.name, moved.name] if harm is move else [path.name]
    assert sorted(each.name for each in path.parent.iterdir()) == sorted(left)
    if harm is move:
        assert History.open(moved).last_step >= 90
        assert record(trainings.go_on(KIND, moved)) == wanted


def test_a_lost_file_that_was_empty_is_not_taken_for_ours(path: Path) -> None:
    """Nothing had been committed, and now something else has its name."""
    held = recorders.Recorder(path, 0, is_new=True)
    held.open()
    path.unlink()
    path.write_text("precious")
    held.commit()
    with pytest.raises(RecordingError, match="another file has taken its place"):
        held.close("finished")
    assert path.read_text() == "precious"
    with pytest.raises(FormatError, match=re.escape(str(path))):
        History.open(path)
