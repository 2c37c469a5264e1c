"""Damaged, foreign, older, newer and hostile files: what is read is what was written, or refused."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import trainings
from bits import record
from commands import python
from trainings import SEED, THOROUGH

from slownet import FileError, FormatError, History, MissingFileError
from slownet.recording import runfile, tables

SQL = Callable[[sqlite3.Connection], Any]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Any]:
    path = tmp_path_factory.mktemp("whole") / "a.run"
    history = trainings.train("full", "scalar", path, epochs=2)
    return path.read_bytes(), everything(history)


@pytest.fixture
def run(whole: tuple[bytes, Any], tmp_path: Path) -> Path:
    path = tmp_path / "a.run"
    path.write_bytes(whole[0])
    return path


def everything(history: History) -> Any:
    watch = history.watch
    about = (
        history.config,
        history.classes,
        history.target_kind,
        history.start,
        history.id,
        history.ended,
    )
    graphs = [
        [
            (repr(layer), [each.weights for each in layer.neurons.values()])
            for layer in graph.layers.values()
        ]
        for graph in (each.graph for each in history.snapshots)
    ]
    return record(history), watch.samples, watch.labels, watch.targets, about, graphs


def change(path: Path, what: SQL) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        what(connection)


def rewrite(path: Path, table: str, key: object, **columns: Any) -> None:
    """Change a row as somebody would who knows about checksums."""
    names = list(tables.TABLES[table])

    def update(connection: sqlite3.Connection) -> None:
        listed = ", ".join(f'"{name}"' for name in names)
        query = f"SELECT {listed} FROM {table} WHERE {names[0]} = ?"
        row = dict(zip(names, connection.execute(query, (key,)).fetchone(), strict=True)) | columns
        connection.execute(f"DELETE FROM {table} WHERE {names[0]} = ?", (key,))
        marks = ", ".join("?" * (len(names) + 1))
        values = (*row.values(), tables.crc32(row))
        connection.execute(f"INSERT INTO {table} ({listed}, crc32) VALUES ({marks})", values)

    change(path, update)


def read(path: Path) -> Any:
    """Everything in a file that can be read, or None where it is refused."""
    try:
        found = everything(History.open(path))
        runfile.states(path)
    except FormatError:
        return None
    return found


@pytest.mark.long
def test_a_flipped_byte_changes_no_number_that_is_read(run: Path, whole: tuple[bytes, Any]) -> None:
    content, wanted = whole
    chance = random.Random(SEED)
    refused = 0
    assert read(run) == wanted
    for number in range(5000 if THOROUGH else 400):
        damaged = bytearray(content)
        for _ in range(1 + number % 3):  # half of them in the first page, which holds the layout
            place = chance.randrange(len(content) if number % 2 else 1000)
            damaged[place] ^= 1 << chance.randrange(8)
        run.write_bytes(damaged)
        found = read(run)
        assert found in (None, wanted), number
        refused += found is None
    assert refused > 50


def test_a_file_that_is_cut_off_is_refused_or_whole(run: Path, whole: tuple[bytes, Any]) -> None:
    content, wanted = whole
    for length in (*range(0, 120, 7), *range(120, len(content), 1501), len(content) - 1):
        run.write_bytes(content[:length])
        assert read(run) in (None, wanted), length


def test_zeros_where_a_page_was_are_noticed(run: Path, whole: tuple[bytes, Any]) -> None:
    content, wanted = whole
    for page in range(0, len(content), 4096):
        run.write_bytes(content[:page] + bytes(4096) + content[page + 4096 :])
        assert read(run) in (None, wanted), page


def test_the_first_epoch_is_1(run: Path) -> None:
    for epoch in (2, 1):
        rewrite(run, "epochs", epoch, epoch=epoch + 1)
    with pytest.raises(FormatError, match="epochs, epoch 2: expected epoch 1 here"):
        History.open(run)


@pytest.mark.parametrize("table", ["steps", "epochs", "snapshots", "watch"])
def test_a_row_that_has_gone_is_missed(table: str, run: Path) -> None:
    key = next(iter(tables.TABLES[table]))
    change(
        run, lambda c: c.execute(f"DELETE FROM {table} WHERE {key} = (SELECT max({key}) FROM {table})")
    )
    with pytest.raises(FormatError, match="a.run: .*the file is damaged"):
        History.open(run)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: it has just been made, or was stopped before"),
        (b"epoch,loss\n1,0.5\n", "is no SQLite database"),
        (b"x" * 5000, "is no SQLite database"),
        (json.dumps({"format": "slownet net"}).encode(), "is no SQLite database"),
        (b"SQLite format 3\0" + bytes(range(256)) * 20, "cannot be read|no run of slownet"),
    ],
)
def test_foreign_files_are_refused_by_what_they_are(
    content: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    for use in (History.open, lambda path: trainings.go_on("plain", path)):
        with pytest.raises(FormatError, match=message) as caught:
            use(path)
        assert str(path) in str(caught.value)
    assert path.read_bytes() == content


def test_another_database_a_folder_and_nothing_are_refused(tmp_path: Path) -> None:
    change(tmp_path / "other.db", lambda c: c.execute("CREATE TABLE run (name, value)"))
    for path, kind, message in (
        (tmp_path / "other.db", FormatError, "other.db: it is an SQLite database, but no run"),
        (tmp_path, FileError, "Is a directory|Permission denied"),
        (tmp_path / "missing.run", MissingFileError, "No such file"),
        (tmp_path / "nowhere" / "a.run", MissingFileError, "there is no folder"),
    ):
        with pytest.raises(kind, match=message):
            History.open(path)
        with pytest.raises(kind, match=message):
            trainings.go_on("plain", path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="Not a regular file"):
        History.open(tmp_path / "pipe")


def test_a_newer_version_is_refused_and_left_as_it_is(run: Path) -> None:
    change(run, lambda c: c.execute(f"PRAGMA user_version = {tables.version() + 1}"))
    before = run.read_bytes()
    for use in (History.open, lambda path: trainings.go_on("full", path)):
        with pytest.raises(FormatError, match=f"is of version {tables.version() + 1}.*install a newer"):
            use(run)
    assert run.read_bytes() == before


def test_an_older_version_is_read_as_it_is_and_brought_up_to_date_by_resume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if a later version had added a column: its rows are NULL there, and keep their checksums."""
    run = tmp_path / "a.run"
    history = trainings.train("momentum", "scalar", run, epochs=2)
    wanted = record(trainings.train("momentum", "scalar", epochs=3))
    added = "ALTER TABLE epochs ADD COLUMN validation_loss REAL;"
    change(run, lambda c: c.execute("ALTER TABLE epochs DROP COLUMN validation_loss"))
    with pytest.raises(FormatError, match="no such column: validation_loss|damaged"):
        History.open(run)
    monkeypatch.setattr(tables, "MIGRATIONS", (added,))
    before = run.read_bytes()
    assert record(History.open(run)) == record(history)
    assert run.read_bytes() == before
    assert record(trainings.go_on("momentum", run, epochs=3))["loss"] == wanted["loss"]
    change(run, lambda c: c.execute("SELECT validation_loss FROM epochs").fetchone())
    assert record(History.open(run))["loss"] == wanted["loss"]


