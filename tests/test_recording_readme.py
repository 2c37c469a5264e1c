"""The page about files: its examples run as they stand, its tables are those there are."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from documents import run_examples

import slownet
from slownet.many import sweep_file
from slownet.recording import tables

PACKAGE = Path(slownet.__file__).parent / "recording"
PAGE = (PACKAGE / "README.md").read_text(encoding="utf-8")


def test_the_examples_print_what_they_say(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_examples(PAGE, "recording/README.md", 25)


def test_the_tables_of_the_page_are_those_of_a_run_file() -> None:
    described = dict(re.findall(r"^\| `(\w+)` \| [^|]* \| ([^|]*) \|$", PAGE, flags=re.M))
    assert list(described) == list(tables.TABLES)
    connection = sqlite3.connect(":memory:", isolation_level=None)
    tables.create(connection)
    for table, text in described.items():
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        assert columns[-1] == "crc32"
        for column in columns[:-1] if table != "state" else ():
            assert f"`{column}`" in text, (table, column)


def test_the_columns_of_the_page_are_those_of_a_sweep_file() -> None:
    section = PAGE.partition("## Sweep files")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, flags=re.M)
    assert re.findall(r"`(\w+)`", " ".join(rows)) == list(sweep_file.COLUMNS)
    assert f"{sweep_file.APPLICATION:X}" in section
    assert f"`PRAGMA user_version` is {sweep_file.VERSION}," in section


def test_links_lead_somewhere() -> None:
    for path in re.findall(r"\]\(([^)#:]+)\)", PAGE):
        assert (PACKAGE / path).exists(), path
