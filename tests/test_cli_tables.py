"""The command line with tables of one's own: what it reads, says and repeats."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slownet import History, cli
from slownet.cli.data import Data
from slownet.cli.data_sets import Source, load, load_named
from slownet.cli.parsing import new_parser
from slownet.datasets import read_csv
from slownet.errors import InvalidValueError

GERMAN = "sep=;\nGröße;Lage;gebaut;Preis\n" + "".join(
    f"{size // 4},{size % 4 * 25};{('Mitte', 'Nord', 'Süd')[size % 3]};{size % 28 + 1}.05.2001;"
    f"{2000 * size + 500}\n"
    for size in range(120, 220)
)
GAPS = "age,port,ticket,alive\n" + "".join(
    f"{'' if row % 9 == 0 else row % 50},{'' if row % 11 == 0 else 'SCQ'[row % 3]},T{row},"
    f"{'yes' if row % 3 else 'no'}\n"
    for row in range(99)
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wohnungen.csv").write_text(GERMAN, encoding="utf-8")
    (tmp_path / "titanic.csv").write_text(GAPS, encoding="utf-8")
    return tmp_path


def output_of(capsys: Any, *arguments: str) -> str:
    capsys.readouterr()
    assert cli.main(list(arguments)) == 0, capsys.readouterr()
    printed, errors = capsys.readouterr()
    assert errors == ""
    return str(printed)


def error_of(capsys: Any, *arguments: str) -> str:
    capsys.readouterr()
    assert cli.main(list(arguments)) == 2
    error = str(capsys.readouterr().err)
    assert error.count("\n") == 1
    return error


def data(*arguments: str) -> Data:
    return load(Source.of(new_parser(cli.COMMANDS).parse_args(["train", *arguments])))


def test_a_german_table(here: Path, capsys: Any) -> None:
    train = ("train", "wohnungen.csv", "--target", "Preis", "--epochs", "20")
    assert "found dates such as '9.05.2001'" in error_of(capsys, *train)
    printed = output_of(capsys, *train, "--drop", "gebaut", "--run", "w.run")
    assert "'Lage': texts, 3 inputs, one for each of them\n4-16-1 net" in printed
    off = re.search(r"Preis is off by (\S+) on average", printed)
    assert off
    assert float(off[1].replace(",", "")) < 40_000
    told = " ".join(output_of(capsys, "info", "w.run").split())
    assert "from slownet train wohnungen.csv --target Preis --drop gebaut columns Größe: (x - " in told
    assert "True: " in output_of(capsys, "verify", "wohnungen.html")
    assert "Preis is off by" in output_of(capsys, "resume", "w.run", "--epochs", "21", "--no-html")
    source = History.open("w.run").source
    assert source is not None
    assert source["drop"] == ["gebaut"]
    assert "missing" not in source
    net = History.open("w.run").restore()
    assert net.preparation is not None
    assert net.preparation.inputs == ["Größe", "Lage=Mitte", "Lage=Nord", "Lage=Süd"]
    assert [target.name for target in net.preparation.targets] == ["Preis"]


def test_a_table_with_texts_and_gaps(here: Path, capsys: Any) -> None:
    train = ("train", "titanic.csv", "--target", "alive", "--epochs", "3", "--no-html")
    error = error_of(capsys, *train)
    assert "titanic.csv, line 2, column 'ticket': expected numbers, or at most 49 categories" in error
    assert "; --drop ticket leaves the column out" in error
    error = error_of(capsys, *train, "--drop", "ticket")
    assert "line 2, column 'age': expected a value, found an empty cell; --missing drop leaves" in error
    assert "--missing mean fills in inputs" in error
    again = ("--columns", "age", "--columns", "port")  # both count
    printed = output_of(capsys, *train, *again, "--missing", "drop")
    assert "\n4-16-1 net" in printed
    assert "19 rows are left out: a cell is missing in each" in printed
    for how in "drop", "mean":
        kept = (*train, "--drop", "ticket", "--missing", how, "--run", f"{how}.run")
        output_of(capsys, *kept)
        output_of(capsys, "resume", f"{how}.run", "--epochs", "4", "--no-html")
        assert f"--drop ticket --missing {how}" in " ".join(
            output_of(capsys, "info", f"{how}.run").split()
        )


def test_what_is_odd_and_let_in_is_printed(here: Path, capsys: Any) -> None:
    lines = GAPS.replace(",,", ",C,").splitlines()
    lines[4] = "7,1.5,T3,no"
    (here / "titanic.csv").write_text("\n".join(lines))
    train = ("train", "titanic.csv", "--target", "alive", "--epochs", "1", "--no-html")
    printed = output_of(capsys, *train, "--columns", "port")
    assert "titanic.csv, line 5, column 'port': '1.5' stands among texts" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--target Preis --drop Lagen", "--drop 'Lagen' is not a column of wohnungen.csv"),
        ("--target Preis --drop Preis", "--drop must not name 'Preis', the target"),
        ("--target Preis --columns Preis", "--columns must not name 'Preis', the target"),
        (
            "--target Preis --missing zero",
            "--missing must be one of 'error', 'drop', 'mean', not 'zero'",
        ),
        ("--target Preis --decimal ; ", "--decimal must be one of '.', ',', not ';'"),
        ("--target Preis --decimal , --thousands ,", "--decimal and --thousands must be different"),
        ("--target Preis --header maybe", "--header: expected yes or no, not 'maybe'"),
        ("--target Preis --header no", "--header yes says that it has"),
        ("--target Preis", "line 3, column 'gebaut': expected numbers or texts, found dates such as"),
        ("", "--target must name the column to predict; wohnungen.csv has 'Größe', 'Lage'"),
    ],
)
def test_messages_have_the_names_of_options(
    here: Path, capsys: Any, arguments: str, message: str
) -> None:
    assert message in error_of(capsys, "train", "wohnungen.csv", *arguments.split())


def test_options_of_tables_are_for_tables(here: Path, capsys: Any) -> None:
    for option in (
        "--target x",
        "--drop x",
        "--columns x",
        "--missing drop",
        "--decimal ,",
        "--header no",
        "--encoding cp1252",
    ):
        error = error_of(capsys, "train", "xor", *option.split())
        assert f"{option.split()[0]} is for tables, not for xor" in error


def test_marks_and_a_line_of_names_are_said(here: Path, capsys: Any) -> None:
    rows = "".join(f'"1,{row:03}";{row % 2}\n' for row in range(40))
    (here / "a.csv").write_text(rows)
    train = ("train", "a.csv", "--target", "x2", "--classify", "--epochs", "1", "--no-html", "--quiet")
    assert "which may be 1.000 or 1000: --decimal , or --thousands , says which" in error_of(
        capsys, *train
    )
    output_of(capsys, *train, "--thousands", ",", "--run", "a.run")
    output_of(capsys, "resume", "a.run", "--epochs", "2", "--no-html")
    assert "--thousands ," in " ".join(output_of(capsys, "info", "a.run").split())
    output_of(capsys, *train, "--decimal", ",", "--header", "no")


def test_a_column_may_have_a_name_like_a_value_of_python(here: Path, capsys: Any) -> None:
    rows = "".join(f"{row},{row * row % 7},{row % 2}\n" for row in range(40))
    (here / "a.csv").write_text("True,a,y\n" + rows)
    train = ("train", "a.csv", "--target", "y", "--columns", "True", "a", "--header", "yes")
    output_of(capsys, *train, "--epochs", "1", "--no-html", "--quiet", "--run", "a.run")
    said = " ".join(output_of(capsys, "info", "a.run").split())
    assert "--columns True a --header yes" in said


def test_an_encoding_is_said(here: Path, capsys: Any) -> None:
    (here / "wohnungen.csv").write_text(GERMAN, encoding="cp1252")
    train = ("train", "wohnungen.csv", "--target", "Preis", "--drop", "gebaut", "--epochs", "1")
    error = error_of(capsys, *train)
    assert "line 2: expected UTF-8 text, found the byte f6 there; save the file as UTF-8" in error
    assert "(--encoding cp1252 for CSV files of Excel" in error
    assert "--encoding must be an encoding of texts" in error_of(capsys, *train, "--encoding", "rot13")
    output_of(capsys, *train, "--encoding", "cp1252", "--run", "w.run")
    assert "--encoding cp1252" in " ".join(output_of(capsys, "info", "w.run").split())
    assert "True: " in output_of(capsys, "verify", "wohnungen.html")
    output_of(capsys, "resume", "w.run", "--epochs", "2", "--no-html")


def test_the_source_in_a_file_may_be_anything(here: Path) -> None:
    plain = {
        "command": "slownet train",
        "data": "titanic.csv",
        "samples": 9,
        "seed": 0,
        "target": "alive",
    }
    plain |= {"classify": True, "columns": ["age"], "missing": "mean"}
    source = Source.from_plain(plain, here / "a.run", "")
    assert len(load(source).train[0]) == 9
    for change in {"columns": 3}, {"missing": 7}, {"header": "x"}, {"drop": [1]}, {"decimal": "--"}:
        with pytest.raises(ValueError, match="is not the table of 'alive' that"):
            load_named(Source.from_plain({**plain, **change}, here / "a.run", ""), here / "a.run")


def test_the_command_trains_and_tests_with_the_rows_of_a_split(here: Path) -> None:
    (here / "a.csv").write_text("a,n\n" + "\n".join(f"{row},{row % 3}" for row in range(30)))
    for arguments, classify in ([], False), (["--classify"], True):
        found = data("a.csv", "--target", "n", "--seed", "3", *arguments)
        train, test = read_csv("a.csv", "n").split(seed=3, classify=classify)
        assert np.argsort(found.train[0][:, 0]).tolist() == np.argsort(train.X[:, 0]).tolist()
        assert np.argsort(found.test[0][:, 0]).tolist() == np.argsort(test.X[:, 0]).tolist()
    (here / "a.csv").write_text("a,n\n1,2\n")
    with pytest.raises(InvalidValueError, match="a.csv: one row is too few"):
        data("a.csv", "--target", "n")


def test_a_column_is_constant_if_its_smallest_and_largest_values_are_equal(here: Path) -> None:
    x = np.arange(100) / 50 - 1
    for place in range(100):
        k = np.full(100, 14.62)
        k[place] = 15.0
        rows = [f"{a},{b},{3 * b + 10}" for a, b in zip(k.tolist(), x.tolist(), strict=True)]
        (here / "c.csv").write_text("k,x,price\n" + "\n".join(rows))
        found = data("c.csv", "--target", "price")
        if found.train[0][:, 0].max() == found.train[0][:, 0].min():  # the other is for testing
            break
    assert found.preparation is not None
    tested = found.preparation.prepared(found.test[0])
    assert np.abs(tested).max() == pytest.approx(1.7, abs=0.3)
    assert not found.preparation.prepared(found.train[0])[:, 0].any()
    assert tested[:, 0].max() == pytest.approx(0.38)


def test_names_of_tables(here: Path, capsys: Any) -> None:
    (here / "t.csv.gz").write_bytes(gzip.compress(GAPS.encode()))
    (here / "t.tsv").write_text(GAPS.replace(",", "\t"))
    options = ("--target", "alive", "--columns", "age", "--missing", "drop", "--epochs", "1", "--quiet")
    for name in "t.csv.gz", "t.tsv":
        assert "Animation: t" in output_of(capsys, "train", name, *options)
    with pytest.raises(InvalidValueError, match="a table such as houses.csv"):
        data("houses", "--target", "price")
