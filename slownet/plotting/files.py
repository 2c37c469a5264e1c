"""Pages as files, and what stands in their scripts."""

from __future__ import annotations

import os
from pathlib import Path

from slownet.checks import check_path
from slownet.errors import InvalidValueError
from slownet.recording.atomic import replacing


def for_script(json_text: str) -> str:
    """Return JSON that can stand in a script: no `<`, so that nothing can end the script."""
    return json_text.replace("<", "\\u003c")


def write_page(path: str | os.PathLike[str], text: str) -> Path:
    """Write a page; a file that is there is replaced, at once and only when all has been written.

    Raises
    ------
    TypeError
        If `path` is no path.
    ValueError
        If the folder for the file does not exist, or `path` is a folder.
    OSError
        If it cannot be written.
    """
    target = check_path(path)
    if target.is_dir():
        raise InvalidValueError(f"{target} is a folder: give the name of a file in it")
    if not target.parent.is_dir():
        raise InvalidValueError(f"the folder {target.parent} does not exist: make it first")
    with replacing(target) as stream:
        stream.write(text.encode("utf-8"))
    return target
