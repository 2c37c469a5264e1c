"""Compiling in another process, which fills the cache on disk while this one goes on.

`python -m slownet.engines.background` is that process.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from slownet.engines.machine import cache
from slownet.recording.run_lock import lock

NICE = 12  # on a single core this leaves more than nine tenths to a training
PATIENCE = 600.0  # seconds to wait for another process that fills the cache
_process: subprocess.Popen[bytes] | None = None
_has_failed = False  # no process could be started
_starting = threading.Lock()


def can_compile() -> bool:
    """Whether another process can fill the cache, which is not filled, or is about to."""
    if _process is not None:
        return _process.poll() is None
    program = Path(sys.executable or "").name.lower()  # another one, such as Blender, only embeds Python
    is_python = program.startswith(("python", "pypy")) and not getattr(sys, "frozen", False)
    return is_python and not _has_failed and cache.is_writable()


def compile_in_background() -> None:
    """Start to fill the cache, unless this process has done so already."""
    with _starting:
        if _process is None and not _has_failed:
            _start()


def note_end() -> None:
    """Let the operating system forget the process, if it has ended."""
    if _process is not None:
        _process.poll()


def _start() -> None:
    global _process, _has_failed
    root = Path(__file__).parents[2]
    own = "" if root.name in ("site-packages", "dist-packages") else str(root)
    path = os.pathsep.join(filter(None, (own, os.environ.get("PYTHONPATH"))))
    # Ctrl-C does not reach another group. It stays in this session: Linux shares the cores among
    # sessions first, and only within one by `nice`.
    apart: dict[str, Any] = {"process_group": 0}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.DETACHED_PROCESS | subprocess.IDLE_PRIORITY_CLASS}
    try:
        _process = subprocess.Popen(  # noqa: S603
            # -P: files of the user's in this folder, such as random.py, are not imported
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
            **apart,
        )
    except OSError:  # no memory, no more processes, or no such program
        _has_failed = True
    else:
        atexit.register(setattr, _process, "returncode", 0)  # it may go on: no ResourceWarning


def _forget_process() -> None:
    """In a process made by fork: the other one is not its child."""
    global _process, _starting
    _process, _starting = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_process)


@contextmanager
def _alone() -> Iterator[bool]:
    """Wait until no other process fills the cache; yield False if that takes too long.

    The lock ends with the process that holds it, however that ends.
    """
    descriptor = os.open(cache.directory() / "compiling", os.O_RDWR | os.O_CREAT)
    try:
        latest = time.monotonic() + PATIENCE
        while not (is_alone := lock(descriptor)) and time.monotonic() < latest:
            time.sleep(0.2)
        yield is_alone
    finally:
        os.close(descriptor)


def fill() -> bool:
    """Fill the cache here, or wait until the process that does so has; return whether it is filled."""
    if cache.is_filled():
        return True
    with _alone() as alone:
        return cache.is_filled() or (alone and _fill())


def _fill() -> bool:
    """Compile all built-in formulas and the kernels; return whether they pass the check."""
    from slownet.engines import formulas, selfcheck
    from slownet.functions import ACTIVATIONS, LOSSES, OPTIMIZERS, REGULARIZERS

    activations = [ACTIVATIONS.find(name) for name in ACTIVATIONS]
    for activation in activations:
        formulas.values_of(activation)
        formulas.deltas_of(activation)
    for loss in map(LOSSES.find, LOSSES):
        for activation in activations:
            formulas.loss_of(loss, activation)
        for partner in (False, True):
            formulas.slopes_of(loss, partner)
    for optimizer in map(OPTIMIZERS.find, OPTIMIZERS):
        formulas.update_of(optimizer)
    for regularizer in map(REGULARIZERS.find, REGULARIZERS):
        formulas.penalty_of(regularizer)
    return selfcheck.verdict() is None


def main() -> int:
    """Fill the cache, unless another process has; return the exit code."""
    with suppress(AttributeError, OSError):  # not on Windows
        os.nice(NICE)
    return 0 if fill() else 1


if __name__ == "__main__":
    sys.exit(main())
