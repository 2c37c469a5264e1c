"""The scripts and style sheets of the page: linted, formatted and type-checked by deno from pip."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ASSETS = ROOT / "slownet" / "page" / "assets"
COMMANDS = {
    "lint": (["lint"], ["js"]),
    "fmt": (["fmt", "--check"], ["js", "css", "ts"]),
    "check": (["check", str(ASSETS)], ["js", "ts"]),
}


def deno(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it offline, and keep what it keeps in a folder of the test."""
    own = {"DENO_DIR": str(folder), "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "deno", *arguments],
        cwd=ROOT,
        env={**os.environ, **own},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


def checked(output: str) -> int:
    """Return the number of files that a command has checked."""
    found = re.search(r"^Checked (\d+) files?", output, re.MULTILINE)
    return int(found[1]) if found else len(re.findall(r"^Check ", output, re.MULTILINE))


@pytest.mark.parametrize("name", COMMANDS)
def test_assets_are_clean(name: str, tmp_path: Path) -> None:
    command, endings = COMMANDS[name]
    done = deno(tmp_path, *command)
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    assert checked(output) == sum(len(list(ASSETS.rglob(f"*.{each}"))) for each in endings), output


def test_assets_are_where_the_checks_look() -> None:
    """A script or style sheet elsewhere in the package would not be checked."""
    for ending in ("js", "css"):
        found = [path for path in (ROOT / "slownet").rglob(f"*.{ending}") if ASSETS not in path.parents]
        assert not found
