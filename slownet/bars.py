"""Progress bars: tqdm's, for a terminal or a notebook."""

from __future__ import annotations

import sys
from typing import Any


def in_notebook() -> bool:
    """Whether this process is a Jupyter kernel; IPython alone may be loaded elsewhere, too."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and "IPKernelApp" in shell.config


def is_watched() -> bool:
    """Whether somebody sees a bar: in a notebook or a terminal."""
    return in_notebook() or sys.stderr.isatty()


def new_bar(total: int, unit: str, **options: Any) -> Any:
    """Return a new bar of tqdm."""
    return _bar_class()(total=total, unit=unit, dynamic_ncols=True, **options)


def _bar_class() -> Any:
    if in_notebook():
        try:
            import ipywidgets  # noqa: F401  tqdm's notebook bar is made of them
        except ImportError:
            pass
        else:
            from tqdm.notebook import tqdm as notebook_bar

            return notebook_bar
    from tqdm import tqdm

    return tqdm
