"""Waiting for another thread: an interrupt at any moment leaves nothing locked."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from slownet.threads import Flag

MOST = 1_000  # operations of Python within a wait


def interrupted(wait: Callable[[], object], moment: int) -> bool:
    """Wait, with a KeyboardInterrupt before one of Python's operations; return whether it came."""
    left = moment

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        frame.f_trace_opcodes = True
        left -= event == "opcode"
        if left < 0:
            sys.settrace(None)
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        wait()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


def test_an_interrupt_at_any_moment_leaves_a_flag_as_it_is() -> None:
    for moment in range(MOST):
        flag = Flag()
        assert not flag.wait(0.0)
        came = interrupted(lambda flag=flag: flag.wait(0.0), moment)  # type: ignore[misc]
        assert not flag.is_set()
        other = threading.Thread(target=flag.set)
        other.start()
        other.join()
        came = interrupted(flag.wait, moment) or came
        assert flag.wait()
        assert flag.is_set()
        if not came:
            break
    assert 3 < moment < MOST - 1


def test_who_waits_goes_on_when_it_is_set() -> None:
    for moment in range(MOST):
        flag = Flag()
        other = threading.Timer(0.002, flag.set)
        other.start()
        came = interrupted(flag.wait, moment)
        other.join()
        assert flag.wait()
        if not came:
            break
    assert 3 < moment < MOST - 1
