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
