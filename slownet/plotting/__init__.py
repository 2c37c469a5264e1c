"""Pictures: plotly figures of nets and of how they learned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slownet.plotting.animate import animation
    from slownet.plotting.comparing import comparison
    from slownet.plotting.figures import (
        confusion,
        curves,
        decision_boundary,
        network,
        weight_images,
    )
    from slownet.plotting.html import write_html
    from slownet.plotting.live import LiveView

__all__ = [
    "LiveView",
    "animation",
    "comparison",
    "confusion",
    "curves",
    "decision_boundary",
    "network",
    "weight_images",
    "write_html",
]

LATER = {  # where a name is found when it is first asked for
    **dict.fromkeys(("confusion", "curves", "decision_boundary", "network", "weight_images"), "figures"),
    "LiveView": "live",
    "animation": "animate",
    "comparison": "comparing",
    "write_html": "html",
}


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f"{__name__}.{LATER[name]}"), name)
    globals()[name] = found  # also where a module of the same name has just been imported
    return found
