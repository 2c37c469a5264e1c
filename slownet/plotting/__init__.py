"""Pictures: plotly figures of nets and of how they learned."""

from typing import TYPE_CHECKING

from slownet import lazy

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

__getattr__, __dir__ = lazy.names(
    __name__,
    {
        "animate": ("animation",),
        "comparing": ("comparison",),
        "figures": ("confusion", "curves", "decision_boundary", "network", "weight_images"),
        "html": ("write_html",),
        "live": ("LiveView",),
    },
)
