"""Disks that are full and folders that may not be written, for real."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import trainings
from bits import numbers, record
from commands import ENVIRONMENT, output, python, run
from slow import mostly_long
from small_disk import COMMITTED

from slownet import History

SMALL_DISK = [sys.executable, Path(__file__).parent / "small_disk.py"]
PYTHON = [sys.executable, "-c"]

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX limits and users only")


# import everything, and then be a user whom the modes of files bind, as they do not bind root
AS_NOBODY = """
import os, shutil, sys, tempfile
from pathlib import Path
import trainings
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "a.run")
    trainings.train("full", "scalar", path, epochs=1)
    trainings.go_on("full", path, epochs=2)
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
"""
KILLED = """
import os, sys
from pathlib import Path
import trainings
from slownet import Callback

class Die(Callback):
    def on_step_end(self, training):
        if training.step == 300:
            trainings.wait_for_commit(training, 200)
            os._exit(0)

trainings.hurry()
trainings.train("full", "scalar", Path(sys.argv[1]), callbacks=Die())
"""
READ = """
import sys
from slownet import History, RecordingError
history = History.open(sys.argv[1])
assert len(list(history.snapshots)) == len(history.snapshot_steps)
print(history.last_step)
"""
REFUSED = """
import sys
import tempfile
from pathlib import Path
import trainings
from slownet import FileError
path = Path(sys.argv[1])
new = path.with_name("new.run")
for use in (lambda: trainings.go_on("full", path), lambda: trainings.train("full", "scalar", new)):
    try:
        use()
    except FileError as error:
        print(error)
    else:
        print("nothing was raised")
"""


def may_mount() -> bool:
    """Whether a file system can be made that only the tests see."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
    return not run(*command).returncode


mounts = pytest.mark.skipif(not may_mount(), reason="no file system can be mounted here by unshare -rm")


def mounted(options: str, place: Path, *command: object, first: str = "", last: str = "") -> str:
    """Run a command with a file system mounted at a folder, and a line of shell before and after."""
    script = f'cd /; {first}\nmount {options} "$0"\n"$@"\n{last}'
    return output("unshare", "-rm", "sh", "-ec", script, place, *command, env=ENVIRONMENT)


def check(found: dict[str, Any], message: str) -> None:
    """What must hold where a disk has filled up in the middle of a large training."""
    assert re.search(message, found["error"]), found
    safe = re.search(r"up to step (\d+), is safe", found["error"])
    assert safe is not None, found
    assert found["in the file"] >= int(safe[1]) >= COMMITTED
    then = trainings.whole("large").rewind(found["step"], (trainings.X, trainings.Y))
    assert found["net"] == repr(numbers(then))
    assert found["kept"] == found["step"] >= found["in the file"]


def check_goes_on(path: Path, safe: int, kind: str = "full") -> None:
    wanted = record(trainings.whole(kind))
    before = History.open(path)
    found = record(before)
    assert before.last_step == safe
    assert all(found[name] == wanted[name][: len(found[name])] for name in wanted)
    assert record(trainings.go_on(kind, path)) == wanted
    assert record(History.open(path)) == wanted


@pytest.mark.long
@posix
@pytest.mark.parametrize("left", [0, 50_000, 200_000])
def test_a_file_that_may_not_grow_holds_what_was_safe_and_goes_on_later(
    left: int, tmp_path: Path
) -> None:
    path = tmp_path / "a.run"
    found = json.loads(output(*SMALL_DISK, path, "large", "file", left, env=ENVIRONMENT))
    check(found, "the disk does not take it")
    check_goes_on(path, found["in the file"], "large")


@posix
@pytest.mark.parametrize("size", [1, 20_000, 70_000, 120_000])
def test_a_file_that_cannot_be_made_leaves_nothing(size: int, tmp_path: Path) -> None:
    found = json.loads(output(*SMALL_DISK, tmp_path / "a.run", "full", "now", size, env=ENVIRONMENT))
    assert re.search("cannot be made: the disk does not take it.*a.run", found["error"])
    assert found["folder"] == []


@pytest.mark.long
@mounts
@pytest.mark.parametrize("left", mostly_long([50_000, 0, 200_000]))
def test_a_full_disk_holds_what_was_safe_and_training_goes_on_once_there_is_space(
    left: int, tmp_path: Path
) -> None:
    disk, copy = tmp_path / "disk", tmp_path / "copy"
    disk.mkdir()
    options = "-t tmpfs -o size=20M none"
    command = (*SMALL_DISK, disk / "a.run", "large", "disk", left)
    found = json.loads(mounted(options, disk, *command, last=f"cp -r '{disk}' '{copy}'"))
    check(found, "the disk is full")
    check_goes_on(copy / "a.run", found["in the file"], "large")


@mounts
def test_a_disk_that_is_full_from_the_beginning_is_left_as_it_was(tmp_path: Path) -> None:
    for size, message in (
        ("80k", "cannot be made: the disk is full"),
        ("200k", "nothing has been recorded"),
    ):
        command = (*SMALL_DISK, tmp_path / "a.run", "full", "now", 0)
        found = json.loads(mounted(f"-t tmpfs -o size={size} none", tmp_path, *command))
        assert message in found["error"]
        assert found["folder"] == []


