"""The folder of compiled code.

The key of Numba's own cache covers the file of a function; ours covers all files whose code can end up
in the machine code, so that a changed formula never gets an old compilation.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from slownet.files import user_cache_folder

SOURCES = ("engines", "functions")
CHECKED = "checked"  # the file that is there once all kernels are, and have passed the check


@cache
def stamp() -> str:
    """Return a hash of all sources that can take part in compiled code."""
    digest = hashlib.sha256()
    root = Path(__file__).parents[2]
    for package in SOURCES:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def directory() -> Path:
    """Return the folder of compiled code: among the user's caches, as the package may be read-only."""
    chosen = os.environ.get("SLOWNET_CACHE_DIR")
    if chosen:
        return Path(chosen) / stamp()
    return user_cache_folder() / stamp()


def is_filled() -> bool:
    """Whether the kernels of this version are there."""
    try:
        return (directory() / CHECKED).exists()
    except OSError:
        return False


def is_writable() -> bool:
    """Whether compiled code can be kept."""
    try:
        directory().mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(directory(), os.W_OK)


def mark_filled() -> None:
    """Note that the kernels of this version are there."""
    with suppress(OSError):
        (directory() / CHECKED).touch()
