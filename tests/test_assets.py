"""The scripts and style sheets of the page stand where the linters look."""

from __future__ import annotations

from pathlib import Path

import slownet

PACKAGE = Path(slownet.__file__).parent
FOLDERS = {PACKAGE / "page" / "assets", PACKAGE / "translation"}


def test_scripts_and_style_sheets_stand_where_the_linters_look() -> None:
    for ending in ("js", "css"):
        found = [path for path in PACKAGE.rglob(f"*.{ending}") if FOLDERS.isdisjoint(path.parents)]
        assert not found
