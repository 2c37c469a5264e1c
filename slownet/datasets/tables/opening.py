"""Which reader a file with a table gets."""

from __future__ import annotations

from pathlib import Path

from slownet.datasets.tables.options import TableOptions
from slownet.datasets.tables.sources import Source, TextSource


def open_source(path: Path, options: TableOptions) -> Source:
    """Return the reader of a file."""
    return TextSource(path, options)
