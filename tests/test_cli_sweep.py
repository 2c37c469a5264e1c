from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from slownet import NetFactory, Sweep
from slownet.cli import main
from slownet.functions import OPTIMIZERS
from slownet.many.sweep_file import SweepFile

QUICK = ("--epochs", "2", "--samples", "60")


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def sweep(capsys, *arguments, code=0):
    """Run `slownet sweep`; return what it printed."""
    assert main(["sweep", *arguments]) == code
    printed = capsys.readouterr()
    return printed.out if code == 0 else printed.err


def test_a_table_of_what_each_combination_comes_to(capsys, tmp_path):
    tried = "--hidden", "3", "4-2", "--learning-rate", "0.01", "0.1", "--seeds", "3"
    files = "--into", "a.db", "--curves", "c.html", "--map", "m.html"
    printed = sweep(capsys, "moons", *tried, *QUICK, *files)
    assert "moons: training on 60 points of two classes" in printed
    assert "12 trainings, each with one thread" in printed
    rows = re.findall(
        r"^ *(3|4-2) +(0\.01|0\.1) +3 +([0-9.]+)% ± [0-9.]+% +[0-9.]+ ±", printed, re.MULTILINE
    )
    assert {row[:2] for row in rows} == {(h, r) for h in ("3", "4-2") for r in ("0.01", "0.1")}
    shares = [float(row[2]) for row in rows]
    assert shares == sorted(shares, reverse=True)
    found = Sweep.open("a.db")
    assert len(found) == 12
    means = found.summary()["test_accuracy"]
    assert shares == pytest.approx(sorted((100 * mean for mean in means), reverse=True), abs=0.006)
    for name in ("c.html", "m.html"):
        assert "Plotly.newPlot" in (tmp_path / name).read_text(encoding="utf-8")


def test_it_goes_on_and_jobs_do_not_matter(capsys):
    sweep(capsys, "xor", "--seeds", "2", *QUICK, "--into", "a.db", "--quiet")
    with sqlite3.connect("a.db") as connection:
        first = dict(connection.execute("SELECT task, weights FROM trainings"))
    connection.close()
    sweep(capsys, "xor", "--seeds", "4", *QUICK, "--into", "a.db", "--jobs", "2", "--quiet")
    sweep(capsys, "xor", "--seeds", "4", *QUICK, "--into", "b.db", "--quiet")
    both = []
    for name in ("a.db", "b.db"):
        with sqlite3.connect(name) as connection:
            both.append(dict(connection.execute("SELECT task, weights FROM trainings")))
        connection.close()
    assert both[0] == both[1]
    assert len(first) == 2
    assert first.items() <= both[0].items()


def test_several_optimizers_have_their_own_rates(capsys):
    sweep(capsys, "xor", "--optimizer", "sgd", "adam", *QUICK, "--into", "a.db", "--quiet")
    names = "optimizer", "learning_rate"
    found = {tuple(run.task.settings[name] for name in names) for run in Sweep.open("a.db")}
    assert found == {(name, OPTIMIZERS.find(name).learning_rate) for name in ("sgd", "adam")}


