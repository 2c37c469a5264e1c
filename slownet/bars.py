"""Progress bars: tqdm's, for a terminal or a notebook."""

from __future__ import annotations

import sys
import warnings
from html import escape
from io import StringIO
from typing import Any

from slownet.errors import warn_once
from slownet.packages import installing
from slownet.terminal import has_no_size, is_terminal

FORMAT = "{desc}{percentage:3.0f}%, {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}{postfix}]"


def in_notebook() -> bool:
    """Whether this process is a Jupyter kernel; IPython alone may be loaded elsewhere, too.

    The kernel of JupyterLite says less about itself, and Pyodide has IPython for it alone.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and ("IPKernelApp" in shell.config or sys.platform == "emscripten")


def is_watched() -> bool:
    """Whether somebody sees a bar: in a notebook or a terminal."""
    return sys.stderr is not None and (in_notebook() or is_terminal(sys.stderr))


def new_bar(total: int, unit: str, **options: Any) -> Any:
    """Return a new bar of tqdm; None, with a warning, where there is no tqdm."""
    bar = _bar_class()
    usual = {"ncols": 80, "nrows": 24}
    size = usual if has_no_size(sys.stderr) else {"dynamic_ncols": True}
    if bar is None:
        return None
    from tqdm import TqdmMonitorWarning

    with warnings.catch_warnings():  # the thread of the monitor may be missing
        warnings.simplefilter("ignore", TqdmMonitorWarning)
        return bar(total=total, unit=unit, **size, **options)


def _bar_class() -> Any:
    """Return tqdm's class for this process.

    In a notebook the bar is HTML: a widget is gone from a notebook that was saved.
    """
    try:
        from tqdm import tqdm
    except ImportError as error:
        warn_once(f"no progress bar, for want of tqdm: {installing('tqdm')} ({error})")
        return None
    if not in_notebook():
        return tqdm
    from IPython.display import display

    class NotebookBar(tqdm):  # type: ignore[type-arg]
        """A bar that is renewed in place."""

        def __init__(self, total: int, unit: str, **options: Any) -> None:
            self._shown: Any = None
            names = ("desc", "initial", "unit_scale")  # and no width: HTML has its own
            kept = {name: options[name] for name in names if name in options}
            super().__init__(total=total, unit=unit, file=StringIO(), bar_format=FORMAT, **kept)

        def display(self, msg: str | None = None, pos: int | None = None) -> None:
            """Show it."""
            text = str(self)
            bar = f'<progress value="{self.n}" max="{self.total}"></progress>'
            bundle = {"text/html": f"{bar} {escape(text)}", "text/plain": text}
            if self._shown is None:
                self._shown = display(bundle, raw=True, display_id=True)
            else:
                self._shown.update(bundle, raw=True)

    return NotebookBar
