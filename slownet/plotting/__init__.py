"""Plotly figures of nets and of how they learned."""

from typing import TYPE_CHECKING

from slownet import lazy

if TYPE_CHECKING:
    from slownet.plotting.animate import animation
    from slownet.plotting.comparing import comparison
    from slownet.plotting.figures import curves, network
    from slownet.plotting.learning_rates import learning_rates
    from slownet.plotting.predictions import confusion, decision_boundary
    from slownet.plotting.saving import save
    from slownet.plotting.weight_images import weight_images

__all__ = [
    "animation",
    "comparison",
    "confusion",
    "curves",
    "decision_boundary",
    "learning_rates",
    "network",
    "save",
    "weight_images",
]

__getattr__, __dir__ = lazy.names(
    __name__,
    {
        "animate": ("animation",),
        "comparing": ("comparison",),
        "figures": ("curves", "network"),
        "learning_rates": ("learning_rates",),
        "predictions": ("confusion", "decision_boundary"),
        "saving": ("save",),
        "weight_images": ("weight_images",),
    },
)
