"""The scripts and style sheets of the page stand where the linters look."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

import pytest

import slownet

PACKAGE = Path(slownet.__file__).parent
FOLDERS = {PACKAGE / "page" / "assets", PACKAGE / "translation", PACKAGE / "explain"}


def test_scripts_and_style_sheets_stand_where_the_linters_look() -> None:
    for ending in ("js", "css"):
        found = [path for path in PACKAGE.rglob(f"*.{ending}") if FOLDERS.isdisjoint(path.parents)]
        assert not found


def is_asset(path: Path) -> bool:
    return path.suffix in (".js", ".css", ".html") or (path.is_file() and "vendor" in path.parts)


@pytest.mark.parametrize("about", sorted(PACKAGE.glob("page/assets/vendor/*/VENDOR.json")))
def test_what_others_wrote_is_unchanged(about: Path) -> None:
    known = json.loads(about.read_text(encoding="utf-8"))
    assert {"name", "version", "licence", "from"} <= known.keys()
    assert known["sha256"].keys() | {about.name} == {path.name for path in about.parent.iterdir()}
    assert "LICENSE" in known["sha256"]
    for name, digest in known["sha256"].items():
        assert hashlib.sha256((about.parent / name).read_bytes()).hexdigest() == digest


def test_the_wheel_has_every_asset() -> None:
    """Scripts in folders, too."""
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    packed = {
        path
        for name, patterns in project["tool"]["setuptools"]["package-data"].items()
        for pattern in patterns
        for path in PACKAGE.parent.joinpath(*name.split(".")).glob(pattern)
    }
    assert packed >= {path for folder in FOLDERS for path in folder.rglob("*") if is_asset(path)}