@pytest.mark.long
@mounts
@pytest.mark.parametrize("step", [1, 30, 900, 960])
def test_a_disk_that_is_full_before_the_first_commit_keeps_what_a_later_one_can(
    step: int, tmp_path: Path
) -> None:
    disk, copy = tmp_path / "disk", tmp_path / "copy"
    disk.mkdir()
    command = (*SMALL_DISK, disk / "a.run", "full", "first", step)
    options = "-t tmpfs -o size=20M none"
    found = json.loads(mounted(options, disk, *command, last=f"cp -r '{disk}' '{copy}'"))
    assert found == {"kept": 960, "in the file": 960}
    wanted = trainings.train("full", "scalar", snapshots=None, watch=None)
    assert record(History.open(copy / "a.run")) == record(wanted)


@pytest.mark.long
@posix
def test_what_a_kill_has_left_is_read_where_nothing_may_be_written(tmp_path: Path) -> None:
    """Also without the index of SQLite's log, as where somebody has copied the files."""
    path = tmp_path / "a.run"
    python(KILLED, path)
    assert (tmp_path / "a.run-wal").stat().st_size
    safe = History.open(path).last_step
    assert safe >= 200
    for gone in (None, "a.run-shm"):
        copy = Path(tempfile.mkdtemp(), "in here")
        shutil.copytree(tmp_path, copy)
        if gone:
            (copy / gone).unlink(missing_ok=True)
        try:
            for folder in (copy, copy.parent):
                folder.chmod(0o555)
            before = sorted(copy.iterdir())
            for each in copy.iterdir():
                each.chmod(0o444)
            assert int(python(AS_NOBODY + READ, copy / "a.run")) == safe
            refused = python(AS_NOBODY + REFUSED, copy / "a.run").splitlines()
            assert re.search("cannot be written: .*may not be written: .*a.run", refused[0])
            assert re.search("Permission denied: .*new.run", refused[1])
            assert sorted(copy.iterdir()) == before
        finally:
            for folder in (copy.parent, copy):
                folder.chmod(0o755)
            shutil.rmtree(copy.parent)
    check_goes_on(path, safe)


@mounts
def test_a_folder_that_is_mounted_read_only_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    python(KILLED, disk / "a.run")
    safe = History.open(disk / "a.run").last_step
    bound = f"-o remount,ro,bind '{disk}'"
    first = f"mount --bind '{disk}' '{disk}'"
    assert int(mounted(bound, disk, *PYTHON, READ, disk / "a.run", first=first)) == safe
    refused = mounted(bound, disk, *PYTHON, REFUSED, disk / "a.run", first=first).splitlines()
    assert "cannot be written: it, or the folder it is in, may not be written" in refused[0]
    assert "Read-only file system" in refused[1]
    check_goes_on(disk / "a.run", safe)


SWEEP = """
import sys
import slownet
from slownet.datasets import moons
path = sys.argv[1]
tasks = slownet.grid(*moons(400, seed=1), hidden=200, epochs=1, seeds=int(sys.argv[2]))
try:
    print(slownet.train_many(tasks, into=path, progress=False))
except slownet.FileError as error:
    print(error)
"""
OPEN = "import sys, slownet; print(slownet.Sweep.open(sys.argv[1]))"


@pytest.mark.long
@mounts
def test_a_sweep_is_read_where_nothing_may_be_written(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    assert python(SWEEP, disk / "a.db", "2").strip() == "Sweep(2 finished)"
    bound = f"-o remount,ro,bind '{disk}'"
    first = f"mount --bind '{disk}' '{disk}'"
    assert mounted(bound, disk, *PYTHON, OPEN, disk / "a.db", first=first).strip() == "Sweep(2 finished)"
    for name, message in (("a.db", "may not be written"), ("new.db", "Read-only file system")):
        refused = mounted(bound, disk, *PYTHON, SWEEP, disk / name, "3", first=first)
        assert message in refused
        assert name in refused
    assert [each.name for each in disk.iterdir()] == ["a.db"]


@pytest.mark.long
@mounts
@pytest.mark.parametrize("kilobytes", mostly_long([60, 4]))
def test_a_sweep_goes_on_where_a_disk_was_full(kilobytes: int, tmp_path: Path) -> None:
    """Also where it was full before anything could be written."""
    disk = tmp_path / "disk"
    disk.mkdir()
    script = f"""
mount -t tmpfs -o size={kilobytes}k none "$0"
"$1" -c "$2" "$0/a.db" 20; ls "$0"
mount -o remount,size=20m "$0"
"$1" -c "$2" "$0/a.db" 20
"""
    found = output("unshare", "-rm", "sh", "-ec", script, disk, sys.executable, SWEEP, env=ENVIRONMENT)
    first, *names, second = found.splitlines()
    assert "the disk is full" in first
    assert names == ([] if kilobytes == 4 else ["a.db"])
    assert second == "Sweep(20 finished)"
