"""The scripts and style sheets of the page stand where the linters look."""

from __future__ import annotations

import tomllib
from pathlib import Path

import slownet

PACKAGE = Path(slownet.__file__).parent
ASSETS = PACKAGE / "page" / "assets"


def test_scripts_and_style_sheets_stand_where_the_linters_look() -> None:
    for ending in ("js", "css"):
        found = [path for path in PACKAGE.rglob(f"*.{ending}") if ASSETS not in path.parents]
        assert not found


def test_the_wheel_has_every_asset() -> None:
    """Scripts in folders, too, but for the types that only the checker reads."""
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["slownet.page"]
    packed = {path for pattern in patterns for path in (PACKAGE / "page").glob(pattern)}
    there = {path for path in ASSETS.rglob("*") if path.is_file() and not path.name.endswith(".d.ts")}
    assert there <= packed
