"""slownet without Numba and without threads, and in Pyodide: the same session gives the same numbers."""

from __future__ import annotations

import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import session
from commands import ENVIRONMENT, TESTS, run
from packaging.requirements import Requirement

import slownet
from slownet import packages
from slownet.recording.run_writer import RunWriter

PYODIDE = "0.27.7"  # the last one whose NumPy can be had from a package registry, see .ci/pyodide
CORE = "314.0.7"
PACKAGES = os.environ.get("PYODIDE_PACKAGES", "")
BLOCKED = """
import sys, threading
def start(self):
    raise RuntimeError("can't start new thread")
threading.Thread.start = start
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("numba", "llvmlite"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Finder())
import runpy
runpy.run_module("session", run_name="__main__")
"""


@cache
def expected() -> dict[str, Any]:
    """What the session gives here, on the object loops and whatever threads there are."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        done = run(sys.executable, "-m", "session", folder, env=ENVIRONMENT)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)[0]
    assert not [each for each in found.values() if isinstance(each, str)], found
    return found


@pytest.mark.long
def test_without_numba_and_without_threads(tmp_path: Path) -> None:
    empty = {"SLOWNET_CACHE_DIR": str(tmp_path / "cache")}
    (tmp_path / "session").mkdir()
    code = ("-c", BLOCKED, tmp_path / "session", "without")
    done = run(sys.executable, *code, env={**ENVIRONMENT, **empty})
    assert (done.returncode, done.stderr) == (0, "")
    found, said = json.loads(done.stdout)
    assert found == expected()
    missing = "the compiled engine needs Numba, which cannot be imported (No module named 'numba')"
    assert said["compiled"] == f"{missing}: pip install numba"
    (warned,) = said["warned"]
    assert warned == f"using the object loops, which are slower: {said['compiled']}"


# Pyodide


def pyodide(version: str, folder: Path, code: str, packages: str = "") -> Any:
    """Run code in Pyodide, which deno takes from npm; return its value, which is JSON."""
    script = TESTS / "pyodide.js"
    arguments = version, packages, TESTS.parent, TESTS, folder, code
    own = {"DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    deno = (sys.executable, "-m", "deno", "run", "--quiet", "--no-config", "--allow-all")
    done = run(*deno, script, *arguments, env={**os.environ, **own})
    if done.returncode and "npm" in done.stderr and "pyodide.asm" not in done.stderr:
        pytest.skip(f"Pyodide cannot be had from npm: {done.stderr[:300]}")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr[-3000:]
    return json.loads(done.stdout)


FUNCTIONS = """
import json, slownet
from hashlib import sha256
from slownet.functions import elementary
def digests():
    found = {}
    places = [k * 0.0137 + 2.0**-40 for k in range(-3000, 3000)]
    for name in ("exp", "expm1", "log", "log1p", "tanh", "sin", "cos", "power"):
        function = getattr(elementary, name)
        more = (0.3,) if name == "power" else ()
        values = [function(abs(x) if name in ("log", "log1p", "power") else x, *more) for x in places]
        found[name] = sha256(" ".join(map(float.hex, values)).encode()).hexdigest()
    return found
def refused():
    try:
        slownet.NetFactory
    except slownet.MissingPackageError as error:
        return str(error)
