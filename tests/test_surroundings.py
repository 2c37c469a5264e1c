"""Where slownet runs: without streams, consoles or packages, and with names that terminals obey."""

from __future__ import annotations

import io
import itertools
import os
import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import run
from slow import mostly_long

import slownet
from slownet import History, NetFactory, cli, files, terminal
from slownet.checks import did_you_mean
from slownet.cli.parsing import new_parser
from slownet.datasets import moons
from slownet.packages import NEEDED

ROOT = Path(__file__).parent.parent
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals, pipes or file names")
COMMAND = "import sys, slownet.__main__; sys.exit(slownet.__main__.main())"
BLOCK = """
import sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {packages!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Finder())
"""


def child(code: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-c", code, *arguments, **options)


def without(*packages: str) -> str:
    """The beginning of a program for which these packages are not installed."""
    return BLOCK.format(packages=packages)


# streams


class Log:
    """A stream that replaces another and can only be written to."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)


class Strange(Log):
    def isatty(self) -> bool:
        raise OSError("nobody knows")

    def flush(self) -> None:
        raise OSError("there is no more room")


def closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


STREAMS = {"none": lambda: None, "log": Log, "strange": Strange, "closed": closed}


@pytest.mark.parametrize("progress", [True, False])
@pytest.mark.parametrize("kind", STREAMS)
def test_training_needs_no_stream(kind: str, progress: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, STREAMS[kind]())
    net = NetFactory([2, 3, 1], seed=0).new()
    history = net.fit(*moons(40, seed=0), progress=progress, engine="compiled")
    terminal.print_to_stderr("a line")
    assert not terminal.is_terminal(sys.stderr)
    monkeypatch.undo()
    assert history.ended == "finished"


@pytest.mark.parametrize("stream", ["None", "closed"])
def test_warnings_need_no_stream(stream: str, tmp_path: Path) -> None:
    code = (
        f"import sys, io; closed = io.StringIO(); closed.close(); sys.stderr = {stream}\n"
        "from slownet import NetFactory\nnet = NetFactory([2, 1], seed=0).new()\n"
        "print(net.fit([[1.0, 1e9], [2.0, -1e9]], [0, 1]).ended)"
    )
    done = child(code, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "finished\n", "")
    usual = child(code.replace(f"sys.stderr = {stream}", ""), cwd=tmp_path)
    assert "TrainingWarning: the inputs have very different sizes" in usual.stderr


@pytest.mark.parametrize("kind", ["none", "log"])
def test_a_bar_that_is_asked_for_needs_no_terminal(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = STREAMS[kind]()
    monkeypatch.setattr(sys, "stderr", stream)
    NetFactory([2, 3, 1], seed=0).new().fit(*moons(40, seed=0), progress="always")
    monkeypatch.undo()
    assert stream is None or "2/2" in stream.text


@pytest.mark.long
def test_the_command_needs_no_stream(tmp_path: Path) -> None:
    gone = "import sys; sys.stdin = sys.stdout = sys.stderr = None; "
    done = child(gone + COMMAND, "train", "xor", "--epochs", "1", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "xor.html").stat().st_size
    assert child(gone + COMMAND, "info", "xor.html", cwd=tmp_path).returncode == 2
    for arguments in ("--help", "train --help", "--version", ""):
        assert child(gone + COMMAND, *arguments.split(), cwd=tmp_path).returncode == 0


@pytest.mark.long
@posix
def test_the_command_with_closed_streams(tmp_path: Path) -> None:
    slow = f"{sys.executable} -m slownet"
    script = (
        f"{slow} train xor --epochs 1 --run x.run --no-html <&- >&- 2>&- && {slow} info x.run >&- && "
        f"! {slow} info none.run 2>&-"
    )
    done = run("sh", "-c", script, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert History.open(tmp_path / "x.run").ended == "finished"


@posix
def test_nobody_reads_what_a_file_holds(tmp_path: Path) -> None:
    net = NetFactory([2, 3, 1], seed=0).new()
    net.fit(*moons(20, seed=0), record=tmp_path / "x.run", snapshots=2)
    for arguments in ("info", "x.run"), ("compare", "x.run", "x.run"), ("animate", "x.run"):
        reader, writer = os.pipe()
        os.close(reader)
        piped = {"capture_output": False, "stdout": writer, "stderr": subprocess.PIPE}
        done = run(sys.executable, "-m", "slownet", *arguments, cwd=tmp_path, **piped)
        os.close(writer)
        assert (done.returncode, done.stderr) == (0, "")


class Narrow(Log):
    """An output that takes ASCII alone."""

    def write(self, text: str) -> int:
        text.encode("ascii")
        return super().write(text)

    def flush(self) -> None:
        pass


@pytest.mark.long
def test_an_output_that_cannot_show_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("größe.csv").write_text("x,größe\n1,2\n3,4\n5,6\n", encoding="utf-8")
    for encoding in ("ascii", "cp1252"):
        done = child(
            COMMAND,
            *("train", "größe.csv", "--target", "größe", "--epochs", "1", "--no-html"),
            cwd=tmp_path,
            env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
            encoding="latin-1",
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert ("größe" if encoding == "cp1252" else r"gr\xf6\xdfe") + " holds numbers" in done.stdout
    narrow = Narrow()
    monkeypatch.setattr(sys, "stdout", narrow)
    code = cli.main(["train", "größe.csv", "--target", "größe", "--epochs", "1", "--no-html"])
    monkeypatch.undo()
    assert code == 0
    assert "\ngr\\xf6\\xdfe holds numbers" in narrow.text


# packages

LIBRARY = """
import warnings, slownet
from slownet import NetFactory, MissingPackageError, EngineError
from slownet.datasets import moons
X, y = moons(40, seed=0)
net = NetFactory([2, 3, 1], seed=0).new()
history = net.fit(X, y, snapshots=3, watch=(X[:2], y[:2]), progress=False, engine="scalar")
assert net._repr_html_() and history._repr_html_()
def missing(call, package):
    try:
        call()
    except MissingPackageError as error:
        assert isinstance(error, ImportError) and error.name == package
        assert f"pip install {package}" in str(error), error
    else:
        raise AssertionError(call)
def warned(call):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("default")
        for _ in range(2):
            call()
    return [str(each.message) for each in found]
"""
PROGRAMS = {
    "plotly": """
assert slownet.verify(history.write_html("a.html"), (X, y), watch=(X[:2], y[:2]))
assert history.animate()._repr_html_()
missing(lambda: slownet.plotting.curves(history), "plotly")
missing(lambda: slownet.plotting.animation(history), "plotly")
own = slownet.Activation("own", eval("lambda z: z"), lambda z, value: 1.0)  # there is no source of it
net = NetFactory([2, 3, 1], own, seed=0).new()
history = net.fit(X, y, snapshots=3, progress=False, engine="scalar")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    missing(lambda: history.write_html("b.html"), "plotly")
slownet.LiveView  # draws without it
""",
    "numba": """
large = NetFactory([2, 300, 300, 1], seed=0).new()
(text,) = warned(lambda: large.fit(X, y, epochs=10_000, callbacks=Stop(), progress=False))
assert "using the object loops" in text and "pip install numba" in text, text
try:
    net.predict(X, engine="compiled")
except EngineError as error:
    assert "pip install numba" in str(error)
else:
    raise AssertionError
""",
    "tqdm": """
(text,) = warned(lambda: net.fit(X, y, progress="always"))
assert "pip install tqdm" in text, text
""",
}
STOP = """
from slownet import Callback
class Stop(Callback):
    def on_epoch_end(self, training): return True
"""
OTHERS = ("platformdirs", "pandas", "IPython", "nbformat", "scipy", "torch")


@pytest.mark.parametrize("package", mostly_long(PROGRAMS))
def test_a_package_that_is_missing(package: str, tmp_path: Path) -> None:
    done = child(without(package) + LIBRARY + STOP + PROGRAMS[package], cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def missing_line(package: str) -> str:
    return f"slownet needs the package {package}, which is not installed: pip install {package}\n"


@pytest.mark.parametrize("use", ["NetFactory", "load", "datasets.xor", "functions.elu(2.0)"])
def test_numpy_is_missing(use: str, tmp_path: Path) -> None:
    code = f"import slownet\ntry:\n    slownet.{use}\nexcept slownet.SlownetError as error:"
    done = child(f"{without('numpy')}{code}\n    print(error)", cwd=tmp_path)
    assert done.stdout == ("" if "elu" in use else missing_line("numpy")), done.stderr


def test_scikit_learn_is_missing_and_is_not_loaded_before(tmp_path: Path) -> None:
    code = (
        "import sys, slownet.interop, slownet.training\nassert 'sklearn' not in sys.modules\n"
        "try:\n    import slownet.interop.sklearn\nexcept ImportError as error:\n    print(error)"
    )
    done = child(f"{without('sklearn')}{code}", cwd=tmp_path)
    line = missing_line("sklearn").replace("install sklearn", 'install "slownet[sklearn]"')
    assert done.stdout == line, done.stderr


def test_packages_that_slownet_does_not_need(tmp_path: Path) -> None:
    more = "net.fit(X, y, engine='compiled'); history.write_html('a.html'); net.predict(X)"
    done = child(f"{without(*OTHERS)}{LIBRARY}\n{more}", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.long
@pytest.mark.parametrize("package", [*NEEDED, "numba", "tqdm", "others"])
def test_the_command_without_a_package(package: str, tmp_path: Path) -> None:
    command = without(*(OTHERS if package == "others" else [package])) + COMMAND
    for arguments in ("--help", "--version", ""):
        assert child(command, *arguments.split(), cwd=tmp_path).returncode == 0
    done = child(command, "train", "xor", "--epochs", "1", "--samples", "99", cwd=tmp_path)
    line = f"slownet: {missing_line(package)}"
    if package == "numpy":
        assert (done.returncode, done.stdout, done.stderr) == (2, "", line)
    elif package == "numba":
        assert done.stderr.count("\n") == done.stderr.count("slownet: using the object loops") <= 1
    else:
        assert (done.returncode, done.stderr) == (0, "")
    if package != "numpy":
        options = "--epochs", "1", "--no-html", "--run", "x.run", "--engine", "scalar"
        done = child(command, "train", "xor", *options, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert child(command, "info", "x.run", cwd=tmp_path).returncode == 0
    if package == "plotly":
        assert child(command, "animate", "x.run", cwd=tmp_path).returncode == 0
        for arguments in ("animate x.run --plotly", "compare x.run x.run --html c.html"):
            done = child(command, *arguments.split(), cwd=tmp_path)
            assert (done.returncode, done.stderr) == (2, line)
    if package == "numba":
        large = "--epochs", "4", "--layers", "2", "80", "80", "1", "--no-html", "--snapshots", "2"
        done = child(command, "train", "xor", *large, cwd=tmp_path)
        assert done.stderr.count("\n") == 1
        assert done.stderr.startswith("slownet: using the object loops, which are slower: ")


def test_a_package_that_cannot_be_imported(tmp_path: Path) -> None:
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").write_text("raise ImportError('its DLL is damaged')")
    done = child(COMMAND, "train", "xor", cwd=tmp_path)
    fault = "a package cannot be imported: its DLL is damaged"
    line = f"slownet: {fault}; install it once more (pip install --force-reinstall)\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)


def test_compiled_code_is_kept_where_caches_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/me"))
    for name, value in (("XDG_CACHE_HOME", ""), ("LOCALAPPDATA", "")):
        monkeypatch.setenv(name, value)
    for system, folder in (
        ("linux", "/home/me/.cache/slownet"),
        ("darwin", "/home/me/Library/Caches/slownet"),
        ("win32", "/home/me/AppData/Local/slownet/Cache"),
    ):
        monkeypatch.setattr(sys, "platform", system)
        assert files.user_cache_folder() == Path(folder)
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert files.user_cache_folder() == Path("/local/slownet/Cache")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert files.user_cache_folder() == Path("/home/me/.cache/slownet")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert files.user_cache_folder() == tmp_path / "slownet"

    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    monkeypatch.delenv("XDG_CACHE_HOME")
    with pytest.raises(OSError, match="no home folder"):
        files.user_cache_folder()


# Ctrl-C

INTERRUPT = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
"""
MODULES = ("slownet.cli", "argparse", "slownet.objects", "slownet.cli.training", "numpy", "slownet.page")


@posix
@pytest.mark.parametrize("module", mostly_long(MODULES, 3))
def test_ctrl_c_while_the_command_is_loading(module: str, tmp_path: Path) -> None:
    code = INTERRUPT.format(module=module)
    for start in (COMMAND, "import runpy; runpy.run_module('slownet', run_name='__main__')"):
        done = child(code + start, "train", "xor", "--epochs", "1", "--quiet", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (130, ""), module
        assert list(tmp_path.iterdir()) == []


IN_LLVM = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from llvmlite.binding import executionengine
usual, calls = executionengine.cast, []
def interrupted(*arguments):  # called by LLVM, which gets no result if it raises an error
    calls.append(None)
    if len(calls) == {call}:
        os.kill(os.getpid(), signal.SIGINT)
    return usual(*arguments)
executionengine.cast = interrupted
"""
FIT = """
from slownet import NetFactory
from slownet.datasets import moons
X, y = moons(40, seed=0)
try:
    NetFactory([2, 3, 1], seed=0).new().fit(X, y, engine="compiled")
except KeyboardInterrupt:
    print("interrupted")
print(NetFactory([2, 3, 1], seed=0).new().fit(X, y, engine="compiled").ended)
"""


@pytest.mark.long
@posix
@pytest.mark.parametrize("call", mostly_long([8, 1]))
def test_ctrl_c_while_compiled_code_is_loaded(call: int, tmp_path: Path) -> None:
    done = child(IN_LLVM.format(call=call) + FIT, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\nfinished\n", "")
    command = ("train", "xor", "--epochs", "1", "--quiet", "--engine", "compiled")
    done = child(IN_LLVM.format(call=call) + COMMAND, *command, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    assert list(tmp_path.iterdir()) == []


IN_NUMBA = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "numba.core.dispatcher":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
"""


@posix
def test_numba_can_be_loaded_after_ctrl_c_while_it_was(tmp_path: Path) -> None:
    done = child(IN_NUMBA + FIT, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\nfinished\n", "")


def test_the_entry_point_loads_next_to_nothing() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    entry = EntryPoint("slownet", project["scripts"]["slownet"], "console_scripts")
    assert entry.load() is slownet.__main__.main  # type: ignore[attr-defined]
    done = child(f"import sys, {entry.module}; print(*sys.modules)", cwd=ROOT)
    loaded = {name for name in done.stdout.split() if name.startswith("slownet")}
    names = {"__main__", "errors", "lazy", "packages", "version"}
    assert loaded == {"slownet", *(f"slownet.{name}" for name in names)}


# the command line


def test_the_command_alone_prints_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    printed, errors = capsys.readouterr()
    assert cli.main(["--help"]) == 0
    assert (printed, errors) == (capsys.readouterr().out, "")
    assert "usage: slownet" in printed


def options_with_values(command: str) -> list[tuple[str, str]]:
    parser = new_parser(cli.COMMANDS)
    commands = next(action for action in parser._actions if action.choices)
    return [
        (command, action.option_strings[-1])
        for action in commands.choices[command]._actions  # type: ignore[index, call-overload]
        if action.option_strings and action.nargs != 0
    ]


BAD = ("0", "-1", "nan", "1e400", "rubbish", "9" * 30, "")


@pytest.mark.parametrize(
    ("command", "option"),
    mostly_long(
        itertools.chain(*map(options_with_values, ("train", "resume", "animate", "compare", "verify"))),
        14,
        several=True,
    ),
)
def test_errors_name_the_option(
    command: str,
    option: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("x,y\n1,2\n2,3\n3,5\n", encoding="utf-8")
    train = ["train", "xor", "--samples", "20", "--epochs", "1", "--quiet", "--no-html"]
    assert cli.main([*train, "--run", "x.run"]) == 0
    given = {"resume": ["x.run"], "animate": ["x.run"], "verify": ["a.csv"]}
    given["compare"] = ["x.run", "x.run"]
    usual = ["a.csv", "--target", "y", "--quiet"] if option == "--target" else ["xor", "--quiet"]
    bounds = [] if option in ("--samples", "--epochs") else ["--samples", "20", "--epochs", "1"]
    fails = 0
    for value in BAD if option not in ("--html", "--run", "--title") else ("", "no/such/folder"):
        start = [command, *given[command]] if command in given else ["train", *usual, *bounds]
        capsys.readouterr()
        code = cli.main([*start, f"{option}={value}"])
        errors = capsys.readouterr().err
        assert errors.count("\n") == (code != 0), errors
        assert "Traceback" not in errors
        if code == 2 and (option, command) != ("--data", "verify") and value != "no/such/folder":
            assert option in errors, errors
            assert "_" not in errors.replace("leaky_relu", ""), errors
            fails += 1
        if option == "--seed" and code == 0:
            break
    assert fails or option in ("--html", "--title", "--about", "--author", "--run", "--data", "--seed")


@pytest.mark.parametrize(
    ("given", "meant"),
    [("activation", "hidden_activation"), ("lr", "learning_rate"), ("rate", "learning_rate")],
)
def test_a_part_of_a_name_is_known(given: str, meant: str) -> None:
    names = ["hidden_activation", "output_activation", "learning_rate"]
    assert did_you_mean(given, names) == f"; did you mean {meant!r}?"


@pytest.mark.parametrize("given", ["mnsit", "moon", "xor?", "spirals."])
def test_a_name_that_was_meant_ends_the_message(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    known = [*cli.data_sets.DATA_SETS, "relu", "adam"]
    for hint in (did_you_mean(given, known), did_you_mean("adma", known)):
        assert hint.count("?") <= 1
    arguments = (["train", given, "--target", "x"], ["train", "xor", "--epoch", "1"], ["trian"])
    for each in (
        *arguments,
        ["train", "xor", "--optimizer", "adma"],
        ["train", "xor", "--activation", given],
    ):
        assert cli.main(each) == 2
        errors = capsys.readouterr().err
        for doubled in ("?.", "??", "..", ".,", ";;", "?;", " ?", " ."):
            assert doubled not in errors.replace("...", "").replace(given, ""), errors


def test_info_counts_epochs_as_training_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    class Stop(slownet.Callback):
        def on_step_end(self, training: Any) -> bool:
            return training.step == 7

    X, y = moons(30, seed=0)
    for epochs, told in ((100, "in epoch 3 of 100"), (2, "2 of 2 epochs")):
        net = NetFactory([2, 3, 1], seed=0).new()
        net.fit(X, y, epochs, batch_size=10, callbacks=Stop(), record=f"{epochs}.run")
        assert cli.main(["info", f"{epochs}.run"]) == 0
        printed = capsys.readouterr().out
        assert told in printed
        assert f"epoch {3 if epochs == 100 else 2}  " in printed


@pytest.mark.long
def test_resume_of_a_finished_run_writes_no_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["train", "xor", "--epochs", "1", "--run", "x.run", "--no-html", "--quiet"]) == 0
    capsys.readouterr()
    assert cli.main(["resume", "x.run"]) == 0
    assert "slownet animate x.run writes its animation" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["x.run"]
    assert cli.main(["resume", "x.run", "--html", "y.html"]) == 0
    assert (tmp_path / "y.html").stat().st_size
    assert cli.main(["resume", "x.run", "--epochs", "2"]) == 0
    assert (tmp_path / "x.html").stat().st_size


# names that terminals obey

NAME = "a\x1b[31m\x07\u202e\r\nTest accuracy: 100.00%\u2066b"
COMMANDS = (
    "train NAME.csv --target NAME --html NAME.html --run NAME.run --epochs 1",
    "train NAME.csv --target NAME --html NAME.html",
    "train NAME.csv --target NAMES --no-html",
    "train NAME.csv --target NAME --run NAME.run --no-html",
    "train NAME --target NAME",
    "train xor --activation NAME",
    "train xor --epochs NAME",
    "train xor --NAME",
    "train xor NAME",
    "train xor --run NAME/x.run --no-html",
    "train xor --html NAME/x.html",
    "NAME",
    "info NAME.run",
    "info NAME.csv",
    "info NAME.none",
    "resume NAME.run",
    "resume NAME.run --epochs 2 --no-html",
    "resume NAME.csv",
    "compare NAME.run NAME.run --html NAME-2.html",
    "compare NAME.run NAME.csv",
    "animate NAME.run -o NAME-3.html --title NAME",
    "animate NAME.run -o NAME-3.html",
    "animate NAME.csv",
    "verify NAME.html",
    "verify NAME.html --data NAME.none",
    "verify NAME.csv",
)


@posix
def test_names_cannot_write_to_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{k % 7},{k % 5}\n" for k in range(30))
    Path(f"{NAME}.csv").write_bytes(f'x,"{NAME}"\n{rows}'.encode())
    codes = []
    for command in COMMANDS:
        codes.append(cli.main([part.replace("NAME", NAME) for part in command.split()]))
        printed, errors = capsys.readouterr()
        assert not set(printed + errors) & set("\x1b\x07\u202e\u2066\r"), command
        assert not any(line.startswith("Test accuracy: 100.00%") for line in printed.splitlines()), (
            command
        )
        assert errors.count("\n") == (codes[-1] != 0), errors
    assert codes.count(0) >= 6
    assert [path.suffix for path in tmp_path.iterdir() if path.suffix == ".html"]
    assert np.isfinite(History.open(f"{NAME}.run").loss).all()
