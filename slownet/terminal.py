"""Standard streams, which may be missing: without a console they are None, and logs replace them."""

import os
import sys
from contextlib import suppress


def is_terminal(stream: object) -> bool:
    """Return whether somebody reads a stream on a screen."""
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):  # ValueError: it is closed
        return False


def has_no_size(stream: object) -> bool:
    """Return whether a terminal says that it has no columns or lines, as some do that do not know."""
    try:
        return 0 in os.get_terminal_size(stream.fileno())  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return False


def print_to_stderr(line: str) -> None:
    """Write a line to standard error, if there is one."""
    if sys.stderr is not None:
        with suppress(AttributeError, OSError, ValueError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
