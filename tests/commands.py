"""Commands in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent
ENVIRONMENT = {  # of a Python that imports what the tests import
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(TESTS / "faults"), str(TESTS), *filter(None, sys.path)]),
}


def run(*command: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    defaults = {"capture_output": True, "text": True, "timeout": 300, "check": False}
    return subprocess.run([*map(str, command)], **{**defaults, **options})


def output(*command: object, **options: Any) -> str:
    """Run a command that succeeds; return what it prints."""
    done = run(*command, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def python(code: str, *arguments: object, **options: Any) -> str:
    """Run code that succeeds, and may import what the tests import; return what it prints."""
    return output(sys.executable, "-c", code, *arguments, **{"env": ENVIRONMENT, **options})
