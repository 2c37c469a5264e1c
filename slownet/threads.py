"""Threads where there may be none (in Pyodide, or the system allows no more), and waiting for them."""

from functools import cache
from threading import Lock, Thread


class Flag:
    """An event that one thread sets, once, and another waits for; an interrupt may come at any moment.

    `threading.Event` takes its lock in Python. A KeyboardInterrupt there leaves it locked, and whoever
    waits next does so for ever.
    """

    def __init__(self) -> None:
        self._is_set, self._gate = False, Lock()
        self._gate.acquire()

    def is_set(self) -> bool:
        """Whether it has been set."""
        return self._is_set

    def set(self) -> None:
        """Let all who wait go on."""
        if not self._is_set:
            self._is_set = True
            self._gate.release()

    def wait(self, seconds: float = -1.0) -> bool:
        """Wait until it is set, or so many seconds if they are not below 0; return whether it is."""
        if not self._is_set and self._gate.acquire(timeout=seconds):
            self._gate.release()
        return self._is_set


def started(thread: Thread) -> bool:
    """Start a thread; return whether that was possible. If not, the caller does the work itself."""
    try:
        thread.start()
    except RuntimeError:
        return False
    return True


@cache
def can_start() -> bool:
    """Whether threads can start here at all."""
    return started(Thread(target=int))
