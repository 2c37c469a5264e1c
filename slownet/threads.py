"""Starting a thread where there may be none: in Pyodide, or where the system allows no more of them."""

from functools import cache
from threading import Thread


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
