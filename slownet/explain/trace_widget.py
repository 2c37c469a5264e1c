"""The widget of a notebook that shows a trace: some operations at a time, and a slider.

Only where anywidget is installed: `slownet.packages.is_installed("anywidget")` says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

if TYPE_CHECKING:
    from slownet.explain.trace import Trace

SHOWN = 20  # operations at a time
VIEW = "application/vnd.jupyter.widget-view+json"


class TraceWindow(anywidget.AnyWidget):
    """What Python and the front end know of a trace.

    Attributes
    ----------
    count : int
        How many operations there are.
    first : int
        The place of the first one that is shown.
    rows : list of list of str
        Those that are shown: number, phase, owner, formula, numbers.
    """

    _esm = Path(__file__).with_name("trace_window.js").read_text(encoding="utf-8")
    count = traitlets.Int().tag(sync=True)
    first = traitlets.Int().tag(sync=True)
    rows: traitlets.List[list[str]] = traitlets.List().tag(sync=True)

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        super().__init__(count=len(trace), first=0)
        self._show({})

    @traitlets.observe("first")
    def _show(self, _: Any) -> None:
        shown = self._trace[max(self.first, 0) : max(self.first, 0) + SHOWN]
        self.rows = [each.cells for each in shown]

    @property
    def bundle(self) -> dict[str, Any]:
        """What IPython displays."""
        return {VIEW: {"version_major": 2, "version_minor": 0, "model_id": self.model_id}}
