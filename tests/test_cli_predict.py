"""`slownet predict`, `evaluate` and `export`: from a file with a table to predictions of new rows."""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from commands import ENVIRONMENT, run
from slow import mostly_long

from slownet import History, Net, NetFactory, cli, load
from slownet.cli.figures import confusion_lines, figures_text, number_text
from slownet.datasets import moons, read_csv
from slownet.datasets.tables.splitting import split_rows
from slownet.preprocessing import standardise
from slownet.training import metrics

COMMAND = [sys.executable, "-m", "slownet"]
DAYS, WEATHER = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"), ("sun", "rain", "cloud")


def bikes(count: int = 160) -> str:
    lines = ["date,weekday,weather,temp (°C),holiday,rentals"]
    for row in range(count):
        day, warm = date(2024, 1, 1) + timedelta(row), (row * 7) % 31 - 4.5
        rentals = 900 + 30 * warm - 200 * (row % 3 == 1) + 10 * (row % 7)
        holiday = "true" if row % 11 == 0 else "false"
        cells = day, DAYS[row % 7], WEATHER[row % 3], warm, holiday, int(rentals)
        lines.append(",".join(map(str, cells)))
    return "\n".join(lines) + "\n"


def flats(count: int = 120) -> str:
    lines = ["Größe;Lage;gebaut;Preis (EUR)"]
    for row in range(count):
        size, price = 40 + row * 37 % 90 + 0.1 * (row % 10), 0.0
        price = 2000 * size + 30_000 * (row % 3 == 0) + 0.25
        cells = (
            f"{size:.1f}",
            ("Mitte", "Nord", "Süd")[row % 3],
            f"{row % 28 + 1}.05.2001",
            f"{price:.2f}",
        )
        lines.append(";".join(cell if "05.2" in cell else cell.replace(".", ",") for cell in cells))
    return "\n".join(lines) + "\n"


def passengers(count: int = 120) -> str:
    lines = ["id,age,sex,port,alive"]
    for row in range(count):
        age, sex = "" if row % 9 == 4 else str(row * 13 % 70 + 1), "mf"[row % 2]
        port = "" if row % 40 == 7 else "SCQ"[row % 3]
        lines.append(f"P{row:03},{age},{sex},{port},{'yes' if sex == 'f' and row % 10 else 'no'}")
    return "\n".join(lines) + "\n"