def test_tables_of_numbers_and_of_classes(capsys, tmp_path):
    rows = [(k % 7, k % 3, k % 7 + 2 * (k % 3), "xy"[k % 2]) for k in range(60)]
    lines = [",".join(map(str, row)) for row in [("a", "b", "number", "kind"), *rows]]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    for target, drop, measure in (
        ("number", "kind", "test error"),
        ("kind", "number", "test accuracy"),
    ):
        of_table = "t.csv", "--target", target, "--drop", drop
        printed = sweep(capsys, *of_table, "--hidden", "2", "4", "--epochs", "3")
        assert re.search(r"^ *[24] +1 +[0-9]", printed, re.MULTILINE)
        assert measure in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["moons", "--hidden", "a"], "expected a size such as 16"),
        (["moons", "--hidden", "0"], "--hidden must be"),
        (["moons", "--hidden", "99999999"], "the number of weights with --hidden must be"),
        (["moons", "--seeds", "0"], "--seeds must be"),
        (["moons", "--jobs", "0"], "--jobs must be"),
        (["moons", "--activation", "relo"], "did you mean 'relu'"),
        (["moons", "--learning-rate", "-1"], "--learning-rate must be"),
        (["mons"], "did you mean 'moons'"),
        (["moons", "--target", "x"], "--target is for tables"),
        (["moons", "--into", "is.run"], "is.run: it is an SQLite database, but no sweep"),
        (
            ["moons", "--curves", "is.html"],
            "is.html exists, and nothing is overwritten: choose another --curves",
        ),
        (["moons", "--map", "m.html"], "there is no grid to draw"),
        (["moons", "--into", "a.run"], "a.run: it is a run of slownet, and no sweep"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(capsys, arguments, message):
    sqlite3.connect("is.run").execute("CREATE TABLE a (b)").connection.close()
    Path("is.html").touch()
    NetFactory([1, 1]).new().fit([[0.0]], [1], record="a.run")
    err = sweep(capsys, *arguments, *QUICK, "--quiet", code=2)
    assert message in err
    assert err.count("\n") == 1


def test_equal_combinations_are_counted_once(capsys):
    assert "\n1 training with one thread\n" in sweep(capsys, "xor", "--hidden", "4", "4", *QUICK)


def test_a_sweep_file_is_no_single_run(capsys):
    sweep(capsys, "moons", *QUICK, "--into", "a.db", "--quiet")
    for command in (
        "resume a.db",
        "animate a.db",
        "compare a.db a.db",
        "export a.db --to json -o a.json",
    ):
        assert main(command.split()) == 2
        assert "slownet info describes it" in capsys.readouterr().err


def test_a_sweep_file_has_nothing_of_the_rows(capsys, tmp_path):
    (tmp_path / "mine").mkdir()
    rows = "\n".join(f"{k},{k % 5},{100_003 + 7 * k}" for k in range(60))
    (tmp_path / "mine" / "t.csv").write_text("a,b,price\n" + rows)
    sweep(capsys, "mine/t.csv", "--target", "price", "--epochs", "1", "--into", "a.db", "--quiet")
    held = Path("a.db").read_bytes()
    assert b"price" in held
    for text in (b"mine", b"t.csv", str(tmp_path).encode(), b"100010", b"100080"):
        assert text not in held


def test_all_diverge(capsys):
    err = sweep(capsys, "moons", "--optimizer", "sgd", "--learning-rate", "1e300", *QUICK, code=1)
    assert "none of the trainings came to its end: DivergedError" in err


def info(capsys, path):
    assert main(["info", path]) == 0
    return " ".join(capsys.readouterr().out.split())


def test_info_describes_a_sweep_file(capsys):
    tried = "--hidden", "3", "4-2", "--learning-rate", "0.01", "1e300", "--seeds", "3"
    sweep(capsys, "moons", *tried, *QUICK, "--into", "a.db", "--quiet")
    best = Sweep.open("a.db").best()[0]
    told = info(capsys, "a.db")
    for part in (
        "a.db: a sweep file of ",
        " trainings 12: 6 finished, 6 diverged data 60 samples, 2 inputs, 1 outputs ",
        " tried hidden 3, 4-2; learning_rate 0.01, 1e+300; 3 seeds same hidden_activation=relu, ",
        f" best by validation accuracy, hidden={best.task.settings['hidden']}, learning_rate=0.01, ",
        f", validation accuracy {best.measure('validation_accuracy'):.2%}, ",
        " errors 6, the first of them DivergedError: training diverged in epoch 1, step 2",
        " seconds of training arithmetic 1, that of this slownet",
    ):
        assert part in told
    assert "under way" not in told
    file = SweepFile(Path("a.db"))
    try:
        assert "6 diverged, and it is under way data" in info(capsys, "a.db")
    finally:
        file.close()


def test_info_of_sweeps_in_which_nothing_was_trained(capsys):
    SweepFile(Path("a.db")).close()
    assert " trainings none yet time 0 seconds" in info(capsys, "a.db")
    sweep(
        capsys,
        "moons",
        "--learning-rate",
        "1e300",
        *QUICK,
        "--into",
        "b.db",
        "--optimizer",
        "sgd",
        code=1,
    )
    told = info(capsys, "b.db")
    assert " trainings 1: 1 diverged " in told
    assert " best " not in told


def test_a_sweep_file_is_no_run(capsys):
    SweepFile(Path("a.db")).close()
    for command in (["animate", "a.db"], ["predict", "a.db", "t.csv"]):
        assert main(command) == 2
        assert "a.db holds a sweep, of many trainings, and no run" in capsys.readouterr().err
