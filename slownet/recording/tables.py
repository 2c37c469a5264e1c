"""The tables of a run file, and their rows: each has a checksum that is verified on reading."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from slownet.errors import FormatError
from slownet.recording.field_types import INTEGER, JSON, NUMBERS, TEXT, FieldType, types_of
from slownet.recording.history import EpochRecord
from slownet.recording.json_values import short_text
from slownet.recording.snapshot import Snapshot, TrainingState

if TYPE_CHECKING:
    import sqlite3

STATE = types_of(TrainingState)
SNAPSHOT = types_of(Snapshot, besides=["state"])
FINITE_JSON = partial(json.dumps, allow_nan=False)
# the columns before the checksum; the first one is the key
TABLES: dict[str, dict[str, FieldType]] = {
    "run": {"name": TEXT, "value": JSON},
    "graphs": {"id": INTEGER, "graph": JSON._replace(to_sql=FINITE_JSON)},
    "watch": {"sample": INTEGER, "label": JSON, "inputs": NUMBERS, "targets": NUMBERS},
    "steps": {"first": INTEGER, "count": INTEGER, "loss": NUMBERS, "accuracy": NUMBERS},
    "epochs": types_of(EpochRecord),
    "snapshots": SNAPSHOT | STATE,
    "state": SNAPSHOT | STATE,
}
COUNTED = ("watch", "steps", "epochs", "snapshots", "state")
# SQL that makes version 2 of version 1, version 3 of version 2, ... A column that a new version adds
# is optional: in older rows it is NULL, which leaves their checksums as they are.
MIGRATIONS: tuple[str, ...] = ()
Row = dict[str, Any]  # {column: value}


def version() -> int:
    """Return the version of the tables that are made here."""
    return 1 + len(MIGRATIONS)


def create(connection: sqlite3.Connection, first: str = "") -> None:
    """Make all tables, at once or not at all; the SQL in `first` is executed before."""
    tables = "; ".join(map(_definition, TABLES))
    _execute(connection, f"{first} {tables};")


def migrate(connection: sqlite3.Connection, found: int) -> None:
    """Bring the tables of an older version up to date, at once or not at all."""
    _execute(connection, " ".join(MIGRATIONS[found - 1 :]))


def _execute(connection: sqlite3.Connection, script: str) -> None:
    connection.executescript(f"BEGIN; {script} PRAGMA user_version = {version()}; COMMIT;")


def _definition(table: str) -> str:
    columns = [
        f'"{name}" {column.sql}{"" if column.is_optional else " NOT NULL"}'
        for name, column in TABLES[table].items()
    ]
    columns[0] = columns[0].replace(" NOT NULL", " PRIMARY KEY NOT NULL")
    listed = ", ".join([*columns, "crc32 INTEGER NOT NULL"])
    without_rowid = " WITHOUT ROWID" if TABLES[table][_key(table)].sql == "TEXT" else ""
    return f"CREATE TABLE {table} ({listed}){without_rowid}"


def check_tables(connection: sqlite3.Connection) -> None:
    """Refuse views, triggers and computed columns, whose rows were never written."""
    strange = connection.execute(
        "SELECT type, name FROM sqlite_master WHERE type NOT IN ('table', 'index') "
        "OR coalesce(rootpage, 0) <= 0"
    ).fetchone()
    if strange is not None:
        raise FormatError(f"expected only tables and indices, found {short_text(strange)}")
    for table in TABLES:
        for column in connection.execute(f"PRAGMA table_xinfo({table})"):
            if column[-1]:
                raise FormatError(f"{table}: the column {short_text(column[1])} is computed")


def insert(table: str, row: Mapping[str, Any], connection: sqlite3.Connection) -> None:
    """Write a row; in the table `run` it replaces one with the same name."""
    insert_stored(table, stored(table, row), connection)


def stored(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stored values of a row: copies, which nobody changes any more."""
    return {name: column.write_sql(row[name]) for name, column in TABLES[table].items()}


