"""What a training says of its data, in the form for files that are made to be given to others."""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

KEEP = ("auto", "fits", "all", "none")  # which rows of the data a page holds, or how many
COMMAND = "slownet train"  # what a source of the command line is marked with
NAMES = ("target", "columns", "drop")  # of columns, in such a source
FOLDERS = re.compile(
    r"(?<![\w/\\.~])(?:file://)?(?:[A-Za-z]:)?(?:\\\\|[/\\])(?:[^/\\\s\"'<>|*?:]+[/\\])+"
)


def file_name(path: str) -> str:
    r"""Return the last part of a path, of this system or another: `C:\Users\x\a.csv` is `a.csv`."""
    windows = PureWindowsPath(path)
    is_windows = windows.root and (windows.drive or path.startswith("\\"))
    return (windows if is_windows else PurePosixPath(path)).name


def shareable(value: Any) -> Any:
    """Return plain values without the folders of absolute paths: of each, the last part is left.

    A run file keeps the paths of its machine. Pages and training files are made to be given to others,
    whom the name of a home folder does not concern. Names of columns are no paths: those that the
    command line keeps stay as they are.
    """
    if isinstance(value, dict) and value.get("command") == COMMAND:
        return {key: value[key] if key in NAMES else shareable(value[key]) for key in value}
    if isinstance(value, dict):
        return {shareable(key): shareable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shareable(each) for each in value]
    if isinstance(value, str):
        path = value.strip().removeprefix("file://")
        is_path = PurePosixPath(path).is_absolute() or PureWindowsPath(path).root
        return (is_path and file_name(path)) or FOLDERS.sub("", value)
    return value
