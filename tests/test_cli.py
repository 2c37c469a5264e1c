from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from importlib.metadata import entry_points
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from slownet import History, Net, __version__, cli
from slownet.cli.parsing import new_parser
from slownet.cli.samples import Data, Source, load
from slownet.datasets import CLASSIFICATION, load_mnist

COMMAND = [sys.executable, "-m", "slownet"]
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and pipes")


def run(*arguments: str, cwd: Path, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, timeout=300, **options
    )


def start(*arguments: str, cwd: Path, **options) -> subprocess.Popen[str]:
    def interruptible() -> None:  # even where whoever runs the tests ignores Ctrl-C
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    return subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=interruptible,
        **options,
    )


def accuracy(output: str) -> float:
    found = re.search(r"^Test accuracy: ([0-9.]+)% of ", output, re.MULTILINE)
    assert found, output
    return float(found[1]) / 100


def data(*arguments: str) -> Data:
    return load(Source.of(new_parser().parse_args(["train", *arguments])))


def is_animation(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    return text.startswith("<!DOCTYPE html>") and "Plotly" in text and text.rstrip().endswith("</html>")


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


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


def test_main_job_with_its_defaults(tmp_path):
    done = run("train", "mnist", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    first, second, third, fourth = done.stdout.splitlines()
    assert first == "MNIST: training on all 60,000 training images"
    assert second == "784-16-10 net (relu, softmax): 12,730 weights and biases"
    assert third.endswith(" of 10,000 images it was not trained on")
    assert accuracy(third) > 0.93
    assert fourth == "Animation: mnist.html"
    assert is_animation(tmp_path / "mnist.html")
    assert [path.name for path in tmp_path.iterdir()] == ["mnist.html"]


def test_a_small_mnist_run(tmp_path):
    options = "--samples 300 --epochs 4 --layers 784 12 10 --html page.html --snapshots 10"
    done = run("train", "mnist", *options.split(), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "training on 300 of the 60,000" in done.stdout
    assert "784-12-10 net" in done.stdout
    assert 0.4 < accuracy(done.stdout) < 0.9
    assert is_animation(tmp_path / "page.html")


def test_mnist_watches_one_of_each_digit_and_then_others():
    X, y = data("mnist", "--samples", "1").watched()
    test_X, test_y = load_mnist("test")
    assert X.shape == (200, 784)
    assert y[:10].tolist() == list(range(10))
    for digit in range(10):
        assert np.array_equal(X[digit], test_X[list(test_y).index(digit)])
    assert len(np.unique(X, axis=0)) == 200
    assert all(any(np.array_equal(x, other) for other in test_X[:220]) for x in X)


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
        "--samples 40 --layers 2 5 3 1 --hidden tanh"
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
    assert [line.split(":")[0] for line in lines] == ["Test accuracy", "Animation"]


def test_a_number_to_predict_means_regression(homes, capsys):
    assert cli.main(["train", "homes.csv", "--target", "price"]) == 0
    printed, errors = capsys.readouterr()
    assert errors == ""
    assert "homes.csv: training on 240 of 300 rows, testing on 60" in printed
    assert "price holds numbers: regression" in printed
    assert "Inputs and target are standardised" in printed
    assert "3-16-1 net (relu, linear)" in printed
    off, mean, mean_off = map(
        float,
        re.search(
            r"price is off by (\S+) on average, over 60 rows it was not trained on\n"
            r"\(always saying (\S+), the mean of the training rows, is off by (\S+)\)\n",
            printed,
        ).groups(),
    )
    assert 1000 < off < 6000  # dollars: the noise alone is off by 1600
    assert 50_000 < mean_off < 110_000
    assert 220_000 < mean < 260_000
    assert is_animation(Path("homes.html"))


def test_tables_are_standardised_over_the_training_rows_alone(homes):
    table = data("homes.csv", "--target", "price")
    (X, y), (test_X, test_y) = table.train, table.test
    assert np.allclose(X[:, :2].mean(axis=0), 0.0, atol=1e-12)
    assert np.allclose(X[:, :2].std(axis=0), 1.0)
    assert not np.any(X[:, 2])  # a column that is the same in every row
    assert abs(y.mean()) < 1e-12
    assert abs(test_X[:, 0].mean()) > 1e-3
    written = np.loadtxt(homes, delimiter=",", skiprows=1)[:, 3]
    prices = np.concatenate([y, test_y]) * table.spread + table.mean
    assert np.allclose(sorted(prices), sorted(written))


def test_text_to_predict_means_classes(flowers, capsys):
    table = flowers.read_text(encoding="utf-8").splitlines()
    flowers.write_text("\n".join(line.rsplit(";", 1)[0] for line in table), encoding="utf-8")
    assert cli.main(["train", "flowers.csv", "--target", "kind"]) == 0
    printed, errors = capsys.readouterr()
    assert errors == ""
    assert "kind holds 3 classes: 'daisy', 'rose', 'tulip, red'\nInputs are standardised" in printed
    assert "2-16-3 net (relu, softmax)" in printed
    assert accuracy(printed) > 0.95
    assert re.search(r"\(always saying '(daisy|rose|tulip, red)', .* reaches [0-9.]+%\)", printed)
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
    "": "required: COMMAND (for example: slownet train mnist",
    "trian mnist": "'trian' (choose from",
    "train": "required: DATA",
    "train mnits": "unknown data 'mnits': known are mnist, xor,",
    "train xor moons": "unexpected argument 'moons'",
    "train xor --epoch 3": "did you mean '--epochs'?",
    "train xor --epochs": "--epochs: expected one argument",
    "train xor --epochs two": "--epochs: expected a whole number such as 10, not 'two'",
    "train xor --epochs 0": "epochs must be at least 1, not 0",
    "train xor --learning-rate fast": "expected a number such as 0.1, not 'fast'",
    "train xor --learning-rate nan": "learning_rate must be finite",
    "train xor --batch-size 0": "batch_size must be at least 1",
    "train xor --samples 0": "--samples must be at least 1, not 0",
    "train xor --seed -1": "seed must be at least 0",
    "train xor --optimizer adma": "known are sgd, rmsprop, adam; did you mean 'adam'?",
    "train xor --hidden rleu": "did you mean 'relu'?",
    "train xor --snapshots 1": "snapshots must be at least 2",
    "train xor --layers 3 4 1": "--layers must begin with 2 (the numbers of a sample) and end with 1",
    "train xor --layers 2": "--layers must begin with 2",
    "train xor --layers 2 0 1": "the size of a layer must be at least 1, not 0",
    "train mnist --layers 784 16 1 --samples 1": "end with 10 (one a digit), not 784 16 1",
    "train xor --target price": "--target and --classify are for CSV files",
    "train homes.csv": "has 'rooms', 'noise', 'floor', 'price'",
    "train homes.csv --target prize": "target 'prize' is not a column",
    "train missing.csv --target price": "missing.csv: No such file or directory",
    "train . --target price": ".: Is a directory",
    "train broken.csv --target y": "broken.csv, line 3, column 'x': expected a number",
    "train one.csv --target y": "one row is too few",
    "train same.csv --target y": "y is 'u' in every row",
    "train huge.csv --target y": "too large to standardise",
    "train xor --html nowhere/page.html": "cannot write nowhere/page.html: No such file or directory",
    "train xor --html homes.csv/page.html": "cannot write homes.csv/page.html: Not a directory",
    "train xor --html homes.csv": "homes.csv exists, and nothing is overwritten",
    "train xor --html page.html --no-html": "not allowed with argument --html",
}


@pytest.mark.parametrize("arguments", ONE_LINE)
def test_what_cannot_be_used_is_said_in_one_line(arguments, homes, capsys):
    Path("broken.csv").write_text("x,y\n1,2\nno,3\n", encoding="utf-8")
    Path("one.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    Path("same.csv").write_text("x,y\n1,u\n2,u\n3,u\n", encoding="utf-8")
    Path("huge.csv").write_text("x,y\n1,1e300\n2,-1e300\n3,2.5\n", encoding="utf-8")
    before = {path.name: path.read_bytes() for path in Path().iterdir()}
    assert cli.main(arguments.split()) == 2
    printed, errors = capsys.readouterr()
    assert printed == ""
    assert ONE_LINE[arguments] in errors
    assert errors.startswith("slownet: ")
    assert errors.count("\n") == 1
    assert {path.name: path.read_bytes() for path in Path().iterdir()} == before


def test_one_line_in_a_real_process(tmp_path):
    for arguments in (), ("train", "a\nb.csv"), ("train", "xor", "--epochs", "x"):
        done = run(*arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_a_page_that_cannot_be_written_is_found_out_before_training(here, monkeypatch, capsys):
    def never(*_, **__):
        pytest.fail("trained for nothing")

    monkeypatch.setattr(Net, "fit", never)
    assert cli.main(["train", "xor", "--html", "nowhere/page.html"]) == 2


def test_nothing_is_overwritten(here, capsys):
    mine = {"xor.html": "mine", "xor-2.html": "", "page.html": "mine too"}
    for name, text in mine.items():
        Path(name).write_text(text, encoding="utf-8")
    assert cli.main(["train", "xor", "--epochs", "1", "--snapshots", "2"]) == 0
    assert "Animation: xor-3.html" in capsys.readouterr().out
    assert is_animation(Path("xor-3.html"))
    assert cli.main(["train", "xor", "--html", "page.html"]) == 2
    assert {name: Path(name).read_text(encoding="utf-8") for name in mine} == mine


def test_divergence_is_one_line_and_shows_what_led_to_it(tmp_path):
    rate = ["--optimizer", "sgd", "--learning-rate", "1e200"]
    done = run("train", "xor", *rate, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("slownet: training diverged in epoch 1, step ")
    assert done.stderr.count("\n") == 1
    assert "Test accuracy" not in done.stdout
    assert done.stdout.endswith("Animation: xor.html\n")
    assert is_animation(tmp_path / "xor.html")


def test_a_full_disk_after_training_loses_only_the_page(here, monkeypatch, capsys):
    def full(*_):
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


def first_line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()


@posix
def test_ctrl_c_ends_training_and_keeps_the_result(tmp_path):
    with start("train", "mnist", "--epochs", "400", cwd=tmp_path) as process:
        first_line(process.stdout)
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        printed, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (0, "")
    assert re.search(r"^Stopped after [\d,]+ of 1,500,000 steps\.", printed, re.MULTILINE)
    assert accuracy(printed) > 0.05
    assert is_animation(tmp_path / "mnist.html")


@posix
def test_a_second_ctrl_c_ends_it_all(tmp_path):
    with start("train", "mnist", cwd=tmp_path) as process:
        first_line(process.stdout)
        process.send_signal(signal.SIGINT)
        while not first_line(process.stdout).startswith("Stopped"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)  # while the 10,000 test images are looked at
        printed, errors = process.communicate(timeout=300)
    assert (process.returncode, printed, errors) == (130, "", "")
    assert list(tmp_path.iterdir()) == []


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


def test_a_terminal_shows_a_progress_bar(tmp_path):
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")
    terminal, end = pty.openpty()
    termios.tcsetwinsize(end, (30, 100))
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


def test_names_that_the_terminal_cannot_show(tmp_path):
    (tmp_path / "größe.csv").write_text("x,größe\n1,2\n3,4\n5,6\n", encoding="utf-8")
    done = run(
        *("train", "größe.csv", "--target", "größe", "--epochs", "1"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert r"gr\xf6\xdfe holds numbers" in done.stdout
    assert is_animation(tmp_path / "größe.html")


def test_help_says_what_to_do(capsys):
    assert cli.main(["--help"]) == 0
    assert "slownet train mnist" in capsys.readouterr().out
    assert cli.main(["train", "--help"]) == 0
    printed = capsys.readouterr().out
    options = "target classify layers hidden samples epochs batch-size optimizer learning-rate seed html"
    for option in [*options.split(), "no-html", "snapshots", "quiet"]:
        assert f"--{option} " in printed
    for name in ("mnist", *CLASSIFICATION):
        assert name in printed
    assert "slownet train houses.csv --target price" in printed


def test_entry_points(tmp_path, capsys):
    assert run("--version", cwd=tmp_path).stdout == f"slownet {__version__}\n"
    (script,) = entry_points(group="console_scripts", name="slownet")
    assert script.load() is cli.main


def test_help_and_version_load_no_large_package():
    check = (
        "import sys; from slownet.cli import main; main(['--version']); main(['train', '--help']); "
        "main(['train']); sys.exit(' '.join({'numpy', 'plotly', 'tqdm'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
