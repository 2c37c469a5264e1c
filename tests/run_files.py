"""Facts of a run file, read and written past slownet."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from slownet.recording import tables


def put(path: Path | str, name: str, value: object) -> None:
    """Write a fact with a valid checksum."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        tables.put(name, value, connection)


def got(path: Path | str, name: str) -> Any:
    """Read a fact that is written as JSON."""
    with closing(sqlite3.connect(path)) as connection:
        return json.loads(
            connection.execute("SELECT value FROM run WHERE name = ?", (name,)).fetchone()[0]
        )
