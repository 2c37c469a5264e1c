"""The tables of a run file, and their rows: each carries a checksum, and is believed only with it."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from math import isnan
from typing import Any

from slownet.errors import FormatError
from slownet.recording.reading import JsonStream, shown

# version n of the schema is what the first n of these make; a file of an older one gets the rest
MIGRATIONS = (
    """
    CREATE TABLE run (name TEXT PRIMARY KEY, value TEXT NOT NULL, crc32 INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE graphs (id INTEGER PRIMARY KEY, graph TEXT NOT NULL, crc32 INTEGER NOT NULL);
    CREATE TABLE watch (sample INTEGER PRIMARY KEY, label TEXT NOT NULL, inputs BLOB NOT NULL,
        targets BLOB NOT NULL, crc32 INTEGER NOT NULL);
    CREATE TABLE steps (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, loss BLOB NOT NULL,
        accuracy BLOB NOT NULL, crc32 INTEGER NOT NULL);
    CREATE TABLE epochs (epoch INTEGER PRIMARY KEY, step INTEGER NOT NULL, loss REAL, accuracy REAL,
        validation_loss REAL, validation_accuracy REAL, seconds REAL NOT NULL, crc32 INTEGER NOT NULL);
    CREATE TABLE snapshots (step INTEGER PRIMARY KEY, epoch REAL NOT NULL,
        graph INTEGER NOT NULL REFERENCES graphs, weights BLOB NOT NULL, biases BLOB NOT NULL,
        zs BLOB NOT NULL, "values" BLOB NOT NULL, watch_loss REAL, watch_accuracy REAL,
        frozen TEXT NOT NULL, first BLOB, second BLOB, lost REAL NOT NULL, "right" INTEGER NOT NULL,
        crc32 INTEGER NOT NULL);
    """,
    """
    CREATE TABLE state AS SELECT * FROM snapshots WHERE 0;
    CREATE UNIQUE INDEX state_step ON state (step);
    """,
)
VERSION = len(MIGRATIONS)

Kinds = tuple[type, ...]
INTEGER: Kinds = (int,)
REAL: Kinds = (float,)
TEXT: Kinds = (str,)
BLOB: Kinds = (bytes,)
REAL_OR_NONE: Kinds = (float, type(None))
BLOB_OR_NONE: Kinds = (bytes, type(None))

_SNAPSHOT = {
    "step": INTEGER,
    "epoch": REAL,
    "graph": INTEGER,
    **dict.fromkeys(("weights", "biases", "zs", "values"), BLOB),
    **dict.fromkeys(("watch_loss", "watch_accuracy"), REAL_OR_NONE),
    "frozen": TEXT,
    **dict.fromkeys(("first", "second"), BLOB_OR_NONE),
    "lost": REAL,
    "right": INTEGER,
}
# the columns before the checksum; the first one is the key
TABLES: dict[str, dict[str, Kinds]] = {
    "run": {"name": TEXT, "value": TEXT},
    "graphs": {"id": INTEGER, "graph": TEXT},
    "watch": {"sample": INTEGER, "label": TEXT, "inputs": BLOB, "targets": BLOB},
    "steps": {"first": INTEGER, "count": INTEGER, "loss": BLOB, "accuracy": BLOB},
    "epochs": {
        "epoch": INTEGER,
        "step": INTEGER,
        "loss": REAL,
        **dict.fromkeys(("accuracy", "validation_loss", "validation_accuracy"), REAL_OR_NONE),
        "seconds": REAL,
    },
    "snapshots": _SNAPSHOT,
    "state": _SNAPSHOT,
}
COUNTED = ("watch", "steps", "epochs", "snapshots", "state")
_COLUMNS = {
    table: ", ".join([f'"{name}"' for name in columns] + ["crc32"]) for table, columns in TABLES.items()
}


def migrate(connection: sqlite3.Connection, found: int, first: str = "") -> None:
    """Make the newest schema of version `found`, at once or not at all; `first` goes before."""
    scripts = "".join(MIGRATIONS[found:])
    connection.executescript(f"BEGIN; {first} {scripts} PRAGMA user_version = {VERSION}; COMMIT;")


def check_tables(connection: sqlite3.Connection) -> None:
    """Refuse what could make rows that nobody has written: views, triggers, computed columns."""
    strange = connection.execute(
        "SELECT type, name FROM sqlite_master WHERE type NOT IN ('table', 'index') "
        "OR coalesce(rootpage, 0) <= 0"
    ).fetchone()
    if strange is not None:
        raise FormatError(f"expected only tables and indices, found {shown(strange)}")
    for table in TABLES:
        for column in connection.execute(f"PRAGMA table_xinfo({table})"):
            if column[-1]:
                raise FormatError(f"{table}: the column {shown(column[1])} is computed")


def insert(table: str, values: Iterable[Any], connection: sqlite3.Connection) -> None:
    """Write a row; one of the table `run` takes the place of an older one."""
    row = [
        None if value is None or (kinds[0] is float and isnan(value)) else kinds[0](value)
        for value, kinds in zip(values, TABLES[table].values(), strict=True)
    ]
    verb = "INSERT OR REPLACE" if table == "run" else "INSERT"
    marks = ", ".join("?" * (len(row) + 1))
    connection.execute(
        f"{verb} INTO {table} ({_COLUMNS[table]}) VALUES ({marks})",
        (*row, crc32(row)),
    )


def put(name: str, value: object, connection: sqlite3.Connection) -> None:
    """Write one value of the table `run`."""
    insert("run", (name, json.dumps(value)), connection)


def crc32(row: Iterable[Any]) -> int:
    """Return a checksum of values and their types."""
    sum_ = 0
    for value in row:
        content = value if isinstance(value, bytes) else str(value).encode()
        sum_ = zlib.crc32(content, zlib.crc32(f"{type(value).__name__} {len(content)} ".encode(), sum_))
    return sum_


def count(connection: sqlite3.Connection) -> None:
    """Note how many rows there are: a row that damage has taken away would not be missed otherwise."""
    counts = {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
        for table in COUNTED
    }
    put("rows", counts, connection)


def rows(connection: sqlite3.Connection, table: str) -> Iterator[tuple[str, Sequence[Any]]]:
    """Read a table in the order of its keys: where each row stands, and its values.

    Raises
    ------
    FormatError
        If a row is not as it was written, or stands there twice.
    """
    return _ascending(connection, table, _COLUMNS[table], _checked)


def keys(connection: sqlite3.Connection, table: str) -> list[int]:
    """Return the keys of a table, ascending, without reading its rows."""
    key = next(iter(TABLES[table]))
    return [values[0] for _, values in _ascending(connection, table, key, _integer)]


def row(connection: sqlite3.Connection, table: str, key: int) -> tuple[str, Sequence[Any]]:
    """Read the row with a key: where it stands, and its values."""
    name = next(iter(TABLES[table]))
    found = connection.execute(
        f"SELECT {_COLUMNS[table]} FROM {table} WHERE {name} = ?",  # noqa: S608  all ours
        (key,),
    ).fetchone()
    where = f"{table}, {name} {key}"
    if found is None:
        raise FormatError(f"{where}: there is none")
    values = _checked(table, where, found)
    if values[0] != key:
        raise FormatError(f"{where}: it does not stand in its place")
    return where, values


def _ascending(
    connection: sqlite3.Connection, table: str, columns: str, checked: Callable[..., Sequence[Any]]
) -> Iterator[tuple[str, Sequence[Any]]]:
    """Read checked rows by their keys; damage can lead SQLite in a circle, where a row comes back."""
    key = next(iter(TABLES[table]))
    last = None
    for found in connection.execute(f"SELECT {columns} FROM {table} ORDER BY {key}"):  # noqa: S608
        where = f"{table}, {key} {shown(found[0])}"
        values = checked(table, where, found)
        if last is not None and not last < values[0]:
            raise FormatError(f"{where}: it does not stand in its place")
        last = values[0]
        yield where, values


def _integer(_table: str, where: str, found: Sequence[Any]) -> Sequence[Any]:
    if type(found[0]) is not int:
        raise FormatError(f"{where}: expected an integer")
    return found


def _checked(table: str, where: str, found: Sequence[Any]) -> Sequence[Any]:
    *values, check = found
    for (name, kinds), value in zip(TABLES[table].items(), values, strict=True):
        if type(value) not in kinds:
            expected, other = kinds[0].__name__, type(value).__name__
            raise FormatError(f"{where}, {name}: expected {expected}, found {other}")
    if crc32(values) != check:
        raise FormatError(f"{where}: it does not have the checksum that it was written with")
    return values


def parse(text: str, where: str) -> Any:
    """Read JSON from a row, in bounded memory."""
    stream = JsonStream(BytesIO(text.encode("utf-8", "replace")), where)
    value = stream.value(where)
    stream.end()
    return value