def insert_stored(table: str, values: Mapping[str, Any], connection: sqlite3.Connection) -> None:
    """Write the stored values of a row, as `insert` does."""
    verb = "INSERT OR REPLACE" if table == "run" else "INSERT"
    marks = ", ".join("?" * (len(values) + 1))
    connection.execute(
        f"{verb} INTO {table} ({_selected(table)}) VALUES ({marks})",
        (*values.values(), crc32(values)),
    )


def put(name: str, value: object, connection: sqlite3.Connection) -> None:
    """Write one value of the table `run`."""
    insert("run", {"name": name, "value": value}, connection)


def crc32(values: Mapping[str, Any]) -> int:
    """Return a checksum of the stored values of a row, their columns and types; NULL does not count."""
    checksum = 0
    for name, value in values.items():
        if value is not None:
            content = value if isinstance(value, bytes) else str(value).encode()
            head = f"{name} {type(value).__name__} {len(content)} ".encode()
            checksum = zlib.crc32(content, zlib.crc32(head, checksum))
    return checksum


def count(connection: sqlite3.Connection) -> None:
    """Write the number of rows of each table, so that rows which damage has removed are noticed."""
    put("rows", counts(connection), connection)


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the number of rows of each table whose rows are counted."""
    return {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
        for table in COUNTED
    }


def rows(connection: sqlite3.Connection, table: str) -> Iterator[tuple[str, Row]]:
    """Read a table in the order of its keys; yield the place of each row for messages, and the row.

    Raises
    ------
    FormatError
        If a row is not as it was written, or is read twice.
    """
    for where, found in _ascending(connection, table, _selected(table)):
        yield where, _checked(table, where, found)


def keys(connection: sqlite3.Connection, table: str) -> list[int]:
    """Return the keys of a table, ascending, without reading its rows."""
    return [found[0] for _, found in _ascending(connection, table, f'"{_key(table)}"')]


def row(connection: sqlite3.Connection, table: str, key: int) -> tuple[str, Row]:
    """Read the row with a key; return its place for messages, and the row."""
    name = _key(table)
    found = connection.execute(
        f"SELECT {_selected(table)} FROM {table} WHERE {name} = ?",  # noqa: S608  constants
        (key,),
    ).fetchone()
    where = f"{table}, {name} {key}"
    if found is None:
        raise FormatError(f"{where}: there is none")
    read = _checked(table, where, found)
    if read[name] != key:
        raise FormatError(f"{where}: it does not stand in its place")
    return where, read


def _key(table: str) -> str:
    return next(iter(TABLES[table]))


def _selected(table: str) -> str:
    """Return the columns of a table as SQL lists them."""
    return ", ".join([f'"{name}"' for name in TABLES[table]] + ["crc32"])


def _ascending(
    connection: sqlite3.Connection, table: str, columns: str
) -> Iterator[tuple[str, Sequence[Any]]]:
    """Read rows in the order of their keys; in a damaged file SQLite may repeat rows without end."""
    key = _key(table)
    last: Any = None
    expected = TABLES[table][key].stored
    for found in connection.execute(f"SELECT {columns} FROM {table} ORDER BY {key}"):  # noqa: S608
        where = f"{table}, {key} {short_text(found[0])}"
        if type(found[0]) is not expected:
            raise FormatError(f"{where}: expected {expected.__name__}")
        if last is not None and not last < found[0]:
            raise FormatError(f"{where}: it does not stand in its place")
        last = found[0]
        yield where, found


def _checked(table: str, where: str, found: Sequence[Any]) -> Row:
    values = dict(zip(TABLES[table], found, strict=False))  # without the checksum
    if crc32(values) != found[-1]:
        raise FormatError(f"{where}: its checksum is not that of its values: the file is damaged")
    return {
        name: column.read_sql(values[name], f"{where}, {name}") for name, column in TABLES[table].items()
    }
