"""The widget of a notebook in which a page stands, or that hears what the reader does in one.

Only where anywidget is installed: `slownet.packages.is_installed("anywidget")` says so.
"""

from __future__ import annotations

import os
from typing import Any

import anywidget
import traitlets

from slownet.page.modules import asset

VIEW = "application/vnd.jupyter.widget-view+json"


class Widget(anywidget.AnyWidget):
    """What Python and the front end know of a page.

    Attributes
    ----------
    name : str
        Of the page's frame: random, and in every message of the page.
    page : str
        The text of the page that the widget shows; "" if it shows none.
    height : int
        In pixels, until the page says how high it is.
    moment : dict
        What was sent last to the page.
    stands : str
        What the page shows: its address, with the changes and the step; "" until it has said so.
    """

    _esm = asset("notebook/widget.js")
    name = traitlets.Unicode().tag(sync=True)
    page = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(400).tag(sync=True)
    moment = traitlets.Dict().tag(sync=True)
    stands = traitlets.Unicode().tag(sync=True)

    def __init__(self, **known: Any) -> None:
        super().__init__(name=f"slownet-{os.urandom(12).hex()}", **known)

    @property
    def bundle(self) -> dict[str, Any]:
        """What IPython displays."""
        return {VIEW: {"version_major": 2, "version_minor": 0, "model_id": self.model_id}}
