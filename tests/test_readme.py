"""The README: its tour runs as it stands, its commands are those of CI, its links lead somewhere."""

from __future__ import annotations

import os
import re
from pathlib import Path

from documents import run_examples

from slownet import functions

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_tour_prints_what_it_says(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_examples(README, "README.md", 20)
    assert (tmp_path / "learning.html").stat().st_size > 1_000_000


def test_the_names_of_formulas_are_those_of_the_tables() -> None:
    for kind in ("activations", "losses", "optimizers", "schedules", "initializers"):
        (row,) = re.findall(rf"^\| {kind} \| (.*) \|$", README, re.MULTILINE)
        assert re.findall(r"`(\w+)`", row) == list(getattr(functions, kind.upper()))


def test_ci_runs_the_commands_of_the_readme() -> None:
    checks = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for command in ("python -m pytest", "slownet train mnist", '".[test]"'):
        assert command in README
        assert command in checks
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_pictures_and_files_that_are_named_exist() -> None:
    for path in re.findall(r"\]\(([^)#:]+)\)", README) + re.findall(
        r"`((?:examples|benchmarks)/[^`]*)`", README
    ):
        assert (ROOT / path).exists(), path