"""


@pytest.mark.long
def test_formulas_in_pyodide(tmp_path: Path) -> None:
    """The core of Pyodide alone, without NumPy: formulas are plain Python."""
    found, text = pyodide(CORE, tmp_path, f"{FUNCTIONS}\njson.dumps([digests(), refused()])")
    here: dict[str, Any] = {}
    exec(FUNCTIONS, here)
    assert found == here["digests"]()
    assert text == (
        "slownet needs the package numpy, which is not installed: await micropip.install('numpy')"
    )


@pytest.mark.long
@pytest.mark.skipif(not PACKAGES, reason="PYODIDE_PACKAGES names no folder that .ci/pyodide has made")
def test_a_session_in_pyodide(tmp_path: Path) -> None:
    code = (
        "import json, pathlib, session\n"
        "json.dumps([session.result(pathlib.Path('/files')), session.without_numba()])"
    )
    found, said = pyodide(PYODIDE, tmp_path, code, PACKAGES)
    for name, part in expected().items():
        assert found[name] == part, name
    assert "cannot run in a browser" in said["compiled"]
    assert said["warned"] == [f"using the object loops, which are slower: {said['compiled']}"]
    assert slownet.verify(tmp_path / "filed" / "a.html", (session.X, session.Y), watch=session.WATCH)
    history = slownet.resume(tmp_path / "recorded" / "a.run", (session.X, session.Y), epochs=6)
    losses = found["recorded"]["losses"]
    assert [loss.hex() for loss in history.loss[: len(losses)]] == losses


# packages


def test_pip_leaves_out_numba_where_there_is_none() -> None:
    lines = (TESTS.parent / "requirements.txt").read_text(encoding="utf-8").split("\n")
    needed = [Requirement(line) for line in lines if line]
    for system, numba in (("emscripten", False), ("linux", True), ("win32", True), ("darwin", True)):
        names = {
            each.name
            for each in needed
            if each.marker is None or each.marker.evaluate({"sys_platform": system})
        }
        assert names == {"numpy", "pandas", "plotly", "tqdm", *(["numba"] if numba else [])}


def test_a_missing_package_names_what_installs_it_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert str(packages.missing("numpy")).endswith(": await micropip.install('numpy')")
    error = packages.missing("joblib", "slownet[many]")
    assert str(error).endswith(": await micropip.install('slownet[many]')")


# modules of Python that older Pyodides come without

MODULES = """
import slownet
from slownet import MissingPackageError
from slownet.datasets import load_mnist, moons
net = slownet.NetFactory([2, 3, 1], seed=0).new()
def refused(call, module, what):
    try:
        call()
    except MissingPackageError as error:
        assert error.name == module, error
        assert str(error).startswith(f"{what} needs Python's own module {module}"), error
        assert f"await pyodide_js.loadPackage('{module}')" in str(error), error
    else:
        raise AssertionError(call)
X, y = moons(40, seed=0)
history = net.fit(X, y, snapshots=3, watch=(X[:2], y[:2]), engine="scalar")
history.write_html("a.html")
history.rewind(1, (X, y), engine="scalar")
assert slownet.verify("a.html", (X, y), watch=(X[:2], y[:2]))
"""
REFUSED = """
for _ in range(2):
    run = "a run file or a sweep file"
    refused(lambda: net.fit(X, y, record="a.run", engine="scalar"), "sqlite3", run)
    refused(lambda: slownet.History.open("a.run"), "sqlite3", run)
    refused(lambda: load_mnist(limit=9), "lzma", "a file packed with xz, as MNIST's are,")
"""
RECORDED = """
net.fit(X, y, record="a.run", engine="scalar")
assert slownet.resume("a.run", (X, y), epochs=2, engine="scalar").ended == "finished"
"""


@pytest.mark.parametrize(("modules", "more"), [(("sqlite3", "lzma"), REFUSED), (("fcntl",), RECORDED)])
def test_modules_of_python_that_are_missing(modules: tuple[str, ...], more: str, tmp_path: Path) -> None:
    block = BLOCKED.split("class Finder")[1].partition("import runpy")[0]
    block = block.replace('("numba", "llvmlite")', repr(modules))
    code = f"import sys\nclass Finder{block}{MODULES}{more}"
    done = run(sys.executable, "-W", "error", "-c", code, env=ENVIRONMENT, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_ctrl_c_while_a_run_is_written_without_a_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slownet.recording.run_writer.started", lambda thread: False)
    write, calls = RunWriter._write, []

    def interrupted(self: RunWriter) -> None:
        calls.append(None)
        if len(calls) == 2:
            self._connection.execute("DELETE FROM steps")  # half of a transaction
            raise KeyboardInterrupt
        write(self)

    monkeypatch.setattr(RunWriter, "_write", interrupted)
    path, net = tmp_path / "a.run", session.new_net()
    with pytest.raises(KeyboardInterrupt):
        net.fit(session.X, session.Y, epochs=3, snapshots=9, record=path)
    monkeypatch.undo()
    seen = slownet.History.open(path)
    whole = session.new_net().fit(session.X, session.Y, epochs=3)
    assert seen.loss == whole.loss[: len(seen.loss)]
    assert slownet.resume(path, (session.X, session.Y)).loss == whole.loss
