from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from commands import python, run
from run_files import put
from slow import mostly_long

from slownet import (
    Activation,
    Callback,
    History,
    LearningRate,
    Net,
    NetFactory,
    SlownetError,
    __version__,
    cli,
    compare,
)
from slownet.cli.data import Data, Recipe
from slownet.cli.data_sets import DATA_SETS, Source, load
from slownet.cli.figures import number_text
from slownet.cli.parsing import new_parser, number
from slownet.datasets import CLASSIFICATION, load_mnist, moons
from slownet.page import Page

COMMAND = [sys.executable, "-m", "slownet"]
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and pipes")


@contextmanager
def start(*arguments: str, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a command in a process that ends with the block."""
    with subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def accuracy(output: str) -> float:
    found = re.search(r"^Test accuracy: ([0-9.]+)% of ", output, re.MULTILINE)
    assert found, output
    return float(found[1]) / 100


def data(*arguments: str) -> Data:
    return load(Source.of(new_parser(cli.COMMANDS).parse_args(["train", *arguments])))


def is_animation(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    return (
        text.startswith("<!DOCTYPE html>")
        and 'id="payload"' in text
        and text.rstrip().endswith("</html>")
    )


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def xor_run(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("recorded") / "x.run"
    options = ("--epochs", "2", "--snapshots", "9", "--quiet", "--no-html")
    assert cli.main(["train", "xor", "--run", str(path), *options]) == 0
    return path


@pytest.fixture
def recorded(here, xor_run) -> Path:
    """A folder with the run file `x.run`: xor, 2 epochs, 9 snapshots."""
    shutil.copy(xor_run, here)
    return here


@pytest.fixture
def homes(here) -> Path:
    """A table with a price in whole dollars that grows with rooms and falls with noise."""
    draw = np.random.default_rng(0)
    rooms, noise = draw.uniform(1, 9, 300), draw.uniform(40, 90, 300)
    price = 100_000 + 40_000 * rooms - 900 * noise + draw.normal(0, 2000, 300)
    rows = [f"{r},{n},7,{p:.0f}" for r, n, p in zip(rooms, noise, price, strict=True)]
    path = here / "homes.csv"
    path.write_text("rooms,noise,floor,price\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def flowers(here) -> Path:
    draw = np.random.default_rng(1)
    lines = ["length;width;kind;number"]
    for row in range(150):
        length, width = 1000 * (row % 3) + draw.normal(0, 150), draw.normal(row % 3, 0.3)
        lines.append(f"{length};{width};{['rose', 'tulip, red', 'daisy'][row % 3]};{row % 3 + 5}")
    path = here / "flowers.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.long
def test_main_job_with_its_defaults(here, capsys):
    first, second, third, usual, *table, fourth = output_of(capsys, "train", "mnist").splitlines()
    assert first == "MNIST: training on all 60,000 training images"
    assert usual == "(always predicting 1, the most frequent of them, reaches 11.35%)"
    assert (len(table), max(map(len, table)) <= 80) == (12, True)
    rows = [re.fullmatch(r"(\d)( +[0-9.]+){10}  [0-9.]+% of [0-9,]+", line) for line in table[2:]]
    assert [row[1] for row in rows] == list("0123456789")
    assert second == "784-16-10 net (relu, softmax): 12,730 weights and biases"
    assert third.endswith(" of 10,000 images it was not trained on")
    assert accuracy(third) > 0.93
    assert fourth == "Animation: mnist.html"
    assert is_animation(here / "mnist.html")
    assert [path.name for path in here.iterdir()] == ["mnist.html"]


def test_a_small_mnist_run(here, capsys):
    options = "--samples 300 --epochs 4 --layers 784 12 10 --html page.html --snapshots 10"
    printed = output_of(capsys, "train", "mnist", *options.split())
    assert "training on 300 of the 60,000" in printed
    assert "784-12-10 net" in printed
    assert 0.4 < accuracy(printed) < 0.9
    assert is_animation(here / "page.html")


def test_mnist_watches_one_of_each_digit_and_then_others():
    X, y = data("mnist", "--samples", "1").watched()
    test_X, test_y = load_mnist("test")
    assert X.shape == (200, 784)
    assert y[:10].tolist() == list(range(10))
    for digit in range(10):
        assert np.array_equal(X[digit], test_X[list(test_y).index(digit)])
    assert len(np.unique(X, axis=0)) == 200
    assert all(any(np.array_equal(x, other) for other in test_X[:220]) for x in X)


def test_a_data_set_is_added_in_one_place(here, monkeypatch, capsys):
    def bits(source: Source, recipe: Recipe) -> Data:
        y = np.arange(source.samples or recipe.samples) % 2
        both = (y[:, None].astype(float), y)
        return Data("bits", "bits: two numbers", both, both, recipe, "bits", 1, "one for two classes")

    monkeypatch.setitem(DATA_SETS, "bits", (bits, Recipe(7, 3, (2,), "rmsprop")))
    printed = output_of(capsys, "train", "bits", "--run", "b.run")
    assert printed.startswith("bits: two numbers\n1-2-1 net")
    history = History.open("b.run")
    assert (history.config["epochs"], history.config["optimizer"]["name"]) == (3, "rmsprop")
    assert history.config["learning_rate"] == 0.003
    output_of(capsys, "resume", "b.run", "--epochs", "4", "--no-html")
    assert output_of(capsys, "verify", "bits.html").startswith("True: ")
    assert "7 for bits" in " ".join(output_of(capsys, "train", "--help").split())


def test_an_option_of_fit_is_added_in_one_place(here, monkeypatch, capsys):
    def add(group, *_):
        group.add_argument("--l1", type=number)

    monkeypatch.setattr("slownet.cli.training.add_engine", add)
    output_of(capsys, "train", "xor", "--epochs", "1", "--l1", "0.5", "--run", "x.run", "--quiet")
    assert History.open("x.run").config["l1"] == 0.5


def test_options_reach_fit(here, monkeypatch):
    seen = {}
    fit = Net.fit

    def spy(net, X, y, **options):
        seen.update(options, net=repr(net), seed_of_net=net.seed, samples=len(X))
        return fit(net, X, y, **options)

    monkeypatch.setattr(Net, "fit", spy)
    assert cli.main(["train", "xor", "--quiet"]) == 0
    assert (seen["snapshots"], seen["batch_size"], seen["seed"], seen["samples"]) == (100, 16, 0, 800)
    assert (seen["optimizer"], seen["learning_rate"], seen["progress"]) == ("adam", 0.01, False)
    assert len(seen["watch"][0]) == 200
    given = (
        "--epochs 2 --batch-size 8 --learning-rate 0.25 --optimizer sgd --seed 7 --snapshots 5 "
        "--samples 40 --hidden 5-3 --activation tanh"
    )
    assert cli.main(["train", "xor", *given.split()]) == 0
    assert seen["net"] == "Net(2-5-3-1, tanh, tanh, sigmoid, 28 weights)"
    assert (seen["epochs"], seen["batch_size"], seen["learning_rate"]) == (2, 8, 0.25)
    assert (seen["optimizer"], seen["seed"], seen["snapshots"]) == ("sgd", 7, 5)
    assert (seen["seed_of_net"], seen["samples"], seen["progress"]) == (7, 40, True)
    assert cli.main(["train", "xor", "--epochs", "1", "--optimizer", "sgd", "--no-html"]) == 0
    assert (seen["learning_rate"], seen["snapshots"], seen["watch"]) == (0.1, None, None)


@pytest.mark.parametrize("name", CLASSIFICATION)
def test_points_are_learned(name, here, capsys):
    assert cli.main(["train", name, "--no-html"]) == 0
    printed, errors = capsys.readouterr()
    assert errors == ""
    assert f"{name}: training on 800 points of two classes" in printed
    assert accuracy(printed) >= 0.95
    assert list(here.iterdir()) == []


def test_the_seed_decides_everything(here, capsys):
    printed = []
    for seed in "0", "0", "3":
        assert cli.main(["train", "spirals", "--epochs", "3", "--no-html", "--seed", seed]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] != printed[2]


def test_quiet_prints_the_result_alone(here, capsys):
    assert cli.main(["train", "gaussians", "--quiet", "--html", "page.html"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "Test accuracy",
        "(always predicting 0, the most frequent of them, reaches 54.00%)",
        "Animation",
    ]


def test_a_number_to_predict_means_regression(homes, capsys):
    assert cli.main(["train", "homes.csv", "--target", "price"]) == 0
    printed, errors = capsys.readouterr()
    assert errors == ""
    assert "homes.csv: training on 240 of 300 rows, testing on 60" in printed
    assert "price holds numbers: regression" in printed
    assert "Inputs and target are standardised for the net" in printed
    assert "3-16-1 net (relu, linear)" in printed
    off, r2, mean, mean_off = re.search(
        r"price is off by (\S+) on average, over 60 rows it was not trained on \(R2 (\S+)\)\n"
        r"\(always predicting (\S+), the mean of them, is off by (\S+)\)\n",
        printed,
    ).groups()
    assert 1000 < in_units(off) < 6000  # dollars: the noise alone is off by 1600
    assert 0.99 < float(r2) < 1
    assert 50_000 < in_units(mean_off) < 110_000
    assert 220_000 < in_units(mean) < 280_000
    assert is_animation(Path("homes.html"))


def in_units(text: str) -> float:
    return float(text.replace(",", ""))


def test_tables_are_scaled_over_the_training_rows_alone(homes):
    table = data("homes.csv", "--target", "price")
    (X, y), (test_X, _) = table.train, table.test
    written = np.loadtxt(homes, delimiter=",", skiprows=1)
    rows = np.vstack([np.column_stack(pair) for pair in (table.train, table.test)])
    assert sorted(map(tuple, rows.tolist())) == sorted(map(tuple, written.tolist()))
    prepared, scales = table.preparation.prepared(X), table.preparation.target_scales
    assert np.allclose(prepared[:, :2].mean(axis=0), 0.0, atol=1e-12)
    assert np.allclose(prepared[:, :2].std(axis=0), 1.0)
    assert not np.any(prepared[:, 2])  # a column that is the same in every row
    assert abs(table.preparation.prepared(test_X)[:, 0].mean()) > 1e-3
    assert np.allclose(scales, [(y.mean(), y.std())])
    fewer = data("homes.csv", "--target", "price", "--samples", "50")
    assert len(fewer.train[0]) == 50
    assert np.allclose(fewer.preparation.prepared(fewer.train[0])[:, :2].mean(axis=0), 0.0, atol=1e-12)


def test_text_to_predict_means_classes(flowers, capsys):
    table = flowers.read_text(encoding="utf-8").splitlines()
    flowers.write_text("\n".join(line.rsplit(";", 1)[0] for line in table), encoding="utf-8")
    assert cli.main(["train", "flowers.csv", "--target", "kind"]) == 0
    printed, errors = capsys.readouterr()
    assert errors == ""
    assert (
        "kind holds 3 classes: 'daisy', 'rose', 'tulip, red'\nInputs are standardised for the net"
        in printed
    )
    assert "2-16-3 net (relu, softmax)" in printed
    assert accuracy(printed) > 0.95
    assert re.search(r"\(always predicting '(daisy|rose|tulip, red)', .* reaches [0-9.]+%\)", printed)
    assert is_animation(Path("flowers.html"))


def test_numbers_are_classes_if_one_says_so(flowers, capsys):
    table = flowers.read_text(encoding="utf-8").splitlines()
    rows = [line.split(";") for line in table if "daisy" not in line]
    flowers.write_text("\n".join(f"{a},{b},{n}" for a, b, _, n in rows), encoding="utf-8")
    assert cli.main(["train", "flowers.csv", "--target", "number", "--classify", "--no-html"]) == 0
    printed = capsys.readouterr().out
    assert "number holds 2 classes: 5, 6" in printed
    assert "2-16-1 net (relu, sigmoid)" in printed
    assert accuracy(printed) > 0.95


ONE_LINE = {
    "--quiet": "required: COMMAND (for example: slownet train mnist",
    "trian mnist": "'trian' (choose from",
    "compare a.run": "B (for example: slownet compare one.run other.run --html difference.html; see",
    "train xor --lr 1": "did you mean '--learning-rate'?",
    "train": "required: DATA",
    "train mnits": "spirals, or a table such as houses.csv; did you mean 'mnist'?",
    "train xor moons": "unexpected argument 'moons'",
    "train xor --epoch 3": "did you mean '--epochs'?",
    "train xor --epochs": "--epochs: expected one argument",
    "train xor --epochs two": "--epochs: expected a whole number such as 10, not 'two'",
    "train xor --epochs 0": "--epochs must be at least 1, not 0",
    "train xor --learning-rate fast": "expected a number such as 0.1, not 'fast'",
    "train xor --learning-rate nan": "--learning-rate must be finite",
    "train xor --learning-rate -1": "--learning-rate must be above 0, not -1",
    "train xor --batch-size 0": "--batch-size must be at least 1",
    "train xor --samples 0": "--samples must be at least 1, not 0",
    "train xor --schedule cosin": "argument --schedule: invalid choice: 'cosin'",
    "train xor --warm-up 0": "--warm-up must be above 0",
    "train xor --alpha -1": "--alpha must be at least 0",
    "train xor --l2 nan": "--l2 must be finite",
    "train xor --dropout 1": "--dropout must be less than 1",
    "train xor --seed -1": "--seed must be at least 0",
    "train xor --optimizer adma": "sgd, rmsprop, adagrad, adam, adamw, nadam; did you mean 'adam'?",
    "train xor --activation rleu": "did you mean 'relu'?",
    "train xor --hidden tanh": "expected a size such as 16, or 16-8 for two hidden layers, not 'tanh'",
    "train xor --hidden 0": "a number of --hidden must be at least 1, not 0",
    "train xor --hidden 4 --layers 2 4 1": "argument --layers: not allowed with argument --hidden",
    "train xor --snapshots 1": "--snapshots must be at least 2",
    "train xor --layers 3 4 1": "--layers must begin with 2 (the numbers of a sample) and end with 1",
    "train xor --layers 2": "--layers must begin with 2",
    "train xor --layers 2 0 1": "a number of --layers must be at least 1, not 0",
    "train mnist --layers 784 16 1 --samples 1": "end with 10 (one a digit), not 784 16 1",
    "train xor --target price": "--target is for tables, not for xor",
    "train homes.csv": "has 'rooms', 'noise', 'floor', 'price'",
    "train homes.csv --target prize": "--target 'prize' is not a column",
    "train missing.csv --target price": "missing.csv: No such file or directory",
    "train . --target price": ".: Is a directory",
    "train broken.csv --target y": "broken.csv, line 3, column 'x': expected a number",
    "train one.csv --target y": "one row is too few",
    "train same.csv --target y": "y is 'u' in every row",
    "train huge.csv --target y": "huge.csv: the numbers of 'y' are too large to be scaled",
    "train xor --html nowhere/page.html": "cannot write nowhere/page.html: No such file or directory",
    "train xor --html homes.csv/page.html": "cannot write homes.csv/page.html: Not a directory",
    "train xor --html homes.csv": "homes.csv exists, and nothing is overwritten",
    "train xor --html page.html --no-html": "not allowed with argument --html",
    "train xor --run nowhere/x.run": "x.run: cannot be written: there is no folder nowhere",
    "train xor --run homes.csv": "exists, and nothing is overwritten",
    "resume": "required: FILE (for example: slownet resume mnist.run; see slownet resume --help)",
    "resume none.run": "none.run",
    "resume homes.csv": "homes.csv: cannot be read: it is no SQLite database",
    "resume none.run --seed 3": "unknown option '--seed'",
    "info": "required: FILE",
    "info none.run": "none.run: No such file or directory",
    "info .": ".: Is a directory",
    "info homes.csv": "homes.csv holds neither a training nor a net of slownet",
    "compare none.run": "required: B",
    "compare homes.csv homes.csv": "homes.csv: cannot be read: it is no SQLite database",
    "animate": "required: FILE",
    "animate none.run": "none.run",
    "animate none.json": "none.json: No such file or directory",
    "animate homes.csv": "homes.csv holds neither a training nor a net of slownet",
    "animate homes.csv --bits 25": "--bits must be at most 24, not 25",
    "animate homes.csv --bits 5": "--bits must be at least 6, not 5",
    "animate homes.csv --bits few": "expected a whole number such as 10, not 'few'",
    "animate homes.csv --bits 12 --exact": "not allowed with argument --bits",
    "animate homes.csv --plotly --exact": "not allowed with argument --plotly",
    "animate homes.csv --plotly --include-data": "holds no data: leave --keep and --include-data out",
    "animate homes.csv --plotly --keep 20": "holds no data: leave --keep and --include-data out",
    "animate homes.csv --plotly --keep fits": "holds no data: leave --keep and --include-data out",
    "animate homes.csv --titel x": "did you mean '--title'?",
    "verify": "required: PAGE",
    "verify none.html": "none.html: No such file",
    "verify .": ".: Is a directory",
    "verify homes.csv": "homes.csv: this is no page that slownet has written",
}


@pytest.mark.parametrize("arguments", ONE_LINE)
def test_what_cannot_be_used_is_an_error_of_one_line(arguments, homes, capsys):
    Path("broken.csv").write_text("x,y\n1,2\nno,3\n", encoding="utf-8")
    Path("one.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    Path("same.csv").write_text("x,y\n1,u\n2,u\n3,u\n", encoding="utf-8")
    Path("huge.csv").write_text(
        "x,y\n1,1.7e308\n2,-1.7e308\n3,1.7e308\n4,-1.7e308\n5,2.5\n", encoding="utf-8"
    )
    before = {path.name: path.read_bytes() for path in Path().iterdir()}
    assert cli.main(arguments.split()) == 2
    printed, errors = capsys.readouterr()
    assert printed == ""
    assert ONE_LINE[arguments] in errors
    assert errors.startswith("slownet: ")
    assert errors.count("\n") == 1
    assert {path.name: path.read_bytes() for path in Path().iterdir()} == before


@pytest.mark.long
def test_one_line_in_a_real_process(tmp_path):
    for arguments in ("train",), ("train", "a\nb.csv"), ("train", "xor", "--epochs", "x"):
        done = run(*COMMAND, *arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_a_page_that_cannot_be_written_is_an_error_before_training(here, monkeypatch, capsys):
    def never(*_, **__):
        pytest.fail("trained for nothing")

    monkeypatch.setattr(Net, "fit", never)
    assert cli.main(["train", "xor", "--html", "nowhere/page.html"]) == 2
    for name in "page.gif", "page.run", "page":
        assert cli.main(["train", "xor", "--html", name]) == 2
        assert "--html: 'page" in capsys.readouterr().err.splitlines()[-1]
    assert list(here.iterdir()) == []


def test_nothing_is_overwritten(here, capsys):
    mine = {"xor.html": "mine", "xor-2.html": "", "page.html": "mine too"}
    for name, text in mine.items():
        Path(name).write_text(text, encoding="utf-8")
    assert cli.main(["train", "xor", "--epochs", "1", "--snapshots", "2"]) == 0
    assert "Animation: xor-3.html" in capsys.readouterr().out
    assert is_animation(Path("xor-3.html"))
    assert cli.main(["train", "xor", "--html", "page.html"]) == 2
    assert {name: Path(name).read_text(encoding="utf-8") for name in mine} == mine


def test_divergence_is_one_line_and_shows_what_led_to_it(here, capsys):
    assert cli.main(["train", "xor", "--optimizer", "sgd", "--learning-rate", "1e200"]) == 1
    printed, errors = capsys.readouterr()
    assert errors.startswith("slownet: training diverged in epoch 1, step ")
    assert errors.count("\n") == 1
    assert "Test accuracy" not in printed
    assert printed.endswith("Animation: xor.html\n")
    assert is_animation(here / "xor.html")


def test_a_full_disk_after_training_loses_only_the_page(here, monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(History, "write_html", full)
    assert cli.main(["train", "xor", "--epochs", "1"]) == 1
    printed, errors = capsys.readouterr()
    assert "Test accuracy" in printed
    assert "the animation could not be written: [Errno 28] No space left on device" in errors
    assert errors.count("\n") == 1
    assert list(here.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_cannot_be_written_is_an_error(tmp_path):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "train", "xor", "--epochs", "1"],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=300,
        )
    assert (done.returncode, done.stderr) == (1, "slownet: cannot print: No space left on device\n")
    assert list(tmp_path.iterdir()) == []


def wait_for_steps(run: Path, process: subprocess.Popen[str]) -> None:
    """Return when a training has recorded its first steps."""
    while True:
        assert process.poll() is None
        with suppress(SlownetError):
            if History.open(run).last_step:
                return
        time.sleep(0.05)


def first_line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()


@pytest.mark.long
@posix
def test_ctrl_c_ends_training_and_keeps_the_result(tmp_path):
    with start("train", "mnist", "--epochs", "400", "--run", "m.run", cwd=tmp_path) as process:
        wait_for_steps(tmp_path / "m.run", process)
        process.send_signal(signal.SIGINT)
        printed, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (0, "")
    assert re.search(r"^Stopped after [\d,]+ of 1,500,000 steps\.", printed, re.MULTILINE)
    assert accuracy(printed) > 0.05
    assert is_animation(tmp_path / "mnist.html")


@pytest.mark.long
def test_a_second_ctrl_c_ends_it_all(here, monkeypatch, capsys):
    fit = Net.fit

    class Press(Callback):
        def on_epoch_begin(self, training):
            signal.raise_signal(signal.SIGINT)

        def on_fit_end(self, training):
            signal.raise_signal(signal.SIGINT)

    def fit_and_press(net, *data, callbacks, **options):
        return fit(net, *data, callbacks=[callbacks, Press()], **options)

    monkeypatch.setattr(Net, "fit", fit_and_press)
    assert cli.main(["train", "mnist"]) == 130
    printed, errors = capsys.readouterr()
    assert (printed.count("\n"), errors) == (2, "")
    assert list(here.iterdir()) == []


@pytest.mark.long
@posix
def test_nobody_reads_on(tmp_path):
    with start("train", "xor", "--epochs", "2", cwd=tmp_path) as process:
        assert first_line(process.stdout).startswith("xor: training")
        process.stdout.close()
        errors = process.stderr.read()
        process.wait(timeout=300)
    assert (process.returncode, errors) == (0, "")
    assert is_animation(tmp_path / "xor.html")


@posix
@pytest.mark.parametrize("arguments", ["--help", "train --help", "--version"])
def test_nobody_reads_the_help(arguments, tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*COMMAND, *arguments.split()], stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.long
@pytest.mark.parametrize("size", mostly_long([(30, 100), (0, 0)]))  # which some terminals do not know
def test_a_terminal_shows_a_progress_bar(size, tmp_path):
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")
    terminal, end = pty.openpty()
    termios.tcsetwinsize(end, size)
    with subprocess.Popen(
        [*COMMAND, "train", "xor", "--epochs", "3", "--no-html"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=end,
    ) as process:
        os.close(end)
        shown = b""
        try:
            while part := os.read(terminal, 65536):
                shown += part
        except OSError:  # how Linux says that the other end is closed
            pass
    os.close(terminal)
    assert process.returncode == 0
    assert b"150/150" in shown


@pytest.mark.long
def test_names_that_the_terminal_cannot_show(tmp_path):
    (tmp_path / "größe.csv").write_text("x,größe\n1,2\n3,4\n5,6\n", encoding="utf-8")
    done = run(
        *COMMAND,
        *("train", "größe.csv", "--target", "größe", "--epochs", "1"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert r"gr\xf6\xdfe holds numbers" in done.stdout
    assert is_animation(tmp_path / "größe.html")


def test_help_says_what_to_do(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.main(["--help"]) == 0
    assert "slownet train mnist" in capsys.readouterr().out
    assert cli.main(["train", "--help"]) == 0
    printed = capsys.readouterr().out
    options = (
        "target classify layers hidden samples epochs batch-size optimizer learning-rate seed run html"
    )
    for option in [*options.split(), "no-html", "snapshots", "quiet"]:
        assert f"--{option} " in printed
    for name in ("mnist", *CLASSIFICATION):
        assert name in printed
    assert "slownet train houses.csv --target price" in printed


@pytest.mark.parametrize("command", ["resume", "info", "compare", "explain", "animate", "verify"])
def test_every_command_has_help(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.main([command, "--help"]) == 0
    printed = capsys.readouterr().out
    assert f"usage: slownet {command} " in printed
    assert f"  slownet {command} " in printed
    assert max(map(len, printed.splitlines())) <= 100


def test_the_version(tmp_path):
    assert run(*COMMAND, "--version", cwd=tmp_path).stdout == f"slownet {__version__}\n"


def test_help_and_version_load_no_large_package():
    check = (
        "import sys; from slownet.cli import main; main(['--version']); main(['train', '--help']); "
        "main(['train']); sys.exit(' '.join({'numpy', 'plotly', 'tqdm'} & set(sys.modules)) or 0)"
    )
    python(check)


# run files


def train(*arguments: str) -> None:
    assert cli.main(["train", *arguments, "--quiet", "--no-html"]) == 0


def output_of(capsys, *arguments: str) -> str:
    capsys.readouterr()
    assert cli.main(list(arguments)) == 0
    printed, errors = capsys.readouterr()
    assert errors == ""
    return printed


def error_of(capsys, *arguments: str) -> str:
    capsys.readouterr()
    assert cli.main(list(arguments)) == 2
    printed, errors = capsys.readouterr()
    assert printed == ""
    assert errors.startswith("slownet: ")
    assert errors.count("\n") == 1
    return errors


@pytest.mark.long
def test_train_records_and_resume_goes_on(here, capsys):
    printed = output_of(capsys, "train", "xor", "--epochs", "3", "--run", "x.run")
    assert printed.endswith("Run: x.run\nAnimation: xor.html\n")
    history = History.open("x.run")
    assert history.source == {"command": "slownet train", "data": "xor", "samples": 800, "seed": 0}
    assert (history.ended, history.last_step, len(history.snapshots)) == ("finished", 150, 100)
    assert len(history.watch.samples) == 200
    printed = output_of(capsys, "resume", "x.run", "--epochs", "5")
    assert "xor: training on 800 points of two classes\n2-8-8-1 net" in printed
    assert "\nGoing on after step 150 of 250\n" in printed
    assert printed.endswith("Run: x.run\nAnimation: x.html\n")
    assert is_animation(Path("x.html"))
    assert History.open("x.run").last_step == 250
    printed = output_of(capsys, "resume", "x.run", "--no-html")
    assert "x.run was trained to its end before; --epochs N goes on" in printed
    assert accuracy(printed) > 0.5
    quiet = output_of(capsys, "resume", "x.run", "--no-html", "--quiet")
    assert [line.split(":")[0] for line in quiet.splitlines()[::2]] == ["Test accuracy", "Run"]


def test_without_a_page_a_run_has_its_snapshots_too(here):
    train("xor", "--epochs", "1", "--run", "x.run", "--snapshots", "7")
    assert len(History.open("x.run").snapshots) == 7
    assert [path.name for path in here.iterdir()] == ["x.run"]


@pytest.mark.long
@posix
def test_ctrl_c_leaves_a_run_that_resume_ends_with_the_same_bits(here, capsys):
    options = ("spirals", "--epochs", "300", "--seed", "3", "--no-html")
    train(*options[:-1], "--run", "whole.run")
    slow = ("--engine", "scalar", "--run", "cut.run")
    with start("train", *options, *slow, cwd=here) as process:
        wait_for_steps(here / "cut.run", process)
        process.send_signal(signal.SIGINT)
        printed, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (0, "")
    assert re.search(r"^Stopped after [\d,]+ of 15,000 steps\.", printed, re.MULTILINE)
    assert printed.endswith("Run: cut.run (slownet resume cut.run goes on)\n")
    cut = History.open("cut.run")
    assert cut.ended == "interrupted"
    assert 0 < cut.last_step < 15_000
    assert "ended      interrupted; slownet resume cut.run goes on" in output_of(
        capsys, "info", "cut.run"
    )
    printed = output_of(
        capsys, "resume", "cut.run", "--engine", "compiled", "--threads", "2", "--no-html"
    )
    assert f"Going on after step {cut.last_step:,} of 15,000" in printed
    compared = compare("whole.run", "cut.run")
    assert compared.same
    assert (len(compared.steps), len(compared.snapshots)) == (15_000, 100)
    ends = [[replace(epoch, seconds=0.0) for epoch in each.epochs] for each in (compared.a, compared.b)]
    assert ends[0] == ends[1]
    assert History.open("cut.run").ended == "finished"


@pytest.mark.long
@posix
def test_info_names_a_killed_run_which_goes_on(here, capsys):
    options = ("spirals", "--epochs", "300", "--quiet", "--no-html")
    train(*options[:-2], "--run", "whole.run")
    with start("train", *options, "--engine", "scalar", "--run", "cut.run", cwd=here) as process:
        wait_for_steps(here / "cut.run", process)
        assert "ended      not yet: it is under way" in output_of(capsys, "info", "cut.run")
        assert "another process is writing it" in error_of(capsys, "resume", "cut.run")
        process.kill()
        process.communicate(timeout=300)
    assert "ended      killed" in output_of(capsys, "info", "cut.run")
    output_of(capsys, "resume", "cut.run", "--no-html", "--engine", "compiled")
    compared = compare("whole.run", "cut.run")
    assert compared.same
    assert compared.steps[-1] == 15_000


@pytest.mark.long
@posix
def test_a_disk_that_is_full_loses_nothing_that_was_recorded(here, capsys):
    import resource

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000))

    options = ("train", "xor", "--epochs", "60", "--run", "x.run", "--no-html", "--engine", "scalar")
    done = run(*COMMAND, *options, cwd=here, preexec_fn=small)
    assert done.returncode == 1
    assert "Test accuracy" not in done.stdout
    safe = re.fullmatch(r"slownet: .*x\.run.*up to step (\d+), is safe\n", done.stderr)
    assert History.open("x.run").last_step == int(safe[1]) < 3000
    output_of(capsys, "resume", "x.run", "--no-html")
    assert History.open("x.run").ended == "finished"


def test_a_table_is_found_again_where_it_was_or_beside_the_run(homes, tmp_path, monkeypatch, capsys):
    train("homes.csv", "--target", "price", "--epochs", "2", "--run", "h.run", "--samples", "100")
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.chdir(other)
    more = ("--epochs", "3", "--quiet", "--no-html")
    assert "price is off by" in output_of(capsys, "resume", "../h.run", *more)
    (tmp_path / "h.run").rename(other / "h.run")
    homes.rename(other / "homes.csv")
    output_of(capsys, "resume", "h.run", "--epochs", "4", "--quiet", "--no-html")
    table = (other / "homes.csv").read_text(encoding="utf-8")
    changed = table.replace("7,", "8,", 1)
    (other / "homes.csv").write_text(changed, encoding="utf-8")
    assert "learned from other data" in error_of(capsys, "resume", "h.run", "--epochs", "5")
    (other / "homes.csv").unlink()
    errors = error_of(capsys, "resume", "h.run", "--epochs", "5")
    assert "h.run learns from homes.csv, which is not there: put it beside the run file" in errors


def test_a_branch_of_a_run_goes_on_from_the_command_line(here, capsys):
    train("xor", "--epochs", "3", "--run", "x.run")
    xor = load(Source("xor", 800))
    history = History.open("x.run")
    history.branch(
        60, xor.train, record="b.run", learning_rate=0.1, validation_data=xor.validated, epochs=2
    )
    assert "Going on after step 100 of 150" in output_of(
        capsys, "resume", "b.run", "--epochs", "3", "--no-html"
    )
    assert "\nbranch of  run " in output_of(capsys, "info", "b.run")
    printed = output_of(capsys, "compare", "x.run", "b.run", "--html", "two.html")
    assert "b is a branch of a, from step 60 on; 90 steps in common" in printed
    assert "  learning_rate: 0.01 and 0.1" in printed
    assert printed.endswith("Figure: two.html\n")
    assert "first differ" in Path("two.html").read_text(encoding="utf-8")
    assert "two.html exists" in printed_error_after(
        capsys, "compare", "x.run", "b.run", "--html", "two.html"
    )


def printed_error_after(capsys, *arguments: str) -> str:
    """Return the error of a command that fails after it has printed something."""
    assert cli.main(list(arguments)) == 2
    return capsys.readouterr().err


def test_a_run_of_a_program_is_resumed_by_a_program(here, capsys):
    X, y = moons(40)
    net = NetFactory([2, 3, 1], seed=1).new()
    net.fit(X, y, record="p.run", snapshots=3)
    errors = error_of(capsys, "resume", "p.run")
    assert "slownet.resume('p.run', (X, y))" in errors
    assert "ended      finished" in output_of(capsys, "info", "p.run")
    net.fit(X, y, record="other.run", source={"made": "by hand"})
    assert "slownet.resume('other.run', (X, y))" in error_of(capsys, "resume", "other.run")


def test_a_source_that_makes_no_sense(recorded, capsys):
    for source in (
        {},
        {"data": 3},
        {"data": "a.csv", "samples": 3, "seed": 0},
        {"data": 7, "samples": 3, "seed": 0, "target": "x", "classify": False},
    ):
        put("x.run", "source", {"command": "slownet train", **source})
        assert "cannot be read" in error_of(capsys, "resume", "x.run")


def test_info_fits_on_a_screen(here, capsys):
    train("mnist", "--samples", "50", "--epochs", "2", "--run", "m.run", "--optimizer", "adam")
    lines = output_of(capsys, "info", "m.run").splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    for part in (
        "m.run: a run file of ",
        "net 784-16-10 (relu, softmax), 12,730 weights and biases; loss cross_entropy",
        "data 50 samples, 784 inputs, 10 outputs; from slownet train mnist",
        "progress step 8 of 8, 2 of 2 epochs",
        "ended finished",
        "options epochs=2, batch_size=16, learning_rate=0.01, snapshots=100, optimizer=adam(",
        "snapshots 9, of steps 0 to 8; 200 samples watched",
        f"slownet {__version__}",
    ):
        assert part in text
    assert "shuffle" not in text
    history = History.open("m.run")
    assert f"last step mean loss of the batch {history.loss[-1]:.4g}" in text
    last, test = history.epochs[-1], history.test
    assert (
        f"epoch 2 training accuracy {last.accuracy:.2%} of 50, loss {last.loss:.4g}; "
        f"validation accuracy {last.validation_accuracy:.2%} of 1,000, loss {last.validation_loss:.4g}"
    ) in text
    assert f"test test accuracy {test['accuracy']:.2%} of 10,000, loss {test['loss']:.4g}, of" in text


def test_info_names_the_optimizer_and_its_rate(here, capsys):
    X, y = moons(40)
    NetFactory([2, 3, 1]).new().fit(X, y, record="a.run", progress=False)
    told = output_of(capsys, "info", "a.run").splitlines()
    assert "options    learning_rate=0.1, optimizer=sgd" in told


def test_schedules_and_penalties_of_the_command_line(here):
    options = ("--epochs", "2", "--samples", "40", "--run", "a.run")
    train("xor", *options, "--schedule", "step", "--warm-up", "1.5", "--alpha", "0.25")
    config = History.open("a.run").config
    warm_up = {"name": "warm_up_step", "epochs": 1.5, "start": 0.01, "every": 10, "gamma": 0.5}
    assert config["schedule"] == warm_up
    assert config["alpha"] == 0.25
    train("xor", *options[:4], "--run", "b.run", "--l2", "0.5", "--dropout", "0.25", "--warm-up", "1")
    config = History.open("b.run").config
    assert [config[name] for name in ("l2", "dropout")] == [0.5, 0.25]
    assert config["schedule"] == {"name": "warm_up_cosine", "epochs": 1.0, "start": 0.01}
    train("xor", *options[:4], "--run", "c.run")
    assert History.open("c.run").config["schedule"] == {"name": "cosine"}


@pytest.mark.parametrize(
    ("schedule", "shrink", "wanted"),
    [
        ("constant", 0.5, "set by callbacks: 0.05 from epoch 1 on, 0.025 from epoch 2 on, ..., 0.0031"),
        ("cosine", 1.0, "set by callbacks, before the schedule: 0.1 from epoch 1 on"),
        ("constant", None, None),
    ],
)
def test_info_names_rates_that_callbacks_have_set(schedule, shrink, wanted, here, capsys):
    X, y = moons(40)
    callbacks = [LearningRate(lambda epoch, rate: rate * shrink)] if shrink else []
    options = {"epochs": 5, "schedule": schedule, "alpha": 0.25, "progress": False}
    NetFactory([2, 3, 1]).new().fit(X, y, record="a.run", callbacks=callbacks, **options)
    told = " ".join(output_of(capsys, "info", "a.run").split())
    assert "alpha=0.25" in told
    assert f" rates {wanted}" in told if wanted else " rates " not in told


def test_info_of_a_source_that_is_no_name(here, capsys):
    X, y = moons(40)
    source = {"command": "slownet train", "data": 5}
    NetFactory([2, 3, 1]).new().fit(X, y, record="a.run", source=source, progress=False)
    assert "from slownet train 5" in output_of(capsys, "info", "a.run")


@pytest.mark.long
def test_the_test_that_was_printed_stands_in_files_and_pages(here, homes, capsys):
    options = ("--samples", "300", "--epochs", "2", "--snapshots", "5", "--run", "m.run")
    printed = output_of(capsys, "train", "mnist", *options)
    share = re.search(r"Test accuracy: ([0-9.]+%) of 10,000 images", printed)[1]
    history = History.open("m.run")
    assert f"{history.test['accuracy']:.2%}" == share
    assert history.test["samples"] == 10_000
    assert f"test accuracy {share} of 10,000" in " ".join(output_of(capsys, "info", "m.run").split())
    assert f"test accuracy {share} of 10,000" in output_of(capsys, "compare", "m.run", "m.run")
    assert Page.open("mnist.html").training["test"] == history.test
    output_of(capsys, "animate", "m.run", "-o", "again.html")
    assert Page.open("again.html").training["test"] == history.test
    assert share in output_of(capsys, "resume", "m.run", "--no-html")  # trained to its end before
    output_of(capsys, "resume", "m.run", "--epochs", "3", "--html", "more.html")
    more = History.open("m.run").test
    assert more["step"] == 57
    assert more == Page.open("more.html").training["test"] != history.test
    printed = output_of(
        capsys, "train", "homes.csv", "--target", "price", "--epochs", "3", "--run", "h.run"
    )
    error = re.search(r"off by (\S+) on average, over 60 rows", printed)[1]
    assert number_text(History.open("h.run").test["error"]) == error
    error = f"{in_units(error):.4g}"
    told = " ".join(output_of(capsys, "info", "h.run").split())
    units = r"\(the error in units of the table, the loss of scaled numbers\)"
    assert re.search(rf"test error {re.escape(error)} on 60, loss \S+ {units}, of the net", told)
    assert "from slownet train homes.csv --target price columns rooms: (x - " in told
    assert re.search(r" floor: \(x - 7\) / 1 target price: output \* [0-9,]+ \+ [0-9,]+ ", told)


def test_a_changed_test_accuracy_is_found(here, capsys):
    output_of(capsys, "train", "xor", "--epochs", "1", "--snapshots", "3", "--html", "x.html")
    text = Path("x.html").read_text(encoding="utf-8")
    accuracy = Page.open("x.html").training["test"]["accuracy"]
    assert text.count(f'"accuracy":{accuracy}') == 1
    changed = text.replace(f'"accuracy":{accuracy}', '"accuracy":0.999')
    Path("x.html").write_text(changed, encoding="utf-8", newline="")
    assert cli.main(["verify", "x.html"]) == 1
    assert f"training test accuracy is 0.999, and training gives {accuracy}" in capsys.readouterr().out


def test_info_of_a_net_file(here, capsys):
    net = NetFactory([2, 5, 3], seed=4).new()
    net.classes = ["a", "b\x1b[31m", "c"]
    next(iter(net.weights())).frozen = True
    net.layers[1].neurons[2].bias_frozen = net.layers[2].neurons[0].bias_frozen = True
    net.save("net.json")
    lines = output_of(capsys, "info", "net.json").splitlines()
    assert lines[0].startswith("net.json: a net file of ")
    assert "net        2-5-3 (relu, softmax), 33 weights and biases" in lines
    assert "frozen     1 weights, 2 biases" in lines
    assert r"classes    a, b\x1b[31m, c" in lines
    Path("net.json").write_text(Path("net.json").read_text(encoding="utf-8")[:-30], encoding="utf-8")
    assert "net.json" in error_of(capsys, "info", "net.json")


@pytest.mark.parametrize("name", ["t.json", "t.json.gz"])
def test_info_of_a_training_file(name, recorded, capsys):
    History.open("x.run").to_json(name)
    lines = output_of(capsys, "info", name).splitlines()
    assert lines[0].startswith(f"{name}: a training file of ")
    assert lines[1:] == output_of(capsys, "info", "x.run").splitlines()[1:]
    Path(name).write_bytes(Path(name).read_bytes()[:-200])
    assert name in error_of(capsys, "info", name)


def test_info_of_a_run_with_formulas_of_its_own(here, capsys):
    bent = Activation("bent", lambda z: z + z * z, lambda z, value: 1.0 + 2.0 * z)
    X, y = moons(40)
    net = NetFactory([2, 3, 1], bent, seed=1).new()
    net.fit(X, y, record="own.run", learning_rate=0.001, snapshots=3, engine="scalar")
    assert "formulas of its own" in output_of(capsys, "info", "own.run")


def damaged(how: str, whole: bytes) -> bytes:
    return {"empty": b"", "half": whole[: len(whole) // 2], "head": whole[:100], "text": b"SQLite?"}[how]


@pytest.mark.parametrize("how", ["empty", "half", "head", "text"])
def test_damaged_files_are_one_line(how, recorded, capsys):
    Path("x.run").write_bytes(damaged(how, Path("x.run").read_bytes()))
    for arguments in ["info", "x.run"], ["resume", "x.run"], ["compare", "x.run", "x.run"]:
        assert "x.run" in error_of(capsys, *arguments)


def test_foreign_and_newer_databases_are_one_line(recorded, capsys):
    with closing(sqlite3.connect("other.db")) as connection, connection:
        connection.execute("CREATE TABLE run (name TEXT)")
    assert "no run of slownet" in error_of(capsys, "info", "other.db")
    with closing(sqlite3.connect("x.run")) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert "install a newer one" in error_of(capsys, "info", "x.run")


@pytest.mark.long
def test_no_damage_makes_a_traceback(recorded, capsys):
    whole = Path("x.run").read_bytes()
    draw = np.random.default_rng(0)
    codes = set()
    for _ in range(60):
        broken = bytearray(whole)
        for place in draw.integers(0, len(whole), 2 ** draw.integers(0, 6)):
            broken[place] = draw.integers(0, 256)
        Path("broken.run").write_bytes(broken)
        codes.add(cli.main(["info", "broken.run"]))
        codes.add(cli.main(["compare", "x.run", "broken.run"]))
        assert capsys.readouterr().err.count("\n") <= 2
    assert 2 in codes <= {0, 2}


@pytest.mark.parametrize("name", ["config", "data", "versions", "parent", "classes", "source", "test"])
def test_values_of_another_shape_make_no_traceback(name, recorded, capsys):
    for value in {}, [], 3, None, {"epochs": "x"}, {"id": 3}, [[{}]]:
        put("x.run", name, value)
        for arguments in (
            ["info", "x.run"],
            ["compare", "x.run", "x.run"],
            ["resume", "x.run", "--no-html"],
        ):
            assert cli.main(arguments) in (0, 2)
            assert capsys.readouterr().err.count("\n") <= 1


# pages


def test_a_run_becomes_a_page_that_is_true(recorded, capsys):
    assert output_of(capsys, "animate", "x.run") == "Animation: x.html\n"
    whole = Path("x.html").read_bytes()
    printed = output_of(capsys, "verify", "x.html")
    assert printed.startswith("True: training again gives every number of this page.\n")
    assert "It trains itself: the losses of" in printed
    assert "x.html exists, and nothing is overwritten" in error_of(
        capsys, "animate", "x.run", "-o", "x.html"
    )
    assert Path("x.html").read_bytes() == whole
    text = whole.decode()
    assert text.count('"learning_rate":0.01') == 2  # of the training, and of its recipe
    text = text.replace('"learning_rate":0.01', '"learning_rate":0.02')
    Path("y.html").write_text(text, encoding="utf-8", newline="")
    assert cli.main(["verify", "y.html"]) == 1
    printed, errors = capsys.readouterr()
    assert printed.startswith("Not true: training again does not give this page.\n- ")
    assert errors == "slownet: y.html is not what its training gives\n"


@pytest.mark.long
def test_pages_as_they_are_asked_for(here, capsys):
    train("moons", "--epochs", "2", "--run", "m.run", "--snapshots", "9", "--samples", "90")
    title = "<b>My</b> & 'net'"
    for name, arguments in {
        "exact.html": ["--exact", "--title", title],
        "bits.html": ["--bits", "12", "--keep", "none"],
        "some.html": ["--keep", "20"],
        "none.html": ["--keep", "none"],
        "all.html": ["--include-data"],
        "m.html": [],
        "m-2.html": [],
    }.items():
        where = [] if name.startswith("m") else ["-o", name]
        assert output_of(capsys, "animate", "m.run", *where, *arguments) == f"Animation: {name}\n"
        assert output_of(capsys, "verify", name).startswith("True: ")
    assert Page.open("exact.html").facts["title"] == title
    assert Page.open("exact.html").facts["precision"] == {"exact": True, "layers": {}}
    held = {name: Page.open(f"{name}.html").facts["holds"] for name in ("none", "some", "all", "m")}
    assert held["none"] == {}
    assert held["some"] == {"data": [20, 90], "test_data": [200, 200]}
    whole = {name: [200, 200] for name in ("validation_data", "watch", "test_data")}
    assert held["all"] == held["m"] == {"data": [90, 90], **whole}
    assert Page.open("m.html").facts["frames"] == 0
    history = History.open("m.run")
    twelve = Page.open(history.write_html("twelve.html", bits=12)).contents
    assert Page.open("bits.html").contents == twelve != Page.open("m.html").contents
    for name in "t.json", "t.json.gz":
        history.to_json(name)
        page = output_of(capsys, "animate", name).removeprefix("Animation: ").strip()
        assert output_of(capsys, "verify", page).startswith("True: ")
        assert Page.open(page).arrays.keys() == Page.open("m.html").arrays.keys()
    output_of(capsys, "resume", "m.run", "--epochs", "4", "--quiet", "--html", "more.html")
    assert output_of(capsys, "verify", "more.html").startswith("True: ")


def test_a_run_becomes_a_figure_of_plotly(recorded, capsys):
    arguments = "animate", "x.run", "--plotly", "-o", "frames.html", "--title", "<b>My</b> net"
    assert output_of(capsys, *arguments) == "Animation: frames.html\n"
    text = Path("frames.html").read_text(encoding="utf-8")
    assert "<title>&lt;b&gt;My&lt;/b&gt; net</title>" in text
    figure = json.loads(text.partition("\nconst figure = ")[2].partition(";\nPlotly.newPlot")[0])
    steps = [f"{each.step:,}" for each in History.open("x.run").snapshots]
    assert [each["name"] for each in figure["frames"]] == steps
    assert "exists, and nothing is overwritten" in error_of(capsys, *arguments)


@pytest.mark.long
def test_the_page_of_train_is_true_for_every_kind_of_data(homes, flowers, capsys):
    for place, arguments in enumerate(
        ["homes.csv --target price", "flowers.csv --target kind", "mnist --samples 60"]
    ):
        name = f"{place}.html"
        more = ["--epochs", "2", "--snapshots", "5", "--html", name, "--quiet"]
        output_of(capsys, "train", *arguments.split(), *more)
        assert output_of(capsys, "verify", name).startswith("True: "), arguments
    homes.unlink()
    assert "0.html learns from homes.csv, which is not there" in error_of(capsys, "verify", "0.html")


def test_a_page_of_a_program_is_verified_by_a_program(here, capsys):
    X, y = moons(40)
    history = NetFactory([2, 3, 1], seed=1).new().fit(X, y, snapshots=3, progress=False)
    history.write_html("p.html", keep="none")
    errors = error_of(capsys, "verify", "p.html")
    assert "slownet.verify('p.html', (X, y), watch=...)" in errors
    text = Path("p.html").read_text(encoding="utf-8")
    for end in (0, 100, text.index('id="facts"') + 90, text.index('id="payload"') + 90):
        Path("cut.html").write_text(text[:end], encoding="utf-8")
        assert "cut.html: this is no page" in error_of(capsys, "verify", "cut.html")
    Path("cut.html").write_bytes(b"\xff\xfe\x00")
    assert "it is not text" in error_of(capsys, "verify", "cut.html")
    Path("old.html").write_text(text.replace('"format":1', '"format":2', 1), encoding="utf-8")
    assert "has format 2, and this slownet reads 1" in error_of(capsys, "verify", "old.html")
    for source in ("5", '"x"', '{"command":"slownet train"}', '{"command":"slownet train","data":[]}'):
        Path("odd.html").write_text(text.replace('"source":null', f'"source":{source}'), "utf-8")
        error_of(capsys, "verify", "odd.html")
