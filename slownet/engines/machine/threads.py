"""Threads that wait for each other inside a kernel."""

from __future__ import annotations

import platform
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types

from slownet.engines.machine import jit
from slownet.engines.machine.jit import ZERO, inlined

_long = ir.IntType(64)
ARRIVED, ROUND = ZERO, ZERO + 8  # their places in `barrier`, on two cache lines
SPINS = 2000  # how often a waiting thread looks before it yields to others
YIELD = "SwitchToThread" if sys.platform == "win32" else "sched_yield"
HAS_PAUSE = platform.machine().lower() in ("x86_64", "amd64")


def _element(context: Any, builder: Any, kind: Any, array: Any, at: Any) -> Any:
    return builder.gep(context.make_array(kind)(context, builder, array).data, [at])


def _type_add(typingctx: Any, array: Any, at: Any, number: Any) -> Any:
    """Add to an element atomically; return what it was."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        where = _element(context, builder, signature.args[0], args[0], args[1])
        return builder.atomic_rmw("add", where, args[2], "seq_cst")

    return types.int64(array, types.uint64, types.int64), code


def _type_look(typingctx: Any, array: Any, at: Any) -> Any:
    """Read an element atomically, and see all that was written before it."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        where = _element(context, builder, signature.args[0], args[0], args[1])
        return builder.load_atomic(where, "seq_cst", 8)

    return types.int64(array, types.uint64), code


def _type_pause(typingctx: Any) -> Any:
    """Hint to the processor that this loop waits."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if HAS_PAUSE:
            nothing = ir.FunctionType(ir.VoidType(), [])
            pause = cgutils.get_or_insert_function(builder.module, nothing, "llvm.x86.sse2.pause")
            builder.call(pause, [])
        return context.get_dummy_value()

    return types.void(), code


def _type_yield(typingctx: Any) -> Any:
    """Yield to other threads."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), [])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, YIELD), [])
        return context.get_dummy_value()

    return types.void(), code


_add, _look = jit.intrinsic(3, _type_add), jit.intrinsic(2, _type_look)
_pause, _yield = jit.intrinsic(0, _type_pause), jit.intrinsic(0, _type_yield)


@inlined
def wait_at_barrier(barrier: Any, threads: int) -> None:
    """Wait until all threads have reached this point."""
    if threads > 1:
        now = _look(barrier, ROUND)
        if _add(barrier, ARRIVED, 1) == threads - 1:
            _add(barrier, ARRIVED, -threads)
            _add(barrier, ROUND, 1)
        else:
            spins = 0
            while _look(barrier, ROUND) == now:
                _pause()
                spins += 1
                if spins == SPINS:
                    _yield()
                    spins = 0


class NoThreadError(RuntimeError):
    """A thread cannot be started: there are too many, or none at all, or the process is ending."""


def run_in_threads(run: Callable[[int], Any], threads: int) -> None:
    """Run `run(me)` in threads that wait for each other.

    Raises
    ------
    NoThreadError
        If one of them cannot be started; then it is run in none.
    """
    ready, all_started = threading.Event(), True

    def wait_and_run(me: int) -> None:
        ready.wait()
        if all_started:
            run(me)

    workers = [threading.Thread(target=wait_and_run, args=(me,)) for me in range(1, threads)]
    try:
        for worker in workers:
            _start(worker)
    except BaseException:
        all_started = False
        raise
    finally:
        ready.set()
    try:
        run(0)
    finally:
        for worker in workers:
            worker.join()


def share(work: Callable[[int, int], Any], items: Iterable[int], threads: int) -> None:
    """Call `work(me, item)` for each item, in threads that take one after the other.

    There are fewer threads if some cannot be started. After an error no more items are taken; it is
    raised once all threads have ended.
    """
    left, errors = deque(items), list[BaseException]()

    def take() -> Iterator[int]:
        with suppress(IndexError):  # none is left
            while True:
                yield left.popleft()

    def run(me: int) -> None:
        try:
            for item in take():
                work(me, item)
        except BaseException as error:
            left.clear()
            errors.append(error)

    name = "slownet blocks"
    workers = [threading.Thread(target=run, args=(me,), name=name) for me in range(1, threads)]
    try:
        with suppress(NoThreadError):
            for worker in workers:
                _start(worker)
        run(0)
    finally:
        left.clear()
        for worker in workers:
            if worker.is_alive():
                worker.join()
    if errors:
        raise errors[0]


def _start(worker: threading.Thread) -> None:
    try:
        worker.start()
    except RuntimeError as error:
        raise NoThreadError(str(error)) from error
