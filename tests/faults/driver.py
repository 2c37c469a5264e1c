"""Reads lines of JSON; for each it forks a process that trains, and kills it.

A line has `kind`, `engine`, `path`, `resumes`, `step`, `seconds`, `holds`. The process is killed so long
after it has reported the step as committed (or after its start where `step` is null); where `seconds` is
null it is not killed. One that `holds` does not close its run, so that it is surely killed before that.
The answer says which step was the last to be reported (null if none was), and whether it was killed. All
is compiled before the first fork.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
import time
from pathlib import Path
from typing import Any

import trainings

from slownet.engines import compiled, selfcheck
from slownet.recording import recorder, run_writer

assert selfcheck.verdict() is None


def wait_for_kill(self: recorder.Recorder, *_: Any, **options: Any) -> None:
    """Make everything safe that can be, and do not end; the alarm is for a parent that has gone."""
    self.commit()
    signal.alarm(60)
    signal.pause()


def child(work: dict[str, Any], pipe: int) -> None:
    write = run_writer.RunWriter._write

    def reported(self: run_writer.RunWriter) -> None:
        write(self)
        os.write(pipe, struct.pack("q", self.committed))

    run_writer.RunWriter._write = reported  # type: ignore[method-assign]
    if work["holds"]:
        recorder.Recorder.close = wait_for_kill  # type: ignore[method-assign]
    trainings.hurry()
    compiled.SECONDS_AT_ONCE = 0.01
    path = Path(work["path"])
    if work["resumes"]:
        trainings.go_on(work["kind"], path)
    else:
        trainings.train(work["kind"], work["engine"], path)


def disturb(work: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        failed = 1
        try:
            child(work, writing)
            failed = 0
        finally:
            sys.stderr.flush()
            os._exit(failed)
    os.close(writing)
    committed, step, seconds = None, work["step"], work["seconds"]
    with os.fdopen(reading, "rb", buffering=0) as reports:
        while step is not None and (committed is None or committed < step):
            if not (report := reports.read(8)):
                break
            (committed,) = struct.unpack("q", report)
        if seconds is not None:
            time.sleep(seconds)
            os.kill(pid, signal.SIGKILL)  # harmless if it has ended: it is waited for below
        while report := reports.read(8):
            (committed,) = struct.unpack("q", report)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return {"committed": committed, "killed": os.WIFSIGNALED(status)}


def main() -> None:
    for kind in trainings.KILLED:  # what is compiled only now need not be compiled in every child
        for engine in ("scalar", "compiled"):
            trainings.train(kind, engine, epochs=2)
    for line in sys.stdin:
        work = json.loads(line)
        sys.stdout.write(json.dumps(disturb(work)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
