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


def check_page_path(path: object) -> Path:
    """Return where to write a page.

    Raises
    ------
    TypeError
        If it is no path.
    ValueError
        If its folder does not exist, it is a folder, or its name does not end in .html or .htm.
    """
    file = check_path(path)
    if file.is_dir():
        raise InvalidValueError(f"{file} is a folder: give the name of a file in it")
    if not file.parent.is_dir():
        raise InvalidValueError(f"the folder {file.parent} does not exist: make it first")
    return check_path(file, "an HTML page", only=True)


def write_page(path: str | os.PathLike[str], text: str) -> Path:
    """Write a page; an existing file is replaced atomically, when all has been written.

    Raises
    ------
    TypeError, ValueError
        If no page can have that path; see `check_page_path`.
    OSError
        If it cannot be written.
    """
    file = check_page_path(path)
    with replacing(file) as stream:
        stream.write(text.encode("utf-8"))
    return file
