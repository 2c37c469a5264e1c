"""Compiling in another process, which fills the cache on disk while this one goes on.

`python -m slownet.engines.background` is that process.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from slownet.engines.machine import cache

STALE = 600.0  # seconds after which a process that has not ended must have been killed
WAIT = 1.0  # seconds between two looks at another process
_process: subprocess.Popen[bytes] | None = None


def can_compile() -> bool:
    """Whether another process can fill the cache, or is about to."""
    if _process is not None:
        return _process.poll() in (None, 0)
    program = Path(sys.executable or "").name.lower()  # another one, such as Blender, only embeds Python
    is_python = program.startswith(("python", "pypy")) and not getattr(sys, "frozen", False)
    return is_python and cache.is_writable()


def compile_in_background() -> None:
    """Start to fill the cache, unless this process has done so already."""
    global _process
    if _process is not None:
        return
    root = Path(__file__).parents[2]
    own = "" if root.name in ("site-packages", "dist-packages") else str(root)
    path = os.pathsep.join(filter(None, (own, os.environ.get("PYTHONPATH"))))
    apart: dict[str, Any] = {"start_new_session": True}  # Ctrl-C does not reach it
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.DETACHED_PROCESS | subprocess.IDLE_PRIORITY_CLASS}
    with suppress(OSError):  # no memory, or no more processes: the object loops go on
        _process = subprocess.Popen(  # noqa: S603
            # -P: files of the user's in this folder, such as random.py, are not imported
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
            **apart,
        )
        atexit.register(setattr, _process, "returncode", 0)  # it may go on: no ResourceWarning


@contextmanager
def _alone() -> Iterator[bool]:
    """Yield whether no other process fills the cache."""
    path = cache.directory() / "compiling"
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > STALE:
            path.unlink()
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        yield False
        return
    try:
        yield True
    finally:
        path.unlink(missing_ok=True)


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
    """Fill the cache, or wait until another process has, which may end before; return the exit code."""
    with suppress(AttributeError, OSError):  # not on Windows
        os.nice(19)
    while not cache.is_filled():
        with _alone() as alone:
            if alone and not cache.is_filled():
                return 0 if _fill() else 1
        time.sleep(WAIT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