TABLES = {
    "bikes.csv": (bikes(), ["--target", "rentals", "--drop", "date"]),
    "flats.csv": (flats(), ["--target", "Preis (EUR)", "--drop", "gebaut"]),
    "people.csv": (passengers(), ["--target", "alive", "--drop", "id", "--missing", "mean"]),
}
TRAIN = ("--epochs", "30", "--snapshots", "3", "--no-html", "--quiet")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the three tables, and a run of each."""
    folder = tmp_path_factory.mktemp("trained")
    for name, (text, options) in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
        run_file = folder / f"{Path(name).stem}.run"
        done = cli.main(["train", str(folder / name), *options, *TRAIN, "--run", str(run_file)])
        assert done == 0
    return folder


@pytest.fixture
def here(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for file in trained.iterdir():
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys: Any, *arguments: str) -> tuple[str, str]:
    """The output of a command that succeeds, and what it says beside it."""
    capsys.readouterr()
    assert cli.main(list(arguments)) == 0, capsys.readouterr()
    printed, notes = capsys.readouterr()
    return printed, notes


def error_of(capsys: Any, *arguments: str, code: int = 2) -> str:
    """The error of a command, which prints nothing else and leaves no file behind."""
    before = {path: path.stat().st_size for path in Path().iterdir()}
    capsys.readouterr()
    assert cli.main(list(arguments)) == code, capsys.readouterr()
    printed, error = capsys.readouterr()
    assert (printed, error.count("\n")) == ("", 1), error
    assert error.startswith("slownet: ")
    assert {path: path.stat().st_size for path in Path().iterdir()} == before
    return str(error)


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def frame_of(name: str) -> pd.DataFrame:
    how: dict[str, Any] = {"sep": ";", "decimal": ","} if name == "flats.csv" else {}
    if tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1):
        how["float_precision"] = "round_trip"
    return pd.read_csv(name, **how)


# from a file to predictions


@pytest.mark.long
@pytest.mark.parametrize("name", mostly_long(TABLES))
def test_from_a_file_to_predictions_in_processes_of_their_own(name: str, tmp_path: Path) -> None:
    text, options = TABLES[name]
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "new.csv").write_text("\n".join(text.splitlines()[:8]), encoding="utf-8")

    def command(*arguments: str) -> tuple[str, str]:
        done = run(*COMMAND, *arguments, cwd=tmp_path, env=ENVIRONMENT)
        assert done.returncode == 0, done.stderr
        return done.stdout, done.stderr

    trained = command("train", name, *options, "--run", "a.run", "--epochs", "20", "--no-html")[0]
    assert "it was not trained on" in trained
    printed, notes = command("predict", "a.run", "new.csv")
    target = options[1]
    assert (printed.splitlines()[0], len(rows_of(printed))) == (target, 8)
    dropped = options[3]
    assert notes == f"slownet: new.csv has columns that the net does not use: '{dropped}'\n"
    command("export", "a.run", "--to", "json", "-o", "net.json")
    assert command("predict", "net.json", "new.csv", "-o", "out.csv") == (
        "Predictions: out.csv\n",
        notes,
    )
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == printed
    for net in "a.run", "net.json":
        judged = command("evaluate", net, name)[0]
        assert re.match(r"(Accuracy: [0-9.]+%|Error: .+ is off by .+) .*(120|160) rows", judged)


@pytest.mark.parametrize("name", TABLES)
def test_predictions_are_those_of_python_bit_for_bit(name: str, here: Path, capsys: Any) -> None:
    run_file = f"{Path(name).stem}.run"
    net, frame = History.open(run_file).restore(), frame_of(name)
    assert net.preparation is not None
    chosen = frame[[column.name for column in net.preparation.columns]]
    lines = rows_of(said(capsys, "predict", run_file, name)[0])
    wanted = net.predict(chosen)
    if name == "people.csv":
        assert [line[0] for line in lines[1:]] == wanted.tolist()
        head, *cells = rows_of(said(capsys, "predict", run_file, name, "--probabilities")[0])
        assert head == ["alive", "alive=no", "alive=yes"]
        found = np.array([line[1:] for line in cells]).astype(np.float64)
        assert np.array_equal(found, net.predict_proba(chosen))
        assert [line[0] for line in cells] == wanted.tolist()
    else:
        assert np.array_equal(np.array([float(line[0]) for line in lines[1:]]), wanted)


def test_columns_are_found_by_name_in_any_order(here: Path, capsys: Any) -> None:
    frame = frame_of("bikes.csv").assign(new=1)
    usual = said(capsys, "predict", "bikes.run", "bikes.csv")[0]
    frame[["new", "holiday", "weather", "temp (°C)", "weekday"]].to_csv("other.csv", index=False)
    printed, notes = said(capsys, "predict", "bikes.run", "other.csv")
    assert printed == usual
    assert notes == "slownet: other.csv has columns that the net does not use: 'new'\n"
    assert said(capsys, "predict", "bikes.run", "other.csv", "--quiet") == (usual, "")
    frame.drop(columns=["new", "date"]).to_csv("target.csv", index=False)  # the target is no news
    assert said(capsys, "predict", "bikes.run", "target.csv") == (usual, "")
    for kind, write in (("x.parquet", frame.to_parquet), ("x.xlsx", frame.to_excel)):
        write(kind, index=False)
        assert said(capsys, "predict", "bikes.run", kind, "--quiet")[0] == usual


def test_what_does_not_fit_is_named(here: Path, capsys: Any) -> None:
    text = bikes(6)

    def refused(new: str, run_file: str = "bikes.run") -> str:
        Path("new.csv").write_text(new, encoding="utf-8")
        found = error_of(capsys, "predict", run_file, "new.csv", "-o", "out.csv")
        assert found == error_of(capsys, "predict", run_file, "new.csv")
        return found

    error = refused(text.replace("temp (°C)", "Temp (°C)"))
    assert "new.csv: expected a column 'temp (°C)', from which the net predicts, found" in error
    assert "; did you mean 'Temp (°C)'?" in error
    error = refused(text.replace("rain", "snow", 1))
    assert "new.csv, line 3, column 'weather': expected one of 'cloud', 'rain', 'sun'" in error
    assert error.endswith("which the net knows, found 'snow'\n")
    error = refused(text.replace("-4.5", "warm"))
    assert "new.csv, line 2, column 'temp (°C)': expected a number such as 1.5, found 'warm'" in error
    error = refused(text.replace("-4.5", ""))
    assert "new.csv, line 2, column 'temp (°C)': expected a value, found an empty cell" in error
    error = refused("\n".join(text.splitlines()[1:]))
    assert "found 'x1', 'x2', 'x3', 'x4', 'x5', 'x6'; its first line was taken for data" in error
    assert "expected lines of data after the column names, found none" in refused(text.splitlines()[0])
    gaps = passengers(20)
    assert ",," in gaps
    Path("gaps.csv").write_text(gaps)
    assert len(rows_of(said(capsys, "predict", "people.run", "gaps.csv", "--quiet")[0])) == 21
    assert "line 9, column 'port': expected one of 'C', 'Q', 'S'" in refused(
        gaps.replace("m,S,yes", "").replace("f,,", "f,X,", 1), "people.run"
    )


def test_cells_of_the_table_are_kept_as_they_stand(here: Path, capsys: Any) -> None:
    lines = passengers(12).splitlines()
    lines[1:4] = ['"P ""1"", a",1,m,S,no', "007,2,f,NA,no", "é\x1b[31m,,m,C,no"]
    Path("new.csv").write_text("\n".join(lines), encoding="utf-8")
    keep = ("predict", "people.run", "new.csv", "--keep", "id", "port", "alive")
    printed, notes = said(capsys, *keep)
    head, *cells = rows_of(printed)
    assert (head, notes) == (["id", "port", "alive", "predicted alive"], "")
    assert [row[:2] for row in cells[:4]] == [
        ['P "1", a', "S"],
        ["007", "NA"],
        ["é\x1b[31m", "C"],
        ["P003", "S"],
    ]
    assert [row[3] for row in cells] == [
        row[0] for row in rows_of(said(capsys, *keep[:3], "--quiet")[0])[1:]
    ]
    said(capsys, *keep, "--probabilities", "-o", "out.csv")
    found = pd.read_csv("out.csv", keep_default_na=False)
    assert [*found] == [*head, "predicted alive=no", "predicted alive=yes"]
    assert found["id"].tolist() == [row[0] for row in cells]
    error = error_of(capsys, *keep[:4], "name")
    assert "new.csv: expected a column 'name', to be kept, found 'id', 'age'" in error


# figures


@pytest.mark.parametrize("name", TABLES)
def test_evaluate_prints_what_training_printed(name: str, here: Path, capsys: Any) -> None:
    _, options = TABLES[name]
    train = ("train", name, *options, "--epochs", "5", "--no-html", "--run", "new.run")
    printed = said(capsys, *train)[0]
    table = read_csv(name, options[1], drop=options[3], missing="mean")
    tested = split_rows(len(table), table.y if table.classes else None)[1]
    head, *lines = (here / name).read_text(encoding="utf-8").splitlines()
    rows = [lines[row] for row in tested]
    Path("test.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    judged = said(capsys, "evaluate", "new.run", "test.csv")[0]
    begin, end = printed.index("Test "), printed.index("Run: ")
    figures = printed[begin:end].removeprefix("Test ").replace(" it was not trained on", "")
    assert judged == f"{figures[0].upper()}{figures[1:]}"
    brief = judged.splitlines()[:2]
    assert said(capsys, "evaluate", "new.run", "test.csv", "--quiet")[0].splitlines() == brief
    again = said(capsys, "resume", "new.run", "--no-html")[0]
    assert printed[begin:end] in again


def test_names_that_a_spreadsheet_would_compute_are_told(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    link = '=HYPERLINK("x")'
    for labels, told in (((link, "@b"), True), (("a=b", "-1,5"), False)):
        net = NetFactory([1, 2, 2], output_activation="softmax", seed=0).new()
        net.fit([[0.0], [1.0]], labels, epochs=1, progress=False)
        net.save("net.json")
        Path("new.csv").write_text("a\n1\n2\n", "utf-8")
        printed, notes = said(capsys, "predict", "net.json", "new.csv")
        assert {row[0] for row in rows_of(printed)[1:]} <= {*labels}
        assert ("a spreadsheet takes names of this net for formulas" in notes) == told
        assert said(capsys, "predict", "net.json", "new.csv", "--quiet") == (printed, "")


def test_rows_without_a_target_are_left_out(here: Path, capsys: Any) -> None:
    lines = passengers(40).splitlines()
    lines[2] = lines[2].rpartition(",")[0] + ","
    lines[3] = "P002,,m,,NA"
    Path("new.csv").write_text("\n".join(lines))
    printed, _ = said(capsys, "evaluate", "people.run", "new.csv")
    assert printed.startswith("Left out, as the target is missing: 2 of 40 rows\nAccuracy: ")
    assert " of 38 rows\n" in printed
    Path("new.csv").write_text("\n".join(lines).replace(",yes", ",maybe"))
    error = error_of(capsys, "evaluate", "people.run", "new.csv")
    assert re.search(r"line 5, column 'alive': expected one of 'no', 'yes', .* found 'maybe'", error)
    Path("new.csv").write_text(re.sub(",(yes|no)\n", ",\n", passengers(4)))
    assert "every cell of the column 'alive' is missing" in error_of(
        capsys, "evaluate", "people.run", "new.csv"
    )
    Path("new.csv").write_text(passengers(4).replace("alive", "survived"))
    assert "expected a column 'alive', with the targets" in error_of(
        capsys, "evaluate", "people.run", "new.csv"
    )
    assert "Accuracy" in said(capsys, "evaluate", "people.run", "new.csv", "--target", "survived")[0]
    Path("new.csv").write_text(bikes(5).replace("Mo,sun,-4.5,true,765", "Mo,sun,-4.5,true,many"))
    error = error_of(capsys, "evaluate", "bikes.run", "new.csv", "--quiet")
    assert "line 2, column 'rentals': expected a number such as 1.5, found 'many'" in error


def test_gaps_do_not_matter_in_rows_that_are_left_out(here: Path, capsys: Any) -> None:
    lines = bikes(9).splitlines()
    lines[4] = "2024-01-04,Th,sun,,false,"
    Path("new.csv").write_text("\n".join(lines), encoding="utf-8")
    printed, _ = said(capsys, "evaluate", "bikes.run", "new.csv")
    del lines[4]
    Path("less.csv").write_text("\n".join(lines), encoding="utf-8")
    expected, _ = said(capsys, "evaluate", "bikes.run", "less.csv")
    assert printed == f"Left out, as the target is missing: 1 of 9 rows\n{expected}"
    Path("new.csv").write_text("\n".join([*lines, "2024-01-04,Th,sun,,false,7"]), encoding="utf-8")
    error = error_of(capsys, "evaluate", "bikes.run", "new.csv")
    assert "line 10, column 'temp (°C)': expected a value, found an empty cell; the net was" in error


def test_training_says_how_a_net_is_kept(here: Path, capsys: Any) -> None:
    hint = "(with --run FILE the net is kept, for slownet predict FILE new.csv)\n"
    train = ("train", "bikes.csv", "--target", "rentals", "--drop", "date", "--epochs", "1", "--no-html")
    assert hint in said(capsys, *train)[0]
    assert hint not in said(capsys, *train, "--run", "new.run")[0]
    assert hint not in said(capsys, "train", "xor", "--epochs", "1", "--no-html")[0]


def test_numbers_that_are_classes(here: Path, capsys: Any) -> None:
    rows = [f"{row % 7},{row % 3},{row % 3 + 4}" for row in range(60)]
    Path("n.csv").write_text("a,b,n\n" + "\n".join(rows))
    train = ("train", "n.csv", "--target", "n", "--classify", "--run", "n.run", *TRAIN)
    said(capsys, *train)
    head, *cells = rows_of(said(capsys, "predict", "n.run", "n.csv", "--probabilities")[0])
    assert head == ["n", "n=4", "n=5", "n=6"]
    assert {row[0] for row in cells} == {"4", "5", "6"}
    assert "Accuracy: 100.00% of 60 rows" in said(capsys, "evaluate", "n.run", "n.csv")[0]
    Path("n.csv").write_text("a,b,n\n1,2,4\n1,2,\n1,2,4.5\n")
    error = error_of(capsys, "evaluate", "n.run", "n.csv")
    assert "n.csv, line 4, column 'n': expected one of 4, 5, 6, which the net knows, found 4.5" in error


def test_r2_and_the_mean_error() -> None:
    y, predicted = [1.0, 2.0, 4.0, 9.0], [1.5, 2.0, 3.0, 9.5]
    assert metrics.mean_absolute_error(y, predicted) == 0.5
    assert metrics.r2(y, predicted) == pytest.approx(1 - 1.5 / 38)
    assert metrics.r2(y, y) == 1.0
    assert metrics.r2(y, [4.0] * 4) == 0.0
    assert metrics.r2([3.0], [4.0]) is metrics.r2([0.1] * 3, [0.1] * 3) is None
    assert metrics.r2([1e300, -1e300], [1e300, 0.0]) == pytest.approx(0.5)
    assert metrics.r2([1.0, 2.0], [1e300, 0.0]) == -np.inf
    assert metrics.r2([1.7e308, -1.7e308], [1.7e308, 0.0]) == pytest.approx(0.5)
    assert metrics.mean_absolute_error([1.7e308] * 3, [0.0] * 3) == pytest.approx(1.7e308)
    assert metrics.mean([0.1] * 3) == 0.1
    assert metrics.confusion(["a", "b", "b"], ["b", "b", "b"], ["a", "b"]).tolist() == [[0, 1], [0, 2]]
    assert [number_text(x) for x in (0.123456, 226_934.3, 1000.4, -45678.0, 1e15, 0.0)] == [
        *("0.1235", "226,900", "1,000", "-45,680", "1e+15", "0")
    ]


def linear_net(X: Any, y: Any) -> Net:
    net = NetFactory([1, 1], output_activation="linear", seed=0).new()
    net.fit(X, y, prepare=standardise(X, y), epochs=1, progress=False)
    return net


def test_figures_of_odd_targets() -> None:
    X, y = pd.DataFrame({"a": [1.0, 2.0, 3.0]}), pd.Series([10.0, 20.0, 40.0], name="p (EUR)")
    net = linear_net(X, y)
    text = figures_text(net, X[:1], y[:1], "rows", True)
    assert "over 1 row it was not trained on (R2 is undefined: all of them have the same target)" in text
    assert "p (EUR) is off by " in text
    assert text.endswith("(always predicting 10 EUR, the mean of them, is off by 0 EUR)")
    net = NetFactory([1, 3], seed=0).new()
    net.classes = ["x", "y\x1b", "z"]
    text = figures_text(net, [[1.0]], ["y\x1b"], "rows", False)
    assert text.splitlines()[0] in ("Accuracy: 0.00% of 1 row", "Accuracy: 100.00% of 1 row")
    assert (
        text.splitlines()[1]
        == "(always predicting 'y\\x1b', the most frequent of them, reaches 100.00%)"
    )
    assert "\x1b" not in text
    lines = confusion_lines(np.array([[0, 0], [1, 2]]), ["x\x1b", "y"])
    assert lines == [
        "       predicted",
        "true   x\\x1b      y  right",
        "x\\x1b      .      .  none of them",
        "y          1      2  66.67% of 3",
    ]


def counts_of(size: int, scale: int = 1) -> Any:
    counts = np.random.default_rng(size).integers(0, 9, (size, size))
    return scale * (counts + np.diag([50] * size))


@pytest.mark.parametrize("size", [2, 3, 7, 10, 12, 13, 40])
@pytest.mark.parametrize("scale", [1, 1000, 10**6])
@pytest.mark.parametrize("letters", [1, 12, 60])
def test_confusions_fit_on_a_screen(size: int, scale: int, letters: int) -> None:
    names = [f"{place:x}" * letters for place in range(size)]
    counts = counts_of(size, scale)
    lines = confusion_lines(counts, names)
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 14
    is_table = lines[0].split() == ["predicted"]
    assert is_table or size > 10 or scale > 1
    if is_table:
        head = lines[1].split()
        wanted = names if head[1] == names[0] else list("abcdefghijkl"[:size])
        assert head == ["true", *wanted, "right"]
        for place, line in enumerate(lines[2:]):
            share = counts[place, place] / counts[place].sum()
            assert line.endswith(f"  {share:.2%} of {counts[place].sum():,}")
            cells = line.removesuffix(f"{share:.2%} of {counts[place].sum():,}").split()
            assert [0 if cell == "." else int(cell) for cell in cells[-size:]] == counts[place].tolist()
    else:
        assert lines[0].startswith("Most often mistaken: ")
        assert "Least often right: " in "\n".join(lines)


def test_confusions_of_many_classes_are_words() -> None:
    counts = np.diag([10] * 20)
    counts[3] = 0
    counts[4, 5], counts[6, 7] = 3, 10
    text = "\n".join(confusion_lines(counts, [f"class {place}" for place in range(20)]))
    assert text == (
        "Most often mistaken: class 6 for class 7 (10 of 20), class 4 for class 5 (3 of\n  13)\n"
        "Least often right: class 6 (50.00% of 20), class 4 (76.92% of 13)\n"
        "1 of the 20 classes are in none of them"
    )
    assert confusion_lines(np.diag([10] * 20), range(20)) == []


# nets without names, and odd ones


@pytest.fixture
def plain_net(here: Path) -> Net:
    X, y = moons(60, seed=1)
    net = NetFactory([2, 4, 1], seed=1).new()
    net.fit(X, y, epochs=5, progress=False, record="plain.run", snapshots=3)
    net.save("plain.json")
    return net


def test_a_net_without_names_takes_columns_in_their_order(plain_net: Net, capsys: Any) -> None:
    X, y = moons(9, seed=2)
    frame = pd.DataFrame(X, columns=["east", "north"])
    frame.to_csv("new.csv", index=False)
    frame.to_csv("bare.csv", index=False, header=False)
    for net in "plain.run", "plain.json":
        for table in "new.csv", "bare.csv":
            printed, notes = said(capsys, "predict", net, table, "--probabilities")
            head, *cells = rows_of(printed)
            assert (head, notes) == (["predicted", "predicted=0", "predicted=1"], "")
            assert [int(row[0]) for row in cells] == plain_net.predict(X).tolist()
            found = np.array([row[1:] for row in cells]).astype(np.float64)
            assert np.array_equal(found, plain_net.predict_proba(X))
    frame.assign(y=y).to_csv("more.csv", index=False)
    error = error_of(capsys, "predict", "plain.run", "more.csv")
    assert "expected 2 columns, one for each input, as this net knows no names, found 3: 'east'" in error
    assert "--target must name the column to compare" in error_of(
        capsys, "evaluate", "plain.run", "more.csv"
    )
    printed = said(capsys, "evaluate", "plain.json", "more.csv", "--target", "y")[0]
    assert f"Accuracy: {plain_net.evaluate(X, y).accuracy:.2%} of 9 rows" in printed
    Path("new.csv").write_text("east,north\n1,a\n2,3\n")
    assert "line 2, column 'north': expected a number such as 1.5, found 'a'" in error_of(
        capsys, "predict", "plain.run", "new.csv"
    )


def test_nets_of_several_answers(here: Path, capsys: Any) -> None:
    X = np.arange(12.0).reshape(6, 2)
    Path("x.csv").write_text("a,b\n" + "\n".join(",".join(map(str, row)) for row in X.tolist()))
    net = NetFactory([2, 3], output_activation="linear", seed=0).new()
    net.fit(X, np.hstack([X, X[:, :1]]), prepare="standardise", epochs=2, progress=False)
    net.save("three.json")
    head, *cells = rows_of(said(capsys, "predict", "three.json", "x.csv")[0])
    assert head == ["predicted 1", "predicted 2", "predicted 3"]
    assert np.array_equal(np.array(cells).astype(np.float64), net.predict(X))
    error = error_of(capsys, "predict", "three.json", "x.csv", "--probabilities")
    assert "predicts no classes with probabilities; numbers as classes are trained by slownet" in error
    assert "train --classify" in error
    assert "several questions at once" in error_of(
        capsys, "evaluate", "three.json", "x.csv", "--target", "b"
    )
    net = NetFactory([2, 3], output_activation="sigmoid", seed=0).new()
    net.fit(X, X[:, [0, 1, 0]] > 3, epochs=2, progress=False, loss="binary_cross_entropy")
    net.save("yes.json")
    head, *cells = rows_of(said(capsys, "predict", "yes.json", "x.csv", "--probabilities")[0])
    assert head[:3] == ["predicted 1", "predicted 2", "predicted 3"]
    assert head[3:] == ["predicted 1=1", "predicted 2=1", "predicted 3=1"]
    assert {cell for row in cells for cell in row[:3]} <= {"0", "1"}
    net = NetFactory([2, 3], seed=0).new()
    net.classes = ["a", 1, 2]
    net.save("mixed.json")
    assert "neither all texts nor all numbers" in error_of(
        capsys, "evaluate", "mixed.json", "x.csv", "--target", "b"
    )


# how numbers are written


def test_what_training_was_told_about_the_file_is_the_default(here: Path, capsys: Any) -> None:
    rows = "".join(f"1,{row:03};{row}\n" for row in range(60))
    Path("a.csv").write_text(rows)
    train = ("train", "a.csv", "--target", "x2", "--header", "no", "--run", "a.run", *TRAIN)
    said(capsys, *train, "--thousands", ",")
    whole = said(capsys, "predict", "a.run", "a.csv")[0]
    assert whole == said(capsys, "predict", "a.run", "a.csv", "--thousands", ",")[0]
    assert whole != said(capsys, "predict", "a.run", "a.csv", "--decimal", ",")[0]
    said(capsys, "export", "a.run", "-o", "a.json")
    assert "--decimal , or --thousands , says which" in error_of(capsys, "predict", "a.json", "a.csv")
    given = ("--thousands", ",", "--header", "no")
    assert said(capsys, "predict", "a.json", "a.csv", *given)[0] == whole
    error = error_of(capsys, "predict", "a.json", "a.csv", *given[:2], "--decimal", ",")
    assert "--decimal and --thousands must be different marks" in error


def test_an_encoding_is_known_from_training(here: Path, capsys: Any) -> None:
    usual = said(capsys, "predict", "flats.run", "flats.csv", "--quiet")[0]
    Path("old.csv").write_text(flats(), encoding="cp1252")
    error = error_of(capsys, "predict", "flats.run", "old.csv")
    assert "expected UTF-8 text" in error
    assert "--encoding cp1252" in error
    given = said(capsys, "predict", "flats.run", "old.csv", "--quiet", "--encoding", "cp1252")[0]
    assert given == usual
    _, options = TABLES["flats.csv"]
    said(capsys, "train", "old.csv", *options, *TRAIN, "--encoding", "cp1252", "--run", "old.run")
    assert said(capsys, "predict", "old.run", "old.csv", "--quiet")[0] == usual
    told = said(capsys, "predict", "old.run", "flats.csv", "--quiet", "--encoding", "utf-8")[0]
    assert told == usual


# files


def test_nothing_is_overwritten_and_errors_leave_nothing(here: Path, capsys: Any) -> None:
    Path("mine.csv").write_text("mine")
    predict = ("predict", "bikes.run", "bikes.csv")
    for name, message in {
        "mine.csv": "mine.csv exists, and nothing is overwritten: choose another -o FILE",
        "bikes.csv": "bikes.csv exists",
        ".": ". exists",
        "nowhere/out.csv": "cannot write nowhere/out.csv: No such file or directory. -o FILE chooses",
        "mine.csv/out.csv": "cannot write mine.csv/out.csv: Not a directory",
        "out.xlsx": "-o: 'out.xlsx': this is written as CSV, so give it a name that ends in .csv",
        "out.html": "it ends as that of an HTML page",
    }.items():
        assert message in error_of(capsys, *predict, "-o", name)
    assert "-o: 'net.html': expected a name that ends in .json, " in error_of(
        capsys, "export", "bikes.run", "-o", "net.html"
    )
    assert "mine.csv" in error_of(capsys, "export", "bikes.run", "-o", "mine.csv")
    Path("net.json").write_text("mine")
    assert "net.json exists" in error_of(capsys, "export", "bikes.run", "-o", "net.json")
    assert Path("net.json").read_text() == "mine"


def test_home_is_a_tilde(here: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here))
    said(capsys, "predict", "~/bikes.run", "~/bikes.csv", "-o", "~/out.csv")
    said(capsys, "export", "~/bikes.run", "-o", "~/net.json")
    said(capsys, "evaluate", "~/net.json", "~/bikes.csv")
    assert {"out.csv", "net.json"} <= {path.name for path in here.iterdir()}


def test_export_writes_the_net_of_the_end(here: Path, capsys: Any) -> None:
    history = History.open("people.run")
    history.to_json("people.json")
    for source, name in (("people.run", "a.json"), ("people.json", "b.json"), ("a.json", "c.json")):
        assert said(capsys, "export", source, "-o", name) == (f"Net: {name}\n", "")
        net = load(name)
        assert net.preparation == history.restore().preparation
        assert [w.value for w in net.weights()] == [w.value for w in history.restore().weights()]
    told = " ".join(said(capsys, "info", "a.json")[0].split())
    assert "columns age: (x - " in told
    assert " where missing; sex (2 texts), " in told
    assert "target alive " in told
    error = error_of(capsys, "export", "people.run", "--to", "pickle", "-o", "d.json")
    assert "--to: invalid choice: 'pickle' (choose from" in error


def test_the_net_of_early_stopping_is_told(here: Path, capsys: Any) -> None:
    from slownet import EarlyStopping

    X, y = moons(60, seed=1)
    net = NetFactory([2, 4, 1], seed=1).new()
    stopping = EarlyStopping(patience=2, min_delta=10.0)
    net.fit(X, y, epochs=9, early_stopping=stopping, record="s.run", progress=False)
    pd.DataFrame(X).to_csv("x.csv", index=False)
    notes = said(capsys, "predict", "s.run", "x.csv")[1]
    assert "this is the net of step 6, the last one; early stopping went back to an earlier" in notes


PLACES = {
    "predict": "required: NET, TABLE (for example: slownet predict houses.run new.csv -o prices.csv",
    "predict bikes.run": "required: TABLE",
    "predict bikes.run none.csv": "none.csv: No such file or directory",
    "predict none.run bikes.csv": "none.run: No such file or directory",
    "predict bikes.csv bikes.run": "bikes.csv holds neither a training nor a net of slownet",
    "predict bikes.run bikes.run": "bikes.run",
    "predict bikes.run .": ".: Is a directory",
    "predict . bikes.csv": ".: Is a directory",
    "predict page.html bikes.csv": "it is a page, which slownet verify checks",
    "predict cut.run bikes.csv": "cut.run",
    "predict cut.json bikes.csv": "cut.json",
    "predict other.json bikes.csv": "other.json",
    "predict bikes.run bikes.csv --probabilites": "did you mean '--probabilities'?",
    "predict bikes.run bikes.csv --probabilities": "--probabilities: bikes.run predicts no classes",
    "predict bikes.run bikes.csv --decimal x": "--decimal must be one of '.', ','",
    "predict bikes.run bikes.csv --header maybe": "--header: expected yes or no, not 'maybe'",
    "predict bikes.run bikes.csv --keep": "--keep: expected at least one argument",
    "predict bikes.run flats.csv": "expected a column 'weekday', from which the net predicts",
    "evaluate": "required: NET, TABLE (for example: slownet evaluate houses.run test.csv",
    "evaluate bikes.run bikes.csv --target rent": "expected a column 'rent', with the targets, found",
    "evaluate page.html bikes.csv": "it is a page, which slownet verify checks",
    "export": "required: FILE, -o/--output (for example: slownet export houses.run -o net.json",
    "export bikes.run": "required: -o/--output",
    "export page.html -o a.json": "it is a page",
    "export bikes.csv -o a.json": "bikes.csv holds neither a training nor a net",
    "export cut.run -o a.json": "cut.run",
    "info page.html": "it is a page",
    "animate page.html": "it is a page",
    "animate net.json": "net.json holds a net, and no training: give the run file",
}


@pytest.mark.parametrize("arguments", PLACES)
def test_what_cannot_be_used_is_an_error_of_one_line(arguments: str, here: Path, capsys: Any) -> None:
    Path("page.html").write_text("<!DOCTYPE html>\n<html></html>")
    Path("cut.run").write_bytes(Path("bikes.run").read_bytes()[:5000])
    net = History.open("bikes.run").restore()
    net.save("net.json")
    Path("cut.json").write_text(Path("net.json").read_text(encoding="utf-8")[:900], encoding="utf-8")
    Path("other.json").write_text('{"a": 1}')
    assert PLACES[arguments] in error_of(capsys, *arguments.split())


def test_damage_makes_no_traceback(here: Path, capsys: Any) -> None:
    whole = Path("people.run").read_bytes()
    random = np.random.default_rng(1)
    for _ in range(30):
        broken = bytearray(whole)
        for place in random.integers(0, len(whole), 2 ** random.integers(0, 8)):
            broken[place] = random.integers(0, 256)
        Path("b.run").write_bytes(broken)
        for command in (
            ["predict", "b.run", "people.csv", "--quiet"],
            ["evaluate", "b.run", "people.csv"],
        ):
            assert cli.main(command) in (0, 2)
            assert capsys.readouterr().err.count("\n") <= 2


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs permissions")
def test_a_file_that_may_not_be_read(here: Path, capsys: Any) -> None:
    Path("bikes.csv").chmod(0)
    assert "bikes.csv: Permission denied" in error_of(capsys, "predict", "bikes.run", "bikes.csv")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_predictions_that_cannot_be_written(here: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "predict", "bikes.run", "bikes.csv", "--quiet"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=300,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "slownet: cannot print: No space left on device\n")


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX pipes")
def test_nobody_reads_on(here: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*COMMAND, "predict", "bikes.run", "bikes.csv", "--quiet"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        timeout=300,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_ctrl_c_leaves_nothing(here: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Net, "predict", pressed)
    assert cli.main(["predict", "bikes.run", "bikes.csv", "-o", "out.csv", "--quiet"]) == 130
    assert capsys.readouterr() == ("", "")
    assert not Path("out.csv").exists()


@pytest.mark.parametrize("command", ["predict", "evaluate", "export"])
def test_every_command_has_help(command: str, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.main([command, "--help"]) == 0
    printed = capsys.readouterr().out
    assert f"usage: slownet {command} " in printed
    assert f"  slownet {command} " in printed
    assert max(map(len, printed.splitlines())) <= 100
    assert cli.main([]) == 0
    listed = re.findall(r"^    (\w+) ", capsys.readouterr().out, re.MULTILINE)
    assert listed[:7] == ["train", "resume", "play", "sweep", "predict", "evaluate", "export"]


@pytest.mark.parametrize("count", [1, 2, 9, 200])
def test_info_cuts_no_column_of_a_table(here: Path, capsys: Any, count: int) -> None:
    frame = pd.DataFrame({f"width of board {k}": [1.5 + k, 2.25, 3.0, 4.0] for k in range(count)})
    net = NetFactory([count, 1], output_activation="linear", seed=0).new()
    net.fit(frame, [1.0, 2.0, 4.0, 3.0], prepare="standardise", epochs=1, progress=False)
    net.save("boards.json")
    told = " ".join(said(capsys, "info", "boards.json")[0].split())
    listed = told.split("columns ")[1].split(" target")[0].split("; ")
    more = int(listed.pop().split()[1]) if count > 2 else 0
    assert len(listed) + more == count
    for k, text in enumerate(listed):
        assert text.startswith(f"width of board {k}: (x - ")
        assert " / " in text


def test_points_that_may_be_thousands_are_asked_about_after_decimal_commas(
    here: Path, capsys: Any
) -> None:
    lines = ["a;b;y", *(f"{1000 + 9 * k};{k},5;{k}" for k in range(40))]
    Path("old.csv").write_text("\n".join(lines))
    said(capsys, "train", "old.csv", "--target", "y", "--epochs", "1", "--no-html", "--run", "a.run")
    assert "decimal" not in said(capsys, "info", "a.run")[0]
    either = "column 'a': expected a number, found '1.234', which may be 1.234 or 1234: --decimal ."
    for rows in "1.234;7;1\n", "17;7;1\n1.234;8;2\n", "3;2.5;1\n1.234;3.5;2\n":
        Path("new.csv").write_text(f"a;b;y\n{rows}")
        for command in "predict", "evaluate":
            assert either in error_of(capsys, command, "a.run", "new.csv")
        Path("point.csv").write_text(f"a;b;y\n{rows}".replace("1.234", "1.2340"))
        assert (
            said(capsys, "predict", "a.run", "new.csv", "--decimal", ".")[0]
            == said(capsys, "predict", "a.run", "point.csv")[0]
        )
    Path("new.csv").write_text("a;b;y\n1.234;7;1\n")
    Path("whole.csv").write_text("a;b;y\n1234;7;1\n")
    whole = said(capsys, "predict", "a.run", "whole.csv")[0]
    assert said(capsys, "predict", "a.run", "new.csv", "--thousands", ".")[0] == whole
    assert said(capsys, "predict", "a.run", "new.csv", "--decimal", ".")[0] != whole
    Path("comma.csv").write_text("a;b;y\n1,234;2.5;1\n")  # which decimal commas would not mend
    assert "found '1,234', which may be" in error_of(capsys, "predict", "a.run", "comma.csv")
    pd.DataFrame({"a": [1.234], "b": [7.0], "y": [1]}).to_excel("new.xlsx", index=False)
    said(capsys, "predict", "a.run", "new.xlsx")
    said(capsys, "resume", "a.run", "--epochs", "1", "--no-html")


def test_new_rows_may_have_another_encoding_than_the_table_of_the_training(
    here: Path, capsys: Any
) -> None:
    places = ["Köln", "Süd", "Süd"]
    lines = ["Größe;Lage;Preis", *(f"{60 + 5 * k},5;{places[k % 3]};{k}" for k in range(20))]
    Path("old.csv").write_text("\n".join(lines), encoding="cp1252")
    train = ("train", "old.csv", "--target", "Preis", "--epochs", "1", "--no-html", "--run", "old.run")
    output_of_train = said(capsys, *train, "--encoding", "cp1252")[0]
    assert "old.csv: training on 16 of 20 rows" in output_of_train
    wanted = said(capsys, "predict", "old.run", "old.csv")[0]
    text = "\n".join(lines)
    for encoding in "utf-8", "utf-8-sig", "utf-16":
        Path("new.csv").write_text(text, encoding=encoding)
        assert said(capsys, "predict", "old.run", "new.csv")[0] == wanted
        assert "off by" in said(capsys, "evaluate", "old.run", "new.csv")[0]
    Path("new.csv.gz").write_bytes(gzip.compress(text.encode()))
    assert said(capsys, "predict", "old.run", "new.csv.gz")[0] == wanted
    frame = pd.read_csv("old.csv", sep=";", decimal=",", encoding="cp1252")
    frame.to_parquet("new.parquet")
    assert said(capsys, "predict", "old.run", "new.parquet")[0] == wanted
    frame.to_excel("new.xlsx", index=False)
    assert said(capsys, "predict", "old.run", "new.xlsx")[0] == wanted
    Path("bad.csv").write_text(text, encoding="utf-8")
    said_wrongly = error_of(capsys, "predict", "old.run", "bad.csv", "--encoding", "cp1252")
    assert "expected a column 'Größe'" in said_wrongly
    assert "--encoding is for text files" in error_of(
        capsys, "predict", "old.run", "new.xlsx", "--encoding", "cp1252"
    )
    assert "nowhere.csv: No such file" in error_of(capsys, "predict", "old.run", "nowhere.csv")
