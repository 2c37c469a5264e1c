"""Running JavaScript outside of a browser."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def deno(script: Path) -> str:
    """Run a script in its folder, where it may read and write files; return what it prints."""
    own = {"DENO_DIR": str(script.parent), "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "deno", "run", "--allow-read", "--allow-write=.", script.name],
        cwd=script.parent,
        env={**os.environ, **own},
        capture_output=True,
        encoding="utf-8",
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
