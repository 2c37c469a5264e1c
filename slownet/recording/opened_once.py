"""Reading a run file several times through one connection: `database.reading` keeps it open here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

_kept: ContextVar[dict[Path, sqlite3.Connection] | None] = ContextVar("kept", default=None)


@contextmanager
def opened_once() -> Iterator[None]:
    """Open each run file once for all that is read within, or by the function that this decorates.

    Everything is read in the state that the file has then, though another process may be writing it.
    """
    if _kept.get() is not None:
        yield
        return
    kept: dict[Path, sqlite3.Connection] = {}
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)
        for connection in kept.values():
            connection.close()


def kept_connections() -> dict[Path, sqlite3.Connection] | None:
    """Return the connections that are kept open, None outside of `opened_once`."""
    return _kept.get()