BILLIONS = {  # a graph of a few bytes with as many weights as 120 layers of 200 neurons can have
    "layers": [{"id": 0, "neurons": [{"id": i} for i in range(200)]}]
    + [
        {
            "id": layer,
            "activation": {"name": "tanh"},
            "neurons": [{"id": i, "sources": {"layer": layer - 1}} for i in range(200)],
        }
        for layer in range(1, 120)
    ]
}
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
HOSTILE: dict[str, tuple[SQL | tuple[str, object, dict[str, Any]], str]] = {
    "a count beyond reason": (("steps", 1, {"count": 2**62}), "steps, first 1"),
    "a negative count": (("steps", 1, {"count": -1}), "steps, first 1"),
    "a text for a number": (("epochs", 1, {"loss": "small"}), "epochs, epoch 1, loss"),
    "a number for a text": (("run", "config", {"value": b"\0\xff"}), "run, name 'config', value"),
    "text that is no JSON": (("run", "config", {"value": "{"}), "run, name 'config'"),
    "lists in lists": (("run", "data", {"value": "[" * 100_000}), "run, name 'data'.*nested"),
    "many digits": (("run", "start", {"value": "1" * 100_000}), "run, name 'start'.*digits"),
    "not a number": (("run", "start", {"value": "NaN"}), "run, start"),
    "a start beyond the steps": (("run", "start", {"value": "7"}), "expected step 8"),
    "a parent without a name": (("run", "parent", {"value": '{"step": 3}'}), "run, parent"),
    "a list for an object": (("run", "config", {"value": "[]"}), "run, config"),
    "billions of weights": (("graphs", 1, {"graph": json.dumps(BILLIONS)}), "graphs, id 1.*weights"),
    "lists in a graph": (("graphs", 1, {"graph": '{"layers":' * 50_000}), "graphs, id 1"),
    "a graph that is none": (("graphs", 1, {"graph": "{}"}), "graphs, id 1.*layers"),
    "no such graph": (("snapshots", 0, {"graph": 99}), "graphs, id 99: there is none"),
    "too few weights": (("snapshots", 0, {"weights": b"\0" * 8}), "expected 1 weights"),
    "half a number": (("snapshots", 0, {"biases": b"\0" * 9}), "snapshots, step 0, biases"),
    "too many values": (("snapshots", 0, {"zs": b"\0" * 8000}), "snapshots, step 0, zs"),
    "memory of other weights": (("snapshots", 0, {"first": b"\0" * 8}), "snapshots, step 0, first"),
    "frozen weights that are none": (("snapshots", 0, {"frozen": "[1e9]"}), "snapshots, step 0, frozen"),
    "a snapshot of the future": (("snapshots", 0, {"step": 10**9}), "step 1000000000"),
    "a watched half number": (("watch", 0, {"inputs": b"\0" * 7}), "watch, sample 0"),
    "no format": (lambda c: c.execute("DELETE FROM run WHERE name = 'format'"), "holds no training"),
    "no options": (lambda c: c.execute("DELETE FROM run WHERE name = 'config'"), "run, config"),
    "no table": (lambda c: c.execute("DROP TABLE epochs"), "epochs"),
    "rows without an end": (
        lambda c: c.executescript(
            f"DROP TABLE run; CREATE VIEW run AS {ENDLESS} SELECT x, x, 0 FROM n;"
        ),
        "only tables and indices",
    ),
    "a column that is computed": (
        lambda c: c.executescript(
            "DROP TABLE graphs; CREATE TABLE graphs (id INTEGER PRIMARY KEY, crc32 INTEGER,"
            "graph TEXT AS (hex(zeroblob(400000000)))); INSERT INTO graphs (id) VALUES (1);"
        ),
        "graphs: the column",
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_made_to_do_harm_is_refused_with_what_and_where(what: str, run: Path) -> None:
    act, message = HOSTILE[what]
    if callable(act):
        change(run, act)
    else:
        rewrite(run, act[0], act[1], **act[2])
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match=message):
            list(History.open(run).snapshots)
        assert tracemalloc.get_traced_memory()[1] < 2e8
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "change_",
    [
        {"epochs": -1},
        {"batch_size": "many"},
        {"snapshots": 10**15},
        {"threads": 10**9},
        {"optimizer": {"name": "sgd", "momentum": [[]]}},
        {"schedule": 7},
        {"earlier": [[1]]},
        {"regularizers": 5},
        {"early_stopping": {"patience": {}}},
        None,
    ],
)
def test_options_that_nothing_can_be_trained_with_are_refused(change_: Any, run: Path) -> None:
    config = {} if change_ is None else History.open(run).config | change_
    rewrite(run, "run", "config", value=json.dumps(config))
    rewrite(run, "run", "ended", value="null")
    with pytest.raises(FormatError, match="a.run, run, config"):
        trainings.go_on("full", run)


def test_a_hostile_file_takes_less_than_200_megabytes(run: Path) -> None:
    """In a process of its own: what SQLite allocates is not seen from Python."""
    pytest.importorskip("resource")
    rewrite(run, "graphs", 1, graph=json.dumps(BILLIONS))
    code = (
        "import resource, sys; from slownet import FormatError, History\n"
        "from slownet.recording import runfile\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: list(History.open(sys.argv[1]).snapshots); print('read')\n"
        "except FormatError: pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    assert int(python(code, run)) * (1 if sys.platform == "darwin" else 1024) < 2e8
