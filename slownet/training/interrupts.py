"""Handling of Ctrl-C during a training."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def deferred_interrupts() -> Iterator[threading.Event]:
    """Let the first Ctrl-C set the event that is yielded; the second one raises KeyboardInterrupt.

    Outside the main thread, and where another handler is installed, nothing changes.
    """
    pressed = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()

    handles = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if handles:
        signal.signal(signal.SIGINT, handle)
    try:
        yield pressed
    finally:
        if handles:
            signal.signal(signal.SIGINT, signal.default_int_handler)
