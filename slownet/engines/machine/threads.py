"""Threads that meet inside a kernel."""

from __future__ import annotations

import platform
import sys
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types

from slownet.engines.machine import jit
from slownet.engines.machine.jit import ZERO, inlined

_long = ir.IntType(64)
ARRIVED, ROUND = ZERO, ZERO + 8  # their places in `meeting`, on two lines of the cache
SPINS = 2000  # looks before a waiting thread offers its processor to others
YIELD = "SwitchToThread" if sys.platform == "win32" else "sched_yield"
HAS_PAUSE = platform.machine().lower() in ("x86_64", "amd64")


def _element(context: Any, builder: Any, kind: Any, array: Any, at: Any) -> Any:
    return builder.gep(context.make_array(kind)(context, builder, array).data, [at])


def _type_add(typingctx: Any, array: Any, at: Any, number: Any) -> Any:
    """Add to an element as one step that no other thread can come between; return what it was."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        where = _element(context, builder, signature.args[0], args[0], args[1])
        return builder.atomic_rmw("add", where, args[2], "seq_cst")

    return types.int64(array, types.uint64, types.int64), code


def _type_look(typingctx: Any, array: Any, at: Any) -> Any:
    """Read what another thread may have written, and all that it wrote before."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        where = _element(context, builder, signature.args[0], args[0], args[1])
        return builder.load_atomic(where, "seq_cst", 8)

    return types.int64(array, types.uint64), code


def _type_pause(typingctx: Any) -> Any:
    """Tell the processor that this loop waits."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if HAS_PAUSE:
            nothing = ir.FunctionType(ir.VoidType(), [])
            pause = cgutils.get_or_insert_function(builder.module, nothing, "llvm.x86.sse2.pause")
            builder.call(pause, [])
        return context.get_dummy_value()

    return types.void(), code


def _type_offer(typingctx: Any) -> Any:
    """Offer the processor to other threads."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), [])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, YIELD), [])
        return context.get_dummy_value()

    return types.void(), code


_add, _look = jit.intrinsic(3, _type_add), jit.intrinsic(2, _type_look)
_pause, _offer = jit.intrinsic(0, _type_pause), jit.intrinsic(0, _type_offer)


@inlined
def meet(meeting: Any, threads: int) -> None:
    """Wait until all threads are here."""
    if threads > 1:
        now = _look(meeting, ROUND)
        if _add(meeting, ARRIVED, 1) == threads - 1:
            _add(meeting, ARRIVED, -threads)
            _add(meeting, ROUND, 1)
        else:
            spins = 0
            while _look(meeting, ROUND) == now:
                _pause()
                spins += 1
                if spins == SPINS:
                    _offer()
                    spins = 0
