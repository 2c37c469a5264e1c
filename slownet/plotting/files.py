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


def check_page_path(path: object, kind: str = "an HTML page") -> Path:
    """Return where to write a page, or another of the kinds of `checks.FILES`.

    Raises
    ------
    TypeError
        If it is no path.
    ValueError
        If its folder does not exist, it is a folder, or its name does not end as it should.
    """
    file = check_path(path)
    if file.is_dir():
        raise InvalidValueError(f"{file} is a folder: give the name of a file in it")
    if not file.parent.is_dir():
        raise InvalidValueError(f"the folder {file.parent} does not exist: make it first")
    return check_path(file, kind, only=True)


def write_page(path: str | os.PathLike[str], text: str) -> Path:
    """Write a page; an existing file is replaced atomically, when all has been written.

    Raises
    ------
    TypeError, ValueError
        If no page can have that path; see `check_page_path`.
    OSError
        If it cannot be written.
    """
    return write_bytes(check_page_path(path), text.encode("utf-8"))


def write_bytes(file: Path, content: bytes) -> Path:
    """Write a file whose path was checked; an existing one is replaced atomically."""
    with replacing(file) as stream:
        stream.write(content)
    return file
